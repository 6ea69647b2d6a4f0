"""The sandbox's clock: real time that can be moved on and held.

The engine never reads it; the service gives it the time with every command. Nothing here sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Time as the sandbox sees it, always in UTC and never going back.

    Args:
        start: stand still at this moment; without it, run with the real time.
        read: the real time; for tests of the clock itself.
    """

    def __init__(self, start: datetime | None = None, *, read: Callable[[], datetime] | None = None) -> None:
        self._read = read or _real_time
        self._held: datetime | None = start
        self._ahead = timedelta(0)
        self._last = start or self._read()

    def now(self) -> datetime:
        """The sandbox's time."""
        if self._held is not None:
            return self._held
        # The computer's clock may be set back; deadlines and events must not see that.
        self._last = max(self._last, self._read() + self._ahead)
        return self._last

    def advance(self, seconds: float) -> datetime:
        """Move the time on by `seconds` (0 or more); the new time.

        Raises:
            ValueError: `seconds` is below 0.
        """
        if seconds < 0:
            raise ValueError(f"the clock cannot go back, and {seconds} seconds is back")
        if self._held is not None:
            self._held += timedelta(seconds=seconds)
        else:
            self._ahead += timedelta(seconds=seconds)
        return self.now()

    @property
    def is_held(self) -> bool:
        return self._held is not None

    def seconds_until(self, moment: datetime) -> float | None:
        """Real seconds until the sandbox's time reaches `moment`: at least 0, None while the clock is held."""
        if self._held is not None:
            return 0.0 if moment <= self._held else None
        return max(0.0, (moment - self.now()).total_seconds())


def _real_time() -> datetime:
    return datetime.now(UTC)
