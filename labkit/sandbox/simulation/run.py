"""One run of a simulation: its callers and Workers do what programs would do by REST, each at their own moment.

What `labkit.simulation`'s model wants becomes a command to the service, committed and told like anybody else's; and the
model observes what was committed, whoever brought it about: a learner, an assignment callback's instruction, or itself.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.errors import Refusal
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service
from labkit.simulation.calls import CallProgress
from labkit.simulation.contact_centre import ContactCentre
from labkit.simulation.intentions import CallIn, Intention, Workplace
from labkit.simulation.model import Model
from labkit.vocabulary import TaskStatus

log = logging.getLogger(__name__)

DAY_IS_OVER = "The day is over."
ANOTHER_STATE = "The sandbox was reset or restored, and the simulation has ended with what there was before."
NO_WORKSPACE = "The Workspace was deleted, and the simulation has ended with it."
AT_MOST_AFTER = timedelta(hours=1)
"""Which the last calls go on after the end of the day."""
LOOK_AGAIN = timedelta(seconds=10)
"""Whether they have ended."""


@dataclass(slots=True)
class Person:
    """A Worker in the simulation: the SID and the name, the Activity before it, and whether it made the Worker."""

    sid: str
    name: str
    was_in: str
    is_made: bool = False


class Run:
    """One run, from its first caller to its last.

    Args:
        service: where it happens.
        centre: what the contact centre is like.
        place: where the calls go.
        people: the Workers.
        seed: equal ones give equal days, as far as nobody interferes.

    Attributes:
        model: who does what when.
        people: the Workers by SID.
        began, ends: the day.
        over: why it is over, as a sentence; empty while it goes on.
        over_at: when that was, in seconds since the day began; None while it goes on.
    """

    def __init__(
        self, service: Service, centre: ContactCentre, *, place: Workplace, people: list[Person], seed: int
    ) -> None:
        self.centre, self.place = centre, place
        self.people = {person.sid: person for person in people}
        self.model = Model(centre, worker_sids=self.people, chance=Random(seed))  # noqa: S311  # no secret
        self.began = service.clock.now()
        self.ends = self._closing = self.began + timedelta(hours=centre.hours)
        self.over = ""
        self.over_at: float | None = None
        self._service = service
        self._generation = service.generation

    # --- time ---------------------------------------------------------------------------------------------------------

    @property
    def next(self) -> datetime | None:
        """When somebody does something next; None once it is over."""
        if self.over:
            return None
        at = self.model.next_at()
        return self._closing if at is None else min(self._closing, self._moment(at))

    async def act(self) -> None:
        """Have everybody do what is to be done by now."""
        try:
            while self._goes_on() and (at := self._due()) is not None:
                intention = self.model.next_intention(at)
                if intention is not None:
                    await self._carry_out(intention)
            if not self.over and self._closing <= self._service.clock.now():
                await self._close()
        except Unavailable as refusal:
            self.stop(f"The simulation has ended, because the sandbox cannot read or write: {refusal}.")

    def observe(self, outcome: Outcome) -> None:
        """Take in what was committed."""
        here = {sid: record for sid, record in outcome.changed.items() if self._is_here(record)}
        gone = {sid: record for sid, record in outcome.removed.items() if self._is_here(record)}
        self.model.observe(Outcome(changed=here, removed=gone), self.now())

    def stop(self, why: str) -> None:
        """Nobody does anything any more."""
        if not self.over:
            self.over, self.over_at = why, self.now()

    def now(self) -> float:
        """Seconds since the day began."""
        return (self._service.clock.now() - self.began).total_seconds()

    def _moment(self, at: float) -> datetime:
        return self.began + timedelta(microseconds=math.ceil(at * 1e6))

    def _due(self) -> float | None:
        at = self.model.next_at()
        return at if at is not None and self._moment(at) <= self._service.clock.now() else None

    def _is_here(self, record: Any) -> bool:
        is_here: bool = record.workspace_sid == self.place.workspace_sid
        return is_here

    def _goes_on(self) -> bool:
        if self._generation != self._service.generation:
            self.stop(ANOTHER_STATE)
        elif self.place.workspace_sid not in self._service.states:
            self.stop(NO_WORKSPACE)
        return not self.over

    # --- the day ------------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """The Workers come."""
        for person in self.people.values():
            await self._set_activity(person, self.place.available_sid)

    async def _close(self) -> None:
        """The day is over: nobody calls any more, and what was begun is ended."""
        now = self._service.clock.now()
        if not self.model.is_over and now < self.ends + AT_MOST_AFTER:
            self._closing = now + LOOK_AGAIN
        else:
            await self._go_home()
            self.stop(DAY_IS_OVER)

    async def break_off(self, why: str) -> None:
        """Stop in the middle: whoever waits is gone, whoever talks has ended, and the Workers go home."""
        if not self._goes_on():
            return
        for call in list(self.model.calls):
            if call.task_sid and call.ended_at is None:
                is_waiting = call.status is CallProgress.WAITING
                status = TaskStatus.CANCELED if is_waiting else TaskStatus.COMPLETED
                changes = {"assignment_status": status, "reason": why}
                await self._do(c.UpdateTask(workspace_sid=self.place.workspace_sid, sid=call.task_sid, changes=changes))
        await self._go_home()
        self.stop(why)

    async def _go_home(self) -> None:
        """Every Worker who was not taken over is in the Activity again that was theirs before."""
        for sid, person in self.people.items():
            if self.model.workers[sid].plays_itself:
                await self._set_activity(person, person.was_in)

    async def give_back(self, person: Person) -> None:
        """The Worker plays again, and goes on from whatever there is."""
        self.model.give_back(person.sid, self.now())
        await self.act()

    # --- commands -----------------------------------------------------------------------------------------------------

    async def _carry_out(self, intention: Intention) -> None:
        command = self.place.command(intention)
        if not isinstance(intention, CallIn):
            await self._do(command)
        elif not await self._do(command, call=intention):
            self.model.refused(intention.call, self.now())

    async def _do(self, command: c.Command, *, call: CallIn | None = None) -> bool:
        """Whether TaskRouter did it; it refuses what is not possible any more, because somebody was quicker."""

        def view(record: Any) -> None:
            if call is not None:  # at this very moment: the model observes the commit, and knows whose Task it is
                self.model.created(call.call, record.sid)

        try:
            await self._service.execute(command, view=view)
        except Unavailable:
            raise
        except Refusal as refusal:
            log.info("a simulation was refused something: %s", refusal)
            return False
        return True

    async def _set_activity(self, person: Person, activity_sid: str) -> None:
        changes = {"activity_sid": activity_sid}
        await self._do(c.UpdateWorker(workspace_sid=self.place.workspace_sid, sid=person.sid, changes=changes))
