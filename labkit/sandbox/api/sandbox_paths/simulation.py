"""The contact centre that lives: `/_sandbox/simulation`. How it stands; start, pause, stop, take a Worker over.

The sandbox's own; TaskRouter has no such path. There is one simulation, as there is one clock. It is held by
`/_sandbox/clock` with everything else, and goes on when time does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from aiohttp import web

from labkit.engine.refusals import InvalidParameter, MissingParameter
from labkit.engine.resources import Reservation, Worker
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import ArgumentError
from labkit.sandbox.api.params import Choice, Form, Number, Param, Text, Texts, WholeNumber, read, without_blanks
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.clock import exactly
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.simulation import Run, RunPlan, Simulation, names_of
from labkit.simulation.contact_centre import ContactCentre
from labkit.simulation.living_limits import MOST, MOST_SPEED, MOST_WORKERS
from labkit.vocabulary import ReservationStatus, wire_name

_CAN_BE_NONE = frozenset({"patience_seconds", "break_every_seconds"})
"""Given as nothing, they mean that callers wait for ever, or that there are no breaks."""


class SimulationAction(StrEnum):
    """What a POST may ask for."""

    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    TAKE_OVER = "take_over"
    GIVE_BACK = "give_back"


_ACTION = (Choice(name="Action", field="action", options=SimulationAction, required=True),)
_WORKER = (Text(name="Worker", field="worker", required=True),)
_PLACE = (
    Text(name="WorkspaceSid", field="workspace_sid", required=True),
    Text(name="WorkflowSid", field="workflow_sid", required=True),
)
_WORKERS: tuple[Param, ...] = (
    WholeNumber(name="Workers", field="count", least=1, most=MOST_WORKERS),
    Texts(name="WorkerName", field="names"),
)
_CENTRE: tuple[Param, ...] = (
    *(Number(name=wire_name(name), field=name, most=most) for name, most in MOST.items()),
    Text(name="Arrivals", field="arrivals", filled=True),
)
_HOW = (WholeNumber(name="Seed", field="seed"), Number(name="Speed", field="speed", least=1.0, most=MOST_SPEED))

_DOING = {
    ReservationStatus.PENDING: "ringing",
    ReservationStatus.ACCEPTED: "talking",
    ReservationStatus.WRAPPING: "wrapping up",
}


async def look(place: RequestContext, simulation: Simulation) -> web.Response:
    """How it stands."""
    return answer(_shown(place, simulation))


async def change(place: RequestContext, simulation: Simulation) -> web.Response:
    """Carry out `Action`: `start` takes the Workspace, the Workflow and the settings, or goes on with what is held;
    `take_over` and `give_back` take a `Worker`, by name or SID. How it stands afterwards."""
    form = await read_form(place.request)
    action = read(_ACTION, form)["action"]
    if action is SimulationAction.START:
        await _start(place, simulation, form)
    elif action is SimulationAction.PAUSE:
        await simulation.pause()
    elif action is SimulationAction.STOP:
        await simulation.stop()
    elif action is SimulationAction.TAKE_OVER:
        simulation.take_over(read(_WORKER, form)["worker"])
    else:
        await simulation.give_back(read(_WORKER, form)["worker"])
    return answer(_shown(place, simulation))


ROUTES = (
    Route("GET", "/_sandbox/simulation", look, needs=Simulation),
    Route("POST", "/_sandbox/simulation", change, needs=Simulation),
)


async def _start(place: RequestContext, simulation: Simulation, form: Form) -> None:
    where, how = read(_PLACE, form), without_blanks(read(_HOW, form))
    state = place.service.states.get(where["workspace_sid"])
    if state is not None and state.workspace.account_sid != place.account_sid:
        raise InvalidParameter("WorkspaceSid", f"there is no Workspace {where['workspace_sid'][:64]!r}")
    centre, speed = _centre(form), how.pop("speed", None)
    plan = RunPlan(**where, **how, workers=_workers(form), centre=centre)
    await simulation.start(plan, speed=speed or _day_in_a_minute(centre))


def _day_in_a_minute(centre: ContactCentre) -> float:
    return max(1.0, centre.hours * 60)


def _centre(form: Form) -> ContactCentre:
    given = read(_CENTRE, form)
    try:
        return ContactCentre(**{name: value for name, value in given.items() if _counts(name, value)})
    except ArgumentError as error:
        name = next((name for name in given if str(error).startswith(name)), "Arrivals")
        raise InvalidParameter(wire_name(name), str(error).rstrip(".")) from None


def _counts(name: str, value: Any) -> bool:
    return value is not None or name in _CAN_BE_NONE


def _workers(form: Form) -> list[str]:
    given = read(_WORKERS, form)
    names = given.get("names") or names_of(given.get("count") or 0)
    if not names:
        raise MissingParameter("Workers")
    if len(names) > MOST_WORKERS or not all(map(str.strip, names)):
        raise InvalidParameter("WorkerName", f"1 to {MOST_WORKERS} names are needed, none of them empty")
    if len({name.casefold() for name in names}) < len(names):
        raise InvalidParameter("WorkerName", "each is given once")
    return names


# --- how it stands ----------------------------------------------------------------------------------------------------


def _shown(place: RequestContext, simulation: Simulation) -> dict[str, Any]:
    run, plan = simulation.run, simulation.plan
    state = None if run is None else place.service.states.get(run.place.workspace_sid)
    return {
        "state": simulation.state,
        "note": simulation.note,
        "now": exactly(place.service.clock.now()),
        "speed": simulation.speed,
        "began": None if run is None else exactly(run.began),
        "ends": None if run is None else exactly(run.ends),
        "workspace_sid": None if run is None else run.place.workspace_sid,
        "workspace_name": None if state is None else state.workspace.friendly_name,
        "settings": None if plan is None else _settings(plan),
        "figures": None if simulation.figures is None else simulation.figures.shown(),
        "made": simulation.made,
        "workers": [] if run is None or state is None or run.over else list(_people(run, state)),
    }


def _settings(plan: RunPlan) -> dict[str, Any]:
    numbers = {name: getattr(plan.centre, name) for name in MOST}
    return {**numbers, "arrivals": plan.centre.arrivals, "workers": list(plan.workers), "seed": plan.seed}


def _people(run: Run, state: WorkspaceState) -> Iterator[Mapping[str, Any]]:
    for person in run.people.values():
        worker = state.workers.get(person.sid)
        if worker is not None:
            yield _person(run, state, worker)


def _person(run: Run, state: WorkspaceState, worker: Worker) -> dict[str, Any]:
    reservation = next(iter(state.open_reservations.get(worker.sid, {}).values()), None)
    activity, is_on_break = state.activities[worker.activity_sid], worker.activity_sid == run.place.break_sid
    free = "available" if activity.available else "on a break" if is_on_break else "away"
    return {
        "sid": worker.sid,
        "name": worker.friendly_name,
        "activity": activity.friendly_name,
        "doing": free if reservation is None else _DOING[reservation.reservation_status],
        "since": exactly(_since(run, worker, reservation)),
        "taken_over": not run.model.workers[worker.sid].plays_itself,
        "made": run.people[worker.sid].is_made,
    }


def _since(run: Run, worker: Worker, reservation: Reservation | None) -> datetime:
    if reservation is not None:
        return reservation.date_updated
    free_since = run.began + timedelta(seconds=run.model.workers[worker.sid].free_since)
    return max(worker.date_status_changed, free_since)
