"""Lookups: what a callback does not say is asked for over REST, in the background, once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from labkit.errors import LabError

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Questions; what was asked before them may be asked again, should anybody still want to know."""


class Lookups:
    """Asks one question at a time on a thread of its own, and none twice.

    A question that failed is not asked again until `forget`, so that a service that is down is not flooded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._asked: dict[str, None] = {}
        """In the order in which they were asked."""
        self._closed = False

    def ask(self, key: str, question: Callable[[], None]) -> None:
        """Run `question` soon, unless one with this key has been asked."""
        with self._lock:
            if self._closed or key in self._asked:
                return
            self._asked[key] = None
            if len(self._asked) > REMEMBERED:
                del self._asked[next(iter(self._asked))]
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="labkit-lookup")
            self._pool.submit(_run, key, question)

    def forget(self, *keys: str) -> None:
        """Let these be asked again; all, when none is named."""
        with self._lock:
            for key in keys or tuple(self._asked):
                self._asked.pop(key, None)

    def close(self) -> None:
        """Drop what waits, finish what runs. May be called twice."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)


def _run(key: str, question: Callable[[], None]) -> None:
    try:
        question()
    except LabError as error:
        log.info("could not look up %s: %s", key, error)  # the panel shows what is known without it
    except Exception:
        log.exception("could not look up %s", key)
