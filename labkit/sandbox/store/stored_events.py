"""Events as a store keeps them: which are wanted, where they are still to be sent. And the error of every store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from labkit.engine.effects import Event
from labkit.engine.resources import Workspace


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTarget:
    """Where the events of a Workspace are sent.

    Attributes:
        workspace_sid: the Workspace.
        url: its EventCallbackUrl; empty, and they are sent nowhere.
        events_filter: its EventsFilter.
        workspace_name: its friendly name, which goes with each event.
    """

    workspace_sid: str
    url: str
    events_filter: str | None
    workspace_name: str

    @classmethod
    def of(cls, workspace: Workspace) -> EventTarget:
        """As the Workspace is now."""
        return cls(
            workspace_sid=workspace.sid,
            url=workspace.event_callback_url,
            events_filter=workspace.events_filter,
            workspace_name=workspace.friendly_name,
        )


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A target with the number of the event since when it holds: for those above, until the Workspace's next one.

    What is at or below the `since` of a Workspace's first target is over: sent, given up, or from before it had a URL.
    """

    since: int
    target: EventTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCursor:
    """How far the sending of a Workspace's events has come.

    Attributes:
        workspace_sid: the Workspace.
        number: all its events up to this number are over.
        passed: more of them that are over, above it; those kept before stay.
        ends: nothing of it waits, and nothing more is to be sent, for it has no URL any more, or is gone.
    """

    workspace_sid: str
    number: int
    passed: tuple[int, ...] = ()
    ends: bool = False


class StoreError(Exception):
    """The store could not write or read; the message says why."""


MALFORMED = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What comes of reading what has not the form that it should have."""
