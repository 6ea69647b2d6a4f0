"""The timekeeper without a socket: what is kept of the clock, and what happens when it cannot be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labkit.engine import commands as c
from labkit.sandbox.clock import Clock, Setting
from labkit.sandbox.clock_control import FACT, ClockControl, clock_of
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.sandbox.store import MemoryStore, StoreError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIMIT_SECONDS = 10


class World:
    """A service on a memory store, and a real time that a test sets."""

    def __init__(self) -> None:
        self.real = NOON
        self.store = Failing()
        self.clock = self._new_clock()
        self.service = Service(self.store, clock=self.clock)
        self.waited: list[float] = []
        self.keeper = ClockControl(self.service, answered=self._answered)

    def _new_clock(self) -> Clock:
        return Clock(read=lambda: self.real, monotonic=lambda: 0.0)

    async def _answered(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def add_task(self, timeout: int) -> None:
        """A Task that waits for nobody, for so many seconds."""
        workspace = await self.do(c.CreateWorkspace(account_sid="AC1", friendly_name=f"For {timeout} s"))
        queue = await self.do(c.CreateTaskQueue(workspace_sid=workspace.sid, friendly_name="All"))
        configuration = f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}'
        await self.do(c.CreateWorkflow(workspace_sid=workspace.sid, friendly_name="Main", configuration=configuration))
        await self.do(c.CreateTask(workspace_sid=workspace.sid, timeout=timeout))

    async def add_reserved_task(self, workers: int) -> None:
        """A Task that each of so many Workers is offered for ten seconds, with a callback."""
        workspace = await self.do(c.CreateWorkspace(account_sid="AC1", friendly_name="Calls"))
        queue = await self.do(c.CreateTaskQueue(workspace_sid=workspace.sid, friendly_name="All"))
        await self.do(
            c.CreateWorkflow(
                workspace_sid=workspace.sid,
                friendly_name="Main",
                configuration=f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}',
                assignment_callback_url="http://127.0.0.1:1/",
                task_reservation_timeout=10,
            )
        )
        activities = self.service.states[workspace.sid].activities.values()
        available = next(activity.sid for activity in activities if activity.available)
        for number in range(workers):
            await self.do(
                c.CreateWorker(workspace_sid=workspace.sid, friendly_name=f"W{number}", activity_sid=available)
            )
        await self.do(c.CreateTask(workspace_sid=workspace.sid))

    async def do(self, command: c.Command) -> Any:
        return await self.service.execute(command, view=lambda record: record)

    def reopened(self) -> datetime:
        """What a sandbox that begins now on this store believes to be the time."""
        return clock_of(self.store, self._new_clock()).now()


class Failing(MemoryStore):
    """A memory store that can refuse to keep a fact."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False
        self.at_commit: Callable[[int], None] = lambda events: None

    def commit(self, **written: Any) -> None:
        """Write it, after `at_commit` was told how many events it has."""
        self.at_commit(len(written["events"]))
        super().commit(**written)

    def keep_fact(self, name: str, value: str) -> None:
        """Keep it, or fail."""
        if self.is_full:
            raise StoreError("the disk is full")
        super().keep_fact(name, value)


def play(scenario: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    """Play a scenario on a loop of its own, within the time limit."""

    async def limited() -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            await scenario(World())

    asyncio.run(limited())


def test_a_running_clock_is_ahead_after_a_move_and_runs_on() -> None:
    """Also in the sandbox that begins on the same state later: no deadline comes back."""

    async def scenario(world: World) -> None:
        await world.keeper.advance(90)
        world.real += timedelta(seconds=5)
        assert world.clock.now() == world.reopened() == NOON + timedelta(seconds=95)

    play(scenario)


def test_a_held_clock_stands_over_a_restart_and_goes_on_from_there() -> None:
    """An hour of pause is an hour behind; the time never jumps."""

    async def scenario(world: World) -> None:
        await world.keeper.pause()
        world.real += timedelta(hours=1)
        assert world.clock.now() == world.reopened() == NOON
        await world.keeper.resume()
        world.real += timedelta(seconds=3)
        assert world.clock.now() == world.reopened() == NOON + timedelta(seconds=3)

    play(scenario)


def test_a_held_clock_can_be_moved_and_stays_held() -> None:
    """Step by step through the deadlines, with all the time in the world between them."""

    async def scenario(world: World) -> None:
        await world.add_task(30)
        await world.keeper.pause()
        played = await world.keeper.run_to_next()
        assert played is not None
        assert [event.type for event in played.events] == ["task.canceled"]
        assert world.clock.is_held
        assert world.reopened() == NOON + timedelta(seconds=30)

    play(scenario)


def test_pause_plays_first_what_is_due_already() -> None:
    """Time stands still after everything of that moment, not before."""

    async def scenario(world: World) -> None:
        await world.add_task(30)
        world.real += timedelta(seconds=31)
        await world.keeper.pause()
        assert world.keeper.next is not None
        assert world.keeper.next.when > world.clock.now()

    play(scenario)


def test_the_end_of_a_move_is_kept_before_anything_is_played() -> None:
    """Killed in the middle, a sandbox would begin at the move's end, and no event would lie in its future."""
    kept: list[datetime] = []

    async def scenario(world: World) -> None:
        await world.add_task(10)
        await world.add_task(20)
        world.store.at_commit = lambda _: kept.append(world.reopened())
        await world.keeper.advance(60)

    play(scenario)
    assert kept
    assert set(kept) == {NOON + timedelta(seconds=60)}


def test_callbacks_that_a_deadline_brings_are_waited_for_before_the_next() -> None:
    """Two further Workers are called on the way; the patience of a move is for both of them together."""

    async def scenario(world: World) -> None:
        await world.add_reserved_task(workers=3)
        await world.keeper.advance(60)
        assert len(world.waited) == 2
        assert world.waited == sorted(world.waited, reverse=True)


def test_deadlines_that_call_nobody_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of them does not take a commit for each; all of them are in it, in their order."""
    monkeypatch.setattr("labkit.sandbox.clock_control.STEPS_TOGETHER", 4)
    commits: list[int] = []

    async def scenario(world: World) -> None:
        for timeout in range(10, 20):
            await world.add_task(timeout)
        world.store.at_commit = commits.append
        played = await world.keeper.advance(60)
        assert [event.at for event in played.events] == [NOON + timedelta(seconds=s) for s in range(10, 20)]

    play(scenario)
    assert commits == [4, 4, 2]

    play(scenario)


class Diary:
    """Somebody who acts at moments of their own, and notes what was the time and what had happened by then."""

    def __init__(self, world: World, *seconds: int) -> None:
        self.moments = [NOON + timedelta(seconds=each) for each in seconds]
        self.noted: list[tuple[datetime, int]] = []
        self._world = world

    @property
    def next(self) -> datetime | None:
        """The first of those that are left."""
        return self.moments[0] if self.moments else None

    async def act(self) -> None:
        """Note it."""
        self.moments.pop(0)
        self.noted.append((self._world.clock.now(), self._world.store.last_event_number()))


@pytest.mark.parametrize("how", ["advance", "go_on"])
def test_whoever_acts_on_the_way_acts_at_their_own_moments(how: str) -> None:
    """Between the deadlines, and after one that is due at the same moment."""

    async def scenario(world: World) -> None:
        await world.add_task(30)
        before = world.store.last_event_number()
        diary = world.keeper.actors = Diary(world, 10, 30, 40, 90)
        await getattr(world.keeper, how)(60)
        assert diary.noted == [
            (NOON + timedelta(seconds=10), before),
            (NOON + timedelta(seconds=30), before + 1),
            (NOON + timedelta(seconds=40), before + 1),
        ]
        assert world.clock.now() == NOON + timedelta(seconds=60)

    play(scenario)


def test_a_run_to_what_is_next_stops_where_somebody_acts() -> None:
    """Before the deadline that comes after it."""

    async def scenario(world: World) -> None:
        await world.add_task(30)
        world.keeper.actors = Diary(world, 10)
        await world.keeper.run_to_next()
        assert world.clock.now() == NOON + timedelta(seconds=10)

    play(scenario)


def test_time_that_is_held_does_not_go_on_by_itself() -> None:
    """Only a move by hand moves it."""

    async def scenario(world: World) -> None:
        await world.keeper.pause()
        await world.keeper.go_on(60)
        assert world.clock.now() == NOON

    play(scenario)


def test_two_moves_at_once_add_up() -> None:
    """One waits for the other."""

    async def scenario(world: World) -> None:
        await asyncio.gather(world.keeper.advance(60), world.keeper.advance(30))
        assert world.clock.now() == NOON + timedelta(seconds=90)

    play(scenario)


@pytest.mark.parametrize("move", ["pause", "advance", "run_to_next"])
def test_a_move_that_cannot_be_kept_is_none(move: str) -> None:
    """The caller is told, and the time goes on as it was."""

    async def scenario(world: World) -> None:
        await world.add_task(30)
        world.store.is_full = True
        with pytest.raises(Unavailable, match="the disk is full"):
            await (world.keeper.advance(60) if move == "advance" else getattr(world.keeper, move)())
        assert (world.clock.now(), world.clock.is_held) == (NOON, False)

    play(scenario)


def test_a_pause_that_cannot_be_ended_on_disk_goes_on() -> None:
    """Time stands still until it can be kept that it runs."""

    async def scenario(world: World) -> None:
        await world.keeper.pause()
        world.store.is_full = True
        with pytest.raises(Unavailable):
            await world.keeper.resume()
        assert world.clock.is_held

    play(scenario)


@pytest.mark.parametrize("steps", range(5))
def test_a_service_that_was_just_woken_can_be_ended(steps: int) -> None:
    """However few steps of the loop lie between: a sandbox must not hang when it is stopped after a move."""

    async def scenario(world: World) -> None:
        await world.add_task(30)
        running = asyncio.create_task(world.service.run())
        for _ in range(10):
            await asyncio.sleep(0)
        world.service.wake()
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running}, timeout=1)
        ended = running.cancelled()
        while not running.done():
            running.cancel()
            await asyncio.sleep(0)
        assert ended

    play(scenario)


@pytest.mark.parametrize("setting", [Setting(), Setting(held=NOON), Setting(ahead=timedelta(seconds=-1.5))], ids=str)
def test_a_setting_is_the_same_after_it_was_written(setting: Setting) -> None:
    """Held, ahead or behind, to the microsecond."""
    assert Setting.from_text(setting.as_text()) == setting


@pytest.mark.parametrize("text", ["", "null", "{}", '{"held": 5, "ahead_microseconds": 0}', '{"held": null}'])
def test_what_is_no_setting_is_a_sentence(text: str) -> None:
    """Somebody else has written there; the sandbox does not begin with a guessed time."""
    store = MemoryStore()
    store.keep_fact(FACT, text)
    with pytest.raises(StoreError, match="The clock cannot be set to what is kept of it"):
        clock_of(store)
