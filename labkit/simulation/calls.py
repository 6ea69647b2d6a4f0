"""A call: a caller from the first ring to the end, with everything that chance decides about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from labkit.attributes import compact_json
from labkit.simulation.contact_centre import CallerKind, ContactCentre
from labkit.simulation.durations import DISTRIBUTIONS


class CallProgress(StrEnum):
    """How a call stands."""

    WAITING = "waiting"
    TALKING = "talking"
    WRAP_UP = "wrap-up"
    SERVED = "served"
    ABANDONED = "abandoned"
    """the caller hung up before anybody answered"""
    CANCELED = "canceled"
    """somebody or something else ended the Task first: a person, the Workflow, its time to live"""


@dataclass(slots=True, eq=False, kw_only=True)
class IncomingCall:
    """One call. Moments are seconds since the opening.

    Attributes:
        number: 1 for the day's first.
        arrived_at: when the caller calls.
        attributes: of the Task, as values; `attributes_json` is the same as a text.
        talk_seconds, wrap_up_seconds: how long these will take.
        patience_seconds: when the caller hangs up, counted from the arrival; None for never.
        task_sid: the Task; empty until it is created.
        worker_sid: who answered; empty until somebody has.
        answered_at: when; None until then.
        ended_at: when the Worker was free of it again, or the caller gone; None until then.
        status: how it stands.
    """

    number: int
    arrived_at: float
    attributes: Mapping[str, Any]
    attributes_json: str
    talk_seconds: float
    wrap_up_seconds: float
    patience_seconds: float | None
    task_sid: str = ""
    worker_sid: str = ""
    answered_at: float | None = None
    ended_at: float | None = None
    status: CallProgress = CallProgress.WAITING

    @property
    def waited_seconds(self) -> float | None:
        """Until it was answered or given up; None while the caller waits."""
        until = self.answered_at if self.answered_at is not None else self.ended_at
        return None if until is None else until - self.arrived_at


class CallGenerator:
    """The day's calls, one after the other.

    What chance decides about a call is drawn when it comes, from a `Random` of the callers' own: the same callers come
    however many Workers there are, so two runs differ by the Workers alone.
    """

    def __init__(self, centre: ContactCentre, chance: Random) -> None:
        self._centre = centre
        self._chance = chance
        self._arrivals = centre.new_arrivals()
        self._at: float | None = self._arrivals.begins_at
        self._number = 0
        self._kinds = tuple((kind, compact_json(kind.attributes)) for kind in centre.callers)
        self._shares = _running_totals(centre.callers)
        self._talk = _drawing(centre.talk_distribution, centre.talk_seconds, chance)
        self._wrap_up = _drawing(centre.wrap_up_distribution, centre.wrap_up_seconds, chance)
        self._patience = _drawing(centre.patience_distribution, centre.patience_seconds or 0.0, chance)

    def next(self) -> IncomingCall | None:
        """The next call; None when nobody comes any more."""
        if self._at is not None:
            self._at = self._arrivals.next_after(self._at, self._chance)
        if self._at is None:
            return None
        self._number += 1
        kind, attributes_json = self._kind()
        return IncomingCall(
            number=self._number,
            arrived_at=self._at,
            attributes=kind.attributes,
            attributes_json=attributes_json,
            talk_seconds=self._talk(),
            wrap_up_seconds=self._wrap_up(),
            patience_seconds=None if self._centre.patience_seconds is None else self._patience(),
        )

    def _kind(self) -> tuple[CallerKind, str]:
        if len(self._kinds) == 1:
            return self._kinds[0]
        drawn = self._chance.random() * self._shares[-1]
        return next(kind for kind, total in zip(self._kinds, self._shares, strict=True) if drawn < total)


def _running_totals(kinds: tuple[CallerKind, ...]) -> list[float]:
    totals = [0.0]
    for kind in kinds:
        totals.append(totals[-1] + kind.share)
    return totals[1:]


def _drawing(distribution: str, mean: float, chance: Random) -> Callable[[], float]:
    draw = DISTRIBUTIONS[distribution]
    return (lambda: draw(mean, chance)) if mean > 0 else (lambda: 0.0)
