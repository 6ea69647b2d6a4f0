"""Reservations, and what becomes of their assignment callbacks.

Docs: /docs/taskrouter/api/reservations, /docs/taskrouter/handle-assignment-callbacks.
"""

from __future__ import annotations

from labkit.engine import call_instructions, callback_pauses, lifecycle
from labkit.engine import commands as c
from labkit.engine.effects import Alert
from labkit.engine.handlers.common import find, find_activity
from labkit.engine.instruction_preconditions import Situation, is_not_for_transfer, lacks_call
from labkit.engine.refusals import InvalidParameter, NotInTransfer, TaskWithoutCall
from labkit.engine.resources import CallbackState, Reservation
from labkit.engine.states import ReservationStep, next_reservation_status
from labkit.engine.unit_of_work import UnitOfWork, check_version
from labkit.vocabulary import Instruction, ReservationStatus

_STEPS: dict[str, ReservationStep] = {
    ReservationStatus.ACCEPTED: ReservationStep.ACCEPT,
    ReservationStatus.REJECTED: ReservationStep.REJECT,
    ReservationStatus.CANCELED: ReservationStep.CANCEL,
    ReservationStatus.WRAPPING: ReservationStep.WRAP,
    ReservationStatus.COMPLETED: ReservationStep.COMPLETE,
}
"""What an update of `reservation_status` may ask for."""


def update(unit: UnitOfWork, command: c.UpdateReservation) -> Reservation:
    """Take the step that the new status names.

    Raises:
        ReservationGone: it was rescinded.
        IllegalTransition: it is not in a status from which this step leads on.
    """
    reservation = find(unit.state.reservations, command.sid)
    check_version(reservation, command.if_match)
    status = command.changes.get("reservation_status")
    activity_sid = command.changes.get("worker_activity_sid")
    if activity_sid:
        find_activity(unit, activity_sid, parameter="WorkerActivitySid")
    if status is None:
        return reservation
    step = _STEPS.get(status)
    if step is None:
        raise InvalidParameter(
            "ReservationStatus", f"{status[:64]!r} cannot be asked for; ask for one of {', '.join(_STEPS)}"
        )
    _take(unit, reservation, step, activity_sid)
    return reservation


def _take(unit: UnitOfWork, reservation: Reservation, step: ReservationStep, activity_sid: str | None) -> None:
    next_reservation_status(reservation.reservation_status, step, sid=reservation.sid)
    if step is ReservationStep.ACCEPT:
        lifecycle.accept(unit, reservation)
    elif step is ReservationStep.WRAP:
        lifecycle.leave_task(unit, reservation)
    elif step is ReservationStep.COMPLETE:
        lifecycle.complete_reservation(unit, reservation)
    else:
        lifecycle.end_unaccepted(unit, reservation, step, activity_sid=activity_sid)


def instruct(unit: UnitOfWork, command: c.InstructReservation) -> Reservation:
    """Carry out an instruction that needs a telephone; if that cannot be, there is an alert and no change.

    Raises:
        NotInTransfer: it is none for a Task that is handed over. In the answer to a callback that is an alert, as is
        TaskWithoutCall: it is for a caller, and the Task has none.
    """
    reservation = find(unit.state.reservations, command.sid)
    check_version(reservation, command.if_match)
    situation = Situation(unit.state, reservation, command.instruction, command.changes)
    if is_not_for_transfer(situation):
        raise NotInTransfer(command.instruction)
    if lacks_call(situation):
        raise TaskWithoutCall(command.instruction)
    call_instructions.carry_out(unit, reservation, command.instruction, command.changes)
    return reservation


def answered(unit: UnitOfWork, command: c.AssignmentAnswered) -> Alert | None:
    """Carry out an instruction. If the Reservation is not pending any more, somebody was quicker: nothing happens.

    Returns:
        The alert that was raised, if the instruction needs a telephone and cannot be carried out.
    """
    reservation = unit.state.reservations.get(command.reservation_sid)
    if reservation is None:
        return None
    _callback_is_done(unit, reservation)
    callback_pauses.note_answer(unit, reservation)
    instruction = command.instruction
    if instruction is None:
        return None
    if instruction not in (Instruction.ACCEPT, Instruction.REJECT):
        return call_instructions.carry_out(unit, reservation, instruction, command.fields)
    if reservation.is_pending and instruction is Instruction.ACCEPT:
        lifecycle.accept(unit, reservation)
    elif reservation.is_pending:
        sid = command.fields.get("activity_sid")
        activity_sid = sid if sid in unit.state.activities else None  # it may have been deleted meanwhile
        lifecycle.end_unaccepted(unit, reservation, ReservationStep.REJECT, activity_sid=activity_sid)
    return None


def failed(unit: UnitOfWork, command: c.AssignmentFailed) -> Reservation | None:
    """No URL answered: the Reservation is canceled, and after a pause the Task looks for somebody else."""
    reservation = unit.state.reservations.get(command.reservation_sid)
    if reservation is None:
        return None
    _callback_is_done(unit, reservation)
    if reservation.is_pending:
        callback_pauses.note_failure(unit, reservation)
        lifecycle.end_unaccepted(unit, reservation, ReservationStep.CANCEL)
    return reservation


def _callback_is_done(unit: UnitOfWork, reservation: Reservation) -> None:
    """Remember it, so that a restart does not call again. This is no change of the Reservation: no new version."""
    reservation.callback = CallbackState.DONE
    unit.add(reservation)
