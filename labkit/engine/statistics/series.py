"""A series: when a thing happened, again and again, and how long each time took.

Moments and durations are whole microseconds, so that sums are exact and a window's edges are too.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import datetime

from labkit.engine.statistics.packed_numbers import pack_numbers, unpack_numbers

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

    def extend(self, later: Series) -> None:
        """Note all of another one, as if each had been added in its order."""
        if self.at and later.at and later.at[0] < self.at[-1]:
            for at, took in zip(later.at, later.took, strict=True):
                self.add(at, took)
        else:
            self.at.extend(later.at)
            self.took.extend(later.took)

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

Shelf = dict[tuple[str, str], Series]
"""Of one resource: the series by TaskChannel and name."""


def pack(shelf: Mapping[tuple[str, str], Series]) -> bytes:
    """The series as bytes: a line of JSON that says which there are, then their numbers, of eight bytes each.

    Durations are left out where all of them are 0.
    """
    heads = [(*key, len(series.at), any(series.took)) for key, series in shelf.items()]
    numbers = [part for series in shelf.values() for part in (series.at, series.took if any(series.took) else ())]
    return b"\n".join((json.dumps(heads).encode(), b"".join(pack_numbers(part) for part in numbers if part)))


def unpack(packed: bytes) -> Shelf:
    """What `pack` was given.

    Raises:
        ValueError: it is something else.
    """
    line, _, numbers = packed.partition(b"\n")
    shelf: Shelf = {}
    begin = 0
    for channel, name, length, has_durations in json.loads(line):
        made = shelf[channel, name] = Series()
        end = begin + length * _WIDTH
        made.at = unpack_numbers("q", numbers[begin:end])
        begin = end + length * _WIDTH * has_durations
        made.took = unpack_numbers("q", numbers[end:begin] if has_durations else bytes(length * _WIDTH))
    if begin != len(numbers):
        raise ValueError(f"series of {begin} bytes stand in {len(numbers)}")
    return shelf


_WIDTH = array("q").itemsize
