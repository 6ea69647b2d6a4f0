"""The records of TaskRouter, as the engine holds them and the store keeps them.

Field names are TaskRouter's own (docs: /docs/taskrouter/api/<resource>). A field marked `derived()` is worked out from
the others when a record is loaded and is never stored. `number` counts all records in the order of their creation,
so that lists have a stable order and ties have an end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from labkit import limits
from labkit.vocabulary import (
    CallStatus,
    Instruction,
    ReservationStatus,
    Sid,
    TaskOrder,
    TaskStatus,
    TransferMode,
    TransferStatus,
    TransferType,
)

OPEN_RESERVATION = frozenset({ReservationStatus.PENDING, ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING})
FINAL_TASK = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELED})


def derived(**kwargs: Any) -> Any:
    """A field that follows from the stored ones."""
    return field(metadata={"derived": True}, repr=False, **kwargs)


@dataclass(slots=True, eq=False, kw_only=True)
class Record:
    """What every stored thing has."""

    sid: str
    workspace_sid: str
    number: int
    date_created: datetime
    date_updated: datetime
    version: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Workspace(Record):
    """Holds everything else; `workspace_sid` is its own SID."""

    account_sid: str
    friendly_name: str
    default_activity_sid: str = ""
    timeout_activity_sid: str = ""
    event_callback_url: str = ""
    events_filter: str | None = None
    multi_task_enabled: bool = True
    prioritize_queue_order: TaskOrder = TaskOrder.FIFO


@dataclass(slots=True, eq=False, kw_only=True)
class Activity(Record):
    """What a Worker is doing; only an available one takes Tasks."""

    friendly_name: str
    available: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class TaskChannel(Record):
    """A kind of work, such as voice or chat, with a capacity per Worker."""

    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class WorkerChannel(Record):
    """How many Tasks of one TaskChannel a Worker takes at a time."""

    worker_sid: str
    task_channel_sid: str
    configured_capacity: int = limits.DEFAULT_CAPACITY
    available: bool = True
    last_reserved: int = 0
    last_reserved_at: datetime | None = None
    """When its last Reservation was made; None: never, or before this was kept."""
    taken: int = derived(default=0)
    """Reservations in pending, accepted or wrapping: they take capacity."""
    assigned: int = derived(default=0)
    """Reservations in accepted: `assigned_tasks` on the wire (docs: /docs/taskrouter/multitasking)."""

    @property
    def has_room(self) -> bool:
        return self.available and self.taken < self.configured_capacity

    @property
    def available_capacity_percentage(self) -> int:
        """Free share of the capacity, rounded down; 0 for a capacity of 0 (docs: /docs/taskrouter/multitasking)."""
        free = max(0, self.configured_capacity - self.taken)
        return free * 100 // self.configured_capacity if self.configured_capacity else 0


@dataclass(slots=True, eq=False, kw_only=True)
class Worker(Record):
    """Someone who takes Tasks."""

    friendly_name: str
    activity_sid: str
    attributes: str = "{}"
    date_status_changed: datetime
    last_reserved: int = 0
    """The number of the last Reservation made for this Worker; the smallest has been idle longest."""
    scope: dict[str, Any] = derived(default_factory=dict)
    """What expressions read as `worker.`: the attributes, and the built-in names above them."""
    channels: dict[str, WorkerChannel] = derived(default_factory=dict)
    """By TaskChannel SID."""


@dataclass(slots=True, eq=False, kw_only=True)
class TaskQueue(Record):
    """Tasks wait here for Workers who match `target_workers`."""

    friendly_name: str
    target_workers: str = "1==1"
    max_reserved_workers: int = limits.DEFAULT_RESERVED_WORKERS
    task_order: TaskOrder = TaskOrder.FIFO
    reservation_activity_sid: str | None = None
    assignment_activity_sid: str | None = None
    judged_through: int | None = None
    """While Workers are asked the expression, a slice at a time: the number of the last one who was. Those after it are
    members as they were before."""


@dataclass(slots=True, eq=False, kw_only=True)
class Workflow(Record):
    """Leads Tasks to TaskQueues.

    `revision` grows when the configuration changes, and when Tasks are evaluated again: old Tasks keep the one that
    they met.
    """

    friendly_name: str
    configuration: str
    assignment_callback_url: str = ""
    fallback_assignment_callback_url: str = ""
    task_reservation_timeout: int = limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS
    revision: int = 0
    re_evaluating: int | None = None
    """While waiting Tasks are evaluated again, a slice at a time: the revision that they are led to."""
    failed_task_sid: str = ""
    """The Task whose assignment callback failed last; empty once one was answered."""
    failed_rounds: int = 0
    """Its pauses since then (`callback_pauses.py`)."""
    paused_until: datetime | None = None
    """Until when no Task of it is reserved, because its callback URLs do not answer."""


@dataclass(slots=True, eq=False, kw_only=True)
class WorkflowRevision(Record):
    """A configuration that a Workflow no longer has and Tasks in flight still follow. `sid` is `<WW…>/<revision>`."""

    workflow_sid: str
    revision: int
    configuration: str


@dataclass(slots=True, eq=False, kw_only=True)
class Task(Record):
    """A piece of work on its way to a Worker."""

    attributes: str = "{}"
    assignment_status: TaskStatus = TaskStatus.PENDING
    priority: int = 0
    timeout: int = limits.DEFAULT_TASK_TIMEOUT_SECONDS
    reason: str | None = None
    task_channel_sid: str
    workflow_sid: str | None = None
    workflow_revision: int = 0
    filter_index: int | None = None
    """Which filter of the Workflow the Task follows; DEFAULT_FILTER for the default one, None outside of any."""
    target_index: int = 0
    spent_seconds: int = 0
    """The timeouts of the targets that the Task has waited through: target limits count from its age."""
    target_deadline: datetime | None = None
    is_moving: bool = False
    """Whether it waits nowhere, because it has not come to the end of its way through the targets yet."""
    task_queue_sid: str | None = None
    task_queue_entered_date: datetime | None = None
    virtual_start_time: datetime
    routing_target: str | None = None
    direct_queue_sid: str = ""
    """Where a Task waits that was routed directly: its RoutingTarget, or the TaskQueueSid given with it."""
    ignore_capacity: bool = False
    assignments: int = 0
    failed_callbacks: int = 0
    """Its assignment callbacks that nobody has answered, since one was (`callback_pauses.py`)."""
    paused_until: datetime | None = None
    """Until when it is not reserved after that; it waits nowhere meanwhile."""
    transfer_sid: str | None = None
    """The transfer under way, by which somebody who has the Task hands it over."""
    assigned_deadline: datetime | None = None
    removal_deadline: datetime | None = None
    scope: dict[str, Any] = derived(default_factory=dict)
    """What expressions read as `task.`: the attributes."""
    asks_for_worker: bool = derived(default=False)
    """Whether the target that it is in is for one known Worker (docs: …/workflow-configuration/known-agent-routing)."""
    reservations: list[Reservation] = derived(default_factory=list)
    """All of its Reservations, oldest first."""
    transfers: list[Transfer] = derived(default_factory=list)
    """All of its transfers, oldest first."""
    legs: list[CallLeg] = derived(default_factory=list)
    """All of its calls, oldest first: the caller's, and those that instructions have made."""

    @property
    def is_direct(self) -> bool:
        """Whether it was sent straight to a Worker or a TaskQueue (docs: /docs/taskrouter/api/task, RoutingTarget)."""
        return self.routing_target is not None and self.routing_target.startswith((Sid.TASK_QUEUE, Sid.WORKER))

    @property
    def transfer(self) -> Transfer | None:
        """The transfer under way; None if there is none."""
        if self.transfer_sid is None:
            return None
        return next((each for each in reversed(self.transfers) if each.sid == self.transfer_sid), None)

    @property
    def is_for_one_worker(self) -> bool:
        """Whether it waits for its RoutingTarget, a Worker; not once that one hands it over."""
        to_worker = self.routing_target is not None and self.routing_target.startswith(Sid.WORKER)
        return to_worker and self.transfer_sid is None

    @property
    def ignores_capacity(self) -> bool:
        """Whether capacity and Activity count for nothing; in a transfer they always count."""
        return self.ignore_capacity and self.transfer_sid is None

    @property
    def is_final(self) -> bool:
        return self.assignment_status in FINAL_TASK

    @property
    def is_pending(self) -> bool:
        return self.assignment_status is TaskStatus.PENDING


DEFAULT_FILTER = -1


class CallbackState(StrEnum):
    """How far the assignment callback of a Reservation has come; `due` is called again after a restart."""

    NONE = "none"
    DUE = "due"
    DONE = "done"


@dataclass(slots=True, eq=False, kw_only=True)
class Reservation(Record):
    """A Task held for one Worker until one of them lets go."""

    task_sid: str
    worker_sid: str
    task_channel_sid: str
    reservation_status: ReservationStatus = ReservationStatus.PENDING
    expires_at: datetime
    callback: CallbackState = CallbackState.NONE
    held_at: datetime | None = None
    """Since when its timer stands still, because a conference is being set up; None while it runs."""
    activity_sid: str | None = None
    """The Activity to which it took the Worker; None: to none. Single tasking only, as is the next."""
    previous_activity_sid: str | None = None
    transfer_sid: str | None = None
    """The transfer that made it; None: the Task's Workflow did."""
    canceled_reason_code: int | None = None
    """Twilio's code for why it was canceled, if its customer cannot be called."""

    @property
    def is_open(self) -> bool:
        return self.reservation_status in OPEN_RESERVATION

    @property
    def is_pending(self) -> bool:
        return self.reservation_status is ReservationStatus.PENDING


@dataclass(slots=True, eq=False, kw_only=True)
class Transfer(Record):
    """A Worker hands an assigned Task over, to another Worker or to a TaskQueue.

    Fields: those of the browser SDK's transfers. The Task stays the same one, and gets a second Reservation.
    """

    task_sid: str
    initiating_reservation_sid: str
    initiating_worker_sid: str
    initiating_queue_sid: str | None = None
    """Where the Task was before; None for one that was sent straight to a Worker, as is the next."""
    initiating_workflow_sid: str | None = None
    transfer_mode: TransferMode
    transfer_type: TransferType
    transfer_to: str
    transfer_status: TransferStatus = TransferStatus.INITIATED
    transfer_failed_reason: str | None = None
    """Why it failed, or the last attempt to find somebody in the TaskQueue did."""

    @property
    def is_to_queue(self) -> bool:
        return self.transfer_type is TransferType.QUEUE


class Party(StrEnum):
    """Who is at the other end of a call."""

    CUSTOMER = "customer"
    WORKER = "worker"
    SUPERVISOR = "supervisor"


class CallOutcome(StrEnum):
    """What becomes of a call that rings. No telephone is involved: whoever uses the sandbox says it beforehand."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    HANGUP = "hangup"
    """the customer hangs up while it rings"""


@dataclass(slots=True, eq=False, kw_only=True)
class CallLeg(Record):
    """One simulated phone call. Its SID ends in its call SID; `calls.py` says what can happen to it."""

    task_sid: str
    party: Party
    reservation_sid: str = ""
    """For which it was made; the empty string for the customer who came with the Task."""
    instruction: Instruction | None = None
    """Which made it."""
    to: str = ""
    from_: str = ""
    status: CallStatus = CallStatus.RINGING
    outcome: CallOutcome = CallOutcome.ANSWERED
    due_at: datetime | None = None
    """When the outcome comes about or, once it was answered, the call ends; None: not by itself."""
    ends_after_seconds: int | None = None
    """From the answer to the end; None until somebody hangs up or the Task ends."""
    accepts: bool = False
    """Whether the answer accepts the Reservation."""
    post_work_activity_sid: str | None = None
    ends_conference: bool = False
    """Whether the conference ends for all when this one leaves it."""
    customer_ends_conference: bool = False
    """The same of the customer, who may be called later; on the Worker's leg."""
    supervisor_mode: str | None = None
    muted: bool = False
    """Whether the others in the conference do not hear this one."""
    on_hold: bool = False
    """Whether this one hears music in place of the conference."""
    beeps_on_exit: bool = False

    @property
    def call_sid(self) -> str:
        return self.sid.rpartition("/")[2]

    @property
    def is_live(self) -> bool:
        return self.status in (CallStatus.RINGING, CallStatus.IN_PROGRESS)


@dataclass(slots=True, eq=False, kw_only=True)
class CallRule(Record):
    """What becomes of calls to an address, or to every other one if `to` is empty. `sid` is `<WS…>/calls/<to>`."""

    to: str = ""
    outcome: CallOutcome = CallOutcome.ANSWERED
    answer_after_seconds: int = 1
    """Until the outcome comes about; one who does not answer rings for the instruction's timeout."""
    ends_after_seconds: int | None = None


KINDS: dict[str, type[Record]] = {
    "workspace": Workspace,
    "activity": Activity,
    "task_channel": TaskChannel,
    "worker": Worker,
    "worker_channel": WorkerChannel,
    "task_queue": TaskQueue,
    "workflow": Workflow,
    "workflow_revision": WorkflowRevision,
    "task": Task,
    "reservation": Reservation,
    "transfer": Transfer,
    "call_leg": CallLeg,
    "call_rule": CallRule,
}
"""Every kind of record, by the name under which the store keeps it."""
