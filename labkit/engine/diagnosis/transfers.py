"""What there is to say of a Task that was handed over: by whom, to whom, and what became of that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from labkit.engine.diagnosis.wording import full_stop, listed, period
from labkit.engine.resources import Task, TaskQueue, Transfer
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import TRANSFER_FAILED_BECAUSE, ReservationStatus, TaskStatus, TransferStatus, short_sid


def headline(state: WorkspaceState, task: Task, now: datetime) -> str | None:
    """Where a Task is that somebody is asked to take over, or has taken over; None of any other."""
    if task.assignment_status is TaskStatus.RESERVED and task.transfer is not None:
        return f"{_of_reserved(state, task, task.transfer)}, who has {_time_left(task, now)} left to answer."
    last = task.transfers[-1] if task.transfers else None
    taken = last is not None and last.transfer_status is TransferStatus.COMPLETE
    if last is None or not taken or task.assignment_status is not TaskStatus.ASSIGNED:
        return None
    who = [r.worker_sid for r in task.reservations if r.reservation_status is ReservationStatus.ACCEPTED]
    to = f" to {called(state, last.transfer_to)}" if who != [last.transfer_to] else ""
    names = listed([called(state, sid) for sid in who]) or "a Worker"
    return f"Task assigned to {names}: {called(state, last.initiating_worker_sid)} handed it over{to}."


def of_waiting(state: WorkspaceState, task: Task, why: str) -> str:
    """Why a Task waits, said of one that is handed over as well.

    Args:
        state: the Workspace.
        task: pending.
        why: the sentence that says it of any Task.
    """
    if task.transfer is None:
        return why
    return f"{_hands_over(state, task.transfer)}; {why.replace('Waiting', 'waiting', 1)}"


def notes(state: WorkspaceState, task: Task) -> Iterator[str]:
    """What became of each transfer that is over."""
    for transfer in task.transfers:
        giver, taker = called(state, transfer.initiating_worker_sid), called(state, transfer.transfer_to)
        mode = transfer.transfer_mode.lower()
        match transfer.transfer_status:
            case TransferStatus.COMPLETE:
                yield f"{giver} handed it over to {taker} ({mode})."
            case TransferStatus.CANCELED:
                yield f"{giver} was to hand it over to {taker} ({mode}), and took it back."
            case TransferStatus.FAILED:
                reason = (transfer.transfer_failed_reason or "nobody took it").removeprefix(TRANSFER_FAILED_BECAUSE)
                yield full_stop(f"{giver} was to hand it over to {taker} ({mode}), which failed: {reason}")


def called(state: WorkspaceState, sid: str) -> str:
    """A Worker or a TaskQueue for people."""
    found = state.workers.get(sid) or state.task_queues.get(sid)
    if found is None:
        return short_sid(sid)
    return f"TaskQueue {found.friendly_name}" if isinstance(found, TaskQueue) else found.friendly_name


def _hands_over(state: WorkspaceState, transfer: Transfer) -> str:
    giver, taker = called(state, transfer.initiating_worker_sid), called(state, transfer.transfer_to)
    return f"{giver} hands it over to {taker} ({transfer.transfer_mode.lower()})"


def _of_reserved(state: WorkspaceState, task: Task, transfer: Transfer) -> str:
    said = _hands_over(state, transfer)
    asked = [called(state, r.worker_sid) for r in task.reservations if r.is_pending]
    return f"{said}: reserved for {listed(asked)}" if transfer.is_to_queue else said


def _time_left(task: Task, now: datetime) -> str:
    ends = [r.expires_at for r in task.reservations if r.is_pending]
    return period((min(ends) - now).total_seconds()) if ends else "some time"
