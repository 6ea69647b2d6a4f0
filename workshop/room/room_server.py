"""The room's HTTP server: so many connections and no more, and how long one may keep the room waiting.

Whoever reaches the port needs no credentials to open a connection, and each costs an open file. Where all places are
taken, connections that only wait make room: first those that have not sent one whole request, then those that have
rested longest, so that somebody who asks at once always gets in. Who is being served is never closed for others, but
an answer that nobody takes is. A connection that has become a websocket is the event bridge's.
"""

from __future__ import annotations

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

from labkit.sandbox.api.connections import ANSWER_SECONDS, SAY_SECONDS, Connections, places, turn_of_silent

log = logging.getLogger(__name__)

MOST_BODY = 256 * 1024
"""Bytes; a Task with the longest attributes has a tenth of it."""
MOST_HEADERS = 16 * 1024
HEADERS_SECONDS, BODY_SECONDS = 60.0, 20.0
"""For the headers of a request to be there, and its body; a connection that says nothing is closed."""
MOST_FILES = 8_192
"""Three hundred people with some notebooks each, and as many again for what the room opens itself."""


@dataclass(slots=True, eq=False)
class _TimedStream:
    """A connection, and how it has kept the room waiting: since when for which request, or to be read."""

    stream: IOStream
    since: float
    request: int = 0
    unread_since: float | None = None

    def is_overdue(self, now: float) -> bool:
        """Whether its answer was not taken in time, from when it was seen to wait for its reader."""
        if not self.stream.writing():
            self.unread_since = None
        elif self.unread_since is None:
            self.unread_since = now
        return self.unread_since is not None and now - self.unread_since >= ANSWER_SECONDS

    def makes_room(self, now: float) -> tuple[int, float] | None:
        """Its turn to make room, the smallest first; None while it is the room's turn."""
        if self.stream.writing():
            return (1, self.unread_since) if self.unread_since is not None else None
        if self.request and not self.stream.reading():
            return None
        return (1, self.since) if self.request > 1 else turn_of_silent(self.since, now)

    def drop(self) -> None:
        """Close it."""
        self.stream.close()


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
        self._said_at = float("-inf")
        self._waiting: dict[IOStream, _TimedStream] = {}
        self._among = Connections(self._most, now=now, when_short=self._say_short)

    def __len__(self) -> int:
        return len(self._among)

    def stop(self) -> None:
        """Accept nobody any more, and look no more; who is there stays until `close_all_connections`."""
        self._among.close()
        super().stop()

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        """Somebody has connected. Where there is no place others make room, or it is closed again."""
        waiting = _TimedStream(stream, self._now())
        if self._among.add(waiting):
            self._waiting[stream] = waiting
            super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """From now on this connection is waited for."""
        waiting = self._waiting.get(_stream_of(server_conn))
        if waiting is not None:
            waiting.since = self._now()
            waiting.request += 1
        return super().start_request(server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """It is closed, or a websocket."""
        waiting = self._waiting.pop(_stream_of(server_conn), None)
        if waiting is not None:
            self._among.remove(waiting)
        super().on_close(server_conn)

    def look(self) -> None:
        """Close those whose answer was not taken in time."""
        self._among.look()

    def _say_short(self, waiting: int) -> None:
        if self._now() - self._said_at >= SAY_SECONDS:
            self._said_at = self._now()
            log.warning("all %d places for connections are taken, of which %d only wait", self._most, waiting)


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


def _stream_of(connection: object) -> IOStream:
    assert isinstance(connection, HTTP1ServerConnection)  # noqa: S101  # tornado's annotation says less than it gives
    stream: IOStream = connection.stream
    return stream
