"""Days without a sandbox: a model and an engine, side by side, as fast as they go.

A day is a function of its plan, which is plain data: it can be played here, in another process or on another machine.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from labkit.engine import Engine
from labkit.engine.resources import Record
from labkit.errors import LabError, Refusal
from labkit.simulation.contact_centre import ContactCentre
from labkit.simulation.day_figures import DayFigures, figures_of
from labkit.simulation.intentions import CallIn, Intention, Workplace
from labkit.simulation.model import Model

OPENING = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""A Monday: Workflows may route by the day of the week and the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlessDay:
    """All that a day depends on.

    Attributes:
        centre: what the contact centre is like.
        place: where its Tasks go.
        records: the Workspace, as a store would keep it.
        worker_sids: who works.
        seed, day: where chance comes from; every day of a seed has its own.
    """

    centre: ContactCentre
    place: Workplace
    records: Sequence[Record]
    worker_sids: Sequence[str]
    seed: int
    day: int


def counted_sids(first: int = 1) -> Callable[[str], str]:
    """SIDs in the order in which they are made: a run gives the same each time."""
    numbers = count(first)
    return lambda prefix: f"{prefix}{next(numbers):032x}"


def figures(plan: HeadlessDay) -> DayFigures:
    """Play a day, and keep of it what is worth keeping; for any process, on any machine.

    Raises:
        LabError: TaskRouter takes no Task for a call; the message says why.
    """
    return figures_of(play(plan), hours=plan.centre.hours)


def play(plan: HeadlessDay) -> Model:
    """Play a day to its end: until nobody calls any more and every call is over.

    Raises:
        LabError: TaskRouter takes no Task for a call; the message says why.
    """
    chance = Random(f"{plan.seed} {plan.day}")  # noqa: S311  # a day is to be the same each time
    model = Model(plan.centre, worker_sids=plan.worker_sids, chance=chance)
    sids, records = counted_sids(len(plan.records) + 1), copy.deepcopy(plan.records)
    engine = Engine(sids=sids, records=records, reports=False, keeps_ended=False)
    _Driver(model, engine, plan.place).drive()
    return model


class _Driver:
    def __init__(self, model: Model, engine: Engine, place: Workplace) -> None:
        self._model, self._engine, self._place = model, engine, place

    def drive(self) -> None:
        """What falls due in the engine comes before what the model wants at the same moment."""
        model, engine = self._model, self._engine
        at: float | None = 0.0
        while not model.is_over:
            at = model.next_at()
            now = None if at is None else moment(at)
            deadline = engine.next_deadline()
            if deadline is not None and (now is None or deadline <= now):
                model.observe(engine.tick(deadline), seconds_at(deadline))
            elif at is not None and now is not None:
                while (intention := model.next_intention(at)) is not None:
                    self._carry_out(intention, at, now)
        model.close(at or 0.0)

    def _carry_out(self, intention: Intention, at: float, now: datetime) -> None:
        try:
            outcome = self._engine.handle(self._place.command(intention), now)
        except Refusal as refusal:
            raise LabError(f"A call came to nothing {at:.0f} s after the opening: {refusal}") from refusal
        if isinstance(intention, CallIn):
            self._model.created(intention.call, outcome.result.sid)
        self._model.observe(outcome, at)
        while (slice_of_work := self._engine.go_on(now)) is not None:
            self._model.observe(slice_of_work, at)


def moment(seconds: float) -> datetime:
    """The moment so many seconds after the opening."""
    return OPENING + timedelta(seconds=seconds)


def seconds_at(when: datetime) -> float:
    """How many seconds after the opening a moment is."""
    return (when - OPENING).total_seconds()
