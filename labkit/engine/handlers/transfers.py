"""Transfers of Tasks, which the browser SDK asks for; REST has none."""

from __future__ import annotations

from labkit.engine import call_legs, lifecycle, routing
from labkit.engine import commands as c
from labkit.engine.handlers.common import find, find_named
from labkit.engine.json_parameters import parse_attributes
from labkit.engine.refusals import InvalidParameter, TransferImpossible, TransferOver
from labkit.engine.resources import Reservation, Task, Transfer, Worker
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import ReservationStatus, Sid, TaskStatus, TransferStatus


def begin(unit: UnitOfWork, command: c.TransferTask) -> Transfer:
    """Hand the Task over: the Worker gets a Reservation, or the Task waits in the TaskQueue.

    Raises:
        TransferImpossible: the Task is not hers to hand over, or the other Worker cannot take it.
        InvalidParameter: a parameter names what is not there.
    """
    reservation = _check_initiator(unit, command)
    task = unit.state.tasks[reservation.task_sid]
    worker = _check_recipient(unit, task, command.to)
    parsed = parse_attributes(command.attributes) if command.attributes is not None else None
    if parsed is not None:
        task.attributes, task.scope = parsed
        call_legs.caller_arrives(unit, task)
    if command.priority is not None:
        task.priority = command.priority
    transfer = lifecycle.hand_over(unit, reservation, to=command.to, mode=command.mode, worker=worker)
    if worker is None:
        routing.enter_queue_of_transfer(unit, task, transfer)
    return transfer


def cancel(unit: UnitOfWork, command: c.CancelTransfer) -> Transfer:
    """Take the Task back.

    Raises:
        TransferOver: it was accepted, failed or was canceled before.
        InvalidParameter: it is another Task's, or another Worker has begun it.
    """
    transfer = find(unit.state.transfers, command.sid)
    if transfer.task_sid != command.task_sid:
        raise InvalidParameter("TaskSid", f"transfer {transfer.sid} is of Task {transfer.task_sid}")
    if transfer.initiating_worker_sid != command.worker_sid:
        raise TransferImpossible(f"Worker {command.worker_sid[:64]} has not begun transfer {transfer.sid}")
    if transfer.transfer_status is not TransferStatus.INITIATED:
        raise TransferOver(transfer.sid, transfer.transfer_status)
    lifecycle.end_transfer(unit, unit.state.tasks[transfer.task_sid], transfer, TransferStatus.CANCELED)
    return transfer


def _check_initiator(unit: UnitOfWork, command: c.TransferTask) -> Reservation:
    """The Reservation by which the Worker has the Task."""
    reservation = find_named(unit.state.reservations, command.reservation_sid, parameter="ReservationSid")
    task = find_named(unit.state.tasks, command.task_sid, parameter="TaskSid")
    if reservation.worker_sid != command.worker_sid:
        raise TransferImpossible(f"Reservation {reservation.sid} is not of Worker {command.worker_sid[:64]}")
    if reservation.task_sid != task.sid:
        raise TransferImpossible(f"Reservation {reservation.sid} is not of Task {task.sid}")
    if task.transfer_sid is not None:
        raise TransferImpossible(f"transfer {task.transfer_sid} of Task {task.sid} is under way")
    if reservation.reservation_status is not ReservationStatus.ACCEPTED:
        raise TransferImpossible(f"Reservation {reservation.sid} is {reservation.reservation_status}, not accepted")
    if task.assignment_status is not TaskStatus.ASSIGNED:
        raise TransferImpossible(f"Task {task.sid} is {task.assignment_status}, not assigned")
    return reservation


def _check_recipient(unit: UnitOfWork, task: Task, to: str) -> Worker | None:
    """The Worker who is to have the Task, and can; None if it is for a TaskQueue."""
    state = unit.state
    if to.startswith(Sid.TASK_QUEUE):
        find_named(state.task_queues, to, parameter="To")
        return None
    if not to.startswith(Sid.WORKER):
        raise InvalidParameter("To", f"{to[:64]!r} is not the SID of a Worker or a TaskQueue")
    worker = find_named(state.workers, to, parameter="To")
    if not state.is_available(worker):
        activity = state.activities[worker.activity_sid].friendly_name
        raise TransferImpossible(f"Worker {worker.friendly_name} is in Activity {activity}, which takes no Tasks")
    channel = worker.channels.get(task.task_channel_sid)
    if channel is None or not state.has_room(worker, channel):
        name = state.task_channels[task.task_channel_sid].unique_name
        raise TransferImpossible(f"Worker {worker.friendly_name} has no capacity left for TaskChannel {name}")
    return worker
