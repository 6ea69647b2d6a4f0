"""How the Worker SDK is shown what there is: in answers of the bridge and in events, and nowhere else.

The client refuses an object that lacks one of its keys, so each is always there, as null where there is nothing. The
exception are the keys about transfers: those are left out, for a null in them breaks the client. Dates are whole
seconds since 1970 but for a WorkerChannel's `last_reserved_time`, which is in milliseconds. Attributes are JSON texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labkit import limits
from labkit.engine.resources import Activity, Record, Reservation, Task, TaskQueue, Transfer, Worker, WorkerChannel
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import TaskOrder

NOTHING: Mapping[str, Record] = {}


def worker(state: WorkspaceState, record: Worker) -> dict[str, Any]:
    held = state.activities[record.activity_sid]
    return {
        **_common(state, record),
        "friendly_name": record.friendly_name,
        "activity_sid": held.sid,
        "activity_name": held.friendly_name,
        "attributes": record.attributes,
        "available": held.available,
        "date_status_changed": seconds(record.date_status_changed),
        "version": record.version,
    }


def activity(state: WorkspaceState, record: Activity) -> dict[str, Any]:
    return {**_common(state, record), "friendly_name": record.friendly_name, "available": record.available}


def worker_channel(state: WorkspaceState, record: WorkerChannel) -> dict[str, Any]:
    return {
        **_common(state, record),
        "worker_sid": record.worker_sid,
        "task_channel_sid": record.task_channel_sid,
        "task_channel_unique_name": state.task_channels[record.task_channel_sid].unique_name,
        "configured_capacity": record.configured_capacity,
        "assigned_tasks": record.assigned,
        "available_capacity_percentage": record.available_capacity_percentage,
        "available": record.available,
        "last_reserved_time": int((record.last_reserved_at or record.date_created).timestamp() * 1000),
    }


def task_queue(state: WorkspaceState, record: TaskQueue) -> dict[str, Any]:
    return {
        **_common(state, record),
        "friendly_name": record.friendly_name,
        "target_workers": record.target_workers,
        "max_reserved_workers": record.max_reserved_workers,
        "task_order": record.task_order,
        "lifo_queue": record.task_order is TaskOrder.LIFO,
        "assignment_activity_sid": record.assignment_activity_sid,
        "assignment_activity_name": _activity_name(state, record.assignment_activity_sid),
        "reservation_activity_sid": record.reservation_activity_sid,
        "reservation_activity_name": _activity_name(state, record.reservation_activity_sid),
    }


def task(state: WorkspaceState, record: Task, *, now: datetime) -> dict[str, Any]:
    # A TaskQueue or a Workflow can be deleted while Tasks that have ended still name it.
    queue, workflow = state.task_queues.get(record.task_queue_sid or ""), state.workflows.get(record.workflow_sid or "")
    return {
        **_common(state, record),
        "assignment_status": record.assignment_status,
        "attributes": record.attributes,
        "addons": "{}",
        "age": int((now - record.date_created).total_seconds()),
        "virtual_start_time": seconds(record.virtual_start_time),
        "priority": record.priority,
        "timeout": record.timeout,
        "reason": record.reason,
        "queue_sid": record.task_queue_sid,
        "queue_name": queue.friendly_name if queue else None,
        "workflow_sid": record.workflow_sid,
        "workflow_name": workflow.friendly_name if workflow else None,
        "task_channel_sid": record.task_channel_sid,
        "task_channel_unique_name": state.task_channels[record.task_channel_sid].unique_name,
        "routing_target": record.routing_target,
        "version": record.version,
    }


def reservation(
    state: WorkspaceState,
    record: Reservation,
    *,
    now: datetime,
    version: int = 2,
    with_task: bool = False,
    removed: Mapping[str, Record] = NOTHING,
) -> dict[str, Any]:
    """A Reservation as version 1 (answers to a request for one) or 2 (lists, and all events) has it.

    Args:
        state: the Workspace's.
        record: the Reservation.
        now: for the Task's age.
        version: 1 or 2.
        with_task: whether version 1 shows the Task too; 2 always does.
        removed: what has just been removed from `state`, by SID: of a Task that was deleted the last state is shown.
    """
    holder = state.workers.get(record.worker_sid) or removed.get(record.worker_sid)
    shown = {
        **_common(state, record),
        "worker_sid": record.worker_sid,
        "worker_name": holder.friendly_name if isinstance(holder, Worker) else None,
        "reservation_status": record.reservation_status,
        "worker_previous_activity_sid": _previous_activity(record, holder),
        "version": record.version,
    }
    if version == 1:
        shown |= {"task_sid": record.task_sid, "task_channel_sid": record.task_channel_sid}
    whole = state.tasks.get(record.task_sid) or removed.get(record.task_sid)
    if isinstance(whole, Task) and (version > 1 or with_task):
        shown |= {"reservation_timeout": _timeout(state, whole), "task": task(state, whole, now=now)}
    if isinstance(whole, Task) and version > 1:
        shown |= _transfers(state, record, whole, removed)
    if record.canceled_reason_code is not None and version > 1:
        shown["canceled_reason_code"] = record.canceled_reason_code
    return shown


def transfer(state: WorkspaceState, record: Transfer) -> dict[str, Any]:
    shown = {
        **_common(state, record),
        "task_sid": record.task_sid,
        "transfer_type": record.transfer_type,
        "transfer_mode": record.transfer_mode,
        "transfer_to": record.transfer_to,
        "transfer_status": record.transfer_status,
        "initiating_reservation_sid": record.initiating_reservation_sid,
        "initiating_worker_sid": record.initiating_worker_sid,
        "initiating_queue_sid": record.initiating_queue_sid,
        "initiating_workflow_sid": record.initiating_workflow_sid,
    }
    if record.transfer_failed_reason is not None:
        shown["transfer_failed_reason"] = record.transfer_failed_reason
    return shown


def _transfers(
    state: WorkspaceState, record: Reservation, whole: Task, removed: Mapping[str, Record]
) -> dict[str, Any]:
    """The transfer that made a Reservation, and the one that its Worker has begun and that is under way."""
    shown = {}
    made_by, under_way = (
        state.transfers.get(sid or "") or removed.get(sid or "") for sid in (record.transfer_sid, whole.transfer_sid)
    )
    if isinstance(made_by, Transfer):
        shown["task_transfer"] = transfer(state, made_by)
    if isinstance(under_way, Transfer) and under_way.initiating_reservation_sid == record.sid:
        shown["active_outgoing_task_transfer"] = transfer(state, under_way)
    return shown


def seconds(moment: datetime) -> int:
    """Whole ones since 1970."""
    return int(moment.timestamp())


def _common(state: WorkspaceState, record: Record) -> dict[str, Any]:
    """What every resource has."""
    return {
        "sid": record.sid,
        "account_sid": state.workspace.account_sid,
        "workspace_sid": record.workspace_sid,
        "date_created": seconds(record.date_created),
        "date_updated": seconds(record.date_updated),
    }


def _activity_name(state: WorkspaceState, sid: str | None) -> str | None:
    found = state.activities.get(sid or "")
    return found.friendly_name if found else None


def _previous_activity(record: Reservation, holder: Record | None) -> str | None:
    """Where the Worker was before the Reservation, which only moves them in single tasking."""
    if record.previous_activity_sid is not None:
        return record.previous_activity_sid
    return holder.activity_sid if isinstance(holder, Worker) else None


def _timeout(state: WorkspaceState, record: Task) -> int:
    """Of the Task's Reservations, in seconds."""
    workflow = state.workflows.get(record.workflow_sid or "")
    return workflow.task_reservation_timeout if workflow else limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS
