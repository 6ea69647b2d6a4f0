"""The contact centre that lives, on a clock moved by hand and without a socket: whole days in a moment."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox.test_clock_control import Failing

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.engine.refusals import InvalidParameter
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.clock import Clock
from labkit.sandbox.clock_control import ClockControl
from labkit.sandbox.refusals import SimulationElsewhere
from labkit.sandbox.service import Service
from labkit.sandbox.simulation import RunFigures, RunPlan, Simulation, names_of
from labkit.sandbox.simulation import simulation as driving
from labkit.simulation.calls import CallProgress
from labkit.simulation.contact_centre import ContactCentre
from labkit.vocabulary import Instruction, ReservationStatus

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
LIMIT_SECONDS = 30
BUSY = ContactCentre(calls_per_hour=60, hours=1, talk_seconds=200, missed=0.1, break_every_seconds=1800)


class World:
    """A Workspace with one TaskQueue for everybody, and Alice, who is Offline."""

    def __init__(self) -> None:
        self.store = Failing()
        self.service = Service(self.store, clock=Clock(NINE))
        self.answers: list[str] = []
        self.clock = ClockControl(self.service, answered=self._answered)
        self.unsent = 0
        self.simulation = self.begin_again()
        self.told: list[tuple[Any, ...]] = []
        self.service.witnesses.append(self._note)
        self.sid = self.workflow_sid = ""
        self.accepts = False
        """Whether the assignment callback URL answers with the instruction to accept."""

    def begin_again(self) -> Simulation:
        """What a sandbox that begins on this store has."""
        self.simulation = Simulation(self.service, self.clock, unsent=lambda _: self.unsent)
        return self.simulation

    async def furnish(self, name: str = "Calls") -> None:
        """Make the Workspace."""
        workspace = await self.do(c.CreateWorkspace(account_sid="AC1", friendly_name=name))
        self.sid = workspace.sid
        queue = await self.do(c.CreateTaskQueue(workspace_sid=self.sid, friendly_name="All"))
        routing = f'{{"task_routing": {{"default_filter": {{"queue": "{queue.sid}"}}}}}}'
        workflow = await self.do(
            c.CreateWorkflow(
                workspace_sid=self.sid,
                friendly_name="Main",
                configuration=routing,
                assignment_callback_url="http://127.0.0.1:1/",
                task_reservation_timeout=20,
            )
        )
        self.workflow_sid = workflow.sid
        await self.do(c.CreateWorker(workspace_sid=self.sid, friendly_name="Alice"))

    async def do(self, command: c.Command) -> Any:
        return await self.service.execute(command, view=lambda record: record)

    async def _answered(self, _seconds: float) -> None:
        """The callbacks under way are answered."""
        pending = [r for r in self.state.reservations.values() if r.is_pending] if self.sid and self.accepts else []
        for reservation in pending:
            await self.do(
                c.AssignmentAnswered(
                    workspace_sid=self.sid, reservation_sid=reservation.sid, instruction=Instruction.ACCEPT
                )
            )

    def _note(self, outcome: Outcome) -> None:
        for event in outcome.events:
            self.told.append((event.at - NINE, event.type.value, event.data.get("worker_name")))

    @property
    def state(self) -> WorkspaceState:
        return self.service.states[self.sid]

    def plan(self, centre: ContactCentre = BUSY, *, workers: int = 3, seed: int = 1) -> RunPlan:
        return RunPlan(
            workspace_sid=self.sid, workflow_sid=self.workflow_sid, workers=names_of(workers), centre=centre, seed=seed
        )

    async def start(self, centre: ContactCentre = BUSY, *, workers: int = 3, seed: int = 1) -> None:
        """Begin a day, and hold the clock at its beginning."""
        await self.simulation.start(self.plan(centre, workers=workers, seed=seed), speed=1)
        await self.clock.pause()

    async def play_day(self) -> None:
        """Until the last call is over."""
        while self.simulation.is_on:
            await self.clock.advance(600)

    def workers(self) -> dict[str, str]:
        """Each Worker with the name of the Activity."""
        named = self.state.activities
        return {each.friendly_name: named[each.activity_sid].friendly_name for each in self.state.workers.values()}


def play(scenario: Callable[[World], Coroutine[Any, Any, None]]) -> World:
    """Play a scenario on a loop of its own, within the time limit."""

    async def limited() -> World:
        world = World()
        async with asyncio.timeout(LIMIT_SECONDS):
            await world.furnish()
            await scenario(world)
            await world.simulation.close()
        return world

    return asyncio.run(limited())


def test_a_day_is_played_from_the_first_call_to_the_last() -> None:
    """Every call has its Task and its end; what comes of it is what the events tell; the Workers go home."""

    async def scenario(world: World) -> None:
        await world.start()
        assert world.workers() == {"Alice": "Available", "Bob": "Available", "Carol": "Available"}
        await world.play_day()
        assert (world.simulation.state, world.simulation.note) == ("over", "The day is over.")
        assert set(world.workers().values()) == {"Offline"}

    world = play(scenario)
    assert world.simulation.run is not None
    calls, told = world.simulation.run.model.calls, Counter(type_ for _, type_, _ in world.told)
    shown = RunFigures(world.simulation.run).shown()
    assert len(calls) == shown["arrived"] == told["task.created"] > 40
    assert shown["answered"] == told["task.completed"] > 20
    assert shown["given_up"] == told["task.canceled"] == len(calls) - shown["answered"] > 0
    assert told["reservation.timeout"] > 0, "somebody missed one"
    assert (shown["waiting"], shown["lost"]) == (0, 0)
    assert sum(part[0] for part in shown["parts"]) == shown["arrived"]
    assert 0.4 < shown["occupancy"] < 1


def test_everything_happens_at_its_own_moment() -> None:
    """However the clock is moved: a caller hangs up after their patience, and a talk ends when it does."""

    async def scenario(world: World) -> None:
        await world.start()
        await world.clock.advance(3 * 3600)

    world = play(scenario)
    assert world.simulation.run is not None
    arrivals = [at for at, type_, _ in world.told if type_ == "task.created"]
    hung_up = {at for at, type_, _ in world.told if type_ == "task.canceled"}
    for call, arrived in zip(world.simulation.run.model.calls, arrivals, strict=True):
        assert arrived.total_seconds() == pytest.approx(call.arrived_at, abs=1e-5)
        if call.status is CallProgress.ABANDONED:
            until = call.arrived_at + (call.patience_seconds or 0)
            assert min(abs(at.total_seconds() - until) for at in hung_up) < 1e-5


@pytest.mark.parametrize("steps", [[7.0] * 1600, "by itself"], ids=["small steps", "by itself"])
def test_equal_seeds_make_equal_days(steps: Any) -> None:
    """The same events at the same moments, in one move, in small ones, or as fast as the computer goes."""

    async def at_once(world: World) -> None:
        await world.start()
        await world.clock.advance(11_200)

    async def otherwise(world: World) -> None:
        if steps == "by itself":
            await world.simulation.start(world.plan(), speed=9000)
            while world.simulation.is_on:
                await asyncio.sleep(0.02)
        else:
            await world.start()
            for step in steps:
                await world.clock.advance(step)

    first, second = play(at_once), play(otherwise)
    assert len(first.told) > 400
    assert first.told == second.told


def test_another_seed_makes_another_day() -> None:
    """Of the same contact centre."""
    days = [play(lambda world, seed=seed: _play_whole(world, seed)) for seed in (1, 2)]  # type: ignore[misc]
    assert days[0].told != days[1].told


async def _play_whole(world: World, seed: int) -> None:
    await world.start(seed=seed)
    await world.play_day()


def test_while_time_is_held_nobody_does_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation is paused with the clock, and goes on when time does."""
    monkeypatch.setattr(driving, "STEP_SECONDS", 0.001)

    async def scenario(world: World) -> None:
        await world.simulation.start(world.plan(), speed=2000)
        while len(world.told) < 60:
            await asyncio.sleep(0.002)
        assert world.simulation.state == "running"
        await world.simulation.pause()
        held, told = world.service.clock.now(), len(world.told)
        await asyncio.sleep(0.02)
        assert (world.simulation.state, world.service.clock.now(), len(world.told)) == ("paused", held, told)
        await world.simulation.start(world.plan(), speed=2000)
        while len(world.told) == told:
            await asyncio.sleep(0.002)

    play(scenario)


def test_a_pause_ends_with_the_simulation_and_a_clock_that_was_held_stays_held() -> None:
    """Who stops a paused day wants time to run; who held the clock by hand lets it go by hand."""

    async def scenario(world: World) -> None:
        await world.simulation.start(world.plan(), speed=1)
        await world.simulation.pause()
        await world.simulation.stop()
        assert not world.service.clock.is_held
        await world.start()
        await world.simulation.stop()
        assert world.service.clock.is_held

    play(scenario)


def test_the_speed_is_told_while_it_runs_and_is_the_usual_one_afterwards() -> None:
    """As fast as it really goes, so that who shows the time can follow."""

    async def scenario(world: World) -> None:
        await world.simulation.start(world.plan(), speed=600)
        await asyncio.sleep(0.2)
        assert 100 < world.clock.speed <= 700
        await world.simulation.stop()
        assert world.clock.speed == 1
        before = world.service.clock.now()
        assert not world.service.clock.is_held
        assert world.service.clock.now() - before < timedelta(seconds=1)

    play(scenario)


def test_events_that_are_not_sent_yet_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is slower than the day makes the day slower; one that hangs does not stop it."""
    monkeypatch.setattr(driving, "STEP_SECONDS", 0.001)
    monkeypatch.setattr(driving, "UNSENT_SECONDS", LIMIT_SECONDS)

    async def scenario(world: World) -> None:
        world.unsent = driving.MOST_UNSENT + 1
        await world.simulation.start(world.plan(), speed=600)
        began = world.service.clock.now()
        await asyncio.sleep(0.03)
        assert world.service.clock.now() == began
        monkeypatch.setattr(driving, "UNSENT_SECONDS", 0)
        world.unsent = driving.MOST_UNSENT
        while world.service.clock.now() == began:
            await asyncio.sleep(0.002)
        now, world.unsent = world.service.clock.now(), driving.MOST_UNSENT + 1
        while world.service.clock.now() == now:
            await asyncio.sleep(0.002)

    play(scenario)


# --- people interfere -------------------------------------------------------------------------------------------------


def test_a_worker_who_is_taken_over_is_left_alone() -> None:
    """Her Reservation waits for whoever has her; given back, she goes on with what there is."""

    async def scenario(world: World) -> None:
        await world.start(ContactCentre(calls_per_hour=60, hours=1, patience_seconds=None), workers=1)
        world.simulation.take_over("alice")
        await world.clock.advance(18)
        while not world.state.reservations:
            await world.clock.advance(18)
        [reservation] = world.state.reservations.values()
        assert reservation.is_pending
        accept = {"reservation_status": ReservationStatus.ACCEPTED}
        await world.do(c.UpdateReservation(workspace_sid=world.sid, sid=reservation.sid, changes=accept))
        await world.clock.advance(4000)
        assert reservation.reservation_status is ReservationStatus.ACCEPTED
        await world.simulation.give_back("Alice")
        await world.clock.advance(4000)
        assert reservation.reservation_status is ReservationStatus.COMPLETED

    play(scenario)


def test_nobody_else_can_be_taken_over() -> None:
    """The sentence names those who can."""

    async def scenario(world: World) -> None:
        with pytest.raises(InvalidParameter, match="no simulation is on"):
            world.simulation.take_over("Alice")
        await world.start(workers=2)
        with pytest.raises(InvalidParameter, match="'Eve' is none of the simulation's Workers: Alice, Bob"):
            world.simulation.take_over("Eve")

    play(scenario)


def test_an_instruction_of_the_callback_url_wins() -> None:
    """Who is told to accept by the answer has accepted before the Worker would."""

    async def scenario(world: World) -> None:
        world.accepts = True
        await world.start(ContactCentre(calls_per_hour=60, hours=1, answer_seconds=5), workers=9)
        await world.play_day()
        assert world.simulation.run is not None
        waits = [call.waited_seconds for call in world.simulation.run.model.calls]
        assert max(waits[:5]) < 1  # type: ignore[type-var]

    play(scenario)


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_a_stop_clears_away_what_was_made() -> None:
    """Open calls end, Workers who were there before are as they were, and the others are gone."""

    async def scenario(world: World) -> None:
        await world.start()
        await world.clock.advance(1800)
        assert len(world.state.workers) == 3
        await world.simulation.stop()
        assert world.workers() == {"Alice": "Offline"}
        assert all(task.is_final for task in world.state.tasks.values())
        assert world.simulation.note == "The simulation was stopped."
        assert world.store.fact("simulation") == "{}"

    world = play(scenario)
    assert world.clock.actors is None


def test_what_was_left_by_a_kill_is_said_and_can_be_cleared_away() -> None:
    """The simulation is over with the process; its Workers are known to the next one."""

    async def scenario(world: World) -> None:
        await world.start()
        await world.clock.advance(600)
        await world.simulation.close()
        again = world.begin_again()
        assert again.state == "over"
        assert "the sandbox has ended while" in again.note.casefold()
        assert any(reservation.is_open for reservation in world.state.reservations.values())
        await again.stop()
        assert list(world.workers()) == ["Alice"]
        assert world.begin_again().state == "none"

    play(scenario)


def test_it_ends_with_its_workspace() -> None:
    """Deleted by whomever."""

    async def scenario(world: World) -> None:
        await world.start()
        await world.clock.advance(600)
        await world.do(c.DeleteWorkspace(sid=world.sid, workspace_sid=world.sid))
        await world.clock.advance(600)
        assert world.simulation.note == "The Workspace was deleted, and the simulation has ended with it."
        await world.simulation.stop()

    play(scenario)


def test_there_is_one_at_a_time() -> None:
    """A second one in another Workspace is refused while the first is on; after it, the first one's are gone."""

    async def scenario(world: World) -> None:
        await world.start()
        first = world.sid
        await world.furnish("Others")
        with pytest.raises(SimulationElsewhere, match="in the Workspace Calls"):
            await world.start()
        await world.simulation.stop()
        await world.start(workers=2)
        assert list(world.workers()) == ["Alice", "Bob"]
        assert len(world.service.states[first].workers) == 1

    play(scenario)


def test_callers_for_whom_there_is_no_way_are_counted() -> None:
    """The Workflow has no filter for them and no default one: they never become a Task."""

    async def scenario(world: World) -> None:
        queue = next(iter(world.state.task_queues))
        spanish = {"expression": "selected_language == 'es'", "targets": [{"queue": queue}]}
        changes = {"configuration": json.dumps({"task_routing": {"filters": [spanish]}})}
        await world.do(c.UpdateWorkflow(workspace_sid=world.sid, sid=world.workflow_sid, changes=changes))
        await world.start()
        await world.play_day()
        assert world.simulation.run is not None
        shown = RunFigures(world.simulation.run).shown()
        assert shown["lost"] > 20
        assert shown["lost"] + shown["answered"] + shown["given_up"] == shown["arrived"]

    play(scenario)


def test_a_full_disk_ends_it_with_a_sentence() -> None:
    """Nothing is played that is not kept."""

    async def scenario(world: World) -> None:
        await world.simulation.start(world.plan(), speed=600)
        world.store.is_full = True
        while world.simulation.is_on:
            await asyncio.sleep(0.01)
        assert "the disk is full" in world.simulation.note
        world.store.is_full = False

    play(scenario)


def test_workers_have_names_that_are_all_different() -> None:
    """The quickstart's two first, then through the alphabet, and round again."""
    names = names_of(60)
    assert names[:3] == ["Alice", "Bob", "Carol"]
    assert len(set(names)) == 60
    assert names[26] == "Alice 2"


def test_figures_are_the_same_however_often_they_are_asked_for() -> None:
    """What is read as it happens is what is read at the end."""

    async def scenario(world: World) -> None:
        await world.start()
        assert world.simulation.run is not None
        often = RunFigures(world.simulation.run)
        while world.simulation.is_on:
            often.shown()
            await world.clock.advance(97)
        first, second = often.shown(), RunFigures(world.simulation.run).shown()
        for one, other in zip(first.pop("parts"), second.pop("parts"), strict=True):
            assert one == pytest.approx(other, abs=0.011)
            assert one[4] >= one[3], "at most is not less than on average"
        assert first == pytest.approx(second)

    play(scenario)
