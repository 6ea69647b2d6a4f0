"""What a lab looks at every second, in one answer: `/_sandbox/pulse`. Which state this is, its time, its faults.

The sandbox's own; TaskRouter has no such path. All of it is in memory, so that it may be asked for often.
"""

from __future__ import annotations

from aiohttp import web

from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths import clock, faults
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.failing_callbacks import failing_callbacks


async def pulse(place: RequestContext, process: SandboxProcess) -> web.Response:
    """`{"generation", "workspaces", "clock", "notices", "faults", "failing_callbacks"}`: the account's Workspaces, each
    SID with its friendly name; the clock as `/_sandbox/clock` has it, what `/_sandbox/health` notices, the faults that
    are on; and each Workflow's SID whose assignment callbacks fail, with a sentence about it. A member is told of
    their own Workspace alone, and of no notices and no callbacks, which name addresses of the owner's."""
    states = [s for s in place.service.states.values() if _is_shown(place, s)]
    is_owner = place.member is None
    return answer(
        {
            "generation": place.service.generation,
            "workspaces": {state.workspace.sid: state.workspace.friendly_name for state in states},
            "clock": clock.shown(place, process.clock_control),
            "notices": process.notices_for(place) if is_owner else [],
            "faults": [faults.shown(name, switched) for name, switched in process.webhooks.faults.on.items()],
            "failing_callbacks": failing_callbacks(states, process.webhooks.deliveries) if is_owner else {},
        }
    )


def _is_shown(place: RequestContext, state: WorkspaceState) -> bool:
    workspace, member = state.workspace, place.member
    return workspace.account_sid == place.account_sid and (member is None or workspace.sid == member.workspace_sid)


ROUTES = (Route("GET", "/_sandbox/pulse", pulse, needs=SandboxProcess, for_every_account=True),)
