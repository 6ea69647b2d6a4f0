"""History: the lanes of all Tasks and Workers, filled from TaskRouter's own log and then kept by the stream.

The Events resource tells what happened before the notebook was opened; event callbacks tell the rest. Where both
tell the same event, it counts once.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from labkit.background import Jobs
from labkit.callback_events import EventCallback
from labkit.live.timeline_events import SEEN, TimelineEvent, of_event, of_exchange
from labkit.live.timelines import Lane, TaskLane, WorkerLane
from labkit.live.workspace import WORKSPACE, LiveWorkspace
from labkit.stream import Entry, EventStream, Kind
from labkit.taskrouter.records import TaskRecord, WorkerRecord
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.vocabulary import EventType, TaskStatus, short_sid

log = logging.getLogger(__name__)

LANES = 5_000
MINUTES = 15
EVENTS = 5_000
"""How many of the log's entries are read at most: five requests."""

L = TypeVar("L", bound=Lane)


class History:
    """All lanes. May be read from any thread.

    Args:
        stream: where callbacks are published.
        client: asked once, for what happened before.
        jobs: where that runs.
        live: says which Workspace it is, and what time.
    """

    def __init__(self, stream: EventStream, *, client: WorkspaceClient, jobs: Jobs, live: LiveWorkspace) -> None:
        self.clock = live.clock
        self._live = live
        self.epoch = 0
        self._stream, self._client, self._jobs = stream, client, jobs
        self._lock = threading.RLock()
        self._watchers: list[Callable[[], None]] = []
        self._clear()
        self._unwatch = live.watch(lambda topic: self.reset() if topic == WORKSPACE else None)
        self._subscription = stream.subscribe(self._hear, since=0)
        jobs.submit(self._fill)

    @property
    def revision(self) -> int:
        """The number of the last change to any lane."""
        return self._revision

    def counts(self) -> tuple[int, int]:
        """How many Tasks and Workers there are lanes of."""
        return len(self._tasks), len(self._workers)

    def watch(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, on the thread that brought it; it must be quick. Returns what ends it."""
        with self._lock:
            self._watchers.append(listener)

        def unwatch() -> None:
            with self._lock:
                if listener in self._watchers:
                    self._watchers.remove(listener)

        return unwatch

    def tasks(self) -> list[TaskLane]:
        """The Tasks' lanes, the one that changed last at the end."""
        with self._lock:
            return list(self._tasks.values())

    def changed(self, *, workers: bool, since: int, before: int | None, most: int) -> tuple[list[Lane], int | None]:
        """Lanes whose last change is after number `since` and before `before`, the newest first.

        Returns:
            At most `most` lanes, and the `before` to ask for the rest with; None when there is no rest.
        """
        found: list[Lane] = []
        with self._lock:
            lanes: Sequence[Lane] = list(self._workers.values() if workers else self._tasks.values())
        for lane in reversed(lanes):
            if before is not None and lane.revision >= before:
                continue
            if lane.revision <= since:
                break
            if len(found) == most:
                return found, found[-1].revision
            found.append(lane)
        return found, None

    def read(self, lane: L, reading: Callable[[L], Any]) -> Any:
        """What `reading` makes of this lane while nobody changes it."""
        with self._lock:
            return reading(lane)

    def reset(self) -> None:
        """Forget everything and read TaskRouter's log again: its Workspace is another one now."""
        with self._lock:
            self.epoch += 1
            self._clear()
        self._notify()
        self._jobs.submit(self._fill)

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._unwatch()
        self._stream.cancel(self._subscription)

    def _clear(self) -> None:
        self._revision = 0
        self._tasks: OrderedDict[str, TaskLane] = OrderedDict()
        self._workers: OrderedDict[str, WorkerLane] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def _hear(self, entry: Entry) -> None:
        if self._live.is_void(entry):
            return
        if entry.kind is Kind.EVENT:
            changed = self._take(entry.data, at=entry.data.happened(self.clock.as_told(entry.at)))
        elif entry.kind is Kind.EXCHANGE:
            happening = of_exchange(entry.data, heard=self.clock.as_told(entry.at))
            changed = happening is not None and self._put(happening)
        else:
            return
        if changed:
            self._notify()

    def _take(self, event: EventCallback, *, at: datetime) -> bool:
        with self._lock:
            if not self._is_first(event.sid):
                return False
            self._put(of_event(self._with_giver(event), at=at, named=self._live.name_of))
        return True  # one that is about no Task and no Worker may change who is eligible

    def _with_giver(self, event: EventCallback) -> EventCallback:
        """The Event, with who hands the Task over, as its lane has it: of a Reservation TaskRouter does not say it."""
        lane = self._tasks.get(event.task_sid)
        if not event.is_of_transfer or event.transfer_initiating_worker_sid or lane is None:
            return event
        return replace(event, transfer_initiating_worker_sid=lane.giver)

    def _is_first(self, event_sid: str) -> bool:
        if event_sid in self._seen:
            return False
        if event_sid:
            self._seen[event_sid] = None
        if len(self._seen) > 20 * LANES:
            self._seen.popitem(last=False)
        return True

    def _put(self, happening: TimelineEvent) -> bool:
        with self._lock:
            if happening.task:
                lane = self._lane(self._tasks, happening.task, TaskLane)
                lane.queue = happening.queue or lane.queue
                lane.name = lane.name or short_sid(lane.sid)
                if happening.kind == EventType.TASK_CREATED:
                    lane.created = happening.at
                lane.add(happening)
            if happening.worker and (happening.reservation or happening.transfer_status or not happening.task):
                # What another Event of a Task tells of its Worker, the Event of the Reservation has told.
                worker = self._lane(self._workers, happening.worker, WorkerLane)
                worker.name = happening.worker_name or worker.name or short_sid(worker.sid)
                worker.add(happening)
        return bool(happening.task or happening.worker)

    def _lane(self, lanes: OrderedDict[str, L], sid: str, make: Callable[[str], L]) -> L:
        lane = lanes.setdefault(sid, make(sid))
        self._revision += 1
        lane.revision = self._revision
        lanes.move_to_end(sid)
        if len(lanes) > LANES:
            del lanes[_least_needed(lanes)]
        return lane

    def _fill(self) -> None:
        """Read what happened before, then what stands now; the stream has been heard since before that."""
        for event in self._client.events(minutes=MINUTES, limit=EVENTS):
            self._take(event, at=event.happened(self.clock()))
        for worker in self._client.workers():
            self._see_worker(worker)
        for task in self._client.open_tasks():
            self._see_task(task)
        self._notify()

    def _see_task(self, task: TaskRecord) -> None:
        with self._lock:
            lane = self._tasks.get(task.sid)
            if lane is not None and (lane.is_over or lane.state == task.assignment_status):
                if lane.created is None:
                    self._lane(self._tasks, task.sid, TaskLane).created = task.date_created
                return
            queue, status = task.task_queue_name or "", task.assignment_status
            waits = lane is None and status == TaskStatus.PENDING
            said = f"Task {short_sid(task.sid)} is {status}: so it stood when the lab looked"
            at = task.date_created if waits else self.clock()
            self._put(TimelineEvent(at=at, kind=SEEN, text=said, task=task.sid, status=status, queue=queue))
            self._tasks[task.sid].created = task.date_created

    def _see_worker(self, worker: WorkerRecord) -> None:
        with self._lock:
            lane = self._lane(self._workers, worker.sid, WorkerLane)
            lane.name = worker.name
            lane.activity, lane.since = worker.activity_name, worker.date_status_changed

    def _notify(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            try:
                watcher()
            except Exception:
                log.exception("a watcher of the history failed")


def _least_needed(lanes: OrderedDict[str, L]) -> str:
    """The lane that changed longest ago, but one that is over before one that is not."""
    first = list(islice(lanes.items(), 50))
    return next((sid for sid, lane in first if lane.is_over), first[0][0])
