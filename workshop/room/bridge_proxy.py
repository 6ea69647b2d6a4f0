"""`bridge/…`: the sandbox's event bridge for Workers' own pages. At an account the page speaks to Twilio's own.

A page has no token of the hub: it proves who it is with its Worker's token, which the sandbox looks at. So strangers
reach this, and it passes on nothing but the bridge's one path, a body of bounded size and the few headers that count.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from labkit.vocabulary import EVENT_BRIDGE_PATH
from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotAllowed, NotReachable, NotThere
from workshop.room.routes import OpenTo, RoomRoute
from workshop.room.taskrouter_proxy import pass_back
from workshop.room.upstream import SandboxUpstream, Upstream

PATH = f"bridge{EVENT_BRIDGE_PATH}"
MOST_SOCKETS = 1_000
_PASSED_ON = ("If-Match", "apiversion", "clientversion", "Content-Type")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "apiversion, clientversion, content-type, if-match",
    "Access-Control-Max-Age": "7200",
}
"""As the bridge itself answers: no cookie goes along, so any page may ask that has a token."""


class BridgeHandler(WebSocketHandler, RoomHandler):
    """The bridge's path: REST by POST, and a websocket."""

    sockets = 0
    """How many are open, of all."""

    async def get(self, *_: Any, **__: Any) -> None:
        """Become a websocket, once the sandbox has taken the token; until either end has gone."""
        sandbox = _sandbox_of(self.room.upstream)
        if BridgeHandler.sockets >= MOST_SOCKETS:
            raise NotReachable("The room has as many pages open as it can; try again in a moment")
        BridgeHandler.sockets += 1
        try:
            self._far = await self._other_end(sandbox)
            try:
                await super().get()
            finally:
                await self._far.close()
        finally:
            BridgeHandler.sockets -= 1

    async def _other_end(self, sandbox: SandboxUpstream) -> ClientWebSocketResponse:
        query = {name: self.get_query_argument(name, "")[:20_000] for name in self.request.query_arguments}
        url = f"{sandbox.url}{EVENT_BRIDGE_PATH}?{urlencode(query)}"
        with sandbox.reaching():
            try:
                return await sandbox.session.ws_connect(url, max_msg_size=0)
            except WSServerHandshakeError as error:
                if error.status >= 500:
                    raise
                raise NotAllowed("The Worker's token is not good") from None

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002
        """Any: the token in the address is the proof, and a cookie counts for nothing."""
        return True

    def open(self, *_: str, **__: str) -> None:
        """Both ends are there."""
        self._telling = asyncio.create_task(self._tell())

    async def on_message(self, message: str | bytes) -> None:
        """What the page says, which should say nothing."""
        with contextlib.suppress(ConnectionError):
            await (self._far.send_str(message) if isinstance(message, str) else self._far.send_bytes(message))

    def on_close(self) -> None:
        """The page has gone."""
        self._telling.cancel()

    async def _tell(self) -> None:
        """What the sandbox says, one message after the other: a page that does not read holds up its own alone."""
        with contextlib.suppress(WebSocketClosedError, ConnectionError):
            async for message in self._far:
                if message.type is WSMsgType.TEXT:
                    await self.write_message(message.data)
            self.close(self._far.close_code if self._far.close_code in range(1000, 5000) else 1001)


async def ask_bridge(handler: RoomHandler) -> None:
    """Pass on what a page asks by POST."""
    sandbox = _sandbox_of(handler.room.upstream)
    given = handler.request.headers
    headers = {name: given[name][:200] for name in _PASSED_ON if name in given}
    pass_back(handler, await sandbox.ask_bridge(EVENT_BRIDGE_PATH, bytes(handler.request.body), headers))
    _allow_pages(handler, {"Access-Control-Allow-Origin": "*"})


async def preflight(handler: RoomHandler) -> None:
    """What a browser asks before it lets a page of another origin ask."""
    _sandbox_of(handler.room.upstream)
    _allow_pages(handler, _CORS)
    handler.set_status(204)


def _allow_pages(handler: RoomHandler, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        handler.set_header(name, value)


def _sandbox_of(upstream: Upstream) -> SandboxUpstream:
    if not isinstance(upstream, SandboxUpstream):
        raise NotThere(f"/{PATH}")
    return upstream


ROUTES = (
    RoomRoute(method="GET", path=PATH, handler=BridgeHandler.get, who=OpenTo.STRANGERS, serves=BridgeHandler),
    RoomRoute(method="POST", path=PATH, handler=ask_bridge, who=OpenTo.STRANGERS),
    RoomRoute(method="OPTIONS", path=PATH, handler=preflight, who=OpenTo.STRANGERS),
)
