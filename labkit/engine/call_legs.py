"""Simulated phone calls: what can happen to one, and when it will.

No telephone is involved, and no TwiML is fetched and no status callback of a call sent. A call rings from the moment it
is made; what becomes of it then, and when, is said beforehand by the Workspace's CallRules (the lab's own
`POST /_sandbox/calls`). Without a rule it is answered after a second and goes on until somebody hangs up or its Task
is wrapped up, completed, canceled or removed.

A Task whose attributes have a `call_sid` brings its caller along: a call in progress, as if it had come by
`<Enqueue>` (docs: /docs/voice/twiml/enqueue).

Like `states.py` this knows no Reservation's life; what follows from a call's step is written in `voice.py`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from labkit import limits
from labkit.engine.deadlines import Due
from labkit.engine.refusals import IllegalTransition
from labkit.engine.resources import CallLeg, CallOutcome, CallRule, Party, Reservation, Task
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import CallStatus, Instruction, Sid, is_sid


class CallStep(StrEnum):
    """What can happen to a call."""

    ANSWER = "answer"
    REFUSE = "refuse"
    """the line is busy"""
    GIVE_UP = "give up"
    """nobody answered in time"""
    CANCEL = "cancel"
    """whoever called hangs up before anybody answered"""
    END = "end"


CALL: dict[CallStatus, dict[CallStep, CallStatus]] = {
    CallStatus.RINGING: {
        CallStep.ANSWER: CallStatus.IN_PROGRESS,
        CallStep.REFUSE: CallStatus.BUSY,
        CallStep.GIVE_UP: CallStatus.NO_ANSWER,
        CallStep.CANCEL: CallStatus.CANCELED,
    },
    CallStatus.IN_PROGRESS: {CallStep.END: CallStatus.COMPLETED},
    CallStatus.COMPLETED: {},
    CallStatus.BUSY: {},
    CallStatus.NO_ANSWER: {},
    CallStatus.CANCELED: {},
}


def next_call_status(status: CallStatus, step: CallStep, *, sid: str) -> CallStatus:
    """Where `step` leads the call `sid` from `status`.

    Raises:
        IllegalTransition: the table has no such step from here.
    """
    allowed = CALL[status]
    if step not in allowed:
        raise IllegalTransition(f"Cannot {step} call {sid} because it is {status}")
    return allowed[step]


def take(unit: UnitOfWork, leg: CallLeg, step: CallStep) -> None:
    """Take a step of the call's life through the table.

    Raises:
        IllegalTransition: the table forbids it; nothing has changed.
    """
    leg.status = next_call_status(leg.status, step, sid=leg.call_sid)
    leg.due_at = None
    if step is CallStep.ANSWER and leg.ends_after_seconds is not None:
        _due_in(unit, leg, leg.ends_after_seconds)
    unit.touch(leg)


def dial(
    unit: UnitOfWork, task: Task, *, to: str, ring_seconds: int = limits.DEFAULT_RING_SECONDS, **fields: Any
) -> CallLeg:
    """Make a call for a Task; it rings, and what becomes of it is settled now.

    Args:
        to: the address.
        ring_seconds: nobody answers later than that.
        fields: of the CallLeg.
    """
    rule = rule_for(unit, to)
    patient = rule.outcome is not CallOutcome.NO_ANSWER and rule.answer_after_seconds <= ring_seconds
    leg = CallLeg(
        **unit.new_record_fields(Sid.CALL),
        task_sid=task.sid,
        to=to,
        outcome=rule.outcome if patient else CallOutcome.NO_ANSWER,
        ends_after_seconds=rule.ends_after_seconds,
        **fields,
    )
    _due_in(unit, leg, rule.answer_after_seconds if patient else ring_seconds)
    return _keep(unit, task, leg)


def caller_arrives(unit: UnitOfWork, task: Task) -> None:
    """If the Task's attributes name a call, it is in progress from now on."""
    call_sid = task.scope.get("call_sid")
    if task.is_final or not is_sid(call_sid, Sid.CALL) or any(leg.call_sid == call_sid for leg in task.legs):
        return
    for leg in task.legs:
        if not leg.reservation_sid:  # the caller of before, if the attributes now name another one
            hang_up(unit, leg)
    born = {**unit.new_record_fields(Sid.CALL), "sid": f"{task.sid}/{call_sid}"}  # several Tasks may name the same call
    leg = CallLeg(
        **born,
        task_sid=task.sid,
        party=Party.CUSTOMER,
        status=CallStatus.IN_PROGRESS,
        to=_word(task, "to"),
        from_=_word(task, "from"),
    )
    _keep(unit, task, leg)


def hang_up(unit: UnitOfWork, leg: CallLeg) -> None:
    """End a live call. For one that is over: nothing happens."""
    if leg.is_live:
        take(unit, leg, CallStep.CANCEL if leg.status is CallStatus.RINGING else CallStep.END)


def hang_up_all(unit: UnitOfWork, task: Task) -> None:
    """The Task is over, so all its calls are."""
    for leg in task.legs:
        hang_up(unit, leg)


def give_up(unit: UnitOfWork, task: Task, reservation: Reservation) -> None:
    """The Reservation is over, so nobody is called for it any more.

    Who talks after a `call` may go on talking, and a customer who is on the line stays there for whoever has the Task
    as well, or is to have it.
    """
    stays = task.transfer_sid is not None or any(each.is_open for each in task.reservations if each is not reservation)
    for leg in task.legs:
        if leg.reservation_sid != reservation.sid or (stays and _is_on_the_line(leg)):
            continue
        if leg.status is CallStatus.RINGING or leg.instruction is not Instruction.CALL:
            hang_up(unit, leg)


def _is_on_the_line(leg: CallLeg) -> bool:
    return leg.party is Party.CUSTOMER and leg.status is CallStatus.IN_PROGRESS


def forget(unit: UnitOfWork, task: Task) -> None:
    """The Task is removed, and its calls with it."""
    for leg in task.legs:
        del unit.state.call_legs[leg.sid]
        unit.remove(leg)
    task.legs.clear()


def rule_for(unit: UnitOfWork, to: str) -> CallRule:
    """What becomes of calls to this address."""
    rules, sid = unit.state.call_rules, unit.state.workspace.sid
    return rules.get(rule_sid(sid, to)) or rules.get(rule_sid(sid, "")) or _default_rule(unit)


def rule_sid(workspace_sid: str, to: str) -> str:
    """The SID of the CallRule for an address."""
    return f"{workspace_sid}/calls/{to}"


def _default_rule(unit: UnitOfWork) -> CallRule:
    sid = unit.state.workspace.sid
    return CallRule(sid=rule_sid(sid, ""), workspace_sid=sid, number=0, date_created=unit.now, date_updated=unit.now)


def _keep(unit: UnitOfWork, task: Task, leg: CallLeg) -> CallLeg:
    task.legs.append(leg)
    unit.state.call_legs[leg.sid] = leg
    return unit.add(leg)


def _due_in(unit: UnitOfWork, leg: CallLeg, seconds: int) -> None:
    leg.due_at = unit.now + timedelta(seconds=seconds)
    unit.deadlines.add(leg.due_at, Due.CALL, leg)


def _word(task: Task, name: str) -> str:
    value = task.scope.get(name)
    return value if isinstance(value, str) else ""
