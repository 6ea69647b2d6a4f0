"""One websocket. What is sent never waits for its reader, and what the client says is read and forgotten."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

PING_SECONDS = 20.0
"""Until a client that says nothing is asked whether it is there; ten seconds later it is let go. Browsers answer by
themselves, so this is about those that are gone without a word."""
CLOSE_SECONDS = 1.0
"""For a client to say that it has heard of the close."""
MOST_HEARD = 1024 * 1024
"""Bytes of one message of a client, which should send none; at a longer one the socket is closed (1009)."""
HEARD_AT_ONCE = 64
PAUSE_SECONDS = 0.02
"""After so many messages a client is not read for so long: whoever talks without cease costs the others little."""


class Websocket:
    """The server's end of one.

    Attributes:
        response: the answer to the request that became this websocket.
        waiting: bytes that were to be sent and could not yet.
    """

    def __init__(self) -> None:
        self.response = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, heartbeat=PING_SECONDS, autoping=False, max_msg_size=MOST_HEARD, compress=False
        )
        self.waiting = 0
        self._transport: asyncio.Transport | None = None
        self._bodies: asyncio.Queue[bytes] = asyncio.Queue()
        self._writing: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    async def open(self, request: web.Request) -> None:
        """Answer the request; from now on it is a websocket.

        Raises:
            ConnectionError: the client has gone meanwhile.
        """
        await self.response.prepare(request)
        self._transport = request.transport
        self._writing = asyncio.create_task(self._write())

    def send(self, body: bytes) -> None:
        """Send a text message, as soon as the client takes it."""
        self.waiting += len(body)
        self._bodies.put_nowait(body)

    def close(self, code: int, reason: str) -> None:
        """Close it, and give the client a moment to say that it has heard of it."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(code, reason))

    def abort(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    async def run(self) -> None:
        """Read what the client says, until the websocket is closed by whichever side."""
        try:
            await self._read()
        finally:
            if self._writing is not None:
                self._writing.cancel()
            if self._closing is not None:
                await self._closing

    async def _read(self) -> None:
        heard = 0
        async for message in self.response:
            if message.type is web.WSMsgType.PING:
                with contextlib.suppress(ConnectionError):
                    await self.response.pong(message.data)
            heard += 1
            if heard % HEARD_AT_ONCE == 0:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):  # whoever reads hears of it
            while True:
                body = await self._bodies.get()
                await self.response.send_frame(body, web.WSMsgType.TEXT)
                self.waiting -= len(body)

    async def _close(self, code: int, reason: str) -> None:
        if self._writing is not None:
            self._writing.cancel()
        try:
            async with asyncio.timeout(2 * CLOSE_SECONDS):
                await self.response.close(code=code, message=reason.encode(), drain=False)
        except TimeoutError:
            self.abort()
