"""Everything that falls due, earliest first.

A deadline is a field of a record; this is only the order in which to look. An entry whose record has moved on since is
passed over, and when such entries have become many they are dropped together.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from labkit.engine.resources import Record

TIDY_AT_LEAST = 1024
"""Entries; fewer are not worth tidying."""


class Due(IntEnum):
    """What is due; at one and the same moment the smaller comes first."""

    RESERVATION_TIMEOUT = 1
    TARGET_TIMEOUT = 2
    TASK_TIMEOUT = 3
    ASSIGNED_TOO_LONG = 4
    TASK_REMOVAL = 5
    CALL = 6
    WORKFLOW_PAUSE = 7
    TASK_PAUSE = 8


class Deadline(NamedTuple):
    """One thing that falls due. Of the same moment and kind, the older record's `number` comes first."""

    when: datetime
    due: Due
    number: int
    workspace_sid: str
    sid: str


class Deadlines:
    """A heap of deadlines. `is_live` says whether an entry still holds."""

    def __init__(self, is_live: Callable[[Deadline], bool]) -> None:
        self._heap: list[Deadline] = []
        self._is_live = is_live
        self._tidy_at = TIDY_AT_LEAST

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, when: datetime, due: Due, record: Record) -> None:
        heapq.heappush(self._heap, Deadline(when, due, record.number, record.workspace_sid, record.sid))
        if len(self._heap) > self._tidy_at:
            self._tidy()

    def take_all(self) -> list[Deadline]:
        """All of them, and those that do not hold; none is left."""
        taken, self._heap = self._heap, []
        return taken

    def next(self) -> datetime | None:
        """When the next one falls due, or None."""
        first = self.first()
        return first.when if first is not None else None

    def first(self) -> Deadline | None:
        """The next one, or None."""
        while self._heap and not self._is_live(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0] if self._heap else None

    def _tidy(self) -> None:
        """Drop what does not hold any more; rarely enough that it costs each entry next to nothing."""
        self._heap = [deadline for deadline in self._heap if self._is_live(deadline)]
        heapq.heapify(self._heap)
        self._tidy_at = max(TIDY_AT_LEAST, 2 * len(self._heap))

    def pop_due(self, now: datetime) -> Deadline | None:
        """The earliest one that is due at `now`, taken out; or None."""
        when = self.next()
        if when is None or when > now:
            return None
        return heapq.heappop(self._heap)
