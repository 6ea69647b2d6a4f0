"""The ledger: what happened in a Workspace, entered event by event as they are committed.

Each event is entered for all that it is about (the Workspace, its Workflow, TaskQueue and Worker), once under its
TaskChannel and once under any. What cannot be told from one event is told by the two it lies between: how long a Worker
was in an Activity.

What was entered can be packed, one resource beside the other, and given away; who asks for a resource later has it read
again, and only that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from labkit import limits
from labkit.engine.effects import Event
from labkit.engine.statistics.series import NOTHING, Series, Shelf, micros, pack, unpack
from labkit.vocabulary import EventType

KEPT = timedelta(days=limits.STATISTICS_KEPT_DAYS)
"""How far back statistics go (docs: /docs/taskrouter/limits)."""
ANY_CHANNEL = ""
ACCEPTED_IN_QUEUE = "accepted_in_queue"
"""Acceptances by TaskQueue, with the time since the Task entered it."""
ACTIVITY_BEGUN = "activity_begun"
"""When a Worker came into an Activity."""

_WORKSPACE, _WORKFLOW, _QUEUE, _WORKER = "workspace_sid", "workflow_sid", "task_queue_sid", "worker_sid"
_LEFT_QUEUE = "previous_task_queue_sid"
_OF_TASK = (_WORKSPACE, _WORKFLOW, _QUEUE)
_OF_RESERVATION = (*_OF_TASK, _WORKER)


class _Entry(NamedTuple):
    """What an event is entered as, and for whom: the event's fields that name them.

    `since` is the event's field that holds when the time began that is to be measured.
    """

    name: str
    scopes: tuple[str, ...]
    since: str = ""


_ENTRIES: dict[EventType, tuple[_Entry, ...]] = {
    EventType.TASK_CREATED: (_Entry("tasks_created", (_WORKSPACE,)),),
    EventType.WORKFLOW_ENTERED: (_Entry("tasks_entered", (_WORKFLOW,)),),
    EventType.TASK_QUEUE_ENTERED: (_Entry("tasks_entered", (_QUEUE,)),),
    # The queue that the Task came to has it among those entered.
    EventType.TASK_QUEUE_MOVED: (_Entry("tasks_moved", (_WORKSPACE, _WORKFLOW, _LEFT_QUEUE)),),
    EventType.TASK_CANCELED: (_Entry("tasks_canceled", _OF_TASK, since="task_date_created"),),
    EventType.TASK_COMPLETED: (_Entry("tasks_completed", _OF_TASK),),
    EventType.TASK_DELETED: (_Entry("tasks_deleted", _OF_TASK),),
    EventType.TASK_SYSTEM_DELETED: (_Entry("tasks_deleted", _OF_TASK),),
    EventType.WORKFLOW_TIMEOUT: (_Entry("tasks_timed_out_in_workflow", (_WORKSPACE, _WORKFLOW)),),
    EventType.RESERVATION_CREATED: (_Entry("reservations_created", _OF_RESERVATION),),
    EventType.RESERVATION_ACCEPTED: (
        _Entry("reservations_accepted", _OF_RESERVATION, since="task_date_created"),
        _Entry(ACCEPTED_IN_QUEUE, (_QUEUE,), since="task_queue_entered_date"),
    ),
    EventType.RESERVATION_REJECTED: (_Entry("reservations_rejected", _OF_RESERVATION),),
    EventType.RESERVATION_TIMEOUT: (_Entry("reservations_timed_out", _OF_RESERVATION),),
    EventType.RESERVATION_CANCELED: (_Entry("reservations_canceled", _OF_RESERVATION),),
    EventType.RESERVATION_RESCINDED: (_Entry("reservations_rescinded", _OF_RESERVATION),),
}


Past = Callable[[str], Iterable[bytes]]
"""What was packed of a resource by its SID, the oldest first."""


def _no_past(_: str) -> Iterable[bytes]:
    return ()


class Ledger:
    """One Workspace's history in series.

    Args:
        past: reads what was packed of this history before.
    """

    def __init__(self, past: Past = _no_past) -> None:
        self._past = past
        self._recent: dict[str, Shelf] = defaultdict(dict)
        """What was not yet given away, by resource."""
        self._whole: dict[str, Shelf] = {}
        """All that there is, of those resources that were asked for."""

    def add(self, event: Event) -> None:
        """Enter an event; those that no statistics speak of are passed over."""
        if event.type not in ENTERED:
            return
        at = micros(event.at)
        stay = _STAYS.get(event.type)
        if stay is not None:  # first: it may have to read, and if it cannot, nothing was entered
            stay(self, event)
        for entry in _ENTRIES.get(event.type, ()):
            self._enter(event, entry, at)

    def series(self, scope: str, name: str, *, channel: str = ANY_CHANNEL) -> Series:
        """What happened to the resource with this SID; in one TaskChannel, or in any."""
        self.read(scope)
        return self._whole[scope].get((channel, name), NOTHING)

    def read(self, scope: str) -> bool:
        """Have all that there is of a resource at hand; whether it had to be read."""
        if scope in self._whole:
            return False
        whole: Shelf = {}
        for shelf in (*map(unpack, self._past(scope)), self._recent.get(scope, {})):
            for key, series in shelf.items():
                whole.setdefault(key, Series()).extend(series)
        self._whole[scope] = whole
        return True

    def packed(self) -> dict[str, bytes]:
        """What was entered since the last `give_away`, by the resource's SID."""
        return {scope: pack(shelf) for scope, shelf in self._recent.items()}

    def give_away(self) -> None:
        """From now on, what was packed is part of the past."""
        self._recent.clear()

    def forget_before(self, moment: datetime) -> None:
        """Let go of what is older; the past is somebody else's."""
        at = micros(moment)
        for shelves in (self._recent, self._whole):
            for scope, shelf in shelves.items():
                for series in shelf.values():
                    series.forget_before(at)
                shelves[scope] = {key: series for key, series in shelf.items() if series.at}

    def _enter(self, event: Event, entry: _Entry, at: int) -> None:
        data = event.data
        since = data.get(entry.since) if entry.since else None
        took = 0 if since is None else max(0, at - micros(since))
        for field in entry.scopes:
            scope = event.workspace_sid if field == _WORKSPACE else data.get(field)
            if scope is not None:
                self._note(scope, ANY_CHANNEL, entry.name, at=at, took=took)
                self._note(scope, data["task_channel_sid"], entry.name, at=at, took=took)

    def _note(self, scope: str, channel: str, name: str, *, at: int, took: int = 0) -> None:
        for shelf in (self._recent[scope], self._whole.get(scope)):
            if shelf is not None:
                series = shelf.get((channel, name))
                if series is None:
                    series = shelf[channel, name] = Series()
                series.add(at, took)

    # --- how long Workers were in which Activity --------------------------------------------------------------------

    def _come(self, event: Event) -> None:
        self._note(event.data[_WORKER], ANY_CHANNEL, ACTIVITY_BEGUN, at=micros(event.at))

    def _change(self, event: Event) -> None:
        if event.data["worker_previous_activity_sid"] == event.data["worker_activity_sid"]:
            return  # set again: the stay goes on
        took = event.data["worker_time_in_previous_activity_ms"] * 1000
        self._stay(event, event.data["worker_previous_activity_sid"], took)
        self._come(event)

    def _go(self, event: Event) -> None:
        at, worker = micros(event.at), event.data[_WORKER]
        begun = self.series(worker, ACTIVITY_BEGUN).at
        del self._whole[worker]  # who is gone is not asked for any more
        since = begun[-1] if begun else at - micros_of(KEPT)
        self._stay(event, event.data["worker_activity_sid"], at - since)

    def _stay(self, event: Event, activity_sid: str, took: int) -> None:
        for scope in (event.workspace_sid, event.data[_WORKER]):
            self._note(scope, ANY_CHANNEL, activity_sid, at=micros(event.at), took=max(0, took))


def micros_of(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


_STAYS: dict[EventType, Callable[[Ledger, Event], None]] = {
    EventType.WORKER_CREATED: Ledger._come,  # noqa: SLF001  # the class's own table
    EventType.WORKER_ACTIVITY_UPDATE: Ledger._change,  # noqa: SLF001
    EventType.WORKER_DELETED: Ledger._go,  # noqa: SLF001
}
"""What ends a stay in an Activity, or begins the first."""

ENTERED: frozenset[EventType] = frozenset({*_ENTRIES, *_STAYS})
"""The types of events that a ledger has any use for."""
