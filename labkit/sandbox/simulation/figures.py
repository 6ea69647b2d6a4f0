"""What comes of a run, as a document: callers, their waits, and how busy the Workers are, over the day's parts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from labkit.sandbox.simulation.run import Run
from labkit.simulation.calls import CallProgress, IncomingCall
from labkit.simulation.contact_centre import SERVICE_LEVEL_SECONDS

PARTS = 96
"""Of a day, for the plots: five minutes each of eight hours."""


@dataclass(slots=True)
class DayPart:
    """One part of the day. `waiting`, `busy` and `away` are callers or Workers times seconds."""

    arrived: int = 0
    answered: int = 0
    given_up: int = 0
    seconds: float = 0.0
    waiting: float = 0.0
    most_waiting: int = 0
    busy: float = 0.0
    away: float = 0.0


@dataclass(slots=True)
class CallCounts:
    """Of the whole day: the calls whose wait is over. `waited` are the seconds of those that were answered."""

    answered: int = 0
    in_time: int = 0
    given_up: int = 0
    lost: int = 0
    waited: float = 0.0


class RunFigures:
    """The figures of a run. Each time that they are asked for, only what is new is read: a day has thousands of calls,
    and others want to be served.

    Args:
        run: whose they are.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._part_seconds = run.centre.hours * 3600 / PARTS
        self._parts = [DayPart() for _ in range(PARTS)]
        """What is over: waits, Tasks and breaks that have ended."""
        self._counts = CallCounts()
        self._waiting: list[IncomingCall] = []
        self._read = self._read_busy = self._read_away = 0

    def shown(self) -> dict[str, Any]:
        """They as a document. What cannot be said yet is None."""
        self._take_in()
        counts, parts = self._counts, self._with_what_goes_on()
        over = counts.answered + counts.given_up
        return {
            "arrived": self._read,
            "waiting": len(self._waiting),
            "answered": counts.answered,
            "given_up": counts.given_up,
            "lost": counts.lost,
            "service_level_seconds": SERVICE_LEVEL_SECONDS,
            "service_level": counts.in_time / over if over else None,
            "mean_wait_seconds": counts.waited / counts.answered if counts.answered else None,
            "occupancy": self._occupancy(parts),
            "part_seconds": self._part_seconds,
            "parts": [_shown(part, self._occupancy([part])) for part in parts if part.seconds],
        }

    # --- what is new ----------------------------------------------------------------------------------------------

    def _take_in(self) -> None:
        model, before = self._run.model, len(self._waiting)
        new = model.calls[self._read :]
        self._read = len(model.calls)
        for call in new:
            self._part(call.arrived_at).arrived += 1
        ended = [call for call in (*self._waiting, *new) if call.waited_seconds is not None]
        self._waiting = [call for call in (*self._waiting, *new) if call.waited_seconds is None]
        for call in ended:
            self._end_wait(call)
        changes = [(call.arrived_at, 1) for call in new] + [(_wait_ended_at(call), -1) for call in ended]
        self._find_most(sorted(changes), before)
        for _, since, until in model.busy[self._read_busy :]:
            _spread(self._parts, "busy", since, until, of=self._part_seconds)
        for _, since, until in model.away[self._read_away :]:
            _spread(self._parts, "away", since, until, of=self._part_seconds)
        self._read_busy, self._read_away = len(model.busy), len(model.away)

    def _end_wait(self, call: IncomingCall) -> None:
        at, counts = _wait_ended_at(call), self._counts
        _spread(self._parts, "waiting", call.arrived_at, at, of=self._part_seconds)
        if call.answered_at is not None:
            wait = at - call.arrived_at
            counts.answered += 1
            counts.in_time += wait <= SERVICE_LEVEL_SECONDS
            counts.waited += wait
            self._part(at).answered += 1
        elif call.status is CallProgress.ABANDONED:
            counts.given_up += 1
            self._part(at).given_up += 1
        else:
            counts.lost += 1

    def _find_most(self, changes: Iterable[tuple[float, int]], waiting: int) -> None:
        for at, by in changes:
            part = self._part(at)
            part.most_waiting = max(part.most_waiting, waiting, waiting + by)
            waiting += by

    # --- what goes on ---------------------------------------------------------------------------------------------

    def _with_what_goes_on(self) -> list[DayPart]:
        """The day's parts with what has not ended yet, as if it ended now."""
        run, parts = self._run, [replace(part) for part in self._parts]
        now = run.now() if run.over_at is None else run.over_at
        since = [("seconds", 0.0), *(("waiting", call.arrived_at) for call in self._waiting)]
        for worker in run.model.workers.values():
            since += [("busy", worker.busy_since or 0.0)] * (worker.busy_since is not None)
            since += [("away", worker.away_since or 0.0)] * (worker.away_since is not None)
        for what, began in since:
            _spread(parts, what, began, now, of=self._part_seconds)
        return parts

    def _occupancy(self, parts: Iterable[DayPart]) -> float | None:
        """The share of their time that the Workers who were there had Tasks."""
        parts = list(parts)
        there = sum(part.seconds * len(self._run.people) - part.away for part in parts)
        return min(1.0, sum(part.busy for part in parts) / there) if there > 0 else None

    def _part(self, at: float) -> DayPart:
        """Whatever comes after the day belongs to its last part."""
        return self._parts[min(PARTS - 1, int(at / self._part_seconds))]


def _wait_ended_at(call: IncomingCall) -> float:
    return call.arrived_at + (call.waited_seconds or 0.0)


def _spread(parts: list[DayPart], what: str, since: float, until: float, *, of: float) -> None:
    """Add the time between two moments to the parts of the day, each `of` so many seconds, that it lies in."""
    number = min(PARTS - 1, int(since / of))
    while since < until:
        end = until if number == PARTS - 1 else min(until, (number + 1) * of)
        part = parts[number]
        setattr(part, what, getattr(part, what) + max(0.0, end - since))
        since, number = end, number + 1


def _shown(part: DayPart, occupancy: float | None) -> list[float | int | None]:
    """Arrived, answered, given up, waiting on average, most waiting, occupancy."""
    waiting = round(part.waiting / part.seconds, 2) if part.seconds else 0.0
    most = max(part.most_waiting, math.ceil(waiting))  # where nothing changed, it is the average
    share = None if occupancy is None else round(occupancy, 3)
    return [part.arrived, part.answered, part.given_up, waiting, most, share]
