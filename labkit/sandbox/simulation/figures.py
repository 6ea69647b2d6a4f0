"""What comes of a run, as a document: callers, their waits, and how busy the Workers are, over the day's parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labkit.sandbox.simulation.run import Run
from labkit.simulation import CallProgress, IncomingCall

SERVICE_LEVEL_SECONDS = 20.0
"""The usual one of call centres: so many percent of the calls are answered within this."""
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


def figures(run: Run) -> dict[str, Any]:
    """The figures of a run as it is now. What cannot be said yet is None."""
    day, calls = _Day(run), run.model.calls
    answered = [call for call in calls if call.answered_at is not None]
    waits = [call.waited_seconds or 0.0 for call in answered]
    given_up = sum(call.status is CallProgress.ABANDONED for call in calls)
    over = len(answered) + given_up
    return {
        "arrived": len(calls),
        "waiting": sum(call.status is CallProgress.WAITING for call in calls),
        "answered": len(answered),
        "given_up": given_up,
        "lost": sum(call.status is CallProgress.CANCELED for call in calls),
        "service_level_seconds": SERVICE_LEVEL_SECONDS,
        "service_level": sum(wait <= SERVICE_LEVEL_SECONDS for wait in waits) / over if over else None,
        "mean_wait_seconds": sum(waits) / len(waits) if waits else None,
        "occupancy": day.occupancy(day.parts),
        "part_seconds": day.part_seconds,
        "parts": [_shown(part, day.occupancy([part])) for part in day.parts if part.seconds],
    }


class _Day:
    """The parts of a run's day, as far as it has come."""

    def __init__(self, run: Run) -> None:
        self.part_seconds = run.centre.hours * 3600 / PARTS
        self.parts = [DayPart() for _ in range(PARTS)]
        self._workers = len(run.people)
        self._end = run.now() if run.over_at is None else run.over_at
        self._spread("seconds", 0.0, self._end)
        for call in run.model.calls:
            self._note(call)
        self._find_most(run.model.calls)
        for worker in run.model.workers.values():
            if worker.busy_since is not None:
                self._spread("busy", worker.busy_since, self._end)
            if worker.away_since is not None:
                self._spread("away", worker.away_since, self._end)
        for _, since, until in run.model.busy:
            self._spread("busy", since, until)
        for _, since, until in run.model.away:
            self._spread("away", since, until)

    def occupancy(self, parts: Iterable[DayPart]) -> float | None:
        """The share of their time that the Workers who were there had Tasks."""
        parts = list(parts)
        there = sum(part.seconds * self._workers - part.away for part in parts)
        return min(1.0, sum(part.busy for part in parts) / there) if there > 0 else None

    def _part(self, at: float) -> DayPart:
        """Whatever comes after the day belongs to its last part."""
        return self.parts[min(PARTS - 1, int(at / self.part_seconds))]

    def _note(self, call: IncomingCall) -> None:
        self._part(call.arrived_at).arrived += 1
        if call.answered_at is not None:
            self._part(call.answered_at).answered += 1
        elif call.status is CallProgress.ABANDONED:
            self._part(call.ended_at or call.arrived_at).given_up += 1
        self._spread("waiting", call.arrived_at, self._until(call))

    def _until(self, call: IncomingCall) -> float:
        """When the caller's wait was over; now, while it is not."""
        waited = call.waited_seconds
        return self._end if waited is None else call.arrived_at + waited

    def _find_most(self, calls: Iterable[IncomingCall]) -> None:
        changes = [(call.arrived_at, 1) for call in calls] + [(self._until(call), -1) for call in calls]
        waiting = 0
        for at, by in sorted(changes):
            part, waiting = self._part(at), waiting + by
            part.most_waiting = max(part.most_waiting, waiting)

    def _spread(self, what: str, since: float, until: float) -> None:
        """Add the time between two moments to the parts of the day that it lies in."""
        number = min(PARTS - 1, int(since / self.part_seconds))
        while since < until:
            end = until if number == PARTS - 1 else min(until, (number + 1) * self.part_seconds)
            part = self.parts[number]
            setattr(part, what, getattr(part, what) + max(0.0, end - since))
            since, number = end, number + 1


def _shown(part: DayPart, occupancy: float | None) -> list[float | int | None]:
    """Arrived, answered, given up, waiting on average, most waiting, occupancy."""
    waiting = round(part.waiting / part.seconds, 2) if part.seconds else 0.0
    share = None if occupancy is None else round(occupancy, 3)
    return [part.arrived, part.answered, part.given_up, waiting, part.most_waiting, share]
