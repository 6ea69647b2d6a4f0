"""What must be true of the event callbacks of a sandbox that was killed: none is lost, and few come twice."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from sandbox.callback_target import Target
from sandbox.crash_load import PATIENCE_SECONDS

from labkit.sandbox.event_callbacks import MAX_UNDER_WAY
from labkit.sandbox.store import SqliteStore

EVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class EventJournal:
    """Which event callbacks have arrived, by the event's SID, between one kill and the next."""

    target: Target
    kills: list[int] = field(default_factory=lambda: [0])
    """How many had arrived by then."""

    @property
    def arrived(self) -> list[str]:
        """The SIDs of the events, in the order in which they arrived."""
        return [form["Sid"] for form in self.target.events()]

    def note_kill(self) -> None:
        """The sandbox was killed, and what it had sent by then has arrived."""
        self.kills.append(len(self.arrived))

    def wait_for_all(self, state: Path) -> None:
        """Until the sandbox that runs on this state has sent all that waits."""
        pause = threading.Event()
        with closing(sqlite3.connect(f"{state.resolve().as_uri()}?mode=ro", uri=True)) as db:
            for _ in range(PATIENCE_SECONDS * 10):
                [(last, since)] = db.execute(
                    "SELECT seq, (SELECT min(since) FROM event_targets) FROM sqlite_sequence WHERE name = 'events'"
                )
                if last == since:
                    return
                pause.wait(0.1)
        raise AssertionError(f"all events up to {since} are over, and there are {last}")

    def check(self, state: Path) -> int:
        """Every event arrived, and nothing else did; how many came twice, each because it was under way at a kill.

        Raises:
            AssertionError: it is not so.
        """
        with closing(SqliteStore(state)) as store:
            happened = {stored.event.sid for stored in store.events_after(0, since=EVER, limit=10_000_000)}
        arrived = self.arrived
        assert happened - set(arrived) == set(), "an event callback was lost"
        assert set(arrived) - happened == set(), "an event was sent that was not kept"
        return self._doubled(arrived)

    def _doubled(self, arrived: list[str]) -> int:
        lives = [arrived[began:ended] for began, ended in pairwise([*self.kills, len(arrived)])]
        for life in lives:
            assert max(Counter(life).values(), default=0) <= 1, "an event was sent twice, and no kill was in between"
        seen: set[str] = set()
        doubled = 0
        for life in lives:
            again = len(seen & set(life))
            assert again <= MAX_UNDER_WAY, f"{again} events came again after a kill"
            doubled += again
            seen |= set(life)
        return doubled
