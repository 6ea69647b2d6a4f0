"""Who starts now, and who waits for that: thirty servers that start at once all answer as late as the last one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class StartQueue:
    """Lets so many start at once, the others one after the other as they came. For one event loop."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._waiting: list[object] = []

    @asynccontextmanager
    async def turn(self, who: object) -> AsyncIterator[None]:
        """Wait for a turn, which lasts as long as this is entered; whoever gives up meanwhile leaves the queue."""
        self._waiting.append(who)
        try:
            await self._free.acquire()
        finally:
            self._waiting.remove(who)
        try:
            yield
        finally:
            self._free.release()

    def place_of(self, who: object) -> int:
        """How many are served until it is this one's turn, with itself; 0 for one who does not wait."""
        return self._waiting.index(who) + 1 if who in self._waiting else 0
