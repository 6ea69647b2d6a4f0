"""Figures of TaskQueues, out of what happened to their Tasks. Pure: the time is an argument.

Waiting are Tasks that are pending or reserved, as TaskRouter's own `longest_task_waiting_age` counts them
(docs: /docs/taskrouter/api/taskqueue-statistics). The time to accept is from a Task's creation to its first
acceptance, as in `wait_duration_until_accepted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from labkit.live.timelines import TaskLane, Wait, acceptance, waits
from labkit.live.views import milliseconds

POINTS = 240
BINS_WITHIN = 8
"""Bars of the distribution up to the service level's limit; there are three times as many, and one for the rest."""
BINS = 3 * BINS_WITHIN


class QueueFacts(NamedTuple):
    """What one Task tells: its waits, and TaskQueue, moment and seconds of its acceptance."""

    task: str
    waits: list[Wait]
    accepted: tuple[str, datetime, float] | None


@dataclass
class QueueTally:
    """One TaskQueue: its waits, the Task that has waited longest, and the seconds to accept in the time looked at."""

    name: str
    waits: list[Wait] = field(default_factory=list)
    oldest: tuple[datetime, str] | None = None
    waiting: int = 0
    seconds: list[float] = field(default_factory=list)


def facts(lane: TaskLane) -> QueueFacts:
    """What this lane tells of its TaskQueues."""
    return QueueFacts(lane.sid, waits(lane), acceptance(lane))


def tallies(told: Iterable[QueueFacts], *, since: datetime) -> dict[str, QueueTally]:
    """Each TaskQueue that is named, with what counts after `since`."""
    found: dict[str, QueueTally] = {}
    for task, stretches, accepted in told:
        for wait in stretches:
            tally = found.setdefault(wait.queue, QueueTally(wait.queue))
            if wait.end is None:
                tally.waiting += 1
                tally.oldest = min(tally.oldest or (wait.begin, task), (wait.begin, task))
            if wait.end is None or wait.end >= since:
                tally.waits.append(wait)
        if accepted is not None and accepted[0] and accepted[1] >= since:
            found.setdefault(accepted[0], QueueTally(accepted[0])).seconds.append(accepted[2])
    return found


def waiting_over_time(stretches: Sequence[Wait], *, since: datetime, now: datetime) -> list[list[int]]:
    """How many waited from which moment on: pairs of ms since 1970 and a count, the first at `since`.

    With more than `POINTS` changes, each pair is the most that waited in its part of the time.
    """
    count, changes = 0, []
    for wait in stretches:
        if wait.begin <= since:
            count += 1
        else:
            changes.append((wait.begin, 1))
        if wait.end is not None and wait.end > since:
            changes.append((wait.end, -1))
    points = [[milliseconds(since) or 0, count]]
    for at, by in sorted(changes):
        count += by
        _put(points, milliseconds(at) or 0, count)
    return points if len(points) <= POINTS else _peaks(points, milliseconds(now) or 0)


def distribution(seconds: Iterable[float], *, within: float) -> list[int]:
    """How many were accepted in each part of the time: `BINS` parts of `within / BINS_WITHIN` seconds, and the rest."""
    width = within / BINS_WITHIN
    counts = [0] * (BINS + 1)
    for each in seconds:
        counts[min(BINS, int(each / width))] += 1
    return counts


def summary(tally: QueueTally, *, within: float) -> dict[str, Any]:
    """The numbers of a TaskQueue's row. Times in seconds; None where nothing was accepted."""
    accepted = sorted(tally.seconds)
    return {
        "name": tally.name,
        "waiting": tally.waiting,
        "oldest": milliseconds(tally.oldest[0]) if tally.oldest else None,
        "oldest_task": tally.oldest[1] if tally.oldest else "",
        "accepted": len(accepted),
        "within": sum(each <= within for each in accepted),
        "median": quantile(accepted, 0.5),
        "slowest": quantile(accepted, 0.9),
    }


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share of all does not exceed; None of nothing."""
    if not ordered:
        return None
    place = max(0, -int(-share * len(ordered) // 1) - 1)
    return round(ordered[place], 3)


def _put(points: list[list[int]], at: int, count: int) -> None:
    if points[-1][0] == at:
        points[-1][1] = count
    else:
        points.append([at, count])


def _peaks(points: list[list[int]], now: int) -> list[list[int]]:
    first = points[0][0]
    part = max(1, (now - first) / POINTS)
    found: list[list[int]] = []
    carried = points[0][1]
    place = 0
    for number in range(POINTS):
        begin = first + number * part
        most = carried
        while place < len(points) and points[place][0] < begin + part:
            carried = points[place][1]
            most = max(most, carried)
            place += 1
        found.append([round(begin), most])
    found.append([max(found[-1][0], points[-1][0]), points[-1][1]])
    return found
