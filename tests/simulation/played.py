"""A day of a model, played in the engine of the tests' small world."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from engine.world import World, moment

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.errors import Refusal
from labkit.simulation.contact_centre import ContactCentre
from labkit.simulation.intentions import CallIn, Intention, Workplace
from labkit.simulation.model import Model

NAMES = ("Alice", "Bob", "Carol", "Dave")


class PlayedDay:
    """A contact centre of some Workers and one TaskQueue; every intention of its model is carried out.

    Attributes:
        wanted: what the model wanted and when, in its order.
    """

    def __init__(
        self, centre: ContactCentre, *, workers: int = 2, seed: int = 1, reservation_seconds: int = 30
    ) -> None:
        self.world = World()
        queue = self.world.run(c.CreateTaskQueue, friendly_name="Everybody")
        routing = f'{{"task_routing": {{"filters": [], "default_filter": {{"queue": "{queue.sid}"}}}}}}'
        workflow = self.world.run(
            c.CreateWorkflow,
            friendly_name="Main",
            configuration=routing,
            task_reservation_timeout=reservation_seconds,
        )
        names = self.world.names
        self.workers = {
            name: self.world.run(c.CreateWorker, friendly_name=name, activity_sid=names["Available"])
            for name in NAMES[:workers]
        }
        self.place = Workplace(
            workspace_sid=self.world.sid,
            workflow_sid=workflow.sid,
            available_sid=names["Available"],
            break_sid=names["Unavailable"],
        )
        self.model = Model(centre, worker_sids=[w.sid for w in self.workers.values()], chance=Random(seed))
        self.wanted: list[tuple[float, Intention]] = []

    def play(self, *, until: float = math.inf) -> PlayedDay:
        """Until the day is over, but no longer than that."""
        while not self.model.is_over and (at := self._next_at()) is not None and at <= until:
            self.world.seconds = at
            self.observed(self.world.engine.tick(moment(at)))
            while (intention := self.model.next_intention(at)) is not None:
                self._carry_out(intention)
        return self

    def run(self, kind: type[c.Command], **fields: Any) -> Any:
        """What a person does now."""
        outcome = self.world.engine.handle(kind(workspace_sid=self.world.sid, **fields), self.world.now)
        self.observed(outcome)
        return outcome.result

    def observed(self, outcome: Outcome) -> None:
        """Shown twice, which does no harm."""
        self.model.observe(outcome, self.world.seconds)
        self.model.observe(outcome, self.world.seconds)

    def _next_at(self) -> float | None:
        deadline = self.world.engine.next_deadline()
        due = None if deadline is None else (deadline - moment(0)).total_seconds()
        return min((at for at in (due, self.model.next_at()) if at is not None), default=None)

    def _carry_out(self, intention: Intention) -> None:
        self.wanted.append((self.world.seconds, intention))
        try:
            outcome = self.world.engine.handle(self.place.command(intention), self.world.now)
        except Refusal:
            return
        if isinstance(intention, CallIn):
            self.model.created(intention.call, outcome.result.sid)
        self.observed(outcome)

    def moments(self, kind: type) -> list[float]:
        """When something of this kind was wanted."""
        return [at for at, intention in self.wanted if isinstance(intention, kind)]
