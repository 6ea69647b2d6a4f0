"""Erlang's formulas: what a queue comes to in the long run, where calls and talks are as chance has them.

Erlang C (A. K. Erlang, 1917): nobody gives up. Erlang A (C. Palm, 1946): callers have a patience, exponential too. Both
have Poisson arrivals, exponential talks, one kind of caller, and Workers who all may have every call.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from labkit.display import Result, Section, Table
from labkit.simulation.contact_centre import SERVICE_LEVEL_SECONDS, check_number, check_whole_number
from labkit.simulation.probability import incomplete_beta


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LongRun(Result, ABC):
    """A queue in the long run.

    Attributes:
        workers, calls_per_hour, talk_seconds: what it is about; wrap-up is part of the talk here.
        waiting_probability: the share of callers whom nobody answers at once.
        mean_wait_seconds: of all callers, those who do not wait and those who give up included.
        abandoned: the share of callers who give up.
        occupancy: the share of their time in which the Workers talk.
        formula: the name of the formula.
    """

    formula: ClassVar[str]
    workers: int
    calls_per_hour: float
    talk_seconds: float
    waiting_probability: float
    mean_wait_seconds: float
    abandoned: float
    occupancy: float

    @abstractmethod
    def service_level(self, seconds: float) -> float:
        """The share of all callers who are answered within so many seconds."""

    def _sections(self) -> Iterator[Section]:
        rows = [
            ("Callers who wait", f"{self.waiting_probability:.1%}"),
            ("Mean wait", "without end" if math.isinf(self.mean_wait_seconds) else f"{self.mean_wait_seconds:.1f} s"),
            (f"Answered within {SERVICE_LEVEL_SECONDS:g} s", f"{self.service_level(SERVICE_LEVEL_SECONDS):.1%}"),
            ("Callers who give up", f"{self.abandoned:.1%}"),
            ("Occupancy", f"{self.occupancy:.1%}"),
        ]
        said = f"{self.workers:,} Workers, {self.calls_per_hour:g} calls an hour of {self.talk_seconds:g} s"
        yield Section(f"{self.formula}: {said}", Table(("", "in the long run"), rows))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ErlangC(LongRun):
    """A queue in which everybody waits until they are answered."""

    formula = "Erlang C"

    def service_level(self, seconds: float) -> float:
        if math.isinf(self.mean_wait_seconds):
            return 0.0
        free_per_second = (self.workers - self.calls_per_hour / 3600 * self.talk_seconds) / self.talk_seconds
        return 1 - self.waiting_probability * math.exp(-free_per_second * seconds)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ErlangA(LongRun):
    """A queue in which callers give up.

    Attributes:
        patience_seconds: how long they wait, on average.
        ahead: the probabilities that all Workers talk and 0, 1, 2 … callers wait already.
    """

    formula = "Erlang A"
    patience_seconds: float
    ahead: tuple[float, ...]

    def service_level(self, seconds: float) -> float:
        """As above. Those ahead leave one after the other: they are answered, or give up.

        With `k` ahead, exp(-wait / patience) is a Beta number; whoever has waited so long is still there with that
        very probability.
        """
        rate = self.workers / self.talk_seconds * self.patience_seconds
        limit = math.exp(-seconds / self.patience_seconds)
        late = (
            probability * rate / (rate + k + 1) * (1 - incomplete_beta(limit, a=rate + 1, b=k + 1))
            for k, probability in enumerate(self.ahead)
        )
        return 1 - self.waiting_probability + math.fsum(late)


def erlang_c(*, workers: int, calls_per_hour: float, talk_seconds: float) -> ErlangC:
    """How long callers wait who never give up.

    Args:
        workers: how many answer; 1 or more.
        calls_per_hour: how many callers come, on average.
        talk_seconds: how long a Worker is busy with each, on average; wrap-up included.

    Returns:
        The long run. With more calls than the Workers can talk, everybody waits, and the wait has no end.

    Raises:
        ArgumentError: a number is not possible.
    """
    load = _checked_load(workers, calls_per_hour, talk_seconds)
    blocked = _erlang_b(workers, load)
    overloaded = load >= workers
    waits = 1.0 if overloaded else blocked / (1 - load / workers * (1 - blocked))
    return ErlangC(
        workers=workers,
        calls_per_hour=calls_per_hour,
        talk_seconds=talk_seconds,
        waiting_probability=waits,
        mean_wait_seconds=math.inf if overloaded else waits * talk_seconds / (workers - load),
        abandoned=0.0,
        occupancy=min(1.0, load / workers),
    )


def erlang_a(*, workers: int, calls_per_hour: float, talk_seconds: float, patience_seconds: float) -> ErlangA:
    """How long callers wait, and how many give up, whose patience is exponential.

    Args:
        workers, calls_per_hour, talk_seconds: as for `erlang_c`.
        patience_seconds: how long a caller waits before giving up, on average.

    Raises:
        ArgumentError: a number is not possible.
    """
    load = _checked_load(workers, calls_per_hour, talk_seconds)
    check_number("patience_seconds", patience_seconds, above=0)
    ahead = _waiting_line(workers, load, talk_seconds / patience_seconds)
    not_all_busy = 1 / _erlang_b(workers, load) - 1 if load else math.inf
    total = not_all_busy + math.fsum(ahead)
    shares = tuple(each / total for each in ahead)
    waiting = math.fsum(k * share for k, share in enumerate(shares))
    abandoned = waiting / patience_seconds / (calls_per_hour / 3600) if load else 0.0
    return ErlangA(
        workers=workers,
        calls_per_hour=calls_per_hour,
        talk_seconds=talk_seconds,
        patience_seconds=patience_seconds,
        waiting_probability=math.fsum(shares),
        mean_wait_seconds=abandoned * patience_seconds,
        abandoned=abandoned,
        occupancy=load * (1 - abandoned) / workers,
        ahead=shares,
    )


def _checked_load(workers: int, calls_per_hour: float, talk_seconds: float) -> float:
    """The load in Erlangs: how many Workers would always talk."""
    check_whole_number("workers", workers, least=1)
    check_number("calls_per_hour", calls_per_hour)
    check_number("talk_seconds", talk_seconds, above=0)
    return calls_per_hour / 3600 * talk_seconds


def _erlang_b(workers: int, load: float) -> float:
    """The share of calls that find all Workers busy, where nobody may wait."""
    blocked = 1.0
    for number in range(1, workers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def _waiting_line(workers: int, load: float, impatience: float) -> list[float]:
    """How probable 0, 1, 2 … waiting callers are, compared with none; until the rest does not count any more."""
    ahead, total = [1.0], 1.0
    while load and ahead[-1] > 1e-15 * total:
        ahead.append(ahead[-1] * load / (workers + len(ahead) * impatience))
        total += ahead[-1]
    return ahead
