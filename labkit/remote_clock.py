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
    """How the clock was from a moment of this computer's on, until the next span began."""

    since: datetime
    showed: datetime
    speed: float
    """Of its seconds in one of this computer's; 0 while it stands still."""

    def at(self, moment: datetime) -> datetime:
        """What it showed at this moment of this computer's; what was before it was learned is taken to have run."""
        gone = moment - self.since
        return self.showed + (gone * self.speed if gone > timedelta(0) else gone)

    def corrected(self, learned: _Span) -> _Span:
        """The same one, so that it comes to what was learned since."""
        return self._replace(showed=learned.showed - (learned.since - self.since) * self.speed)


class RemoteClock:
    """A clock that is told what time it is. From any thread.

    Args:
        read: this computer's time, aware and in UTC.
    """

    def __init__(self, read: Callable[[], datetime] | None = None) -> None:
        self._read = read or _utc_now
        self._lock = threading.Lock()
        here = self._read()
        self._span = _Span(here, here, 1.0)
        self._before: deque[_Span] = deque(maxlen=_SPANS)
        self._listeners: list[Callable[[], None]] = []

    def __call__(self) -> datetime:
        """TaskRouter's time now, aware and in UTC."""
        with self._lock:
            return self._span.at(self._read())

    @property
    def ahead(self) -> timedelta:
        """How far it was ahead of this computer's time when it was learned; nothing while it stands still, for then
        that changes."""
        span = self._span
        return span.showed - span.since if span.speed else timedelta(0)

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return not self._span.speed

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of this computer's: 1, or 0 while it stands still; in a sandbox in which
        a simulation runs, as many as that makes of them."""
        return self._span.speed

    def as_told(self, at: datetime) -> datetime:
        """What TaskRouter's clock showed, or would have shown, at this moment of this computer's.

        Of a moment before time was moved or held, it is what was known of it then.
        """
        with self._lock:
            spans = (self._span, *reversed(self._before))
            return next((span for span in spans if span.since <= at), spans[-1]).at(at)

    def learn(self, now: datetime, *, paused: bool, speed: float = 1.0) -> None:
        """It is `now`, and stands still or runs at this speed. Whoever listens is told if that is news."""
        with self._lock:
            here, before = self._read(), self._span
            learned = _Span(here, now, 0.0 if paused else speed)
            is_news = learned.speed != before.speed or abs(now - before.at(here)) >= NOTICEABLE
            if is_news:
                self._before.append(before)
            self._span = learned if is_news else before.corrected(learned)
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
