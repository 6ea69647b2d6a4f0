"""What the sandbox asks of a store, written down once; `memory.py` and `sqlite.py` keep it.

One contract test (tests/sandbox/store/test_contract.py) runs over every implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from labkit.engine.effects import Event
from labkit.engine.resources import Record
from labkit.sandbox.store.segments import Segment
from labkit.sandbox.store.stored_events import EventCursor, EventQuery, EventTarget, StoredEvent, StoredTarget

if TYPE_CHECKING:
    from labkit.sandbox.store.sqlite import SqliteStore


class Store(Protocol):
    """Keeps records, events and a few facts. Not thread-safe: one service uses it.

    Attributes:
        trouble: why the last write failed, in a sentence with what to do; None if it did not.
    """

    trouble: str | None

    def load(self) -> list[Record]:
        """Every record, in no particular order. Each call makes new objects.

        Raises:
            StoreError: it cannot be read.
        """

    def commit(
        self,
        *,
        changed: Iterable[Record],
        removed: Iterable[str],
        events: Iterable[Event],
        targets: Iterable[EventTarget] = (),
    ) -> None:
        """Write all of it or nothing. When this returns, it survives the end of the process
        (a power cut only with `Durable.POWER`).

        Events get the next numbers in the order given. Removing a SID that is not there is fine.

        Args:
            changed, removed, events: what happened.
            targets: where these events and later ones are to be sent, if that is another place than before.

        Raises:
            StoreError: nothing was written.
        """

    def events(self, query: EventQuery, *, limit: int, before: int | None = None) -> list[StoredEvent]:
        """At most `limit` events that fit, the newest first, and of one moment the one with the higher number.

        With `before`, the number of an event that is there, only those that come after it in this order.
        """

    def events_after(self, number: int, *, since: datetime | None = None, limit: int) -> list[StoredEvent]:
        """At most `limit` events of all Workspaces, the oldest first: numbered above `number`, not before `since`."""

    def last_event_number(self) -> int:
        """Of all the events that there ever were; 0 if there was none."""

    def keep_segment(self, segment: Segment) -> None:
        """Keep the index over the next events: they follow those of the last segment.

        Raises:
            StoreError: it was not written.
        """

    def event_number(self, sid: str) -> int | None:
        """The number of the event with this SID; None if there is none."""

    def event_targets(self) -> list[StoredTarget]:
        """Where events are still to be sent, the oldest first."""

    def passed_events(self) -> set[int]:
        """The numbers of the events that are over though one before them is not."""

    def keep_event_cursors(self, cursors: Iterable[EventCursor]) -> None:
        """Keep how far the sending has come. Targets of which all is over are forgotten.

        Raises:
            StoreError: nothing was written.
        """

    def newest(self) -> datetime | None:
        """The latest moment at which an event happened; None without events."""

    def last_in_segments(self) -> int:
        """The number of the last event that is in a segment; 0 if none is."""

    def series(self, sid: str) -> list[bytes]:
        """What the segments have for the statistics of a resource, the oldest first."""

    def forget_events(self, *, before: datetime, limit: int) -> int:
        """Forget the oldest events that happened before a moment, at most `limit`; how many those were.

        Numbers are not given again. Segments go with the last of their events.

        Raises:
            StoreError: nothing was forgotten.
        """

    def fact(self, name: str) -> str | None:
        """A fact kept by `keep_fact`, or None."""

    def keep_fact(self, name: str, value: str) -> None:
        """Keep a fact beside the records, such as the account's credentials.

        Raises:
            StoreError: it was not written.
        """

    def copier(self) -> Callable[[Path], None]:
        """What writes all that there is at this moment into an empty file, which a `SqliteStore` can be opened on.

        It is called once, by any thread, whatever is committed meanwhile. It raises StoreError if the file was not
        written; what there is of it is worth nothing then.

        Raises:
            StoreError: it cannot be read.
        """

    def replace_with(
        self, other: SqliteStore, *, facts: Mapping[str, str] | None = None, leaving: Path | None = None
    ) -> None:
        """Hold the records and events of the other one and no others; the facts stay. All of it or nothing.

        Args:
            other: closed afterwards, and of no use.
            facts: kept beside those that there are, at the same instant.
            leaving: the new name of the file that was the state until now, of a store that has one.

        Raises:
            StoreError: nothing has changed.
        """

    def settle(self) -> None:
        """Let nothing be left to be written when another takes its place. Any thread may call it, and it may take long.

        Raises:
            StoreError: it could not be written.
        """

    def close(self) -> None:
        """Let go of everything. May be called twice."""
