"""What each type of Event means to the lab: one row for each (docs: /docs/taskrouter/api/event/reference).

A new type of Event is a line in `labkit.vocabulary.EventType` and a row here: the story, the timeline and the views
read this table, and the glossary's list is made from it. A type without a row is told in TaskRouter's own words.
"""

from __future__ import annotations

from dataclasses import dataclass

from labkit.vocabulary import EventType, ReservationStatus, TaskStatus, TransferStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMeaning:
    """A row.

    Attributes:
        sentence: how the story says it, with words in braces that `sentences` fills in; empty where TaskRouter's own
            description says it.
        task_status: the Task's afterwards, where the Event itself does not say it.
        reservation_status: the Reservation's afterwards.
        transfer_status: the transfer's afterwards.
        mark: how the timeline draws it: `event`, `timeout`, `refused` or `transfer`.
        milestone: whether it is one of the great steps of a Task.
        removes_task: whether the Task is gone afterwards.
        changes_channel: whether a Worker's capacity or availability on a TaskChannel is another one now.
        changes_settings: whether Activities, Workflows, TaskChannels or TaskQueues have to be read again.
    """

    sentence: str = ""
    task_status: TaskStatus | None = None
    reservation_status: ReservationStatus | None = None
    transfer_status: TransferStatus | None = None
    mark: str = "event"
    milestone: bool = False
    removes_task: bool = False
    changes_channel: bool = False
    changes_settings: bool = False


_SETTINGS = EventMeaning(changes_settings=True)
_TOLD = EventMeaning()

EVENTS: dict[str, EventMeaning] = {
    EventType.TASK_CREATED: EventMeaning(sentence="{task} was created", task_status=TaskStatus.PENDING, milestone=True),
    EventType.TASK_UPDATED: EventMeaning(sentence="{task} was updated"),
    EventType.TASK_CANCELED: EventMeaning(sentence="{task} was canceled{because}", task_status=TaskStatus.CANCELED),
    EventType.TASK_WRAPUP: EventMeaning(sentence="{task} is being wrapped up", task_status=TaskStatus.WRAPPING),
    EventType.TASK_COMPLETED: EventMeaning(
        sentence="{task} is completed{because}", task_status=TaskStatus.COMPLETED, milestone=True
    ),
    EventType.TASK_DELETED: EventMeaning(sentence="{task} was deleted", removes_task=True),
    EventType.TASK_SYSTEM_DELETED: EventMeaning(sentence="{task} was removed by TaskRouter", removes_task=True),
    EventType.TASK_TRANSFER_INITIATED: EventMeaning(
        sentence="{giver} hands {task} over to {taker}{mode}",
        transfer_status=TransferStatus.INITIATED,
        mark="transfer",
    ),
    EventType.TASK_TRANSFER_ATTEMPT_FAILED: EventMeaning(
        sentence="Nobody of {taker} has taken {task} over yet", transfer_status=TransferStatus.INITIATED
    ),
    EventType.TASK_TRANSFER_FAILED: EventMeaning(
        sentence="{task} was not handed over to {taker}{failed}",
        transfer_status=TransferStatus.FAILED,
        mark="refused",
    ),
    EventType.TASK_TRANSFER_CANCELED: EventMeaning(
        sentence="{giver} took {task} back before {taker} had it",
        transfer_status=TransferStatus.CANCELED,
        mark="refused",
    ),
    EventType.TASK_TRANSFER_COMPLETED: EventMeaning(
        sentence="{task} was handed over to {taker}", transfer_status=TransferStatus.COMPLETE
    ),
    EventType.WORKFLOW_ENTERED: EventMeaning(sentence="{task} entered the Workflow {workflow}"),
    EventType.WORKFLOW_TARGET_MATCHED: EventMeaning(sentence="{task} matched a target of the Workflow: {queue}"),
    EventType.WORKFLOW_TIMEOUT: EventMeaning(
        sentence="{task} fell out of the Workflow: no target was left", mark="timeout"
    ),
    EventType.WORKFLOW_SKIPPED: EventMeaning(sentence="{task} skipped a target of the Workflow"),
    EventType.WORKFLOW_CREATED: _SETTINGS,
    EventType.WORKFLOW_UPDATED: _SETTINGS,
    EventType.WORKFLOW_DELETED: _SETTINGS,
    EventType.TASK_QUEUE_ENTERED: EventMeaning(sentence="{task} waits in {queue}"),
    EventType.TASK_QUEUE_TIMEOUT: EventMeaning(sentence="{task} waited too long in {queue}", mark="timeout"),
    EventType.TASK_QUEUE_MOVED: EventMeaning(sentence="{task} moved to {queue}"),
    EventType.TASK_QUEUE_CREATED: _SETTINGS,
    EventType.TASK_QUEUE_DELETED: _SETTINGS,
    EventType.TASK_QUEUE_EXPRESSION_UPDATED: _SETTINGS,
    EventType.RESERVATION_CREATED: EventMeaning(
        sentence="{worker} was reserved for {task}{handed}",
        task_status=TaskStatus.RESERVED,
        reservation_status=ReservationStatus.PENDING,
        milestone=True,
    ),
    EventType.RESERVATION_ACCEPTED: EventMeaning(
        sentence="The Reservation of {worker} for {task} was accepted",
        task_status=TaskStatus.ASSIGNED,
        reservation_status=ReservationStatus.ACCEPTED,
        milestone=True,
    ),
    EventType.RESERVATION_REJECTED: EventMeaning(
        sentence="{worker} rejected the Reservation for {task}",
        reservation_status=ReservationStatus.REJECTED,
        mark="refused",
    ),
    EventType.RESERVATION_TIMEOUT: EventMeaning(
        sentence="The Reservation of {worker} for {task} timed out",
        reservation_status=ReservationStatus.TIMEOUT,
        mark="timeout",
    ),
    EventType.RESERVATION_CANCELED: EventMeaning(
        sentence="The Reservation of {worker} for {task} was canceled",
        reservation_status=ReservationStatus.CANCELED,
        mark="refused",
    ),
    EventType.RESERVATION_RESCINDED: EventMeaning(
        sentence="The Reservation of {worker} for {task} was rescinded: another Worker was first",
        reservation_status=ReservationStatus.RESCINDED,
        mark="refused",
    ),
    EventType.RESERVATION_FAILED: EventMeaning(
        sentence="The instruction for the Reservation of {worker} failed", mark="refused"
    ),
    EventType.RESERVATION_WRAPUP: EventMeaning(
        sentence="{worker} is wrapping up {task}",
        task_status=TaskStatus.WRAPPING,
        reservation_status=ReservationStatus.WRAPPING,
    ),
    EventType.RESERVATION_COMPLETED: EventMeaning(
        sentence="The Reservation of {worker} for {task} is completed",
        reservation_status=ReservationStatus.COMPLETED,
    ),
    EventType.WORKER_CREATED: EventMeaning(sentence="The Worker {worker} was created"),
    EventType.WORKER_DELETED: EventMeaning(sentence="The Worker {worker} was deleted"),
    EventType.WORKER_ACTIVITY_UPDATE: EventMeaning(sentence="{worker} is now {activity}"),
    EventType.WORKER_ATTRIBUTES_UPDATE: EventMeaning(sentence="The attributes of {worker} were changed"),
    EventType.WORKER_CAPACITY_UPDATE: EventMeaning(
        sentence="The capacity of {worker} on {channel} was changed", changes_channel=True
    ),
    EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE: EventMeaning(
        sentence="The availability of {worker} on {channel} was changed", changes_channel=True
    ),
    EventType.ACTIVITY_CREATED: _SETTINGS,
    EventType.ACTIVITY_UPDATED: _SETTINGS,
    EventType.ACTIVITY_DELETED: _SETTINGS,
    EventType.TASK_CHANNEL_CREATED: _SETTINGS,
    EventType.TASK_CHANNEL_UPDATED: _SETTINGS,
    EventType.TASK_CHANNEL_DELETED: _SETTINGS,
    EventType.WORKSPACE_CREATED: _TOLD,
    EventType.WORKSPACE_UPDATED: _TOLD,
    EventType.WORKSPACE_DELETED: _TOLD,
}


def meaning_of(event_type: str) -> EventMeaning:
    """Its row; of a type that has none, the row that changes nothing."""
    return EVENTS.get(event_type, _TOLD)


def topic_of(event_type: str) -> str:
    """What an Event is about: task, worker, reservation, queue, workflow or other."""
    family = event_type.partition(".")[0]
    if family == "task-queue":
        return "queue"
    return family if family in ("task", "worker", "reservation", "workflow") else "other"
