"""The service itself: every route of every module in one application, on the address that the settings say."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.netutil import bind_sockets
from tornado.web import Application

from labkit.sandbox import process
from workshop.room import (
    bridge_proxy,
    events_in,
    home_route,
    join_route,
    messages,
    progress_routes,
    sandbox_proxy,
    stream_route,
    taskrouter_proxy,
    wall_routes,
    worker_tokens,
)
from workshop.room.handler import RoomHandler
from workshop.room.keeper import Keeper
from workshop.room.people import BELIEVED_SECONDS, RoomAuth
from workshop.room.room_server import MOST_BODY, RoomServer
from workshop.room.room_settings import RoomSettings
from workshop.room.routes import RoomRoute, pattern
from workshop.room.state import RoomState
from workshop.room.upstream import AccountUpstream, SandboxUpstream, Upstream
from workshop.settings import ROOM, WorkshopError

log = logging.getLogger(__name__)

MODULES = (
    home_route,
    join_route,
    stream_route,
    messages,
    progress_routes,
    taskrouter_proxy,
    sandbox_proxy,
    events_in,
    worker_tokens,
    bridge_proxy,
    wall_routes,
)
"""Each has a table `ROUTES`."""
PING_SECONDS = 20.0
"""Until a page that says nothing is asked whether it is there."""


def routes() -> list[RoomRoute]:
    """Every route of the room."""
    return [route for module in MODULES for route in module.ROUTES]


def application(room: RoomState, settings: RoomSettings) -> Application:
    """The room as a tornado application."""
    auth = RoomAuth(
        api_url=settings.hub_api_url,
        api_token=settings.hub_token.reveal(),
        base_url=settings.prefix,
        oauth_client_id=settings.client_id,
        access_scopes={f"access:services!service={ROOM}"},
        cache_max_age=BELIEVED_SECONDS,
    )
    by_path: dict[str, dict[str, RoomRoute]] = {}
    for route in routes():
        by_path.setdefault(route.path, {})[route.method] = route
    given: dict[str, Any] = {"room": room, "auth": auth}
    specs: list[tuple[str, type, dict[str, Any]]] = [
        (settings.prefix + pattern(path), _served_by(methods), {**given, "routes": methods})
        for path, methods in by_path.items()
    ]
    callback = type("_Callback", (HubOAuthCallbackHandler,), {"hub_auth": auth})
    specs += [(f"{settings.prefix}oauth_callback", callback, {})]
    return Application(
        specs,
        default_handler_class=RoomHandler,  # who does not sign in does not learn which paths there are
        default_handler_args={**given, "routes": {}},
        cookie_secret=secrets.token_bytes(32),
        log_function=_log_request,
        websocket_max_message_size=MOST_BODY,
        websocket_ping_interval=PING_SECONDS,
    )


def _served_by(methods: dict[str, RoomRoute]) -> type[RoomHandler]:
    return next((route.serves for route in methods.values() if route.serves), RoomHandler)


@contextlib.asynccontextmanager
async def serving(upstream: Upstream, settings: RoomSettings) -> AsyncIterator[RoomState]:
    """A room that serves until the end of the block; its settings have the port that it got.

    Raises:
        WorkshopError: the address cannot be listened on.
    """
    try:
        sockets = bind_sockets(settings.port, settings.host)
    except OSError as error:
        raise WorkshopError(f"The room cannot listen on {settings.host}:{settings.port}: {error}.") from None
    room = RoomState.on(upstream, replace(settings, port=sockets[0].getsockname()[1]))
    server = RoomServer(application(room, settings))
    room.events.subscribe(room.membership.note)
    room.events.subscribe(partial(stream_route.tell_all, room))
    server.add_sockets(sockets)
    keeping = asyncio.create_task(Keeper(room).run())
    try:
        yield room
    finally:
        keeping.cancel()
        server.stop()
        room.streams.close()
        await asyncio.gather(keeping, return_exceptions=True)
        await room.wall.close()
        await room.hub.close()
        await server.close_all_connections()
        with contextlib.suppress(OSError):  # a full disk
            room.progress.save()
        await upstream.close()


def upstream_of(settings: RoomSettings) -> Upstream:
    """The account that the settings name: Twilio's, or that of a sandbox which is found or started. Blocks."""
    if settings.account is not None:
        return AccountUpstream(settings.account)
    return SandboxUpstream(partial(process.ensure, settings.folder))


async def run(settings: RoomSettings) -> None:
    """Serve until the process is asked to end; the sandbox ends with it, and its state is kept."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    upstream = await asyncio.to_thread(upstream_of, settings)
    try:
        async with serving(upstream, settings):
            log.info("the room serves %s, and stands on %s", settings.own_url, settings.place)
            await ended.wait()
    finally:
        if upstream.kind == "sandbox":
            await asyncio.to_thread(process.stop, settings.folder)


def _log_request(handler: Any) -> None:
    """Which request was answered how: without its query, and by nobody's token."""
    level = logging.WARNING if handler.get_status() >= 500 else logging.DEBUG
    who = getattr(getattr(handler, "asker", None), "name", "-")
    log.log(level, "%s %s %s by %s", handler.get_status(), handler.request.method, handler.request.path[:200], who)
