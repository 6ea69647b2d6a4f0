"""What is known of a Workspace, and how news changes it. No IO, no threads, no clock; `LiveWorkspace` has those.

Every piece of news is numbered, so that a reading over REST can tell what has changed since it began.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from labkit.callback_events import EventCallback
from labkit.live.events import meaning_of
from labkit.live.merge import (
    Callback,
    event_type_of,
    merge_channel,
    merge_reservation,
    merge_task,
    merge_transfers,
    merge_worker,
    more_exact,
)
from labkit.live.task_status import TAKEN, WAITING, held_by
from labkit.live.views import (
    FINAL,
    ActivityView,
    ChannelView,
    ReservationView,
    TaskView,
    WorkerView,
    task_rank,
)
from labkit.taskrouter.records import (
    ActivityRecord,
    NamedRecord,
    ReservationRecord,
    TaskQueueRecord,
    TaskRecord,
    WorkerChannelRecord,
    WorkerRecord,
)
from labkit.vocabulary import EventType, ReservationStatus, TaskStatus

ENDED_RESERVATIONS = 200
TASKS = 5_000


class WorkspaceView:
    """Activities, Workers, Tasks and Reservations by SID; a Worker's channels by its SID. Not thread-safe by itself."""

    def __init__(self) -> None:
        self.activities: dict[str, ActivityView] = {}
        self.workers: dict[str, WorkerView] = {}
        self.channels: dict[str, tuple[ChannelView, ...]] = {}
        self.tasks: OrderedDict[str, TaskView] = OrderedDict()
        self.reservations: dict[str, ReservationView] = {}
        self.timeouts: dict[str, int] = {}
        self.workflows: tuple[NamedRecord, ...] = ()
        self.task_channels: tuple[NamedRecord, ...] = ()
        self.task_queues: tuple[TaskQueueRecord, ...] = ()
        self.news = 0
        self._of_task: defaultdict[str, set[str]] = defaultdict(set)
        self._touched: dict[str, int] = {}
        self._overtaken: set[str] = set()
        self._gone: set[str] = set()  # Workers that were deleted: late news does not bring them back

    def apply(self, callback: Callback, *, at: datetime, created: datetime) -> set[str]:
        """Take in a callback, of either kind; returns which topics it changed.

        `at` is when TaskRouter says it happened, `created` when the Reservation began if this is its first news.
        """
        self.news += 1
        topics = set()
        if sid := callback.task_sid:
            self._touched[sid] = self.news
            self._put_task(merge_task(self.tasks.get(sid), callback, at))
            if isinstance(callback, EventCallback):
                self.put_transfer(callback, at=at)
            topics |= {"tasks", "reservations"}
        if sid := callback.worker_sid:
            self._touched[sid] = self.news
            self._hear_of_worker(callback, at)
            topics |= {"workers", "reservations"}
        if sid := callback.reservation_sid:
            self._touched[sid] = self.news
            self._hear_of_reservation(callback, at, created)
        self._hold(callback.task_sid)
        return topics

    def put_activities(self, records: Sequence[ActivityRecord]) -> None:
        """These are the Activities now; the Workers' availability follows."""
        self.activities = {r.sid: ActivityView(r.sid, r.name, r.available) for r in records}
        for sid, worker in self.workers.items():
            self.workers[sid] = self._with_activity(worker)

    def put_workers(self, records: Sequence[WorkerRecord], *, since: int) -> None:
        """These are all Workers; news after number `since` is newer than they are."""
        for record in records:
            if self._touched.get(record.sid, 0) <= since:
                self.workers[record.sid] = _worker(record)
        for sid in self._missing(self.workers, {r.sid for r in records}, since):
            self.drop_worker(sid)

    def put_worker(self, record: WorkerRecord) -> None:
        """A REST call has created or changed this Worker; its Activity is known better from what was heard of it."""
        self._touch(record.sid)
        known = self.workers.get(record.sid)
        new = replace(known, name=record.name, attributes=record.attributes) if known else _worker(record)
        self.workers[record.sid] = self._with_activity(new)

    def drop_worker(self, sid: str) -> None:
        """This Worker is deleted."""
        self._touch(sid)
        self._gone.add(sid)
        self.workers.pop(sid, None)
        self.channels.pop(sid, None)

    def expect_channels(self, worker_sid: str) -> None:
        """The channels of this Worker are about to be read: what is heard from now on is newer."""
        self._overtaken.discard(worker_sid)

    def put_channels(self, worker_sid: str, records: Sequence[WorkerChannelRecord]) -> None:
        """These are all channels of a Worker, unless they have changed while they were read."""
        if worker_sid not in self._overtaken:
            self.channels[worker_sid] = tuple(map(_channel, records))

    def put_channel(self, worker_sid: str, record: WorkerChannelRecord) -> None:
        """A REST call has changed this channel of a Worker."""
        if worker_sid in self.channels:
            new = _channel(record)
            self.channels[worker_sid] = tuple(new if c.name == new.name else c for c in self.channels[worker_sid])

    def put_reservations(self, records: Sequence[ReservationRecord], *, since: int, now: datetime) -> None:
        """These are all open Reservations; open ones that are not among them are over, and leave."""
        taken = Counter(r.task_sid for r in records if r.status in TAKEN)
        self._infer_transfers(records, taken)
        for r in records:
            new = ReservationView(r.sid, r.status, r.task_sid, r.worker_sid, r.worker_name, r.date_created)
            if r.status == ReservationStatus.PENDING and taken[r.task_sid]:
                new = replace(new, by_transfer=True)
            self.put_reservation(merge_reservation(self.reservations.get(r.sid), new), at=now)
        still_open = [sid for sid, r in self.reservations.items() if not r.is_over]
        for sid in self._missing(still_open, {r.sid for r in records}, since):
            task_sid = self.reservations[sid].task_sid
            self._drop_reservation(sid)
            self._hold(task_sid)

    def put_tasks(self, records: Sequence[TaskRecord], *, since: int) -> list[str]:
        """These are all open Tasks; returns those that are known and not among them, so that they are over.

        News after number `since` is newer than they are.
        """
        for record in records:
            known = self.tasks.get(record.sid)
            self.put_task(record)
            if known is not None and self._touched.get(record.sid, 0) <= since:  # then it may go back as well
                status, as_of = record.assignment_status, record.date_updated
                read = replace(self.tasks[record.sid], status=status, as_of=as_of, version=0, said=status)
                self.tasks[record.sid] = read if status in WAITING else _without_transfer(read)
        still_open = [sid for sid, task in self.tasks.items() if task_rank(task.status) != FINAL and not task.deleted]
        return self._missing(still_open, {record.sid for record in records}, since)

    def put_transfer(self, event: EventCallback, *, at: datetime) -> None:
        """An Event, of whatever age, of a Task: if it tells of a transfer, that is known from now on."""
        if (task := self.tasks.get(event.task_sid)) is not None:
            self.tasks[task.sid] = replace(task, transfers=merge_transfers(task.transfers, event, at))
            self._hold(task.sid)

    def put_task(self, record: TaskRecord) -> None:
        """A REST call returned this Task; it fills gaps, and moves the status forward only."""
        known = self.tasks.get(record.sid) or TaskView(sid=record.sid)
        ahead = task_rank(record.assignment_status) > task_rank(known.status) or known.as_of is None
        self._put_task(
            replace(
                known,
                status=record.assignment_status if ahead else known.status,
                attributes=record.attributes,
                task_queue_name=record.task_queue_name or known.task_queue_name,
                workflow=known.workflow or record.workflow_name or "",
                task_channel=record.task_channel or known.task_channel,
                priority=record.priority,
                created_at=more_exact(known.created_at, record.date_created),
            )
        )
        self._set_deadlines()

    def drop_task(self, sid: str) -> None:
        """This Task is gone; what is heard of it later does not bring it back."""
        if known := self.tasks.get(sid):
            self._put_task(replace(known, deleted=True))

    def put_timeout(self, workflow: str, seconds: int) -> None:
        """The Workflow (by SID or name) gives its Workers so long to answer."""
        self.timeouts[workflow] = seconds
        self._set_deadlines()

    def put_reservation(self, reservation: ReservationView, *, at: datetime) -> None:
        """Keep this Reservation; if it is over, `at` is when that became known of it."""
        if reservation.is_over and reservation.ended_at is None:
            reservation = replace(reservation, ended_at=at)
        self.reservations[reservation.sid] = self._with_deadline(reservation)
        self._of_task[reservation.task_sid].add(reservation.sid)
        self._hold(reservation.task_sid)
        if len(self.reservations) > ENDED_RESERVATIONS:
            for sid in [r.sid for r in self.reservations.values() if r.is_over][:-ENDED_RESERVATIONS]:
                self._drop_reservation(sid)
                self._touched.pop(sid, None)

    def move_worker(self, sid: str, activity: str, *, now: datetime) -> None:
        """A REST call has moved this Worker to `activity` (SID or name); older news of it will not move it back."""
        worker, entered = self.workers.get(sid), self._activity(activity, activity)
        if worker is None or entered is None or worker.activity_name == entered.name:
            return
        self.workers[sid] = self._with_activity(
            replace(worker, activity_sid=entered.sid, activity_name=entered.name, activity_since=now)
        )

    def unexplained_tasks(self) -> list[str]:
        """Tasks of open Reservations of which no queue or Workflow is known, so that REST has to be asked."""
        sids = dict.fromkeys(r.task_sid for r in self.reservations.values() if not r.is_over and r.task_sid)
        return [
            sid for sid in sids if not (task := self.tasks.get(sid)) or not (task.task_queue_name and task.workflow)
        ]

    def unknown_timeouts(self) -> list[str]:
        """Workflows of open Reservations whose time to answer is not known."""
        waiting = (r.task_sid for r in self.reservations.values() if not r.is_over and r.deadline is None)
        names = dict.fromkeys(self.tasks[sid].workflow for sid in waiting if sid in self.tasks)
        return [name for name in names if name and name not in self.timeouts]

    def name_of(self, sid: str) -> str:
        """What a Worker or a TaskQueue is called; empty where it is not known."""
        if worker := self.workers.get(sid):
            return worker.name
        return next((queue.name for queue in self.task_queues if queue.sid == sid), "")

    def with_giver(self, event: EventCallback) -> EventCallback:
        """The Event, with who hands the Task over: of the Reservation that a transfer makes, TaskRouter does not say.

        Which transfer that is follows from their order.
        """
        task = self.tasks.get(event.task_sid)
        if not event.is_of_transfer or event.transfer_initiating_worker_sid or task is None or not task.transfers:
            return event
        return replace(event, transfer_initiating_worker_sid=task.transfers[-1].worker_sid)

    def knows_activities(self) -> bool:
        """Whether the Activity of every Worker is among the known ones."""
        return all(self._activity(w.activity_sid, w.activity_name) for w in self.workers.values() if w.activity_name)

    def _hear_of_worker(self, callback: Callback, at: datetime) -> None:
        sid = callback.worker_sid
        if event_type_of(callback) == EventType.WORKER_DELETED:
            self.drop_worker(sid)
        if sid in self._gone:
            return
        if isinstance(callback, EventCallback) and meaning_of(callback.event_type).changes_channel:
            self._hear_of_channel(callback)
        self.workers[sid] = self._with_activity(merge_worker(self.workers.get(sid), callback, at))

    def _hear_of_channel(self, event: EventCallback) -> None:
        worker_sid, named = event.worker_sid, event.task_channel_unique_name
        merged = [merge_channel(c, event) if c.name == named else c for c in self.channels.get(worker_sid, ())]
        kept = tuple(channel for channel in merged if channel)
        if kept and len(kept) == len(merged):
            self.channels[worker_sid] = kept
        else:  # not read yet, or what changed is not told: it has to be read
            self.channels.pop(worker_sid, None)
            self._overtaken.add(worker_sid)

    def _hear_of_reservation(self, callback: Callback, at: datetime, created: datetime) -> None:
        sid, event_type = callback.reservation_sid, event_type_of(callback)
        status = meaning_of(event_type).reservation_status if event_type else ReservationStatus.PENDING
        if status is None:
            return
        new = ReservationView(
            sid, status, callback.task_sid, callback.worker_sid, callback.worker_name, created_at=created
        )
        merged = merge_reservation(self.reservations.get(sid), new)
        if isinstance(callback, EventCallback) and event_type == EventType.RESERVATION_CREATED:
            merged = replace(
                merged,
                created_at=created,
                deadline=None,
                by_transfer=merged.by_transfer or callback.is_of_transfer,
                transfer_sid=callback.task_transfer_sid,
            )
        self.put_reservation(merged, at=at)

    def _infer_transfers(self, records: Sequence[ReservationRecord], taken: Counter[str]) -> None:
        """REST tells of no transfer, but nothing else makes a Reservation beside one that was accepted.

        Nor is a Task assigned in any other way while its only Reservation is being wrapped up.
        """
        accepted = {r.task_sid for r in records if r.status == ReservationStatus.ACCEPTED}
        several = Counter(r.task_sid for r in records)
        for task in [self.tasks[sid] for sid in taken if sid in self.tasks]:
            wraps_up = task.status == TaskStatus.ASSIGNED and task.sid not in accepted
            if several[task.sid] > 1 or wraps_up:
                self.tasks[task.sid] = replace(task, was_handed_over=True)

    def _drop_reservation(self, sid: str) -> None:
        gone = self.reservations.pop(sid)
        others = self._of_task[gone.task_sid]
        others.discard(sid)
        if not others:
            del self._of_task[gone.task_sid]

    def _hold(self, task_sid: str) -> None:
        """The Task is as its Reservations have it."""
        task = self.tasks.get(task_sid)
        if task is not None and (task_sid in self._of_task or task.transfers):
            status = held_by((self.reservations[sid] for sid in self._of_task.get(task_sid, ())), task)
            if status != task.status:
                self.tasks[task_sid] = replace(task, status=status)

    def _put_task(self, task: TaskView) -> None:
        self.tasks[task.sid] = task
        if len(self.tasks) > TASKS:
            over = next((t.sid for t in self.tasks.values() if task_rank(t.status) == FINAL or t.deleted), None)
            gone = self.tasks.pop(over) if over else self.tasks.popitem(last=False)[1]
            self._touched.pop(gone.sid, None)

    def _activity(self, sid: str, name: str) -> ActivityView | None:
        return self.activities.get(sid) or next((a for a in self.activities.values() if a.name == name), None)

    def _touch(self, sid: str) -> None:
        self.news += 1
        self._touched[sid] = self.news

    def _with_activity(self, worker: WorkerView) -> WorkerView:
        activity = self._activity(worker.activity_sid, worker.activity_name)
        if activity is None:
            return worker
        return replace(worker, activity_sid=activity.sid, activity_name=activity.name, available=activity.available)

    def _with_deadline(self, reservation: ReservationView) -> ReservationView:
        task = self.tasks.get(reservation.task_sid)
        seconds = self.timeouts.get(task.workflow) if task else None
        if seconds is None or reservation.created_at is None or reservation.deadline is not None:
            return reservation
        return replace(reservation, deadline=reservation.created_at + timedelta(seconds=seconds))

    def _set_deadlines(self) -> None:
        for sid, reservation in self.reservations.items():
            self.reservations[sid] = self._with_deadline(reservation)

    def _missing(self, known: Iterable[str], listed: set[str], since: int) -> list[str]:
        return [sid for sid in known if sid not in listed and self._touched.get(sid, 0) <= since]


def _worker(record: WorkerRecord) -> WorkerView:
    return WorkerView(
        sid=record.sid,
        name=record.name,
        activity_name=record.activity_name,
        activity_sid=record.activity_sid,
        available=record.available,
        attributes=record.attributes,
        activity_since=record.date_status_changed,
        as_of=record.date_updated,
    )


def _without_transfer(task: TaskView) -> TaskView:
    """A Task that is assigned is not being handed over: how the transfer ended was not heard."""
    return replace(task, transfers=tuple(each for each in task.transfers if not each.is_under_way))


def _channel(record: WorkerChannelRecord) -> ChannelView:
    return ChannelView(record.sid, record.name, record.configured_capacity, record.available)
