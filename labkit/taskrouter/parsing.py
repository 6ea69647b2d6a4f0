"""The SDK's instances read into records. Only the fields the lab uses; the SDK leaves every one optional."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from labkit.attributes import parse_object
from labkit.callback_events import EventCallback
from labkit.taskrouter.records import (
    ActivityRecord,
    NamedRecord,
    QueueStatistics,
    ReservationRecord,
    TaskQueueRecord,
    TaskRecord,
    WorkerChannelRecord,
    WorkerRecord,
)

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def named(instance: Any) -> NamedRecord:
    """A Workflow."""
    return NamedRecord(instance.sid, instance.friendly_name)


def task_queue(instance: Any) -> TaskQueueRecord:
    """A TaskQueue."""
    return TaskQueueRecord(instance.sid, instance.friendly_name, instance.target_workers or "")


def task_channel(instance: Any) -> NamedRecord:
    """A TaskChannel, by the unique name that a Task is created with."""
    return NamedRecord(instance.sid, instance.unique_name)


def activity(instance: Any) -> ActivityRecord:
    """An Activity."""
    return ActivityRecord(instance.sid, instance.friendly_name, bool(instance.available))


def worker(instance: Any) -> WorkerRecord:
    """A Worker."""
    return WorkerRecord(
        sid=instance.sid,
        name=instance.friendly_name,
        activity_name=instance.activity_name or "",
        activity_sid=instance.activity_sid or "",
        available=bool(instance.available),
        attributes=parse_object(instance.attributes) or {},
        date_status_changed=_moment(instance.date_status_changed),
        date_updated=_moment(instance.date_updated),
    )


def worker_channel(instance: Any) -> WorkerChannelRecord:
    """A WorkerChannel, by the unique name of its TaskChannel."""
    return WorkerChannelRecord(
        sid=instance.sid,
        name=instance.task_channel_unique_name,
        configured_capacity=instance.configured_capacity or 0,
        assigned_tasks=instance.assigned_tasks or 0,
        available=bool(instance.available),
    )


def reservation(instance: Any) -> ReservationRecord:
    """A Reservation, from either of its two views."""
    return ReservationRecord(
        sid=instance.sid,
        status=instance.reservation_status,
        task_sid=instance.task_sid,
        worker_sid=instance.worker_sid,
        worker_name=instance.worker_name or "",
        date_created=_moment(instance.date_created),
    )


def task(instance: Any) -> TaskRecord:
    """A Task."""
    return TaskRecord(
        sid=instance.sid,
        attributes=parse_object(instance.attributes) or {},
        assignment_status=instance.assignment_status,
        task_queue_name=instance.task_queue_friendly_name,
        workflow_name=instance.workflow_friendly_name,
        task_channel=instance.task_channel_unique_name or "",
        priority=instance.priority or 0,
        age=instance.age or 0,
        date_created=_moment(instance.date_created),
        date_updated=_moment(instance.date_updated),
    )


def queue_statistics(instance: Any) -> QueueStatistics:
    """A TaskQueue's statistics, of which the lab uses those of now."""
    now = instance.realtime if isinstance(instance.realtime, dict) else {}
    return QueueStatistics(
        task_queue_sid=instance.task_queue_sid,
        eligible_workers=int(now.get("total_eligible_workers") or 0),
        available_workers=int(now.get("total_available_workers") or 0),
        longest_waiting_age=int(now.get("longest_task_waiting_age") or 0),
        tasks_by_status=dict(now.get("tasks_by_status") or {}),
    )


def event(instance: Any) -> EventCallback:
    """An Event, to the millisecond where TaskRouter gives it."""
    data = instance.event_data if isinstance(instance.event_data, dict) else {}
    own = {f"{instance.resource_type}_sid": instance.resource_sid}
    return EventCallback.from_log(
        {"workspace_sid": instance.workspace_sid, **own, **data},
        at=event_moment(instance),
        sid=instance.sid,
        event_type=instance.event_type,
        description=instance.description or "",
    )


def event_moment(instance: Any) -> datetime:
    """When it happened, to the millisecond where TaskRouter gives it."""
    if instance.event_date_ms is not None:
        return datetime.fromtimestamp(int(instance.event_date_ms) / 1000, UTC)
    return _moment(instance.event_date)


def _moment(value: Any) -> datetime:
    # The SDK hands on as text what it cannot parse; a record is more use with an old date than not at all.
    if not isinstance(value, datetime):
        return _LONG_AGO
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
