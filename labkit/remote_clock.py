"""TaskRouter's time, as this computer knows it: its own, put right by what a sandbox said last.

A real account's time is this computer's, near enough. A sandbox's can be moved and held, by this notebook, by another
or from a terminal, so whoever shows times and countdowns asks here.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

log = logging.getLogger(__name__)

NOTICEABLE = timedelta(seconds=0.25)
"""A smaller difference is the way of the answer through the computer, and nobody is told of it."""


_SPANS = 200
"""Moves of which it is still known what the clock showed before them."""


class _Span(NamedTuple):
    """How the clock was until a moment of this computer's."""

    until: datetime
    ahead: timedelta
    held: datetime | None


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
        self._before: deque[_Span] = deque(maxlen=_SPANS)
        self._listeners: list[Callable[[], None]] = []

    def __call__(self) -> datetime:
        """TaskRouter's time now, aware and in UTC."""
        with self._lock:
            return self._held if self._held is not None else self._read() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of this computer's time; nothing while it stands still, for then that changes."""
        return timedelta(0) if self._held is not None else self._ahead

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._held is not None

    def as_told(self, at: datetime) -> datetime:
        """What TaskRouter's clock showed, or would have shown, at this moment of this computer's.

        Of a moment before time was moved or held, it is what was known of it then.
        """
        with self._lock:
            now = _Span(datetime.max.replace(tzinfo=UTC), self._ahead, self._held)
            span = next((each for each in self._before if at < each.until), now)
            told = at + span.ahead
            return told if span.held is None else min(told, span.held)

    def learn(self, now: datetime, *, paused: bool) -> None:
        """It is `now`, and stands still or runs. Whoever listens is told if that is news."""
        before, was_paused = self(), self.paused
        is_news = paused != was_paused or abs(now - before) >= NOTICEABLE
        with self._lock:
            here = self._read()
            if is_news:
                self._before.append(_Span(here, self._ahead, self._held))
            self._ahead = now - here
            self._held = now if paused else None
            listeners = list(self._listeners)
        if not is_news:
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
