"""The service: it commits first and publishes after, wakes by itself, and goes on from what is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sandbox.call_centre import build
from sandbox.callback_target import Answer, Target
from sandbox.local import local_sandbox

from labkit.engine import commands as c
from labkit.engine import unfinished
from labkit.engine.effects import Effect
from labkit.engine.refusals import InvalidParameter
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import Refusal
from labkit.sandbox.clock import Clock
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import MOST_ROUNDS, QUIET_ROUNDS, Service, random_sid
from labkit.sandbox.store import EventQuery, MemoryStore, SqliteStore, StoredEvent, StoreError
from labkit.vocabulary import EventType, TaskStatus

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LIMIT_SECONDS = 10


class Watched(MemoryStore):
    """A memory store that counts commits, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[list[str]] = []
        """The types of the events in each."""
        self.fails_with: Exception | None = None

    def commit(self, **written: Any) -> None:
        """Write it, or fail."""
        if self.fails_with is not None:
            raise self.fails_with
        super().commit(**written)
        self.commits.append([event.type for event in written["events"]])


class Listener:
    """A publisher that writes down what it hears, and how many commits there were by then."""

    def __init__(self, store: Watched) -> None:
        self.store = store
        self.heard: list[tuple[str, int]] = []
        self.effects: list[Effect] = []
        self.states: list[WorkspaceState] = []

    def report(self, stored: StoredEvent, state: WorkspaceState) -> None:
        """An event."""
        self.heard.append((stored.event.type, len(self.store.commits)))
        self.states.append(state)

    def call(self, effect: Effect) -> None:
        """An effect."""
        self.effects.append(effect)

    def leave_for(self, other: SqliteStore) -> None:
        """Nothing waits."""

    def drop(self) -> None:
        """Nothing is under way."""


class Running:
    """A service with a watched store, a held clock and a listener."""

    def __init__(self) -> None:
        self.store = Watched()
        self.clock = Clock(NOON)
        self.service = Service(self.store, clock=self.clock)
        self.listener = Listener(self.store)
        self.service.publisher = self.listener
        self.workspace_sid = self.workflow_sid = self.queue_sid = ""

    async def do(self, command: c.Command) -> Any:
        """Play a command; the record that it was about."""
        return await self.service.execute(command, view=lambda record: record)

    async def furnish(self, *, callback_url: str = "", reservation_timeout: int = 60) -> None:
        """A Workspace with a queue and a Workflow."""
        self.workspace_sid = (await self.do(c.CreateWorkspace(account_sid="AC1", friendly_name="Tests"))).sid
        self.queue_sid = (await self.do(c.CreateTaskQueue(workspace_sid=self.workspace_sid, friendly_name="All"))).sid
        workflow = await self.do(
            c.CreateWorkflow(
                workspace_sid=self.workspace_sid,
                friendly_name="Main",
                configuration=json.dumps({"task_routing": {"default_filter": {"queue": self.queue_sid}}}),
                assignment_callback_url=callback_url,
                task_reservation_timeout=reservation_timeout,
            )
        )
        self.workflow_sid = workflow.sid

    async def add_worker(self) -> Any:
        """Alice, Available."""
        activities = self.service.states[self.workspace_sid].activities.values()
        available = next(a.sid for a in activities if a.available)
        return await self.do(
            c.CreateWorker(workspace_sid=self.workspace_sid, friendly_name="Alice", activity_sid=available)
        )

    def task(self, **fields: Any) -> c.CreateTask:
        """The command for a Task."""
        return c.CreateTask(workspace_sid=self.workspace_sid, **fields)

    def events(self) -> list[str]:
        """The types of all stored events, oldest first."""
        found = self.store.events(EventQuery(workspace_sid=self.workspace_sid), limit=1000)
        return [stored.event.type for stored in reversed(found)]


Scenario = Callable[[Running], Coroutine[Any, Any, None]]


def play(scenario: Scenario) -> None:
    """Play a scenario on a loop of its own, within the time limit."""

    async def limited() -> None:
        async with asyncio.timeout(LIMIT_SECONDS):
            await scenario(Running())

    asyncio.run(limited())


def test_events_are_told_after_their_commit() -> None:
    """Whoever hears of an event finds it in the store."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        types = [type_ for commit in run.store.commits for type_ in commit]
        assert [type_ for type_, _ in run.listener.heard] == types == run.events()
        for index, (_, commits) in enumerate(run.listener.heard):
            assert index < sum(map(len, run.store.commits[:commits]))

    play(scenario)


def test_nobody_is_answered_before_the_commit() -> None:
    """The caller goes on when the store has returned, not when the engine has."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        before = len(run.store.commits)
        asked = asyncio.create_task(run.do(run.task()))
        await asyncio.sleep(0)
        assert run.service.states[run.workspace_sid].tasks
        assert (asked.done(), len(run.store.commits)) == (False, before)
        await asked
        assert len(run.store.commits) == before + 1

    play(scenario)


def test_commands_that_come_together_share_a_commit() -> None:
    """Ten Tasks in one round of the loop are one transaction, and each caller gets its own Task."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        before = len(run.store.commits)
        tasks = await asyncio.gather(*(run.do(run.task(priority=n)) for n in range(10)))
        assert [task.priority for task in tasks] == list(range(10))
        assert len(run.store.commits) == before + 1
        assert run.store.commits[-1].count(EventType.TASK_CREATED) == 10

    play(scenario)


def test_who_comes_a_few_rounds_later_shares_the_commit() -> None:
    """A request takes some rounds of the loop from its socket to its command; it comes along all the same."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        before = len(run.store.commits)
        asked = []
        for _ in range(4):
            asked.append(asyncio.create_task(run.do(run.task())))
            for _ in range(QUIET_ROUNDS - 1):
                await asyncio.sleep(0)
        await asyncio.gather(*asked)
        assert len(run.store.commits) == before + 1

    play(scenario)


def test_a_stream_of_commands_does_not_put_off_the_commit() -> None:
    """However many keep coming, the first is answered after a limited number of rounds."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        first = asyncio.create_task(run.do(run.task()))
        others = []
        for _ in range(MOST_ROUNDS + 5):
            others.append(asyncio.create_task(run.do(run.task())))
            await asyncio.sleep(0)
        assert first.done()
        await asyncio.gather(first, *others)

    play(scenario)


def test_who_is_cancelled_does_not_cancel_those_beside_it() -> None:
    """Each waits for the common commit by itself; what was asked is done all the same."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        leaving, staying = (asyncio.create_task(run.do(run.task())) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        results = await asyncio.gather(leaving, staying, return_exceptions=True)
        assert [type(result).__name__ for result in results] == ["CancelledError", "Task"]
        assert run.store.commits[-1].count(EventType.TASK_CREATED) == 2

    play(scenario)


def test_a_refused_command_does_not_disturb_those_beside_it() -> None:
    """It raises for its own caller; the others' changes are committed."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        results = await asyncio.gather(
            run.do(run.task()), run.do(run.task(attributes="[")), run.do(run.task()), return_exceptions=True
        )
        assert [type(result).__name__ for result in results] == ["Task", "InvalidParameter", "Task"]
        assert len(run.service.states[run.workspace_sid].tasks) == 2

    play(scenario)


@pytest.mark.parametrize(
    ("failure", "raised"), [(StoreError("the disk is full"), Unavailable), (RuntimeError("a mistake"), RuntimeError)]
)
def test_a_store_that_fails_changes_nothing(failure: Exception, raised: type[Exception]) -> None:
    """Every caller of that commit hears of it, the state before is back, nobody is told, and later writes work."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        kept = await run.do(run.task())
        heard = len(run.listener.heard)
        run.store.fails_with = failure
        results = await asyncio.gather(run.do(run.task()), run.do(run.task()), return_exceptions=True)
        assert [type(result) for result in results] == [raised, raised]
        assert list(run.service.states[run.workspace_sid].tasks) == [kept.sid]
        assert len(run.listener.heard) == heard
        run.store.fails_with = None
        another = await run.do(run.task())
        assert set(run.service.states[run.workspace_sid].tasks) == {kept.sid, another.sid}

    play(scenario)


def test_a_refusal_waits_for_what_it_is_about() -> None:
    """Twice the same name: as long as the first is not written nobody hears that it is taken, nor if it never is."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        run.store.fails_with = StoreError("the disk is full")
        command = c.CreateWorker(workspace_sid=run.workspace_sid, friendly_name="Alice")
        results = await asyncio.gather(run.do(command), run.do(command), return_exceptions=True)
        assert [type(result) for result in results] == [Unavailable, Unavailable]
        run.store.fails_with = None
        first, second = await asyncio.gather(run.do(command), run.do(command), return_exceptions=True)
        assert (first.friendly_name, type(second)) == ("Alice", InvalidParameter)

    play(scenario)


def test_a_caller_is_told_why_its_change_was_not_stored() -> None:
    """A 503 with the store's own words."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        run.store.fails_with = StoreError("the disk is full")
        with pytest.raises(Unavailable, match="nothing was changed: the disk is full") as refused:
            await run.do(run.task())
        assert (refused.value.status, refused.value.code) == (503, 20503)

    play(scenario)


def test_the_answer_is_seen_before_routing() -> None:
    """A new Task answers `pending` even when a Worker is free: TaskRouter answers first and routes then."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        await run.add_worker()
        seen = await run.service.execute(run.task(), view=lambda task: (task.sid, task.assignment_status))
        assert seen[1] == TaskStatus.PENDING
        assert run.service.states[run.workspace_sid].tasks[seen[0]].assignment_status == TaskStatus.RESERVED

    play(scenario)


def test_what_is_due_is_played_before_a_command() -> None:
    """A command that comes after a deadline meets the state after it."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        await run.add_worker()
        task = await run.do(run.task())
        run.clock.advance(61)
        later = await run.do(c.UpdateTask(workspace_sid=run.workspace_sid, sid=task.sid, changes={"priority": 5}))
        assert later.assignment_status == TaskStatus.PENDING
        types = run.events()
        assert types.index(EventType.RESERVATION_TIMEOUT) < types.index(EventType.TASK_UPDATED)

    play(scenario)


def test_each_event_of_a_jump_in_time_has_the_moment_of_its_own_deadline() -> None:
    """An hour is skipped at once; the Reservation timed out after a minute all the same."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        await run.add_worker()
        await run.do(run.task())
        run.clock.advance(3600)
        await run.service.catch_up()
        query = EventQuery(workspace_sid=run.workspace_sid, type=EventType.RESERVATION_TIMEOUT)
        (timed_out,) = run.store.events(query, limit=10)
        assert (timed_out.event.at - NOON).total_seconds() == 60

    play(scenario)


async def ask_again(run: Running, tasks: int) -> str:
    """Tasks that wait in one queue, and a Workflow that leads them to another from now on; the other queue."""
    await run.furnish()
    for number in range(tasks):
        await run.do(run.task(workflow_sid=run.workflow_sid, priority=number))
    other = (await run.do(c.CreateTaskQueue(workspace_sid=run.workspace_sid, friendly_name="Other"))).sid
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": other}}})
    changes = {"configuration": configuration}
    await run.do(
        c.UpdateWorkflow(workspace_sid=run.workspace_sid, sid=run.workflow_sid, changes=changes, re_evaluate_tasks=True)
    )
    return str(other)


def test_long_work_lets_others_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each slice has a commit of its own, and who comes meanwhile is served before the work is done."""
    monkeypatch.setattr(unfinished, "RE_EVALUATED_AT_ONCE", 1)

    async def scenario(run: Running) -> None:
        other = await ask_again(run, 20)
        before = len(run.store.commits)
        going_on = asyncio.create_task(run.service.catch_up())
        await run.do(run.task(priority=99))
        tasks = run.service.states[run.workspace_sid].tasks.values()
        assert 1 < sum(task.task_queue_sid == other for task in tasks) < 20
        await going_on
        moved = [types.count(EventType.TASK_QUEUE_MOVED) for types in run.store.commits[before:]]
        assert (sum(moved), max(moved)) == (19, 1)

    play(scenario)


def test_long_work_goes_on_by_itself_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox was killed in the middle of it."""
    monkeypatch.setattr(unfinished, "RE_EVALUATED_AT_ONCE", 1)

    async def scenario(run: Running) -> None:
        other = await ask_again(run, 5)
        second = Service(run.store, clock=run.clock)
        running = asyncio.create_task(second.run())
        tasks = second.states[run.workspace_sid].tasks.values()
        while not all(task.task_queue_sid == other for task in tasks):
            await asyncio.sleep(0)
        running.cancel()

    play(scenario)


def test_much_that_is_due_lets_readers_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop slept over a thousand timeouts: they are written a slice at a time, and a command comes after all."""
    monkeypatch.setattr("labkit.sandbox.service.DEADLINES_AT_ONCE", 2)

    async def scenario(run: Running) -> None:
        await run.furnish()
        for _ in range(6):
            await run.do(run.task(timeout=60))
        before = len(run.store.commits)
        run.clock.advance(61)
        await run.do(run.task())
        ended = [types.count(EventType.TASK_CANCELED) for types in run.store.commits[before:]]
        assert ended == [2, 2, 2]
        assert run.store.commits[-1][-1] == EventType.TASK_QUEUE_ENTERED

    play(scenario)


def test_it_wakes_by_itself() -> None:
    """On a running clock a Reservation times out without anybody asking."""

    async def scenario(run: Running) -> None:
        run.service = Service(run.store)
        told = asyncio.Event()

        class Bell(Listener):
            def report(self, stored: StoredEvent, state: WorkspaceState) -> None:
                super().report(stored, state)
                if stored.event.type == EventType.RESERVATION_TIMEOUT:
                    told.set()

        run.service.publisher = Bell(run.store)
        timers = asyncio.create_task(run.service.run())
        await run.furnish(reservation_timeout=1)
        await run.add_worker()
        await run.do(run.task())
        await told.wait()
        timers.cancel()
        await asyncio.gather(timers, return_exceptions=True)

    play(scenario)


def test_it_wakes_when_the_clock_is_moved() -> None:
    """A held clock that is put ahead, and `wake`."""

    async def scenario(run: Running) -> None:
        timers = asyncio.create_task(run.service.run())
        await run.furnish()
        await run.add_worker()
        task = await run.do(run.task())
        await asyncio.sleep(0)
        run.clock.advance(61)
        run.service.wake()
        while EventType.RESERVATION_TIMEOUT not in run.events():
            await asyncio.sleep(0)
        assert task.assignment_status == TaskStatus.PENDING
        timers.cancel()
        await asyncio.gather(timers, return_exceptions=True)

    play(scenario)


def test_what_fell_due_while_the_computer_slept_is_played_when_it_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop's own timers do not count a laptop's sleep; the clock is looked at before they are over."""
    monkeypatch.setattr("labkit.sandbox.service.MOST_SECONDS_ASLEEP", 0.001)

    async def scenario(run: Running) -> None:
        shown = [NOON]
        run.service = Service(run.store, clock=Clock(read=lambda: shown[0], monotonic=lambda: 0.0))
        timers = asyncio.create_task(run.service.run())
        await run.furnish()
        await run.add_worker()
        await run.do(run.task())
        await asyncio.sleep(0)
        shown[0] += timedelta(hours=1)
        while EventType.RESERVATION_TIMEOUT not in run.events():
            await asyncio.sleep(0)
        timers.cancel()
        await asyncio.gather(timers, return_exceptions=True)

    play(scenario)


def test_timers_outlive_a_store_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fell due is played again when the store can write again; the sandbox goes on meanwhile."""
    monkeypatch.setattr("labkit.sandbox.service.RETRY_SECONDS", 0)

    async def scenario(run: Running) -> None:
        timers = asyncio.create_task(run.service.run())
        await run.furnish()
        await run.add_worker()
        await run.do(run.task())
        run.store.fails_with = StoreError("the disk is full")
        run.clock.advance(61)
        run.service.wake()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not timers.done()
        assert EventType.RESERVATION_TIMEOUT not in run.events()
        run.store.fails_with = None
        while EventType.RESERVATION_TIMEOUT not in run.events():
            await asyncio.sleep(0)
        assert run.events().count(EventType.RESERVATION_TIMEOUT) == 1
        timers.cancel()
        await asyncio.gather(timers, return_exceptions=True)

    play(scenario)


def test_the_end_of_a_workspace_is_told() -> None:
    """Its own `workspace.deleted` still reaches the publisher, with the Workspace as it was."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        await run.do(c.DeleteWorkspace(workspace_sid=run.workspace_sid, sid=run.workspace_sid))
        assert run.listener.heard[-1][0] == EventType.WORKSPACE_DELETED
        assert run.listener.states[-1].workspace.sid == run.workspace_sid
        assert run.service.states == {}
        assert run.store.load() == []

    play(scenario)


def test_a_command_for_an_unknown_workspace_is_refused() -> None:
    """As an unknown path is."""

    async def scenario(run: Running) -> None:
        with pytest.raises(Refusal) as refused:
            await run.do(c.CreateTask(workspace_sid="WS-nowhere"))
        assert refused.value.status == 404
        assert run.store.commits == []

    play(scenario)


def test_when_something_is_due_next() -> None:
    """None in an empty Workspace; the Task's time to live, then the Reservation's timeout once there is one."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        assert run.service.next_deadline() is None
        await run.do(run.task(timeout=500))
        waiting = run.service.next_deadline()
        assert waiting is not None
        assert (waiting - NOON).total_seconds() == 500
        await run.add_worker()
        reserved = run.service.next_deadline()
        assert reserved is not None
        assert (reserved - NOON).total_seconds() == 60

    play(scenario)


def test_sids_are_random_and_well_formed() -> None:
    """The prefix and 32 lower-case hex digits."""
    sids = {random_sid("WT") for _ in range(100)}
    assert len(sids) == 100
    assert all(len(sid) == 34 and sid.startswith("WT") and int(sid[2:], 16) >= 0 for sid in sids)


def test_a_callback_under_way_at_the_end_is_called_again(tmp_path: Path, target: Target) -> None:
    """The sandbox ends while the callback URL is silent; the next one on the same state asks again."""
    target.answers["/assign"] = [Answer(hold=True), Answer(b'{"instruction": "accept"}')]
    state = tmp_path / "state.sqlite"
    with local_sandbox(first := SqliteStore(state)) as sandbox:
        centre = build(sandbox.client())
        centre.set_callback(target.url("/assign"))
        task, _ = centre.reserved_task()
        target.wait_for("/assign")
    first.close()
    with local_sandbox(second := SqliteStore(state)) as sandbox:
        target.wait_for("/assign", count=2)
        sandbox.settle()
        found = sandbox.client().taskrouter.v1.workspaces(centre.sid).tasks(task.sid).fetch()
    second.close()
    assert found.assignment_status == "assigned"
    first_call, second_call = target.of("/assign")
    assert first_call.form["ReservationSid"] == second_call.form["ReservationSid"]


def test_a_callback_that_was_answered_is_not_called_again(tmp_path: Path, target: Target) -> None:
    """`{}` is an answer: the Reservation waits for its Worker, also after a restart."""
    state = tmp_path / "state.sqlite"
    with local_sandbox(first := SqliteStore(state)) as sandbox:
        centre = build(sandbox.client())
        centre.set_callback(target.url("/assign"))
        centre.reserved_task()
        target.wait_for("/assign")
        sandbox.settle()
    first.close()
    with local_sandbox(second := SqliteStore(state)) as sandbox:
        sandbox.settle()
    second.close()
    assert len(target.of("/assign")) == 1


# --- a computer's clock that was set back -----------------------------------------------------------------------------


def hours_late(hours: int) -> Clock:
    """The clock of a computer that shows this many hours after noon."""
    return Clock(read=lambda: NOON + timedelta(hours=hours), monotonic=lambda: 0.0)


def test_after_a_restart_no_task_is_older_than_those_before_it() -> None:
    """The computer's clock was set back by an hour in between: time goes on from the newest that is kept."""

    async def scenario(run: Running) -> None:
        run.service = Service(run.store, clock=hours_late(0))
        await run.furnish()
        first = await run.do(run.task())
        run.service = Service(run.store, clock=hours_late(-1))
        second = await run.do(run.task())
        assert first.date_created == second.date_created == NOON

    play(scenario)


def test_a_record_that_is_newer_than_the_events_counts_too() -> None:
    """Not every change has an event, and events are forgotten."""

    async def scenario(run: Running) -> None:
        run.service = Service(run.store, clock=hours_late(0))
        await run.furnish()
        run.store.forget_events(before=NOON + timedelta(days=1), limit=1000)
        assert Service(run.store, clock=hours_late(-1)).clock.now() == NOON

    play(scenario)


def test_a_state_that_takes_the_place_of_another_is_not_in_the_future(tmp_path: Path) -> None:
    """A snapshot of noon is restored where it is ten."""

    async def scenario(run: Running) -> None:
        await run.furnish()
        run.service.copier()(tmp_path / "noon.sqlite")
        with closing(SqliteStore(tmp_path / "noon.sqlite")) as noon:
            service = Service(MemoryStore(), clock=hours_late(-2))
            service.replace_with(service.load(noon))
        assert service.clock.now() == NOON

    play(scenario)


# --- the generation ---------------------------------------------------------------------------------------------------


def test_another_state_is_another_generation(tmp_path: Path) -> None:
    """What commands do to a state leaves it; the state of another store does not, also when it is the same again."""

    async def scenario(run: Running) -> None:
        seen = [run.service.generation]
        await run.furnish()
        assert run.service.generation == seen[0]
        run.service.copier()(tmp_path / "copy.sqlite")
        for _ in range(2):
            with closing(SqliteStore(tmp_path / "copy.sqlite")) as copy:
                run.service.replace_with(run.service.load(copy))
            seen.append(run.service.generation)
        assert len(set(seen)) == 3

    play(scenario)


def test_a_restart_is_the_same_generation(tmp_path: Path) -> None:
    """Of a new state, and of one that took another's place."""
    state = tmp_path / "state.sqlite"
    with closing(SqliteStore(state)) as store:
        first = Service(store).generation
    with closing(SqliteStore(state)) as store, closing(SqliteStore(tmp_path / "nothing.sqlite")) as nothing:
        service = Service(store)
        assert service.generation == first
        service.replace_with(service.load(nothing))
        second = service.generation
    with closing(SqliteStore(state)) as store:
        assert Service(store).generation == second != first


def test_a_state_that_could_not_be_replaced_keeps_its_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody shall look at everything anew for nothing."""

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    with closing(SqliteStore(tmp_path / "nothing.sqlite")) as nothing:
        service = Service(MemoryStore())
        before = service.generation
        monkeypatch.setattr(MemoryStore, "replace_with", full)
        with pytest.raises(Unavailable):
            service.replace_with(service.load(nothing))
    assert service.generation == before


def test_a_sandbox_with_a_full_disk_has_a_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot keep it, and it can still be read."""

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(MemoryStore, "keep_fact", full)
    assert Service(MemoryStore()).generation
