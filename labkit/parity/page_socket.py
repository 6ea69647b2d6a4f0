"""The websocket of a Worker's page, kept open by a thread of its own; what comes in is written down with its time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from labkit.parity.roles import read_json

_SECONDS = 20.0
_LOOK_SECONDS = 0.2
_MOST_MESSAGES = 1_000


class PageSocket:
    """One page's websocket. It is open, or was refused, once it is made.

    Args:
        url: `ws://` or `wss://`, without a query.
        query: the token and the options of the SDK.
        origin: of the page.
        reads: whether it reads what comes, and so answers a ping.

    Attributes:
        status: of HTTP where it was refused, else 101.
        close_code, close_reason: of its end; None while it is open.
    """

    def __init__(
        self, url: str, query: Mapping[str, str], *, origin: str = "https://example.com", reads: bool = True
    ) -> None:
        self.status: int | None = None
        self.close_code: int | None = None
        self.close_reason = ""
        self._heard: list[tuple[float, Any]] = []
        self._blanks = 0
        self._reads = reads
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._sending: asyncio.Queue[str | None] = asyncio.Queue()
        where = f"{url}?{urlencode(query)}"
        self._thread = threading.Thread(
            target=self._loop.run_until_complete,
            args=(self._run(where, origin),),
            name="labkit-parity-page",
            daemon=True,
        )
        self._thread.start()
        self._wait(lambda: self.status is not None, _SECONDS)

    def close(self) -> None:
        """Close it; no thread and no socket is left."""
        if self._thread.is_alive():
            self._tell(None)
            self._thread.join(_SECONDS)
        if not self._loop.is_running():
            self._loop.close()

    def send(self, text: str) -> None:
        """Say something to the other side."""
        self._tell(text)

    @property
    def messages(self) -> list[Any]:
        """What was heard so far, the oldest first."""
        with self._changed:
            return [message for _, message in self._heard]

    def heard_at(self, event_type: str) -> float | None:
        """When the first message of this type came, by the monotonic clock."""
        with self._changed:
            return next((at for at, message in self._heard if message.get("event_type") == event_type), None)

    def hears(self, event_type: str, *, limit: float) -> bool:
        """Whether a message of this type comes within so many seconds, or has come."""
        return self._wait(lambda: any(each.get("event_type") == event_type for _, each in self._heard), limit)

    def beats(self, *, limit: float) -> bool:
        """Whether a heartbeat comes within so many seconds, or has come."""
        return self._wait(lambda: self._blanks > 0, limit)

    def is_closed(self, *, limit: float) -> bool:
        """Whether the other side closes it within so many seconds."""
        return self._wait(lambda: self.close_code is not None, limit)

    def _wait(self, so: Any, limit: float) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(so, limit))

    def _tell(self, text: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._sending.put_nowait, text)
        except RuntimeError:  # it has ended meanwhile
            return

    async def _run(self, where: str, origin: str) -> None:
        try:
            async with aiohttp.ClientSession(trust_env=where.startswith("wss")) as client:
                async with client.ws_connect(where, origin=origin, autoclose=True) as socket:
                    self._note(status=101)
                    await self._talk(socket)
                self._note(close_code=socket.close_code or 0)
        except aiohttp.WSServerHandshakeError as error:
            self._note(status=error.status, close_code=0)
        except (aiohttp.ClientError, OSError):
            self._note(status=self.status or 0, close_code=0)

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        speaking = asyncio.ensure_future(self._speak(socket))
        try:
            if not self._reads:
                await self._ends_without_reading(socket)
                return
            while True:
                message = await socket.receive()
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(message.data)
                else:
                    self._note(close_reason=str(message.extra or ""))
                    return
        finally:
            speaking.cancel()

    async def _ends_without_reading(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Wait until the connection is gone, which is seen without reading."""
        connection = socket.get_extra_info("socket")
        while connection is not None and connection.fileno() >= 0 and self._sending.empty():
            await asyncio.sleep(_LOOK_SECONDS)

    async def _speak(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while (text := await self._sending.get()) is not None:
            await socket.send_str(text)
        await socket.close()

    def _hear(self, text: str) -> None:
        message = read_json(text) if text.strip() else None
        with self._changed:
            if isinstance(message, dict) and len(self._heard) < _MOST_MESSAGES:
                self._heard.append((time.monotonic(), message))
            elif not text.strip():
                self._blanks += 1
            self._changed.notify_all()

    def _note(self, **values: Any) -> None:
        with self._changed:
            for name, value in values.items():
                setattr(self, name, value)
            self._changed.notify_all()
