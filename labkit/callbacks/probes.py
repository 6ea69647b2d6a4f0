"""How a lab recognises its own request to its public URL: by a number that it sends once, and that comes in once."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

PARAMETER = "probe"
"""Of `GET /healthz`, with the number."""
_SECONDS = 60.0  # for so long a number is waited for
_MOST = 8  # that are waited for at once


class Probes:
    """The numbers that are on their way, and how those that arrived came in. Thread-safe.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: dict[str, float] = {}
        self._arrived: dict[str, str] = {}
        self._lock = threading.Lock()

    def issue(self) -> str:
        """A number to send, which nobody can guess."""
        number, now = secrets.token_urlsafe(24), self._clock()
        with self._lock:
            waited_for = [(each, since) for each, since in self._sent.items() if now - since < _SECONDS]
            self._sent = {**dict(waited_for[-_MOST + 1 :]), number: now}
        return number

    def take(self, number: str, *, way: str) -> bool:
        """A request has come in with this number.

        Args:
            number: what it says.
            way: how it came, in words; may be empty.

        Returns:
            Whether it was waited for; the second time it is not.
        """
        with self._lock:
            since = self._sent.pop(number, None)
            if since is None or self._clock() - since >= _SECONDS:
                return False
            self._arrived[number] = way
            return True

    def way_of(self, number: str) -> str | None:
        """How the request with this number came in; None where it did not. Asked once, and forgotten."""
        with self._lock:
            self._sent.pop(number, None)
            return self._arrived.pop(number, None)
