"""When callers arrive: a Poisson process whose rate is the same all day, or another one in each part of the day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType

PATTERNS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "steady": (1.0,),
        "day": (0.4, 0.7, 1.1, 1.5, 1.7, 1.6, 1.3, 0.9, 0.8, 1.0, 1.3, 1.4, 1.1, 0.7, 0.3, 0.2),
        "burst": (0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 3.6, 1.6, 0.9, 0.8, 0.7, 0.7, 0.7, 0.8, 0.7, 0.7),
    }
)
"""The rate in each of the equal parts of a day, where 1 is the day's average: two busy times, or one rush."""


class CallArrivals:
    """Callers of one day, who come independently of each other.

    Args:
        calls_per_hour: on average over the day, 0 or more.
        hours: how long the day is; nobody comes afterwards.
        pattern: the rate in each of the equal parts of the day, in any unit: only how they stand to each other counts.
        warm_up_seconds: how long callers come before the opening, at the rate of the day's first part.
    """

    def __init__(
        self, *, calls_per_hour: float, hours: float, pattern: Sequence[float] = (1.0,), warm_up_seconds: float = 0.0
    ) -> None:
        self.begins_at = -warm_up_seconds
        self._seconds = hours * 3600
        self._part_seconds = self._seconds / len(pattern)
        average = math.fsum(pattern) / len(pattern)
        self._ends = (*(part * self._part_seconds for part in range(1, len(pattern))), self._seconds)
        self._rates = tuple(calls_per_hour / 3600 * part / average for part in pattern)

    def rate_at(self, seconds: float) -> float:
        """Calls per second so many seconds after the opening; 0 outside of the day."""
        if not self.begins_at <= seconds < self._seconds:
            return 0.0
        return self._rates[self._part_at(seconds)]

    def next_after(self, seconds: float, chance: Random) -> float | None:
        """When the next caller comes after `seconds`; None if nobody does any more that day.

        Each part of the day uses up its share of one exponential number: that is exact where the rate changes, too.
        """
        left = chance.expovariate(1.0)
        while seconds < self._seconds:
            part = self._part_at(seconds)
            rate, end = self._rates[part], self._ends[part]
            if rate * (end - seconds) > left:
                return seconds + left / rate
            left -= rate * (end - seconds)
            seconds = end
        return None

    def _part_at(self, seconds: float) -> int:
        return min(max(0, int(seconds / self._part_seconds)), len(self._rates) - 1)
