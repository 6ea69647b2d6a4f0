"""The events of one Workspace that are to be sent: which may be sent next, and up to where all are over.

Order is kept where somebody may count on it: among the events about one Task, and among those about one Worker. Any
other passes those that wait, so that a handler which never answers holds up nobody but its own. Nothing here sends,
stores or knows the time.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime

from labkit.engine.effects import Event
from labkit.sandbox.store import EventCursor, EventTarget, StoredEvent


@dataclass(slots=True, eq=False)
class WaitingEvent:
    """An event that is not over. It knows where to find the rest of it: 10,000 of them are some MB.

    Attributes:
        number, at: of the event.
        account_sid: whose it is.
        target: where it is sent.
        about: what it is about; events that share one of these are sent in order, one at a time.
        is_over: sent or given up.
    """

    number: int
    at: datetime
    account_sid: str
    target: EventTarget
    about: tuple[str, ...]
    is_over: bool = field(default=False, init=False)

    @classmethod
    def of(cls, stored: StoredEvent, target: EventTarget) -> WaitingEvent:
        """An event that was stored and is to be sent."""
        event = stored.event
        return cls(stored.number, event.at, event.account_sid, target, about(event))


def about(event: Event) -> tuple[str, ...]:
    """The Task and the Worker whom an event is about; without these, the resource."""
    both = (event.data.get("task_sid"), event.data.get("worker_sid"))
    return tuple(sid for sid in both if sid) or (event.resource_sid,)


class EventOutbox:
    """The events of a Workspace.

    Args:
        workspace_sid: the Workspace.
        over_to: all its events up to this number are over.
    """

    def __init__(self, workspace_sid: str, *, over_to: int) -> None:
        self.workspace_sid = workspace_sid
        self._seen = over_to
        self._open: OrderedDict[int, WaitingEvent] = OrderedDict()
        """All that are not over, in their order."""
        self._lines: dict[str, deque[WaitingEvent]] = {}
        """They stand in line for whatever they are about. One that is first in all its lines may be sent."""
        self._ready: list[int] = []
        """The numbers of those, as a heap; some may be over."""
        self._under_way: set[int] = set()
        self._passed: list[int] = []
        """Those that were over before one in front of them was, since `written`."""

    @property
    def waiting(self) -> int:
        """How many are neither over nor under way."""
        return len(self._open) - len(self._under_way)

    @property
    def under_way(self) -> frozenset[int]:
        """The numbers of those that were taken and are not over."""
        return frozenset(self._under_way)

    @property
    def is_empty(self) -> bool:
        """Whether all are over."""
        return not self._open

    @property
    def cursor(self) -> int:
        """All events up to this number are over."""
        return next(iter(self._open)) - 1 if self._open else self._seen

    def see(self, number: int) -> None:
        """There is nothing to be sent up to this number but what was added."""
        self._seen = max(self._seen, number)

    def add(self, waiting: WaitingEvent) -> None:
        """One more, of a higher number than any before."""
        self._open[waiting.number] = waiting
        for sid in waiting.about:
            self._lines.setdefault(sid, deque()).append(waiting)
        self._make_ready(waiting)

    def take(self, *, most: int) -> WaitingEvent | None:
        """The oldest of those that may be sent, which is under way from now on; None, if `most` are already."""
        while self._ready and len(self._under_way) < most:
            waiting = self._open.get(heapq.heappop(self._ready))
            if waiting is not None:
                self._under_way.add(waiting.number)
                return waiting
        return None

    def over(self, waiting: WaitingEvent) -> None:
        """It was sent or given up; those that stood behind it may come next."""
        waiting.is_over = True
        del self._open[waiting.number]
        self._under_way.discard(waiting.number)
        if self._open and self.cursor < waiting.number:
            self._passed.append(waiting.number)
        for sid in waiting.about:
            if self._lines[sid][0].is_over:
                self._move_up(sid)

    def oldest_waiting(self) -> WaitingEvent | None:
        """Of those that are not under way."""
        return next((each for number, each in self._open.items() if number not in self._under_way), None)

    def mark(self, *, ends: bool = False) -> EventCursor:
        """How far it has come, to be kept in a store."""
        number = self.cursor
        passed = tuple(each for each in self._passed if each > number)
        return EventCursor(workspace_sid=self.workspace_sid, number=number, passed=passed, ends=ends)

    def written(self) -> None:
        """What `mark` gave was kept."""
        self._passed.clear()

    def _move_up(self, sid: str) -> None:
        line = self._lines[sid]
        while line and line[0].is_over:  # one that was given up stays in line until then
            line.popleft()
        if line:
            self._make_ready(line[0])
        else:
            del self._lines[sid]

    def _make_ready(self, waiting: WaitingEvent) -> None:
        if all(self._lines[sid][0] is waiting for sid in waiting.about):
            heapq.heappush(self._ready, waiting.number)
