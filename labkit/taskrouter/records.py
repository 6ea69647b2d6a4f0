"""What the Desk hands out: small, frozen, and with names and times already read.

Field names are those of TaskRouter's REST API (docs: /docs/taskrouter/api), shortened where the record says the rest.
Times are aware and in UTC, to the whole second as REST tells them. Attributes come from strangers: show them as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from labkit.display import TableRow, date_and_time, duration, shown


@dataclass(frozen=True, slots=True, repr=False)
class NamedRecord(TableRow):
    """Anything with a name: a Workflow by its friendly name, a TaskChannel by its unique one."""

    sid: str
    name: str

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {"Name": self.name, "SID": self.sid}


@dataclass(frozen=True, slots=True, repr=False)
class TaskQueueRecord(TableRow):
    """A TaskQueue, and the expression that says which Workers it is for."""

    sid: str
    name: str
    target_workers: str

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {"TaskQueue": self.name, "Target Workers": self.target_workers, "SID": self.sid}


@dataclass(frozen=True, slots=True, repr=False)
class ActivityRecord(TableRow):
    """An Activity; `available` says whether Workers in it are offered Tasks."""

    sid: str
    name: str
    available: bool

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {"Activity": self.name, "Available": _yes(self.available), "SID": self.sid}


@dataclass(frozen=True, slots=True, repr=False)
class WorkerRecord(TableRow):
    """A Worker and the Activity it is in, since `date_status_changed`."""

    sid: str
    name: str
    activity_name: str
    activity_sid: str
    available: bool
    attributes: dict[str, Any]
    date_status_changed: datetime
    date_updated: datetime

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "Worker": self.name,
            "Activity": self.activity_name,
            "Available": _yes(self.available),
            "In it since (UTC)": date_and_time(self.date_status_changed),
            "Attributes": shown(self.attributes),
            "SID": self.sid,
        }


@dataclass(frozen=True, slots=True, repr=False)
class WorkerChannelRecord(TableRow):
    """How many Tasks of one TaskChannel (`name` is its unique name) a Worker takes at once; 0 takes none."""

    sid: str
    name: str
    configured_capacity: int
    assigned_tasks: int
    available: bool

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "TaskChannel": self.name,
            "Capacity": f"{self.configured_capacity:,}",
            "Assigned Tasks": f"{self.assigned_tasks:,}",
            "Available": _yes(self.available),
            "SID": self.sid,
        }


@dataclass(frozen=True, slots=True, repr=False)
class ReservationRecord(TableRow):
    """A Reservation; `status` is one of `labkit.vocabulary.ReservationStatus`."""

    sid: str
    status: str
    task_sid: str
    worker_sid: str
    worker_name: str
    date_created: datetime

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "Reservation": self.sid,
            "Reservation status": self.status,
            "Worker": self.worker_name,
            "Created (UTC)": date_and_time(self.date_created),
            "Task": self.task_sid,
        }


@dataclass(frozen=True, slots=True, repr=False)
class TaskRecord(TableRow):
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

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "Task": self.sid,
            "Task status": self.assignment_status,
            "TaskQueue": self.task_queue_name or "none",
            "Workflow": self.workflow_name or "none",
            "TaskChannel": self.task_channel,
            "Priority": f"{self.priority:,}",
            "Age": duration(self.age),
            "Attributes": shown(self.attributes),
        }


@dataclass(frozen=True, slots=True, repr=False)
class QueueStatistics(TableRow):
    """How a TaskQueue stands now. Eligible Workers match its expression; available ones could take a Task as well.

    `longest_waiting_age` is in seconds, 0 when no Task waits; `tasks_by_status` counts the open ones.
    """

    task_queue_sid: str
    eligible_workers: int
    available_workers: int
    longest_waiting_age: int
    tasks_by_status: dict[str, int]

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "TaskQueue": self.task_queue_sid,
            "Eligible Workers": f"{self.eligible_workers:,}",
            "Available Workers": f"{self.available_workers:,}",
            "Longest waiting": duration(self.longest_waiting_age),
            "Open Tasks by Task status": ", ".join(f"{count:,} {name}" for name, count in self.tasks_by_status.items()),
        }


class Callbacks(NamedTuple):
    """Where TaskRouter calls: the Workflow's assignment callback and the Workspace's event callback; "" for nowhere."""

    assignment_callback_url: str
    event_callback_url: str

    def __repr__(self) -> str:
        assignment, event = (url or "nowhere" for url in self)
        return f"Assignment callbacks go to {assignment}, event callbacks to {event}."


def _yes(value: bool) -> str:
    return "yes" if value else "no"
