"""The life of a transfer, by which a Worker hands an assigned Task over: its record and its events.

What it makes of the Task and of the Reservations is in `lifecycle.py`. Docs: the browser SDK's `Task.transfer`.
"""

from __future__ import annotations

from labkit.engine import event_payloads
from labkit.engine.resources import Reservation, Task, Transfer
from labkit.engine.states import ReservationStep
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import TRANSFER_FAILED_BECAUSE, EventType, Sid, TransferMode, TransferStatus, TransferType

REASON_TASK_ENDED = f"{TRANSFER_FAILED_BECAUSE}the task ended"
"""Ours, as are all reasons but those of a Reservation that was rejected or timed out."""
REASON_MAX_ASSIGNMENTS = f"{TRANSFER_FAILED_BECAUSE}the task's max assignment count was exceeded"
_ENDED = {
    ReservationStep.REJECT: "was rejected",
    ReservationStep.EXPIRE: "timed out",
    ReservationStep.CANCEL: "was canceled",
}
_ATTEMPTS = {ReservationStep.REJECT: "reject", ReservationStep.EXPIRE: "timeout", ReservationStep.CANCEL: "cancel"}

_EVENTS = {
    TransferStatus.COMPLETE: (EventType.TASK_TRANSFER_COMPLETED, "completed"),
    TransferStatus.FAILED: (EventType.TASK_TRANSFER_FAILED, "failed"),
    TransferStatus.CANCELED: (EventType.TASK_TRANSFER_CANCELED, "canceled"),
}


def reason_of_failure(step: ReservationStep) -> str:
    """Why a transfer to a Worker failed, whose Reservation ended by this step."""
    return f"{TRANSFER_FAILED_BECAUSE}the reservation {_ENDED[step]}"


def begin(unit: UnitOfWork, initiator: Reservation, *, to: str, mode: TransferMode) -> Transfer:
    """A new transfer, which is the Task's from now on. The caller takes the Task's step and reports it."""
    task = unit.state.tasks[initiator.task_sid]
    transfer = Transfer(
        **unit.new_record_fields(Sid.TRANSFER),
        task_sid=task.sid,
        initiating_reservation_sid=initiator.sid,
        initiating_worker_sid=initiator.worker_sid,
        initiating_queue_sid=task.task_queue_sid,
        initiating_workflow_sid=task.workflow_sid,
        transfer_mode=mode,
        transfer_type=TransferType.QUEUE if to.startswith(Sid.TASK_QUEUE) else TransferType.WORKER,
        transfer_to=to,
    )
    unit.state.transfers[transfer.sid] = unit.add(transfer)
    task.transfers.append(transfer)
    task.transfer_sid = transfer.sid
    if transfer.is_to_queue and task.task_queue_sid != to:  # told with the first event: programs read it there
        task.task_queue_sid, task.task_queue_entered_date = to, unit.now
    return transfer


def note_attempt(unit: UnitOfWork, task: Task, transfer: Transfer, step: ReservationStep) -> None:
    """Nobody of those who were asked took the Task; it waits in the TaskQueue for others."""
    transfer.transfer_failed_reason = (
        f"Transfer attempt failed on reservation {_ATTEMPTS[step]} because there are no more pending reservations"
    )
    unit.touch(transfer)
    report(unit, EventType.TASK_TRANSFER_ATTEMPT_FAILED, task, transfer, "was not taken, and goes on")


def close(
    unit: UnitOfWork, task: Task, transfer: Transfer, status: TransferStatus, *, reason: str | None = None
) -> None:
    """The transfer is over, and is the Task's no longer."""
    transfer.transfer_status, transfer.transfer_failed_reason = status, reason
    task.transfer_sid = None
    unit.touch(transfer)
    event, word = _EVENTS[status]
    report(unit, event, task, transfer, word)


def report(unit: UnitOfWork, type_: EventType, task: Task, transfer: Transfer, what: str) -> None:
    """An event about a transfer, with its Task."""
    data = event_payloads.task_fields(unit, task) | event_payloads.transfer_fields(transfer)
    if transfer.transfer_failed_reason is not None:
        data["transfer_failed_reason"] = transfer.transfer_failed_reason
    sentence = f"Transfer {transfer.sid} of Task {task.sid} {what}"
    unit.report(type_, sentence, data, resource="transfer", resource_sid=transfer.sid)
