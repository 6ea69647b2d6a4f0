"""Lanes: what happened to one Task, or to one Worker, as stretches of time and marks. Pure; `History` feeds them.

A Task goes through pending, reserved, assigned, wrapping and ends completed or canceled
(docs: /docs/taskrouter/lifecycle-task-state). TaskRouter tells these steps in events; what lies between two of
them is a stretch. What came before the first event that is known is drawn as not known, not guessed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from labkit.live.task_status import TAKEN, concluded, concluded_in_transfer
from labkit.live.timeline_events import CALLBACK, TimelineEvent
from labkit.live.views import FINAL, HOLDS, is_over, milliseconds, reservation_rank, task_rank
from labkit.vocabulary import EventType, TaskStatus, TransferStatus

HAPPENINGS = 400
"""How many are kept of one lane; of a Worker who has had more, the oldest are forgotten."""
NOT_KNOWN = "unknown"

_ENDS = (TaskStatus.COMPLETED, TaskStatus.CANCELED)


class Stretch(NamedTuple):
    """A state from one moment to another, or until now (no `end`). `who` is the Worker or the Task that it is with."""

    state: str
    begin: datetime
    end: datetime | None
    who: str = ""
    row: int = 0


@dataclass(eq=False)
class Lane:
    """One Task or Worker. `revision` is the number of its last change; `created` is when it began, if known."""

    sid: str
    name: str = ""
    queue: str = ""
    created: datetime | None = None
    revision: int = 0
    happenings: list[TimelineEvent] = field(default_factory=list)

    def add(self, happening: TimelineEvent) -> None:
        """Put it in its place in time; news may come late."""
        insort(self.happenings, happening, key=lambda known: known.moment)
        del self.happenings[:-HAPPENINGS]

    def marks(self) -> list[list[Any]]:
        """Everything that happened: kind, time in ms since 1970, sentence; in order."""
        began = {h.reservation: h.at for h in self.happenings if h.kind == EventType.RESERVATION_CREATED}
        marks = []
        for each in self.happenings:
            # An assignment callback tells its time in whole seconds; it is never earlier than its Reservation.
            at = max(each.at, began.get(each.reservation, each.at)) if each.kind == CALLBACK else each.at
            marks.append([each.mark, milliseconds(at), each.text])
        return sorted(marks, key=lambda mark: mark[1])

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen in it."""
        return False

    def drawn(self) -> dict[str, Any]:
        """What the browser needs of it."""
        raise NotImplementedError


@dataclass(eq=False)
class TaskLane(Lane):
    """A Task's life."""

    def stretches(self) -> list[Stretch]:
        """Its states in order. The last has no end, be it that it goes on or that it is the Task's last state."""
        found: list[Stretch] = []
        if self.created and self.happenings and self.created < self.happenings[0].at:
            found.append(Stretch(NOT_KNOWN, self.created, None))
        so_far = _TaskSoFar()
        for happening in self.happenings:
            status = so_far.status_after(happening)
            _step(found, happening, status, who=so_far.who)
        return [each for each in found if each.end is None or each.end > each.begin]

    def told(self) -> Iterator[tuple[TimelineEvent, str]]:
        """What happened, each with the Task's status after it; empty while none is known."""
        so_far = _TaskSoFar()
        for happening in self.happenings:
            yield happening, so_far.status_after(happening)

    @property
    def giver(self) -> str:
        """The SID of the Worker who has handed it over last; empty where nobody is known."""
        begun = (each for each in reversed(self.happenings) if each.kind == EventType.TASK_TRANSFER_INITIATED)
        return next((each.worker for each in begun), "")

    @property
    def state(self) -> str:
        """The state that it is in, as far as is known."""
        return next((status for _, status in reversed(list(self.told())) if status), NOT_KNOWN)

    @property
    def is_over(self) -> bool:
        """Whether it is completed, canceled or deleted."""
        return any(h.status in _ENDS or h.removes_task for h in self.happenings)

    def drawn(self) -> dict[str, Any]:
        """Stretches, marks, and how it stands."""
        begins = self.created or (self.happenings[0].at if self.happenings else None)
        return {
            "sid": self.sid,
            "name": self.name,
            "queue": self.queue,
            "state": self.state,
            "begin": milliseconds(begins),
            "stretches": [_drawn(each) for each in self.stretches()],
            "marks": self.marks(),
        }


@dataclass(eq=False)
class WorkerLane(Lane):
    """What a Worker was doing: its Activities, and its Reservations, which may lie side by side."""

    activity: str = ""
    since: datetime | None = None

    def activities(self) -> list[Stretch]:
        """Its Activities in order; the last goes on."""
        found: list[Stretch] = []
        for each in self.happenings:
            if each.kind != EventType.WORKER_ACTIVITY_UPDATE:
                continue
            if not found and each.previous_activity and each.before is not None:
                found.append(Stretch(each.previous_activity, each.at - each.before, None))
            if found and found[-1].state == each.activity:
                continue  # set again
            _close(found, each.at)
            found.append(Stretch(each.activity, each.at, None))
        if not found and self.activity and self.since:
            found.append(Stretch(self.activity, self.since, None))
        return found

    def stretches(self) -> list[Stretch]:
        """Its Reservations' states, each in a row that is free while it lasts."""
        rows: list[datetime | None] = []
        found: list[Stretch] = []
        for reservation in self._reservations():
            row = _free_row(rows, reservation[0].begin)
            rows[row] = reservation[-1].end
            found += [each._replace(row=row) for each in reservation]
        return found

    def _reservations(self) -> Iterator[list[Stretch]]:
        begun: dict[str, list[Stretch]] = {}
        for each in self.happenings:
            if not each.reservation or (status := each.reservation_status) is None:
                continue
            stretches = begun.setdefault(each.reservation, [])
            _close(stretches, each.at)
            if status in HOLDS:
                stretches.append(Stretch(HOLDS[status], each.at, None, who=each.task))
        yield from sorted((s for s in begun.values() if s), key=lambda s: s[0].begin)

    def _handed(self) -> list[list[Any]]:
        """Tasks that this Worker hands over, or is handed: the Task, when, `gives` or `takes`, and what came of it."""
        ends = {h.reservation: HOLDS.get(status, status) for h in self.happenings if (status := h.reservation_status)}
        found = []
        for each in self.happenings:
            if each.kind == EventType.TASK_TRANSFER_INITIATED:
                found.append([each.task, milliseconds(each.at), "gives", ""])
            elif each.kind == EventType.RESERVATION_CREATED and each.transfer:
                found.append([each.task, milliseconds(each.at), "takes", str(ends[each.reservation])])
        return found

    def drawn(self) -> dict[str, Any]:
        """Activities, Reservations, marks, and what goes from Worker to Worker."""
        stretches, activities = self.stretches(), self.activities()
        begins = [each.begin for each in (*activities[:1], *stretches[:1])]
        return {
            "sid": self.sid,
            "name": self.name,
            "state": activities[-1].state if activities else "",
            "begin": milliseconds(min(begins)) if begins else None,
            "rows": max((each.row + 1 for each in stretches), default=1),
            "activities": [_drawn(each) for each in activities],
            "handed": self._handed(),
            "stretches": [_drawn(each) for each in stretches],
            "marks": self.marks(),
        }


class _TaskSoFar:
    """What a Task, its Reservations and its transfers have come to, as one goes through what happened in order."""

    def __init__(self) -> None:
        self._said = ""
        self._said_since = True
        self._not_said: tuple[datetime, int] | None = None  # after this moment TaskRouter's word counts
        self._reservations: dict[str, str] = {}
        self._handed: set[str] = set()  # those that the last transfer has made
        self._names: dict[str, str] = {}  # of their Workers
        self._waits = self._is_transferred = False

    def status_after(self, happening: TimelineEvent) -> str:
        """The Task's status after the next thing that happened."""
        self._said = happening.status or self._said
        self._note_reservation(happening)
        self._note_transfer(happening)
        if happening.status:
            self._said_since = self._not_said is None or happening.moment > self._not_said
        statuses = self._reservations.values()
        if self._is_transferred and task_rank(self._said) != FINAL:
            return concluded_in_transfer(self._said, statuses, waits=self._waits, said_since=self._said_since)
        return concluded(self._said, statuses, said_since=self._said_since)

    @property
    def who(self) -> str:
        """Of a Task that is or was handed over, who has it and who is asked: `Alice → Bob`; else empty.

        While nobody is asked, it is `Alice → …`.
        """
        if not self._is_transferred:
            return ""
        open_ones = {sid: status for sid, status in self._reservations.items() if not is_over(status)}
        have = [self._names.get(sid, "") for sid, status in open_ones.items() if status in TAKEN]
        asked = [self._names.get(sid, "") for sid, status in open_ones.items() if status not in TAKEN]
        if have and self._waits:
            asked = asked or ["…"]
        sides = [", ".join(filter(None, names)) for names in (have, asked)]
        return " → ".join(filter(None, sides))

    def _note_reservation(self, happening: TimelineEvent) -> None:
        if (status := happening.reservation_status) is None:
            return
        self._names[happening.reservation] = happening.worker_name or self._names.get(happening.reservation, "")
        before = self._reservations.get(happening.reservation)
        if before is None or reservation_rank(status) > reservation_rank(before):  # doubled, or in one millisecond
            self._reservations[happening.reservation] = status
        if is_over(status):
            self._not_said = happening.moment
        if happening.transfer and happening.kind == EventType.RESERVATION_CREATED:
            self._is_transferred = True
            self._handed.add(happening.reservation)
        if status in TAKEN and happening.reservation in self._handed:
            self._waits = False

    def _note_transfer(self, happening: TimelineEvent) -> None:
        if (status := happening.transfer_status) is None:
            return
        self._is_transferred = True
        if happening.kind == EventType.TASK_TRANSFER_INITIATED:
            self._waits, self._not_said = True, happening.moment
            self._handed.clear()
        elif status != TransferStatus.INITIATED:
            self._waits = False


class Wait(NamedTuple):
    """A Task waits in a TaskQueue from one moment to another, or until now."""

    queue: str
    begin: datetime
    end: datetime | None


def waits(lane: TaskLane) -> list[Wait]:
    """When the Task was pending or reserved, and in which TaskQueue."""
    found: list[Wait] = []
    queue, waiting = "", False
    for each, status in lane.told():
        was = (queue, waiting)
        queue = each.queue or queue
        waiting = status in (TaskStatus.PENDING, TaskStatus.RESERVED)
        waiting = waiting and not each.removes_task
        if (queue, waiting) != was:
            if found and found[-1].end is None:
                found[-1] = found[-1]._replace(end=each.at)
            if waiting and queue:
                found.append(Wait(queue, each.at, None))
    return found


def acceptance(lane: TaskLane) -> tuple[str, datetime, float] | None:
    """TaskQueue, moment, and seconds since the Task's creation, of its first acceptance; None if it is not known."""
    began = lane.created or next((h.at for h in lane.happenings if h.kind == EventType.TASK_CREATED), None)
    accepted = next((h for h in lane.happenings if h.kind == EventType.RESERVATION_ACCEPTED), None)
    if began is None or accepted is None:
        return None
    return accepted.queue or lane.queue, accepted.at, max(0.0, (accepted.at - began).total_seconds())


def _step(found: list[Stretch], happening: TimelineEvent, status: str, *, who: str) -> None:
    if happening.removes_task:
        _close(found, happening.at)
    elif status and (not found or found[-1].state != status or (who and found[-1].who != who)):
        if found and found[-1].state in _ENDS:
            return  # what comes after the end is late news
        _close(found, happening.at)
        with_whom = who or happening.worker_name if status in HOLDS.values() else who
        found.append(Stretch(status, happening.at, None, who=with_whom))


def _close(stretches: list[Stretch], at: datetime) -> None:
    if stretches and stretches[-1].end is None:
        stretches[-1] = stretches[-1]._replace(end=at)


def _free_row(rows: list[datetime | None], begin: datetime) -> int:
    for row, busy_until in enumerate(rows):
        if busy_until is not None and busy_until <= begin:
            return row
    rows.append(None)
    return len(rows) - 1


def _drawn(stretch: Stretch) -> list[Any]:
    return [stretch.state, milliseconds(stretch.begin), milliseconds(stretch.end), stretch.who, stretch.row]
