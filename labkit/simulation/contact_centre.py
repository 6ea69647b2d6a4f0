"""What a contact centre is like: who calls, how patient they are, and how its Workers work. Values only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.arguments import no_such_value
from labkit.errors import ArgumentError
from labkit.simulation.arrivals import PATTERNS, CallArrivals
from labkit.simulation.durations import DISTRIBUTIONS

SERVICE_LEVEL_SECONDS = 20.0
"""Of the service level that is shown: many centres aim for eighty of a hundred calls answered within so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKind:
    """Callers who want the same.

    Attributes:
        attributes: of their Tasks.
        share: how many of all callers they are; the shares of all kinds are compared with each other.
    """

    attributes: Mapping[str, Any] = field(default_factory=dict)
    share: float = 1.0


_LANGUAGES = {"en": 0.7, "es": 0.3}
_WISHES = {"support": 0.5, "billing": 0.3, "sales": 0.2}
MIXED_CALLERS = tuple(
    CallerKind(attributes={"selected_language": language, "wish": wish}, share=share * part)
    for language, share in _LANGUAGES.items()
    for wish, part in _WISHES.items()
)
"""In the languages that the quickstart's Workflow routes by, each with a wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCentre:
    """The settings of a contact centre; every length is a mean, in seconds.

    Attributes:
        calls_per_hour: on average over the day.
        hours: how long the centre is open; nobody calls afterwards.
        warm_up_seconds: how long callers come, and Workers work, before the opening: moments are counted from there.
        arrivals: a name of `arrivals.PATTERNS`, or the rate in each of the equal parts of the day, in any unit.
        callers: what kinds of callers there are.
        talk_seconds: how long a caller and a Worker talk.
        wrap_up_seconds: how long the Worker works for the call afterwards; 0 for no wrap-up.
        patience_seconds: how long a caller waits before hanging up; None for ever.
        answer_seconds: how long a Worker takes to accept a Reservation; 0 for at once.
        missed: the share of Reservations that a Worker misses, from 0 to 1.
        away_seconds: how long a Worker who has missed one stays away.
        break_every_seconds: how long a Worker works between two breaks; None for no breaks.
        break_seconds: how long a break is.
        talk_distribution, wrap_up_distribution, patience_distribution: names of `durations.DISTRIBUTIONS`.

    Raises:
        ArgumentError: a value is not possible; the message says what is.
    """

    calls_per_hour: float = 60.0
    hours: float = 8.0
    warm_up_seconds: float = 0.0
    arrivals: str | Sequence[float] = "steady"
    callers: tuple[CallerKind, ...] = MIXED_CALLERS
    talk_seconds: float = 300.0
    wrap_up_seconds: float = 30.0
    patience_seconds: float | None = 180.0
    answer_seconds: float = 3.0
    missed: float = 0.0
    away_seconds: float = 60.0
    break_every_seconds: float | None = None
    break_seconds: float = 600.0
    talk_distribution: str = "exponential"
    wrap_up_distribution: str = "exponential"
    patience_distribution: str = "exponential"

    def __post_init__(self) -> None:
        for name in ("hours", "talk_seconds", "away_seconds", "break_seconds"):
            check_number(name, getattr(self, name), above=0)
        for name in ("calls_per_hour", "warm_up_seconds", "wrap_up_seconds", "answer_seconds"):
            check_number(name, getattr(self, name))
        for name in ("patience_seconds", "break_every_seconds"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), above=0)
        check_number("missed", self.missed, most=1)
        for name in ("talk_distribution", "wrap_up_distribution", "patience_distribution"):
            if getattr(self, name) not in list(DISTRIBUTIONS):
                raise ArgumentError(no_such_value(getattr(self, name), of=name, known=DISTRIBUTIONS))
        self._check_arrivals()
        self._check_callers()

    def _check_arrivals(self) -> None:
        if isinstance(self.arrivals, str) and self.arrivals not in PATTERNS:
            raise ArgumentError(no_such_value(self.arrivals, of="arrivals", known=PATTERNS))
        for part in self.pattern:
            check_number("arrivals", part)
        if not math.fsum(self.pattern) > 0:
            raise ArgumentError("arrivals needs at least one number that is more than 0: the rates of the day's parts.")

    def _check_callers(self) -> None:
        for kind in self.callers:
            check_number("a caller's share", kind.share)
        if not math.fsum(kind.share for kind in self.callers) > 0:
            raise ArgumentError("callers needs at least one kind of caller whose share is more than 0.")

    @property
    def pattern(self) -> tuple[float, ...]:
        """The rates of the day's parts, as they stand to each other."""
        return PATTERNS[self.arrivals] if isinstance(self.arrivals, str) else tuple(self.arrivals)

    @property
    def handling_seconds(self) -> float:
        """How long a call takes a Worker on average: to answer it, to talk and to wrap up."""
        return self.talk_seconds + self.wrap_up_seconds + self.answer_seconds

    def new_arrivals(self) -> CallArrivals:
        """The callers of one day."""
        return CallArrivals(
            calls_per_hour=self.calls_per_hour,
            hours=self.hours,
            pattern=self.pattern,
            warm_up_seconds=self.warm_up_seconds,
        )


def check_number(name: str, value: Any, *, above: float | None = None, most: float = math.inf) -> None:
    """That an argument is a number, neither NaN nor infinite.

    Args:
        name: of the argument.
        value: what was given.
        above: it has to be more than this; without it, 0 or more.
        most: it may not be more than this.

    Raises:
        ArgumentError: it is not.
    """
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if is_number and (value > above if above is not None else value >= 0) and value <= most:
        return
    least = "0 or more" if above is None else f"more than {above:g}"
    limit = "" if math.isinf(most) else f" and at most {most:g}"
    raise ArgumentError(f"{name} is a number, {least}{limit}; it is {value!r}.")


def check_whole_number(name: str, value: Any, *, least: int) -> None:
    """That an argument is a whole number of at least `least`.

    Raises:
        ArgumentError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ArgumentError(f"{name} is a whole number, {least} or more; it is {value!r}.")
