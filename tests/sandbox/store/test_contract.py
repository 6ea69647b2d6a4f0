"""The store's contract, played over every implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox.store.records import events, moments, records, stored

from labkit.engine.effects import Event
from labkit.engine.resources import Activity, Record
from labkit.sandbox.store import EventCursor, EventQuery, EventTarget, MemoryStore, SqliteStore, Store
from labkit.vocabulary import EventType

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Open = Callable[[], Store]

# The same store is opened anew for every example, so a fixture that lives as long as the test does no harm.
OVER_ONE_FOLDER = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["memory", "sqlite"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Makes an empty store; each call another one."""
    made: list[Path] = []

    def in_a_file() -> Store:
        made.append(tmp_path / f"{len(made)}.sqlite")
        return SqliteStore(made[-1])

    return MemoryStore if request.param == "memory" else in_a_file


@pytest.fixture
def store(fresh: Open) -> Iterator[Store]:
    """One empty store."""
    with closing(fresh()) as made:
        yield made


def activity(name: str, sid: str = "WA1") -> Activity:
    return Activity(
        sid=sid, workspace_sid="WS1", number=1, date_created=NOON, date_updated=NOON, friendly_name=name, available=True
    )


def event(sid: str, **given: Any) -> Event:
    fields: dict[str, Any] = {
        "type": EventType.TASK_CREATED,
        "at": NOON,
        "workspace_sid": "WS1",
        "account_sid": "AC1",
        "resource_type": "task",
        "resource_sid": "WT1",
        "description": "Task WT1 created",
        "data": {},
    }
    return Event(sid=sid, **{**fields, **given})


def commit(store: Store, *events: Event, changed: list[Record] | None = None, removed: list[str] | None = None) -> None:
    store.commit(changed=changed or [], removed=removed or [], events=events)


def sids(store: Store, limit: int = 100, before: int | None = None, **query: Any) -> list[str]:
    found = store.events(EventQuery(**{"workspace_sid": "WS1", **query}), limit=limit, before=before)
    return [each.event.sid for each in found]


@given(written=st.lists(records(), unique_by=lambda r: r.sid, max_size=5))
@OVER_ONE_FOLDER
def test_what_is_loaded_is_what_was_committed(fresh: Open, written: list[Record]) -> None:
    """Records of every kind, all of them, and as new objects each time."""
    with closing(fresh()) as store:
        commit(store, changed=written)
        loaded = store.load()
        assert sorted(map(stored, loaded), key=lambda r: r["sid"]) == sorted(
            map(stored, written), key=lambda r: r["sid"]
        )
        assert not {id(r) for r in loaded} & {id(r) for r in (*written, *store.load())}


def test_a_record_is_written_as_it_was_at_the_commit(store: Store) -> None:
    """What happens to the object afterwards is not in the store until the next commit, which replaces it."""
    record = activity("Lunch")
    commit(store, changed=[record])
    record.friendly_name = "Dinner"
    assert [r.friendly_name for r in store.load()] == ["Lunch"]
    commit(store, changed=[record])
    assert [r.friendly_name for r in store.load()] == ["Dinner"]


def test_removed_records_are_gone_and_unknown_ones_do_not_matter(store: Store) -> None:
    """Removing wins over nothing else; a SID that is not there is fine."""
    commit(store, changed=[activity("A", "WA1"), activity("B", "WA2")])
    commit(store, removed=["WA1", "WA9"])
    assert [r.sid for r in store.load()] == ["WA2"]


def test_a_commit_is_all_or_nothing(store: Store) -> None:
    """When a record in it cannot be written, nothing of it is, and the next commit works."""
    unwritable = activity("B", "WA2")
    unwritable.friendly_name = {"not", "text"}
    with pytest.raises(TypeError):
        commit(store, event("EV1"), changed=[activity("A"), unwritable])
    assert (store.load(), sids(store)) == ([], [])
    commit(store, event("EV2"), changed=[activity("A")])
    assert ([r.sid for r in store.load()], sids(store)) == (["WA1"], ["EV2"])


def test_events_are_numbered_one_by_one_over_all_workspaces(store: Store) -> None:
    """In the order given, over commits too; the newest come first, and `before` goes on below a number."""
    commit(store, event("EV1"), event("EV2", workspace_sid="WS2"))
    commit(store, event("EV3"), event("EV4"))
    numbered = {e.event.sid: e.number for e in store.events(EventQuery(workspace_sid="WS1"), limit=10)}
    assert list(numbered) == ["EV4", "EV3", "EV1"]
    assert numbered["EV3"] == numbered["EV1"] + 2
    assert numbered["EV4"] == numbered["EV3"] + 1
    assert sids(store, limit=2) == ["EV4", "EV3"]
    assert sids(store, limit=2, before=numbered["EV3"]) == ["EV1"]


BY_DATA = ["task_sid", "worker_sid", "reservation_sid", "task_queue_sid", "workflow_sid"]


@pytest.mark.parametrize("name", BY_DATA)
def test_events_are_found_by_what_they_are_about(store: Store, name: str) -> None:
    """Each SID filter looks at the event's own value, and an event without one does not fit."""
    commit(store, event("EV1", data={name: "XX1"}), event("EV2", data={name: "XX2"}), event("EV3"))
    assert sids(store, **{name: "XX1"}) == ["EV1"]
    assert sids(store, **{name: "XX3"}) == []


def test_events_are_found_by_channel_type_sid_and_workspace(store: Store) -> None:
    """A TaskChannel by its SID or its unique name; all conditions must fit."""
    voice = {"task_channel_sid": "TC1", "task_channel_unique_name": "voice"}
    commit(store, event("EV1", data=voice), event("EV2", type=EventType.TASK_UPDATED, data=voice), event("EV3"))
    assert sids(store, task_channel="TC1") == sids(store, task_channel="voice") == ["EV2", "EV1"]
    assert sids(store, task_channel="voice", type="task.updated") == ["EV2"]
    assert sids(store, sid="EV3") == ["EV3"]
    assert sids(store, workspace_sid="WS2") == []


def test_both_ends_of_a_time_window_count(store: Store) -> None:
    """Down to the microsecond, which an event on the whole second does not have."""
    tick = timedelta(microseconds=1)
    commit(
        store,
        event("EV1", at=NOON - tick),
        event("EV2"),
        event("EV3", at=NOON + tick),
        event("EV4", at=NOON + 2 * tick),
    )
    assert sids(store, start=NOON, end=NOON + tick) == ["EV3", "EV2"]
    assert sids(store, end=NOON) == ["EV2", "EV1"]
    assert sids(store, start=NOON + tick) == ["EV4", "EV3"]


names = st.sampled_from(["A", "B"])
some_events = events(
    at=moments,
    workspace_sid=names,
    type=st.sampled_from([EventType.TASK_CREATED, EventType.TASK_UPDATED]),
    data=st.dictionaries(st.sampled_from([*BY_DATA, "task_channel_sid", "task_channel_unique_name"]), names),
)
queries = st.builds(
    EventQuery,
    workspace_sid=names,
    start=st.none() | moments,
    end=st.none() | moments,
    type=st.none() | st.just("task.created"),
    task_channel=st.none() | names,
    **{name: st.none() | names for name in BY_DATA},
)


@given(written=st.lists(some_events, max_size=8, unique_by=lambda e: e.sid), query=queries, limit=st.integers(1, 4))
@OVER_ONE_FOLDER
def test_every_store_finds_the_same_events(tmp_path: Path, written: list[Event], query: EventQuery, limit: int) -> None:
    """Whatever is asked: memory and SQLite give the same, a moment on an event's own time included."""
    at_an_event = replace(query, start=written[0].at) if written else query
    path = tmp_path / "state.sqlite"
    path.unlink(missing_ok=True)
    with closing(MemoryStore()) as memory, closing(SqliteStore(path)) as sqlite:
        for store in (memory, sqlite):
            commit(store, *written)
        for asked in (query, at_an_event):
            assert memory.events(asked, limit=limit) == sqlite.events(asked, limit=limit)


def test_events_are_read_on_from_a_number(store: Store) -> None:
    """Of all Workspaces, oldest first, and none older than the moment given."""
    old, new = event("EV1", at=NOON - timedelta(days=1)), [event(f"EV{n}", workspace_sid=f"WS{n}") for n in (2, 3, 4)]
    commit(store, old, *new)
    everything = store.events_after(0, since=old.at, limit=10)
    assert [each.event.sid for each in everything] == ["EV1", "EV2", "EV3", "EV4"]
    assert store.events_after(0, since=NOON, limit=10) == everything[1:]
    assert store.events_after(everything[1].number, since=old.at, limit=1) == everything[2:3]
    assert store.events_after(everything[-1].number, since=old.at, limit=10) == []


def test_the_last_number_is_known(store: Store) -> None:
    """Also when the event that had it is forgotten."""
    assert store.last_event_number() == 0
    commit(store, event("EV1"), event("EV2"))
    assert store.last_event_number() == 2
    store.forget_events(before=NOON + timedelta(hours=1), limit=10)
    assert store.last_event_number() == 2


def test_the_newest_come_first_after_a_clock_was_set_back(store: Store) -> None:
    """By time, and of one moment the later one; `before` goes on in this order."""
    back = NOON - timedelta(hours=1)
    commit(store, event("EV1"), event("EV2"), event("EV3", at=back), event("EV4", at=back))
    assert sids(store) == ["EV2", "EV1", "EV4", "EV3"]
    numbers = {e.event.sid: e.number for e in store.events(EventQuery(workspace_sid="WS1"), limit=10)}
    assert [sids(store, before=number) for number in numbers.values()] == [
        ["EV1", "EV4", "EV3"],
        ["EV4", "EV3"],
        ["EV3"],
        [],
    ]


def test_the_newest_moment_of_all_events(store: Store) -> None:
    """Whichever Workspace it was in, and whichever came last; none without events."""
    assert store.newest() is None
    later = NOON + timedelta(hours=1)
    commit(store, event("EV1"), event("EV2", workspace_sid="WS2", at=later), event("EV3", workspace_sid="WS3"))
    commit(store, event("EV4", workspace_sid="WS0"))
    assert store.newest() == later


@pytest.mark.parametrize("name", ["Zoë's", 'with "quotes"', "back\\slash", "half \ud800 a pair", "new\nline"])
def test_events_are_found_by_any_text(store: Store, name: str) -> None:
    """Also by text that JSON spells in another way than it is written."""
    commit(store, event("EV1", data={"task_channel_unique_name": name, "task_attributes": "\udfff"}), event("EV2"))
    assert sids(store, task_channel=name) == ["EV1"]


def test_facts_are_kept_and_replaced(store: Store) -> None:
    """A fact nobody kept is None."""
    assert store.fact("port") is None
    store.keep_fact("port", "8080")
    store.keep_fact("port", "8081")
    store.keep_fact("account_sid", "AC1")
    assert (store.fact("port"), store.fact("account_sid")) == ("8081", "AC1")


def test_a_store_may_be_closed_twice(fresh: Open) -> None:
    """The second time does nothing."""
    store = fresh()
    store.close()
    store.close()


def test_the_oldest_events_are_forgotten(store: Store) -> None:
    """Only those before the moment, at most so many at once, and the others keep their numbers."""
    happened = [event(f"EV{hour}", at=NOON + timedelta(hours=hour)) for hour in range(5)]
    store.commit(changed=[], removed=[], events=happened)
    after_three = NOON + timedelta(hours=3)
    assert [store.forget_events(before=after_three, limit=2) for _ in range(3)] == [2, 1, 0]
    left = store.events_after(0, since=NOON, limit=10)
    assert [(stored.number, stored.event.sid) for stored in left] == [(4, "EV3"), (5, "EV4")]
    assert [stored.number for stored in store.events_after(4, since=NOON, limit=10)] == [5]
    assert [stored.event.sid for stored in store.events(EventQuery(workspace_sid="WS1"), limit=10)] == ["EV4", "EV3"]


def test_a_number_is_not_given_twice(store: Store) -> None:
    """Even when every event before it is forgotten."""
    store.commit(changed=[], removed=[], events=[event("EV1"), event("EV2")])
    assert store.forget_events(before=NOON + timedelta(hours=1), limit=10) == 2
    store.commit(changed=[], removed=[], events=[event("EV3")])
    assert [stored.number for stored in store.events_after(0, since=NOON, limit=10)] == [3]
    assert store.events_after(3, since=NOON, limit=10) == []


# --- where events are to be sent --------------------------------------------------------------------------------------


def target(url: str = "http://x/1", *, workspace_sid: str = "WS1", **given: Any) -> EventTarget:
    fields = {"events_filter": None, "workspace_name": "Tests", **given}
    return EventTarget(workspace_sid=workspace_sid, url=url, **fields)


def aim(store: Store, *targets: EventTarget, events: int = 1) -> None:
    """A commit with these targets, and so many events."""
    last = store.last_event_number()
    happened = [event(f"EV{last + number}") for number in range(1, events + 1)]
    store.commit(changed=[], removed=[], events=happened, targets=targets)


def aims(store: Store) -> list[tuple[int, str, str]]:
    return [(each.since, each.target.workspace_sid, each.target.url) for each in store.event_targets()]


def test_events_of_the_same_commit_are_sent_to_its_target(store: Store) -> None:
    """And what happened before has no target."""
    aim(store, events=3)
    aim(store, target(), events=2)
    assert aims(store) == [(3, "WS1", "http://x/1")]
    assert store.event_targets()[0].target == target()
    assert store.last_event_number() == 5


def test_only_another_target_is_kept(store: Store) -> None:
    """One after the other, for what happened meanwhile is for the one of that time; the same again is nothing new."""
    aim(store, target(), events=2)
    aim(store, target())
    aim(store, target(events_filter="task.created"))
    aim(store, target("http://x/2", workspace_sid="WS2"))
    aim(store, target(""))
    assert aims(store) == [
        (0, "WS1", "http://x/1"),
        (3, "WS1", "http://x/1"),
        (4, "WS2", "http://x/2"),
        (5, "WS1", ""),
    ]


def test_two_targets_without_an_event_in_between_are_the_later_one(store: Store) -> None:
    """There is nothing that the first one could get."""
    aim(store, target(), events=0)
    aim(store, target("http://x/2"), events=0)
    assert aims(store) == [(0, "WS1", "http://x/2")]


def test_a_workspace_that_never_had_a_url_has_no_target(store: Store) -> None:
    """So it costs nothing."""
    aim(store, target(""))
    assert store.event_targets() == []


def test_the_cursor_moves_over_what_is_over(store: Store) -> None:
    """A target of which all is over is forgotten, and so is what had passed; others' stay as they are."""
    aim(store, target(), target(workspace_sid="WS2"), events=4)
    aim(store, target("http://x/2"), events=4)
    store.keep_event_cursors([EventCursor(workspace_sid="WS1", number=2, passed=(4, 6))])
    store.keep_event_cursors([EventCursor(workspace_sid="WS2", number=1, passed=(3,))])
    assert aims(store) == [(1, "WS2", "http://x/1"), (2, "WS1", "http://x/1"), (4, "WS1", "http://x/2")]
    assert store.passed_events() == {3, 4, 6}
    store.keep_event_cursors([EventCursor(workspace_sid="WS1", number=5, passed=(8,))])
    assert aims(store) == [(1, "WS2", "http://x/1"), (5, "WS1", "http://x/2")]
    assert store.passed_events() == {3, 6, 8}
    store.keep_event_cursors([EventCursor(workspace_sid="WS1", number=4)])
    assert aims(store) == [(1, "WS2", "http://x/1"), (5, "WS1", "http://x/2")]


def test_a_cursor_that_ends_leaves_nothing(store: Store) -> None:
    """Of its own Workspace."""
    aim(store, target(), target(workspace_sid="WS2"), events=4)
    store.keep_event_cursors(
        [EventCursor(workspace_sid=sid, number=0, passed=(n,)) for n, sid in ((1, "WS1"), (2, "WS2"))]
    )
    store.keep_event_cursors([EventCursor(workspace_sid="WS1", number=4, ends=True)])
    assert aims(store) == [(0, "WS2", "http://x/1")]
    assert store.passed_events() == {2}


def test_an_event_is_found_by_its_sid(store: Store) -> None:
    """Its number; and the last number is known when that event is forgotten."""
    commit(store, event("EV1"), event("EV2"))
    assert (store.event_number("EV2"), store.event_number("EV3"), store.last_event_number()) == (2, None, 2)
    store.forget_events(before=NOON + timedelta(hours=1), limit=10)
    assert (store.event_number("EV2"), store.last_event_number()) == (None, 2)
