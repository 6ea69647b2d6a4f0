"""The tally: how many Tasks are where now, and which wait since when, kept up as Tasks change.

To look at every Task at every poll would take longer than a poll may: a Workspace has up to 25,000 in flight. Only who
waits longest is looked for when asked, among those that wait in one place: a comparison each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from labkit.engine.resources import Task
from labkit.engine.statistics.ledger import ANY_CHANNEL
from labkit.engine.statistics.series import micros
from labkit.vocabulary import TaskStatus

_WAITING = frozenset({TaskStatus.PENDING, TaskStatus.RESERVED})
Waiting = tuple[int, int, str]
"""Since when (in microseconds since 1970), the Task's number, its SID: the smallest has waited longest."""


class Count:
    """The Tasks of one Workspace, Workflow or TaskQueue that are neither completed nor canceled."""

    __slots__ = ("by_priority", "by_status", "in_queue", "waiting")

    def __init__(self) -> None:
        self.by_status: dict[TaskStatus, int] = defaultdict(int)
        self.by_priority: dict[int, int] = defaultdict(int)
        self.waiting: dict[str, Waiting] = {}
        """Those that are pending or reserved, by SID, since their creation."""
        self.in_queue: dict[str, Waiting] = {}
        """The same since they entered their TaskQueue."""

    def put(self, place: TalliedPlace) -> None:
        self.by_status[place.status] += 1
        self.by_priority[place.priority] += 1
        if place.waiting is not None:
            self.waiting[place.sid] = place.waiting
        if place.in_queue is not None:
            self.in_queue[place.sid] = place.in_queue

    def take(self, place: TalliedPlace) -> None:
        """What was put goes again; counts of nothing are not kept."""
        for counts, key in ((self.by_status, place.status), (self.by_priority, place.priority)):
            counts[key] -= 1  # type: ignore[index]  # each with its own kind of key
            if not counts[key]:  # type: ignore[index]
                del counts[key]  # type: ignore[arg-type]
        self.waiting.pop(place.sid, None)
        self.in_queue.pop(place.sid, None)


class TalliedPlace(NamedTuple):
    """All of a Task that it is counted by."""

    sid: str
    workspace_sid: str
    workflow_sid: str | None
    task_queue_sid: str | None
    task_channel_sid: str
    status: TaskStatus
    priority: int
    waiting: Waiting | None
    in_queue: Waiting | None

    @classmethod
    def of(cls, task: Task) -> TalliedPlace:
        waits = task.assignment_status in _WAITING
        return cls(
            task.sid,
            task.workspace_sid,
            task.workflow_sid,
            task.task_queue_sid,
            task.task_channel_sid,
            task.assignment_status,
            task.priority,
            (micros(task.date_created), task.number, task.sid) if waits else None,
            (micros(task.task_queue_entered_date or task.date_created), task.number, task.sid) if waits else None,
        )


class Tally:
    """One Workspace's Tasks, counted.

    Args:
        tasks: those that there are.
    """

    def __init__(self, tasks: Iterable[Task] = ()) -> None:
        self._places: dict[str, TalliedPlace] = {}
        self._counts: dict[tuple[str, str], Count] = defaultdict(Count)
        for task in tasks:
            self.note(task)

    def note(self, task: Task) -> None:
        """Count the Task as it is now; nothing happens if it is counted so already."""
        place = None if task.is_final else TalliedPlace.of(task)
        if place == self._places.get(task.sid):
            return
        self.forget(task.sid)
        if place is not None:
            self._places[task.sid] = place
            for count in self._counts_of(place):
                count.put(place)

    def forget(self, task_sid: str) -> None:
        """Count the Task no more. May be called for one that is not counted."""
        place = self._places.pop(task_sid, None)
        if place is not None:
            for count in self._counts_of(place):
                count.take(place)

    def of(self, scope: str, *, channel: str = ANY_CHANNEL) -> Count:
        """The count of a resource by SID, in one TaskChannel or in any. For reading."""
        return self._counts.get((scope, channel)) or Count()

    def _counts_of(self, place: TalliedPlace) -> Iterator[Count]:
        for scope in (place.workspace_sid, place.workflow_sid, place.task_queue_sid):
            if scope:
                yield self._counts[scope, ANY_CHANNEL]
                yield self._counts[scope, place.task_channel_sid]
