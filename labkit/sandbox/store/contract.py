"""What the sandbox asks of a store, written down once; `memory.py` and `sqlite.py` keep it.

One contract test (tests/sandbox/store/test_contract.py) runs over every implementation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from labkit.sandbox.engine.effects import Event
from labkit.sandbox.engine.resources import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Which events of a Workspace are wanted; None means any. Both moments are included."""

    workspace_sid: str
    start: datetime | None = None
    end: datetime | None = None
    type: str | None = None
    task_sid: str | None = None
    worker_sid: str | None = None
    reservation_sid: str | None = None
    task_queue_sid: str | None = None
    workflow_sid: str | None = None
    task_channel: str | None = None
    """SID or unique name."""
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the record: `number` grows by one with each event, over all Workspaces."""

    number: int
    event: Event


class Store(Protocol):
    """Keeps records, events and a few facts. Not thread-safe: one service uses it."""

    def load(self) -> list[Record]:
        """Every record, in no particular order. Each call makes new objects.

        Raises:
            StoreError: it cannot be read.
        """

    def commit(self, *, changed: Iterable[Record], removed: Iterable[str], events: Iterable[Event]) -> None:
        """Write all of it or nothing. When this returns, it survives the end of the process.

        Events get the next numbers in the order given. Removing a SID that is not there is fine.

        Raises:
            StoreError: nothing was written.
        """

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        """At most `limit` events that fit, the newest first; only those numbered below `before` if given."""

    def events_after(self, number: int, *, since: datetime, limit: int) -> list[StoredEvent]:
        """At most `limit` events of all Workspaces, the oldest first: numbered above `number`, not before `since`."""

    def fact(self, name: str) -> str | None:
        """A fact kept by `keep_fact`, or None."""

    def keep_fact(self, name: str, value: str) -> None:
        """Keep a fact beside the records, such as the account's credentials.

        Raises:
            StoreError: it was not written.
        """

    def close(self) -> None:
        """Let go of everything. May be called twice."""


class StoreError(Exception):
    """The store could not write or read; the message says why."""
