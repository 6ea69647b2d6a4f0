"""The process itself: `/_sandbox/health` says what runs here, and `/_sandbox/stop` ends it."""

from __future__ import annotations

import os

from aiohttp import web

from labkit._version import __version__
from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route, SandboxProcess
from labkit.sandbox.process import APP


async def health(place: RequestContext, process: SandboxProcess) -> web.Response:
    """That this is a sandbox, alive, and of which version."""
    document = {"app": APP, "version": __version__, "pid": os.getpid(), "now": moment(place.now)}
    return answer({**document, "notices": process.notices_for(place)})


async def stop(_: RequestContext, process: SandboxProcess) -> web.Response:
    """End the process, once this is answered."""
    process.stop.set()
    return answer({"stopping": True})


ROUTES = (
    Route("GET", "/_sandbox/health", health, needs=SandboxProcess, for_every_account=True),
    Route("POST", "/_sandbox/stop", stop, needs=SandboxProcess),
)
