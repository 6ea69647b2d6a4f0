"""What the engine asks of the world, and the events that it reports. Values only: others carry them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labkit.engine.deadlines import Deadline
from labkit.engine.resources import Record
from labkit.error_codes import ErrorCode
from labkit.vocabulary import EventType


@dataclass(slots=True, kw_only=True)  # not frozen, for it would take three times as long to make; nobody changes one
class Event:
    """Something that happened, with the values of that moment.

    `data` has the fields of the event reference (docs: /docs/taskrouter/api/event/reference) in snake case; their wire
    names are made at the edge.
    """

    sid: str
    type: EventType
    at: datetime
    workspace_sid: str
    account_sid: str
    resource_type: str
    resource_sid: str
    description: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAssignmentUrl:
    """POST the assignment callback of a Reservation, and bring the answer back as a command."""

    workspace_sid: str
    account_sid: str
    reservation_sid: str
    url: str
    fallback_url: str
    fields: dict[str, Any]


Effect = CallAssignmentUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that Twilio's debugger would show (docs: /docs/api/errors): an instruction that could not be followed.

    `text` says it in words with the value that is wrong.
    """

    at: datetime
    account_sid: str
    workspace_sid: str
    resource_sid: str
    code: ErrorCode
    text: str


@dataclass(slots=True)
class Outcome:
    """All that one command or one moment brought about. Commit `changed`, `removed` and `events`; then the rest."""

    result: Any = None
    changed: dict[str, Record] = field(default_factory=dict)
    """Records to write, by SID."""
    removed: dict[str, Record] = field(default_factory=dict)
    """Records to forget, by SID, as they last were."""
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    """What to show; it is not stored."""
    deadlines: list[Deadline] = field(default_factory=list)
    """What fell due; to show, too."""

    def extend(self, later: Outcome) -> None:
        """Take in what happened after this; the result stays this one's."""
        self.changed.update(later.changed)
        self.removed |= later.removed
        for sid in later.removed:
            self.changed.pop(sid, None)
        self.events += later.events
        self.effects += later.effects
        self.alerts += later.alerts
        self.deadlines += later.deadlines
