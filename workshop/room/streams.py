"""Open streams: to each kernel a line for each thing that happens. A reader who is slow is let go, and holds up nobody.

A line waits in its stream's own queue until the connection has taken the one before. So one process serves hundreds,
and what a reader does not read costs a bounded number of lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.sandbox.json_text import to_bytes

MOST_WAITING, MOST_BYTES = 2_000, 4 * 1024 * 1024
"""Lines and their bytes; a reader who is further behind is let go, comes back, and says which Event it heard last."""
MOST_OF_ONE = 4
"""Streams of one person; a further one takes the place of the oldest, whose reader has most likely gone."""
MOST = 2_000
"""Streams in all."""


def line(document: Mapping[str, Any]) -> bytes:
    """A line of a stream."""
    return to_bytes(document) + b"\n"


@dataclass(eq=False)
class OpenStream:
    """One person's, while it is open.

    Attributes:
        name: whose.
        worker_sid: that person's Worker.
        instructor: whether they hear everything.
    """

    name: str
    worker_sid: str
    instructor: bool
    _lines: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    _bytes: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, text: bytes) -> None:
        """Have a line sent; where too many wait, end the stream."""
        self._bytes += len(text)
        if self._bytes > MOST_BYTES or self._lines.full():
            self.end()
        else:
            self._lines.put_nowait(text)

    def end(self) -> None:
        """Let the reader go, whatever still waits. May be called twice."""
        self._over.set()

    async def next(self, *, seconds: float) -> bytes | None:
        """The lines that wait, joined; an empty line where none comes in that time, None when it is over."""
        getting = asyncio.ensure_future(self._lines.get())
        if not await self.done_before_end(getting, seconds=seconds):
            getting.cancel()
            return None if self._over.is_set() else b"\n"
        lines = b"".join((getting.result(), *self._waiting()))
        self._bytes -= len(lines)
        return lines

    async def done_before_end(self, work: asyncio.Future[Any], *, seconds: float) -> bool:
        """Wait for some work, until it is done, the stream is over, or so much time is; whether it is done by then."""
        ending = asyncio.ensure_future(self._over.wait())
        await asyncio.wait((work, ending), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        return work.done() and not self._over.is_set()

    def _waiting(self) -> Iterator[bytes]:
        while not self._lines.empty():
            yield self._lines.get_nowait()


class Streams:
    """All that are open. Belongs to the service's loop."""

    def __init__(self) -> None:
        self._open: dict[str, list[OpenStream]] = {}
        self._closed = False

    def __iter__(self) -> Iterator[OpenStream]:
        return iter([stream for streams in self._open.values() for stream in streams])

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    @property
    def names(self) -> set[str]:
        """Whose are open."""
        return set(self._open)

    @property
    def is_full(self) -> bool:
        """Whether there are so many that nobody else is let in; or all are to end."""
        return self._closed or len(self) >= MOST

    def add(self, stream: OpenStream) -> None:
        """One more is open; the oldest of somebody who has too many ends."""
        own = self._open.setdefault(stream.name, [])
        own.append(stream)
        while len(own) > MOST_OF_ONE:
            own.pop(0).end()

    def remove(self, stream: OpenStream) -> None:
        """It is open no more. May be called twice."""
        own = self._open.get(stream.name, [])
        if stream in own:
            own.remove(stream)
        if not own:
            self._open.pop(stream.name, None)

    def now_is(self, name: str, worker_sid: str) -> None:
        """Somebody is this Worker from now on."""
        for stream in self._open.get(name, []):
            stream.worker_sid = worker_sid

    def broadcast(self, document: Mapping[str, Any]) -> None:
        """Tell all the same."""
        text = line(document)
        for stream in self:
            stream.put(text)

    def close(self) -> None:
        """End all, and let nobody in any more."""
        self._closed = True
        for stream in self:
            stream.end()
