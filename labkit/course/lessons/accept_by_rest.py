"""04: a person looks at a Reservation first, and then accepts or rejects it by REST, or lets its time run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.in_workspace import activity_of
from labkit.course.lessons.steps import accepted_after, happened, moves, refused
from labkit.course.record import LessonRecord
from labkit.display import duration
from labkit.error_codes import ErrorCode
from labkit.taskrouter.quickstart import WORKFLOW_NAME
from labkit.vocabulary import EventType, TaskStatus

FIRST_WISH = "a lost suitcase"
AT_WILL = timedelta(seconds=5)
"""What the clock moves by itself while cells are run; more than that was moved by somebody."""


# --- yes -------------------------------------------------------------------------------------------------------------


def _asked_for_another_word(record: LessonRecord) -> str | None:
    for call in reversed(record.calls):
        said = (call.get("form") or {}).get("ReservationStatus")
        if said in ("accept", "accepting", "assigned", "yes"):
            return f'You asked for the status "{said}". It is called "accepted".'
    return None


def _was_rejected(record: LessonRecord) -> str | None:
    rejected = (each.task_attributes or {} for each in record.of(EventType.RESERVATION_REJECTED))
    if not any(each.get("wish") == FIRST_WISH for each in rejected):
        return None
    return f"The Reservation for {FIRST_WISH} was rejected, and should be accepted. Begin anew with the second cell."


# --- no, and away ----------------------------------------------------------------------------------------------------


def _rejected_and_left(record: LessonRecord) -> bool:
    return any(move is not None and move.at == event.at for event, move in _rejections(record))


def _rejections(record: LessonRecord) -> Iterator[tuple[EventCallback, EventCallback | None]]:
    """Each rejection, with the next change of that Worker's Activity, if there was one from that moment on."""
    changes = moves(record)
    for event in record.of(EventType.RESERVATION_REJECTED):
        at = event.happened(record.heard)
        after = (each for each in changes if each.worker_sid == event.worker_sid and each.happened(record.heard) >= at)
        yield event, next(after, None)


def _left_later(record: LessonRecord) -> str | None:
    for event, move in _rejections(record):
        if move is not None and move.at != event.at and move.worker_activity_name != "Available":
            return (
                f"{event.worker_name} rejected, and a second request set {event.worker_name} to "
                f"{move.worker_activity_name}. In between TaskRouter may ask again: say both in one request."
            )
    return None


def _stayed(record: LessonRecord) -> str | None:
    for event, move in _rejections(record):
        if move is None:
            return (
                f"{event.worker_name} rejected, and is still {activity_of(record, event.worker_name)}. The same "
                "request can say worker_activity_sid."
            )
    return None


# --- no answer -------------------------------------------------------------------------------------------------------


def _clock_moved_too_little(record: LessonRecord) -> str | None:
    made = record.of(EventType.RESERVATION_CREATED)
    callbacks = record.callback_urls.get(WORKFLOW_NAME)
    if not made or callbacks is None:
        return None
    passed = record.heard - made[-1].happened(record.heard)
    allowed = callbacks.task_reservation_timeout
    if passed < AT_WILL or passed.total_seconds() >= allowed:
        return None
    return (
        f"The newest Reservation is {duration(passed.total_seconds())} old, and a Worker has {duration(allowed)}. "
        "Move the clock on."
    )


def _accepted_after_a_timeout(record: LessonRecord) -> bool:
    timed_out = {each.task_sid for each in record.of(EventType.RESERVATION_TIMEOUT)}
    return any(each.task_sid in timed_out for each in record.of(EventType.RESERVATION_ACCEPTED))


def _task_that_waits(record: LessonRecord) -> TaskStatus | None:
    """The status of an open Task of which a Reservation timed out."""
    timed_out = {each.task_sid for each in record.of(EventType.RESERVATION_TIMEOUT)}
    return next((TaskStatus(each.assignment_status) for each in record.tasks if each.sid in timed_out), None)


def _nobody_is_there(record: LessonRecord) -> str | None:
    activity = activity_of(record, "Alice")
    if _task_that_waits(record) is not TaskStatus.PENDING or activity == "Available":
        return None
    return f"The Task is pending, and Alice is {activity}. Make her Available, and she gets a new Reservation."


def _not_yet_accepted(record: LessonRecord) -> str | None:
    if _task_that_waits(record) is not TaskStatus.RESERVED:
        return None
    return "The Task is reserved again, and its new Reservation is pending. Accept that one."


LESSON = Lesson(
    "Accept by REST",
    (
        LessonStep(
            "Somebody looked first, and accepted (the callback was answered {})",
            accepted_after(None),
            'Update the Reservation with reservation_status="accepted".',
            "reservation.update takes reservation_status, and the word for yes is accepted.",
            'reservation.update(reservation_status="accepted")',
            (_asked_for_another_word, _was_rejected),
        ),
        LessonStep(
            "A Worker said no and left, in one request",
            _rejected_and_left,
            "Reject Bob's Reservation, and say in the same request that he is Unavailable.",
            'The request has two parameters: reservation_status is "rejected", and worker_activity_sid is the SID of '
            "Unavailable, from activities.",
            "answer(\n"
            "    reservation,\n"
            '    reservation_status="rejected",\n'
            '    worker_activity_sid=activities["Unavailable"],\n'
            ")",
            (_left_later, _stayed),
        ),
        LessonStep(
            "A Reservation timed out, and its Worker was sent away",
            happened(EventType.RESERVATION_TIMEOUT),
            "Move the clock until Alice's time is up.",
            "The Workflow gives her 20 minutes, which are 1,200 seconds.",
            "lab.clock.advance(1200)",
            (_clock_moved_too_little,),
        ),
        LessonStep(
            "That Task was accepted in the end",
            _accepted_after_a_timeout,
            "Make Alice Available again, and accept the Reservation that she gets then.",
            "Two requests: alice.update with the SID of Available, then update on the Reservation that is pending.",
            'alice.update(activity_sid=activities["Available"])\n'
            'for each in workspace.tasks(invoice.sid).reservations.list(reservation_status="pending"):\n'
            '    answer(each, reservation_status="accepted")',
            (_nobody_is_there, _not_yet_accepted),
        ),
        LessonStep(
            "An answer that did not fit any more was refused",
            refused("/Reservations/", code=ErrorCode.INVALID),
            "Run the cells in which the mouse clicks twice, and in which Alice accepts the old card.",
            "Accept what is accepted already.",
            'answer(reservation, reservation_status="accepted")',
            optional=True,
        ),
        LessonStep(
            "Somebody else's Reservation was not found",
            refused("/Reservations/", code=ErrorCode.NOT_FOUND),
            "Run the cell in which Bob tries to accept Alice's Reservation.",
            "Name Bob and Alice's Reservation in one path.",
            'answer(workspace.workers(bob.sid).reservations(of_task[0].sid), reservation_status="accepted")',
            optional=True,
        ),
    ),
    minutes=20,
    goal="You will be able to look at a Reservation, to accept or reject it by REST, and to say who is asked next.",
)
