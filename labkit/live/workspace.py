"""LiveWorkspace: the truth that the panels draw, fed by callbacks and put right over REST.

Callbacks say what changes as it changes; REST says how things stand. Either may be missing, late or doubled:
event callbacks reach a notebook only where the Workspace has an EventCallbackUrl, and nothing that happened before
the notebook was opened is ever told again. So both feed the same view, and the newer news wins.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.errors import TaskRouterError
from labkit.live.eligible_workers import eligible
from labkit.live.events import meaning_of
from labkit.live.lookups import Lookups
from labkit.live.merge import Callback
from labkit.live.state import WorkspaceView
from labkit.live.story import Story
from labkit.live.throttle import Throttle
from labkit.live.views import (
    ActivityView,
    ChannelView,
    ReservationView,
    StoryLine,
    TaskView,
    WorkerView,
    milliseconds,
    reservation_rank,
)
from labkit.remote_clock import RemoteClock
from labkit.stream import Entry, EventStream, Kind, Subscription
from labkit.taskrouter.records import NamedRecord, TaskQueueRecord, TaskRecord, WorkerChannelRecord, WorkerRecord
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.vocabulary import ReservationStatus

log = logging.getLogger(__name__)

Watcher = Callable[[str], None]

CLOCK = "clock"
"""The topic of a time that was moved, held or let go."""
WORKSPACE = "workspace"
"""The topic of a Workspace that is another one now, or is as it was at another time: what was kept of it is void."""

LOOKED_UP = 200
"""Of Tasks that ended unheard, how many are asked for, to see how; older ones are shown no more."""


class LiveWorkspace:
    """What is known of a Workspace now. All of it may be read from any thread.

    Args:
        stream: where callbacks are published.
        client: REST, for how things stand and for what callbacks leave out.
        clock: now, aware and in UTC; give TaskRouter's clock where it differs from this computer's.

    Attributes:
        clock: TaskRouter's time, as far as it is known.
    """

    def __init__(
        self, stream: EventStream, client: WorkspaceClient, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.clock = clock if isinstance(clock, RemoteClock) else RemoteClock(clock)
        self._unlisten = self.clock.listen(lambda: self._throttle.mark(CLOCK))
        self._stream = stream
        self._client = client
        self._lock = threading.RLock()
        self._view = WorkspaceView()
        self._story = Story()
        self._watchers: list[Watcher] = []
        self._lookups = Lookups()
        self._throttle = Throttle(self._notify, clock=self.clock)
        self._subscription: Subscription | None = None
        self._trouble = ""
        self._epoch = 0
        # Entries of the stream up to this number, and what happened before this time, are void since the last reset.
        self._void, self._since = 0, datetime.min.replace(tzinfo=UTC)

    @property
    def reservations(self) -> list[ReservationView]:
        """Open ones, and those that ended lately; oldest first."""
        with self._lock:
            return sorted(self._view.reservations.values(), key=lambda r: (milliseconds(r.created_at) or 0, r.sid))

    @property
    def workers(self) -> list[WorkerView]:
        """All Workers by name."""
        with self._lock:
            return sorted(self._view.workers.values(), key=lambda w: (w.name.casefold(), w.sid))

    @property
    def tasks(self) -> list[TaskView]:
        """Tasks in the order in which they were heard of; not those that were deleted."""
        with self._lock:
            return [task for task in self._view.tasks.values() if not task.deleted]

    @property
    def activities(self) -> list[ActivityView]:
        """The Workspace's Activities, in TaskRouter's order."""
        with self._lock:
            return list(self._view.activities.values())

    @property
    def epoch(self) -> int:
        """Counts how often the Workspace became another one, or as it was at another time."""
        return self._epoch

    @property
    def trouble(self) -> str:
        """Why the Workspace could not be read last, or that it is gone; empty when all is well."""
        return self._trouble

    @property
    def workflows(self) -> tuple[NamedRecord, ...]:
        """The Workspace's Workflows, in TaskRouter's order."""
        return self._view.workflows

    @property
    def task_channels(self) -> tuple[NamedRecord, ...]:
        """The Workspace's TaskChannels, by unique name, in TaskRouter's order."""
        return self._view.task_channels

    @property
    def task_queues(self) -> tuple[TaskQueueRecord, ...]:
        """The Workspace's TaskQueues, in TaskRouter's order."""
        return self._view.task_queues

    @property
    def story(self) -> list[StoryLine]:
        """The latest events as sentences, newest last, at most `story.LINES`."""
        with self._lock:
            return self._story.lines()

    def task(self, sid: str) -> TaskView | None:
        """One Task, if it was heard of; a deleted one too."""
        with self._lock:
            return self._view.tasks.get(sid)

    def worker(self, sid: str) -> WorkerView | None:
        """One Worker, if it was heard of."""
        with self._lock:
            return self._view.workers.get(sid)

    def name_of(self, sid: str) -> str:
        """What a Worker or a TaskQueue is called; empty where it is not known."""
        with self._lock:
            return self._view.name_of(sid)

    def channels(self, worker_sid: str) -> tuple[ChannelView, ...] | None:
        """A Worker's channels, or None where they were not read yet: that is done by `read_channels`."""
        with self._lock:
            return self._view.channels.get(worker_sid)

    def eligible_workers(self, task_sid: str) -> list[WorkerView]:
        """Who matches the TaskQueue that this Task is in; nobody where it is in none, or not known."""
        with self._lock:
            task = self._view.tasks.get(task_sid)
            wanted = [queue for queue in self._view.task_queues if task and queue.name == task.task_queue_name]
            return [each for queue in wanted for each in eligible(queue.target_workers, self._view.workers.values())]

    def start(self) -> None:
        """Listen to the stream, from what it still keeps, then `reconcile`. May be called twice.

        Raises:
            TaskRouterError: TaskRouter cannot be read; the stream is listened to all the same.
        """
        with self._lock:
            if self._subscription is None:
                self._subscription = self._stream.subscribe(self._hear, since=0)
        self.reconcile()

    def stop(self) -> None:
        """Stop listening and asking; nobody is told any more. May be called twice."""
        self._unlisten()
        if self._subscription is not None:
            self._stream.cancel(self._subscription)
        self._lookups.close()
        self._throttle.close()

    def watch(self, listener: Watcher) -> Callable[[], None]:
        """Call `listener` with `reservations`, `workers`, `tasks`, `story`, `settings`, `clock` when that changed.

        `settings` are the Activities, Workflows, TaskChannels and TaskQueues. `workspace` is told when the Workspace is
        another one now, or is as it was at another time: whatever a listener has kept of it is void.

        Bursts are gathered: a topic is told at once, then at most about thirty times a second, and always after
        the last change. The listener runs on a thread of the state's own. Returns what ends the watching.
        """
        with self._lock:
            self._watchers.append(listener)

        def unwatch() -> None:
            with self._lock:
                if listener in self._watchers:
                    self._watchers.remove(listener)

        return unwatch

    def reset(self) -> None:
        """The Workspace is another one, or as it was at another time: `forget` what was known, then `reconcile`.

        Raises:
            TaskRouterError: TaskRouter refused or did not answer; what was known is forgotten all the same.
        """
        self.forget()
        self.reconcile()

    def forget(self, trouble: str = "") -> None:
        """The Workspace is gone, or another one: nothing is known any more, and what was heard before is void.

        The story stays, for it did happen.

        Args:
            trouble: what to say to whoever looks for something in it.
        """
        with self._lock:
            self._trouble = trouble
            self._epoch += 1
            self._void, self._since = self._stream.last, self.clock()
            self._view = WorkspaceView()
        self._lookups.forget()
        self._throttle.mark(WORKSPACE, "workers", "reservations", "tasks", "settings")

    def is_void(self, entry: Entry) -> bool:
        """Whether this entry tells of another Workspace than the present one, or of what a reset took away.

        A callback that was under way then may arrive later. What is so was read over REST after that moment, so
        nothing that happened before it is news. (Where the sandbox's time stands still, that cannot be told apart; an
        assignment callback of the same second is void as well, for its Event tells the same.)
        """
        if entry.number <= self._void or entry.kind not in (Kind.EVENT, Kind.ASSIGNMENT):
            return entry.number <= self._void
        callback: Callback = entry.data
        if callback.workspace_sid not in ("", self._client.workspace_sid):
            return True
        return callback.at is not None and callback.at < self._since

    def reconcile(self) -> None:
        """Read Activities, Workers, open Tasks and open Reservations over REST and put right what differs.

        What a callback said after the reading began is kept, for it is newer.

        Raises:
            TaskRouterError: TaskRouter refused or did not answer; what was known stays.
        """
        try:
            self._read()
        except TaskRouterError as error:
            self._trouble = str(error)
            self._throttle.mark("settings")
            raise
        self._trouble = ""
        self._throttle.mark("workers", "reservations", "tasks")

    def read_settings(self) -> None:
        """Read Activities, Workflows, TaskChannels and TaskQueues over REST, as they are at this moment.

        Raises:
            TaskRouterError: TaskRouter refused or did not answer; what was known stays.
        """
        epoch = self._epoch
        activities, workflows = self._client.activities(), self._client.workflows()
        task_channels, task_queues = self._client.task_channels(), self._client.task_queues()
        with self._lock:
            if epoch != self._epoch:
                return
            self._view.put_activities(activities)
            self._view.workflows, self._view.task_channels = tuple(workflows), tuple(task_channels)
            self._view.task_queues = tuple(task_queues)
        self._throttle.mark("workers", "settings")

    def read_channels(self, worker_sid: str) -> None:
        """Read a Worker's channels over REST, unless they are known; callbacks keep them up to date.

        It takes a request for each Worker, so it is done for those that somebody looks at, and not for all.

        Raises:
            TaskRouterError: TaskRouter refused or did not answer.
        """
        if self.channels(worker_sid) is not None:
            return
        with self._lock:
            self._view.expect_channels(worker_sid)
        records = self._client.worker_channels(worker_sid)
        with self._lock:
            self._view.put_channels(worker_sid, records)
        self._throttle.mark("workers")

    def note_status(self, sid: str, status: ReservationStatus) -> None:
        """A REST call has just brought this about; its event may be late, or never come."""
        with self._lock:
            known = self._view.reservations.get(sid)
            if known is not None and reservation_rank(status) > reservation_rank(known.status):
                self._view.put_reservation(replace(known, status=status), at=self.clock())
        self._throttle.mark("reservations", "workers", "tasks")

    def note_activity(self, sid: str, activity: str) -> None:
        """A REST call has just moved this Worker to `activity` (SID or name)."""
        with self._lock:
            self._view.move_worker(sid, activity, now=self.clock())
        self._throttle.mark("workers")

    def learn_channel(self, worker_sid: str, record: WorkerChannelRecord) -> None:
        """A REST call has just changed this channel of a Worker."""
        with self._lock:
            self._view.put_channel(worker_sid, record)
        self._throttle.mark("workers")

    def learn_worker(self, record: WorkerRecord) -> None:
        """A REST call has just created this Worker, or changed its name or attributes."""
        with self._lock:
            self._view.put_worker(record)
        self._throttle.mark("workers")

    def worker_deleted(self, sid: str) -> None:
        """A REST call has just deleted this Worker."""
        with self._lock:
            self._view.drop_worker(sid)
        self._throttle.mark("workers")

    def learn_task(self, record: TaskRecord) -> None:
        """A REST call has just returned this Task."""
        with self._lock:
            self._view.put_task(record)
        self._throttle.mark("tasks", "reservations", "workers")

    def _hear(self, entry: Entry) -> None:
        if entry.kind is Kind.EVENT:
            self._hear_event(entry.data, entry)
        elif entry.kind is Kind.MESSAGE:
            with self._lock:
                self._story.add_message(entry.data, number=entry.number, at=self.clock.as_told(entry.at))
            self._throttle.mark("story")
        elif entry.kind is Kind.ASSIGNMENT and not self.is_void(entry):
            heard = self.clock.as_told(entry.at)
            callback: AssignmentCallback = entry.data
            at, created = callback.happened(heard), callback.began(heard)
            with self._lock:
                topics = self._view.apply(callback, at=at, created=created)
            self._throttle.mark(*topics)

    def _hear_event(self, event: EventCallback, entry: Entry) -> None:
        at = event.happened(self.clock.as_told(entry.at))
        if meaning_of(event.event_type).changes_settings:
            self._settings_changed(event.event_type)
        with self._lock:
            topics = set() if self.is_void(entry) else self._view.apply(event, at=at, created=at)
            worker = self._view.workers.get(event.worker_sid)
            told = self._view.with_giver(event)
            self._story.add(told, number=entry.number, at=at, worker=worker, named=self.name_of)
        self._throttle.mark("story", *topics)

    def _ask_for_gaps(self) -> None:
        with self._lock:
            tasks, workflows = self._view.unexplained_tasks(), self._view.unknown_timeouts()
            activities_known = self._view.knows_activities()
        self._look_up(*tasks)
        for workflow in workflows:
            self._lookups.ask(workflow, lambda workflow=workflow: self._read_timeout(workflow))  # type: ignore[misc]
        if not activities_known:
            self._lookups.ask("the settings", self.read_settings)

    def _read(self) -> None:
        self._lookups.forget()
        with self._lock:
            epoch, began = self._epoch, self._view.news
        self.read_settings()
        workers, tasks = self._client.workers(), self._client.open_tasks()
        transfers = self._client.transfers_begun(tasks)
        reservations = self._client.open_reservations(tasks, transfers=transfers)
        with self._lock:
            if epoch != self._epoch:
                return  # it was read of a Workspace that is void by now, and whoever said so reads again
            self._view.channels.clear()
            self._view.put_workers(workers, since=began)
            over = self._view.put_tasks(tasks, since=began)
            for event in transfers:
                self._view.put_transfer(event, at=event.happened(self.clock()))
            self._view.put_reservations(reservations, since=began, now=self.clock())
            for sid in over[:-LOOKED_UP]:
                self._view.drop_task(sid)
        self._look_up(*over[-LOOKED_UP:])

    def _look_up(self, *tasks: str) -> None:
        for sid in tasks:
            self._lookups.ask(sid, lambda sid=sid: self._read_task(sid))  # type: ignore[misc]

    def _read_task(self, sid: str) -> None:
        epoch = self._epoch
        try:
            found = self._client.task(sid)
            if epoch == self._epoch:
                self.learn_task(found)
        except TaskRouterError as error:
            if error.status != 404:
                raise
            with self._lock:
                self._view.drop_task(sid)
            self._throttle.mark("tasks")

    def _settings_changed(self, what: str) -> None:
        with self._lock:
            workflows = list(self._view.timeouts)
            self._view.timeouts.clear()
            if what.startswith("task-channel."):
                self._view.channels.clear()  # every Worker has one for each TaskChannel
        self._lookups.forget("the settings", *workflows)
        self._lookups.ask("the settings", self.read_settings)

    def _read_timeout(self, workflow: str) -> None:
        seconds = self._client.reservation_timeout(workflow)
        with self._lock:
            self._view.put_timeout(workflow, seconds)
        self._throttle.mark("reservations")

    def _notify(self, topics: set[str]) -> None:
        if {"reservations", "workers"} & topics:
            self._ask_for_gaps()
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            for topic in sorted(topics):
                _notify_one(watcher, topic)


def _notify_one(watcher: Watcher, topic: str) -> None:
    try:
        watcher(topic)
    except Exception:
        log.exception("a watcher failed on %s", topic)
