"""TaskRouter's time, as this computer knows it: its own, put right by what a sandbox said last.

A real account's time is this computer's, near enough. A sandbox's can be moved and held, by this notebook, by another
or from a terminal, so whoever shows times and countdowns asks here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

NOTICEABLE = timedelta(seconds=0.25)
"""A smaller difference is the way of the answer through the computer, and nobody is told of it."""


class RemoteClock:
    """A clock that is told what time it is. From any thread.

    Args:
        read: this computer's time, aware and in UTC.
    """

    def __init__(self, read: Callable[[], datetime] | None = None) -> None:
        self._read = read or _utc_now
        self._lock = threading.Lock()
        self._ahead = timedelta(0)
        self._held: datetime | None = None
        self._listeners: list[Callable[[], None]] = []

    def __call__(self) -> datetime:
        """TaskRouter's time now, aware and in UTC."""
        with self._lock:
            return self._held if self._held is not None else self._read() + self._ahead

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._held is not None

    def as_told(self, at: datetime) -> datetime:
        """What TaskRouter's clock showed, or would have shown, at this moment of this computer's."""
        with self._lock:
            told = at + self._ahead
            return told if self._held is None else min(told, self._held)

    def learn(self, now: datetime, *, paused: bool) -> None:
        """It is `now`, and stands still or runs. Whoever listens is told if that is news."""
        before, was_paused = self(), self.paused
        with self._lock:
            self._ahead = now - self._read()
            self._held = now if paused else None
            listeners = list(self._listeners)
        if paused == was_paused and abs(now - before) < NOTICEABLE:
            return
        for listener in listeners:
            _tell(listener)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever time was moved, held or let go. Returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end


def _tell(listener: Callable[[], None]) -> None:
    try:
        listener()
    except Exception:
        log.exception("a listener failed on the news that time was moved")


def _utc_now() -> datetime:
    return datetime.now(UTC)
