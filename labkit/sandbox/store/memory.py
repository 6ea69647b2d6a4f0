"""A store that forgets: for tests, and to measure what durability costs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from labkit.sandbox.engine.effects import Event
from labkit.sandbox.engine.resources import Record
from labkit.sandbox.store.codec import KIND_OF, decode_record, encode_record
from labkit.sandbox.store.contract import EventQuery, StoredEvent


class MemoryStore:
    """Keeps the written form of records, so that what is loaded is never what is in use."""

    def __init__(self) -> None:
        self._records: dict[str, tuple[str, str]] = {}
        self._events: list[StoredEvent] = []
        self._facts: dict[str, str] = {}

    def load(self) -> list[Record]:
        return [decode_record(kind, text) for kind, text in self._records.values()]

    def commit(self, *, changed: Iterable[Record], removed: Iterable[str], events: Iterable[Event]) -> None:
        written = {record.sid: (KIND_OF[type(record)], encode_record(record)) for record in changed}
        self._records.update(written)  # after all could be written: a commit is whole or nothing
        for sid in removed:
            self._records.pop(sid, None)
        for event in events:
            self._events.append(StoredEvent(len(self._events) + 1, event))

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        found = (
            stored
            for stored in reversed(self._events)
            if (before is None or stored.number < before) and _fits(stored.event, query)
        )
        return [stored for stored, _ in zip(found, range(limit), strict=False)]

    def events_after(self, number: int, *, since: datetime, limit: int) -> list[StoredEvent]:
        found = (stored for stored in islice(self._events, number, None) if stored.event.at >= since)
        return list(islice(found, limit))

    def fact(self, name: str) -> str | None:
        return self._facts.get(name)

    def keep_fact(self, name: str, value: str) -> None:
        self._facts[name] = value

    def close(self) -> None:
        pass


def _fits(event: Event, query: EventQuery) -> bool:
    wanted = {
        "task_sid": query.task_sid,
        "worker_sid": query.worker_sid,
        "reservation_sid": query.reservation_sid,
        "task_queue_sid": query.task_queue_sid,
        "workflow_sid": query.workflow_sid,
    }
    channels = (event.data.get("task_channel_sid"), event.data.get("task_channel_unique_name"))
    return (
        event.workspace_sid == query.workspace_sid
        and (query.start is None or event.at >= query.start)
        and (query.end is None or event.at <= query.end)
        and query.type in (None, event.type)
        and query.sid in (None, event.sid)
        and query.task_channel in (None, *channels)
        and all(value is None or event.data.get(name) == value for name, value in wanted.items())
    )
