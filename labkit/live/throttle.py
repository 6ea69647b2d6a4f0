"""Pace: news is told at once, then at most thirty times a second, and the last of it is never lost.

A burst of two hundred callbacks would otherwise redraw every panel two hundred times. The thread that
tells lives only while there is something to tell: a quiet lab has none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from labkit.remote_clock import RemoteClock

log = logging.getLogger(__name__)

GAP_SECONDS = 1 / 30
FAST_GAP_SECONDS = 1 / 4
"""While time runs faster than anybody can follow, as in a simulation: every telling is a drawing and a message."""
FAST = 10
"""How many seconds pass then in one of the computer's, or more."""


class Throttle:
    """Calls `notify` with the set of topics that were marked since its last call.

    Args:
        notify: runs on a thread of its own, one call at a time; what it raises is logged.
        gap: the shortest time between the end of one call and the next, in seconds.
        clock: TaskRouter's time; while that runs fast, the gap is longer.
    """

    def __init__(
        self, notify: Callable[[set[str]], None], *, gap: float = GAP_SECONDS, clock: RemoteClock | None = None
    ) -> None:
        self._notify = notify
        self._gap = gap
        self._clock = clock
        self._condition = threading.Condition()
        self._topics: set[str] = set()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def gap(self) -> float:
        """The gap as time runs now."""
        is_fast = self._clock is not None and self._clock.speed >= FAST
        return max(self._gap, FAST_GAP_SECONDS) if is_fast else self._gap

    def mark(self, *topics: str) -> None:
        """There is news of these topics. Returns at once; after `close` nothing is told any more."""
        with self._condition:
            if self._closed or not topics:
                return
            self._topics.update(topics)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="labkit-throttle", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop telling and wait for the thread. May be called twice, and from `notify`."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=5)

    def _run(self) -> None:
        while topics := self._take():
            self._notify_safely(topics)
            with self._condition:
                self._condition.wait_for(lambda: self._closed, self.gap)

    def _notify_safely(self, topics: set[str]) -> None:
        try:
            self._notify(topics)
        except Exception:
            log.exception("news of %s could not be told", ", ".join(sorted(topics)))

    def _take(self) -> set[str]:
        with self._condition:
            topics, self._topics = self._topics, set()
            if self._closed or not topics:
                self._thread = None
                return set()
        return topics
