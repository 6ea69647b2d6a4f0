"""Made-up records: what TaskRouter's log might say, one event a second, and what a check says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.callback_events import EventCallback
from labkit.course import CallbackAnswer, LessonRecord, check
from labkit.course.lesson_names import lesson_named
from labkit.course.report import StepResult
from labkit.taskrouter.quickstart import task_queue_name

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
"""When the first event happened."""
SPANISH = task_queue_name("Spanish")
MINE = "http://127.0.0.1:8080/assignment_callback/mine"
Told = tuple[str, Mapping[str, Any]]
"""The type of an event, and its fields."""


def events(*told: Told) -> list[EventCallback]:
    """One a second."""
    return [
        EventCallback.from_log(
            data, at=START + timedelta(seconds=number), sid=f"EV{number}", event_type=kind, description=""
        )
        for number, (kind, data) in enumerate(told)
    ]


def reserved(task: str = "WT1", **more: Any) -> Told:
    """A Task's Reservation for Alice, by the TaskQueue for Spanish."""
    return "reservation.created", {
        "task_sid": task,
        "reservation_sid": f"WR-{task}",
        "worker_sid": "WKAlice",
        "worker_name": "Alice",
        "task_queue_name": SPANISH,
        **more,
    }


def of_reservation(kind: str, task: str = "WT1", **more: Any) -> Told:
    """What becomes of that Reservation."""
    return kind, {**reserved(task)[1], **more}


def answer(body: str, task: str = "WT1") -> CallbackAnswer:
    """What the view of the address `MINE` answered when it was asked about that Reservation."""
    return CallbackAnswer(reservation_sid=f"WR-{task}", url=MINE, status=200, body=body)


def moved(worker: str, activity: str) -> Told:
    """A Worker changes to another Activity."""
    by_name = {"worker_name": worker, "worker_activity_name": activity}
    return "worker.activity.update", {**by_name, "worker_sid": f"WK{worker}", "worker_activity_sid": f"WA{activity}"}


def checked(lesson: str, step: int, record: LessonRecord) -> StepResult:
    """What the check of a lesson, by its name or number, says of one step."""
    return check(lesson_named(lesson), lambda _lesson: record).steps[step - 1]
