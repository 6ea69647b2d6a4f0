"""What a lab looks at every second, in one answer: `/_sandbox/pulse`. Which state this is, its time, its faults.

The sandbox's own; TaskRouter has no such path. All of it is in memory, so that it may be asked for often.
"""

from __future__ import annotations

from aiohttp import web

from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths import clock, faults
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess


async def pulse(place: RequestContext, process: SandboxProcess) -> web.Response:
    """`{"generation", "workspaces", "clock", "notices", "faults"}`: the account's Workspaces, each SID with its
    friendly name; the clock as `/_sandbox/clock` has it, what `/_sandbox/health` notices, the faults that are on."""
    workspaces = (state.workspace for state in place.service.states.values())
    return answer(
        {
            "generation": place.service.generation,
            "workspaces": {w.sid: w.friendly_name for w in workspaces if w.account_sid == place.account_sid},
            "clock": clock.shown(place, process.clock_control),
            "notices": process.notices_for(place),
            "faults": [faults.shown(name, switched) for name, switched in process.webhooks.faults.on.items()],
        }
    )


ROUTES = (Route("GET", "/_sandbox/pulse", pulse, needs=SandboxProcess, for_every_account=True),)
