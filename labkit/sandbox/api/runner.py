"""Serving the routes: what is no HTTP, or cannot be unpacked, is refused in Twilio's form too. The code is ours.

On aiohttp's low-level server (https://docs.aiohttp.org/en/stable/web_lowlevel.html): its application would look for the
route once more.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from aiohttp import web

from labkit.error_codes import ErrorCode
from labkit.sandbox.api.connections import Connections, TimedProtocol
from labkit.sandbox.api.errors import error
from labkit.sandbox.api.router import Router

log = logging.getLogger(__name__)

MAY_WAIT = 512
"""Connections that the system keeps until they are accepted."""
MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request: the largest Workflow configuration (about 1 MB), url-encoded."""


class Runner(web.BaseRunner):
    """Serves a router; with error bodies of Twilio's form where no handler is reached.

    Args:
        router: answers.
        most: how many connections there may be at once; by default as many as the files of this process allow.
        settings: of aiohttp's runner and of its protocol.
    """

    def __init__(self, router: Router, *, most: int | None = None, **settings: Any) -> None:
        super().__init__(**settings)
        self._router = router
        self._most = most
        self._connections: Connections | None = None

    async def listen(self, host: str, port: int) -> None:
        """Serve on this address too; port 0 takes a free one.

        Raises:
            OSError: it cannot be used.
        """
        if self._connections is None:
            raise RuntimeError("call setup() first")
        site = web.TCPSite(self, host, port, backlog=self._connections.at_once)
        await site.start()
        for listening in site._server.sockets if isinstance(site._server, asyncio.Server) else ():  # noqa: SLF001
            # asyncio has one number for how many may wait and for how many it accepts before the loop goes round.
            with listening.dup() as same:
                same.listen(MAY_WAIT)

    async def shutdown(self) -> None:
        """Nothing more than aiohttp does by itself."""

    async def _make_server(self) -> web.Server:
        self._connections = Connections(self._most)
        asyncio.get_running_loop().set_exception_handler(self._connections.on_error)
        return _Server(self._router.handle, among=self._connections, request_factory=_request, **self._kwargs)

    async def _cleanup_server(self) -> None:
        if self._connections is not None:
            self._connections.close()
        asyncio.get_running_loop().set_exception_handler(None)


def _request(
    message: Any, payload: Any, protocol: web.RequestHandler, writer: Any, task: asyncio.Task[None]
) -> web.Request:
    loop = asyncio.get_running_loop()
    return web.Request(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)


class _Server(web.Server):
    def __init__(self, handler: Any, *, among: Connections, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._among = among

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, among=self._among, loop=self._loop, **self._kwargs)


class _Protocol(TimedProtocol):
    """One connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what aiohttp could not read. aiohttp's own is plain text, and its log a page of traceback.

        Raises:
            ConnectionError: part of another answer has been sent already.
        """
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or request.writer.output_size > 0:
            log.error("a request could not be answered", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("part of an answer is sent already; no error can follow it")
        answered = error(status, *_told(status, message))
        answered.force_close()
        return answered


def _told(status: int, message: str | None) -> tuple[ErrorCode, str]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ErrorCode.INTERNAL_ERROR, "Internal Server Error"
    first = "".join((message or "").strip().splitlines()[:1])
    why = first.partition(" when reading")[0][:200]  # after that comes what was read: a credential, perhaps
    return ErrorCode.INVALID, f"The request cannot be read: {why or HTTPStatus(status).phrase}"
