"""One plain sentence for each event that TaskRouter reports (docs: /docs/taskrouter/api/event/reference).

The happy path reads: Task created, Worker available, Worker reserved, Reservation accepted, Task assigned.
TaskRouter reports no event of its own for the last; it is told when `reservation.accepted` says that the Task
is assigned now.
"""

from __future__ import annotations

from collections.abc import Callable

from labkit.callback_events import EventCallback
from labkit.live.events import meaning_of
from labkit.vocabulary import TRANSFER_FAILED_BECAUSE, EventType, TaskStatus, short_sid

ASSIGNED = "task.assigned"
"""The name that the story gives to the sentence that TaskRouter has no event for."""


Named = Callable[[str], str]
"""The name of a Worker or a TaskQueue by its SID; empty where it is not known."""


def unnamed(_: str) -> str:
    """Nobody's name is known."""
    return ""


def sentence(event: EventCallback, *, named: Named = unnamed) -> str:
    """The sentence for one Event. `named` is asked where it does not name a Worker or a TaskQueue.

    An event that is not known here is told by TaskRouter's own EventDescription, else by its type.
    """
    template = meaning_of(event.event_type).sentence
    if not template:
        return event.event_description or event.event_type or "Something happened"
    return template.format_map(_words(event, named))


def assigned_sentence(event: EventCallback, *, named: Named = unnamed) -> str | None:
    """The sentence for the moment that has no event of its own, or None when this is not that moment."""
    accepted = event.event_type == EventType.RESERVATION_ACCEPTED
    if not accepted or event.task_assignment_status != TaskStatus.ASSIGNED:
        return None
    words = _words(event, named)
    return f"{words['task']} is assigned to {words['worker']}"


def _words(event: EventCallback, named: Named) -> dict[str, str]:
    reason = event.task_canceled_reason or event.task_completed_reason or event.reason
    failed = event.transfer_failed_reason.removeprefix(TRANSFER_FAILED_BECAUSE)
    return {
        "task": f"Task {short_sid(event.task_sid)}".rstrip(),
        "worker": event.worker_name or _called(event.worker_sid, "Worker", named) or "A Worker",
        "queue": event.task_queue_name or "a TaskQueue",
        "workflow": event.workflow_name or short_sid(event.workflow_sid),
        "activity": event.worker_activity_name or "in another Activity",
        "channel": event.task_channel_unique_name or "a TaskChannel",
        "because": f": {reason}" if reason else "",
        "giver": _called(event.transfer_initiating_worker_sid, "Worker", named) or "A Worker",
        "taker": _called(event.transfer_to, "", named) or "somebody",
        "mode": f" ({event.transfer_mode.lower()})" if event.transfer_mode else "",
        "failed": f": {failed}" if failed else "",
        "handed": _handed(event, named),
    }


def _called(sid: str, what: str, named: Named) -> str:
    return named(sid) or (f"{what} {short_sid(sid)}".strip() if sid else "")


def _handed(event: EventCallback, named: Named) -> str:
    """That a Reservation was made by a transfer, and whose."""
    giver = _called(event.transfer_initiating_worker_sid, "Worker", named)
    return f", handed over by {giver or 'another Worker'}" if event.is_of_transfer else ""
