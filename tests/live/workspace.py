"""A Workspace for the panels' tests: a desk that remembers, TaskRouter's news, and the browser's end of a line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from comm.base_comm import BaseComm

from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.errors import TaskRouterError
from labkit.stream import EventStream, Kind

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WAIT_SECONDS = 10


def sid(prefix: str, number: int) -> str:
    """A SID of the right form."""
    return f"{prefix}{number:032x}"


@dataclass(frozen=True)
class Named:
    sid: str
    name: str


@dataclass(frozen=True)
class TaskQueue(Named):
    target_workers: str


@dataclass(frozen=True)
class Activity(Named):
    available: bool


@dataclass(frozen=True)
class Worker(Named):
    activity_name: str
    activity_sid: str
    available: bool
    attributes: dict[str, Any]
    date_status_changed: datetime
    date_updated: datetime = NOON


@dataclass(frozen=True)
class WorkerChannel(Named):
    configured_capacity: int
    available: bool = True


@dataclass(frozen=True)
class Reservation:
    sid: str
    status: str
    task_sid: str
    worker_sid: str
    worker_name: str
    date_created: datetime


@dataclass(frozen=True)
class Task:
    sid: str
    attributes: dict[str, Any]
    assignment_status: str = "pending"
    task_queue_name: str | None = "Spanish"
    workflow_name: str | None = "Care"
    task_channel: str | None = "default"
    priority: int = 0
    age: int = 0
    date_created: datetime = NOON
    date_updated: datetime = NOON


OPEN = ("pending", "reserved", "assigned", "wrapping")
ALICE, BOB = sid("WK", 1), sid("WK", 2)
OFFLINE, AVAILABLE = Activity(sid("WA", 1), "Offline", False), Activity(sid("WA", 2), "Available", True)


@dataclass
class FakeWorkspaceClient:
    """A desk whose Workspace is a few lists. `calls` is what was asked; set `error` to make every call fail."""

    error: TaskRouterError | None = None
    workspace_sid: str = "WS1"
    own_worker_sid: str | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    everyone: dict[str, Worker] = field(default_factory=dict)
    reservations: list[Reservation] = field(default_factory=list)
    transfers: list[EventCallback] = field(default_factory=list)
    known_tasks: dict[str, Task] = field(default_factory=dict)
    channels: dict[str, list[WorkerChannel]] = field(default_factory=dict)
    target_workers: dict[str, str] = field(
        default_factory=lambda: {"Spanish": 'languages HAS "es"', "English": 'languages HAS "en"'}
    )
    workflow_names: list[str] = field(default_factory=lambda: ["Care", "Sales"])
    on_call: Callable[[str], None] = lambda _name: None

    def _called(self, name: str, *arguments: Any) -> None:
        self.calls.append((name, *arguments))
        self.on_call(name)
        if self.error is not None:
            raise self.error

    def workers(self) -> list[Worker]:
        self._called("workers")
        return list(self.everyone.values())

    def activities(self) -> list[Activity]:
        self._called("activities")
        return [OFFLINE, AVAILABLE]

    def workflows(self) -> list[Named]:
        self._called("workflows")
        return [Named(sid("WW", number), name) for number, name in enumerate(self.workflow_names, 1)]

    def task_channels(self) -> list[Named]:
        self._called("task_channels")
        return [Named(sid("TC", 1), "default"), Named(sid("TC", 2), "voice")]

    def task_queues(self) -> list[TaskQueue]:
        self._called("task_queues")
        return [TaskQueue(sid("WQ", number), *each) for number, each in enumerate(self.target_workers.items(), 1)]

    def open_tasks(self, *, workflow: str | None = None) -> list[Task]:
        self._called("open_tasks", *filter(None, [workflow]))
        return [task for task in self.known_tasks.values() if task.assignment_status in OPEN]

    def transfers_begun(self, tasks: Sequence[Task]) -> list[EventCallback]:
        return list(self.transfers)  # no call that is counted: it asks only where a Task waits

    def open_reservations(
        self, tasks: Sequence[Task] = (), *, transfers: Sequence[EventCallback] = ()
    ) -> list[Reservation]:
        self._called("open_reservations")
        return list(self.reservations)

    def task(self, task_sid: str) -> Task:
        self._called("task", task_sid)
        if task_sid not in self.known_tasks:
            raise TaskRouterError(f"There is no Task {task_sid}.", status=404, code=20404)
        return self.known_tasks[task_sid]

    def reservation_timeout(self, workflow: str) -> int:
        self._called("reservation_timeout", workflow)
        return 120

    def workflow_configuration(self, workflow: str) -> str:
        self._called("workflow_configuration", workflow)
        spanish = {"expression": 'language == "es"', "targets": [{"queue": sid("WQ", 1), "timeout": 60}]}
        return json.dumps({"task_routing": {"filters": [spanish], "default_filter": {"queue": sid("WQ", 2)}}})

    def create_task(self, attributes: Any, **given: Any) -> Task:
        self._called("create_task", attributes, given)
        task = Task(sid("WT", 100 + len(self.known_tasks)), attributes)
        self.known_tasks[task.sid] = task
        return task

    def accept(self, task_sid: str, reservation_sid: str) -> None:
        self._called("accept", task_sid, reservation_sid)

    def reject(self, task_sid: str, reservation_sid: str, *, activity: str | None = None) -> None:
        self._called("reject", task_sid, reservation_sid, *([activity] if activity else []))

    def wrap_up(self, task_sid: str, reservation_sid: str) -> None:
        self._called("wrap_up", task_sid, reservation_sid)

    def complete(self, task_sid: str, *, reason: str | None = None) -> None:
        self._called("complete", task_sid)

    def complete_reservation(self, task_sid: str, reservation_sid: str) -> None:
        self._called("complete_reservation", task_sid, reservation_sid)

    def cancel(self, task_sid: str, *, reason: str | None = None) -> None:
        self._called("cancel", task_sid)

    def set_activity(self, worker: str, activity: str) -> None:
        self._called("set_activity", worker, activity)

    def create_worker(self, name: str, *, attributes: Any = None, activity: str | None = None) -> Worker:
        self._called("create_worker", name, attributes, activity)
        entered = next((a for a in (OFFLINE, AVAILABLE) if a.sid == activity), OFFLINE)
        made = sid("WK", 100 + len(self.everyone))
        self.everyone[made] = Worker(made, name, entered.name, entered.sid, entered.available, attributes or {}, NOON)
        return self.everyone[made]

    def update_worker(self, worker: str, *, name: str | None = None, attributes: Any = None) -> Worker:
        self._called("update_worker", worker, name, attributes)
        known = self.everyone[worker]
        changed = replace(
            known, name=name or known.name, attributes=known.attributes if attributes is None else attributes
        )
        self.everyone[worker] = changed
        return changed

    def delete_worker(self, worker: str) -> None:
        self._called("delete_worker", worker)
        del self.everyone[worker]

    def worker_channels(self, worker: str) -> list[WorkerChannel]:
        self._called("worker_channels", worker)
        return list(self.channels.get(worker, [WorkerChannel(sid("WC", 1), "default", 1)]))

    def set_capacity(self, worker: str, channel: str, *, capacity: int) -> WorkerChannel:
        self._called("set_capacity", worker, channel, capacity)
        return WorkerChannel(sid("WC", 1), channel, capacity)


@dataclass
class News:
    """Publishes callbacks as TaskRouter sends them; each event has its own EventSid and, by default, a later time."""

    stream: EventStream
    at: datetime = NOON
    number: int = 0

    def event(self, event_type: str, **fields: Any) -> dict[str, str]:
        """Publish an event callback; returns its form."""
        self.number += 1
        self.at += timedelta(milliseconds=250)
        form = {"EventType": event_type, "Sid": sid("EV", self.number), "TimestampMs": _ms(self.at), **fields}
        self.stream.publish_once(Kind.EVENT, EventCallback.from_form(form), key=form["Sid"])
        return form

    def task(self, event_type: str, task: str, status: str, **fields: Any) -> dict[str, str]:
        """Publish an event of a Task."""
        about = {
            "TaskSid": task,
            "TaskAssignmentStatus": status,
            "TaskAttributes": '{"selected_language": "es"}',
            "TaskPriority": "0",
            "TaskAge": "0",
            "TaskQueueName": "Spanish",
            "WorkflowSid": sid("WW", 1),
            "WorkflowName": "Care",
        }
        return self.event(event_type, **{**about, **fields})

    def reservation(self, event_type: str, reservation: str, **fields: Any) -> dict[str, str]:
        """Publish an event of a Reservation of Alice for Task 1."""
        status = "assigned" if event_type == "reservation.accepted" else "reserved"  # also where it ends unaccepted
        about = {"ReservationSid": reservation, "WorkerSid": ALICE, "WorkerName": "Alice"}
        return self.task(event_type, **{"task": sid("WT", 1), "status": status, **about, **fields})

    def transfer(self, event_type: str, status: str, **fields: Any) -> dict[str, str]:
        """Publish an event of the transfer by which Alice hands Task 1 over to Bob."""
        about = {
            "TaskTransferSid": sid("TT", 1),
            "TransferMode": "WARM",
            "TransferType": "WORKER",
            "TransferTo": BOB,
            "TransferInitiatingWorkerSid": ALICE,
            "TransferInitiatingReservationSid": sid("WR", 1),
        }
        return self.task(event_type, **{"task": sid("WT", 1), "status": status, **about, **fields})

    def handed(self, event_type: str, status: str, **fields: Any) -> dict[str, str]:
        """Publish an event of the Reservation that this transfer makes for Bob."""
        about = {"ReservationSid": sid("WR", 2), "WorkerSid": BOB, "WorkerName": "Bob"}
        told = {"TransferMode": "WARM"} if event_type == "reservation.created" else {}
        return self.task(event_type, **{"task": sid("WT", 1), "status": status, **about, **told, **fields})

    def activity(self, worker: str, activity: Activity, **fields: Any) -> dict[str, str]:
        """Publish that a Worker changed its Activity."""
        named = {"WorkerActivityName": activity.name, "WorkerActivitySid": activity.sid}
        return self.event("worker.activity.update", WorkerSid=worker, **{**named, **fields})

    def assignment(self, reservation: str, task: str, **fields: Any) -> None:
        """Publish an assignment callback: SIDs and no names, and the time in whole seconds."""
        form = {
            "Timestamp": str(int(self.at.timestamp())),
            "ReservationSid": reservation,
            "TaskSid": task,
            "TaskAttributes": json.dumps({"selected_language": "es"}),
            "TaskAge": "0",
            "TaskPriority": "0",
            "WorkerSid": ALICE,
            "WorkflowSid": sid("WW", 1),
            **fields,
        }
        self.stream.publish(Kind.ASSIGNMENT, AssignmentCallback.from_form(form))


class Line(BaseComm):
    """A browser's end of a panel's comm: what was sent, and a way to click."""

    def __init__(self, **given: Any) -> None:
        self.changed = threading.Condition()
        self.states: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        super().__init__(**given)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        """Keep what the panel sends."""
        with self.changed:
            if data and data.get("method") == "custom":
                self.answers.append(data["content"])
            elif data and "state" in data.get("state", {}):
                self.states.append(data["state"]["state"])
            self.changed.notify_all()

    def click(self, action: str, **payload: Any) -> dict[str, Any]:
        """Send what the panel's script sends, and wait for the answer."""
        number = f"click-{len(self.answers)}"
        self.receive({"id": number, "action": action, **payload})
        with self.changed:
            assert self.changed.wait_for(lambda: self._answer(number), WAIT_SECONDS), f"{action} was never answered"
        answer = self._answer(number)
        assert answer is not None
        return answer

    def receive(self, content: Any) -> None:
        """Play a message from the browser."""
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def wait_for(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first state sent that is as wanted, or the failure of the test."""
        with self.changed:
            found = self.changed.wait_for(lambda: next(filter(wanted, self.states), None), WAIT_SECONDS)
        assert found, f"no such state among {len(self.states)}"
        return found

    def _answer(self, number: str) -> dict[str, Any] | None:
        return next((answer for answer in self.answers if answer["id"] == number), None)


def _ms(at: datetime) -> str:
    return str(round(at.timestamp() * 1000))
