"""A store that forgets: for tests, and to measure what durability costs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from itertools import islice, takewhile
from pathlib import Path

from labkit.engine.effects import Event
from labkit.engine.resources import Record
from labkit.sandbox.store.codec import KIND_OF, decode_record, encode_record
from labkit.sandbox.store.segments import Segment
from labkit.sandbox.store.sqlite import SqliteStore
from labkit.sandbox.store.stored_events import EventCursor, EventQuery, EventTarget, StoredEvent, StoredTarget


class MemoryStore:
    """Keeps the written form of records, so that what is loaded is never what is in use."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self._records: dict[str, tuple[str, str]] = {}
        self._events: list[StoredEvent] = []
        self._last = 0
        """The number of the last event."""
        self._segments: list[Segment] = []
        self._facts: dict[str, str] = {}
        self._targets: list[StoredTarget] = []
        self._passed: set[tuple[str, int]] = set()

    def load(self) -> list[Record]:
        return [decode_record(kind, text) for kind, text in self._records.values()]

    def commit(
        self,
        *,
        changed: Iterable[Record],
        removed: Iterable[str],
        events: Iterable[Event],
        targets: Iterable[EventTarget] = (),
    ) -> None:
        written = {record.sid: (KIND_OF[type(record)], encode_record(record)) for record in changed}
        self._records.update(written)  # after all could be written: a commit is whole or nothing
        for sid in removed:
            self._records.pop(sid, None)
        for target in targets:
            self._aim(target)
        for event in events:
            self._last += 1
            self._events.append(StoredEvent(self._last, event))

    def _aim(self, target: EventTarget) -> None:
        of_it = [each for each in self._targets if each.target.workspace_sid == target.workspace_sid]
        newest = of_it[-1] if of_it else None
        if target.url if newest is None else newest.target != target:
            kept = [each for each in self._targets if each is not newest or each.since != self._last]
            self._targets = [*kept, StoredTarget(self._last, target)]

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        newest_first = sorted(self._events, key=lambda stored: (stored.event.at, stored.number), reverse=True)
        if before is not None:
            newest_first = newest_first[1 + [stored.number for stored in newest_first].index(before) :]
        return list(islice((stored for stored in newest_first if query.fits(stored.event)), limit))

    def events_after(self, number: int, *, since: datetime | None = None, limit: int) -> list[StoredEvent]:
        passed = max(0, number - self._last + len(self._events))
        found = (each for each in islice(self._events, passed, None) if since is None or each.event.at >= since)
        return list(islice(found, limit))

    def last_event_number(self) -> int:
        return self._last

    def event_number(self, sid: str) -> int | None:
        return next((stored.number for stored in self._events if stored.event.sid == sid), None)

    def event_targets(self) -> list[StoredTarget]:
        return sorted(self._targets, key=lambda each: (each.since, each.target.workspace_sid))

    def passed_events(self) -> set[int]:
        return {number for _, number in self._passed}

    def keep_event_cursors(self, cursors: Iterable[EventCursor]) -> None:
        for cursor in cursors:
            self._move(cursor)

    def _move(self, cursor: EventCursor) -> None:
        workspace_sid, number = cursor.workspace_sid, cursor.number
        of_it = [each for each in self._targets if each.target.workspace_sid == workspace_sid]
        self._targets = [each for each in self._targets if each not in of_it]
        over = [each for each in of_it if each.since <= number]
        moved = [StoredTarget(number, each.target) for each in over[-1:]]
        self._passed |= {(workspace_sid, passed) for passed in cursor.passed}
        self._passed = {each for each in self._passed if each[0] != workspace_sid or each[1] > number}
        if cursor.ends:
            self._passed = {each for each in self._passed if each[0] != workspace_sid}
        else:
            self._targets += [*moved, *of_it[len(over) :]]

    def newest(self) -> datetime | None:
        return max((stored.event.at for stored in self._events), default=None)

    def forget_events(self, *, before: datetime, limit: int) -> int:
        old = sum(1 for _ in takewhile(lambda stored: stored.event.at < before, islice(self._events, limit)))
        del self._events[:old]
        first = self._last - len(self._events) + 1
        self._segments = [segment for segment in self._segments if segment.last >= first]
        return old

    def keep_segment(self, segment: Segment) -> None:
        self._segments.append(segment)

    def last_in_segments(self) -> int:
        return self._segments[-1].last if self._segments else 0

    def series(self, sid: str) -> list[bytes]:
        return [segment.series[sid] for segment in self._segments if sid in segment.series]

    def fact(self, name: str) -> str | None:
        return self._facts.get(name)

    def keep_fact(self, name: str, value: str) -> None:
        self._facts[name] = value

    def copier(self) -> Callable[[Path], None]:
        records, events, facts = self.load(), [stored.event for stored in self._events], dict(self._facts)
        forgotten = self._last - len(self._events)  # the copy numbers its events from 1
        targets = [StoredTarget(max(0, each.since - forgotten), each.target) for each in self._targets]
        passed = [(sid, number - forgotten) for sid, number in self._passed]

        def copy(path: Path) -> None:
            with closing(SqliteStore(path)) as made:
                made.commit(changed=records, removed=[], events=events)
                made.keep_event_targets(targets, passed=passed)
                for name, value in facts.items():
                    made.keep_fact(name, value)

        return copy

    def replace_with(
        self,
        other: SqliteStore,
        *,
        facts: Mapping[str, str] | None = None,
        leaving: Path | None = None,  # noqa: ARG002  # there is no file that could be called so
    ) -> None:
        records, events = other.load(), other.events_after(0, limit=sys.maxsize)
        self._segments = []  # they are made again as the events are read
        self._records, self._events, self._last = {}, events, other.last_event_number()
        self._targets, self._passed = other.event_targets(), set(other.passed_by_workspace())
        self._facts.update(facts or {})
        other.close()
        self.commit(changed=records, removed=[], events=[])

    def settle(self) -> None:
        pass

    def close(self) -> None:
        pass
