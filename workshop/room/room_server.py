"""The room's HTTP server: so many connections and no more, and how long one may keep the room waiting.

Whoever reaches the port needs no credentials to open a connection, and each costs an open file. Where all places are
taken, connections that only wait make room: first those that have not sent one whole request, then those that have
rested longest, so that somebody who asks at once always gets in. Who is being served is never closed for others, but
an answer that nobody takes is. A connection that has become a websocket is the event bridge's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tornado.http1connection import HTTP1ServerConnection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.iostream import IOStream
from tornado.web import Application

from labkit.sandbox.api.connections import places

log = logging.getLogger(__name__)

MOST_BODY = 256 * 1024
"""Bytes; a Task with the longest attributes has a tenth of it."""
MOST_HEADERS = 16 * 1024
HEADERS_SECONDS, BODY_SECONDS = 60.0, 20.0
"""For the headers of a request to be there, and its body; a connection that says nothing is closed."""
ANSWER_SECONDS = 30.0
"""For an answer to be taken, from when it was seen to wait for its reader."""
LOOK_SECONDS = 1.0
GRACE_SECONDS = 1.0
"""Where places are short, who has just come goes after those who rest."""
SAY_SECONDS = 60.0
"""Between two lines of the log that say that places are short."""
MOST_FILES = 8_192
"""Three hundred people with some notebooks each, and as many again for what the room opens itself."""


@dataclass(slots=True)
class _Waits:
    """How a connection has kept the room waiting: since when for a request, the how manyth, since when to be read."""

    since: float
    request: int = 0
    unread_since: float | None = None


class RoomServer(HTTPServer):
    """Tornado's server with places. Belongs to the loop that it is made on.

    Args:
        application: answers.
        most: connections at once; by default what the files of this process allow.
        now: seconds of a clock that only goes forward.
    """

    def initialize(  # type: ignore[override]  # tornado's takes more
        self, application: Application, *, most: int | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().initialize(
            application,
            max_body_size=MOST_BODY,
            max_header_size=MOST_HEADERS,
            idle_connection_timeout=HEADERS_SECONDS,
            body_timeout=BODY_SECONDS,
        )
        self._most, self._now = most or places(), now
        self._open: dict[IOStream, _Waits] = {}
        self._said_at = float("-inf")
        self._next_look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)

    def __len__(self) -> int:
        return len(self._open)

    def stop(self) -> None:
        """Accept nobody any more, and look no more; who is there stays until `close_all_connections`."""
        self._next_look.cancel()
        super().stop()

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Somebody has connected. Where there is no place others make room, or it is closed again."""
        if len(self._open) >= self._most and not self._make_room():
            stream.close()
            return
        self._open[stream] = _Waits(self._now())
        super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """From now on this connection is waited for."""
        waits = self._open.get(_stream_of(server_conn))
        if waits is not None:
            waits.since = self._now()
            waits.request += 1
        return super().start_request(server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """It is closed, or a websocket."""
        self._open.pop(_stream_of(server_conn), None)
        super().on_close(server_conn)

    def look(self) -> None:
        """Close those whose answer was not taken in time."""
        now = self._now()
        for stream, waits in list(self._open.items()):
            if not stream.writing():
                waits.unread_since = None
            elif waits.unread_since is None:
                waits.unread_since = now
            elif now - waits.unread_since >= ANSWER_SECONDS:
                self._drop(stream)

    def _look_again(self) -> None:
        self.look()
        self._next_look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)

    def _make_room(self) -> bool:
        """Close some, a sixteenth at once, for to look at all of them takes its time; whether there was any."""
        now = self._now()
        turns = [(turn, stream) for stream, waits in self._open.items() if (turn := _turn(stream, waits, now))]
        turns.sort(key=lambda each: each[0])
        for _, stream in turns[: max(1, self._most // 16)]:
            self._drop(stream)
        if now - self._said_at >= SAY_SECONDS:
            self._said_at = now
            log.warning("all %d places for connections are taken, of which %d only wait", self._most, len(turns))
        return bool(turns)

    def _drop(self, stream: IOStream) -> None:
        self._open.pop(stream, None)
        stream.close()


def allow_more_files() -> None:
    """Let this process open as many files as a full room wants, where it may: by itself Linux gives it 1,024."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _turn(stream: IOStream, waits: _Waits, now: float) -> tuple[int, float] | None:
    """Its turn to make room, the smallest first; None while it is the room's turn."""
    if stream.writing():
        return (1, waits.unread_since) if waits.unread_since is not None else None
    if waits.request and not stream.reading():
        return None
    if waits.request > 1:
        return 1, waits.since
    return (0 if now - waits.since > GRACE_SECONDS else 2), waits.since


def _stream_of(connection: object) -> IOStream:
    assert isinstance(connection, HTTP1ServerConnection)  # noqa: S101  # tornado's annotation says less than it gives
    stream: IOStream = connection.stream
    return stream
