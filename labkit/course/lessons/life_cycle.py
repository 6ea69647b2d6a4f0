"""06: the statuses of a Task and of its Reservations, what time does to them, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from labkit.callback_events import EventCallback
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.lessons.steps import AT_ONCE, happened, moves, refused, sent_to
from labkit.course.record import LessonRecord
from labkit.taskrouter.clearing import REASON as CLEARED
from labkit.vocabulary import EventType

AWAY = "Unavailable"
"""Where the lesson has Workers sent whose Reservation timed out."""
PATIENCE_SECONDS = 300
"""How long the customer of the lesson waits, and how far it moves the clock for that."""
HUNG_UP = "The customer hung up during the talk"
"""The reason with which the lesson itself completes a Task."""
EXCEEDED = "Task TTL Exceeded"
A_MOMENT = timedelta(seconds=2)


# --- 1: through wrapping --------------------------------------------------------------------------------------------


def _went_through_wrapping(record: LessonRecord) -> bool:
    return bool(_wrapped(record) & _completed(record))


def _skipped_wrapping(record: LessonRecord) -> str | None:
    if not _completed(record) - _wrapped(record):
        return None
    return "You completed the Task while it was assigned. Set its Reservation to wrapping first."


def _still_wrapping(record: LessonRecord) -> str | None:
    if not _wrapped(record):
        return None
    return "Your Task is wrapping, or was cleared away like that. Complete it: its Worker has room again only then."


def _wrapped(record: LessonRecord) -> set[str]:
    return {event.task_sid for event in record.of(EventType.TASK_WRAPUP)}


def _completed(record: LessonRecord) -> set[str]:
    """The Tasks that the learner completed, and neither `lab.clear_tasks()` nor a cell of the lesson."""
    events = record.of(EventType.TASK_COMPLETED)
    return {event.task_sid for event in events if event.task_completed_reason not in (CLEARED, HUNG_UP)}


# --- 2 to 4: a Reservation's time -----------------------------------------------------------------------------------


def _not_far_enough(record: LessonRecord) -> str | None:
    """Some Reservation was pending for a while, and the Workflow gives a Worker longer."""
    limit = max((urls.task_reservation_timeout for urls in record.callback_urls.values()), default=0)
    lives = [life for life in _lives(record) if A_MOMENT < life < timedelta(seconds=limit)]
    own = [life for life in lives if abs(life - timedelta(seconds=PATIENCE_SECONDS)) > A_MOMENT]
    if not own:
        return None
    lived = f"{own[-1].total_seconds():,.0f}"
    return f"Your Reservation was pending for {lived} s, and this Workflow gives a Worker {limit:,} s."


def _lives(record: LessonRecord) -> Iterator[timedelta]:
    """How long each Reservation was pending that nobody accepted, in the order of their making."""
    ends = {event.reservation_sid: event.happened(record.heard) for event in record.events if _ends_pending(event)}
    for event in record.of(EventType.RESERVATION_CREATED):
        yield ends.get(event.reservation_sid, record.heard) - event.happened(record.heard)


def _ends_pending(event: EventCallback) -> bool:
    return event.event_type in (
        EventType.RESERVATION_ACCEPTED,
        EventType.RESERVATION_REJECTED,
        EventType.RESERVATION_TIMEOUT,
        EventType.RESERVATION_CANCELED,
    )


def _came_back(record: LessonRecord) -> bool:
    """After a timeout its Worker became Available, and the same Task was reserved again."""
    for timed_out in record.of(EventType.RESERVATION_TIMEOUT):
        returns = [move for move in _available_since(record, timed_out) if move.worker_sid == timed_out.worker_sid]
        since = min((move.happened(record.heard) for move in returns), default=None)
        again = [
            event
            for event in record.about_task(timed_out.task_sid)
            if event.event_type == EventType.RESERVATION_CREATED
            and since is not None
            and event.happened(record.heard) >= since
        ]
        if again:
            return True
    return False


def _somebody_else_came(record: LessonRecord) -> str | None:
    for timed_out in record.of(EventType.RESERVATION_TIMEOUT):
        for move in _available_since(record, timed_out):
            if move.worker_sid != timed_out.worker_sid:
                return (
                    f"You set {move.worker_name} to Available, and the Task waits for somebody who speaks Spanish: "
                    f"{timed_out.worker_name}."
                )
    return None


def _available_since(record: LessonRecord, event: EventCallback) -> Iterator[EventCallback]:
    begin = event.happened(record.heard)
    return (move for move in moves(record, activity="Available") if move.happened(record.heard) > begin)


def _went_elsewhere(record: LessonRecord) -> bool:
    return any(AWAY in sent_to(record, timed_out) for timed_out in record.of(EventType.RESERVATION_TIMEOUT))


def _changed_the_default(record: LessonRecord) -> str | None:
    if record.workspace.get("workspace", {}).get("default_activity") != AWAY:
        return None
    return "You changed default_activity_sid, which is for new Workers. The other one is timeout_activity_sid."


def _needs_one_more(record: LessonRecord) -> str | None:
    if record.workspace.get("workspace", {}).get("timeout_activity") != AWAY:
        return None
    return "The Workspace is set. Now let one more Reservation run out of time: move the clock on."


# --- 5 and 6: the end of a Task that nobody accepted ------------------------------------------------------------------


def _lived_its_time(record: LessonRecord) -> bool:
    return any(abs(age - PATIENCE_SECONDS) <= 1 for age in _ages_at_the_end(record))


def _another_time(record: LessonRecord) -> str | None:
    ages = list(_ages_at_the_end(record))
    if not ages:
        return None
    return (
        f"Your Task's time was over after {ages[-1]:,} s. `timeout` is in seconds: five minutes are {PATIENCE_SECONDS}."
    )


def _ages_at_the_end(record: LessonRecord) -> Iterator[int]:
    for event in record.of(EventType.TASK_CANCELED):
        if event.task_canceled_reason.startswith(EXCEEDED) and event.task_age is not None:
            yield event.task_age


def _canceled_with_reason(record: LessonRecord) -> bool:
    return any(reason and reason != CLEARED for reason in _own_reasons(record))


def _canceled_without(record: LessonRecord) -> str | None:
    if "" not in _own_reasons(record):
        return None
    return "You canceled the Task without a reason. `update` takes `reason` beside `assignment_status`."


def _own_reasons(record: LessonRecord) -> list[str]:
    """The reasons of all cancellations but those that time has brought about; empty where there is none."""
    found = [event.task_canceled_reason for event in record.of(EventType.TASK_CANCELED)]
    return [reason for reason in found if not reason.startswith(EXCEEDED)]


def _canceled_the_reservation(record: LessonRecord) -> str | None:
    """A Reservation was canceled, and its Task was not."""
    ended = {
        event.task_sid: event.happened(record.heard)
        for event in record.events
        if event.event_type in (EventType.TASK_CANCELED, EventType.TASK_DELETED)
    }
    for event in record.of(EventType.RESERVATION_CANCELED):
        at = ended.get(event.task_sid)
        if at is None or abs(at - event.happened(record.heard)) > AT_ONCE:
            return "You canceled the Reservation, so its Task is still there, and was offered again. Cancel the Task."
    return None


LESSON = Lesson(
    "The life cycle",
    minutes=20,
    goal="You will be able to say which status a Task and its Reservation have, and what time makes of them.",
    steps=(
        LessonStep(
            "A Task went by way of wrapping to completed",
            _went_through_wrapping,
            "In section 2, set the Reservation to wrapping, and complete the Task in the next cell.",
            stronger='Twice `update`: the Reservation takes reservation_status="wrapping", the Task '
            'assignment_status="completed".',
            solution='talk = talk.update(reservation_status="wrapping")\n'
            'workspace.tasks(first.sid).update(assignment_status="completed", reason="Solved")',
            differences=(_skipped_wrapping, _still_wrapping),
        ),
        LessonStep(
            "A Reservation ran out of time",
            happened(EventType.RESERVATION_TIMEOUT),
            "In section 3, move the clock on by as many seconds as the Workflow gives a Worker.",
            stronger="The cell above prints the number: it is 1,200, and `seconds` takes it.",
            solution="seconds = 1200\nlab.clock.advance(seconds)",
            differences=(_not_far_enough,),
        ),
        LessonStep(
            "Its Worker came back, and the same Task was reserved again",
            _came_back,
            "In section 3, set Alice to Available after the timeout, while the Task still waits.",
            stronger="`alice.update(…)` takes activity_sid, and the Activity's SID is in `activities`.",
            solution='alice = alice.update(activity_sid=activities["Available"])',
            differences=(_somebody_else_came,),
        ),
        LessonStep(
            "A timeout sent a Worker to Unavailable",
            _went_elsewhere,
            "In section 3, change the Workspace's timeout Activity, and let a Reservation run out of time again.",
            stronger="`workspace.update(…)` takes timeout_activity_sid; then move the clock on by 1,200 s.",
            solution='workspace.update(timeout_activity_sid=activities["Unavailable"])\nlab.clock.advance(1200)',
            differences=(_changed_the_default, _needs_one_more),
        ),
        LessonStep(
            "A Task's own time was over after five minutes",
            _lived_its_time,
            "In section 4, create the Task with a time of its own, five minutes, and move the clock on.",
            stronger="`tasks.create(…)` takes `timeout`, in seconds.",
            solution="short = workspace.tasks.create(workflow_sid=lab.workflow_sid, attributes=wish, timeout=300)\n"
            "lab.clock.advance(300)",
            differences=(_another_time,),
        ),
        LessonStep(
            "A Task was canceled with a reason",
            _canceled_with_reason,
            "In section 5, cancel the Task `caller`, and say why.",
            stronger='`update` of the Task takes assignment_status="canceled" and, beside it, a reason.',
            solution='workspace.tasks(caller.sid).update(assignment_status="canceled", reason="The customer hung up")',
            differences=(_canceled_without, _canceled_the_reservation),
        ),
        LessonStep(
            "TaskRouter refused a step that has no arrow",
            refused("/Tasks/"),
            "Run the cells of section 6.",
            optional=True,
        ),
        LessonStep(
            "A Task was deleted",
            happened(EventType.TASK_DELETED),
            "Run the last cell of section 7.",
            optional=True,
        ),
    ),
)
