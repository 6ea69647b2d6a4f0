"""Events: what TaskRouter tells of the room's Workspace, each once and in the order in which it came, for a while."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping
from itertools import takewhile

from labkit.member_routes import is_of_colleague, may_hear

KEPT = 5_000
"""Events; a kernel that was away asks for those after the last that it has heard of."""
MOST_TOLD = 1_000
"""Events that somebody who was away is told again; after a longer time the log is read instead."""
MOST_TASKS = 2_000
"""Of which a Worker is remembered to hold or have held a Reservation; the oldest are forgotten."""

Fields = Mapping[str, str]
"""The form of an event callback: wire names and texts."""


class RoomEvents:
    """The room's Events. Belongs to the service's loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Fields] = OrderedDict()
        self._tasks: dict[str, OrderedDict[str, None]] = defaultdict(OrderedDict)
        self._listeners: dict[object, Callable[[Fields], None]] = {}

    @property
    def newest(self) -> str:
        """The SID of the Event that came last; empty before the first."""
        return next(reversed(self._kept), "")

    def knows(self, sid: str) -> bool:
        """Whether this Event has come, and is still remembered."""
        return sid in self._kept

    def take(self, fields: Fields) -> bool:
        """Keep an Event and tell it to all who listen; False if it had come before, or has no SID."""
        sid = fields.get("Sid", "")
        if not sid or sid in self._kept:
            return False
        self._kept[sid] = fields
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._note_holder(fields)
        for listener in list(self._listeners.values()):
            listener(fields)
        return True

    def after(self, sid: str) -> list[Fields] | None:
        """What came after this Event; None where it is not remembered, or where that is too much to tell."""
        if sid not in self._kept:
            return None
        later = list(takewhile(lambda each: each != sid, reversed(self._kept)))
        return [self._kept[each] for each in reversed(later)] if len(later) <= MOST_TOLD else None

    def subscribe(self, listener: Callable[[Fields], None]) -> Callable[[], None]:
        """Have a function called with each Event as it comes, on the loop; it must not wait, and must not raise.

        Returns:
            What ends that.
        """
        key = object()
        self._listeners[key] = listener
        return lambda: self._listeners.pop(key, None) and None

    def may_hear(self, fields: Fields, worker_sid: str) -> bool:
        """Whether an Event is for the participant who is this Worker."""
        if is_of_colleague(fields):
            return True
        return may_hear(fields, worker_sid=worker_sid, own_tasks=self.tasks_of(worker_sid))

    def tasks_of(self, worker_sid: str) -> Mapping[str, None]:
        """The Tasks of which this Worker holds or held a Reservation."""
        return self._tasks.get(worker_sid) or {}

    def forget(self) -> None:
        """All of it was about a Workspace that is gone."""
        self._kept.clear()
        self._tasks.clear()

    def _note_holder(self, fields: Fields) -> None:
        worker, task = fields.get("WorkerSid", ""), fields.get("TaskSid", "")
        if worker and task and fields.get("ReservationSid"):
            tasks = self._tasks[worker]
            tasks[task] = None
            tasks.move_to_end(task)
            if len(tasks) > MOST_TASKS:
                tasks.popitem(last=False)
