"""Events as a store keeps them, which of them are wanted, and the error of every store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from labkit.engine.effects import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Which events of a Workspace are wanted; None means any. Both moments are included."""

    workspace_sid: str
    start: datetime | None = None
    end: datetime | None = None
    type: str | None = None
    task_sid: str | None = None
    worker_sid: str | None = None
    reservation_sid: str | None = None
    task_queue_sid: str | None = None
    workflow_sid: str | None = None
    task_channel: str | None = None
    """SID or unique name."""
    sid: str | None = None

    @property
    def values(self) -> list[str]:
        """All that is wanted among the values of an event."""
        wanted = [value for _, value in self._by_field()]
        return [value for value in (*wanted, self.task_channel) if value is not None]

    def fits(self, event: Event) -> bool:
        """Whether an event is one of those."""
        data = event.data
        return (
            event.workspace_sid == self.workspace_sid
            and (self.start is None or event.at >= self.start)
            and (self.end is None or event.at <= self.end)
            and self.type in (None, event.type)
            and self.sid in (None, event.sid)
            and self.task_channel in (None, data.get("task_channel_sid"), data.get("task_channel_unique_name"))
            and all(wanted is None or data.get(name) == wanted for name, wanted in self._by_field())
        )

    def _by_field(self) -> Iterator[tuple[str, str | None]]:
        for name in ("task_sid", "worker_sid", "reservation_sid", "task_queue_sid", "workflow_sid"):
            yield name, getattr(self, name)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the record: `number` grows by one with each event, over all Workspaces."""

    number: int
    event: Event


class StoreError(Exception):
    """The store could not write or read; the message says why."""
