"""What simulated days come to: a table, beside Erlang's formulas, and the course of the day as a picture."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from labkit.display import Result, Section, Table, counted, sections_of
from labkit.errors import LabError
from labkit.simulation.contact_centre import SERVICE_LEVEL_SECONDS, ContactCentre, check_number
from labkit.simulation.day_figures import DayFigures, parts_of
from labkit.simulation.erlang import LongRun, erlang_a, erlang_c
from labkit.staffing.chart import Chart, Plot
from labkit.staffing.measure import Measure

_IN_TIME = f"Answered within {SERVICE_LEVEL_SECONDS:g} s"
_NOTE = "Between the bounds with 95 %, by batch means over days. Waiting counts all callers, those who give up as well."


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByPart:
    """What was measured in each part of the day, on all days together."""

    calls: Sequence[float]
    waiting: Sequence[float | None]
    level: Sequence[float | None]
    occupancy: Sequence[float | None]


@dataclass(frozen=True, eq=False, repr=False)
class SimulatedDays(Result):
    """Days of a contact centre.

    Attributes:
        centre: what it was like.
        workers: the Workers' names by SID.
        days: what was kept of each day.
    """

    centre: ContactCentre
    workers: Mapping[str, str]
    days: Sequence[DayFigures]

    @cached_property
    def waiting_probability(self) -> Measure:
        """The share of callers whom nobody answers at once; the time that a Worker takes to answer is no wait."""
        at_once = self._at_once_seconds
        return self._share(lambda day: sum(1 for seconds in day.waited if seconds > at_once))

    @cached_property
    def mean_wait_seconds(self) -> Measure:
        """How long callers wait until they are answered or give up, those who do not wait included."""
        return Measure([fmean(day.waited) for day in self._called_days])

    @cached_property
    def abandoned(self) -> Measure:
        """The share of callers who give up."""
        return self._share(lambda day: day.abandoned)

    @cached_property
    def turned_away(self) -> Measure:
        """The share of callers whose Task ended before anybody answered, though they did not give up."""
        return self._share(lambda day: day.turned_away)

    @cached_property
    def occupancy(self) -> Measure:
        """The share of their time, breaks not counted, in which the Workers have a Task."""
        return Measure([sum(day.busy) / (sum(day.staffed) or 1.0) for day in self.days], most=1.0)

    def service_level(self, seconds: float) -> Measure:
        """The share of all callers who are answered within so many seconds."""
        check_number("seconds", seconds)
        return self._share(lambda day: _in_time(day, seconds))

    @cached_property
    def erlang(self) -> LongRun:
        """Erlang's formula for a centre of so many Workers who all may have every call: A with patience, else C."""
        return self._erlang_at(self.centre.calls_per_hour)

    @cached_property
    def calls_of(self) -> dict[str, int]:
        """How many callers each Worker answered on all days, by name."""
        return {name: sum(day.calls_of.get(sid, 0) for day in self.days) for sid, name in self.workers.items()}

    def plot(self) -> Chart:
        """The course of an average day: arrivals, waiting, service level and occupancy, beside Erlang's formula."""
        measured, rates = self._by_part(), self._rates()
        formulas = [self._erlang_at(rate) for rate in rates]
        waiting = [each.waiting_probability for each in formulas]
        level = [each.service_level(SERVICE_LEVEL_SECONDS) for each in formulas]
        plots = (
            self._plot("Calls per hour", measured.calls, rates, is_share=False),
            self._plot("Callers who wait", measured.waiting, waiting),
            self._plot(_IN_TIME, measured.level, level),
            self._plot("Occupancy", measured.occupancy, [each.occupancy for each in formulas]),
        )
        said = f"The course of an average day: measured, and dashed what is expected and {self.erlang.formula} says."
        return Chart(plots, said)

    def _plot(
        self, title: str, measured: Sequence[float | None], formula: Sequence[float], *, is_share: bool = True
    ) -> Plot:
        hours = [middle / 3600 for middle in self._middles]
        return Plot(title=title, hours=hours, measured=measured, formula=formula, is_share=is_share)

    def _sections(self) -> Iterator[Section]:
        erlang = self.erlang
        level = self.service_level(SERVICE_LEVEL_SECONDS)
        rows = [
            _row("Callers who wait", self.waiting_probability, erlang.waiting_probability, _percent),
            _row("Mean wait", self.mean_wait_seconds, erlang.mean_wait_seconds, _seconds),
            _row(_IN_TIME, level, erlang.service_level(SERVICE_LEVEL_SECONDS), _percent),
            _row("Callers who give up", self.abandoned, erlang.abandoned, _percent),
            _row("Occupancy", self.occupancy, erlang.occupancy, _percent),
        ]
        if self.turned_away.value:
            rows.append(_row("Callers turned away", self.turned_away, 0.0, _percent))
        columns: tuple[str, ...] = ("", "measured", "from", "to", erlang.formula)
        if len(set(self.centre.pattern)) > 1:  # the formula is for one rate; the plots have it for each part of the day
            columns, rows = columns[:-1], [row[:-1] for row in rows]
        calls = sum(len(day.waited) for day in self.days)
        said = (
            f"{counted(calls, 'call')} on {counted(len(self.days), 'day')} with {counted(len(self.workers), 'Worker')}"
        )
        yield Section(said, Table(columns, rows, names_in_text=True), foot=_NOTE)
        yield from sections_of(self.plot())

    # --- parts ------------------------------------------------------------------------------------------------------

    @property
    def _called_days(self) -> list[DayFigures]:
        found = [day for day in self.days if day.waited]
        if not found:
            raise LabError("Nobody called on any of the days, so there is nothing to measure. Let more calls come.")
        return found

    def _share(self, count: Callable[[DayFigures], int]) -> Measure:
        return Measure([count(day) / len(day.waited) for day in self._called_days], most=1.0)

    def _erlang_at(self, calls_per_hour: float) -> LongRun:
        workers = len(self.workers)
        handling = self.centre.handling_seconds
        if self.centre.patience_seconds is None:
            return erlang_c(workers=workers, calls_per_hour=calls_per_hour, talk_seconds=handling)
        patience = self.centre.patience_seconds
        return erlang_a(
            workers=workers, calls_per_hour=calls_per_hour, talk_seconds=handling, patience_seconds=patience
        )

    @property
    def _parts(self) -> int:
        return parts_of(self.centre.hours)

    @property
    def _part_seconds(self) -> float:
        return self.centre.hours * 3600 / self._parts

    @property
    def _middles(self) -> list[float]:
        """The middle of each part, in seconds since the opening."""
        return [(part + 0.5) * self._part_seconds for part in range(self._parts)]

    @property
    def _at_once_seconds(self) -> float:
        """Whoever waits no longer has not waited: it is the time that a Worker takes to answer."""
        return self.centre.answer_seconds + 0.001

    def _rates(self) -> list[float]:
        """Calls per hour that are expected in the middle of each part."""
        arrivals = self.centre.new_arrivals()
        return [arrivals.rate_at(middle) * 3600 for middle in self._middles]

    def _by_part(self) -> _ByPart:
        parts, seconds = self._parts, self._part_seconds
        ends = [seconds * (part + 1) for part in range(parts)]
        calls, waiting, level = [0] * parts, [0] * parts, [0] * parts
        at_once = self._at_once_seconds
        for day in self.days:
            for at, waited, answered in zip(day.arrived, day.waited, day.answered, strict=True):
                part = min(bisect_right(ends, at), parts - 1)
                calls[part] += 1
                waiting[part] += waited > at_once
                level[part] += bool(answered and waited <= SERVICE_LEVEL_SECONDS)
        busy = [sum(day.busy[part] for day in self.days) for part in range(parts)]
        staffed = [sum(day.staffed[part] for day in self.days) for part in range(parts)]
        hours = len(self.days) * seconds / 3600
        return _ByPart(
            calls=[count / hours for count in calls],
            waiting=_ratios(waiting, calls),
            level=_ratios(level, calls),
            occupancy=_ratios(busy, staffed),
        )


def _in_time(day: DayFigures, seconds: float) -> int:
    return sum(1 for waited, answered in zip(day.waited, day.answered, strict=True) if answered and waited <= seconds)


def _ratios(counts: Sequence[float], of: Sequence[float]) -> list[float | None]:
    return [count / total if total else None for count, total in zip(counts, of, strict=True)]


def _row(name: str, measure: Measure, formula: float, written: Callable[[float], str]) -> tuple[str, ...]:
    return (name, *(written(each) for each in (measure.value, measure.low, measure.high, formula)))


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.1f} s" if seconds != float("inf") else "without end"
