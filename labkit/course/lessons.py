"""The lessons as data: their steps, how the record shows each one done, and what to do about a missing one.

A lesson's key is its notebook's name. A test holds the keys and the notebooks together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labkit.callback_events import EventCallback
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType, Instruction, TaskStatus


@dataclass(frozen=True, slots=True)
class LessonStep:
    """One thing to do.

    Attributes:
        title: what is done then, as a short sentence.
        done: whether the record shows it. It must bear any record, however strange.
        hint: how to do it, shown while it is missing.
        optional: a lesson is complete without it.
    """

    title: str
    done: Callable[[LessonRecord], bool]
    hint: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """A notebook's steps, in their order."""

    title: str
    steps: tuple[LessonStep, ...]


def _happened(kind: EventType) -> Callable[[LessonRecord], bool]:
    return lambda record: bool(record.of(kind))


def _a_task_waited(record: LessonRecord) -> bool:
    """Some Task found no Worker at first: a Worker moved before its Reservation came, or none has come yet."""
    return any(_waited(record.about_task(task.task_sid), record) for task in record.of(EventType.TASK_CREATED))


def _waited(events: list[EventCallback], record: LessonRecord) -> bool:
    if not events:
        return False
    created = events[0]
    reserved = next((event for event in events if event.event_type == EventType.RESERVATION_CREATED), None)
    if reserved is None:
        return True
    moves = record.of(EventType.WORKER_ACTIVITY_UPDATE)
    begin, end = created.happened(record.heard), reserved.happened(record.heard)
    return any(begin <= move.happened(record.heard) <= end for move in moves)


def _alice_became_available(record: LessonRecord) -> bool:
    moves = record.of(EventType.WORKER_ACTIVITY_UPDATE)
    return any((move.worker_name, move.worker_activity_name) == ("Alice", "Available") for move in moves)


def _assigned(record: LessonRecord) -> bool:
    accepted = (event.task_sid for event in record.accepted_after(None))
    return any(
        event.task_assignment_status == TaskStatus.ASSIGNED
        for task_sid in accepted
        for event in record.about_task(task_sid)
    )


def _accepted_after(answer: Instruction | None) -> Callable[[LessonRecord], bool]:
    return lambda record: any(record.accepted_after(answer))


def _all_completed(record: LessonRecord) -> bool:
    accepted = {event.task_sid for event in record.of(EventType.RESERVATION_ACCEPTED)}
    return bool(accepted) and accepted <= {event.task_sid for event in record.of(EventType.TASK_COMPLETED)}


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


LESSONS: Mapping[str, Lesson] = {
    "00_start_here": Lesson(
        "Start here",
        (
            LessonStep(
                "A Task was created",
                _happened(EventType.TASK_CREATED),
                "Press Create Task in the form.",
            ),
            LessonStep(
                "A Task waited, because nobody was available",
                _a_task_waited,
                "Set Alice to Offline, then create a Task in Spanish: it stays pending.",
            ),
            LessonStep(
                "Alice was switched to Available",
                _alice_became_available,
                "Choose Available for Alice in the Workers panel.",
            ),
            LessonStep(
                "A Reservation was made",
                _happened(EventType.RESERVATION_CREATED),
                "TaskRouter makes it as soon as a Task waits and a Worker who may take it is Available.",
            ),
            LessonStep(
                "A person accepted it (the callback was answered {})",
                _accepted_after(None),
                "With lab.answer_with({}) in force, press Accept in the Inbox.",
            ),
            LessonStep(
                "That Task was assigned",
                _assigned,
                "It follows from the acceptance; see the last line of the story.",
            ),
            LessonStep(
                "A Reservation was accepted by instruction",
                _accepted_after(Instruction.ACCEPT),
                'Run lab.answer_with("accept"), then create one more Task while Alice is Available and free.',
            ),
            LessonStep(
                "All accepted Tasks were completed",
                _all_completed,
                "Press Complete in the Inbox; until then Alice has no room for another Task.",
                optional=True,
            ),
        ),
    ),
    "02_assignment_callback": Lesson(
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
    ),
}
