"""Everything that falls due, earliest first.

A deadline is a field of a record; this is only the order in which to look. An entry whose record has moved on since is
passed over, so nothing ever needs to be taken out.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from itertools import count
from typing import NamedTuple


class Due(IntEnum):
    """What is due; at one and the same moment the smaller comes first."""

    RESERVATION_TIMEOUT = 1
    TARGET_TIMEOUT = 2
    TASK_TIMEOUT = 3
    ASSIGNED_TOO_LONG = 4
    TASK_REMOVAL = 5


class Deadline(NamedTuple):
    """One thing that falls due. `order` keeps entries of the same moment and kind in the order they were set."""

    when: datetime
    due: Due
    order: int
    workspace_sid: str
    sid: str


class Deadlines:
    """A heap of deadlines. `is_live` says whether an entry still holds."""

    def __init__(self, is_live: Callable[[Deadline], bool]) -> None:
        self._heap: list[Deadline] = []
        self._is_live = is_live
        self._order = count()

    def add(self, when: datetime, due: Due, *, workspace_sid: str, sid: str) -> None:
        heapq.heappush(self._heap, Deadline(when, due, next(self._order), workspace_sid, sid))

    def next(self) -> datetime | None:
        """When the next one falls due, or None."""
        while self._heap and not self._is_live(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0].when if self._heap else None

    def pop_due(self, now: datetime) -> Deadline | None:
        """The earliest one that is due at `now`, taken out; or None."""
        when = self.next()
        if when is None or when > now:
            return None
        return heapq.heappop(self._heap)
