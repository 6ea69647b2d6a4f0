"""What statistics are read from: a Ledger and a Tally for each Workspace, kept up with every commit, for 30 days.

In a new state they grow from the first event on. Of a state that was there before, the events are read when statistics
are first asked for, a slice at a time, so that neither the start nor anybody else's request waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime, timedelta

from labkit.engine.effects import Event, Outcome
from labkit.engine.resources import Task
from labkit.engine.statistics import ENTERED, KEPT, Ledger, Tally
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.store.contract import Store
from labkit.sandbox.store.stored_events import StoreError
from labkit.vocabulary import EventType

log = logging.getLogger(__name__)

SLICE = 250
"""Events that are read before others have their turn: some 10 ms."""
FORGET_EVERY = timedelta(days=1)
"""How often what is too old is looked for; the first time with the first commit."""
_READ = frozenset({*ENTERED, EventType.WORKSPACE_DELETED})


class EventHistory:
    """The Ledgers and Tallies of all Workspaces.

    Args:
        store: keeps the events.
        now: the time at which it was opened.
    """

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._ledgers: dict[str, Ledger] = defaultdict(Ledger)
        self._tallies: dict[str, Tally] = {}
        self._last_read = 0
        self._is_whole = not store.events_after(0, since=now - KEPT, limit=1)
        self._reading = asyncio.Lock()
        self._forgotten: datetime | None = None

    def note(self, outcome: Outcome, now: datetime) -> None:
        """Take in what was just committed."""
        if self._is_whole:  # until then the events are read from the store, these among them
            for event in outcome.events:
                self._enter(event)
        if self._tallies:
            self._count(outcome)
        if self._forgotten is None or now - self._forgotten >= FORGET_EVERY:
            self._forget(now)

    async def ledger(self, workspace_sid: str, now: datetime) -> Ledger:
        """What happened in a Workspace in the last 30 days."""
        async with self._reading:
            while not self._is_whole:
                self._read(now)
                await asyncio.sleep(0)
        return self._ledgers[workspace_sid]

    def tally(self, state: WorkspaceState) -> Tally:
        """Where the Workspace's Tasks are."""
        sid = state.workspace.sid
        if sid not in self._tallies:
            self._tallies[sid] = Tally(state.tasks.values())
        return self._tallies[sid]

    def count_again(self) -> None:
        """The engine went back to what was last committed; what was counted may have been more."""
        self._tallies.clear()

    def _read(self, now: datetime) -> None:
        found = self._store.events_after(self._last_read, since=now - KEPT, limit=SLICE, types=_READ)
        for stored in found:
            self._enter(stored.event)
            self._last_read = stored.number
        self._is_whole = len(found) < SLICE

    def _enter(self, event: Event) -> None:
        if event.type is EventType.WORKSPACE_DELETED:
            self._ledgers.pop(event.workspace_sid, None)
            self._tallies.pop(event.workspace_sid, None)
        else:
            self._ledgers[event.workspace_sid].add(event)

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
