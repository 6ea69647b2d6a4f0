"""What is now (docs: …/api/taskqueue-statistics, …/api/worker, …/api/workflow, …/api/workspace).

A Task waits while it is pending or reserved. Ages are whole seconds; 0, and no SID, where nothing waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from labkit.engine.resources import Worker
from labkit.engine.statistics.series import SECOND, micros
from labkit.engine.statistics.tally import Count, Waiting
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import TaskStatus

STATUSES = (TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.ASSIGNED, TaskStatus.WRAPPING)


def tasks_now(count: Count, now: datetime) -> dict[str, Any]:
    """The Tasks of a Workspace, a Workflow or a TaskQueue."""
    age, sid = _longest(count.waiting, now)
    return {
        "longest_task_waiting_age": age,
        "longest_task_waiting_sid": sid,
        "tasks_by_priority": {str(priority): count.by_priority[priority] for priority in sorted(count.by_priority)},
        "tasks_by_status": {str(status): count.by_status.get(status, 0) for status in STATUSES},
        "total_tasks": sum(count.by_status.values()),
    }


def tasks_in_queue(count: Count, now: datetime) -> dict[str, Any]:
    """Which Task has been in its TaskQueue longest."""
    age, sid = _longest(count.in_queue, now)
    return {"longest_relative_task_age_in_queue": age, "longest_relative_task_sid_in_queue": sid}


def _longest(waiting: Mapping[str, Waiting], now: datetime) -> tuple[int, str | None]:
    if not waiting:
        return 0, None
    since, _, sid = min(waiting.values())
    return max(0, micros(now) - since) // SECOND, sid


def workers_now(state: WorkspaceState, workers: Iterable[Worker]) -> dict[str, Any]:
    """The Workers by Activity, each Activity named."""
    counts = Counter([worker.activity_sid for worker in workers])
    return {"activity_statistics": _by_activity(state, counts), "total_workers": counts.total()}


def eligible_workers(state: WorkspaceState, queue_sid: str) -> dict[str, Any]:
    """The Workers who match a TaskQueue's expression; of a TaskQueue that is not there, none."""
    workers = state.workers
    counts = Counter([workers[sid].activity_sid for sid in state.members.get(queue_sid, ())])
    return {
        "activity_statistics": _by_activity(state, counts),
        "total_eligible_workers": counts.total(),
        "total_available_workers": sum(n for sid, n in counts.items() if state.activities[sid].available),
    }


def _by_activity(state: WorkspaceState, counts: Counter[str]) -> list[dict[str, Any]]:
    return [
        {"sid": activity.sid, "friendly_name": activity.friendly_name, "workers": counts[activity.sid]}
        for activity in state.activities.values()
    ]
