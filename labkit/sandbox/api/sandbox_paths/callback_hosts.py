"""Who may be called besides this computer: `/_sandbox/callback-hosts`; see `labkit/sandbox/callback_hosts.py`."""

from __future__ import annotations

from aiohttp import web

from labkit.sandbox.api.params import Text, read
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess

_PARAMS = (Text(name="Host", field="host", required=True, longest=253),)


async def allow_host(place: RequestContext, process: SandboxProcess) -> web.Response:
    """Allow callbacks to one more host, such as the tunnel's; link-local and metadata addresses are refused."""
    process.hosts.allow(read(_PARAMS, await read_form(place.request))["host"])
    return answer({"allowed": process.hosts.allowed})


ROUTES = (Route("POST", "/_sandbox/callback-hosts", allow_host, needs=SandboxProcess),)
