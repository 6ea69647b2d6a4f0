"""One plain sentence for each event that TaskRouter reports (docs: /docs/taskrouter/api/event/reference).

The happy path reads: Task created, Worker available, Worker reserved, Reservation accepted, Task assigned.
TaskRouter reports no event of its own for the last; it is told when `reservation.accepted` says that the Task
is assigned now.
"""

from __future__ import annotations

from labkit.callback_events import EventCallback
from labkit.live.events import meaning_of
from labkit.vocabulary import EventType, TaskStatus, short_sid

ASSIGNED = "task.assigned"
"""The name that the story gives to the sentence that TaskRouter has no event for."""


def sentence(event: EventCallback, *, worker: str = "") -> str:
    """The sentence for one Event. `worker` is used when it does not name the Worker.

    An event that is not known here is told by TaskRouter's own EventDescription, else by its type.
    """
    template = meaning_of(event.event_type).sentence
    if not template:
        return event.event_description or event.event_type or "Something happened"
    return template.format_map(_words(event, worker))


def assigned_sentence(event: EventCallback, *, worker: str = "") -> str | None:
    """The sentence for the moment that has no event of its own, or None when this is not that moment."""
    accepted = event.event_type == EventType.RESERVATION_ACCEPTED
    if not accepted or event.task_assignment_status != TaskStatus.ASSIGNED:
        return None
    words = _words(event, worker)
    return f"{words['task']} is assigned to {words['worker']}"


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
