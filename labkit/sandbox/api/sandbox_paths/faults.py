"""Faults: `/_sandbox/faults` lists them and switches them on and off.

The sandbox's own; TaskRouter has no such path. What each does stands in `labkit/sandbox/faults.py`.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.params import Choice, Number, read
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.faults import FAULTS, MOST_SECONDS, SECONDS, FaultName, Faults, Switched

_SWITCH = (
    Choice(name="Name", field="name", options=FaultName),
    Number(name="Probability", field="probability", most=1.0, required=True),
    Number(name="Seconds", field="seconds", most=MOST_SECONDS),
)


async def list_faults(_: RequestContext, process: SandboxProcess) -> web.Response:
    """All there are, those that are on with their probability."""
    return answer(_shown(process.webhooks.faults))


async def switch(place: RequestContext, process: SandboxProcess) -> web.Response:
    """Switch `Name` to `Probability`, of which 0 is off; without a name, 0 switches all off."""
    _switch(process.webhooks.faults, read(_SWITCH, await read_form(place.request)))
    return answer(_shown(process.webhooks.faults))


ROUTES = (
    Route("GET", "/_sandbox/faults", list_faults, needs=SandboxProcess, for_every_account=True),
    Route("POST", "/_sandbox/faults", switch, needs=SandboxProcess),
)


def _switch(faults: Faults, given: dict[str, Any]) -> None:
    name, probability, seconds = given.get("name"), given["probability"], given.get("seconds")
    if probability is None:
        raise InvalidParameter("Probability", "it is empty; give a number from 0 (off) to 1 (always)")
    if not probability:
        faults.switch_off(name)
        return
    if name is None:
        raise InvalidParameter("Name", f"say which fault to switch on: one of {', '.join(FaultName)}")
    if seconds is not None and not FAULTS[name].timed:
        timed = ", ".join(each for each, fault in FAULTS.items() if fault.timed)
        raise InvalidParameter("Seconds", f"{name} has none; those that have are {timed}")
    before = faults.on.get(name)
    kept = before.seconds if before is not None else SECONDS
    faults.switch_on(name, Switched(probability=probability, seconds=kept if seconds is None else seconds))


def _shown(faults: Faults) -> dict[str, Any]:
    on = faults.on
    return {"faults": [shown(name, on.get(name)) for name in FAULTS]}


def shown(name: FaultName, switched: Switched | None) -> dict[str, Any]:
    """A fault, on or off, as a document."""
    fault = FAULTS[name]
    return {
        "name": name,
        "strikes": sorted(fault.strikes),
        "does": fault.does,
        "probability": switched.probability if switched else 0.0,
        "seconds": (switched.seconds if switched else SECONDS) if fault.timed else None,
    }
