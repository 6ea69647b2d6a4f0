"""The contact centre that lives: one run at a time in a sandbox, on its clock, as fast as somebody wants it.

There is one clock, so there is one simulation, whoever has started it. It holds on while time is held. It is not kept:
after the sandbox's end it is over, and what is kept is only which Workers were made for it, so that they can be
cleared away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from labkit.attributes import compact_json, parse_object
from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import Activity, Worker
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.clock_control import ClockControl
from labkit.sandbox.refusals import SimulationElsewhere, Unavailable
from labkit.sandbox.service import Service, storing
from labkit.sandbox.simulation.figures import RunFigures
from labkit.sandbox.simulation.run import Person, Run
from labkit.sandbox.simulation.staff import dismiss, languages_of
from labkit.sandbox.store import StoreError
from labkit.simulation.contact_centre import ContactCentre
from labkit.simulation.intentions import Workplace

log = logging.getLogger(__name__)

FACT = "simulation"
STEP_SECONDS = 0.04
"""Real ones, between two steps of the clock: what is seen moves 25 times a second."""
LONGEST_STEP_SECONDS = 0.2
"""What a slow computer has missed is not made up for: the day takes longer then."""
MOST_UNSENT = 100
"""Event callbacks that are under way or wait, before the next step waits for them."""
UNSENT_SECONDS = 0.5
"""For so long at most: a URL that hangs shall not stop the day."""
NONE_IS_ON = "no simulation is on"
STOPPED = "The simulation was stopped."
INTERRUPTED = "The sandbox has ended while the simulation ran, so the simulation is over. Stop clears its Workers away."


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What somebody wants to be played.

    Attributes:
        workspace_sid, workflow_sid: where the calls go.
        workers: the names of those who work; who is not there is made, with languages.
        centre: what the contact centre is like.
        seed: equal ones give equal days.
    """

    workspace_sid: str
    workflow_sid: str
    workers: Sequence[str]
    centre: ContactCentre = field(default_factory=ContactCentre)
    seed: int = 1


class Simulation:
    """The simulation of one sandbox. `close` ends it.

    Args:
        service: where it happens.
        clock_control: its clock.
        unsent: how many event callbacks of a Workspace are not over.

    Attributes:
        run: the last one; None where there was none since the sandbox began.
        figures: what comes of it.
        plan: what was asked for it.
        speed: how many seconds of the sandbox's shall pass in one of the computer's.
    """

    def __init__(
        self, service: Service, clock_control: ClockControl, *, unsent: Callable[[str], int] = lambda _: 0
    ) -> None:
        self.run: Run | None = None
        self.figures: RunFigures | None = None
        self.plan: RunPlan | None = None
        self.speed = 1.0
        self._service = service
        self._clock_control = clock_control
        self._unsent = unsent
        self._pacing: asyncio.Task[None] | None = None
        self._holds_time = False
        """Whether time stands still for the simulation's sake, and not because somebody held the clock."""
        self._alone = asyncio.Lock()
        self._made = self._kept()
        """The SIDs of Workers that were made for it and are still there, each with its Workspace's."""
        self._broken_off = INTERRUPTED if self._made else ""
        service.witnesses.append(self._hear)

    @property
    def is_on(self) -> bool:
        """Whether there is one that goes on, or is held with the clock."""
        return self.run is not None and not self.run.over

    @property
    def state(self) -> str:
        """`none`, `running`, `paused` with the clock, or `over`."""
        if self.is_on:
            return "paused" if self._clock_control.clock.is_held else "running"
        return "over" if self.note else "none"

    @property
    def made(self) -> int:
        """How many Workers are there that were made for it."""
        return len(self._made)

    @property
    def note(self) -> str:
        """Why there is none that goes on; empty where there is one, or never was."""
        return self.run.over if self.run is not None else self._broken_off

    # --- what can be asked --------------------------------------------------------------------------------------------

    async def start(self, plan: RunPlan, *, speed: float) -> None:
        """Begin a day, or go on with the one that is on, at this speed; time runs.

        Raises:
            Refusal: one is on in another Workspace; the Workspace has no Activity for it; or something is wrong with
                the plan.
            Unavailable: something could not be kept.
        """
        async with self._alone:
            if self.is_on and self.plan is not None and self.plan.workspace_sid != plan.workspace_sid:
                raise SimulationElsewhere(self._name_of(self.plan.workspace_sid))
            self.speed = speed
            if not self.is_on:
                await self._begin(plan)
            await self._let_time_run()

    async def pause(self) -> None:
        """Let time stand still, and the simulation with it.

        Raises:
            InvalidParameter: none is on.
            Unavailable: it could not be kept; time goes on.
        """
        if not self.is_on:
            raise InvalidParameter("Action", NONE_IS_ON)
        self._holds_time = self._holds_time or not self._clock_control.clock.is_held
        await self._clock_control.pause()

    async def stop(self) -> None:
        """End it, if one is on: its calls end, the Workers are as they were before, and those made for it are gone.

        Time runs again, if it was the simulation that was paused.

        Raises:
            Unavailable: something could not be written.
        """
        async with self._alone:
            await self._end_pacing()
            if self.run is not None:
                await self.run.break_off(STOPPED)
            await self._clear_away()
            self._broken_off = ""
            if self._holds_time:
                await self._let_time_run()

    def take_over(self, worker: str) -> None:
        """Leave a Worker (name or SID) to somebody else.

        Raises:
            InvalidParameter: there is no such Worker in it.
        """
        run, person = self._find(worker)
        run.model.take_over(person.sid, run.now())

    async def give_back(self, worker: str) -> None:
        """Play a Worker again. Raises as `take_over`."""
        run, person = self._find(worker)
        await run.give_back(person)

    async def close(self) -> None:
        """End it with the sandbox; nothing is cleared away."""
        await self._end_pacing()

    async def _let_time_run(self) -> None:
        await self._clock_control.resume()
        self._holds_time = False

    def _find(self, worker: str) -> tuple[Run, Person]:
        if self.run is None or self.run.over:
            raise InvalidParameter("Worker", NONE_IS_ON)
        for person in self.run.people.values():
            if worker.casefold() in (person.sid.casefold(), person.name.casefold()):
                return self.run, person
        names = ", ".join(person.name for person in self.run.people.values())
        raise InvalidParameter("Worker", f"{worker[:64]!r} is none of the simulation's Workers: {names}")

    # --- one run ------------------------------------------------------------------------------------------------------

    async def _begin(self, plan: RunPlan) -> None:
        state = self._service.states.get(plan.workspace_sid)
        if state is None:
            raise InvalidParameter("WorkspaceSid", f"there is no Workspace {plan.workspace_sid[:64]!r}")
        if plan.workflow_sid not in state.workflows:
            raise InvalidParameter("WorkflowSid", f"{plan.workflow_sid[:64]!r} is not in this Workspace")
        place = _place(state, plan.workflow_sid)
        await self._end_pacing()
        await self._clear_away()
        people = [await self._person(state, name, place) for name in plan.workers]
        self.plan = plan
        self.run = run = Run(self._service, plan.centre, place=place, people=people, seed=plan.seed)
        self.figures = RunFigures(run)
        self._clock_control.actors = run
        await run.open()
        self._pacing = asyncio.create_task(self._keep_pace(run))
        await asyncio.sleep(0)  # it goes in steps from now on, and not in between

    async def _person(self, state: WorkspaceState, name: str, place: Workplace) -> Person:
        wanted = name.casefold()
        found = next((each for each in state.workers.values() if each.friendly_name.casefold() == wanted), None)
        if found is not None:
            is_made = found.sid in self._made  # for a run before, and it could not be deleted
            return Person(found.sid, found.friendly_name, found.activity_sid, is_made=is_made)
        command = c.CreateWorker(
            workspace_sid=place.workspace_sid,
            friendly_name=name,
            attributes=compact_json({"languages": languages_of(name)}),
            activity_sid=_home(state) or place.break_sid,
        )
        made: Worker = await self._service.execute(command, view=lambda worker: worker)
        self._made[made.sid] = place.workspace_sid
        self._keep()
        return Person(made.sid, made.friendly_name, made.activity_sid, is_made=True)

    async def _keep_pace(self, run: Run) -> None:
        """Let time pass, in steps, until it is over."""
        try:
            with self._clock_control.clock.in_steps():
                await self._go_in_steps(run)
        except Unavailable as error:
            run.stop(f"The simulation has ended, because something could not be written: {error}.")
        except Exception:
            log.exception("a simulation ended by a mistake of its own")
            run.stop("The simulation has ended by a mistake of its own; the sandbox's log has it.")
        finally:
            self._clock_control.speed = 1.0
            if self._clock_control.actors is run:
                self._clock_control.actors = None
            self._service.wake()

    async def _go_in_steps(self, run: Run) -> None:
        clock, last = self._clock_control.clock, time.monotonic()
        pace = _Pace(self.speed)
        while not run.over:
            await asyncio.sleep(STEP_SECONDS)
            await self._events_are_sent(run.place.workspace_sid)
            began, now = clock.now(), time.monotonic()
            seconds, last = now - last, now
            await self._clock_control.go_on(min(seconds, LONGEST_STEP_SECONDS) * self.speed)
            if not clock.is_held:
                self._clock_control.speed = pace.note((clock.now() - began).total_seconds(), seconds=seconds)

    async def _events_are_sent(self, workspace_sid: str) -> None:
        """Wait a moment for whoever is told of the events: they shall not pile up."""
        until = time.monotonic() + UNSENT_SECONDS
        while self._unsent(workspace_sid) > MOST_UNSENT and time.monotonic() < until:
            await asyncio.sleep(STEP_SECONDS / 4)

    async def _end_pacing(self) -> None:
        if self._pacing is not None:
            self._pacing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pacing
            self._pacing = None
        self._clock_control.actors = None

    async def _clear_away(self) -> None:
        """Delete the Workers that were made for it, of this run or of one that was cut off."""
        for sid, workspace_sid in list(self._made.items()):
            if await dismiss(self._service, workspace_sid=workspace_sid, worker_sid=sid):
                del self._made[sid]
        self._keep()

    def _hear(self, outcome: Outcome) -> None:
        if self.run is None or self.run.over:
            return
        try:
            self.run.observe(outcome)
        except Exception:
            log.exception("a simulation did not understand what was committed")

    # --- what is kept -------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        text = compact_json(self._made)
        if text == (self._service.store.fact(FACT) or "{}"):
            return
        with storing():
            self._service.store.keep_fact(FACT, text)

    def _kept(self) -> dict[str, str]:
        try:
            kept = parse_object(self._service.store.fact(FACT))
        except StoreError:  # nobody's Workers are worth a sandbox that does not begin
            log.warning("which Workers were made for a simulation cannot be read")
            return {}
        return {sid: str(workspace_sid) for sid, workspace_sid in (kept or {}).items()}

    def _name_of(self, workspace_sid: str) -> str:
        state = self._service.states.get(workspace_sid)
        return state.workspace.friendly_name if state is not None else workspace_sid


class _Pace:
    """How fast the clock went of late."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def note(self, moved: float, *, seconds: float) -> float:
        """It was moved on by so much in so many real seconds; how fast that is on average."""
        share = min(1.0, seconds)
        self._speed += (moved / max(seconds, STEP_SECONDS / 2) - self._speed) * share
        return max(1.0, round(self._speed, 1))


def _place(state: WorkspaceState, workflow_sid: str) -> Workplace:
    """Workers change between the first Activity that takes Tasks and one that takes none: for breaks, if there is such
    a one, not the one in which TaskRouter puts who has missed a Reservation."""
    activities = list(state.activities.values())
    available = [each for each in activities if each.available]
    breaks = [each for each in activities if not each.available]
    breaks.sort(key=lambda each: each.sid == state.workspace.timeout_activity_sid)
    return Workplace(
        workspace_sid=state.workspace.sid,
        workflow_sid=workflow_sid,
        available_sid=_first(available, "Activity that takes Tasks"),
        break_sid=_first(breaks, "Activity that takes none"),
    )


def _home(state: WorkspaceState) -> str:
    """The Activity of Workers who are not at work; empty if new ones take Tasks at once."""
    default = state.activities.get(state.workspace.default_activity_sid)
    return "" if default is None or default.available else default.sid


def _first(activities: Sequence[Activity], what: str) -> str:
    if not activities:
        raise InvalidParameter("WorkspaceSid", f"the Workspace has no {what}")
    return activities[0].sid
