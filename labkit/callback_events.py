"""What TaskRouter tells: an assignment callback and an event callback, each in one shape, whoever brings it.

The callback server reads them from a form, where fields have their wire names (`TaskQueueName`); whoever reads
TaskRouter's log has the same fields in snake case. A field here has the name of TaskRouter's own, in snake case
(docs: /docs/taskrouter/handle-assignment-callbacks, /docs/taskrouter/api/event/reference). What is missing, or is
not what it should be, is the field's default: both come over the open Internet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from labkit.attributes import parse_object
from labkit.display import TableRow, date_and_time
from labkit.vocabulary import wire_name

ASSIGNMENT_ROUTE = "/assignment_callback"
EVENT_ROUTE = "/event_callback"


def leads_to(url: str, route: str) -> bool:
    """Whether a URL or a path is this route, or lies below it, as the URL of a learner's own view does."""
    return url == route or url.startswith(f"{route}/")


def route_of(path: str) -> str:
    """The route that answers at a path of the callback server: below the assignment callback's are a learner's own."""
    return ASSIGNMENT_ROUTE if leads_to(path, ASSIGNMENT_ROUTE) else path


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Callback(TableRow):
    """What both kinds may tell of a Task, its Reservation and its Worker.

    `at` is when TaskRouter says that it happened, aware and in UTC; None where it does not say. `exact` is whether
    that is to the millisecond, or to the whole second. The age is in seconds; a moment of creation in Unix seconds.
    """

    at: datetime | None = None
    exact: bool = False
    workspace_sid: str = ""
    task_sid: str = ""
    task_attributes: Mapping[str, Any] | None = None
    task_priority: int | None = None
    task_age: int | None = None
    task_channel_unique_name: str = ""
    task_queue_name: str = ""
    workflow_sid: str = ""
    workflow_name: str = ""
    reservation_sid: str = ""
    worker_sid: str = ""
    worker_name: str = ""
    worker_attributes: Mapping[str, Any] | None = None
    worker_activity_sid: str = ""
    worker_activity_name: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> Self:
        """Read from the form of a callback, which has wire names and texts."""
        read = {name: reader(form[wire]) for name, wire, reader in _fields_of(cls) if wire in form}
        return cls(**read, **_moment(form))

    def happened(self, heard: datetime) -> datetime:
        """When it happened: as TaskRouter says, else when it was heard."""
        return self.at or heard

    def began(self, heard: datetime) -> datetime:
        """When it happened, as closely as can be told: whole seconds are refined by when it was heard."""
        at = self.happened(heard)
        refinable = not self.exact and timedelta(0) <= heard - at < timedelta(seconds=2)
        return heard if refinable else at


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AssignmentCallback(_Callback):
    """TaskRouter asks what to do with a Reservation (docs: /docs/taskrouter/handle-assignment-callbacks)."""

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "Reservation": self.reservation_sid,
            "Worker": self.worker_name,
            "TaskQueue": self.task_queue_name,
            "Workflow": self.workflow_name,
            "Task": self.task_sid,
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EventCallback(_Callback):
    """An Event, told by a callback or read from the log (docs: /docs/taskrouter/api/event/reference).

    `event_type` is one of `labkit.vocabulary.EventType`, or a newer one; `sid` is the Event's own. What is said of a
    transfer stands in its own Events, and in those of the Reservation that it makes.
    """

    sid: str = ""
    event_type: str = ""
    event_description: str = ""
    reason: str = ""
    task_assignment_status: str = ""
    task_canceled_reason: str = ""
    task_completed_reason: str = ""
    task_date_created: int | None = None
    task_version: int | None = None
    worker_version: int | None = None
    worker_previous_activity_sid: str = ""
    worker_previous_activity_name: str = ""
    worker_time_in_previous_activity_ms: int | None = None
    worker_channel_capacity: int | None = None
    worker_channel_available: bool | None = None
    task_transfer_sid: str = ""
    transfer_mode: str = ""
    transfer_type: str = ""
    transfer_to: str = ""
    transfer_status: str = ""
    transfer_failed_reason: str = ""
    transfer_initiating_reservation_sid: str = ""
    transfer_initiating_worker_sid: str = ""

    @classmethod
    def from_log(cls, data: Mapping[str, Any], *, at: datetime, sid: str, event_type: str, description: str) -> Self:
        """Read from an entry of TaskRouter's log.

        Args:
            data: its `event_data`, with the SID of what the entry is about, which not every entry repeats there.
            at: when it happened, aware, in UTC, to the millisecond.
            sid: the Event's SID.
            event_type: its type.
            description: TaskRouter's own sentence.
        """
        told = {**data, "sid": sid, "event_type": event_type, "event_description": description}
        read = {name: reader(told[name]) for name, _, reader in _fields_of(cls) if told.get(name) is not None}
        return cls(**read, at=at, exact=True)

    def cells(self) -> dict[str, str]:
        """What a table says of it."""
        return {
            "Event": self.event_type,
            "At (UTC)": date_and_time(self.at) if self.at else "",
            "Description": self.event_description,
            "Task status": self.task_assignment_status,
            "Worker": self.worker_name,
            "Task": self.task_sid,
            "Reservation": self.reservation_sid,
        }

    @property
    def is_of_transfer(self) -> bool:
        """Whether it is about a transfer, or about a Reservation that one has made."""
        return bool(self.task_transfer_sid or self.transfer_mode)


def _fields_of(cls: type[_Callback]) -> tuple[tuple[str, str, Callable[[object], Any]], ...]:
    """Of each field its name, its wire name, and how it is read."""
    if cls not in _KNOWN:
        read = [field for field in fields(cls) if field.name not in ("at", "exact")]
        _KNOWN[cls] = tuple((each.name, wire_name(each.name), _READERS[str(each.type)]) for each in read)
    return _KNOWN[cls]


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _flag(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def _object(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else parse_object(str(value))


_READERS: dict[str, Callable[[object], Any]] = {
    "str": str,
    "int | None": _whole,
    "bool | None": _flag,
    "Mapping[str, Any] | None": _object,
}
"""How a value is read, by the annotation of its field."""
_KNOWN: dict[type[_Callback], tuple[tuple[str, str, Callable[[object], Any]], ...]] = {}


def _moment(form: Mapping[str, str]) -> dict[str, Any]:
    """`at` and `exact`: from TimestampMs, else from Timestamp, in whole seconds."""
    for name, per_second in (("TimestampMs", 1000), ("Timestamp", 1)):
        number = _whole(form.get(name))
        if number is not None:
            return {"at": unix_moment(number, per_second=per_second), "exact": per_second > 1}
    return {}


def moment_of(form: Mapping[str, str]) -> datetime | None:
    """When TaskRouter says that what this form tells happened, aware and in UTC; None where it does not say."""
    return _moment(form).get("at")


def unix_moment(number: int, *, per_second: int = 1) -> datetime | None:
    """A count since 1970 as a moment, aware and in UTC; None where there is no such moment."""
    try:
        return datetime.fromtimestamp(number / per_second, UTC)
    except (OverflowError, OSError, ValueError):
        return None
