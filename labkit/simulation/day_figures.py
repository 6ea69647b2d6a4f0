"""What is kept of a played day: how each caller fared, and how busy the Workers were. Small enough to be sent about."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labkit.simulation.calls import CallProgress
from labkit.simulation.model import Model

PARTS_PER_HOUR = 2
MOST_PARTS = 96
"""Into which a day is divided, for its course to be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One day, from the opening on; who called in its warm-up is not in it.

    Attributes:
        arrived: when each caller came, in seconds since the opening.
        waited: how long each waited, until answered or gone, in seconds.
        answered: 1 for each who was answered, 0 for the others.
        abandoned: how many hung up.
        turned_away: how many were not answered and did not hang up: their Task left its Workflow, or was canceled.
        busy: in each part of the day, for how many seconds Workers had a Task, all of them together.
        staffed: likewise, for how many seconds they were there.
        calls_of: how many of the callers each Worker answered, by SID.
    """

    arrived: array[float]
    waited: array[float]
    answered: array[int]
    abandoned: int
    turned_away: int
    busy: tuple[float, ...]
    staffed: tuple[float, ...]
    calls_of: Mapping[str, int]


def parts_of(hours: float) -> int:
    """Into how many equal parts a day of so many hours is divided."""
    return min(MOST_PARTS, max(1, round(hours * PARTS_PER_HOUR)))


def figures_of(model: Model, *, hours: float) -> DayFigures:
    """The figures of a day that is over; `hours` is how long it was open."""
    calls = [call for call in model.calls if call.arrived_at >= 0]
    kinds = Counter(call.status for call in calls)
    part_seconds = hours * 3600 / parts_of(hours)
    away = _per_part(model.away, part_seconds, parts_of(hours))
    return DayFigures(
        arrived=array("d", (call.arrived_at for call in calls)),
        waited=array("d", (call.waited_seconds or 0.0 for call in calls)),
        answered=array("b", (call.answered_at is not None for call in calls)),
        abandoned=kinds[CallProgress.ABANDONED],
        turned_away=kinds[CallProgress.CANCELED],
        busy=_per_part(model.busy, part_seconds, parts_of(hours)),
        staffed=tuple(len(model.workers) * part_seconds - seconds for seconds in away),
        calls_of=Counter(call.worker_sid for call in calls if call.worker_sid),
    )


def _per_part(spans: Iterable[tuple[str, float, float]], part_seconds: float, parts: int) -> tuple[float, ...]:
    """How much of the spans falls into each part."""
    seconds = [0.0] * parts
    for _, since, until in spans:
        first = max(0, math.floor(since / part_seconds))
        for part in range(first, min(parts - 1, math.floor(until / part_seconds)) + 1):
            seconds[part] += max(0.0, min(until, (part + 1) * part_seconds) - max(since, part * part_seconds))
    return tuple(seconds)
