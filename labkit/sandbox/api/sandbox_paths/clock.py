"""The clock: `/_sandbox/clock`. What time it is, what is due next; on by some seconds, to the next deadline, held.

The sandbox's own; TaskRouter has no such path. There is one clock for all accounts, but what is due and what happened
is told of the asker's own only.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from aiohttp import web

from labkit.engine.deadlines import Deadline, Due
from labkit.engine.effects import Event
from labkit.engine.refusals import MissingParameter
from labkit.sandbox.api.params import Choice, Number, read
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.clock_control import ClockControl, Played

MOST_SECONDS = 30 * 86_400.0
"""For one move: twice the longest timeout that a Task can have."""
SHOWN = 500
"""Events and deadlines in one answer; beyond that only how many there were."""


class Action(StrEnum):
    """What a POST may ask for."""

    ADVANCE = "advance"
    PAUSE = "pause"
    RESUME = "resume"
    RUN_TO_NEXT = "run_to_next"


_ACTION = (Choice(name="Action", field="action", options=Action, required=True),)
_SECONDS = (Number(name="Seconds", field="seconds", most=MOST_SECONDS),)

_WHAT: dict[Due, str] = {
    Due.RESERVATION_TIMEOUT: "Reservation {} times out",
    Due.TARGET_TIMEOUT: "Task {} leaves its target of the Workflow: that target's timeout is over",
    Due.TASK_TIMEOUT: "Task {} is canceled: its own timeout is over",
    Due.ASSIGNED_TOO_LONG: "Task {} is deleted: it was assigned for a day",
    Due.TASK_REMOVAL: "Task {} is forgotten, 5 minutes after its end",
    Due.CALL: "A simulated call goes on",
    Due.WORKFLOW_PAUSE: "Workflow {} asks its callback URL again, which did not answer",
    Due.TASK_PAUSE: "Task {} is reserved again: its callback was not answered",
}


async def look(place: RequestContext, process: SandboxProcess) -> web.Response:
    """The time, whether it stands still, and what is due next."""
    return answer(shown(place, process.clock_control))


async def move(place: RequestContext, process: SandboxProcess) -> web.Response:
    """Carry out `Action`; `advance` takes `Seconds`. The clock afterwards, and what the move brought about."""
    clock_control, form = process.clock_control, await read_form(place.request)
    action, seconds = read(_ACTION, form)["action"], read(_SECONDS, form).get("seconds")
    if action is Action.ADVANCE and seconds is None:
        raise MissingParameter("Seconds")
    before = clock_control.clock.now()
    played = await _carry_out(clock_control, action, seconds or 0.0)
    moved = (clock_control.clock.now() - before).total_seconds()
    told = None if played is None else _told(place, played)
    return answer({**shown(place, clock_control), "moved_seconds": moved, "played": told})


ROUTES = (
    Route("GET", "/_sandbox/clock", look, needs=SandboxProcess, for_every_account=True),
    Route("POST", "/_sandbox/clock", move, needs=SandboxProcess),
)


async def _carry_out(clock_control: ClockControl, action: Action, seconds: float) -> Played | None:
    if action is Action.PAUSE:
        await clock_control.pause()
    elif action is Action.RESUME:
        await clock_control.resume()
    elif action is Action.ADVANCE:
        return await clock_control.advance(seconds)
    else:
        return await clock_control.run_to_next()
    return Played()


def shown(place: RequestContext, clock_control: ClockControl) -> dict[str, Any]:
    """The time, whether it stands still, how fast it runs if not, and what is due next, as a document."""
    due = clock_control.next
    return {
        "now": exactly(clock_control.clock.now()),
        "paused": clock_control.clock.is_held,
        "speed": clock_control.speed,
        "next": None if due is None else _due(place, due),
    }


def _told(place: RequestContext, played: Played) -> dict[str, Any]:
    deadlines = [_due(place, due) for due in played.deadlines]
    events = [_event(event) for event in played.events if event.account_sid == place.account_sid]
    return {
        "deadlines": deadlines[:SHOWN],
        "deadlines_in_all": len(deadlines),
        "events": events[:SHOWN],
        "events_in_all": len(events),
    }


def _due(place: RequestContext, due: Deadline) -> dict[str, Any]:
    """A deadline; of another account's no more than that there is one. A member is told as little of each."""
    state = place.service.states.get(due.workspace_sid)
    if place.member is not None:
        return {"at": exactly(due.when), "kind": None, "sid": None, "text": "Something is due"}
    if state is None or state.workspace.account_sid != place.account_sid:
        return {"at": exactly(due.when), "kind": None, "sid": None, "text": "Something in another account is due"}
    kind = due.due.name.lower()
    return {"at": exactly(due.when), "kind": kind, "sid": due.sid, "text": _WHAT[due.due].format(due.sid)}


def _event(event: Event) -> dict[str, Any]:
    return {
        "sid": event.sid,
        "type": event.type,
        "at": exactly(event.at),
        "resource_sid": event.resource_sid,
        "description": event.description,
    }


def exactly(moment: datetime) -> str:
    """ISO 8601 to the microsecond: TaskRouter's whole seconds would make a countdown jump."""
    return moment.isoformat()
