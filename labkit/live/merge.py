"""From a callback to views: what one piece of news changes in what is known already.

Pure functions. News may be late, doubled or out of order: a status never goes back from a final one, older news
only fills gaps, and a callback that lacks a field, or has nonsense in it, changes nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from labkit.callback_events import AssignmentCallback, EventCallback, unix_moment
from labkit.live.events import meaning_of
from labkit.live.views import (
    FINAL,
    ChannelView,
    ReservationView,
    TaskView,
    TransferView,
    WorkerView,
    reservation_rank,
    task_rank,
)
from labkit.vocabulary import EventType, TaskStatus

Callback = AssignmentCallback | EventCallback

TRANSFERS = 20
"""How many of a Task's are kept."""


def event_type_of(callback: Callback) -> str:
    """The type of an Event; empty for an assignment callback."""
    return callback.event_type if isinstance(callback, EventCallback) else ""


def merge_task(known: TaskView | None, callback: Callback, at: datetime) -> TaskView:
    """The Task after this news of it; `callback` has its SID. What its Reservations say of it is left to the caller."""
    task = known or TaskView(sid=callback.task_sid)
    version = callback.task_version or 0 if isinstance(callback, EventCallback) else 0
    newer = task.as_of is None or (at, version) >= (task.as_of, task.version)
    status = task_status(callback)
    if status and _task_moves(task, status, newer=newer):
        task = replace(task, status=status)
    if newer and status:
        task = replace(task, as_of=at, version=version, said=status)
    if meaning_of(event_type_of(callback)).removes_task:
        task = replace(task, deleted=True)
    return replace(_described(task, callback, newer=newer), created_at=_created(task, callback, at))


def merge_worker(known: WorkerView | None, callback: Callback, at: datetime) -> WorkerView:
    """The Worker after this news of it; `callback` has its SID. Availability is left to the caller."""
    worker = known or WorkerView(sid=callback.worker_sid)
    version = callback.worker_version or 0 if isinstance(callback, EventCallback) else 0
    entered = _entered_activity(callback, at)
    activity = callback.worker_activity_name
    if worker.as_of is not None and (at, version) < (worker.as_of, worker.version):
        # Older news may still tell when the Activity was entered that it is in.
        earlier = worker.activity_since is None or (entered is not None and entered > worker.activity_since)
        same = entered is not None and activity == worker.activity_name
        return replace(worker, activity_since=entered) if same and earlier else worker
    worker = replace(
        worker,
        name=callback.worker_name or worker.name,
        attributes=_kept(callback.worker_attributes, worker.attributes),
    )
    if not activity:  # says nothing of the Activity, so older news of that is still news
        return worker
    moved = activity != worker.activity_name
    since = entered or (None if moved else worker.activity_since)
    return replace(
        worker,
        activity_name=activity,
        activity_sid=callback.worker_activity_sid or ("" if entered is not None or moved else worker.activity_sid),
        activity_since=since,
        as_of=at,
        version=version,
    )


def _entered_activity(callback: Callback, at: datetime) -> datetime | None:
    """When the Worker came into the Activity that this news tells of; None where it does not say."""
    if not isinstance(callback, EventCallback):
        return None
    if callback.event_type == EventType.WORKER_CREATED:
        return at
    if callback.event_type != EventType.WORKER_ACTIVITY_UPDATE:
        return None
    was_set_again = callback.worker_previous_activity_sid == callback.worker_activity_sid != ""
    return at - timedelta(milliseconds=callback.worker_time_in_previous_activity_ms or 0) if was_set_again else at


def merge_channel(known: ChannelView, event: EventCallback) -> ChannelView | None:
    """A Worker's channel after this news of it, or None when the news does not say what its capacity is now."""
    capacity, available = event.worker_channel_capacity, event.worker_channel_available
    if capacity is None or available is None:
        return None
    return replace(known, capacity=capacity, available=available)


def merge_reservation(known: ReservationView | None, new: ReservationView) -> ReservationView:
    """The Reservation after this news of it; gaps are filled from either, the status only moves forward."""
    if known is None:
        return new
    ahead = reservation_rank(new.status) > reservation_rank(known.status)
    return replace(
        known,
        status=new.status if ahead else known.status,
        task_sid=known.task_sid or new.task_sid,
        worker_sid=known.worker_sid or new.worker_sid,
        worker_name=known.worker_name or new.worker_name,
        created_at=known.created_at or new.created_at,
        by_transfer=known.by_transfer or new.by_transfer,
        transfer_sid=known.transfer_sid or new.transfer_sid,
    )


def merge_transfers(known: tuple[TransferView, ...], event: EventCallback, at: datetime) -> tuple[TransferView, ...]:
    """A Task's transfers after this news of one; what is over stays over, in whatever order it is heard."""
    status = meaning_of(event.event_type).transfer_status
    if status is None:
        return known
    before = next((each for each in known if each.sid == event.task_transfer_sid), None)
    transfer = before or TransferView(sid=event.task_transfer_sid, began_at=at)
    begins = event.event_type == EventType.TASK_TRANSFER_INITIATED
    transfer = replace(
        transfer,
        status=status if transfer.is_under_way else transfer.status,
        mode=transfer.mode or event.transfer_mode,
        to=transfer.to or event.transfer_to,
        worker_sid=transfer.worker_sid or event.transfer_initiating_worker_sid,
        reservation_sid=transfer.reservation_sid or event.transfer_initiating_reservation_sid,
        failed_reason=event.transfer_failed_reason or transfer.failed_reason,
        began_at=at if begins else transfer.began_at,
    )
    others = [each for each in known if each is not before]
    return tuple(sorted([*others, transfer], key=lambda each: each.began_at or at))[-TRANSFERS:]


def more_exact(known: datetime | None, said: datetime) -> datetime:
    """When something was created: as TaskRouter says, to the whole second, refined by what is known where that agrees.

    What is known may be a guess, from a Task's age in whole seconds.
    """
    return known if known is not None and known.replace(microsecond=0) == said.replace(microsecond=0) else said


def task_status(callback: Callback) -> str:
    """The Task's status as an Event says it, else by the Event's type; empty where neither tells."""
    if not isinstance(callback, EventCallback):
        return ""
    said = callback.task_assignment_status
    return said if said in set(TaskStatus) else meaning_of(callback.event_type).task_status or ""


def _task_moves(task: TaskView, status: str, *, newer: bool) -> bool:
    if task.as_of is None and task_rank(task.status) < FINAL and task_rank(status) >= task_rank(task.status):
        return True
    if task_rank(status) != task_rank(task.status):
        return task_rank(status) > task_rank(task.status)
    return newer and task_rank(status) < FINAL


def _described(task: TaskView, callback: Callback, *, newer: bool) -> TaskView:
    """Newer news says how the Task is; older news only what was not known of it."""
    reason = ""
    if isinstance(callback, EventCallback):
        reason = callback.task_canceled_reason or callback.task_completed_reason

    def chosen(new: str, old: str) -> str:
        return new or old if newer else old or new

    return replace(
        task,
        attributes=_kept(callback.task_attributes, task.attributes) if newer else task.attributes,
        task_queue_name=chosen(callback.task_queue_name, task.task_queue_name),
        workflow=chosen(callback.workflow_sid, task.workflow),
        task_channel=chosen(callback.task_channel_unique_name, task.task_channel),
        priority=callback.task_priority if newer and callback.task_priority is not None else task.priority,
        reason=chosen(reason, task.reason),
    )


def _created(task: TaskView, callback: Callback, at: datetime) -> datetime | None:
    if event_type_of(callback) == EventType.TASK_CREATED:
        return at
    unix = callback.task_date_created if isinstance(callback, EventCallback) else None
    if unix is not None and (said := unix_moment(unix)):
        return more_exact(task.created_at, said)
    if task.created_at is not None:
        return task.created_at
    age = callback.task_age
    return None if age is None or not 0 <= age < 10**8 else at - timedelta(seconds=age)


def _kept(new: Mapping[str, Any] | None, old: Mapping[str, Any]) -> Mapping[str, Any]:
    return old if new is None else new
