"""Segments of the log: an index over some thousand events each, written once they are complete, and never changed.

A segment says for each SID, type and TaskChannel which of its events have it among their values, and what statistics
want of them. To write one costs little more than a page of events, where an index that is kept up with every commit
costs each of them; what came after the last segment is read event by event.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labkit.engine.effects import Event
from labkit.engine.statistics.packed_numbers import pack_numbers, unpack_numbers
from labkit.sandbox.store.codec import encode_moment
from labkit.sandbox.store.stored_events import EventQuery

FIELDS = (
    "task_sid",
    "worker_sid",
    "reservation_sid",
    "task_queue_sid",
    "previous_task_queue_sid",
    "workflow_sid",
    "task_channel_sid",
    "task_channel_unique_name",
)
"""The values of an event by which it is found, and all that name a resource with statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The events numbered from `first` to `last`.

    Attributes:
        first, last: the numbers at its ends, both included.
        oldest, newest: when the first and the last of them happened, in microseconds since 1970.
        events: by word, the events that have it: their numbers counted from `first`, in the order of the log.
        series: what statistics want, packed, by the resource's SID (`engine/statistics/ledger.py`).
    """

    first: int
    last: int
    oldest: int
    newest: int
    events: Mapping[str, bytes]
    series: Mapping[str, bytes]


class SegmentBuilder:
    """What the events since the last segment have among their values."""

    def __init__(self) -> None:
        self._first = 0
        self._at: dict[int, int] = {}
        """When each happened, by its number counted from the first."""
        self._events: dict[str, list[int]] = {}
        self._newest = 0
        self._is_in_order = True
        """Whether they came in the order of time, as they do but for a clock that was set back."""

    def __len__(self) -> int:
        """How many events there are."""
        return len(self._at)

    def add(self, number: int, event: Event) -> None:
        """Take in the next event, which has this number."""
        if not self._at:
            self._first = number
        offset = number - self._first
        at = self._at[offset] = encode_moment(event.at)
        self._is_in_order = self._is_in_order and at >= self._newest
        self._newest = max(self._newest, at)
        # In one loop and without a set: every event that is ever written comes along here.
        for word in (event.workspace_sid, event.type.value, *map(event.data.get, FIELDS)):
            if isinstance(word, str):
                found = self._events.get(word)
                if found is None:
                    self._events[word] = [offset]
                elif found[-1] != offset:
                    found.append(offset)

    def segment(self, series: Mapping[str, bytes]) -> Segment:
        """All of it as a segment, with what statistics want."""
        return Segment(
            first=self._first,
            last=self._first + max(self._at),
            oldest=min(self._at.values()),
            newest=self._newest,
            events={word: pack_numbers(array("I", self._in_order(offsets))) for word, offsets in self._events.items()},
            series=series,
        )

    def _in_order(self, offsets: list[int]) -> list[int]:
        """By time; of one moment by number."""
        return offsets if self._is_in_order else sorted(offsets, key=self._at.__getitem__)


def words_of_query(query: EventQuery) -> list[str]:
    """What must be among an event's words for it to fit, each once; only the Workspace if any event of it does."""
    return list(dict.fromkeys([query.workspace_sid, *query.values, *([query.type] if query.type else ())]))


def in_all(found: Sequence[bytes]) -> Iterator[int]:
    """The numbers that stand in each of these, the last in the order of the log first."""
    fewest, *others = sorted((unpack_numbers("I", packed) for packed in found), key=len)
    sets = [frozenset(each) for each in others]
    return (number for number in reversed(fewest) if all(number in each for each in sets))
