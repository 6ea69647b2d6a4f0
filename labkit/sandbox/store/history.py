"""What statistics are read from: a Ledger and a Tally for each Workspace, kept up with every commit, for 30 days.

What a Ledger has of some thousand events goes into a segment of the log (`segments.py`), so that after a start only the
events since the last segment are to be read. That is done in slices between requests, and so is the whole log of a
state that has no segments yet.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from labkit.engine.effects import Event, Outcome
from labkit.engine.resources import Task
from labkit.engine.statistics import KEPT, Ledger, Tally
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.store.contract import Store
from labkit.sandbox.store.segments import SegmentBuilder
from labkit.sandbox.store.stored_events import StoreError
from labkit.vocabulary import EventType

log = logging.getLogger(__name__)

SLICE = 100
"""Events that are read, or forgotten, before others have their turn: some milliseconds."""
SEGMENT = 4_000
"""Events of a segment. What came after the last one is read event by event, by whoever looks for some of them."""
COUNTED_AT_ONCE = 500
"""Tasks: some milliseconds."""
TURN_SECONDS = 0.005
"""In which the past of resources is read before others have their turn."""
FORGET_EVERY = timedelta(days=1)
"""How often what is too old is looked for; the first time with the first commit."""


class EventHistory:
    """The Ledgers and Tallies of all Workspaces, and the segments of their log.

    Args:
        store: keeps the events.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ledgers: dict[str, Ledger] = {}
        self._tallies: dict[str, Tally] = {}
        self._uncounted: dict[str, deque[Task]] = {}
        """Tasks that were there when somebody first asked, by Workspace; they are counted in slices."""
        self._recent = SegmentBuilder()
        self._segment_at = SEGMENT
        """As soon as there are so many recent events."""
        self._last_read = store.last_in_segments()
        self._is_whole = store.last_event_number() == self._last_read
        self._forgotten: datetime | None = None

    def note(self, outcome: Outcome, now: datetime) -> None:
        """Take in what was just committed."""
        if self._is_whole:  # until then the events are read from the store, these among them
            self._enter(enumerate(outcome.events, self._last_read + 1))
        if self._tallies:
            self._count(outcome)
        if self._forgotten is None or now - self._forgotten >= FORGET_EVERY:
            self._forget(now)

    def read_on(self) -> bool:
        """Read a slice of the events that are not yet taken in; whether there are more.

        Raises:
            StoreError: they cannot be read.
        """
        if not self._is_whole:
            found = self._store.events_after(self._last_read, limit=SLICE)
            self._is_whole = self._enter((each.number, each.event) for each in found) and len(found) < SLICE
            if self._is_whole:  # those at the end may be forgotten by now
                self._last_read = self._store.last_event_number()
        return not self._is_whole

    async def ledger(self, workspace_sid: str, scopes: Iterable[str] = ()) -> Ledger:
        """What happened in a Workspace in the last 30 days, and perhaps before.

        Args:
            workspace_sid: the Workspace.
            scopes: resources that will be asked for. What there is of them is read before, a few at a time.

        Raises:
            StoreError: it cannot be read.
        """
        while self.read_on():
            await asyncio.sleep(0)
        ledger, begun = self._ledger(workspace_sid), time.monotonic()
        for scope in scopes:
            if ledger.read(scope) and time.monotonic() - begun > TURN_SECONDS:
                await asyncio.sleep(0)
                begun = time.monotonic()
        return ledger

    async def tally(self, state: WorkspaceState) -> Tally:
        """Where the Workspace's Tasks are."""
        sid = state.workspace.sid
        if sid not in self._tallies:
            self._tallies[sid], self._uncounted[sid] = Tally(), deque(state.tasks.values())
        tally, uncounted = self._tallies[sid], self._uncounted.get(sid)
        while uncounted:
            for _ in range(min(COUNTED_AT_ONCE, len(uncounted))):
                task = uncounted.popleft()
                if state.tasks.get(task.sid) is task:  # what becomes of it from now on, `note` tells
                    tally.note(task)
            await asyncio.sleep(0)
        return tally

    def count_again(self) -> None:
        """The engine went back to what was last committed; what was counted may have been more."""
        self._tallies.clear()
        self._uncounted.clear()

    def _enter(self, events: Iterable[tuple[int, Event]]) -> bool:
        """Take in the next events, each with its number; whether all could be. The others are read again later."""
        try:
            for number, event in events:
                self._enter_one(event)
                self._recent.add(number, event)
                self._last_read = number
                if len(self._recent) >= self._segment_at:
                    self._keep_segment()
        except StoreError as error:
            log.warning("statistics wait for what cannot be read: %s", error)
            self._is_whole = False
            return False
        return True

    def _enter_one(self, event: Event) -> None:
        if event.type is EventType.WORKSPACE_DELETED:
            self._ledgers.pop(event.workspace_sid, None)
            self._tallies.pop(event.workspace_sid, None)
            self._uncounted.pop(event.workspace_sid, None)
        else:
            self._ledger(event.workspace_sid).add(event)

    def _ledger(self, workspace_sid: str) -> Ledger:
        ledger = self._ledgers.get(workspace_sid)
        if ledger is None:
            ledger = self._ledgers[workspace_sid] = Ledger(self._store.series)
        return ledger

    def _keep_segment(self) -> None:
        series = {sid: packed for ledger in self._ledgers.values() for sid, packed in ledger.packed().items()}
        try:
            self._store.keep_segment(self._recent.segment(series))
        except StoreError as error:
            log.warning("the log's next segment waits for room: %s", error)
            self._segment_at += SEGMENT
            return
        self._recent, self._segment_at = SegmentBuilder(), SEGMENT
        for ledger in self._ledgers.values():
            ledger.give_away()

    def _count(self, outcome: Outcome) -> None:
        for record in outcome.changed.values():
            if isinstance(record, Task) and record.workspace_sid in self._tallies:
                self._tallies[record.workspace_sid].note(record)
        for sid in outcome.removed:
            for tally in self._tallies.values():
                tally.forget(sid)

    def _forget(self, now: datetime) -> None:
        """Forget what is too old: a slice of events with each commit, until none is left."""
        oldest = now - KEPT
        try:
            if self._store.forget_events(before=oldest, limit=SLICE) == SLICE:
                return
        except StoreError as error:
            log.warning("events that are too old stay for now: %s", error)
        self._forgotten = now
        for ledger in self._ledgers.values():
            ledger.forget_before(oldest)
