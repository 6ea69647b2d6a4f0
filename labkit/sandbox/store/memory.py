"""A store that forgets: for tests, and to measure what durability costs."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice, takewhile
from pathlib import Path

from labkit.engine.effects import Event
from labkit.engine.resources import Record
from labkit.sandbox.store.codec import KIND_OF, decode_record, encode_record
from labkit.sandbox.store.sqlite import SqliteStore
from labkit.sandbox.store.stored_events import EventQuery, StoredEvent

_EVER = datetime.min.replace(tzinfo=UTC)


class MemoryStore:
    """Keeps the written form of records, so that what is loaded is never what is in use."""

    def __init__(self) -> None:
        self._records: dict[str, tuple[str, str]] = {}
        self._events: list[StoredEvent] = []
        self._last = 0
        """The number of the last event."""
        self._facts: dict[str, str] = {}

    def load(self) -> list[Record]:
        return [decode_record(kind, text) for kind, text in self._records.values()]

    def commit(self, *, changed: Iterable[Record], removed: Iterable[str], events: Iterable[Event]) -> None:
        written = {record.sid: (KIND_OF[type(record)], encode_record(record)) for record in changed}
        self._records.update(written)  # after all could be written: a commit is whole or nothing
        for sid in removed:
            self._records.pop(sid, None)
        for event in events:
            self._last += 1
            self._events.append(StoredEvent(self._last, event))

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        newest_first = sorted(self._events, key=lambda stored: (stored.event.at, stored.number), reverse=True)
        if before is not None:
            newest_first = newest_first[1 + [stored.number for stored in newest_first].index(before) :]
        return list(islice((stored for stored in newest_first if query.fits(stored.event)), limit))

    def events_after(
        self, number: int, *, since: datetime, limit: int, types: Collection[str] | None = None
    ) -> list[StoredEvent]:
        passed = max(0, number - self._last + len(self._events))
        found = (
            stored
            for stored in islice(self._events, passed, None)
            if stored.event.at >= since and (types is None or stored.event.type in types)
        )
        return list(islice(found, limit))

    def forget_events(self, *, before: datetime, limit: int) -> int:
        old = sum(1 for _ in takewhile(lambda stored: stored.event.at < before, islice(self._events, limit)))
        del self._events[:old]
        return old

    def fact(self, name: str) -> str | None:
        return self._facts.get(name)

    def keep_fact(self, name: str, value: str) -> None:
        self._facts[name] = value

    def copy_to(self, path: Path) -> None:
        with closing(SqliteStore(path)) as copy:
            copy.commit(changed=self.load(), removed=[], events=[stored.event for stored in self._events])
            for name, value in self._facts.items():
                copy.keep_fact(name, value)

    def replace_with(self, other: SqliteStore) -> None:
        records, events = other.load(), other.events_after(0, since=_EVER, limit=sys.maxsize)
        self._records, self._events, self._last = {}, events, events[-1].number if events else 0
        self.commit(changed=records, removed=[], events=[])

    def close(self) -> None:
        pass
