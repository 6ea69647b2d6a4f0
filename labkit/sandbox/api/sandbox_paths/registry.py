"""The sandbox's own paths, apart from TaskRouter's: `/_sandbox/...`, with the same credentials.

Every module of this package that has a table `ROUTES` is found here, so that a path is added in one file.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from aiohttp import web

from labkit._version import __version__
from labkit.sandbox.api import sandbox_paths
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.params import Text, read
from labkit.sandbox.api.render import answer, moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_form
from labkit.sandbox.api.sandbox_paths import calls, clock, deliveries, faults, pulse, snapshots
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.callback_hosts import CallbackHosts
from labkit.sandbox.clock_control import ClockControl
from labkit.sandbox.process import APP
from labkit.sandbox.store import Snapshots
from labkit.sandbox.webhooks import Webhooks


def declared() -> list[Route[Any]]:
    """Every path that a module of this package declares."""
    modules = [import_module(f"{sandbox_paths.__name__}.{each.name}") for each in iter_modules(sandbox_paths.__path__)]
    return [route for module in modules for route in getattr(module, "ROUTES", ())]


def routes(
    *,
    place_of: Callable[[web.Request], RequestContext],
    stranger: Callable[[web.Request], RequestContext],
    parts: Sequence[object],
) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of each that has what it needs.

    Args:
        place_of: the context of a request of somebody who proves who he is.
        stranger: the same of one who need not.
        parts: what there is for handlers to need, one of a class.
    """
    return [
        (route.method, route.path, _handler(route, needed, stranger if route.for_strangers else place_of))
        for route in declared()
        for needed in parts
        if isinstance(needed, route.needs)
    ]


def _handler(route: Route[Any], needed: object, place_of: Callable[[web.Request], RequestContext]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route.handler(place_of(request), needed)

    return handle


class SandboxPaths:
    """What the lab asks of a sandbox besides TaskRouter's own API.

    Args:
        hosts: who may be called.
        webhooks: the callbacks.
        clock_control: moves the clock.
        stop: set when somebody asks for the end.
        kept: the snapshots; None where there is no place for them.
        notices: what whoever starts a lab should know about this sandbox, in sentences.
    """

    def __init__(
        self,
        hosts: CallbackHosts,
        webhooks: Webhooks,
        *,
        clock_control: ClockControl,
        stop: asyncio.Event,
        kept: Snapshots | None = None,
        notices: Sequence[str] = (),
    ) -> None:
        self._hosts = hosts
        self._webhooks = webhooks
        self._clock_control = clock_control
        self._stop = stop
        self._kept = kept
        self._notices = list(notices)

    def routes(self, place_of: Callable[[web.Request], RequestContext]) -> list[tuple[str, str, Handler]]:
        """(method, path, handler) of every path."""

        async def health(request: web.Request) -> web.Response:
            """That this is a sandbox, alive, and of which version."""
            place = place_of(request)
            document = {"app": APP, "version": __version__, "pid": os.getpid(), "now": moment(place.now)}
            return answer({**document, "notices": self._notices})

        async def allow_host(request: web.Request) -> web.Response:
            """Allow callbacks to one more host, such as the tunnel's."""
            place_of(request)
            params = (Text(name="Host", field="host", required=True, longest=253),)
            self._hosts.allow(read(params, await read_form(request))["host"])
            return answer({"allowed": self._hosts.allowed})

        async def alerts(request: web.Request) -> web.Response:
            """What Twilio's debugger would show for this account, oldest first; see `labkit/sandbox/alert_log.py`."""
            place = place_of(request)
            kept = place.service.alerts.of(place.account_sid)
            return answer({"alerts": [{**asdict(alert), "at": moment(alert.at)} for alert in kept]})

        async def stop(request: web.Request) -> web.Response:
            """End the process, once this is answered."""
            place_of(request)
            self._stop.set()
            return answer({"stopping": True})

        return [
            ("GET", "/_sandbox/health", health),
            ("POST", "/_sandbox/callback-hosts", allow_host),
            ("GET", "/_sandbox/alerts", alerts),
            *calls.routes(place_of),
            *clock.routes(place_of, self._clock_control),
            *deliveries.routes(place_of, self._webhooks),
            *faults.routes(place_of, self._webhooks.faults),
            *pulse.routes(place_of, self._clock_control, self._webhooks.faults),
            *(snapshots.routes(self._kept, place_of) if self._kept is not None else ()),
            ("POST", "/_sandbox/stop", stop),
        ]
