"""00: a Task, a Worker, a Reservation, first accepted by a person and then by a program."""

from __future__ import annotations

from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import accepted_after, happened
from labkit.course.record import LessonRecord
from labkit.vocabulary import EventType, Instruction, TaskStatus


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


def _all_completed(record: LessonRecord) -> bool:
    accepted = {event.task_sid for event in record.of(EventType.RESERVATION_ACCEPTED)}
    return bool(accepted) and accepted <= {event.task_sid for event in record.of(EventType.TASK_COMPLETED)}


LESSON = Lesson(
    "Start here",
    (
        LessonStep(
            "A Task was created",
            happened(EventType.TASK_CREATED),
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
            happened(EventType.RESERVATION_CREATED),
            "TaskRouter makes it as soon as a Task waits and a Worker who may take it is Available.",
        ),
        LessonStep(
            "A person accepted it (the callback was answered {})",
            accepted_after(None),
            "With lab.answer_with({}) in force, press Accept in the Inbox.",
        ),
        LessonStep(
            "That Task was assigned",
            _assigned,
            "It follows from the acceptance; see the last line of the story.",
        ),
        LessonStep(
            "A Reservation was accepted by instruction",
            accepted_after(Instruction.ACCEPT),
            'Run lab.answer_with("accept"), then create one more Task while Alice is Available and free.',
        ),
        LessonStep(
            "All accepted Tasks were completed",
            _all_completed,
            "Press Complete in the Inbox; until then Alice has no room for another Task.",
            optional=True,
        ),
    ),
)
