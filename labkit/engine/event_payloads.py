"""What events say: their fields and their sentences (docs: /docs/taskrouter/api/event/reference).

Fields are in snake case, and values are text, numbers, moments or None; the wire makes strings of them. Where no events
are made, those of Tasks and Reservations, which come with every step, do not even gather theirs.
"""

from __future__ import annotations

from typing import Any

from labkit.engine import known_worker
from labkit.engine.resources import (
    Activity,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
)
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import EventType, ReservationStatus, TaskStatus


def task_fields(unit: UnitOfWork, task: Task) -> dict[str, Any]:
    """The Task group, with its TaskQueue, its Workflow, and the Worker whom known-agent routing asks for."""
    state = unit.state
    channel = state.task_channels[task.task_channel_sid]
    data = {
        "task_sid": task.sid,
        "task_attributes": task.attributes,
        "task_age": int((unit.now - task.date_created).total_seconds()),
        "task_priority": task.priority,
        "task_assignment_status": task.assignment_status,
        "task_version": task.version,
        "task_date_created": task.date_created,
        "task_channel_sid": channel.sid,
        "task_channel_unique_name": channel.unique_name,
        "task_virtual_start_time": task.virtual_start_time,
        "task_ignore_capacity": task.ignore_capacity,
    }
    if task.task_queue_entered_date is not None:
        data["task_queue_entered_date"] = task.task_queue_entered_date
    queue = state.task_queues.get(task.task_queue_sid or "")
    if queue is not None:
        data |= queue_fields(queue)
    workflow = state.workflows.get(task.workflow_sid or "")
    if workflow is not None:
        data |= workflow_fields(workflow)
    if task.asks_for_worker:
        data |= known_worker.event_fields(state, task)
    return data


def queue_fields(queue: TaskQueue) -> dict[str, Any]:
    return {
        "task_queue_sid": queue.sid,
        "task_queue_name": queue.friendly_name,
        "task_queue_target_expression": queue.target_workers,
    }


def workflow_fields(workflow: Workflow) -> dict[str, Any]:
    return {"workflow_sid": workflow.sid, "workflow_name": workflow.friendly_name}


def worker_fields(state: WorkspaceState, worker: Worker) -> dict[str, Any]:
    return {
        "worker_sid": worker.sid,
        "worker_name": worker.friendly_name,
        "worker_attributes": worker.attributes,
        "worker_activity_sid": worker.activity_sid,
        "worker_activity_name": state.activities[worker.activity_sid].friendly_name,
        "worker_version": worker.version,
    }


def worker_channel_fields(state: WorkspaceState, channel: WorkerChannel, *, previous_capacity: int) -> dict[str, Any]:
    return {
        "task_channel_sid": channel.task_channel_sid,
        "task_channel_unique_name": state.task_channels[channel.task_channel_sid].unique_name,
        "worker_channel_available": channel.available,
        "worker_channel_available_capacity": max(0, channel.configured_capacity - channel.taken),
        "worker_channel_previous_capacity": previous_capacity,
        "worker_channel_capacity": channel.configured_capacity,
        "worker_channel_consumed_capacity": channel.taken,
        "worker_channel_task_count": channel.taken,
    }


def transfer_fields(transfer: Transfer) -> dict[str, Any]:
    """What an event of a transfer says of it, and the event of a Reservation that it has made."""
    return {
        "task_transfer_sid": transfer.sid,
        "transfer_mode": transfer.transfer_mode,
        "transfer_type": transfer.transfer_type,
        "transfer_to": transfer.transfer_to,
        "transfer_status": transfer.transfer_status,
        "transfer_started": transfer.date_created,
        "transfer_initiating_reservation_sid": transfer.initiating_reservation_sid,
        "transfer_initiating_worker_sid": transfer.initiating_worker_sid,
    }


_TELLS_WORKER = frozenset({EventType.TASK_WRAPUP, EventType.TASK_COMPLETED})
"""Events of a Task that say whose it is (docs: /docs/flex/developer/insights/real-time-adherence)."""
_TAKEN = frozenset({ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING, ReservationStatus.COMPLETED})


def report_task(unit: UnitOfWork, type_: EventType, task: Task, description: str, **more: Any) -> None:
    """An event about a Task."""
    if not unit.reports:
        return
    data = task_fields(unit, task)
    data |= more
    if type_ in _TELLS_WORKER and (worker := _worker_of(unit.state, task)) is not None:
        data |= worker_fields(unit.state, worker)
    unit.report(type_, description, data, resource="task", resource_sid=task.sid)


def _worker_of(state: WorkspaceState, task: Task) -> Worker | None:
    """Who accepted the Task; the last, if ever there are more."""
    taken = (r for r in reversed(task.reservations) if r.reservation_status in _TAKEN)
    return next((state.workers.get(r.worker_sid) for r in taken), None)


def report_task_end(unit: UnitOfWork, task: Task, said: str | None) -> None:
    """`task.completed` or `task.canceled`, with the reason."""
    if task.assignment_status is TaskStatus.COMPLETED:
        more = {"task_completed_reason": task.reason, "reason": task.reason}
        report_task(unit, EventType.TASK_COMPLETED, task, f"Task {task.sid} completed", **more)
    else:
        more = {"task_canceled_reason": task.reason, "reason": task.reason}
        report_task(unit, EventType.TASK_CANCELED, task, said or f"Task {task.sid} canceled", **more)


_RESERVATION_SENTENCES = {
    EventType.RESERVATION_CREATED: "Reservation {r} created for Task {t} and Worker {w}",
    EventType.RESERVATION_ACCEPTED: "Task {t} assigned to Worker {w} with Reservation {r}",
    EventType.RESERVATION_REJECTED: "Reservation {r} rejected by Worker {w}",
    EventType.RESERVATION_TIMEOUT: "Reservation {r} timed out for Worker {w}",
    EventType.RESERVATION_CANCELED: "Reservation {r} canceled",
    EventType.RESERVATION_RESCINDED: "Reservation {r} rescinded",
    EventType.RESERVATION_FAILED: "Reservation {r}: the instruction for Worker {w} failed",
    EventType.RESERVATION_WRAPUP: "Reservation {r} is in wrap-up with Worker {w}",
    EventType.RESERVATION_COMPLETED: "Reservation {r} completed",
}


def report_reservation(unit: UnitOfWork, type_: EventType, reservation: Reservation, task: Task) -> None:
    """An event about a Reservation, with its Task and Worker."""
    if not unit.reports:
        return
    worker = unit.state.workers[reservation.worker_sid]
    data = task_fields(unit, task)
    data |= worker_fields(unit.state, worker)
    data |= {"reservation_sid": reservation.sid, "reservation_version": reservation.version}
    if type_ is EventType.RESERVATION_CREATED and reservation.transfer_sid is not None:
        data |= transfer_fields(unit.state.transfers[reservation.transfer_sid])
    sentence = _RESERVATION_SENTENCES[type_].format(r=reservation.sid, t=task.sid, w=worker.friendly_name)
    unit.report(type_, sentence, data, resource="reservation", resource_sid=reservation.sid)


def report_worker(unit: UnitOfWork, type_: EventType, worker: Worker, description: str, **more: Any) -> None:
    """An event about a Worker."""
    data = {**worker_fields(unit.state, worker), **more}
    unit.report(type_, description, data, resource="worker", resource_sid=worker.sid)


def report_queue(unit: UnitOfWork, type_: EventType, queue: TaskQueue, description: str) -> None:
    unit.report(type_, description, queue_fields(queue), resource="taskqueue", resource_sid=queue.sid)


def report_workflow(unit: UnitOfWork, type_: EventType, workflow: Workflow, description: str) -> None:
    unit.report(type_, description, workflow_fields(workflow), resource="workflow", resource_sid=workflow.sid)


def report_activity(unit: UnitOfWork, type_: EventType, activity: Activity, description: str) -> None:
    data = {
        "activity_sid": activity.sid,
        "activity_name": activity.friendly_name,
        "activity_available": activity.available,
    }
    unit.report(type_, description, data, resource="activity", resource_sid=activity.sid)


def report_task_channel(unit: UnitOfWork, type_: EventType, channel: TaskChannel, description: str) -> None:
    data = {
        "task_channel_sid": channel.sid,
        "task_channel_name": channel.friendly_name,
        "task_channel_unique_name": channel.unique_name,
        "task_channel_optimized_routing": channel.channel_optimized_routing,
    }
    unit.report(type_, description, data, resource="task-channel", resource_sid=channel.sid)


def report_workspace(unit: UnitOfWork, type_: EventType, description: str) -> None:
    sid = unit.state.workspace.sid
    unit.report(type_, description, {}, resource="workspace", resource_sid=sid)
