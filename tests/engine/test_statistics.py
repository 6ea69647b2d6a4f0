"""Statistics: what the ledger and the tally say is what happened and what is, whatever happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from engine.random_world import COMMANDS, build, happening, pick, world_shape
from engine.world import World, moment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkit import limits
from labkit.engine import commands as c
from labkit.engine import statistics
from labkit.engine.effects import Event, Outcome
from labkit.engine.resources import Task
from labkit.engine.statistics import KEPT, Ledger, Span, Tally, cumulative
from labkit.engine.statistics.series import SECOND, Series, pack, unpack
from labkit.errors import Refusal
from labkit.vocabulary import EventType, TaskStatus

# --- series ----------------------------------------------------------------------------------------------------------


def series(*moments: tuple[int, int]) -> Series:
    made = Series()
    for at, took in moments:
        made.add(at, took)
    return made


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(0, 40, [1, 2, 3]), (10, 30, [1, 2, 3]), (11, 29, [2]), (20, 20, [2]), (31, 40, []), (30, 10, [])],
)
def test_both_edges_of_a_window_count(start: int, end: int, found: list[int]) -> None:
    """From the first microsecond to the last; nothing in a window that ends before it begins."""
    made = series((10, 1), (20, 2), (30, 3))
    assert made.durations(start, end) == found
    assert made.count(start, end) == len(found)


def test_a_clock_set_back_does_not_disturb_the_order() -> None:
    """A restart forgets how far the clock was moved on: later events may have earlier moments."""
    made = series((10, 1), (30, 3), (20, 2), (5, 0), (30, 4))
    assert list(made.at) == [5, 10, 20, 30, 30]
    assert list(made.took) == [0, 1, 2, 3, 4]


def test_what_is_old_is_let_go() -> None:
    """What is exactly as old as asked for stays."""
    made = series((10, 1), (20, 2), (30, 3))
    made.forget_before(20)
    assert (list(made.at), list(made.took)) == ([20, 30], [2, 3])


numbers = st.integers(-(2**63), 2**63 - 1)
shelves = st.dictionaries(
    st.tuples(st.sampled_from(["", "TC1"]), st.text(max_size=5)),
    st.lists(st.tuples(numbers, st.just(0) | numbers), min_size=1),
)


@given(shelves)
def test_what_is_unpacked_is_what_was_packed(given: dict[tuple[str, str], list[tuple[int, int]]]) -> None:
    """Every number, and no more."""
    shelf: dict[tuple[str, str], Series] = {}
    for key, moments in given.items():
        shelf[key] = Series()
        for each in moments:
            shelf[key].add(*each)
    found = unpack(pack(shelf))
    assert {key: (series.at, series.took) for key, series in found.items()} == {
        key: (series.at, series.took) for key, series in shelf.items()
    }


def test_half_of_it_is_refused() -> None:
    """A file may be damaged."""
    made = Series()
    made.add(1, 2)
    with pytest.raises(ValueError, match="stand in"):
        unpack(pack({("", "tasks_created"): made})[:-8])


# --- durations -------------------------------------------------------------------------------------------------------


def test_a_spread_is_in_whole_seconds() -> None:
    """Added up first and rounded down then: three times 1.5 s are 4 s."""
    assert cumulative.spread([]) == {"avg": 0, "min": 0, "max": 0, "total": 0}
    waits = [3 * SECOND // 2] * 3
    assert cumulative.spread(waits) == {"avg": 1, "min": 1, "max": 1, "total": 4}
    assert cumulative.spread([SECOND, 6 * SECOND]) == {"avg": 3, "min": 1, "max": 6, "total": 7}


def test_a_wait_as_long_as_the_threshold_is_below_it() -> None:
    """A microsecond more is above."""
    found = cumulative.split([5 * SECOND, 5 * SECOND + 1, 40 * SECOND], [4 * SECOND], [5, 30])
    assert found == {
        "5": {
            "below": {"reservations_accepted": 1, "tasks_canceled": 1},
            "above": {"reservations_accepted": 2, "tasks_canceled": 0},
        },
        "30": {
            "below": {"reservations_accepted": 2, "tasks_canceled": 1},
            "above": {"reservations_accepted": 1, "tasks_canceled": 0},
        },
    }


def test_a_split_looks_at_the_latest_ten_thousand() -> None:
    """The documented limit."""
    waits = [SECOND, *[9 * SECOND] * limits.MAX_SPLIT_TASKS]
    found = cumulative.split(waits, [], [5])["5"]
    assert found["below"]["reservations_accepted"] == 0
    assert found["above"]["reservations_accepted"] == limits.MAX_SPLIT_TASKS


# --- the ledger ------------------------------------------------------------------------------------------------------


def ledger_of(world: World) -> Ledger:
    ledger = Ledger()
    for event in world.events:
        ledger.add(event)
    return ledger


def total(found: list[dict[str, Any]]) -> dict[str, tuple[int, int, int, int]]:
    """Total, least, most and average by the Activity's name, where there is any."""
    return {a["friendly_name"]: (a["total"], a["min"], a["max"], a["avg"]) for a in found if a["total"]}


def time_of(world: World, start: float, end: float, *names: str) -> dict[str, tuple[int, int, int, int]]:
    """The time of these Workers in Activities, or of all."""
    workers = [world.worker(name) for name in names] or list(world.state.workers.values())
    return total(
        statistics.time_in_activities(
            ledger_of(world),
            Span(moment(start), moment(end)),
            [worker.sid for worker in workers] if names else [world.sid],
            workers=workers,
            activities=world.state.activities,
        )
    )


def test_stays_are_cut_to_the_window(world: World) -> None:
    """Alice: Offline from 0, Available from 100, Offline from 160; Bob: Available from 100 on."""
    world.add_worker("Alice", activity="Offline")
    world.at(100).set_activity("Alice", "Available")
    world.add_worker("Bob")
    world.at(160).set_activity("Alice", "Offline")
    world.at(200)
    assert time_of(world, 0, 200, "Alice") == {"Offline": (140, 40, 100, 70), "Available": (60, 60, 60, 60)}
    assert time_of(world, 90, 130, "Alice") == {"Offline": (10, 10, 10, 10), "Available": (30, 30, 30, 30)}
    assert time_of(world, 120, 150, "Alice") == {"Available": (30, 30, 30, 30)}
    assert time_of(world, 0, 200, "Bob") == {"Available": (100, 100, 100, 100)}
    assert time_of(world, 0, 200) == {"Offline": (140, 40, 100, 70), "Available": (160, 60, 100, 80)}
    assert time_of(world, 200, 200) == {}


def test_an_activity_that_is_set_again_is_one_stay(world: World) -> None:
    """Its time counts once."""
    world.add_worker("Alice")
    world.at(30).set_activity("Alice", "Available")
    world.at(50).set_activity("Alice", "Offline")
    assert time_of(world, 0, 50, "Alice") == {"Available": (50, 50, 50, 50)}


def test_a_stay_of_no_time_is_none(world: World) -> None:
    """Else the least would be 0 wherever a Worker is created and sent to work in one go."""
    world.add_worker("Alice", activity="Offline")
    world.set_activity("Alice", "Available")
    world.at(10)
    assert time_of(world, 0, 10, "Alice") == {"Available": (10, 10, 10, 10)}


def test_a_worker_who_left_was_there(world: World) -> None:
    """The last stay ends when the Worker is deleted."""
    world.add_worker("Alice")
    world.at(30).set_activity("Alice", "Unavailable")
    world.at(50).delete("Alice")
    world.at(90)
    assert time_of(world, 0, 90) == {"Available": (30, 30, 30, 30), "Unavailable": (20, 20, 20, 20)}


def test_a_worker_of_whom_the_beginning_is_forgotten(world: World) -> None:
    """A Worker who is deleted after 30 days in one Activity was there for the whole window."""
    world.add_worker("Alice")
    world.events.clear()
    world.at(50).delete("Alice")
    assert time_of(world, 20, 60) == {"Available": (30, 30, 30, 30)}


def test_what_was_given_away_is_read_again(routed: World) -> None:
    """By resource, and by who asks; what came since is there as well, and nothing is counted twice."""
    given: list[dict[str, bytes]] = []
    ledger = Ledger(lambda sid: [packed[sid] for packed in given if sid in packed])
    for number in range(3):
        routed.at(number).create_task(f"T{number}")
        for event in routed.events:
            ledger.add(event)
        routed.events.clear()
        if number < 2:
            given.append(ledger.packed())
            ledger.give_away()
        assert ledger.read(routed.sid) == (number == 0)
        assert len(ledger.series(routed.sid, "tasks_created").at) == number + 1
    assert set(given[0]) == {routed.sid, *routed.state.workflows, *routed.state.task_queues}
    anew = Ledger(lambda sid: [packed[sid] for packed in given if sid in packed])
    assert len(anew.series(routed.sid, "tasks_created").at) == 2


def test_what_is_older_than_thirty_days_is_let_go(routed: World) -> None:
    """The series with it, so that a ledger does not grow with what has been."""
    routed.create_task("T1")
    ledger = ledger_of(routed)
    span = Span(moment(0), moment(10))
    assert span.count(ledger.series(routed.sid, "tasks_created")) == 1
    ledger.forget_before(moment(0))
    assert span.count(ledger.series(routed.sid, "tasks_created")) == 1
    ledger.forget_before(moment(1))
    assert not any(ledger._recent.values())
    assert not any(ledger._whole.values())


# --- the tally -------------------------------------------------------------------------------------------------------


def test_a_task_is_counted_where_it_is(routed: World) -> None:
    """In the Workspace, its Workflow and its TaskQueue; by channel and in any."""
    routed.create_task("T1", channel="voice", priority=5)
    routed.create_task("T2")
    tally = Tally(routed.state.tasks.values())
    for scope in (routed.sid, routed.names["Main"], routed.names["Everybody"]):
        assert tally.of(scope).by_status == {TaskStatus.PENDING: 2}
        assert tally.of(scope, channel=routed.names["voice"]).by_priority == {5: 1}
    assert tally.of(routed.sid, channel=routed.names["chat"]).by_status == {}


def test_a_task_waits_until_somebody_accepts(routed: World) -> None:
    """A reserved one still waits, an assigned one does not, a completed one is not counted."""
    tally = Tally([])
    task = routed.create_task("T1")
    for act, waiting, counted in (
        (lambda: routed.set_activity("Alice", "Available"), 1, {TaskStatus.RESERVED: 1}),
        (lambda: routed.answer("T1", "accepted"), 0, {TaskStatus.ASSIGNED: 1}),
        (lambda: routed.answer("T1", "wrapping"), 0, {TaskStatus.WRAPPING: 1}),
        (lambda: routed.answer("T1", "completed"), 0, {}),
    ):
        act()
        tally.note(task)
        assert len(tally.of(routed.sid).waiting) == len(tally.of(routed.names["Everybody"]).in_queue) == waiting
        assert tally.of(routed.sid).by_status == counted


def test_the_longest_wait_in_the_queue_is_another(world: World) -> None:
    """The older Task came to the second queue later."""
    world.add_queue("First")
    world.add_queue("Second")
    world.add_workflow(
        "Main",
        filters=[
            {"expression": "kind == 1", "targets": [{"queue": "First", "timeout": 60}, {"queue": "Second"}]},
            {"expression": "kind == 2", "targets": [{"queue": "Second"}]},
        ],
    )
    old = world.create_task("Old", attributes={"kind": 1})
    new = world.at(20).create_task("New", attributes={"kind": 2})
    world.at(100)
    count = Tally(world.state.tasks.values()).of(world.names["Second"])
    now = statistics.tasks_now(count, world.now)
    assert (now["longest_task_waiting_age"], now["longest_task_waiting_sid"]) == (100, old.sid)
    assert statistics.tasks_in_queue(count, world.now) == {
        "longest_relative_task_age_in_queue": 80,
        "longest_relative_task_sid_in_queue": new.sid,
    }


def test_who_is_eligible_and_who_is_available(world: World) -> None:
    """Every Activity is named; a queue that is not there has nobody."""
    world.add_queue("Spanish", 'languages HAS "es"')
    world.add_worker("Alice", attributes={"languages": ["es"]})
    world.add_worker("Bob", attributes={"languages": ["es"]}, activity="Offline")
    world.add_worker("Carol", attributes={"languages": ["en"]})
    found = statistics.eligible_workers(world.state, world.names["Spanish"])
    assert {a["friendly_name"]: a["workers"] for a in found["activity_statistics"]} == {
        "Offline": 1,
        "Unavailable": 0,
        "Available": 1,
    }
    assert (found["total_eligible_workers"], found["total_available_workers"]) == (2, 1)
    nobody = statistics.eligible_workers(world.state, "WQ" + "9" * 32)
    assert (nobody["total_eligible_workers"], len(nobody["activity_statistics"])) == (0, 3)
    assert statistics.workers_now(world.state, world.state.workers.values())["total_workers"] == 3


# --- whatever happens ------------------------------------------------------------------------------------------------


class Observer:
    """Sees every outcome, as the service lets its history see them, and keeps the events to count them the slow way."""

    def __init__(self, world: World) -> None:
        self.ledger = ledger_of(world)
        self.events: list[Event] = list(world.events)
        self.activities = dict(world.state.activities)
        self.tally = Tally(world.state.tasks.values())
        self._note = world._note
        world._note = self.note  # type: ignore[method-assign]

    def note(self, outcome: Outcome) -> Outcome:
        for event in outcome.events:
            self.events.append(event)
            self.ledger.add(event)
        for record in outcome.changed.values():
            if isinstance(record, Task):
                self.tally.note(record)
        for sid in outcome.removed:
            self.tally.forget(sid)
        return self._note(outcome)


def counted(tally: Tally) -> dict[Any, Any]:
    """All that a tally says."""
    found = {
        key: (count.by_status, count.by_priority, count.waiting, count.in_queue) for key, count in tally._counts.items()
    }
    return {key: value for key, value in found.items() if any(value)}


FIELDS = {"WS": "workspace_sid", "WW": "workflow_sid", "WQ": "task_queue_sid", "WK": "worker_sid"}
NAMES = {
    "tasks_created": (EventType.TASK_CREATED,),
    "tasks_canceled": (EventType.TASK_CANCELED,),
    "tasks_completed": (EventType.TASK_COMPLETED,),
    "tasks_deleted": (EventType.TASK_DELETED, EventType.TASK_SYSTEM_DELETED),
    "tasks_timed_out_in_workflow": (EventType.WORKFLOW_TIMEOUT,),
    "reservations_created": (EventType.RESERVATION_CREATED,),
    "reservations_accepted": (EventType.RESERVATION_ACCEPTED,),
    "reservations_rejected": (EventType.RESERVATION_REJECTED,),
    "reservations_timed_out": (EventType.RESERVATION_TIMEOUT,),
    "reservations_canceled": (EventType.RESERVATION_CANCELED,),
    "reservations_rescinded": (EventType.RESERVATION_RESCINDED,),
}


def happened(events: list[Event], scope: str, name: str, *, span: Span, channel: str = "") -> int:
    """How often, counted one by one."""
    field = FIELDS[scope[:2]]
    return sum(
        event.type in NAMES[name]
        and span.start <= event.at <= span.end
        and scope in (event.workspace_sid if field == "workspace_sid" else None, event.data.get(field))
        and channel in ("", event.data["task_channel_sid"])
        for event in events
    )


def presence(events: list[Event], now: float, span: Span) -> float:
    """Seconds that all Workers together were there in a span."""
    seconds = 0.0
    for event in events:
        if event.type is EventType.WORKER_CREATED:
            sid = event.resource_sid
            gone = [e.at for e in events if e.type is EventType.WORKER_DELETED and e.resource_sid == sid]
            until = min([*gone, moment(now), span.end])
            seconds += max(0.0, (until - max(event.at, span.start)).total_seconds())
    return seconds


def scopes_of(world: World, name: str) -> Iterator[str]:
    yield world.sid
    if name != "tasks_created":
        yield from world.state.workflows
    if name.startswith("reservations") or name in ("tasks_canceled", "tasks_completed", "tasks_deleted"):
        yield from world.state.task_queues
    if name.startswith("reservations"):
        yield from world.state.workers


steps = st.lists(happening, min_size=20, max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(shape=world_shape, steps=steps, window=st.tuples(pick, pick))
def test_whatever_happens_is_counted(shape: Any, steps: list[tuple[str, int, int, int]], window: Any) -> None:
    """The ledger agrees with counting the events, the tally with counting the Tasks, and no Worker's time is lost."""
    world = build(shape)
    seen = Observer(world)
    for name, *numbers in steps:
        try:
            COMMANDS[name](world, *numbers)
        except Refusal:
            continue
        assert counted(seen.tally) == counted(Tally(world.state.tasks.values()))
        seen.activities.update(world.state.activities)
    span = Span(moment(min(window)), moment(max(window) * 4))
    for name in NAMES:
        for scope in scopes_of(world, name):
            for channel in ("", world.names["default"]):
                found = span.count(seen.ledger.series(scope, name, channel=channel))
                assert found == happened(seen.events, scope, name, span=span, channel=channel), (name, scope)
    assert_time_is_kept(world, seen, Span(span.start, min(span.end, world.now)))


def assert_time_is_kept(world: World, seen: Observer, span: Span) -> None:
    workers = list(world.state.workers.values())
    stays = statistics.time_in_activities(seen.ledger, span, [world.sid], workers=workers, activities=seen.activities)
    assert sum(stay["total"] for stay in stays) == presence(seen.events, world.seconds, span)


def test_time_goes_back_thirty_days() -> None:
    """The documented limit (docs: /docs/taskrouter/limits)."""
    assert timedelta(days=30) == KEPT


def test_a_moved_task_left_one_queue_and_entered_another(world: World) -> None:
    """`tasks_moved` is the count of the queue that it left, `tasks_entered` of the one it came to."""
    world.add_queue("First")
    world.add_queue("Second")
    world.add_workflow(
        "Main", filters=[{"expression": "1==1", "targets": [{"queue": "First", "timeout": 60}, {"queue": "Second"}]}]
    )
    world.create_task("T1")
    world.at(60)
    ledger, span = ledger_of(world), Span(moment(0), moment(60))

    def counts(scope: str) -> tuple[int, int]:
        return span.count(ledger.series(scope, "tasks_entered")), span.count(ledger.series(scope, "tasks_moved"))

    assert counts(world.names["First"]) == (1, 1)
    assert counts(world.names["Second"]) == (1, 0)
    assert counts(world.names["Main"]) == (1, 1)
    assert span.count(ledger.series(world.sid, "tasks_moved")) == 1


def test_waits_count_from_the_creation_and_from_the_queue(world: World) -> None:
    """Created at 0, in the second queue from 60 on, accepted at 75."""
    world.add_queue("First", "1==2")
    world.add_queue("Second")
    world.add_workflow(
        "Main", filters=[{"expression": "1==1", "targets": [{"queue": "First", "timeout": 60}, {"queue": "Second"}]}]
    )
    world.add_worker("Alice")
    world.create_task("T1")
    world.at(75).answer("T1", "accepted")
    ledger, span = ledger_of(world), Span(moment(0), moment(80))
    second = world.names["Second"]
    found = statistics.tasks(ledger, span, second, names=(), channel="", thresholds=None)
    assert found["wait_duration_until_accepted"] == {"avg": 75, "min": 75, "max": 75, "total": 75}
    assert found["avg_task_acceptance_time"] == 75
    assert found["split_by_wait_time"] is None
    assert statistics.wait_in_queue(ledger, span, second)["total"] == 15
    world.run(c.DeleteTask, sid=world.names["T1"])
    assert span.count(ledger_of(world).series(second, "tasks_deleted")) == 1


def test_a_task_that_is_handed_over_is_one_task_with_two_acceptances(world: World) -> None:
    """Alice of Support has it from 5 on, hands it to Billing at 30, and Bob has it from 50 on.

    Each acceptance waited since the Task's creation, as TaskRouter's own description has it of transfers; in its
    TaskQueue it waited since it came there.
    """
    world.add_queue("Support", "team == 1")
    world.add_queue("Billing", "team == 2")
    world.add_workflow("Main", default_filter={"queue": "Support"})
    world.add_worker("Alice", attributes={"team": 1})
    world.add_worker("Bob", attributes={"team": 2})
    task = world.create_task("T")
    world.at(5).answer("T", "accepted")
    world.at(30).transfer("T", "Alice", "Billing")
    world.at(40)
    tally = Tally(world.state.tasks.values())
    support, billing = (tally.of(world.names[name]) for name in ("Support", "Billing"))
    assert (support.by_status, billing.by_status) == ({}, {TaskStatus.RESERVED: 1})
    assert tally.of(world.sid).by_status == {TaskStatus.RESERVED: 1}
    assert statistics.tasks_now(billing, world.now)["longest_task_waiting_age"] == 40
    assert statistics.tasks_in_queue(billing, world.now) == {
        "longest_relative_task_age_in_queue": 10,
        "longest_relative_task_sid_in_queue": task.sid,
    }
    world.at(50).answer("T", "accepted", worker="Bob")
    assert Tally(world.state.tasks.values()).of(world.names["Billing"]).waiting == {}
    world.answer("T", "completed", worker="Alice")
    world.answer("T", "completed", worker="Bob")

    ledger, span = ledger_of(world), Span(moment(0), moment(60))
    names = ("reservations_created", "reservations_accepted", "tasks_entered", "tasks_moved", "tasks_completed")
    counts = {
        scope: [span.count(ledger.series(world.names[scope], name)) for name in names]
        for scope in ("Support", "Billing", "Main", "Alice", "Bob")
    }
    assert counts == {
        "Support": [1, 1, 1, 1, 0],
        "Billing": [1, 1, 1, 0, 1],
        "Main": [2, 2, 1, 1, 1],
        "Alice": [1, 1, 0, 0, 0],
        "Bob": [1, 1, 0, 0, 0],
    }
    assert span.count(ledger.series(world.sid, "tasks_created")) == 1
    waited = statistics.tasks(ledger, span, world.names["Billing"], names=(), channel="", thresholds=None)
    assert waited["wait_duration_until_accepted"] == {"avg": 50, "min": 50, "max": 50, "total": 50}
    assert statistics.wait_in_queue(ledger, span, world.names["Billing"])["total"] == 20
