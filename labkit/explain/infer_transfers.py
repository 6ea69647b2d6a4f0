"""The transfers of a Task, worked out from its Events: REST knows none."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.engine.effects import Event
from labkit.engine.resources import Reservation, Task, Transfer
from labkit.vocabulary import EventType, Sid, TaskStatus, TransferMode, TransferStatus, TransferType, is_sid

_ENDS = {
    EventType.TASK_TRANSFER_COMPLETED: TransferStatus.COMPLETE,
    EventType.TASK_TRANSFER_FAILED: TransferStatus.FAILED,
    EventType.TASK_TRANSFER_CANCELED: TransferStatus.CANCELED,
}
_WAITING = (TaskStatus.PENDING, TaskStatus.RESERVED)


def infer_transfers(task: Task, reservations: Sequence[Reservation], events: Sequence[Event]) -> list[Transfer]:
    """The Task's transfers, oldest first, of which the last is its own while it waits for somebody to take it over.

    Args:
        task: gets its transfer, if one is under way.
        reservations: of the Task; those that a transfer made get its SID.
        events: of the Task, oldest first. A transfer whose beginning is not among them is left out.
    """
    found: list[Transfer] = []
    made = {each.sid: each for each in reservations}
    queue_sid: str | None = None  # before the transfer: its own Event may tell of the new one already
    for event in events:
        if event.type == EventType.TASK_TRANSFER_INITIATED and is_sid(event.data.get("transfer_to")):
            found.append(_begun(task, event, number=len(found), queue_sid=queue_sid))
        elif found and event.type in _ENDS:
            found[-1].transfer_status = _ENDS[EventType(event.type)]
            found[-1].transfer_failed_reason = event.data.get("transfer_failed_reason")
        elif found and event.type == EventType.RESERVATION_CREATED and "transfer_mode" in event.data:
            _note_made(made.get(str(event.data.get("reservation_sid"))), found[-1])
        queue_sid = event.data.get("task_queue_sid") or queue_sid
    if found and found[-1].transfer_status is TransferStatus.INITIATED and task.assignment_status in _WAITING:
        task.transfer_sid = found[-1].sid
    return found


def routed_queue(task: Task, transfers: Sequence[Transfer]) -> str | None:
    """The TaskQueue to which its Workflow has led the Task: it is another one while somebody hands it over to one.

    None for a Task that has left its Workflow's way, because somebody of another TaskQueue took it over.
    """
    last = transfers[-1] if transfers and transfers[-1].is_to_queue else None
    if last is None or last.transfer_status not in (TransferStatus.INITIATED, TransferStatus.COMPLETE):
        return task.task_queue_sid
    return last.initiating_queue_sid if task.transfer_sid else None


def _note_made(reservation: Reservation | None, transfer: Transfer) -> None:
    if reservation is not None:
        reservation.transfer_sid = transfer.sid


def _begun(task: Task, event: Event, *, number: int, queue_sid: str | None) -> Transfer:
    data, at = event.data, event.at
    to = str(data["transfer_to"])
    return Transfer(
        sid=str(data.get("task_transfer_sid") or f"{task.sid}/{number}"),
        workspace_sid=task.workspace_sid,
        number=0,
        date_created=at,
        date_updated=at,
        task_sid=task.sid,
        initiating_reservation_sid=str(data.get("transfer_initiating_reservation_sid") or ""),
        initiating_worker_sid=str(data.get("transfer_initiating_worker_sid") or ""),
        initiating_queue_sid=queue_sid,
        initiating_workflow_sid=task.workflow_sid,
        transfer_mode=TransferMode.COLD if data.get("transfer_mode") == TransferMode.COLD else TransferMode.WARM,
        transfer_type=TransferType.QUEUE if to.startswith(Sid.TASK_QUEUE) else TransferType.WORKER,
        transfer_to=to,
    )
