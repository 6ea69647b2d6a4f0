"""What became of the room's Tasks, out of its Events: who waits where and for how long, and who was answered when.

Events may come late or in another order; each fact is kept once, with the earliest moment that was told. Nothing that
callers said of themselves is kept. Belongs to the room's loop.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from labkit.live.queue_metrics import quantile
from labkit.vocabulary import EventType

MOST_TASKS = 20_000
"""Of a day; the oldest are forgotten."""
_ENDED = {EventType.TASK_COMPLETED, EventType.TASK_CANCELED, EventType.TASK_DELETED, EventType.TASK_SYSTEM_DELETED}


@dataclass(slots=True)
class TaskTimes:
    """One Task: the TaskQueue that it is in, the Worker who took it first, and when; None where it has not happened."""

    sid: str
    created: datetime
    queue: str = ""
    accepted: datetime | None = None
    worker: str = ""
    ended: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether nobody has taken it and it has not ended."""
        return self.accepted is None and self.ended is None

    @property
    def waited_seconds(self) -> float | None:
        """From its creation until it was first accepted; None while it was not."""
        return None if self.accepted is None else max(0.0, (self.accepted - self.created).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A TaskQueue as the wall shows it.

    Attributes:
        name: of the TaskQueue.
        waiting: how many wait in it.
        oldest: since when the one that came first waits; None where none does.
        accepted: how many of it were taken.
        median_seconds, p95_seconds: how long half of these, and 95 of 100, waited at most.
    """

    name: str
    waiting: int
    oldest: datetime | None
    accepted: int
    median_seconds: float | None
    p95_seconds: float | None


class RoomTasks:
    """All that the room has heard of."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, TaskTimes] = OrderedDict()

    def hear(self, fields: Mapping[str, str]) -> None:
        """Take in an Event: the form of its callback."""
        sid, at = fields.get("TaskSid", ""), _moment(fields)
        if not sid or at is None:
            return
        task = self._known(sid, fields, at)
        kind = fields.get("EventType", "")
        task.queue = fields.get("TaskQueueName") or task.queue
        if kind == EventType.RESERVATION_ACCEPTED and (task.accepted is None or at < task.accepted):
            task.accepted, task.worker = at, fields.get("WorkerName", "")
        if kind in _ENDED:
            task.ended = min(task.ended or at, at)

    def forget(self) -> None:
        """The Workspace is another one."""
        self._tasks.clear()

    @property
    def tasks(self) -> list[TaskTimes]:
        """In the order in which the room heard of them."""
        return list(self._tasks.values())

    def queue_rows(self) -> list[QueueRow]:
        """Each TaskQueue that a Task was in, by name."""
        by_queue: dict[str, list[TaskTimes]] = {}
        for task in self._tasks.values():
            by_queue.setdefault(task.queue or "No TaskQueue yet", []).append(task)
        return [_queue_row(name, by_queue[name]) for name in sorted(by_queue)]

    def _known(self, sid: str, fields: Mapping[str, str], at: datetime) -> TaskTimes:
        age = fields.get("TaskAge", "")
        created = at
        if age.isdigit():
            created = datetime.fromtimestamp(int(at.timestamp()) - int(age), UTC)
        task = self._tasks.setdefault(sid, TaskTimes(sid, created))
        if fields.get("EventType") == EventType.TASK_CREATED:
            task.created = at
        if len(self._tasks) > MOST_TASKS:
            self._tasks.popitem(last=False)
        return task


def waits_of(tasks: Iterable[TaskTimes]) -> list[float]:
    """How long those that were accepted had waited, in seconds, the shortest first."""
    return sorted(seconds for task in tasks if (seconds := task.waited_seconds) is not None)


def last_at_work(tasks: Iterable[TaskTimes]) -> dict[str, datetime]:
    """When each Worker, by name, last took a Task or had one of theirs end."""
    last: dict[str, datetime] = {}
    for task in tasks:
        moments = [at for at in (task.accepted, task.ended, last.get(task.worker)) if at is not None]
        if task.worker and moments:
            last[task.worker] = max(moments)
    return last


def _queue_row(name: str, tasks: list[TaskTimes]) -> QueueRow:
    waiting = [task for task in tasks if task.waits]
    waited = waits_of(tasks)
    return QueueRow(
        name=name,
        waiting=len(waiting),
        oldest=min((task.created for task in waiting), default=None),
        accepted=len(waited),
        median_seconds=quantile(waited, 0.5),
        p95_seconds=quantile(waited, 0.95),
    )


def _moment(fields: Mapping[str, str]) -> datetime | None:
    for name, per_second in (("TimestampMs", 1000), ("Timestamp", 1)):
        if fields.get(name, "").isdigit():
            try:
                return datetime.fromtimestamp(int(fields[name]) / per_second, UTC)
            except (ValueError, OverflowError, OSError):
                return None
    return None
