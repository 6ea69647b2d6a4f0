"""One plain sentence for each event that TaskRouter reports (docs: /docs/taskrouter/api/event/reference).

The happy path reads: Task created, Worker available, Worker reserved, Reservation accepted, Task assigned.
TaskRouter reports no event of its own for the last; it is told when `reservation.accepted` says that the Task
is assigned now.
"""

from __future__ import annotations

from labkit.callback_events import EventCallback
from labkit.vocabulary import EventType, TaskStatus, short_sid

_SENTENCES: dict[str, str] = {
    EventType.TASK_CREATED: "{task} was created",
    EventType.TASK_UPDATED: "{task} was updated",
    EventType.TASK_CANCELED: "{task} was canceled{because}",
    EventType.TASK_WRAPUP: "{task} is being wrapped up",
    EventType.TASK_COMPLETED: "{task} is completed{because}",
    EventType.TASK_DELETED: "{task} was deleted",
    EventType.TASK_SYSTEM_DELETED: "{task} was removed by TaskRouter",
    EventType.WORKFLOW_ENTERED: "{task} entered the Workflow {workflow}",
    EventType.WORKFLOW_TARGET_MATCHED: "{task} matched a target of the Workflow: {queue}",
    EventType.WORKFLOW_TIMEOUT: "{task} fell out of the Workflow: no target was left",
    EventType.WORKFLOW_SKIPPED: "{task} skipped a target of the Workflow",
    EventType.TASK_QUEUE_ENTERED: "{task} waits in {queue}",
    EventType.TASK_QUEUE_TIMEOUT: "{task} waited too long in {queue}",
    EventType.TASK_QUEUE_MOVED: "{task} moved to {queue}",
    EventType.RESERVATION_CREATED: "{worker} was reserved for {task}",
    EventType.RESERVATION_ACCEPTED: "The Reservation of {worker} for {task} was accepted",
    EventType.RESERVATION_REJECTED: "{worker} rejected the Reservation for {task}",
    EventType.RESERVATION_TIMEOUT: "The Reservation of {worker} for {task} timed out",
    EventType.RESERVATION_CANCELED: "The Reservation of {worker} for {task} was canceled",
    EventType.RESERVATION_RESCINDED: "The Reservation of {worker} for {task} was rescinded: another Worker was first",
    EventType.RESERVATION_COMPLETED: "The Reservation of {worker} for {task} is completed",
    EventType.RESERVATION_FAILED: "The instruction for the Reservation of {worker} failed",
    EventType.RESERVATION_WRAPUP: "{worker} is wrapping up {task}",
    EventType.WORKER_CREATED: "The Worker {worker} was created",
    EventType.WORKER_DELETED: "The Worker {worker} was deleted",
    EventType.WORKER_ACTIVITY_UPDATE: "{worker} is now {activity}",
    EventType.WORKER_ATTRIBUTES_UPDATE: "The attributes of {worker} were changed",
    EventType.WORKER_CAPACITY_UPDATE: "The capacity of {worker} on {channel} was changed",
    EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE: "The availability of {worker} on {channel} was changed",
}

MILESTONES = frozenset(
    {EventType.TASK_CREATED, EventType.RESERVATION_CREATED, EventType.RESERVATION_ACCEPTED, EventType.TASK_COMPLETED}
)

ASSIGNED = "task.assigned"
"""The name that the story gives to the sentence that TaskRouter has no event for."""


def sentence(event: EventCallback, *, worker: str = "") -> str:
    """The sentence for one Event. `worker` is used when it does not name the Worker.

    An event that is not known here is told by TaskRouter's own EventDescription, else by its type.
    """
    template = _SENTENCES.get(event.event_type)
    if template is None:
        return event.event_description or event.event_type or "Something happened"
    return template.format_map(_words(event, worker))


def assigned_sentence(event: EventCallback, *, worker: str = "") -> str | None:
    """The sentence for the moment that has no event of its own, or None when this is not that moment."""
    accepted = event.event_type == EventType.RESERVATION_ACCEPTED
    if not accepted or event.task_assignment_status != TaskStatus.ASSIGNED:
        return None
    words = _words(event, worker)
    return f"{words['task']} is assigned to {words['worker']}"


def topic_of(event_type: str) -> str:
    """What an event is about: task, worker, reservation, queue, workflow or other."""
    family = event_type.partition(".")[0]
    if family == "task-queue":
        return "queue"
    return family if family in ("task", "worker", "reservation", "workflow") else "other"


def _words(event: EventCallback, worker: str) -> dict[str, str]:
    reason = event.task_canceled_reason or event.task_completed_reason or event.reason
    return {
        "task": f"Task {short_sid(event.task_sid)}".rstrip(),
        "worker": event.worker_name or worker or f"Worker {short_sid(event.worker_sid)}".rstrip(),
        "queue": event.task_queue_name or "a TaskQueue",
        "workflow": event.workflow_name or short_sid(event.workflow_sid),
        "activity": event.worker_activity_name or "in another Activity",
        "channel": event.task_channel_unique_name or "a TaskChannel",
        "because": f": {reason}" if reason else "",
    }
