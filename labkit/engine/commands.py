"""What can be asked of the engine. Each command is a value; `handlers/` says what it does.

Updates carry `changes`: only the fields that were given, by their names in `resources.py`. None clears a field.
`if_match` is the version that the caller wants to change, as it wrote it, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labkit import limits
from labkit.engine.resources import CallOutcome
from labkit.vocabulary import Instruction, TaskOrder, TransferMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Asked within one Workspace (for a new one: the empty string)."""

    workspace_sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWorkspace(Command):
    account_sid: str
    friendly_name: str
    template: str = "NONE"
    event_callback_url: str = ""
    events_filter: str | None = None
    multi_task_enabled: bool = True
    prioritize_queue_order: TaskOrder = TaskOrder.FIFO


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateActivity(Command):
    friendly_name: str
    available: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTaskChannel(Command):
    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTaskQueue(Command):
    friendly_name: str
    target_workers: str = "1==1"
    max_reserved_workers: int = limits.DEFAULT_RESERVED_WORKERS
    task_order: TaskOrder = TaskOrder.FIFO
    reservation_activity_sid: str | None = None
    assignment_activity_sid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWorker(Command):
    friendly_name: str
    activity_sid: str | None = None
    attributes: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWorkflow(Command):
    friendly_name: str
    configuration: str
    assignment_callback_url: str = ""
    fallback_assignment_callback_url: str = ""
    task_reservation_timeout: int = limits.DEFAULT_RESERVATION_TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask(Command):
    attributes: str = "{}"
    workflow_sid: str | None = None
    priority: int | None = None
    timeout: int = limits.DEFAULT_TASK_TIMEOUT_SECONDS
    task_channel: str = "default"
    virtual_start_time: datetime | None = None
    routing_target: str | None = None
    ignore_capacity: bool | None = None
    task_queue_sid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Command):
    """The base of all updates of one record."""

    sid: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    if_match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWorkspace(Update):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateActivity(Update):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTaskChannel(Update):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTaskQueue(Update):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWorker(Update):
    reject_pending_reservations: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWorkerChannel(Update):
    worker_sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateWorkflow(Update):
    re_evaluate_tasks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTask(Update):
    """`changes` may hold attributes, priority, task_channel, virtual_start_time, assignment_status and reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateReservation(Update):
    """`changes` may hold reservation_status and worker_activity_sid (with rejected)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructReservation(Update):
    """Carry out an instruction that needs a telephone. `changes` are its fields, checked by `instructions.py`."""

    instruction: Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTask(Command):
    """Hand an assigned Task over. `to` is the SID of a Worker or of a TaskQueue.

    `worker_sid` is who asks, and has accepted the Task with the Reservation `reservation_sid`. `attributes` replace the
    Task's, `priority` becomes the Task's; None leaves them.
    """

    worker_sid: str
    reservation_sid: str
    task_sid: str
    to: str
    mode: TransferMode = TransferMode.WARM
    attributes: str | None = None
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer(Command):
    """End the transfer `sid` before anybody has accepted; `worker_sid` is who asks, and has begun it."""

    worker_sid: str
    sid: str
    task_sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCallRule(Command):
    """Say what becomes of calls to an address, or with an empty `to` of all that have no rule of their own."""

    to: str = ""
    outcome: CallOutcome = CallOutcome.ANSWERED
    answer_after_seconds: int = 1
    ends_after_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(Command):
    """End a live call. `sid` is a CallLeg's, or its call SID."""

    sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateParticipant(Command):
    """Change how somebody takes part in the conference of a Task.

    `asking_sid` is the Worker who asks and is in it too; `worker_sid` whom it is about, empty for the customer.
    `changes` may hold muted, on_hold, ends_conference and beeps_on_exit, each True or False.
    """

    task_sid: str
    asking_sid: str
    worker_sid: str = ""
    changes: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KickParticipant(Command):
    """Put the Worker `worker_sid` out of the conference of a Task; `asking_sid` is the Worker who asks."""

    task_sid: str
    asking_sid: str
    worker_sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Command):
    """The base of all deletions."""

    sid: str
    if_match: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWorkspace(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteActivity(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTaskChannel(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTaskQueue(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWorker(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWorkflow(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTask(Delete):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentAnswered(Command):
    """An assignment callback URL answered something that was understood.

    `instruction` is one of `labkit.vocabulary.Instruction`, or None when there is nothing to do. `fields` are its own,
    by their names in the answer, checked by `instructions.py`.
    """

    reservation_sid: str
    instruction: Instruction | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentFailed(Command):
    """Neither the assignment callback URL nor its fallback answered in time with 200."""

    reservation_sid: str
