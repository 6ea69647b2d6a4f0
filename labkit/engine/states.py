"""The life cycles of Tasks and Reservations: which step leads where, and nothing else.

Two rules for whoever changes this file. Every change of a status goes through a table here, before anything else is
touched; a step that is not in the table is refused and changes nothing. And the tables know no clock, no Worker and no
queue: what follows from a step is written in `lifecycle.py`.

Docs: /docs/taskrouter/lifecycle-task-state, /docs/taskrouter/api/task, /docs/taskrouter/api/reservations.
"""

from __future__ import annotations

from enum import StrEnum

from labkit.engine.refusals import IllegalTransition, ReservationGone
from labkit.vocabulary import ReservationStatus as R
from labkit.vocabulary import TaskStatus as T


class TaskStep(StrEnum):
    """What can happen to a Task."""

    RESERVE = "reserve"
    """a Reservation is made"""
    RELEASE = "release"
    """its last open Reservation ended without acceptance"""
    ACCEPT = "accept"
    """a Reservation is accepted"""
    TRANSFER = "transfer"
    """whoever has it hands it over to a TaskQueue"""
    END_TRANSFER = "end transfer"
    """nobody took it over: it is assigned as before"""
    WRAP = "wrap up"
    COMPLETE = "complete"
    CANCEL = "cancel"


class ReservationStep(StrEnum):
    """What can happen to a Reservation."""

    ACCEPT = "accept"
    REJECT = "reject"
    EXPIRE = "time out"
    CANCEL = "cancel"
    RESCIND = "rescind"
    WRAP = "wrap up"
    COMPLETE = "complete"


TASK: dict[T, dict[TaskStep, T]] = {
    T.PENDING: {TaskStep.RESERVE: T.RESERVED, TaskStep.END_TRANSFER: T.ASSIGNED, TaskStep.CANCEL: T.CANCELED},
    T.RESERVED: {
        TaskStep.RELEASE: T.PENDING,
        TaskStep.ACCEPT: T.ASSIGNED,
        TaskStep.END_TRANSFER: T.ASSIGNED,
        TaskStep.CANCEL: T.CANCELED,
    },
    T.ASSIGNED: {
        TaskStep.RESERVE: T.RESERVED,
        TaskStep.TRANSFER: T.PENDING,
        TaskStep.WRAP: T.WRAPPING,
        TaskStep.COMPLETE: T.COMPLETED,
    },
    T.WRAPPING: {TaskStep.COMPLETE: T.COMPLETED},
    T.COMPLETED: {},
    T.CANCELED: {},
}

RESERVATION: dict[R, dict[ReservationStep, R]] = {
    R.PENDING: {
        ReservationStep.ACCEPT: R.ACCEPTED,
        ReservationStep.REJECT: R.REJECTED,
        ReservationStep.EXPIRE: R.TIMEOUT,
        ReservationStep.CANCEL: R.CANCELED,
        ReservationStep.RESCIND: R.RESCINDED,
    },
    R.ACCEPTED: {ReservationStep.WRAP: R.WRAPPING, ReservationStep.COMPLETE: R.COMPLETED},
    R.WRAPPING: {ReservationStep.COMPLETE: R.COMPLETED},
    R.REJECTED: {},
    R.TIMEOUT: {},
    R.CANCELED: {},
    R.RESCINDED: {},
    R.COMPLETED: {},
}

_LEADS_TO = {step: following for row in RESERVATION.values() for step, following in row.items()}
"""Whatever the status before."""

_WHERE = "task {task} in workspace {workspace} for account {account}"
TASK_REFUSALS: dict[TaskStep, str] = {
    TaskStep.COMPLETE: f"Cannot complete {_WHERE} because it is not currently assigned.",
    TaskStep.WRAP: f"Cannot wrap up a {_WHERE} because it's not currently assigned",
    TaskStep.CANCEL: f"Cannot cancel {_WHERE} because it is not pending or reserved.",
}


def next_task_status(status: T, step: TaskStep, *, task: str, workspace: str, account: str) -> T:
    """Where `step` leads a Task from `status`.

    Args:
        status: the Task's now.
        step: what happens.
        task, workspace, account: their SIDs, for the sentence of the refusal.

    Raises:
        IllegalTransition: the table has no such step from here.
    """
    allowed = TASK[status]
    if step not in allowed:
        sentence = TASK_REFUSALS.get(step, f"Cannot {step} a task that is {status}")
        raise IllegalTransition(sentence.format(task=task, workspace=workspace, account=account))
    return allowed[step]


def next_reservation_status(status: R, step: ReservationStep, *, sid: str) -> R:
    """Where `step` leads the Reservation `sid` from `status`.

    Raises:
        ReservationGone: it was rescinded, and somebody wants to accept or reject it.
        IllegalTransition: the table has no such step from here.
    """
    allowed = RESERVATION[status]
    if step in allowed:
        return allowed[step]
    if status is R.RESCINDED:
        raise ReservationGone(sid)
    raise IllegalTransition(
        f"Reservation {sid} is already in state [{status}] and cannot be updated to [{_LEADS_TO[step]}]"
    )
