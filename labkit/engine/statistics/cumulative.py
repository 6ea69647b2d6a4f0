"""What happened in a span of time (docs: …/api/taskqueue-statistics, …/api/worker, …/api/workflow, …/api/workspace).

Durations are whole seconds, rounded down after adding up. A wait counts from the Task's creation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit import limits
from labkit.engine.resources import Activity, Worker
from labkit.engine.statistics.ledger import ACCEPTED_IN_QUEUE, ANY_CHANNEL, Ledger
from labkit.engine.statistics.series import SECOND, Series, micros

RESERVATIONS = (
    "reservations_created",
    "reservations_accepted",
    "reservations_rejected",
    "reservations_timed_out",
    "reservations_canceled",
    "reservations_rescinded",
)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, both included."""

    start: datetime
    end: datetime

    def of(self, series: Series) -> Sequence[int]:
        """The durations of what happened meanwhile."""
        return series.durations(micros(self.start), micros(self.end))

    def count(self, series: Series) -> int:
        return series.count(micros(self.start), micros(self.end))


def reservations(ledger: Ledger, span: Span, scopes: Iterable[str], *, channel: str = ANY_CHANNEL) -> dict[str, Any]:
    """What became of the Reservations of these resources, together."""
    sids = list(scopes)
    return {name: sum(span.count(ledger.series(sid, name, channel=channel)) for sid in sids) for name in RESERVATIONS}


def tasks(
    ledger: Ledger, span: Span, scope: str, *, names: Sequence[str], channel: str, thresholds: Sequence[int] | None
) -> dict[str, Any]:
    """The Tasks and Reservations of a Workspace, Workflow or TaskQueue.

    Args:
        scope: its SID.
        names: which counts of Tasks it has.
        channel: a TaskChannel's SID, or ANY_CHANNEL.
        thresholds: of SplitByWaitTime, in seconds.
    """
    accepted = span.of(ledger.series(scope, "reservations_accepted", channel=channel))
    canceled = span.of(ledger.series(scope, "tasks_canceled", channel=channel))
    waited = spread(accepted)
    return {
        **reservations(ledger, span, [scope], channel=channel),
        **{name: span.count(ledger.series(scope, name, channel=channel)) for name in names},
        "avg_task_acceptance_time": waited["avg"],
        "wait_duration_until_accepted": waited,
        "wait_duration_until_canceled": spread(canceled),
        "split_by_wait_time": None if thresholds is None else split(accepted, canceled, thresholds),
    }


def wait_in_queue(ledger: Ledger, span: Span, queue_sid: str, *, channel: str = ANY_CHANNEL) -> dict[str, int]:
    """How long the accepted Tasks waited since they entered this TaskQueue."""
    return spread(span.of(ledger.series(queue_sid, ACCEPTED_IN_QUEUE, channel=channel)))


def spread(durations: Sequence[int]) -> dict[str, int]:
    """Average, least, most and sum in seconds; all 0 of nothing."""
    if not durations:
        return {"avg": 0, "min": 0, "max": 0, "total": 0}
    total = sum(durations)
    found = {"avg": total // len(durations), "min": min(durations), "max": max(durations), "total": total}
    return {name: value // SECOND for name, value in found.items()}


def split(accepted: Sequence[int], canceled: Sequence[int], thresholds: Sequence[int]) -> dict[str, Any]:
    """How many waited longer than each threshold, and how many did not: a wait of just as long is below.

    Looks at the latest acceptances and at as many cancellations.
    """
    kinds = {
        "tasks_canceled": sorted(canceled[-limits.MAX_SPLIT_TASKS :]),
        "reservations_accepted": sorted(accepted[-limits.MAX_SPLIT_TASKS :]),
    }
    found = {}
    for threshold in thresholds:
        below = {name: bisect_right(waits, threshold * SECOND) for name, waits in kinds.items()}
        above = {name: len(waits) - below[name] for name, waits in kinds.items()}
        found[str(threshold)] = {"above": above, "below": below}
    return found


def time_in_activities(
    ledger: Ledger, span: Span, scopes: Iterable[str], *, workers: Iterable[Worker], activities: Mapping[str, Activity]
) -> list[dict[str, Any]]:
    """How long Workers stayed in each Activity of the Workspace, cut to the span.

    Args:
        scopes: Worker SIDs, or the Workspace's for all who are or were there: whose past stays count.
        workers: whose present stays count.
    """
    stays: dict[str, list[int]] = {sid: [] for sid in activities}
    start, end = micros(span.start), micros(span.end)
    sids = list(scopes)
    for activity_sid, found in stays.items():
        for sid in sids:
            found.extend(_overlaps(ledger.series(sid, activity_sid), start, end))
    for worker in workers:
        stayed = end - max(start, micros(worker.date_status_changed))
        if stayed > 0:
            stays[worker.activity_sid].append(stayed)
    return [
        {"sid": sid, "friendly_name": activities[sid].friendly_name, **spread(found)} for sid, found in stays.items()
    ]


def _overlaps(series: Series, start: int, end: int) -> Iterator[int]:
    """The parts of past stays that lie in the span; a stay is kept by its end."""
    first = series.between(start, end).start
    for at, took in zip(series.at[first:], series.took[first:], strict=True):
        overlap = min(at, end) - max(at - took, start)
        if overlap > 0:
            yield overlap
