"""How many requests a second TaskRouter takes, counted per Workspace.

The time is the sandbox's, which can be moved on, but never held (`Clock.steady`): nobody shall be locked out because
somebody wants to look at things at leisure.

Only the rates that Twilio has published are here; the others are shown in its Console, for one's own account. Docs:
/docs/taskrouter/limits, changelog "Update to TaskRouter API rate limit enforcement" (18 Oct 2024), which also has the
names, and /docs/events/event-types/taskrouter/ratelimit, which counts by Workspace.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from labkit import limits

SECOND = timedelta(seconds=1)
TIDY_AT = 1000
"""Counters; with more, those of Workspaces where nothing was asked within the last second are dropped."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One of Twilio's rates.

    Attributes:
        name: what Twilio calls it (its resource key).
        most: requests in one second.
        when: the query parameter with which a request counts; None counts every request.
    """

    name: str
    most: int
    when: str | None = None


_WORKSPACE = "/Workspaces/{workspace_sid}"
RATES: Mapping[tuple[str, str], Rate] = {
    ("GET", f"{_WORKSPACE}/Tasks"): Rate(
        "Task-List-EvaluateTaskAttributes", limits.EXPRESSION_LISTS_PER_SECOND, "EvaluateTaskAttributes"
    ),
    ("GET", f"{_WORKSPACE}/Workers"): Rate(
        "Worker-List-TargetWorkersExpression", limits.EXPRESSION_LISTS_PER_SECOND, "TargetWorkersExpression"
    ),
    ("GET", f"{_WORKSPACE}/TaskQueues"): Rate(
        "TaskQueue-List-EvaluateWorkerAttributes", limits.EXPRESSION_LISTS_PER_SECOND, "EvaluateWorkerAttributes"
    ),
    ("POST", f"{_WORKSPACE}/TaskQueues/RealTimeStatistics"): Rate(
        "TaskQueueBulkRealTimeStatistics-Fetch", limits.BULK_STATISTICS_PER_SECOND
    ),
    ("GET", f"{_WORKSPACE}/TaskQueues/Statistics"): Rate(
        "TaskQueueStatistics-List", limits.QUEUES_STATISTICS_PER_SECOND
    ),
}
"""By method and path. The bulk statistics have no published name; theirs is ours, in the form of the others."""


class RateLimits:
    """Counts requests. A refused one does not count."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], deque[datetime]] = {}
        """When the last requests of a Workspace were made, by its SID and the name of the rate: at most `most`."""

    def take(self, rate: Rate, workspace_sid: str, now: datetime) -> bool:
        """Count a request; False if it is one too many within the last second."""
        asked = self._asked.get((workspace_sid, rate.name))
        if asked is None:
            asked = self._begin(rate, workspace_sid, now)
        if len(asked) == rate.most and now - asked[0] < SECOND:
            return False
        asked.append(now)
        return True

    def remaining(self, rate: Rate, workspace_sid: str, now: datetime) -> int:
        """How many more requests would be taken at this moment."""
        asked = self._asked.get((workspace_sid, rate.name), ())
        return rate.most - sum(now - moment < SECOND for moment in asked)

    def _begin(self, rate: Rate, workspace_sid: str, now: datetime) -> deque[datetime]:
        if len(self._asked) >= TIDY_AT:
            self._asked = {key: asked for key, asked in self._asked.items() if now - asked[-1] < SECOND}
        asked = self._asked[workspace_sid, rate.name] = deque(maxlen=rate.most)
        return asked
