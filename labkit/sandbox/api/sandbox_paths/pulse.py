"""What a lab looks at every second, in one answer: `/_sandbox/pulse`. Which state this is, its time, its faults.

The sandbox's own; TaskRouter has no such path. All of it is in memory, so that it may be asked for often.
"""

from __future__ import annotations

from aiohttp import web

from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths import clock, faults
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.failing_callbacks import failing_callbacks


async def pulse(place: RequestContext, process: SandboxProcess) -> web.Response:
    """`{"generation", "workspaces", "clock", "notices", "faults", "failing_callbacks"}`: the account's Workspaces, each
    SID with its friendly name; the clock as `/_sandbox/clock` has it, what `/_sandbox/health` notices, the faults that
    are on; and each Workflow's SID whose assignment callbacks fail, with a sentence about it."""
    states = [s for s in place.service.states.values() if s.workspace.account_sid == place.account_sid]
    return answer(
        {
            "generation": place.service.generation,
            "workspaces": {state.workspace.sid: state.workspace.friendly_name for state in states},
            "clock": clock.shown(place, process.clock_control),
            "notices": process.notices_for(place),
            "faults": [faults.shown(name, switched) for name, switched in process.webhooks.faults.on.items()],
            "failing_callbacks": failing_callbacks(states, process.webhooks.deliveries),
        }
    )


ROUTES = (Route("GET", "/_sandbox/pulse", pulse, needs=SandboxProcess, for_every_account=True),)
