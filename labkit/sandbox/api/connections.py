"""How many connections there may be at once, and how long one may keep the sandbox waiting.

To open one takes no credentials, and each costs an open file. So half of the files are left to the store, to callbacks
and to snapshots; and where all places are taken, whoever only waits makes room: first who has not sent one whole
request, then who has rested longest, so that somebody who asks at once always gets in.

A request's headers must be there ten seconds after their first byte, those of the first request ten seconds after the
connection. Bodies have a limit of their own (`resource.BODY_LIMIT_SECONDS`), and who rests between two requests is
closed after an hour by aiohttp. A connection that has become a websocket is nobody's business here.

`Connections` knows no server: a workshop's room has the same on tornado, with an `OpenConnection` of its own.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from typing import Any, Protocol

from aiohttp import web

log = logging.getLogger(__name__)

HEADER_SECONDS = 10.0
ANSWER_SECONDS = 30.0
"""For an answer to be taken, from when it had to wait for its reader."""
GRACE_SECONDS = 1.0
"""Where places are short, who has just come goes after those who rest."""
LOOK_SECONDS = 1.0
SAY_SECONDS = 60.0
"""Between two lines of the log that say that there are no files left."""
MOST, FEWEST = 2048, 16
OWN_FILES = 32
"""What the process has open before anybody connects."""
_NO_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def places() -> int:
    """How many connections may be open, given the files that this process may open."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return MOST
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else max(FEWEST, min(MOST, (files - OWN_FILES) // 2))


class OpenConnection(Protocol):
    """One that is open, whichever server has it; moments are those of the clock that its `Connections` have."""

    def is_overdue(self, now: float) -> bool:
        """Whether it has kept the server waiting for too long; asked every `LOOK_SECONDS`."""

    def makes_room(self, now: float) -> tuple[int, float] | None:
        """Its turn to make room where places are short, the smallest first; None while it is the server's turn."""

    def drop(self) -> None:
        """Close it at once."""


def turn_of_silent(since: float, now: float) -> tuple[int, float]:
    """The turn of one that has not sent one whole request: before those who rest (1), or after, if it has just come."""
    return (0 if now - since > GRACE_SECONDS else 2), since


class TimedProtocol(web.RequestHandler):
    """aiohttp's connection, which knows since when it has been keeping the sandbox waiting.

    Args:
        server: aiohttp's.
        among: the connections that it is one of.
        settings: of aiohttp's protocol.
    """

    __slots__ = ("_among", "_begun_at", "_link", "_stuck_at")

    def __init__(self, server: web.Server, *, among: Connections, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._among = among
        self._link: asyncio.Transport | None = None
        self._begun_at: float | None = None
        """When the headers that are arriving began; None while none do."""
        self._stuck_at: float | None = None
        """When an answer began to wait for its reader."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected; what follows is to be a request."""
        super().connection_made(transport)
        self._link, self._begun_at = self.transport, self._loop.time()
        self._among.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is closed."""
        self._among.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived, and note whether it is a part of headers only."""
        super().data_received(data)
        if not self._request_count:
            return
        if self._waiter is None or self._waiter.done():
            self._begun_at = None
        elif self._begun_at is None:
            self._begun_at = self._loop.time()

    def pause_writing(self) -> None:
        """The other side does not take its answer as fast as it is written."""
        super().pause_writing()
        self._stuck_at = self._loop.time()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        super().resume_writing()
        self._stuck_at = None

    def drop(self) -> None:
        """Close it at once: who takes nothing would never be done with a goodbye."""
        if self._link is not None:
            self._link.abort()

    def is_overdue(self, now: float) -> bool:
        """Whether headers have not become whole, or an answer was not taken, for too long; `now` as the loop has it."""
        is_closing = self._link is not None and self._link.is_closing()
        if self._is_upgraded and not is_closing:
            return False
        if is_closing and self._stuck_at is None:
            self._stuck_at = now
        if self._stuck_at is not None:
            return now - self._stuck_at > ANSWER_SECONDS
        return self._begun_at is not None and now - self._begun_at > HEADER_SECONDS

    def makes_room(self, now: float) -> tuple[int, float] | None:
        """Its turn to make room where places are short, the smallest first; None while it is the sandbox's turn."""
        is_served = self._request_in_progress or bool(self._messages)
        if self._is_upgraded or (is_served and self._stuck_at is None):
            return None
        if self._request_count:
            return 1, self._next_keepalive_close_time
        return turn_of_silent(self._begun_at or now, now)

    @property
    def _is_upgraded(self) -> bool:
        return self._payload_parser is not None


class Connections:
    """Those that are open.

    Args:
        most: how many there may be; by default what `places` says.
        now: seconds of a clock that only goes forward; by default the loop's.
        when_short: told whenever all places are taken, with how many connections only wait.

    Attributes:
        at_once: how many may be accepted before the loop goes round, for they are not counted yet.
    """

    def __init__(
        self,
        most: int | None = None,
        *,
        now: Callable[[], float] | None = None,
        when_short: Callable[[int], object] | None = None,
    ) -> None:
        self._most = places() if most is None else most
        self.at_once = max(1, min(16, self._most // 8))
        self._open: dict[OpenConnection, None] = {}  # as they came: of two whose turn it is, the elder makes room
        self._loop = asyncio.get_running_loop()
        self._now, self._when_short = now or self._loop.time, when_short
        self._said_at: float | None = None
        self._next_look = self._loop.call_later(LOOK_SECONDS, self._look_again)

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """Look no more."""
        self._next_look.cancel()

    def add(self, connection: OpenConnection) -> bool:
        """One more. Where there is no place, others make room, or it is closed again; whether it has its place."""
        if len(self._open) >= self._most and not self._make_room():
            connection.drop()
            return False
        self._open[connection] = None
        return True

    def remove(self, connection: OpenConnection) -> None:
        """One is closed."""
        self._open.pop(connection, None)

    def look(self) -> None:
        """Close those that have kept the server waiting for too long."""
        now = self._now()
        for each in [each for each in self._open if each.is_overdue(now)]:
            self._drop(each)

    def on_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The loop's exception handler. That there are no files left is one line, now and then; asyncio says it with a
        traceback for each connection that waits, again and again."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _NO_FILES:
            loop.default_exception_handler(context)
            return
        self._make_room()
        if self._said_at is None or loop.time() - self._said_at > SAY_SECONDS:
            self._said_at = loop.time()
            log.warning("no connection can be accepted for now: %s (%d are open)", error.strerror, len(self._open))

    def _make_room(self) -> bool:
        """Close some, a sixteenth at once, for to look at all of them takes its time; whether there was any."""
        now = self._now()
        turns = [(turn, each) for each in self._open if (turn := each.makes_room(now)) is not None]
        turns.sort(key=lambda pair: pair[0])
        for _, each in turns[: max(1, self._most // 16)]:
            self._drop(each)
        if self._when_short is not None:
            self._when_short(len(turns))
        return bool(turns)

    def _look_again(self) -> None:
        self.look()
        self._next_look = self._loop.call_later(LOOK_SECONDS, self._look_again)

    def _drop(self, connection: OpenConnection) -> None:
        self._open.pop(connection, None)
        connection.drop()
