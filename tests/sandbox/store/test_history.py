"""The history that statistics are read from: kept up with commits, and read from a store that was there before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from engine.world import ACCOUNT, START, World, moment, records_of

from labkit.engine import commands as c
from labkit.engine.effects import Event, Outcome
from labkit.engine.statistics import Span, Tally
from labkit.sandbox.clock import Clock
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.sandbox.store import MemoryStore, SqliteStore, Store, StoreError, history
from labkit.sandbox.store.history import FORGET_EVERY, EventHistory
from labkit.vocabulary import TaskStatus

Open = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of each kind."""
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.sqlite")


@pytest.fixture
def world() -> World:
    """A Workspace where Tasks can be created."""
    made = World()
    made.add_queue("Everybody")
    made.add_workflow("Main", default_filter={"queue": "Everybody"})
    return made


def tasks_created(world: World, number: int) -> Outcome:
    """So many Tasks, one a second."""
    outcome = Outcome()
    for _ in range(number):
        world.at(world.seconds + 1)
        command = c.CreateTask(
            workspace_sid=world.sid, workflow_sid=world.names["Main"], attributes="{}", task_channel="default"
        )
        outcome.extend(world._note(world.engine.handle(command, world.now)))
    return outcome


def commit(store: Store, outcome: Outcome) -> None:
    store.commit(changed=outcome.changed.values(), removed=outcome.removed, events=outcome.events)


def count(past: EventHistory, world: World) -> int:
    """The Tasks created so far, as statistics would say."""
    ledger = asyncio.run(past.ledger(world.sid))
    return Span(START, world.now).count(ledger.series(world.sid, "tasks_created"))


def tally(past: EventHistory, world: World) -> Tally:
    """Where the Tasks are, as statistics would say."""
    return asyncio.run(past.tally(world.state))


def test_a_new_state_is_never_read(store: Store, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed is entered at once; what the store holds is not asked for."""
    with closing(store):
        past = EventHistory(store)
        monkeypatch.setattr(store, "events_after", None)
        outcome = tasks_created(world, 3)
        commit(store, outcome)
        past.note(outcome, world.now)
        assert count(past, world) == 3


def test_an_old_state_is_read_once(store: Store, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In slices; what is committed meanwhile and afterwards counts once."""
    monkeypatch.setattr(history, "SLICE", 4)
    with closing(store):
        commit(store, tasks_created(world, 5))
        past = EventHistory(store)

        async def reading() -> None:
            asked = asyncio.create_task(past.ledger(world.sid))
            await asyncio.sleep(0)
            for _ in range(3):
                outcome = tasks_created(world, 1)
                commit(store, outcome)
                past.note(outcome, world.now)
                await asyncio.sleep(0)
            assert not asked.done()
            await asyncio.gather(asked, past.ledger(world.sid))

        asyncio.run(reading())
        assert count(past, world) == 8
        outcome = tasks_created(world, 1)
        commit(store, outcome)
        past.note(outcome, world.now)
        assert count(past, world) == 9


def test_events_after_a_number(store: Store, world: World) -> None:
    """The oldest first, of all Workspaces, in slices that join; and none from before the date."""
    with closing(store):
        outcome = tasks_created(world, 3)
        foreign = world.engine.handle(c.CreateWorkspace(account_sid=ACCOUNT, friendly_name="Other"), world.now)
        for each in (outcome, foreign):
            commit(store, each)
        everything: list[Event] = []
        last = 0
        while found := store.events_after(last, since=START, limit=4):
            everything += [stored.event for stored in found]
            last = found[-1].number
        assert everything == outcome.events + foreign.events
        since = moment(2)
        late = store.events_after(0, since=since, limit=1000)
        assert [stored.event for stored in late] == [event for event in everything if event.at >= since]


def test_the_tally_follows_commits_and_a_step_back(world: World) -> None:
    """What was counted and not written is counted no more."""
    past = EventHistory(MemoryStore())
    assert tally(past, world).of(world.sid).by_status == {}
    outcome = tasks_created(world, 2)
    past.note(outcome, world.now)
    assert tally(past, world).of(world.sid).by_status == {TaskStatus.PENDING: 2}
    world.engine = world.reload()
    for task in list(world.state.tasks.values()):
        del world.state.tasks[task.sid]
    past.count_again()
    assert tally(past, world).of(world.sid).by_status == {}


def test_a_removed_task_is_not_counted(world: World) -> None:
    """Deleted, it goes without another word."""
    past = EventHistory(MemoryStore())
    tally(past, world)
    past.note(tasks_created(world, 1), world.now)
    (task_sid,) = world.state.tasks
    past.note(world.engine.handle(c.DeleteTask(workspace_sid=world.sid, sid=task_sid), world.now), world.now)
    assert tally(past, world).of(world.sid).by_status == {}


def test_a_deleted_workspace_leaves_nothing(world: World) -> None:
    """Neither its ledger nor its tally."""
    past = EventHistory(MemoryStore())
    past.note(tasks_created(world, 1), world.now)
    tally(past, world)
    past.note(world.engine.handle(c.DeleteWorkspace(workspace_sid=world.sid, sid=world.sid), world.now), world.now)
    assert past._ledgers == past._tallies == {}


@pytest.mark.parametrize(("passed", "left"), [(timedelta(days=30), 1), (timedelta(days=31), 0)])
def test_what_is_older_than_thirty_days_goes(world: World, passed: timedelta, left: int) -> None:
    """Looked at once a day, whether statistics are asked for or not."""
    past = EventHistory(MemoryStore())
    outcome = tasks_created(world, 1)
    past.note(outcome, world.now)
    later: datetime = world.now + passed
    assert passed >= FORGET_EVERY
    past.note(Outcome(), later)
    assert (count(past, world) > 0) == bool(left)


def test_events_that_are_too_old_leave_the_store_a_slice_at_a_time(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the commits that follow, from the first one on, so that a sandbox which is often started forgets too."""
    monkeypatch.setattr(history, "SLICE", 4)
    with closing(store):
        commit(store, tasks_created(world, 3))
        many = len(store.events_after(0, since=START, limit=100))
        later = world.now + timedelta(days=30, seconds=1)
        past, left = EventHistory(store), [many]
        while left[-1]:
            past.note(Outcome(), later)
            left.append(len(store.events_after(0, since=START, limit=100)))
        assert left == [*range(many, 0, -4), 0]


def test_what_cannot_be_forgotten_stays_for_now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no reason to stop: it is tried again a day later."""
    store, tried = MemoryStore(), list[datetime]()
    commit(store, tasks_created(world, 1))

    def refuse(*, before: datetime, limit: int) -> int:
        tried.append(before)
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "forget_events", refuse)
    past = EventHistory(store)
    for hours in (0, 1, 24):
        past.note(Outcome(), world.now + timedelta(hours=hours))
    assert len(tried) == 2


def test_a_commit_that_failed_is_not_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted between the Task's creation and the commit, which could not be written."""
    store = MemoryStore()
    store.commit(changed=records_of(world.state), removed=(), events=())
    service = Service(store, clock=Clock(START))

    def refuse(**_: object) -> None:
        raise StoreError("the disk is full")

    async def failing() -> None:
        monkeypatch.setattr(store, "commit", refuse)
        command = c.CreateTask(
            workspace_sid=world.sid, workflow_sid=world.names["Main"], attributes="{}", task_channel="default"
        )
        asked = asyncio.create_task(service.execute(command, view=lambda task: task))
        await asyncio.sleep(0)
        assert (await service.history.tally(service.states[world.sid])).of(world.sid).by_status == {
            TaskStatus.PENDING: 1
        }
        with pytest.raises(Unavailable):
            await asked
        assert (await service.history.tally(service.states[world.sid])).of(world.sid).by_status == {}

    asyncio.run(failing())
