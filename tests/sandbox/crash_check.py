"""What must be true of a state file after its sandbox was killed, whatever it was doing."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engine.invariants import (
    RESERVATION_EVENTS,
    History,
    assert_indexes,
    assert_statuses_agree,
    assert_transfers,
    assert_within_capacity,
)
from sandbox.crash_load import Journal

from labkit.engine import Engine
from labkit.engine.effects import Event
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.store import SqliteStore
from labkit.sandbox.store.stored_events import StoredEvent
from labkit.vocabulary import EventType, ReservationStatus, TaskStatus

EVER = datetime.min.replace(tzinfo=UTC)
MOST_EVENTS = 10_000_000


def check_state(path: Path, journal: Journal, scratch: Path) -> WorkspaceState:
    """Every promise, read from a copy of the file and its log as the killed process has left them; the Workspace.

    Raises:
        AssertionError: one is broken.
    """
    copy = _copied(path, scratch)
    with closing(SqliteStore(copy)) as store:
        records, events = store.load(), store.events_after(0, since=EVER, limit=MOST_EVENTS)
    [state] = Engine(sids=str, records=records).states.values()
    history = assert_events(events)
    assert_records_are_what_the_events_say(state, history)
    assert_statuses_agree(state)
    assert_transfers(state)
    assert_within_capacity(state, History())
    assert_indexes(state)
    assert_acknowledged(journal, history, events)
    return state


def assert_events(events: list[StoredEvent]) -> History:
    """No number is missing or doubled, no SID comes twice, and every step is one that the tables have."""
    assert [stored.number for stored in events] == list(range(1, len(events) + 1))
    assert len({stored.event.sid for stored in events}) == len(events)
    history = History()
    world: Any = SimpleNamespace(events=[_with_status(stored.event) for stored in events], take_events=lambda: None)
    history.follow(world)
    return history


def assert_records_are_what_the_events_say(state: WorkspaceState, history: History) -> None:
    """A change without its event, or an event without its change, would be half a commit."""
    for task in state.tasks.values():
        said = history.tasks[task.sid]
        # The end of a Reservation is told while the Task is reserved; that it waits again has no event of its own.
        waits_again = said is TaskStatus.RESERVED and task.assignment_status is TaskStatus.PENDING
        assert said is task.assignment_status or waits_again, (task, said)
    for reservation in state.reservations.values():
        assert history.reservations[reservation.sid] is reservation.reservation_status


def assert_acknowledged(journal: Journal, history: History, events: list[StoredEvent]) -> None:
    """All that was answered with 2xx or shown in a list is there, and nothing was accepted twice.

    But for a Task that was handed over: it was accepted once more for each transfer that was completed.
    """
    assert journal.created <= set(history.tasks)
    accepted = [stored.event for stored in events if stored.event.type is EventType.RESERVATION_ACCEPTED]
    assert max(Counter(event.resource_sid for event in accepted).values(), default=0) <= 1
    happened = [stored.event for stored in events]
    taken_over = Counter(e.data["task_sid"] for e in happened if e.type is EventType.TASK_TRANSFER_COMPLETED)
    assert Counter(event.data["task_sid"] for event in accepted) <= taken_over + Counter(set(history.tasks))
    begun = {event.resource_sid for event in happened if event.type is EventType.TASK_TRANSFER_INITIATED}
    assert journal.transferred <= begun
    assert journal.accepted <= {event.resource_sid for event in accepted}
    assert set(journal.shown) <= {said for stored in events for said in _statuses(stored.event)}
    assert {sid for sid in journal.completed if history.tasks[sid] is not TaskStatus.COMPLETED} == set()


def _statuses(event: Event) -> Iterator[tuple[str, str]]:
    """The SIDs of a Task and a Reservation, each with its status, that an event speaks of."""
    if event.type in RESERVATION_EVENTS:
        yield event.resource_sid, RESERVATION_EVENTS[event.type]
    if "task_sid" in event.data:
        yield event.data["task_sid"], event.data["task_assignment_status"]


def pending_reservations(state: WorkspaceState) -> set[str]:
    """Those that wait for an answer."""
    pending = ReservationStatus.PENDING
    return {r.sid for r in state.reservations.values() if r.reservation_status is pending}


def _with_status(event: Event) -> Event:
    """A store keeps a Task's status as text."""
    name = "task_assignment_status"
    return replace(event, data={**event.data, name: TaskStatus(event.data[name])}) if name in event.data else event


def _copied(state: Path, scratch: Path) -> Path:
    """The file and its log: opening the file itself would tidy up what the next sandbox is to find."""
    copy = scratch / "copy.sqlite"
    for ending in ("", "-wal", "-shm"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)
        part = state.with_name(state.name + ending)
        if part.exists() and ending != "-shm":
            shutil.copyfile(part, copy.with_name(copy.name + ending))
    return copy
