"""What a model wants done, and the command of the engine that does it. Each intention is a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from labkit.engine import commands as c
from labkit.simulation.calls import IncomingCall
from labkit.vocabulary import ReservationStatus, TaskStatus

HUNG_UP = "The caller hung up"
"""The reason of the Task that is canceled."""


class CallIn(NamedTuple):
    """A caller calls: create a Task."""

    call: IncomingCall


class Abandon(NamedTuple):
    """A caller has waited too long: cancel the Task."""

    task_sid: str


class Accept(NamedTuple):
    """A Worker answers."""

    worker_sid: str
    reservation_sid: str


class WrapUp(NamedTuple):
    """The call is over, and the Worker works on for it."""

    worker_sid: str
    reservation_sid: str


class Complete(NamedTuple):
    """The Worker is done with the call."""

    worker_sid: str
    reservation_sid: str


class GoOnBreak(NamedTuple):
    """A Worker takes no further Task."""

    worker_sid: str


class BecomeAvailable(NamedTuple):
    """A Worker takes Tasks again."""

    worker_sid: str


Intention = CallIn | Abandon | Accept | WrapUp | Complete | GoOnBreak | BecomeAvailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Where a model's contact centre is: the SIDs that its commands need.

    Attributes:
        workspace_sid: the Workspace.
        workflow_sid: where the Tasks are created.
        available_sid: the Activity of Workers who take Tasks.
        break_sid: the Activity of Workers who have a break.
        task_channel: the TaskChannel of the Tasks, by its SID or unique name.
    """

    workspace_sid: str
    workflow_sid: str
    available_sid: str
    break_sid: str
    task_channel: str = "default"

    def command(self, intention: Intention) -> c.Command:
        """The command that does what is wanted. The engine may refuse it, if somebody else was quicker."""
        return _COMMANDS[type(intention)](self, intention)


def _create(place: Workplace, intention: CallIn) -> c.Command:
    return c.CreateTask(
        workspace_sid=place.workspace_sid,
        workflow_sid=place.workflow_sid,
        attributes=intention.call.attributes_json,
        task_channel=place.task_channel,
    )


def _cancel(place: Workplace, intention: Abandon) -> c.Command:
    changes = {"assignment_status": TaskStatus.CANCELED, "reason": HUNG_UP}
    return c.UpdateTask(workspace_sid=place.workspace_sid, sid=intention.task_sid, changes=changes)


def _reservation(status: ReservationStatus) -> Callable[[Workplace, Any], c.Command]:
    changes: Mapping[str, Any] = {"reservation_status": status}
    return lambda place, intention: c.UpdateReservation(
        workspace_sid=place.workspace_sid, sid=intention.reservation_sid, changes=changes
    )


def _activity(place: Workplace, worker_sid: str, activity_sid: str) -> c.Command:
    changes = {"activity_sid": activity_sid}
    return c.UpdateWorker(workspace_sid=place.workspace_sid, sid=worker_sid, changes=changes)


_COMMANDS: Mapping[type, Callable[[Workplace, Any], c.Command]] = {
    CallIn: _create,
    Abandon: _cancel,
    Accept: _reservation(ReservationStatus.ACCEPTED),
    WrapUp: _reservation(ReservationStatus.WRAPPING),
    Complete: _reservation(ReservationStatus.COMPLETED),
    GoOnBreak: lambda place, intention: _activity(place, intention.worker_sid, place.break_sid),
    BecomeAvailable: lambda place, intention: _activity(place, intention.worker_sid, place.available_sid),
}
