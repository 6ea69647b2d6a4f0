"""A series: when a thing happened, again and again, and how long each time took.

Moments and durations are whole microseconds, so that sums are exact and a window's edges are too.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from datetime import datetime

SECOND = 1_000_000


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return round(moment.timestamp() * SECOND)


class Series:
    """Moments in order, each with a duration (0 where there is none)."""

    __slots__ = ("at", "took")

    def __init__(self) -> None:
        self.at = array("q")
        self.took = array("q")

    def add(self, at: int, took: int = 0) -> None:
        """Note one more. They come in order but for a clock that was set back between two runs."""
        if self.at and at < self.at[-1]:
            place = bisect_right(self.at, at)
            self.at.insert(place, at)
            self.took.insert(place, took)
        else:
            self.at.append(at)
            self.took.append(took)

    def between(self, start: int, end: int) -> slice:
        """Where those from `start` to `end` stand, both included."""
        return slice(bisect_left(self.at, start), bisect_right(self.at, end))

    def count(self, start: int, end: int) -> int:
        return max(0, bisect_right(self.at, end) - bisect_left(self.at, start))

    def durations(self, start: int, end: int) -> list[int]:
        """How long those from `start` to `end` took, oldest first."""
        return self.took[self.between(start, end)].tolist()

    def forget_before(self, at: int) -> None:
        old = bisect_left(self.at, at)
        del self.at[:old]
        del self.took[:old]


NOTHING = Series()
"""What is read where nothing happened."""
