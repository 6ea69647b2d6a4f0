"""02: the server, the URL and the answers of the assignment callback."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.callback_events import ASSIGNMENT_ROUTE, route_of
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.record import CallbackAnswer, LessonRecord
from labkit.taskrouter.quickstart import WORKFLOW_NAME
from labkit.vocabulary import EventType, Instruction

QUICK_MINUTES = 5
"""What takes longer is left to a person."""


def _page_was_opened(record: LessonRecord) -> bool:
    return any((each.method, each.path, each.status) == ("GET", "/", 200) for each in record.exchanges)


def _an_own_view_answered(record: LessonRecord) -> bool:
    return any(_own(record))


def _own(record: LessonRecord) -> Iterator[CallbackAnswer]:
    """What views answered that somebody wrote and served, the newest first, as far as TaskRouter could read it."""
    return (answer for answer, kind in _all_own(record) if answer.document is not None and not kind)


def _all_own(record: LessonRecord) -> Iterator[tuple[CallbackAnswer, str]]:
    """Every answer of an own view, the newest first, with its content type where that is known and is not JSON."""
    asked = (each for each in record.exchanges if route_of(each.path) == ASSIGNMENT_ROUTE)
    kinds = {each.form.get("ReservationSid"): each.response_headers.get("Content-Type", "") for each in asked}
    for answer in reversed(record.answers):
        kind = kinds.get(answer.reservation_sid, "")
        if answer.by_own_view:
            yield answer, "" if kind.startswith("application/json") else kind


def _workflow_calls_another(record: LessonRecord) -> str | None:
    callbacks = record.callback_urls.get(WORKFLOW_NAME)
    if callbacks is None or f"{ASSIGNMENT_ROUTE}/" in callbacks.assignment_callback_url:
        return None
    url = callbacks.assignment_callback_url or "nobody"
    return f"The Workflow calls {url}, and not your view. Give it my_url as assignment_callback_url."


def _view_answers_no_json(record: LessonRecord) -> str | None:
    answer, kind = next(_all_own(record), (None, ""))
    if answer is None or (answer.document is not None and not kind):
        return None
    return (
        f"Your view answered {answer.body.strip()[:80]} with status {answer.status}{f' as {kind}' if kind else ''}, "
        "which TaskRouter cannot read. Return a dict, without quotes around it."
    )


def _a_callback_came(record: LessonRecord) -> bool:
    return bool(record.answers) or any(record.accepted_after(Instruction.ACCEPT))


def _answered_nothing(record: LessonRecord) -> bool:
    return any(each.gave(None) for each in _own(record))


def _answered_an_instruction(record: LessonRecord) -> bool:
    return any(each.gave(instruction) for each in _own(record) for instruction in Instruction)


def _answered_something_else(record: LessonRecord) -> str | None:
    newest = next(_own(record), None)
    if newest is None or not newest.document or "instruction" in newest.document:
        return None
    return f"Your view answered {newest.body.strip()}, which has no instruction in it."


def _asked_for_no_instruction(record: LessonRecord) -> str | None:
    document = next((each.document for each in _own(record) if each.document), None)
    said = (document or {}).get("instruction")
    if said is None or said in list(Instruction):
        return None
    return f'Your view asked for the instruction "{said}". There is none of that name: write accept.'


def _it_depended(record: LessonRecord) -> bool:
    asked = _answers_by_minutes(record)
    quick = any(each.gave(Instruction.ACCEPT) for minutes, each in asked if minutes <= QUICK_MINUTES)
    return quick and any(each.gave(None) for minutes, each in asked if minutes > QUICK_MINUTES)


def _answers_by_minutes(record: LessonRecord) -> list[tuple[float, CallbackAnswer]]:
    """What own views answered about Tasks that say how long they take, the newest first."""
    made = {each.reservation_sid: each.task_attributes or {} for each in record.of(EventType.RESERVATION_CREATED)}
    said = ((made.get(each.reservation_sid, {}).get("minutes"), each) for each in _own(record))
    return [(minutes, each) for minutes, each in said if isinstance(minutes, (int, float))]


def _answered_both_alike(record: LessonRecord) -> str | None:
    for minutes, each in _answers_by_minutes(record):
        wanted = Instruction.ACCEPT if minutes <= QUICK_MINUTES else None
        if not each.gave(wanted):
            should = "accept" if wanted else "leave it to a person"
            return f"For {minutes} minutes your view answered {each.body.strip()[:80]}, and it should {should}."
    return None


def _answered_wrongly(record: LessonRecord) -> bool:
    return any(each.document is None for each in record.answers)


def _a_stranger_was_turned_away(record: LessonRecord) -> bool:
    return any(each.status == 403 for each in record.exchanges)


LESSON = Lesson(
    "The assignment callback",
    (
        LessonStep(
            "The callback server answered a browser",
            _page_was_opened,
            "Open lab.callbacks.local_url in a browser, or run the cell that does. "
            "After a restart of the kernel the server is a new one, which nobody has called yet.",
            "The cell asks for the page with requests.get.",
            "requests.get(lab.callbacks.local_url, timeout=5)",
            optional=True,
        ),
        LessonStep(
            "The Workflow called a view of your own",
            _an_own_view_answered,
            "Run the cells with lab.callbacks.serve and assignment_callback_url, "
            "then create a Task in Spanish while Alice is Available and free.",
            "In this order: your view returns {}, the Workflow gets my_url, Alice is Available, a Task is created.",
            "workflow = workflow.update(assignment_callback_url=my_url)",
            (_view_answers_no_json, _workflow_calls_another),
        ),
        LessonStep(
            "An assignment callback came, with a right signature",
            _a_callback_came,
            "Create a Task in Spanish while Alice is Available and free.",
            "Run the cell that brings Alice to her desk, then the one that creates the first Task.",
            'first_task = lab.create_task({"selected_language": "es"})',
        ),
        LessonStep(
            "Your view answered {}: nothing is decided yet",
            _answered_nothing,
            "Have your view return {}, have the Workflow call it, then create a Task.",
            "In Python an empty dict is written {}, without quotes.",
            'def my_view():\n    return {}\n\n\nmy_url = lab.callbacks.serve("mine", my_view)',
            (_view_answers_no_json, _workflow_calls_another),
        ),
        LessonStep(
            "Your view answered with an instruction",
            _answered_an_instruction,
            'Have your view return {"instruction": "accept"}, then create a Task.',
            "It is a dict with one field, instruction, and the value accept.",
            'def my_view():\n    return {"instruction": "accept"}',
            (_view_answers_no_json, _asked_for_no_instruction, _answered_something_else, _workflow_calls_another),
        ),
        LessonStep(
            "Your view accepted a quick Task, and left a long one to a person",
            _it_depended,
            "Have your view accept if minutes is 5 or less, and return {} otherwise. Then run the next cell.",
            "A view may have two returns: one behind an if, and one after it.",
            'def my_view():\n    minutes = json.loads(request.form["TaskAttributes"])["minutes"]\n'
            '    return {"instruction": "accept"} if minutes <= 5 else {}',
            (_answered_both_alike, _workflow_calls_another),
        ),
        LessonStep(
            "A wrong answer was tried",
            _answered_wrongly,
            "Run the cell whose view leaves out a brace, then create a Task.",
            "It counts as soon as TaskRouter got an answer that it cannot read.",
            "Run the cell of section 9 while the Workflow calls your view.",
            optional=True,
        ),
        LessonStep(
            "A request without a right signature was turned away",
            _a_stranger_was_turned_away,
            "Run the cell that posts a callback by itself.",
            "Whoever calls your address without TaskRouter's signature is a stranger.",
            'requests.post(my_url, data={"TaskSid": "WT0", "ReservationSid": "WR0"}, timeout=5)',
            optional=True,
        ),
    ),
    minutes=20,
    goal="You will be able to write the route that TaskRouter asks about each Reservation, and to have it asked.",
)
