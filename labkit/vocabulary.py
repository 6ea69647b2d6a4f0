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


# How a person says each Twilio error that becomes an alert, most of them of callbacks (docs: /docs/api/errors/<code>).
CALLBACK_ERRORS: dict[int, str] = {
    11200: "the callback URL did not answer with a 2xx status in time",
    11205: "no connection to the callback URL could be made",
    11206: "the callback URL did not answer in HTTP",
    11210: "there is no host of the callback URL's name",
    11220: "no TLS connection to the callback URL could be made",
    11235: "the certificate of the callback URL's host is not valid",
    11237: "the certificate of the callback URL's host comes from nobody who is trusted",
    11240: "the certificate is not that of the callback URL's host",
    14241: "statistics were asked for that are not kept",
    40000: "the answer is not application/json, so it was not read",
    40001: "the answer is not valid JSON, so nothing was done",
    40005: "the answer has no `instruction`; answer an empty JSON object to do nothing",
    40100: "reject: activity_sid is missing or not an Activity of this Workspace",
    40110: "call: there is no usable `to`",
    40111: "call: there is no usable `from`",
    40112: "call: there is no usable `url`",
    40113: "call: the call could not be made",
    40114: "call: the Reservation is not pending",
    40120: "redirect: there is no usable `url`",
    40121: "redirect: there is no usable `call_sid`",
    40122: "redirect: the call could not be redirected",
    40123: "redirect: the Reservation is not pending",
    40130: "dequeue: post_work_activity_sid is not an Activity of this Workspace",
    40131: "dequeue: there is no usable `to`",
    40132: "dequeue: there is no usable `from`",
    40133: "dequeue: the call could not be made",
    40134: "dequeue: status_callback_events are not events of a call",
    40135: "dequeue: the Reservation is not pending",
    40136: "conference: the Reservation is not pending",
    40137: "conference: there is no usable `to`",
    40138: "conference: there is no `from`",
    40139: "conference: post_work_activity_sid is not an Activity of this Workspace",
    40140: "dequeue: the Task's attributes have no call_sid",
    40141: "conference: `from` cannot be used",
    40142: "conference: the Task's attributes have neither call_sid nor outbound_to",
    40145: "conference: the conference could not be set up",
    40146: "supervise: the Reservation is not accepted",
    40147: "supervise: the Supervisor has no usable contact_uri",
    40148: "supervise: the Task's attributes have no usable `from`",
    40152: "the known Worker is not in the target's TaskQueue",
    40153: "a page was asked for by its number",
    40154: "the known Worker is missing, not valid or does not exist",
    40155: "the known Worker is in another Workspace",
    40157: "dequeue: status_callback_url is not a URL",
    40158: "call: status_callback_url is not a URL",
    40159: "conference: the status callback is not a URL",
    55555: "there is no instruction of this name",
}


# How a person says each Twilio error that a REST call can earn (docs: /docs/api/errors/<code>).
REST_ERRORS: dict[int, str] = {
    20001: "a parameter is unknown, missing or not valid, or the step is not allowed from this state",
    20002: "the FriendlyName is not valid",
    20003: "the Account SID and Auth Token do not belong together, or may not do this",
    20004: "this path does not take this HTTP method",
    20005: "the account is not active",
    20006: "this account may not see or do this",
    20007: "the page size is too large",
    20008: "test credentials cannot do this",
    20010: "the account lacks the permission for this",
    20403: "this is forbidden",
    20404: "there is nothing at this path: the SID is wrong, or what it named is gone",
    20409: "the request conflicts with how things stand",
    20410: "it is over: another Worker was quicker",
    20422: "a parameter is not valid",
    20423: "this is not a SID of the right form",
    20426: "the protocol of the request is too old",
    20429: "too many requests came at once",
    20500: "Twilio failed inside",
    20503: "Twilio cannot serve this at the moment",
    21481: "the page token is not one that was given out",
}
