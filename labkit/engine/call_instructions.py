"""Instructions that need a telephone, carried out with simulated calls; and what follows from a call's steps.

Docs: /docs/taskrouter/handle-assignment-callbacks, /docs/taskrouter/twiml-queue-calls,
/docs/taskrouter/api/reservations.
What Twilio leaves open, and how it is here:

* Every call to the Worker puts `worker_call_sid` into the Task's attributes as it is made. A conference, once all are
  in it, puts `conference` there too, with its SID and those of the participants' calls.
* Nobody answers, or the line is busy: `reservation.failed`, and the Reservation stays pending until its own timeout. A
  conference that fails after the Worker has answered cancels the Reservation, and the Task looks for somebody else.
* Instructions that cannot be carried out raise an alert and `reservation.failed`. One that comes when the Reservation
  is not pending any more raises the alert only: somebody was quicker.
* A second instruction for a Reservation takes the place of the first, whose calls are hung up.
* The call of a `dequeue` ends, whoever hangs up: in a multitasking Workspace Task and Reservation are wrapping, and
  somebody has to complete them over REST (docs: /docs/taskrouter/lifecycle-task-state); in single tasking they are
  completed. Then the Worker goes to the post-work Activity, all at one moment.
* A conference: wrapping, and the post-work Activity, when the Worker leaves it or everybody has; completed, in single
  tasking, when everybody has. Leaving it ends it for all if `end_conference_on_exit` (the Worker) or
  `end_conference_on_customer_exit` (the customer) says so; neither does by itself.
* The end of a `call` changes nothing in TaskRouter, nor does that of a redirected call after acceptance.
* The caller hangs up before the Task is assigned: the Task is canceled, with the reason `hangup`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit import limits
from labkit.attributes import compact_json
from labkit.engine import call_legs, event_payloads, lifecycle, worker_activity
from labkit.engine.call_legs import CallStep
from labkit.engine.effects import Alert
from labkit.engine.instruction_fields import is_address, is_callable
from labkit.engine.instruction_preconditions import Situation, unmet
from labkit.engine.resources import CallLeg, CallOutcome, Party, Reservation, Task
from labkit.engine.states import ReservationStep, TaskStep
from labkit.engine.unit_of_work import UnitOfWork
from labkit.error_codes import ErrorCode
from labkit.vocabulary import CallStatus, EventType, Instruction, ReservationStatus, Sid

REASON_HANGUP = "hangup"


def carry_out(
    unit: UnitOfWork, reservation: Reservation, instruction: Instruction, fields: Mapping[str, Any]
) -> Alert | None:
    """Begin what the instruction asks for.

    Args:
        fields: its own, checked by `instructions.py`.

    Returns:
        The alert that was raised because it cannot be done; then nothing has changed.
    """
    situation = Situation(unit.state, reservation, instruction, fields)
    problem = unmet(situation)
    if problem is not None:
        if reservation.is_pending:
            event_payloads.report_reservation(unit, EventType.RESERVATION_FAILED, reservation, situation.task)
        return unit.alert(*problem, resource_sid=reservation.sid)
    if instruction is Instruction.SUPERVISE:
        _call_supervisor(unit, situation)
    elif instruction is not Instruction.REDIRECT:
        _call_worker(unit, situation)
    elif fields.get("accept"):
        lifecycle.accept(unit, reservation)
    return None


def _call_worker(unit: UnitOfWork, situation: Situation) -> None:
    fields, task, reservation = situation.fields, situation.task, situation.reservation
    call_legs.give_up(unit, task, reservation)
    lifecycle.release(unit, reservation)
    leg = call_legs.dial(
        unit,
        task,
        to=situation.to,
        ring_seconds=fields.get("timeout", limits.DEFAULT_RING_SECONDS),
        from_=situation.from_,
        party=Party.WORKER,
        reservation_sid=reservation.sid,
        instruction=situation.instruction,
        accepts=situation.instruction is not Instruction.CALL or fields.get("accept", False),
        post_work_activity_sid=fields.get("post_work_activity_sid"),
        ends_conference=fields.get("end_conference_on_exit", False),
        muted=fields.get("muted", False),
        customer_ends_conference=fields.get("end_conference_on_customer_exit", False),
    )
    _write(unit, task, worker_call_sid=leg.call_sid)
    if situation.instruction is Instruction.CONFERENCE:
        lifecycle.hold(unit, reservation)


def _call_supervisor(unit: UnitOfWork, situation: Situation) -> None:
    call_legs.dial(
        unit,
        situation.task,
        to=situation.supervisor_contact,
        from_=situation.task.scope["from"],
        party=Party.SUPERVISOR,
        reservation_sid=situation.reservation.sid,
        instruction=situation.instruction,
        supervisor_mode=situation.fields.get("supervisor_mode", "monitor"),
    )


def _write(unit: UnitOfWork, task: Task, **values: Any) -> None:
    """Put values into the attributes of a Task that does not wait."""
    task.scope = {**task.scope, **values}
    task.attributes = compact_json(task.scope)
    unit.touch(task)
    event_payloads.report_task(unit, EventType.TASK_UPDATED, task, f"Task {task.sid} updated")


# --- what follows from a call's steps --------------------------------------------------------------------------------

_UNANSWERED = {CallOutcome.BUSY: CallStep.REFUSE, CallOutcome.NO_ANSWER: CallStep.GIVE_UP}


def call_due(unit: UnitOfWork, leg: CallLeg) -> None:
    """The outcome of a ringing call comes about, or a call has gone on for as long as was said."""
    task = unit.state.tasks[leg.task_sid]
    if leg.status is CallStatus.IN_PROGRESS:
        end(unit, leg)
    elif leg.instruction is Instruction.CONFERENCE and not is_callable(leg.to):
        call_legs.take(unit, leg, CallStep.CANCEL)
        _fail_set_up(unit, task, leg, code=ErrorCode.NO_PHONE_NUMBER)
    elif leg.outcome is CallOutcome.ANSWERED:
        _answered(unit, task, leg)
    else:
        if leg.outcome is CallOutcome.HANGUP and (caller := _caller(task)) is not None:
            end(unit, caller)
        if leg.is_live:  # it is not, if the Task was canceled because the caller has hung up
            _not_answered(unit, task, leg, _UNANSWERED.get(leg.outcome, CallStep.CANCEL))


def end(unit: UnitOfWork, leg: CallLeg) -> None:
    """Somebody hangs up, or a call is over.

    Raises:
        IllegalTransition: it is over already.
    """
    task = unit.state.tasks[leg.task_sid]
    if leg.status is CallStatus.RINGING:
        _not_answered(unit, task, leg, CallStep.CANCEL)
        return
    call_legs.take(unit, leg, CallStep.END)
    bridge = _bridge(unit, task, leg)
    if leg.party is Party.CUSTOMER and lifecycle.is_waiting_for_worker(task):
        lifecycle.finish_task(unit, task, TaskStep.CANCEL, reason=REASON_HANGUP)
    elif bridge is not None and leg.party is not Party.SUPERVISOR:
        _left(unit, task, bridge, leg)


def _caller(task: Task) -> CallLeg | None:
    """The customer who is on the line."""
    return next(
        (leg for leg in task.legs if leg.party is Party.CUSTOMER and leg.status is CallStatus.IN_PROGRESS), None
    )


def _bridge(unit: UnitOfWork, task: Task, leg: CallLeg) -> CallLeg | None:
    """The Worker's call that this one is, or was, connected to; a `call` is connected to nobody."""
    if leg.party is Party.WORKER:
        return leg if leg.instruction in (Instruction.DEQUEUE, Instruction.CONFERENCE) else None
    joined = _joined(unit, task)
    return joined[-1] if joined else None


def _joined(unit: UnitOfWork, task: Task) -> list[CallLeg]:
    """The calls of Workers who were connected to the customer, and have not ended their Reservation."""
    return [
        each
        for each in task.legs
        if each.party is Party.WORKER and each.instruction in (Instruction.DEQUEUE, Instruction.CONFERENCE)
        if each.status in (CallStatus.IN_PROGRESS, CallStatus.COMPLETED)
        if unit.state.reservations[each.reservation_sid].is_open
    ]


def _answered(unit: UnitOfWork, task: Task, leg: CallLeg) -> None:
    call_legs.take(unit, leg, CallStep.ANSWER)
    if leg.instruction is Instruction.CONFERENCE:
        _join(unit, task, leg)
    elif leg.accepts:
        _accept(unit, leg)


def _accept(unit: UnitOfWork, leg: CallLeg) -> None:
    """Unless it was accepted meanwhile over REST."""
    reservation = unit.state.reservations[leg.reservation_sid]
    if reservation.is_pending:
        lifecycle.accept(unit, reservation)


def _join(unit: UnitOfWork, task: Task, leg: CallLeg) -> None:
    """The Worker is in the conference: now the customer. Then both are: the Reservation is accepted."""
    worker_leg = leg if leg.party is Party.WORKER else _bridge(unit, task, leg)
    if worker_leg is None:
        raise AssertionError("a customer was called for a conference without a Worker")
    caller = _caller(task)
    if caller is None:
        _call_customer(unit, task, worker_leg)
        return
    caller.ends_conference = worker_leg.customer_ends_conference
    unit.touch(caller)
    _accept(unit, worker_leg)
    participants = {"worker": worker_leg.call_sid, "customer": caller.call_sid}
    _write(unit, task, conference={"sid": _conference_sid(task), "participants": participants})


def _conference_sid(task: Task) -> str:
    """A conference is named by the Task's SID, so its own SID follows from that."""
    return f"{Sid.CONFERENCE}{task.sid.removeprefix(Sid.TASK)}"


def _call_customer(unit: UnitOfWork, task: Task, worker_leg: CallLeg) -> None:
    outbound_to = task.scope.get("outbound_to")
    if not is_address(outbound_to):
        _fail_set_up(unit, task, worker_leg, code=ErrorCode.NO_PHONE_NUMBER)
        return
    call_legs.dial(
        unit,
        task,
        to=outbound_to,
        from_=worker_leg.from_,
        party=Party.CUSTOMER,
        reservation_sid=worker_leg.reservation_sid,
        instruction=Instruction.CONFERENCE,
    )


def _fail_set_up(unit: UnitOfWork, task: Task, leg: CallLeg, *, code: ErrorCode | None = None) -> None:
    """There will be no conference, for one of the two cannot be had. Of an accepted Reservation that is no matter."""
    reservation = unit.state.reservations[leg.reservation_sid]
    if reservation.is_pending:
        reservation.canceled_reason_code = code and int(code)
        event_payloads.report_reservation(unit, EventType.RESERVATION_FAILED, reservation, task)
        lifecycle.end_unaccepted(unit, reservation, ReservationStep.CANCEL)


def _not_answered(unit: UnitOfWork, task: Task, leg: CallLeg, step: CallStep) -> None:
    call_legs.take(unit, leg, step)
    if leg.party is Party.CUSTOMER:
        _fail_set_up(unit, task, leg)
        return
    reservation = unit.state.reservations[leg.reservation_sid]
    if leg.party is Party.WORKER and reservation.is_pending:
        event_payloads.report_reservation(unit, EventType.RESERVATION_FAILED, reservation, task)
        lifecycle.release(unit, reservation)


def _left(unit: UnitOfWork, task: Task, worker_leg: CallLeg, leg: CallLeg) -> None:
    """One of the two who were connected is gone."""
    if unit.state.reservations[worker_leg.reservation_sid].is_pending:
        _fail_set_up(unit, task, worker_leg)  # the Worker hung up while the customer was being called
        return
    over = worker_leg.instruction is Instruction.DEQUEUE or leg.ends_conference or not _talking(task)
    others = _others(unit, task, worker_leg) if over else []
    if over:
        call_legs.hang_up_all(unit, task)
    if over or leg is worker_leg:
        _close(unit, task, worker_leg, over=over)
    for other in others:
        _close(unit, task, other, over=over)


def _others(unit: UnitOfWork, task: Task, worker_leg: CallLeg) -> list[CallLeg]:
    """The calls of other Workers in the conference, who have taken the Task over, or have handed it over."""
    return [
        each
        for each in _joined(unit, task)
        if each is not worker_leg and each.is_live
        if not unit.state.reservations[each.reservation_sid].is_pending
    ]


def _talking(task: Task) -> bool:
    """Whether anybody but a Supervisor is still there."""
    return any(leg.is_live for leg in task.legs if leg.party is not Party.SUPERVISOR)


def _close(unit: UnitOfWork, task: Task, worker_leg: CallLeg, *, over: bool) -> None:
    """The Worker has nothing more to say (docs: …/handle-assignment-callbacks, post_work_activity_sid)."""
    reservation = unit.state.reservations[worker_leg.reservation_sid]
    multitasking = unit.state.workspace.multi_task_enabled
    wraps = multitasking or worker_leg.instruction is Instruction.CONFERENCE
    to_wrap = reservation.reservation_status is ReservationStatus.ACCEPTED
    activity_sid = worker_leg.post_work_activity_sid or ""
    if to_wrap and wraps:
        lifecycle.wrap_up(unit, task, reservation)
    if over and not multitasking and reservation.is_open:
        lifecycle.complete_reservation(unit, reservation)
    if to_wrap and activity_sid in unit.state.activities:  # it may have been deleted meanwhile
        worker_activity.change_activity(unit, unit.state.workers[reservation.worker_sid], activity_sid)
