"""How long a connection may keep the callback server waiting, so that slow and silent senders keep nobody out.

waitress closes a connection after two minutes in which nothing arrives; a byte a minute would hold it for ever, and
enough of them would hold all. Here a request has to arrive whole within ten seconds, and where connections run short,
those that only wait have to make room for others.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel

SECONDS = 10.0
"""For the first byte, for a whole request from its first byte on, and for an answer to be taken. TaskRouter itself
gives up after 5 seconds."""
CROWDED_SECONDS = 1.0
"""The same while every connection that there may be is open; then it holds for connections kept for later, too."""


class TimedChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no annotations
    """waitress's connection, which knows since when a request has been arriving."""

    begun_at: float = 0.0
    heard = False
    arriving: Any = None
    _active_at: tuple[float, float] = (0.0, 0.0)

    @property
    def last_activity(self) -> float:
        """When bytes last came or went, by the computer's clock, which waitress reads and somebody may set back."""
        return self._active_at[0]

    @last_activity.setter
    def last_activity(self, moment: float) -> None:
        self._active_at = moment, time.monotonic()

    def received(self, data: bytes) -> None:
        """Take what has arrived; on the server's own thread."""
        self.heard = True
        super().received(data)
        if self.request is not self.arriving:  # one is whole, and the next may have begun
            self.arriving, self.begun_at = self.request, time.monotonic()

    def waited(self, now: float, *, crowded: bool) -> float:
        """Seconds for which this connection has been keeping the server waiting; 0 while it is the server's turn.

        Args:
            now: as `time.monotonic()`.
            crowded: whether a connection that is kept for later counts as well.
        """
        if self.total_outbufs_len:
            return now - self._active_at[1]
        if self.requests:
            return 0.0
        if self.request is not None:
            return now - self.begun_at
        return now - self._active_at[1] if crowded or not self.heard else 0.0


def give_up(channels: Iterable[TimedChannel], *, crowded: bool) -> None:
    """Close the connections that have kept the server waiting for too long; on the server's own thread."""
    now, patience = time.monotonic(), CROWDED_SECONDS if crowded else SECONDS
    for channel in channels:
        if channel.waited(now, crowded=crowded) > patience:
            with suppress(OSError):
                channel.handle_close()  # at once: who takes nothing never becomes ready to be told
