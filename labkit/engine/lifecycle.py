"""What follows from each step of a Task's or a Reservation's life: capacity, Activities, deadlines, events.

The tables in `states.py` decide what is legal; each function here asks them first and changes anything only then.
Docs: /docs/taskrouter/lifecycle-task-workflows-and-assignment, /docs/taskrouter/api/reservations.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from labkit import limits
from labkit.engine import call_legs, event_payloads, known_worker, single_tasking, transfers, worker_activity
from labkit.engine.deadlines import Due
from labkit.engine.effects import CallAssignmentUrl
from labkit.engine.resources import CallbackState, Reservation, Task, Transfer, Worker
from labkit.engine.states import ReservationStep, TaskStep, next_reservation_status, next_task_status
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import EventType, ReservationStatus, Sid, TaskStatus, TransferMode, TransferStatus

REASON_TTL = "Task TTL Exceeded or Max assignment count exceeded"
TTL_DESCRIPTION = "Task TTL Exceeded"
"""What the event says; the reason is the longer text (docs: …/api/event/reference)."""
REASON_ALL_COMPLETED = "All reservations were completed"
REASON_TARGET_GONE = "RoutingTarget not available for Reservation acceptance: {worker_sid}"

_ENDED_AS = {
    ReservationStep.REJECT: EventType.RESERVATION_REJECTED,
    ReservationStep.EXPIRE: EventType.RESERVATION_TIMEOUT,
    ReservationStep.CANCEL: EventType.RESERVATION_CANCELED,
    ReservationStep.RESCIND: EventType.RESERVATION_RESCINDED,
    ReservationStep.COMPLETE: EventType.RESERVATION_COMPLETED,
}


def advance_task(unit: UnitOfWork, task: Task, step: TaskStep) -> None:
    """Take a step of the Task's life through the table.

    Raises:
        IllegalTransition: the table forbids it; nothing has changed.
    """
    workspace = unit.state.workspace
    task.assignment_status = next_task_status(
        task.assignment_status, step, task=task.sid, workspace=workspace.sid, account=workspace.account_sid
    )
    unit.touch(task)


def reserve(unit: UnitOfWork, task: Task, workers: list[Worker]) -> None:
    """Hold the Task for each of these Workers, and ask for an assignment callback each."""
    advance_task(unit, task, TaskStep.RESERVE)
    task.assignments += 1
    for worker in workers:
        _make_reservation(unit, task, worker)


def _make_reservation(unit: UnitOfWork, task: Task, worker: Worker) -> None:
    workflow = unit.state.workflows.get(task.workflow_sid or "")
    seconds = workflow.task_reservation_timeout if workflow else limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS
    reservation = unit.add(
        Reservation(
            **unit.new_record_fields(Sid.RESERVATION),
            task_sid=task.sid,
            worker_sid=worker.sid,
            task_channel_sid=task.task_channel_sid,
            expires_at=unit.now + timedelta(seconds=seconds),
            transfer_sid=task.transfer_sid,
        )
    )
    task.reservations.append(reservation)
    unit.state.reservations[reservation.sid] = reservation
    unit.state.open_reservations[worker.sid][reservation.sid] = reservation
    unit.deadlines.add(reservation.expires_at, Due.RESERVATION_TIMEOUT, reservation)
    worker.last_reserved = reservation.number
    _change_load(unit, worker, reservation, taken=1)
    event_payloads.report_reservation(unit, EventType.RESERVATION_CREATED, reservation, task)
    _ask_for_callback(unit, task, worker, reservation)
    reservation.activity_sid = single_tasking.reserved_activity(unit.state, task)
    if reservation.activity_sid is not None:
        reservation.previous_activity_sid = worker.activity_sid
        worker_activity.change_activity(unit, worker, reservation.activity_sid)


def _ask_for_callback(unit: UnitOfWork, task: Task, worker: Worker, reservation: Reservation) -> None:
    workflow = unit.state.workflows.get(task.workflow_sid or "")
    if workflow is None or not workflow.assignment_callback_url:
        return
    reservation.callback = CallbackState.DUE
    unit.ask(assignment_call(unit, task, worker, reservation))


def assignment_call(unit: UnitOfWork, task: Task, worker: Worker, reservation: Reservation) -> CallAssignmentUrl:
    """The assignment callback of a Reservation (docs: /docs/taskrouter/handle-assignment-callbacks)."""
    workflow = unit.state.workflows[task.workflow_sid or ""]
    workspace = unit.state.workspace
    fields: dict[str, Any] = {
        "timestamp": unit.now,
        "account_sid": workspace.account_sid,
        "workspace_sid": workspace.sid,
        "workflow_sid": workflow.sid,
        "task_queue_sid": task.task_queue_sid,
        "worker_sid": worker.sid,
        "worker_attributes": worker.attributes,
        "task_sid": task.sid,
        "task_attributes": task.attributes,
        "task_age": int((unit.now - task.date_created).total_seconds()),
        "task_priority": task.priority,
        "reservation_sid": reservation.sid,
    }
    return CallAssignmentUrl(
        workspace_sid=workspace.sid,
        account_sid=workspace.account_sid,
        reservation_sid=reservation.sid,
        url=workflow.assignment_callback_url,
        fallback_url=workflow.fallback_assignment_callback_url,
        fields=fields,
    )


def hold(unit: UnitOfWork, reservation: Reservation) -> None:
    """The timer of a pending Reservation stands still, until `release` (docs: /docs/taskrouter/api/reservations)."""
    reservation.held_at = unit.now
    unit.add(reservation)  # no change of the Reservation that anybody could see: no new version


def release(unit: UnitOfWork, reservation: Reservation) -> None:
    """The timer of a Reservation goes on where it stood still. For one that is not held: nothing happens."""
    if reservation.held_at is None:
        return
    reservation.expires_at += unit.now - reservation.held_at
    reservation.held_at = None
    unit.add(reservation)
    unit.deadlines.add(reservation.expires_at, Due.RESERVATION_TIMEOUT, reservation)


def accept(unit: UnitOfWork, reservation: Reservation) -> None:
    """The Worker takes the Task, or takes it over; every other pending Reservation of it is rescinded."""
    task = unit.state.tasks[reservation.task_sid]
    _advance_reservation(unit, reservation, ReservationStep.ACCEPT)
    advance_task(unit, task, TaskStep.ACCEPT)
    task.target_deadline = None
    _limit_assignment(unit, task)
    worker = unit.state.workers[reservation.worker_sid]
    _change_load(unit, worker, reservation, assigned=1)
    event_payloads.report_reservation(unit, EventType.RESERVATION_ACCEPTED, reservation, task)
    activity_sid = single_tasking.assigned_activity(unit.state, task)
    if activity_sid is not None:
        worker_activity.change_activity(unit, worker, activity_sid)
    for other in task.reservations:
        if other.is_pending:
            _end_without_acceptance(unit, other, ReservationStep.RESCIND)
    if task.transfer is not None:
        if task.transfer.is_to_queue:
            task.filter_index = None  # it has left its Workflow's way
        transfers.close(unit, task, task.transfer, TransferStatus.COMPLETE)


def _limit_assignment(unit: UnitOfWork, task: Task) -> None:
    task.assigned_deadline = unit.now + timedelta(seconds=limits.MAX_ASSIGNED_SECONDS)
    unit.deadlines.add(task.assigned_deadline, Due.ASSIGNED_TOO_LONG, task)


def hand_over(
    unit: UnitOfWork, initiator: Reservation, *, to: str, mode: TransferMode, worker: Worker | None
) -> Transfer:
    """Begin a transfer of an assigned Task: a Reservation for the Worker, or without one the Task is pending.

    In a cold one the Worker who hands it over wraps up at once.
    """
    task = unit.state.tasks[initiator.task_sid]
    advance_task(unit, task, TaskStep.RESERVE if worker else TaskStep.TRANSFER)
    transfer = transfers.begin(unit, initiator, to=to, mode=mode)
    task.assigned_deadline = None
    transfers.report(unit, EventType.TASK_TRANSFER_INITIATED, task, transfer, "initiated")
    if mode is TransferMode.COLD:
        leave_task(unit, initiator)
    if worker is not None:
        _make_reservation(unit, task, worker)
    return transfer


def end_transfer(
    unit: UnitOfWork, task: Task, transfer: Transfer, status: TransferStatus, *, reason: str | None = None
) -> None:
    """Nobody has taken the Task over: it stays with whoever has it, and if nobody has any more, it is completed."""
    for reservation in task.reservations:
        if reservation.is_pending:
            _end_without_acceptance(unit, reservation, ReservationStep.CANCEL)
    unit.state.leave(task)
    unit.arrivals.pop(task.sid, None)
    advance_task(unit, task, TaskStep.END_TRANSFER)
    _limit_assignment(unit, task)
    task.paused_until = None
    if transfer.is_to_queue:
        task.task_queue_sid = transfer.initiating_queue_sid
        task.task_queue_entered_date = unit.now if task.task_queue_sid else None
    transfers.close(unit, task, transfer, status, reason=reason)
    task.asks_for_worker = known_worker.is_asked_for(unit.state, task)
    if any(r.is_open for r in task.reservations):
        event_payloads.report_task(unit, EventType.TASK_UPDATED, task, f"Task {task.sid} updated")
    else:
        finish_task(unit, task, TaskStep.COMPLETE, reason=task.reason or REASON_ALL_COMPLETED)


def end_unaccepted(
    unit: UnitOfWork, reservation: Reservation, step: ReservationStep, *, activity_sid: str | None = None
) -> None:
    """A pending Reservation ends without acceptance (reject, time out, cancel); the Task looks for somebody else.

    A Task that is for this Worker whatever they do has nobody else and nothing to wait for: it is canceled
    (docs: /docs/flex/developer/conversations/best-practices). `activity_sid` is where the Worker goes, None to stay.
    """
    _end_without_acceptance(unit, reservation, step, activity_sid=activity_sid)
    task = unit.state.tasks[reservation.task_sid]
    if task.transfer is not None:
        _fail_attempt(unit, task, task.transfer, step)
    elif task.ignore_capacity:
        give_up_target(unit, task)
    elif not any(r.is_open for r in task.reservations):
        advance_task(unit, task, TaskStep.RELEASE)
        if task.target_deadline is not None:  # it did not hold while the Task was reserved, so it may be forgotten
            unit.deadlines.add(task.target_deadline, Due.TARGET_TIMEOUT, task)
        unit.route(task)


def _fail_attempt(unit: UnitOfWork, task: Task, transfer: Transfer, step: ReservationStep) -> None:
    """Somebody did not take the Task over: a Worker's transfer fails, and in a TaskQueue others may have it."""
    if any(r.is_pending for r in task.reservations):
        return
    if not transfer.is_to_queue:
        reason = transfers.reason_of_failure(step)
        end_transfer(unit, task, transfer, TransferStatus.FAILED, reason=reason)
        return
    advance_task(unit, task, TaskStep.RELEASE)
    transfers.note_attempt(unit, task, transfer, step)
    event_payloads.report_task(unit, EventType.TASK_UPDATED, task, f"Task {task.sid} updated")
    unit.route(task)


def give_up_target(unit: UnitOfWork, task: Task) -> None:
    """Cancel a Task that its RoutingTarget, a Worker, will not have."""
    reason = REASON_TARGET_GONE.format(worker_sid=task.routing_target)
    finish_task(unit, task, TaskStep.CANCEL, reason=reason)


def _end_without_acceptance(
    unit: UnitOfWork, reservation: Reservation, step: ReservationStep, *, activity_sid: str | None = None
) -> None:
    """A pending Reservation ends; the Worker goes to the Activity, or back where single tasking took them from."""
    _end(unit, reservation, step)
    goal = activity_sid or single_tasking.activity_before(unit.state, reservation)
    if goal is not None:
        worker_activity.change_activity(unit, unit.state.workers[reservation.worker_sid], goal)


def wrap_up(unit: UnitOfWork, task: Task, reservation: Reservation | None = None) -> None:
    """The Task and its accepted Reservations go into wrap-up, or one of them; capacity stays taken.

    The Task itself does with the last of them, and not while it is handed over.
    """
    accepted = [r for r in task.reservations if r.reservation_status is ReservationStatus.ACCEPTED]
    wrapping = [r for r in accepted if reservation in (None, r)]
    is_last = task.transfer_sid is None and len(wrapping) == len(accepted)
    if is_last:
        advance_task(unit, task, TaskStep.WRAP)
    for each in wrapping:
        _advance_reservation(unit, each, ReservationStep.WRAP)
        _change_load(unit, unit.state.workers[each.worker_sid], each, assigned=-1)
        event_payloads.report_reservation(unit, EventType.RESERVATION_WRAPUP, each, task)
    if is_last:
        event_payloads.report_task(unit, EventType.TASK_WRAPUP, task, f"Task {task.sid} is in wrap-up")


def leave_task(unit: UnitOfWork, reservation: Reservation) -> None:
    """The Worker wraps up and hangs up; with the last one who does, everybody hangs up."""
    task = unit.state.tasks[reservation.task_sid]
    wrap_up(unit, task, reservation)
    if task.assignment_status is TaskStatus.WRAPPING:
        call_legs.hang_up_all(unit, task)
    else:
        call_legs.give_up(unit, task, reservation)


def complete_reservation(unit: UnitOfWork, reservation: Reservation) -> None:
    """The Worker is done with the Task; with the last Reservation the Task is completed, unless it is handed over."""
    task = unit.state.tasks[reservation.task_sid]
    _end(unit, reservation, ReservationStep.COMPLETE)
    if task.transfer_sid is None and not any(r.is_open for r in task.reservations):
        finish_task(unit, task, TaskStep.COMPLETE, reason=task.reason or REASON_ALL_COMPLETED)


def finish_task(unit: UnitOfWork, task: Task, step: TaskStep, *, reason: str | None) -> None:
    """Complete or cancel the Task, and end what it still holds.

    Raises:
        IllegalTransition: the table forbids it; nothing has changed.
    """
    advance_task(unit, task, step)
    unit.state.in_flight -= 1
    unit.state.leave(task)
    unit.arrivals.pop(task.sid, None)
    task.reason = reason
    task.target_deadline = task.assigned_deadline = task.paused_until = None
    if unit.keeps_ended:
        task.removal_deadline = unit.now + timedelta(seconds=limits.ENDED_TASK_KEPT_SECONDS)
        unit.deadlines.add(task.removal_deadline, Due.TASK_REMOVAL, task)
    else:
        unit.ended.append(task)
    end_reservations(unit, task)
    call_legs.hang_up_all(unit, task)
    event_payloads.report_task_end(unit, task, TTL_DESCRIPTION if reason == REASON_TTL else reason)
    task.asks_for_worker = False


def end_reservations(unit: UnitOfWork, task: Task) -> None:
    """End every open Reservation of a Task that goes: pending ones are canceled, the others completed.

    A transfer that is under way fails.
    """
    for reservation in task.reservations:
        if reservation.is_pending:
            _end_without_acceptance(unit, reservation, ReservationStep.CANCEL)
        elif reservation.is_open:
            _end(unit, reservation, ReservationStep.COMPLETE)
    if task.transfer is not None:
        transfers.close(unit, task, task.transfer, TransferStatus.FAILED, reason=transfers.REASON_TASK_ENDED)


def remove_task(unit: UnitOfWork, task: Task) -> None:
    """Forget the Task, its Reservations and its transfers: from now on they are 404."""
    state = unit.state
    state.leave(task)
    state.in_flight -= not task.is_final
    unit.arrivals.pop(task.sid, None)
    call_legs.forget(unit, task)
    for reservation in task.reservations:
        del state.reservations[reservation.sid]
        unit.remove(reservation)
    for transfer in task.transfers:
        del state.transfers[transfer.sid]
        unit.remove(transfer)
    del state.tasks[task.sid]
    unit.remove(task)


def _advance_reservation(unit: UnitOfWork, reservation: Reservation, step: ReservationStep) -> None:
    status = next_reservation_status(reservation.reservation_status, step, sid=reservation.sid)
    reservation.reservation_status = status
    reservation.held_at = None
    reservation.callback = CallbackState.NONE if reservation.callback is CallbackState.NONE else CallbackState.DONE
    unit.touch(reservation)


def _end(unit: UnitOfWork, reservation: Reservation, step: ReservationStep) -> None:
    was_accepted = reservation.reservation_status is ReservationStatus.ACCEPTED
    _advance_reservation(unit, reservation, step)
    worker = unit.state.workers[reservation.worker_sid]
    del unit.state.open_reservations[worker.sid][reservation.sid]
    _change_load(unit, worker, reservation, taken=-1, assigned=-1 if was_accepted else 0)
    task = unit.state.tasks[reservation.task_sid]
    call_legs.give_up(unit, task, reservation)
    event_payloads.report_reservation(unit, _ENDED_AS[step], reservation, task)


def _change_load(
    unit: UnitOfWork, worker: Worker, reservation: Reservation, *, taken: int = 0, assigned: int = 0
) -> None:
    """Count a Reservation in or out of the Worker's channel, and put the Worker where that belongs.

    A new one is a new version of the Worker. Its further steps are not: they change nothing that is stored of the
    Worker, and Twilio's Worker SDK, which counts along, would be at another version than the Worker.
    """
    state = unit.state
    if taken > 0:
        unit.touch(worker)
    channel = worker.channels.get(reservation.task_channel_sid)
    if channel is None:
        return
    channel.taken += taken
    channel.assigned += assigned
    if taken > 0:
        channel.last_reserved, channel.last_reserved_at = reservation.number, reservation.date_created
        unit.touch(channel)
    state.refresh_channel_names(worker, channel)
    state.refresh_worker(worker, only=state.volatile_queues("channel"))
    if taken:
        state.refresh_ready(worker, only=channel if taken < 0 else None)  # a new Reservation puts off every turn
    if taken < 0 or state.is_load_read:  # where an expression reads the load, more of it may mean more to take
        unit.free(worker)


def is_waiting_for_worker(task: Task) -> bool:
    """Whether the Task's TTL still counts: until it is assigned (docs: /docs/taskrouter/api/task)."""
    return task.assignment_status in (TaskStatus.PENDING, TaskStatus.RESERVED)
