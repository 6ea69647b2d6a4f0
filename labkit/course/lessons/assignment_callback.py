"""02: the server, the URL and the answers of the assignment callback."""

from __future__ import annotations

from labkit.course.lesson import Lesson, LessonStep
from labkit.course.record import LessonRecord
from labkit.vocabulary import Instruction


def _page_was_opened(record: LessonRecord) -> bool:
    return any((each.method, each.path, each.status) == ("GET", "/", 200) for each in record.exchanges)


def _an_own_view_answered(record: LessonRecord) -> bool:
    return any(each.by_own_view and each.document is not None for each in record.answers)


def _a_callback_came(record: LessonRecord) -> bool:
    return bool(record.answers) or any(record.accepted_after(Instruction.ACCEPT))


def _answered_nothing(record: LessonRecord) -> bool:
    return any(each.gave(None) for each in record.answers) or any(record.accepted_after(None))


def _answered_an_instruction(record: LessonRecord) -> bool:
    given = any(each.gave(instruction) for each in record.answers for instruction in Instruction)
    return given or any(record.accepted_after(Instruction.ACCEPT))


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
            optional=True,
        ),
        LessonStep(
            "The Workflow called a view of your own",
            _an_own_view_answered,
            "Run the cells with lab.callbacks.serve and assignment_callback_url, "
            "then create a Task in Spanish while Alice is Available and free.",
        ),
        LessonStep(
            "An assignment callback came, with a right signature",
            _a_callback_came,
            "Create a Task in Spanish while Alice is Available and free.",
        ),
        LessonStep(
            "It was answered {}: nothing is decided yet",
            _answered_nothing,
            "Have your view return {}, then create a Task.",
        ),
        LessonStep(
            "A callback was answered with an instruction",
            _answered_an_instruction,
            'Have your view return {"instruction": "accept"}, then create a Task.',
        ),
        LessonStep(
            "A wrong answer was tried",
            _answered_wrongly,
            "Run the cell whose view leaves out a brace, then create a Task.",
            optional=True,
        ),
        LessonStep(
            "A request without a right signature was turned away",
            _a_stranger_was_turned_away,
            "Run the cell that posts a callback by itself.",
            optional=True,
        ),
    ),
)
