"""A Workspace to try things on: the Workspace as it stands, with whatever is to be otherwise, in an engine of its own.

Nothing that is tried reaches TaskRouter; what decides is the same pure engine that the sandbox runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labkit import limits
from labkit.attributes import compact_json
from labkit.engine.engine import Engine
from labkit.engine.resources import Activity, Record, TaskChannel, TaskQueue, Worker, WorkerChannel, Workspace
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression
from labkit.vocabulary import Sid

WORKSPACE_SID = f"{Sid.WORKSPACE}{0:032x}"
DEFAULT_CHANNEL = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialChannel:
    """What a Worker takes of one TaskChannel, by its unique name, and how many Tasks the Worker has on it."""

    capacity: int = limits.DEFAULT_CAPACITY
    available: bool = True
    taken: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWorker:
    """A Worker; `activity` is the name of an Activity, and one that there is not is the first of them.

    Attributes:
        key: names it among the others.
        channels: by the unique name of a TaskChannel; one that is missing has TaskRouter's default capacity.
    """

    key: str
    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    activity: str = ""
    sid: str = ""
    channels: Mapping[str, TrialChannel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTask:
    """A Task as it would be created."""

    key: str
    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    task_channel: str = DEFAULT_CHANNEL


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialQueue:
    """A TaskQueue."""

    sid: str
    name: str
    target_workers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWorkspace:
    """What there is to try things on.

    Attributes:
        now: the moment of trying, in UTC.
        activities: by name, whether a Worker in it is available, and its SID.
        task_channels: the unique names, by SID.
    """

    now: datetime
    workers: Sequence[TrialWorker] = ()
    tasks: Sequence[TrialTask] = ()
    task_queues: Sequence[TrialQueue] = ()
    activities: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    task_channels: Mapping[str, str] = field(default_factory=dict)

    def engine(self, *more: Record, queues: Sequence[TrialQueue] | None = None) -> Engine:
        """An engine with this Workspace alone, and with the records that come besides.

        Args:
            more: such as a Workflow.
            queues: the TaskQueues, in place of those of the Workspace.
        """
        kept = self.task_queues if queues is None else queues
        records = [*_numbered([*self._furniture(), *(_queue(each, self.now) for each in kept), *self._workers()])]
        numbers = iter(range(1, 1_000_000_000))
        return Engine(sids=lambda prefix: f"{prefix}f{next(numbers):031x}", records=[*records, *more])

    def state(self, *, queues: Sequence[TrialQueue] | None = None) -> WorkspaceState:
        """The Workspace as the engine has it; only for reading."""
        return self.engine(queues=queues).states[WORKSPACE_SID]

    def sid_of(self, worker: TrialWorker) -> str:
        """The SID that a Worker has in the state: its own, or one that stands for it."""
        return worker.sid or f"{Sid.WORKER}{'e' * 8}{self.workers.index(worker):024x}"

    def _furniture(self) -> Iterator[Record]:
        new = _new(self.now)
        yield Workspace(**new(WORKSPACE_SID), account_sid=f"{Sid.ACCOUNT}{0:032x}", friendly_name="")
        for name, (sid, available) in self._activities().items():
            yield Activity(**new(sid), friendly_name=name, available=available)
        for sid, name in self._task_channels().items():
            yield TaskChannel(**new(sid), friendly_name=name, unique_name=name)

    def _activities(self) -> Mapping[str, tuple[str, bool]]:
        return self.activities or {"Offline": (f"{Sid.ACTIVITY}{0:032x}", False)}

    def _task_channels(self) -> Mapping[str, str]:
        return self.task_channels or {f"{Sid.TASK_CHANNEL}{0:032x}": DEFAULT_CHANNEL}

    def _workers(self) -> Iterator[Record]:
        activities, channels, names = self._activities(), self._task_channels(), _Names()
        for each in self.workers:
            sid = self.sid_of(each)
            activity_sid, _ = activities.get(each.activity) or next(iter(activities.values()))
            yield Worker(
                **_new(self.now)(sid),
                friendly_name=names.unique(each.name),
                activity_sid=activity_sid,
                attributes=compact_json(each.attributes),
                date_status_changed=self.now,
            )
            for channel_sid, name in channels.items():
                yield _worker_channel(sid, channel_sid, each.channels.get(name, TrialChannel()), self.now)


class _Names:
    """Keeps the names of Workers apart, as TaskRouter does: here somebody may type one twice for a moment."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def unique(self, name: str) -> str:
        self._given[name] += 1
        return name if self._given[name] == 1 else f"{name} ({self._given[name]})"


def _new(now: datetime) -> Any:
    def fields(sid: str) -> dict[str, Any]:
        return {"sid": sid, "workspace_sid": WORKSPACE_SID, "number": 0, "date_created": now, "date_updated": now}

    return fields


def _numbered(records: Sequence[Record]) -> Iterator[Record]:
    for number, record in enumerate(records, start=1):
        record.number = number
        yield record


def _queue(queue: TrialQueue, now: datetime) -> TaskQueue:
    """One whose expression is beyond our grammar has nobody: an account may know more of it than we do."""
    try:
        text = compile_expression(queue.target_workers, Dialect.WORKER).text
    except ExpressionError:
        text = ""
    return TaskQueue(**_new(now)(queue.sid), friendly_name=queue.name, target_workers=text)


def _worker_channel(worker_sid: str, channel_sid: str, channel: TrialChannel, now: datetime) -> WorkerChannel:
    return WorkerChannel(
        **_new(now)(f"{worker_sid}/{channel_sid}"),
        worker_sid=worker_sid,
        task_channel_sid=channel_sid,
        configured_capacity=channel.capacity,
        available=channel.available,
        taken=channel.taken,
        assigned=channel.taken,
    )
