"""What the panels show, as plain frozen records, and in which order statuses may follow each other.

A Reservation only ever moves forward, so the further of two statuses is the newer one, whatever order the news arrives
in. A Task goes back and forth between pending and reserved, as its Reservations come and go, and is forward-only after
that (docs: /docs/taskrouter/lifecycle-task-state), unless it is handed over: a transfer makes an assigned Task reserved
or pending once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labkit.vocabulary import ReservationStatus, TaskStatus, TransferStatus

FINAL = 3
_RESERVATION_RANK: dict[str, int] = {
    ReservationStatus.PENDING: 0,
    ReservationStatus.ACCEPTED: 1,
    ReservationStatus.WRAPPING: 2,
}
HOLDS: dict[str, TaskStatus] = {
    ReservationStatus.PENDING: TaskStatus.RESERVED,
    ReservationStatus.ACCEPTED: TaskStatus.ASSIGNED,
    ReservationStatus.WRAPPING: TaskStatus.WRAPPING,
}
"""What an open Reservation makes of its Task."""
_TASK_RANK: dict[str, int] = {
    TaskStatus.PENDING: 0,
    TaskStatus.RESERVED: 0,
    TaskStatus.ASSIGNED: 1,
    TaskStatus.WRAPPING: 2,
}


def reservation_rank(status: str) -> int:
    """How far along a Reservation is: 0 pending, 1 accepted, 2 wrapping, 3 over."""
    return _RESERVATION_RANK.get(status, FINAL)


def is_over(reservation_status: str) -> bool:
    """Whether a Reservation of this status is past pending, accepted and wrapping."""
    return reservation_rank(reservation_status) == FINAL


def task_rank(status: str) -> int:
    """How far along a Task is: 0 pending or reserved, 1 assigned, 2 wrapping, 3 over."""
    return _TASK_RANK.get(status, FINAL)


@dataclass(frozen=True, slots=True)
class ActivityView:
    """An Activity and whether a Worker in it may be given Reservations."""

    sid: str
    name: str
    available: bool


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A Worker. `activity_since` is when it entered its Activity; None while that is not known.

    `as_of` and `version` are of the newest news of it: TaskRouter's time, and its number of the Worker's changes.
    """

    sid: str
    name: str = ""
    activity_name: str = ""
    activity_sid: str = ""
    available: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    activity_since: datetime | None = None
    as_of: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class ChannelView:
    """What a Worker takes of one TaskChannel (`name` is its unique name): `capacity` Tasks at once; 0 takes none."""

    sid: str
    name: str
    capacity: int
    available: bool = True


@dataclass(frozen=True, slots=True)
class TransferView:
    """A Worker hands a Task over, to another Worker or to a TaskQueue: `to` is the SID of either.

    `worker_sid` and `reservation_sid` are of whom it comes from; `began_at` is when it was begun, as far as is known.
    """

    sid: str
    status: str = TransferStatus.INITIATED
    mode: str = ""
    to: str = ""
    worker_sid: str = ""
    reservation_sid: str = ""
    failed_reason: str = ""
    began_at: datetime | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether nobody has taken the Task yet, and somebody still may."""
        return self.status == TransferStatus.INITIATED


@dataclass(frozen=True, slots=True)
class TaskView:
    """A Task; `deleted` ones are kept only to stay deleted.

    `as_of` and `version` are of the newest news of it: TaskRouter's time, and its number of the Task's changes. `said`
    is the status that this news told, and `status` what it is by all that is known. `transfers` are in order; of
    `was_handed_over` nothing is known but that there was one.
    """

    sid: str
    status: str = TaskStatus.PENDING
    attributes: Mapping[str, Any] = field(default_factory=dict)
    task_queue_name: str = ""
    workflow: str = ""
    task_channel: str = ""
    priority: int = 0
    created_at: datetime | None = None
    as_of: datetime | None = None
    version: int = 0
    reason: str = ""
    deleted: bool = False
    said: str = ""
    transfers: tuple[TransferView, ...] = ()
    was_handed_over: bool = False

    @property
    def transfer(self) -> TransferView | None:
        """The transfer that is under way."""
        last = self.transfers[-1] if self.transfers else None
        return last if last is not None and last.is_under_way else None

    @property
    def is_shared(self) -> bool:
        """Whether several Workers may have it, because it was handed over; each completes their own Reservation."""
        return self.was_handed_over or bool(self.transfers)

    def came_by(self, reservation: ReservationView) -> TransferView | None:
        """The transfer that made this Reservation: the one it names, else the last that began before it."""
        if not reservation.by_transfer:
            return None
        begun = [t for t in self.transfers if t.sid == reservation.transfer_sid] or [
            t for t in self.transfers if not _is_before(reservation.created_at, t.began_at)
        ]
        return begun[-1] if begun else TransferView(sid="")

    def goes_by(self, reservation: ReservationView) -> TransferView | None:
        """The last transfer by which the Worker of this Reservation hands the Task over."""
        return next((t for t in reversed(self.transfers) if t.reservation_sid == reservation.sid), None)


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one < other


@dataclass(frozen=True, slots=True)
class ReservationView:
    """A Reservation. `deadline` is when it times out, and `ended_at` when it was over, as far as is known.

    `by_transfer` is whether somebody hands the Task over with it, and `transfer_sid` which transfer that is, if told.
    """

    sid: str
    status: str
    task_sid: str
    worker_sid: str
    worker_name: str = ""
    created_at: datetime | None = None
    deadline: datetime | None = None
    ended_at: datetime | None = None
    by_transfer: bool = False
    transfer_sid: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it is past pending, accepted and wrapping."""
        return is_over(self.status)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One sentence of the story. `topic` is what it is about: task, worker, reservation, queue, workflow or other."""

    number: int
    at: datetime
    event_type: str
    topic: str
    text: str
    sid: str = ""
    milestone: bool = False


def milliseconds(at: datetime | None) -> int | None:
    """A time as JavaScript counts it: milliseconds since 1970."""
    return None if at is None else round(at.timestamp() * 1000)


def readable(attributes: Mapping[str, Any], *, most: int = 40, longest: int = 500) -> list[list[str]]:
    """Attributes as pairs of texts for a panel: text as it stands, anything else as JSON; bounded both ways."""
    pairs = [[str(key)[:longest], _text(value, longest)] for key, value in list(attributes.items())[:most]]
    if len(attributes) > most:
        pairs.append(["…", f"and {len(attributes) - most} more"])
    return pairs


def bounded(value: object, longest: int) -> str:
    """A value as text; of a long one its beginning, and how long it is."""
    text = "" if value is None else str(value)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters in all)"


def _text(value: Any, longest: int) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
