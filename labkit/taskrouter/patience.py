"""Patience: when the lab's own requests are asked again, and how long it waits before.

A 429 was not carried out, so whatever it was may be asked again after a while (docs: /docs/api/errors/20429).
What Twilio failed at inside may have been done all the same, so only what reads is asked again. What a learner sends
is never repeated: it gets Twilio's answer.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping

TIMES = 5
"""How often a request is asked again that came at once with too many."""
FIRST_SECONDS = 1.0
"""Where Twilio does not say how long; twice as long each time."""
MOST_SECONDS = 30.0
"""Who is told to wait for longer is told so, and not kept."""
TIMES_AFTER_FAILURE = 2
_FAILURES = (500, 502, 503, 504)
_TOO_MANY = 429
_APART = random.SystemRandom()


class Patience:
    """For one client of an account. Thread-safe.

    Args:
        tell: is told in a sentence of each time that the lab waits because of too many requests.
        wait: waits for so many seconds, or for less once the client is closed; and says whether it is closed.
    """

    def __init__(self, *, tell: Callable[[str], None], wait: Callable[[float], bool] | None = None) -> None:
        self._tell = tell
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait

    def close(self) -> None:
        """Wait for nothing any more."""
        self._closed.set()

    def waits(self, method: str, *, status: int, headers: Mapping[str, str], times: int) -> bool:
        """Wait before a request is asked again; False where it is not.

        Args:
            method: of HTTP, in capitals.
            status: what it was answered.
            headers: of the answer.
            times: how often it was asked again already.
        """
        seconds = self._seconds(method, status, headers, times)
        if seconds is None:
            return False
        if status == _TOO_MANY:
            self._tell(
                f"Too many requests came at once for Twilio (429). The lab waits {seconds:.0f} s and asks again."
            )
        return not self._wait(seconds)

    def _seconds(self, method: str, status: int, headers: Mapping[str, str], times: int) -> float | None:
        if status == _TOO_MANY and times < TIMES:
            asked = _retry_after(headers)
            # A little apart, so that two who were refused together do not come together again.
            seconds = asked if asked is not None else FIRST_SECONDS * float(2**times) * _APART.uniform(1, 1.25)
            return seconds if seconds <= MOST_SECONDS else None
        if status in _FAILURES and method == "GET" and times < TIMES_AFTER_FAILURE:
            return FIRST_SECONDS / 2 * float(2**times)
        return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that Twilio asks for; None where it does not, or not in seconds."""
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(said) if said.isdecimal() else None
