"""Who is in a Task's simulated conference, and how: held, muted, put out. The browser SDK asks for it, and not REST."""

from __future__ import annotations

from labkit.engine import call_instructions
from labkit.engine import commands as c
from labkit.engine.handlers.common import find_named
from labkit.engine.refusals import NotInConference
from labkit.engine.resources import CallLeg, Party, Task
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import CallStatus, Instruction


def update(unit: UnitOfWork, command: c.UpdateParticipant) -> Task:
    """Hold or mute somebody, or say what their leaving does.

    Raises:
        NotInConference: the two are not in one.
    """
    task, leg = _participant(unit, command.task_sid, command.asking_sid, command.worker_sid)
    for name, value in command.changes.items():
        setattr(leg, name, value)
    unit.touch(leg)
    return task


def kick(unit: UnitOfWork, command: c.KickParticipant) -> Task:
    """End a Worker's call, as if they had hung up themself.

    Raises:
        NotInConference: the two are not in one.
    """
    task, leg = _participant(unit, command.task_sid, command.asking_sid, command.worker_sid)
    call_instructions.end(unit, leg)
    return task


def _participant(unit: UnitOfWork, task_sid: str, asking_sid: str, worker_sid: str) -> tuple[Task, CallLeg]:
    """The Task, and the call of whom it is about, who is in a conference with whoever asks."""
    task = find_named(unit.state.tasks, task_sid, parameter="TaskSid")
    if worker_sid:
        find_named(unit.state.workers, worker_sid, parameter="TargetWorkerSid")
    here = {_whose(unit, leg): leg for leg in task.legs if _is_in_conference(unit, leg)}
    if "" not in here or asking_sid not in here:
        raise NotInConference(f"Worker {asking_sid}", task.sid)
    if worker_sid not in here:
        raise NotInConference(f"Worker {worker_sid}", task.sid)
    return task, here[worker_sid]


def _whose(unit: UnitOfWork, leg: CallLeg) -> str:
    """The Worker's SID; empty for the customer."""
    return unit.state.reservations[leg.reservation_sid].worker_sid if leg.party is Party.WORKER else ""


def _is_in_conference(unit: UnitOfWork, leg: CallLeg) -> bool:
    """The customer is on the line; a Worker has answered an instruction for a conference, and has accepted."""
    if leg.status is not CallStatus.IN_PROGRESS or leg.party is Party.SUPERVISOR:
        return False
    if leg.party is Party.CUSTOMER:
        return True
    reservation = unit.state.reservations[leg.reservation_sid]
    return leg.instruction is Instruction.CONFERENCE and reservation.is_open and not reservation.is_pending
