"""05: accept and reject by the answer to the callback, and everything that can go wrong with an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from labkit import limits
from labkit.callback_events import ASSIGNMENT_ROUTE
from labkit.callbacks import Exchange
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import AT_ONCE, sent_to
from labkit.course.record import CallbackAnswer, LessonRecord
from labkit.vocabulary import EventType, Instruction, Sid, is_sid

TOO_LATE_MILLISECONDS = limits.ASSIGNMENT_CALLBACK_SECONDS * 1000
FIRST_VIEW = f"{ASSIGNMENT_ROUTE}/mine"
"""Of the lesson's views this is the one whose answer the learner writes; two others accept by themselves."""
AWAY = "Unavailable"
"""Where the lesson sends Alice by a rejection."""
WRONG_TEXTS = ("accept", '{"instruction": "accept"')
WRONG_DOCUMENTS: tuple[dict[str, str], ...] = ({}, {"instruct": "accept"}, {"instruction": "acept"})
"""What the lesson itself has the first view answer, to show what comes of it."""


# --- 1: accept ----------------------------------------------------------------------------------------------------


def _own_view_accepted(record: LessonRecord) -> bool:
    asked = {each.reservation_sid for each in record.answers if _is_by_the_first_view(each)}
    return any(event.reservation_sid in asked for event in record.accepted_after(Instruction.ACCEPT))


def _answered_nothing(record: LessonRecord) -> str | None:
    answer = _last_own(record)
    if answer is None or answer.document != {}:
        return None
    return "Your view answered {}, which leaves the decision to somebody else: the Reservation stays pending."


def _answered_no_object(record: LessonRecord) -> str | None:
    answer = _last_own(record)
    if answer is None or answer.document is not None:
        return None
    return (
        f"Your view answered {answer.body[:40]!r}, and TaskRouter wants a JSON object. "
        "Return a dict, and Flask makes one of it."
    )


def _answered_an_unknown_word(record: LessonRecord) -> str | None:
    answer = _last_own(record)
    document = answer.document if answer else None
    if not document:
        return None
    word = document.get("instruction")
    if word is None:
        return f'Your answer has the field "{next(iter(document))}"; the field that TaskRouter reads is "instruction".'
    if word in set(Instruction):
        return None
    return f'Your answer says "{word}", and there is no such instruction: it is "accept", in small letters.'


def _last_own(record: LessonRecord) -> CallbackAnswer | None:
    """The last answer of the first view that the learner has written: later cells have it give wrong ones."""
    own = [each for each in record.answers if _is_by_the_first_view(each) and each.status == 200]
    before = next((number for number, each in enumerate(own) if each.gave(Instruction.REJECT)), len(own))
    tried = [each for number, each in enumerate(own) if number < before or not _is_of_the_lesson(each)]
    return tried[-1] if tried else None


def _is_of_the_lesson(answer: CallbackAnswer) -> bool:
    given = answer.body.strip() in WRONG_TEXTS or answer.document in WRONG_DOCUMENTS
    return given or answer.gave(Instruction.REJECT)


def _is_by_the_first_view(answer: CallbackAnswer) -> bool:
    return answer.url.endswith(FIRST_VIEW)


# --- 2: reject ----------------------------------------------------------------------------------------------------


def _rejected_and_sent_away(record: LessonRecord) -> bool:
    rejections = {each.reservation_sid for each in _answers_that(record, Instruction.REJECT)}
    return any(
        event.reservation_sid in rejections and AWAY in sent_to(record, event)
        for event in record.of(EventType.RESERVATION_REJECTED)
    )


def _rejected_with_a_name(record: LessonRecord) -> str | None:
    for answer in reversed(list(_answers_that(record, Instruction.REJECT))):
        given = (answer.document or {}).get("activity_sid")
        if given is not None and not is_sid(str(given), Sid.ACTIVITY):
            return (
                f"Your answer has the activity_sid {str(given)[:40]!r}. It wants the Activity's SID, WA…: "
                f'activities["{AWAY}"] is one.'
            )
    return None


def _rejected_under_another_name(record: LessonRecord) -> str | None:
    for answer in reversed(list(_answers_that(record, Instruction.REJECT))):
        others = [name for name in answer.document or {} if name not in ("instruction", "activity_sid")]
        if others:
            return f'Your answer has the field "{others[0]}", which reject does not know: it is "activity_sid".'
    return None


def _sent_elsewhere(record: LessonRecord) -> str | None:
    named = [each for each in _answers_that(record, Instruction.REJECT) if "activity_sid" in (each.document or {})]
    rejections = {each.reservation_sid for each in named}
    rejected = [each for each in record.of(EventType.RESERVATION_REJECTED) if each.reservation_sid in rejections]
    activities = sent_to(record, rejected[-1]) if rejected else []
    return f"Your answer sent Alice to {activities[0]}. Send her to {AWAY}." if activities else None


def _answers_that(record: LessonRecord, instruction: Instruction) -> Iterator[CallbackAnswer]:
    return (each for each in record.answers if each.gave(instruction))


# --- 3: too late --------------------------------------------------------------------------------------------------


def _came_too_late(record: LessonRecord) -> bool:
    canceled = {event.reservation_sid for event in record.of(EventType.RESERVATION_CANCELED)}
    return any(
        each.milliseconds >= TOO_LATE_MILLISECONDS and each.form.get("ReservationSid") in canceled
        for each in _own_exchanges(record)
    )


def _came_in_time(record: LessonRecord) -> str | None:
    slowest = max((each.milliseconds for each in _own_exchanges(record)), default=0.0)
    if not AT_ONCE.total_seconds() * 1000 <= slowest < TOO_LATE_MILLISECONDS:
        return None
    return (
        f"Your view took {slowest / 1000:.0f} s, and that is in time: "
        f"TaskRouter waits {limits.ASSIGNMENT_CALLBACK_SECONDS} s. (A call that is still under way does not count yet.)"
    )


def _own_exchanges(record: LessonRecord) -> Iterator[Exchange]:
    return (each for each in record.exchanges if each.path.startswith(f"{ASSIGNMENT_ROUTE}/"))


# --- 4: an answer that nobody understood ----------------------------------------------------------------------------


def _stuck_was_accepted(record: LessonRecord) -> bool:
    stuck = {each.reservation_sid for each in record.answers if _says_nothing(each)}
    return any(event.reservation_sid in stuck for event in record.of(EventType.RESERVATION_ACCEPTED))


def _says_nothing(answer: CallbackAnswer) -> bool:
    """Whether TaskRouter could do nothing with it, and left the Reservation as it was."""
    if answer.status != 200:
        return False
    return answer.document is None or bool(
        answer.document and answer.document.get("instruction") not in set(Instruction)
    )


def _changed_the_task(record: LessonRecord) -> str | None:
    tried = [call for call in record.calls if call.get("method") == "POST" and call.get("status") == 400]
    if not any("/Tasks/" in call.get("path", "") and "/Reservations" not in call.get("path", "") for call in tried):
        return None
    return "You asked for a new status of the Task, and TaskRouter refused: it is the Reservation that is accepted."


def _mended_the_answer(record: LessonRecord) -> str | None:
    """After the last answer that said nothing, one that accepts came for another Reservation."""
    wrong = [number for number, each in enumerate(record.answers) if _says_nothing(each)]
    later = record.answers[wrong[-1] + 1 :] if wrong else ()
    stuck = record.answers[wrong[-1]].reservation_sid if wrong else ""
    mended = [each for each in later if each.gave(Instruction.ACCEPT) and _is_by_the_first_view(each)]
    if all(each.reservation_sid == stuck for each in mended):
        return None
    return (
        "A later Reservation was accepted by your mended answer. The one before was not: "
        "TaskRouter asks once about each, so it takes a REST request."
    )


# --- 5: the fallback URL --------------------------------------------------------------------------------------------


def _fallback_stepped_in(record: LessonRecord) -> bool:
    failed = {each.reservation_sid for each in record.answers if each.status != 200}
    return any(event.reservation_sid in failed for event in record.accepted_after(Instruction.ACCEPT))


def _fallback_is_the_same(record: LessonRecord) -> str | None:
    failed = [each for each in _own_exchanges(record) if each.status != 200]
    asked = Counter((each.form.get("ReservationSid"), each.path) for each in failed)
    twice = [path for (_, path), times in asked.items() if times > 1]
    if not twice:
        return None
    return f"The fallback URL is the first address once more ({twice[-1]}), so it fails with it."


def _first_was_replaced(record: LessonRecord) -> str | None:
    """The Workflow calls a view that works, and has no fallback, after a view of 500."""
    if not any(each.status == 500 for each in record.answers):
        return None
    for urls in record.callback_urls.values():
        if urls.assignment_callback_url.endswith("/fallback"):
            return (
                "The Workflow calls the sound view as its first address now. Leave the broken one there, and give the "
                "sound one as fallback_assignment_callback_url."
            )
    return None


# --- optional -------------------------------------------------------------------------------------------------------


def _four_wrong_answers(record: LessonRecord) -> bool:
    """A text that is no JSON by its type, JSON that cannot be read, no instruction, and an unknown one."""
    seen = [each for each in _own_exchanges(record) if each.status == 200]
    answers = [each for each in record.answers if _says_nothing(each)]
    return all(
        (
            any("json" not in each.response_headers.get("Content-Type", "json").lower() for each in seen),
            any(each.document is None for each in answers),
            any(each.document and "instruction" not in each.document for each in answers),
            any(each.document and "instruction" in each.document for each in answers),
        )
    )


def _another_name_was_turned_away(record: LessonRecord) -> bool:
    return any(each.status == 403 and each.signature == "wrong" for each in record.exchanges)


LESSON = Lesson(
    "Accept by instruction",
    minutes=20,
    goal="You will be able to accept and reject by the answer to a callback, and to say what becomes of a wrong one.",
    steps=(
        LessonStep(
            "A view of your own accepted a Reservation",
            _own_view_accepted,
            "In section 2, have `answer` be the instruction that accepts, and run the cell again.",
            stronger="The answer is a dict with one field, `instruction`, whose value is the text accept.",
            solution='answer = {"instruction": "accept"}\ntask = try_answer()',
            differences=(_answered_nothing, _answered_no_object, _answered_an_unknown_word),
        ),
        LessonStep(
            "An answer rejected a Reservation, and sent Alice to Unavailable",
            _rejected_and_sent_away,
            "In section 2, have `answer` reject and name the Activity that Alice goes to.",
            stronger="Beside the instruction reject the answer needs the field activity_sid, with Unavailable's SID.",
            solution='answer = {"instruction": "reject", "activity_sid": activities["Unavailable"]}\n'
            "task = try_answer()",
            differences=(_rejected_with_a_name, _rejected_under_another_name, _sent_elsewhere),
        ),
        LessonStep(
            "An answer came too late, and the Reservation was canceled",
            _came_too_late,
            "In section 3, have the view take longer than TaskRouter waits, and look again when it is over.",
            stronger="TaskRouter waits 5 seconds: give `seconds` a 6, run the cell, wait, and check again.",
            solution="seconds = 6\nlab.clear_tasks()\n"
            'alice = alice.update(activity_sid=activities["Available"])\n'
            "workflow = workflow.update(assignment_callback_url=late_url)\n"
            'late_task = lab.create_task({"selected_language": "es"})',
            differences=(_came_in_time,),
        ),
        LessonStep(
            "A Reservation that a wrong answer had left open was accepted by REST",
            _stuck_was_accepted,
            "In section 4, accept the Reservation `stuck` by the SDK.",
            stronger='`stuck.update(…)` takes `reservation_status`, and the status is "accepted".',
            solution='stuck = stuck.update(reservation_status="accepted")',
            differences=(_changed_the_task, _mended_the_answer),
        ),
        LessonStep(
            "The fallback URL stepped in for a broken view",
            _fallback_stepped_in,
            "In section 5, give the Workflow the address of the sound view as its second one.",
            stronger="`workflow.update(…)` takes fallback_assignment_callback_url; the address is in `fallback_url`.",
            solution="workflow = workflow.update(fallback_assignment_callback_url=fallback_url)\ntask = try_answer()",
            differences=(_fallback_is_the_same, _first_was_replaced),
        ),
        LessonStep(
            "Four wrong answers were tried",
            _four_wrong_answers,
            "Run the cell of section 4 that tries a text, half a JSON object and two misspelt ones.",
            optional=True,
        ),
        LessonStep(
            "A right call was turned away, because the address had another name",
            _another_name_was_turned_away,
            "Run the cell of section 6, while Alice is Available and free.",
            optional=True,
        ),
    ),
)
