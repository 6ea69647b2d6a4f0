"""TaskRouter's own words, spelt as on the wire. Nothing here decides anything."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TypeGuard


@lru_cache(maxsize=1024)  # each event has thirty of them, and the log a thousand events
def wire_name(name: str) -> str:
    """A field's or parameter's name as forms have it: `task_queue_sid` is `TaskQueueSid`."""
    return "".join(word.capitalize() for word in name.split("_"))


class TaskStatus(StrEnum):
    """`assignment_status` of a Task (docs: /docs/taskrouter/api/task)."""

    PENDING = "pending"
    RESERVED = "reserved"
    ASSIGNED = "assigned"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    CANCELED = "canceled"


class ReservationStatus(StrEnum):
    """`reservation_status` of a Reservation (docs: /docs/taskrouter/api/reservations)."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    RESCINDED = "rescinded"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


class Instruction(StrEnum):
    """What the answer to an assignment callback may ask for (docs: /docs/taskrouter/handle-assignment-callbacks)."""

    ACCEPT = "accept"
    REJECT = "reject"
    DEQUEUE = "dequeue"
    CALL = "call"
    REDIRECT = "redirect"
    CONFERENCE = "conference"
    SUPERVISE = "supervise"


class CallStatus(StrEnum):
    """`status` of a phone call (docs: /docs/voice/api/call-resource)."""

    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    """given up by the caller before anybody answered"""


class TransferMode(StrEnum):
    """How a Task is handed over: the Worker who does it stays (WARM) or wraps up at once (COLD)."""

    WARM = "WARM"
    COLD = "COLD"


class TransferType(StrEnum):
    """To what a Task is handed over."""

    WORKER = "WORKER"
    QUEUE = "QUEUE"


class TransferStatus(StrEnum):
    """`transfer_status` of a transfer; all but the first are final."""

    INITIATED = "initiated"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELED = "canceled"


TRANSFER_FAILED_BECAUSE = "Transfer failed because "
"""What each `transfer_failed_reason` begins with."""


EVENT_BRIDGE_PATH = "/v1/wschannels"
"""Where the Worker SDK asks and listens, at Twilio's event bridge and at the sandbox."""


class Role(StrEnum):
    """Whose a token of the Worker SDK is: the `role` in its TaskRouter grant."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Sid(StrEnum):
    """The two letters that begin a SID; 32 lower-case hex digits follow."""

    ACCOUNT = "AC"
    API_KEY = "SK"
    WORKSPACE = "WS"
    ACTIVITY = "WA"
    WORKER = "WK"
    TASK_CHANNEL = "TC"
    WORKER_CHANNEL = "WC"
    TASK_QUEUE = "WQ"
    WORKFLOW = "WW"
    TASK = "WT"
    RESERVATION = "WR"
    TRANSFER = "TT"
    EVENT = "EV"
    CALL = "CA"
    CONFERENCE = "CF"


def is_sid(text: object, prefix: Sid | None = None) -> TypeGuard[str]:
    """Whether it is written like a SID, of this resource if a prefix is given; whether it exists is another question.

    Hex digits of either case count, as the patterns of Twilio's OpenAPI have it.
    """
    return isinstance(text, str) and re.fullmatch(rf"{prefix or '[A-Z]{2}'}[0-9a-fA-F]{{32}}", text) is not None


def short_sid(sid: str) -> str:
    """A SID for the eye: its two letters and its last four digits (`WT…1a2b`); what is short already stays."""
    return f"{sid[:2]}…{sid[-4:]}" if len(sid) > 8 else sid


class TaskOrder(StrEnum):
    """In which order a TaskQueue serves its Tasks; the Workspace's PrioritizeQueueOrder takes the same words."""

    FIFO = "FIFO"
    LIFO = "LIFO"


class EventType(StrEnum):
    """Every event that TaskRouter reports (docs: /docs/taskrouter/api/event/reference)."""

    ACTIVITY_CREATED = "activity.created"
    ACTIVITY_UPDATED = "activity.updated"
    ACTIVITY_DELETED = "activity.deleted"
    RESERVATION_CREATED = "reservation.created"
    RESERVATION_ACCEPTED = "reservation.accepted"
    RESERVATION_REJECTED = "reservation.rejected"
    RESERVATION_TIMEOUT = "reservation.timeout"
    RESERVATION_CANCELED = "reservation.canceled"
    RESERVATION_RESCINDED = "reservation.rescinded"
    RESERVATION_COMPLETED = "reservation.completed"
    RESERVATION_FAILED = "reservation.failed"
    RESERVATION_WRAPUP = "reservation.wrapup"
    TASK_CREATED = "task.created"
    TASK_UPDATED = "task.updated"
    TASK_CANCELED = "task.canceled"
    TASK_WRAPUP = "task.wrapup"
    TASK_COMPLETED = "task.completed"
    TASK_DELETED = "task.deleted"
    TASK_SYSTEM_DELETED = "task.system-deleted"
    TASK_TRANSFER_INITIATED = "task.transfer-initiated"
    TASK_TRANSFER_ATTEMPT_FAILED = "task.transfer-attempt-failed"
    TASK_TRANSFER_FAILED = "task.transfer-failed"
    TASK_TRANSFER_CANCELED = "task.transfer-canceled"
    TASK_TRANSFER_COMPLETED = "task.transfer-completed"
    TASK_CHANNEL_CREATED = "task-channel.created"
    TASK_CHANNEL_UPDATED = "task-channel.updated"
    TASK_CHANNEL_DELETED = "task-channel.deleted"
    TASK_QUEUE_CREATED = "task-queue.created"
    TASK_QUEUE_DELETED = "task-queue.deleted"
    TASK_QUEUE_EXPRESSION_UPDATED = "task-queue.expression.updated"
    TASK_QUEUE_ENTERED = "task-queue.entered"
    TASK_QUEUE_TIMEOUT = "task-queue.timeout"
    TASK_QUEUE_MOVED = "task-queue.moved"
    WORKER_CREATED = "worker.created"
    WORKER_DELETED = "worker.deleted"
    WORKER_ACTIVITY_UPDATE = "worker.activity.update"
    WORKER_ATTRIBUTES_UPDATE = "worker.attributes.update"
    WORKER_CAPACITY_UPDATE = "worker.capacity.update"
    WORKER_CHANNEL_AVAILABILITY_UPDATE = "worker.channel.availability.update"
    WORKFLOW_CREATED = "workflow.created"
    WORKFLOW_UPDATED = "workflow.updated"
    WORKFLOW_DELETED = "workflow.deleted"
    WORKFLOW_TARGET_MATCHED = "workflow.target-matched"
    WORKFLOW_ENTERED = "workflow.entered"
    WORKFLOW_TIMEOUT = "workflow.timeout"
    WORKFLOW_SKIPPED = "workflow.skipped"
    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_UPDATED = "workspace.updated"
    WORKSPACE_DELETED = "workspace.deleted"
