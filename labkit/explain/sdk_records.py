"""The SDK's instances read into the engine's records. What REST does not tell keeps the engine's default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from labkit import limits
from labkit.engine.effects import Event
from labkit.engine.resources import (
    DEFAULT_FILTER,
    Activity,
    Record,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from labkit.vocabulary import ReservationStatus, Sid, TaskOrder, TaskStatus

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def workspace(instance: Any) -> Workspace:
    """A Workspace, with the order in which its queues are served."""
    order = instance.prioritize_queue_order or TaskOrder.FIFO
    return Workspace(
        **_new_record_fields(instance, workspace_sid=instance.sid),
        account_sid=instance.account_sid or "",
        friendly_name=instance.friendly_name or "",
        multi_task_enabled=instance.multi_task_enabled is not False,
        prioritize_queue_order=TaskOrder(str(order)),
    )


def activity(instance: Any) -> Activity:
    """An Activity."""
    return Activity(
        **_new_record_fields(instance), friendly_name=instance.friendly_name, available=bool(instance.available)
    )


def task_channel(instance: Any) -> TaskChannel:
    """A TaskChannel."""
    return TaskChannel(
        **_new_record_fields(instance),
        friendly_name=instance.friendly_name or "",
        unique_name=instance.unique_name or "",
        channel_optimized_routing=bool(instance.channel_optimized_routing),
    )


def task_queue(instance: Any) -> TaskQueue:
    """A TaskQueue."""
    return TaskQueue(
        **_new_record_fields(instance),
        friendly_name=instance.friendly_name or "",
        target_workers=instance.target_workers or "",
        max_reserved_workers=instance.max_reserved_workers or limits.DEFAULT_RESERVED_WORKERS,
        task_order=TaskOrder(str(instance.task_order or TaskOrder.FIFO)),
    )


def worker(instance: Any) -> Worker:
    """A Worker, without channels."""
    return Worker(
        **_new_record_fields(instance),
        friendly_name=instance.friendly_name or "",
        activity_sid=instance.activity_sid or "",
        attributes=instance.attributes or "{}",
        date_status_changed=_moment(instance.date_status_changed),
    )


def worker_channel(instance: Any) -> WorkerChannel:
    """A WorkerChannel; what is taken follows from the free share, which TaskRouter rounds down."""
    capacity = instance.configured_capacity or 0
    free = -(-(instance.available_capacity_percentage or 0) * capacity // 100)
    return WorkerChannel(
        **_new_record_fields(instance),
        worker_sid=instance.worker_sid,
        task_channel_sid=instance.task_channel_sid,
        configured_capacity=capacity,
        available=bool(instance.available),
        taken=max(capacity - free, instance.assigned_tasks or 0),
        assigned=instance.assigned_tasks or 0,
    )


def open_channels(parts: Iterable[Record]) -> Iterator[WorkerChannel]:
    """A channel with room for every Worker and TaskChannel: what is taken for true until it is read."""
    kept = list(parts)
    task_channels = [part for part in kept if isinstance(part, TaskChannel)]
    for each in (part for part in kept if isinstance(part, Worker)):
        for channel in task_channels:
            yield WorkerChannel(
                sid=f"{each.sid}/{channel.sid}",
                workspace_sid=each.workspace_sid,
                number=len(kept) + 1,
                date_created=each.date_created,
                date_updated=each.date_updated,
                worker_sid=each.sid,
                task_channel_sid=channel.sid,
            )


def workflow(instance: Any) -> Workflow:
    """A Workflow."""
    return Workflow(
        **_new_record_fields(instance),
        friendly_name=instance.friendly_name or "",
        configuration=instance.configuration or "{}",
        task_reservation_timeout=instance.task_reservation_timeout or limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS,
    )


def task(instance: Any) -> Task:
    """A Task; in no target yet, unless it was routed directly."""
    routing_target = instance.routing_target or None
    to_queue = routing_target is not None and routing_target.startswith(Sid.TASK_QUEUE)
    made = Task(
        **_new_record_fields(instance),
        attributes=instance.attributes or "{}",
        assignment_status=TaskStatus(str(instance.assignment_status)),
        priority=instance.priority or 0,
        timeout=instance.timeout or limits.DEFAULT_TASK_TIMEOUT_SECONDS,
        reason=instance.reason,
        task_channel_sid=instance.task_channel_sid,
        workflow_sid=instance.workflow_sid,
        task_queue_sid=instance.task_queue_sid,
        task_queue_entered_date=_moment(instance.task_queue_entered_date),
        virtual_start_time=_moment(instance.virtual_start_time or instance.date_created),
        routing_target=routing_target,
        direct_queue_sid=(routing_target if to_queue else instance.task_queue_sid) or "",
        ignore_capacity=bool(instance.ignore_capacity),
    )
    made.filter_index = DEFAULT_FILTER if made.is_direct else None
    return made


def reservation(instance: Any, of: Task, *, timeout_seconds: int) -> Reservation:
    """A Reservation of this Task."""
    return Reservation(
        **_new_record_fields(instance),
        task_sid=of.sid,
        worker_sid=instance.worker_sid,
        task_channel_sid=of.task_channel_sid,
        reservation_status=ReservationStatus(str(instance.reservation_status)),
        expires_at=_moment(instance.date_created) + timedelta(seconds=timeout_seconds),
    )


def event(instance: Any) -> Event:
    """An Event of the log, to the millisecond where TaskRouter gives it. Its type may be newer than ours."""
    milliseconds = instance.event_date_ms
    return Event(
        sid=instance.sid,
        type=instance.event_type,
        at=_moment(instance.event_date)
        if milliseconds is None
        else datetime.fromtimestamp(int(milliseconds) / 1000, UTC),
        workspace_sid=instance.workspace_sid,
        account_sid=instance.account_sid,
        resource_type=instance.resource_type,
        resource_sid=instance.resource_sid,
        description=instance.description or "",
        data=instance.event_data if isinstance(instance.event_data, dict) else {},
    )


def _new_record_fields(instance: Any, *, workspace_sid: str | None = None) -> dict[str, Any]:
    """The fields that every record begins with; numbers are given when all are there."""
    return {
        "sid": instance.sid,
        "workspace_sid": workspace_sid or instance.workspace_sid,
        "number": 0,
        "date_created": _moment(instance.date_created),
        "date_updated": _moment(instance.date_updated),
    }


def _moment(value: Any) -> datetime:
    # The SDK hands on as text what it cannot parse.
    if not isinstance(value, datetime):
        return _LONG_AGO
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
