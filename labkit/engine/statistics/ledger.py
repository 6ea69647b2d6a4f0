"""The ledger: what happened in a Workspace, entered event by event as they are committed.

Each event is entered for all that it is about (the Workspace, its Workflow, TaskQueue and Worker), once under its
TaskChannel and once under any. What cannot be told from one event is told by the two it lies between: how long a Worker
was in an Activity.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from labkit import limits
from labkit.engine.effects import Event
from labkit.engine.statistics.series import NOTHING, Series, micros
from labkit.vocabulary import EventType

KEPT = timedelta(days=limits.STATISTICS_KEPT_DAYS)
"""How far back statistics go (docs: /docs/taskrouter/limits)."""
ANY_CHANNEL = ""
ACCEPTED_IN_QUEUE = "accepted_in_queue"
"""Acceptances by TaskQueue, with the time since the Task entered it."""

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


class Ledger:
    """One Workspace's history in series."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, str], Series] = {}
        self._in_activity_since: dict[str, int] = {}
        """By Worker; of those whose last change is known."""

    def add(self, event: Event) -> None:
        """Enter an event; those that no statistics speak of are passed over."""
        if event.type not in ENTERED:
            return
        at = micros(event.at)
        for entry in _ENTRIES.get(event.type, ()):
            self._enter(event, entry, at)
        stay = _STAYS.get(event.type)
        if stay is not None:
            stay(self, event)

    def series(self, scope: str, name: str, *, channel: str = ANY_CHANNEL) -> Series:
        """What happened to the resource with this SID; in one TaskChannel, or in any."""
        return self._series.get((scope, channel, name), NOTHING)

    def forget_before(self, moment: datetime) -> None:
        """Let go of what is older."""
        at = micros(moment)
        for series in self._series.values():
            series.forget_before(at)
        self._series = {key: series for key, series in self._series.items() if series.at}

    def _enter(self, event: Event, entry: _Entry, at: int) -> None:
        data = event.data
        since = data.get(entry.since) if entry.since else None
        took = 0 if since is None else max(0, at - micros(since))
        for field in entry.scopes:
            scope = event.workspace_sid if field == _WORKSPACE else data.get(field)
            if scope is not None:
                self._at(scope, ANY_CHANNEL, entry.name).add(at, took)
                self._at(scope, data["task_channel_sid"], entry.name).add(at, took)

    def _at(self, scope: str, channel: str, name: str) -> Series:
        key = (scope, channel, name)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series()
        return series

    # --- how long Workers were in which Activity --------------------------------------------------------------------

    def _come(self, event: Event) -> None:
        self._in_activity_since[event.data[_WORKER]] = micros(event.at)

    def _change(self, event: Event) -> None:
        took = event.data["worker_time_in_previous_activity_ms"] * 1000
        self._stay(event, event.data["worker_previous_activity_sid"], took)
        self._in_activity_since[event.data[_WORKER]] = micros(event.at)

    def _go(self, event: Event) -> None:
        at = micros(event.at)
        since = self._in_activity_since.pop(event.data[_WORKER], at - micros_of(KEPT))
        self._stay(event, event.data["worker_activity_sid"], at - since)

    def _stay(self, event: Event, activity_sid: str, took: int) -> None:
        for scope in (event.workspace_sid, event.data[_WORKER]):
            self._at(scope, ANY_CHANNEL, activity_sid).add(micros(event.at), max(0, took))


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
