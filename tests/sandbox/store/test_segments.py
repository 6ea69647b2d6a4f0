"""Segments of the log: what is found in them, and what they keep for statistics, is what reading it all would give."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from engine.random_world import COMMANDS, build, happening, world_shape
from hypothesis import given
from hypothesis import strategies as st
from sandbox.store.test_contract import (
    BY_DATA,
    NOON,
    OVER_ONE_FOLDER,
    commit,
    event,
    queries,
    sids,
    some_events,
)

from labkit.engine.effects import Event, Outcome
from labkit.engine.statistics import Ledger
from labkit.errors import Refusal
from labkit.sandbox.store import EventHistory, EventQuery, MemoryStore, SqliteStore, Store, StoreError, history
from labkit.sandbox.store.segments import SegmentBuilder
from labkit.vocabulary import EventType


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.sqlite")
    with closing(made):
        yield made


def keep_segment(store: Store, *, events: int = 1_000) -> None:
    """Make a segment of the next events."""
    builder = SegmentBuilder()
    for stored in store.events_after(store.last_in_segments(), limit=events):
        builder.add(stored.number, stored.event)
    if len(builder):
        store.keep_segment(builder.segment({}))


# --- the log ----------------------------------------------------------------------------------------------------------


@given(
    written=st.lists(some_events, max_size=12, unique_by=lambda e: e.sid),
    cuts=st.lists(st.integers(1, 5), max_size=4),
    query=queries,
    limit=st.integers(1, 4),
    page=st.integers(0, 3),
)
@OVER_ONE_FOLDER
def test_every_store_finds_the_same_events_through_segments(
    tmp_path: Path, written: list[Event], cuts: list[int], query: EventQuery, limit: int, page: int
) -> None:
    """Whatever is asked, wherever the log was cut, whatever became of the clock: the same events in the same order."""
    path = tmp_path / "state.sqlite"
    path.unlink(missing_ok=True)
    at_an_event = replace(query, start=written[0].at) if written else query
    with closing(MemoryStore()) as memory, closing(SqliteStore(path)) as sqlite:
        for store in (memory, sqlite):
            commit(store, *written)
        for events in cuts:
            keep_segment(sqlite, events=events)
        for asked in (query, at_an_event):
            found = memory.events(asked, limit=limit)
            assert sqlite.events(asked, limit=limit) == found
            for each in found[:page]:
                after = memory.events(asked, limit=limit, before=each.number)
                assert sqlite.events(asked, limit=limit, before=each.number) == after


def test_segments_that_overlap_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock was set back within one and between two; whatever is read at a time, the newest come first."""
    monkeypatch.setattr("labkit.sandbox.store.sqlite_segments._AT_ONCE", 1)
    with closing(SqliteStore(tmp_path / "state.sqlite")) as store:
        for hours in ((1, 5, 3), (2, 4), (6, 8, 7), (5, 9)):
            data = {"task_sid": "WT1"}
            commit(
                store, *(event(f"EV{hour}.{len(hours)}", at=NOON + timedelta(hours=hour), data=data) for hour in hours)
            )
            if hours != (5, 9):
                keep_segment(store)
        in_order = ["EV9.2", "EV8.3", "EV7.3", "EV6.3", "EV5.2", "EV5.3", "EV4.2", "EV3.3", "EV2.2", "EV1.3"]
        assert sids(store, task_sid="WT1") == in_order
        numbers = {each.event.sid: each.number for each in store.events(EventQuery(workspace_sid="WS1"), limit=20)}
        assert sids(store, task_sid="WT1", before=numbers["EV5.2"]) == in_order[5:]
        assert sids(store, task_sid="WT1", start=NOON + timedelta(hours=4), limit=3) == in_order[:3]


@pytest.mark.parametrize("name", BY_DATA)
def test_few_rows_are_read_for_a_word(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One event among many costs one row, and none where nothing has the word."""
    with closing(SqliteStore(tmp_path / "state.sqlite")) as store:
        commit(store, *(event(f"EV{number}", data={name: f"XX{number}"}) for number in range(50)))
        keep_segment(store, events=30)
        keep_segment(store)
        read: list[Any] = []
        monkeypatch.setattr("labkit.sandbox.store.sqlite.decode_event", lambda row: read.append(row) or event(row[0]))
        assert store.events(EventQuery(workspace_sid="WS1", **{name: "XX9999"}), limit=10) == []
        assert read == []
        monkeypatch.undo()
        assert sids(store, **{name: "XX7"}) == ["EV7"]


@pytest.mark.parametrize("name", ["half \ud800 a pair", "Zoë's"])
def test_any_text_is_a_word(store: Store, name: str) -> None:
    """A TaskChannel may be called so."""
    commit(store, event("EV1", data={"task_channel_unique_name": name}), event("EV2"))
    keep_segment(store)
    assert sids(store, task_channel=name) == ["EV1"]


def test_segments_go_with_the_last_of_their_events(tmp_path: Path) -> None:
    """Whole ones only; nothing of them is left, and what is left is found."""
    with closing(SqliteStore(tmp_path / "state.sqlite")) as store:
        hours = [NOON + timedelta(hours=hour) for hour in range(6)]
        for number, at in enumerate(hours):
            commit(store, event(f"EV{number}", at=at, data={"task_sid": "WT1"}))
            if number in (2, 4):
                builder = SegmentBuilder()
                for stored in store.events_after(store.last_in_segments(), limit=10):
                    builder.add(stored.number, stored.event)
                store.keep_segment(builder.segment({"WS1": b"packed"}))

        def left() -> list[int]:
            count = "SELECT count(DISTINCT first) FROM "
            tables = ("segments", "segment_words", "segment_series")
            return [store._db.execute(count + table).fetchone()[0] for table in tables]

        assert left() == [2, 2, 2]
        store.forget_events(before=hours[2], limit=10)
        assert left() == [2, 2, 2]
        assert sids(store, task_sid="WT1") == ["EV5", "EV4", "EV3", "EV2"]
        store.forget_events(before=hours[3], limit=10)
        assert left() == [1, 1, 1]
        assert store.series("WS1") == [b"packed"]
        assert sids(store, task_sid="WT1") == ["EV5", "EV4", "EV3"]
        store.forget_events(before=hours[5] + timedelta(hours=1), limit=10)
        assert left() == [0, 0, 0]
        assert store.last_event_number() == 6


# --- statistics -------------------------------------------------------------------------------------------------------

steps = st.lists(happening, max_size=15)


@given(shape=world_shape, steps=steps, ends=st.sets(st.integers(0, 15)), size=st.integers(1, 12))
@OVER_ONE_FOLDER
def test_what_is_kept_is_what_reading_everything_would_give(
    tmp_path: Path, shape: Any, steps: list[tuple[str, int, int, int]], ends: set[int], size: int
) -> None:
    """Killed after any step, with segments of any size, asked in between: each series of each resource is the same."""
    path = tmp_path / "state.sqlite"
    path.unlink(missing_ok=True)
    world = build(shape)
    seen: list[Event] = []
    with pytest.MonkeyPatch.context() as patch, closing(SqliteStore(path)) as store:
        patch.setattr(history, "SEGMENT", size)
        past = EventHistory(store)
        for number, (name, *picks) in enumerate(steps):
            try:
                COMMANDS[name](world, *picks)
            except Refusal:
                continue
            outcome = Outcome(events=list(world.events))
            world.events.clear()
            seen += outcome.events
            commit(store, *outcome.events)
            past.note(outcome, world.now)
            if number in ends:
                past = EventHistory(store)
            if number % 3 == 0:
                asyncio.run(past.ledger(world.sid))
        kept = asyncio.run(past.ledger(world.sid))
        assert series_of(kept, seen) == series_of(ledger_of(seen), seen)


def ledger_of(events: list[Event]) -> Ledger:
    """One that has read everything."""
    made = Ledger()
    for each in events:
        made.add(each)
    return made


def series_of(ledger: Ledger, events: list[Event]) -> dict[tuple[str, str, str], tuple[list[int], list[int]]]:
    """All that a ledger has of whatever the events name, but of Workers who are gone."""
    gone = {e.data["worker_sid"] for e in events if e.type is EventType.WORKER_DELETED}
    scopes = {e.workspace_sid for e in events} | {
        str(v) for e in events for n, v in e.data.items() if n.endswith("_sid")
    }
    found = {}
    for scope in scopes - gone:
        ledger.read(scope)
        for (channel, name), series in ledger._whole[scope].items():
            found[scope, channel, name] = (list(series.at), list(series.took))
    return found


def created(store: Store, past: EventHistory, number: int) -> None:
    """So many events, committed and noted one by one."""
    first = store.last_event_number() + 1
    for each in range(first, first + number):
        outcome = Outcome(events=[event(f"EV{each}", data={"task_channel_sid": "TC1"})])
        commit(store, *outcome.events)
        past.note(outcome, NOON)


def tasks_created(past: EventHistory) -> int:
    ledger = asyncio.run(past.ledger("WS1"))
    return len(ledger.series("WS1", "tasks_created").at)


def test_a_start_reads_what_came_after_the_last_segment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the log is."""
    monkeypatch.setattr(history, "SEGMENT", 10)
    created(store, EventHistory(store), 25)
    assert store.last_in_segments() == 20
    read: list[int] = []
    events_after = store.events_after

    def reading(number: int, **limits: Any) -> Any:
        found = events_after(number, **limits)
        read.extend(stored.number for stored in found)
        return found

    monkeypatch.setattr(store, "events_after", reading)
    assert tasks_created(EventHistory(store)) == 25
    assert read == [21, 22, 23, 24, 25]


def test_an_old_log_is_read_once_and_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """In slices, also when nobody asks for statistics: the next start finds its segments."""
    monkeypatch.setattr(history, "SEGMENT", 10)
    monkeypatch.setattr(history, "SLICE", 4)
    commit(store, *(event(f"EV{number}", data={"task_channel_sid": "TC1"}) for number in range(22)))
    past = EventHistory(store)
    assert [past.read_on() for _ in range(6)] == [True] * 5 + [False]
    assert store.last_in_segments() == 20
    assert tasks_created(EventHistory(store)) == tasks_created(past) == 22


def test_numbers_go_on_when_all_is_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next segment begins with an event that is there."""
    monkeypatch.setattr(history, "SEGMENT", 2)
    created(store, EventHistory(store), 3)
    store.forget_events(before=NOON + timedelta(days=1), limit=100)
    past = EventHistory(store)
    assert not past.read_on()
    created(store, past, 3)
    assert (store.last_in_segments(), tasks_created(past)) == (5, 3)
    assert sids(store, type="task.created") == ["EV6", "EV5", "EV4"]


def test_without_room_the_segment_waits(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, and it is not tried again with every event."""
    monkeypatch.setattr(history, "SEGMENT", 4)
    tried: list[int] = []

    def full(segment: Any) -> None:
        tried.append(segment.last)
        raise StoreError("the disk is full")

    past = EventHistory(store)
    with monkeypatch.context() as without_room:
        without_room.setattr(store, "keep_segment", full)
        created(store, past, 11)
    assert tried == [4, 8]
    created(store, past, 2)
    assert (store.last_in_segments(), tasks_created(past), tasks_created(EventHistory(store))) == (12, 13, 13)


def test_what_cannot_be_read_is_read_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a deleted Worker was there stands in a segment; it was committed all the same, and is counted later."""
    monkeypatch.setattr(history, "SEGMENT", 1)
    worker = {"worker_sid": "WK1", "worker_activity_sid": "WA1", "task_channel_sid": "TC1"}
    came = event("EV1", type=EventType.WORKER_CREATED, data=worker)
    went = event("EV2", type=EventType.WORKER_DELETED, at=NOON + timedelta(seconds=9), data=worker)
    past = EventHistory(store)

    def broken(_: str) -> list[bytes]:
        raise StoreError("cannot be read")

    with monkeypatch.context() as unreadable:
        unreadable.setattr(store, "series", broken)
        past = EventHistory(store)
        for each in (came, went):
            commit(store, each)
            past.note(Outcome(events=[each]), NOON)
        assert store.last_in_segments() == 1
    past._ledgers["WS1"]._past = store.series
    ledger = asyncio.run(past.ledger("WS1"))
    assert list(ledger.series("WS1", "WA1").took) == [9_000_000]
    assert store.last_in_segments() == 2


def test_a_deleted_workspace_is_in_no_later_segment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not yet kept of it never is, and after a start there is none of it."""
    monkeypatch.setattr(history, "SEGMENT", 4)
    past = EventHistory(store)
    created(store, past, 2)
    other = event("EV9", workspace_sid="WS2", data={"task_channel_sid": "TC2"})
    gone = Outcome(events=[event("EV8", type=EventType.WORKSPACE_DELETED), other])
    commit(store, *gone.events)
    past.note(gone, NOON)
    assert store.last_in_segments() == 4
    assert (store.series("WS1"), len(store.series("WS2"))) == ([], 1)
    assert set(past._ledgers) == {"WS2"}
