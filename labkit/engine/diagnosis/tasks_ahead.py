"""What stands before a waiting Task in its queue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice

from sortedcontainers import SortedDict

from labkit.engine.diagnosis.findings import Ahead
from labkit.engine.resources import Task
from labkit.engine.workspace_state import Rank, WorkspaceState

SortedTasks = SortedDict[Rank, Task]

SHOWN = 5
"""Tasks that are named; the others are counted."""


def ahead(state: WorkspaceState, task: Task, now: datetime) -> tuple[tuple[Ahead, ...], int]:
    """The first of the Tasks that are served before this one where it waits, and how many there are."""
    place = (task.routing_target if task.is_for_one_worker else task.task_queue_sid) or ""
    rank = state.rank(task)
    lanes = list(state.lanes.get(place, {}).values())
    first = [
        _ahead(state, each, now) for _, each in islice(merge(*(_before(lane.tasks, rank) for lane in lanes)), SHOWN)
    ]
    return tuple(first), sum(lane.tasks.bisect_left(rank) for lane in lanes)


def _before(tasks: SortedTasks, rank: Rank) -> Iterator[tuple[Rank, Task]]:
    return ((key, tasks[key]) for key in tasks.irange(maximum=rank, inclusive=(True, False)))


def _ahead(state: WorkspaceState, task: Task, now: datetime) -> Ahead:
    return Ahead(
        task_sid=task.sid,
        priority=task.priority,
        waiting_seconds=max(0, int((now - task.virtual_start_time).total_seconds())),
        channel=state.task_channels[task.task_channel_sid].unique_name,
    )
