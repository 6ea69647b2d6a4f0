"""What the Desk hands out: small, frozen, and with names and times already read.

Field names are those of TaskRouter's REST API (docs: /docs/taskrouter/api), shortened where the record says the rest.
Times are aware and in UTC, to the whole second as REST tells them. Attributes come from strangers: show them as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """Anything with a name: a Workflow by its friendly name, a TaskChannel by its unique one."""

    sid: str
    name: str


@dataclass(frozen=True, slots=True)
class TaskQueueRecord:
    """A TaskQueue, and the expression that says which Workers it is for."""

    sid: str
    name: str
    target_workers: str


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """An Activity; `available` says whether Workers in it are offered Tasks."""

    sid: str
    name: str
    available: bool


@dataclass(frozen=True, slots=True)
class WorkerRecord:
    """A Worker and the Activity it is in, since `date_status_changed`."""

    sid: str
    name: str
    activity_name: str
    activity_sid: str
    available: bool
    attributes: dict[str, Any]
    date_status_changed: datetime
    date_updated: datetime


@dataclass(frozen=True, slots=True)
class WorkerChannelRecord:
    """How many Tasks of one TaskChannel (`name` is its unique name) a Worker takes at once; 0 takes none."""

    sid: str
    name: str
    configured_capacity: int
    assigned_tasks: int
    available: bool


@dataclass(frozen=True, slots=True)
class ReservationRecord:
    """A Reservation; `status` is one of `labkit.vocabulary.ReservationStatus`."""

    sid: str
    status: str
    task_sid: str
    worker_sid: str
    worker_name: str
    date_created: datetime


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A Task; `assignment_status` is one of `labkit.vocabulary.TaskStatus`, `age` is in seconds since its creation.

    `task_queue_name` is None while the Task is in no TaskQueue.
    """

    sid: str
    attributes: dict[str, Any]
    assignment_status: str
    task_queue_name: str | None
    workflow_name: str | None
    task_channel: str
    priority: int
    age: int
    date_created: datetime
    date_updated: datetime


@dataclass(frozen=True, slots=True)
class QueueStatistics:
    """How a TaskQueue stands now. Eligible Workers match its expression; available ones could take a Task as well.

    `longest_waiting_age` is in seconds, 0 when no Task waits; `tasks_by_status` counts the open ones.
    """

    task_queue_sid: str
    eligible_workers: int
    available_workers: int
    longest_waiting_age: int
    tasks_by_status: dict[str, int]


class Callbacks(NamedTuple):
    """Where TaskRouter calls: the Workflow's assignment callback and the Workspace's event callback; "" for nowhere."""

    assignment_callback_url: str
    event_callback_url: str
