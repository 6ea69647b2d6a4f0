"""From a callback's form to views: what one piece of news changes in what is known already.

Pure functions. News may be late, doubled or out of order: a status never goes back from a final one, older news
only fills gaps, and a form that lacks a field, or has nonsense in it, changes nothing there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit.live.views import FINAL, ChannelView, ReservationView, TaskView, WorkerView, reservation_rank, task_rank
from labkit.vocabulary import EventType, ReservationStatus, TaskStatus

Form = Mapping[str, Any]

_RESERVATION_STATUS: dict[str, ReservationStatus] = {
    EventType.RESERVATION_CREATED: ReservationStatus.PENDING,
    EventType.RESERVATION_ACCEPTED: ReservationStatus.ACCEPTED,
    EventType.RESERVATION_REJECTED: ReservationStatus.REJECTED,
    EventType.RESERVATION_TIMEOUT: ReservationStatus.TIMEOUT,
    EventType.RESERVATION_CANCELED: ReservationStatus.CANCELED,
    EventType.RESERVATION_RESCINDED: ReservationStatus.RESCINDED,
    EventType.RESERVATION_COMPLETED: ReservationStatus.COMPLETED,
    EventType.RESERVATION_WRAPUP: ReservationStatus.WRAPPING,
}
_DELETIONS = frozenset({EventType.TASK_DELETED, EventType.TASK_SYSTEM_DELETED})


def text(form: Form, name: str) -> str:
    """A field as text; empty when it is not there."""
    return str(form.get(name) or "")


def whole(form: Form, name: str) -> int | None:
    """A field as a whole number, or None."""
    try:
        return int(text(form, name))
    except ValueError:
        return None


def attributes(form: Form, name: str) -> dict[str, Any] | None:
    """A field as a JSON object, or None when it is not one."""
    try:
        value = json.loads(text(form, name) or "null")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def instant(form: Form, heard: datetime) -> datetime:
    """When TaskRouter says it happened: TimestampMs, else Timestamp (whole seconds), else when it was heard."""
    for name, per_second in (("TimestampMs", 1000), ("Timestamp", 1)):
        number = whole(form, name)
        if number is not None:
            return _from_unix(number, per_second) or heard
    return heard


def started(form: Form, heard: datetime) -> datetime:
    """When it happened, as closely as can be told: whole seconds are refined by when it was heard."""
    at = instant(form, heard)
    refinable = "TimestampMs" not in form and timedelta(0) <= heard - at < timedelta(seconds=2)
    return heard if refinable else at


def reservation_status(event_type: str) -> ReservationStatus | None:
    """The status that an event brings about, or None (as for `reservation.failed`)."""
    return _RESERVATION_STATUS.get(event_type)


def merge_task(known: TaskView | None, form: Form, at: datetime) -> TaskView:
    """The Task after this news of it; `form` has its TaskSid."""
    task = known or TaskView(sid=text(form, "TaskSid"))
    newer = task.as_of is None or at >= task.as_of
    status = _task_status(form)
    if status and _task_moves(task, status, newer=newer):
        task = replace(task, status=status)
    if newer:
        task = replace(_described(task, form), as_of=at if status else task.as_of)
    if text(form, "EventType") in _DELETIONS:
        task = replace(task, deleted=True)
    return replace(task, created_at=_created(task, form, at))


def merge_worker(known: WorkerView | None, form: Form, at: datetime) -> WorkerView:
    """The Worker after this news of it; `form` has its WorkerSid. Availability is left to the caller."""
    worker = known or WorkerView(sid=text(form, "WorkerSid"))
    if worker.as_of is not None and at < worker.as_of:
        return worker
    worker = replace(
        worker,
        name=text(form, "WorkerName") or worker.name,
        attributes=_kept(attributes(form, "WorkerAttributes"), worker.attributes),
    )
    activity = text(form, "WorkerActivityName")
    if not activity:  # says nothing of the Activity, so older news of that is still news
        return worker
    entered = text(form, "EventType") == EventType.WORKER_ACTIVITY_UPDATE or activity != worker.activity_name
    return replace(
        worker,
        activity_name=activity,
        activity_sid=text(form, "WorkerActivitySid") or ("" if entered else worker.activity_sid),
        activity_since=at if entered else worker.activity_since,
        as_of=at,
    )


def merge_channel(known: ChannelView, form: Form) -> ChannelView | None:
    """A Worker's channel after this news of it, or None when the news does not say what its capacity is now."""
    capacity, available = whole(form, "WorkerChannelCapacity"), text(form, "WorkerChannelAvailable").lower()
    if capacity is None or available not in ("true", "false"):
        return None
    return replace(known, capacity=capacity, available=available == "true")


def merge_reservation(known: ReservationView | None, new: ReservationView) -> ReservationView:
    """The Reservation after this news of it; gaps are filled from either, the status only moves forward."""
    if known is None:
        return new
    ahead = reservation_rank(new.status) > reservation_rank(known.status)
    return replace(
        known,
        status=new.status if ahead else known.status,
        task_sid=known.task_sid or new.task_sid,
        worker_sid=known.worker_sid or new.worker_sid,
        worker_name=known.worker_name or new.worker_name,
        created_at=known.created_at or new.created_at,
    )


def _task_status(form: Form) -> str:
    status = text(form, "TaskAssignmentStatus")
    return status if status in set(TaskStatus) else ""


def _task_moves(task: TaskView, status: str, *, newer: bool) -> bool:
    if task.as_of is None and task_rank(task.status) < FINAL and task_rank(status) >= task_rank(task.status):
        return True
    if task_rank(status) != task_rank(task.status):
        return task_rank(status) > task_rank(task.status)
    return newer and task_rank(status) < FINAL


def _described(task: TaskView, form: Form) -> TaskView:
    priority = whole(form, "TaskPriority")
    return replace(
        task,
        attributes=_kept(attributes(form, "TaskAttributes"), task.attributes),
        task_queue_name=text(form, "TaskQueueName") or task.task_queue_name,
        workflow=text(form, "WorkflowSid") or task.workflow,
        task_channel=text(form, "TaskChannelUniqueName") or task.task_channel,
        priority=task.priority if priority is None else priority,
        reason=text(form, "TaskCanceledReason") or text(form, "TaskCompletedReason") or task.reason,
    )


def _created(task: TaskView, form: Form, at: datetime) -> datetime | None:
    if text(form, "EventType") == EventType.TASK_CREATED:
        return at
    if task.created_at is not None:
        return task.created_at
    unix, age = whole(form, "TaskDateCreated"), whole(form, "TaskAge")
    if unix is not None:
        return _from_unix(unix, 1)
    return None if age is None or not 0 <= age < 10**8 else at - timedelta(seconds=age)


def _from_unix(number: int, per_second: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(number / per_second, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _kept(new: Mapping[str, Any] | None, old: Mapping[str, Any]) -> Mapping[str, Any]:
    return old if new is None else new
