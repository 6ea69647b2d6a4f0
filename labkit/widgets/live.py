"""LiveState: the truth that the panels draw, fed by callbacks and put right over REST.

Callbacks say what changes as it changes; REST says how things stand. Either may be missing, late or doubled:
event callbacks reach a notebook only where the Workspace has an EventCallbackUrl, and nothing that happened before
the notebook was opened is ever told again. So both feed the same book, and the newer news wins.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from labkit.stream import Entry, EventStream, Kind, Subscription
from labkit.vocabulary import ReservationStatus
from labkit.widgets.book import Book
from labkit.widgets.chronicle import Chronicle
from labkit.widgets.desk_protocol import DeskLike, TaskLike
from labkit.widgets.lookups import Lookups
from labkit.widgets.pace import Pace
from labkit.widgets.readings import instant, started, text
from labkit.widgets.views import (
    ActivityView,
    ReservationView,
    StoryLine,
    TaskView,
    WorkerView,
    milliseconds,
    reservation_rank,
)

log = logging.getLogger(__name__)

Watcher = Callable[[str], None]

_SEEN_EVENTS = 10_000
_SETTINGS = ("activity.", "workflow.updated")


class LiveState:
    """What is known of a Workspace now. All of it may be read from any thread.

    Args:
        stream: where callbacks are published.
        desk: REST, for how things stand and for what callbacks leave out.
        clock: now, aware and in UTC; give TaskRouter's clock where it differs from this computer's.
    """

    def __init__(self, stream: EventStream, desk: DeskLike, *, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or _utc_now
        self._stream = stream
        self._desk = desk
        self._lock = threading.RLock()
        self._book = Book()
        self._chronicle = Chronicle()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._watchers: list[Watcher] = []
        self._lookups = Lookups()
        self._pace = Pace(self._tell)
        self._subscription: Subscription | None = None

    @property
    def reservations(self) -> list[ReservationView]:
        """Open ones, and those that ended lately; oldest first."""
        with self._lock:
            return sorted(self._book.reservations.values(), key=lambda r: (milliseconds(r.created_at) or 0, r.sid))

    @property
    def workers(self) -> list[WorkerView]:
        """All Workers by name."""
        with self._lock:
            return sorted(self._book.workers.values(), key=lambda w: (w.name.casefold(), w.sid))

    @property
    def tasks(self) -> list[TaskView]:
        """Tasks in the order in which they were heard of; not those that were deleted."""
        with self._lock:
            return [task for task in self._book.tasks.values() if not task.deleted]

    @property
    def activities(self) -> list[ActivityView]:
        """The Workspace's Activities, in TaskRouter's order."""
        with self._lock:
            return list(self._book.activities.values())

    @property
    def story(self) -> list[StoryLine]:
        """The latest events as sentences, newest last, at most `chronicle.LINES`."""
        with self._lock:
            return self._chronicle.lines()

    def task(self, sid: str) -> TaskView | None:
        """One Task, if it was heard of; a deleted one too."""
        with self._lock:
            return self._book.tasks.get(sid)

    def worker(self, sid: str) -> WorkerView | None:
        """One Worker, if it was heard of."""
        with self._lock:
            return self._book.workers.get(sid)

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
        if self._subscription is not None:
            self._stream.cancel(self._subscription)
        self._lookups.close()
        self._pace.close()

    def watch(self, listener: Watcher) -> Callable[[], None]:
        """Call `listener` with `reservations`, `workers`, `tasks` or `story` when that has changed.

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

    def reconcile(self) -> None:
        """Read Activities, Workers and open Reservations over REST and put right what differs.

        What a callback said after the reading began is kept, for it is newer.

        Raises:
            TaskRouterError: TaskRouter refused or did not answer; what was known stays.
        """
        self._lookups.forget()
        with self._lock:
            began = self._book.news
        self._read_activities()
        workers, reservations = self._desk.workers(), self._desk.open_reservations()
        with self._lock:
            self._book.put_workers(workers, since=began)
            self._book.put_reservations(reservations, since=began, now=self.clock())
        self._pace.mark("workers", "reservations", "tasks")

    def reservation_became(self, sid: str, status: ReservationStatus) -> None:
        """A REST call has just brought this about; its event may be late, or never come."""
        with self._lock:
            known = self._book.reservations.get(sid)
            if known is not None and reservation_rank(status) > reservation_rank(known.status):
                self._book.put_reservation(replace(known, status=status), now=self.clock())
        self._pace.mark("reservations", "workers")

    def worker_became(self, sid: str, activity: str) -> None:
        """A REST call has just moved this Worker to `activity` (SID or name)."""
        with self._lock:
            self._book.move_worker(sid, activity, now=self.clock())
        self._pace.mark("workers")

    def learn_task(self, record: TaskLike) -> None:
        """A REST call has just returned this Task."""
        with self._lock:
            self._book.put_task(record, now=self.clock())
        self._pace.mark("tasks", "reservations", "workers")

    def _hear(self, entry: Entry) -> None:
        if entry.kind is Kind.EVENT:
            self._hear_event(entry)
        elif entry.kind is Kind.ASSIGNMENT:
            at, created = instant(entry.data, entry.at), started(entry.data, entry.at)
            with self._lock:
                topics = self._book.hear(entry.data, at=at, created=created, now=self.clock())
            self._pace.mark(*topics)

    def _hear_event(self, entry: Entry) -> None:
        form, at = entry.data, instant(entry.data, entry.at)
        if text(form, "EventType").startswith(_SETTINGS):
            self._settings_changed()
        with self._lock:
            if not self._is_first(text(form, "Sid")):
                return
            topics = self._book.hear(form, at=at, created=at, now=self.clock())
            worker = self._book.workers.get(text(form, "WorkerSid"))
            self._chronicle.tell(form, number=entry.number, at=at, worker=worker)
        self._pace.mark("story", *topics)

    def _is_first(self, event_sid: str) -> bool:
        if event_sid in self._seen:
            return False
        if event_sid:
            self._seen[event_sid] = None
        if len(self._seen) > _SEEN_EVENTS:
            self._seen.popitem(last=False)
        return True

    def _ask_for_gaps(self) -> None:
        with self._lock:
            tasks, workflows = self._book.unexplained_tasks(), self._book.unknown_timeouts()
            activities_known = self._book.knows_activities()
        for sid in tasks:
            self._lookups.ask(sid, lambda sid=sid: self.learn_task(self._desk.task(sid)))  # type: ignore[misc]
        for workflow in workflows:
            self._lookups.ask(workflow, lambda workflow=workflow: self._read_timeout(workflow))  # type: ignore[misc]
        if not activities_known:
            self._lookups.ask("the Activities", self._read_activities)

    def _settings_changed(self) -> None:
        with self._lock:
            workflows = list(self._book.timeouts)
            self._book.timeouts.clear()
        self._lookups.forget("the Activities", *workflows)
        self._lookups.ask("the Activities", self._read_activities)

    def _read_activities(self) -> None:
        records = self._desk.activities()
        with self._lock:
            self._book.put_activities(records)
        self._pace.mark("workers")

    def _read_timeout(self, workflow: str) -> None:
        seconds = self._desk.reservation_timeout(workflow)
        with self._lock:
            self._book.put_timeout(workflow, seconds)
        self._pace.mark("reservations")

    def _tell(self, topics: set[str]) -> None:
        if {"reservations", "workers"} & topics:
            self._ask_for_gaps()
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            for topic in sorted(topics):
                _tell_one(watcher, topic)


def _tell_one(watcher: Watcher, topic: str) -> None:
    try:
        watcher(topic)
    except Exception:
        log.exception("a watcher failed on %s", topic)


def _utc_now() -> datetime:
    return datetime.now(UTC)
