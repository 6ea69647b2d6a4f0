"""What the panels ask of the desk: the small part of TaskRouter's REST API that a person at a panel needs.

`labkit.taskrouter.Desk` is the one that is used; the tests bring their own. Every method may raise
`labkit.errors.TaskRouterError`, whose message is a sentence that a panel can show as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class NamedLike(Protocol):
    """A Workflow (friendly name) or a TaskChannel (unique name)."""

    @property
    def sid(self) -> str: ...
    @property
    def name(self) -> str: ...


class ActivityLike(NamedLike, Protocol):
    """An Activity; `available` says whether a Worker in it may be given Reservations."""

    @property
    def available(self) -> bool: ...


class WorkerLike(NamedLike, Protocol):
    """A Worker as TaskRouter has it now. `date_status_changed` is when its Activity last changed (aware, UTC)."""

    @property
    def activity_name(self) -> str: ...
    @property
    def activity_sid(self) -> str: ...
    @property
    def available(self) -> bool: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...
    @property
    def date_status_changed(self) -> datetime: ...


class WorkerChannelLike(NamedLike, Protocol):
    """What a Worker takes of one TaskChannel, whose unique name is `name`."""

    @property
    def configured_capacity(self) -> int: ...
    @property
    def available(self) -> bool: ...


class ReservationLike(Protocol):
    """A Reservation as TaskRouter has it now. `date_created` is aware and in UTC."""

    @property
    def sid(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def task_sid(self) -> str: ...
    @property
    def worker_sid(self) -> str: ...
    @property
    def worker_name(self) -> str: ...
    @property
    def date_created(self) -> datetime: ...


class TaskLike(Protocol):
    """A Task as TaskRouter has it now. `age` is in seconds since it was created."""

    @property
    def sid(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...
    @property
    def assignment_status(self) -> str: ...
    @property
    def task_queue_name(self) -> str | None: ...
    @property
    def workflow_name(self) -> str | None: ...
    @property
    def task_channel(self) -> str | None: ...
    @property
    def priority(self) -> int: ...
    @property
    def age(self) -> int: ...


class DeskLike(Protocol):
    """Where a panel's clicks go, and where the truth is read again."""

    def workers(self) -> Sequence[WorkerLike]: ...
    def activities(self) -> Sequence[ActivityLike]: ...
    def workflows(self) -> Sequence[NamedLike]: ...
    def task_channels(self) -> Sequence[NamedLike]: ...

    def open_reservations(self) -> Sequence[ReservationLike]:
        """Those that are pending, accepted or wrapping."""

    def task(self, task_sid: str) -> TaskLike: ...

    def reservation_timeout(self, workflow: str) -> int:
        """Seconds; `workflow` is a SID or a name."""

    def create_task(
        self,
        attributes: Mapping[str, Any],
        *,
        workflow: str | None = None,
        priority: int | None = None,
        timeout: int | None = None,
        task_channel: str | None = None,
    ) -> TaskLike: ...

    def accept(self, task_sid: str, reservation_sid: str) -> object: ...
    def reject(self, task_sid: str, reservation_sid: str, *, activity: str | None = None) -> object: ...
    def wrap_up(self, task_sid: str, reservation_sid: str) -> object: ...
    def complete(self, task_sid: str, *, reason: str | None = None) -> object: ...
    def cancel(self, task_sid: str, *, reason: str | None = None) -> object: ...

    def set_activity(self, worker: str, activity: str) -> object:
        """Both by name or SID."""

    def create_worker(
        self, name: str, *, attributes: Mapping[str, Any] | None = None, activity: str | None = None
    ) -> WorkerLike: ...
    def update_worker(
        self, worker: str, *, name: str | None = None, attributes: Mapping[str, Any] | None = None
    ) -> WorkerLike: ...
    def delete_worker(self, worker: str) -> object: ...

    def worker_channels(self, worker: str) -> Sequence[WorkerChannelLike]:
        """One request for each Worker."""

    def set_capacity(self, worker: str, channel: str, *, capacity: int) -> WorkerChannelLike:
        """`channel` is the TaskChannel's unique name or the WorkerChannel's SID."""
