"""What an explanation is made of: small frozen values that JSON can hold, moments aside, which are UTC datetimes.

Sentences are for people; whoever shows them decides how. Text in them may come from strangers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from labkit.expressions import Trace


class FilterState(StrEnum):
    """What became of a filter."""

    TAKEN = "taken"
    """The Task follows it."""
    KEPT = "kept"
    """The Task follows it still, though its attributes have changed since."""
    LEFT = "left"
    """It matches, and the Task has been through all of its targets."""
    NO_MATCH = "no match"
    NOT_LOOKED_AT = "not looked at"
    """An earlier one was taken: TaskRouter looks no further (docs: /docs/taskrouter/workflow-configuration)."""


class TargetState(StrEnum):
    """Where a target lies on the Task's way."""

    PASSED = "passed"
    CURRENT = "current"
    AHEAD = "ahead"


class ReasonKind(StrEnum):
    """Why a Worker may not have a Task; in the order in which a person would ask."""

    ROUTING_TARGET = "routing target"
    QUEUE_EXPRESSION = "queue expression"
    KNOWN_WORKER = "known worker"
    TARGET_EXPRESSION = "target expression"
    ACTIVITY = "activity"
    NO_CHANNEL = "no channel"
    CHANNEL_UNAVAILABLE = "channel unavailable"
    CAPACITY = "capacity"
    HOLDS = "holds it"


class ChangeKind(StrEnum):
    """What can be changed of a Worker."""

    ACTIVITY = "activity"
    TASK = "task"
    ATTRIBUTE = "attribute"
    CAPACITY = "capacity"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFacts:
    """The Task as it is now; what is unknown is empty or None. Ages and times left in seconds."""

    sid: str
    status: str
    attributes: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    channel: str = ""
    workflow: str = ""
    queue: str = ""
    age_seconds: int = 0
    ttl_seconds_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterFinding:
    """One filter of the Workflow; `expression` is empty for the default one, `trace` None where nobody looked."""

    name: str
    state: FilterState
    expression: str = ""
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipFinding:
    """A target's `skip_if` as it would be judged now, and the counts: in all, and for the Activities it names."""

    expression: str
    holds: bool
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFinding:
    """One target of the filter that the Task follows.

    Attributes:
        queue, queue_expression: the TaskQueue's name and its TargetWorkers.
        timeout_seconds: as configured, or None: then the Task stays until its own timeout.
        ends_at_age: the Task's age at which it leaves, in seconds, if nobody takes it before; None: never.
        seconds_left: until then, for the current target.
        known_worker: the attribute that names the Worker, with its value; empty without one.
        known_by: what it holds of the Worker: `sid` or `friendly_name`.
    """

    state: TargetState
    queue: str
    queue_expression: str = ""
    timeout_seconds: int | None = None
    ends_at_age: int | None = None
    seconds_left: int | None = None
    skip: SkipFinding | None = None
    priority: int | None = None
    known_worker: str = ""
    known_by: str = ""
    expression: str = ""
    order_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a Worker may not have the Task. `text` goes on from the Worker's name: "is Offline"."""

    kind: ReasonKind
    text: str
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFinding:
    """One Worker, seen from the current target.

    Attributes:
        reasons: why not; empty for a Worker who may have the Task.
        place: among those who may have it, from 1; None for the others.
        order: what gave the place, in words.
    """

    sid: str
    name: str
    activity: str
    reasons: tuple[Reason, ...] = ()
    place: int | None = None
    order: str = ""

    @property
    def eligible(self) -> bool:
        """Whether this Worker may be reserved for the Task now."""
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTally:
    """How many Workers may not have the Task, by the first reason."""

    kind: ReasonKind
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A waiting Task that is served before this one."""

    task_sid: str
    priority: int
    waiting_seconds: int
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedChange:
    """One thing to change of a Worker.

    Attributes:
        kind: what kind of thing.
        sid: the Worker's.
        name: of the attribute (with dots) or of the TaskChannel; of a Task that the Worker has, its SID; empty for an
            Activity, and for a Task that is not known.
        value: the Activity's SID, the Task's status, the attribute's value, the capacity, or whether the channel is
            available.
    """

    kind: ChangeKind
    sid: str
    value: Any
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What would have to change, as a sentence; where it is about one Worker, also as changes that together suffice."""

    text: str
    changes: tuple[SuggestedChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingChoice:
    """A Reservation of the Task, and what made its Worker fit at that moment, as far as the event says."""

    at: datetime
    reservation_sid: str
    worker: str
    outcome: str
    because: tuple[str, ...] = ()
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """Something that happened to the Task, `seconds` after the first thing that is known of it."""

    at: datetime
    seconds: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Why a Task is where it is.

    Attributes:
        at: when this was found out.
        headline: the answer in one sentence.
        workers: those who may have it first, then those who are nearest to it; `more_workers` are left out.
        tally: of all Workers who may not have it, the commonest reason first.
        ahead: the first of the `ahead_count` Tasks that are served before this one.
        notes: what else matters.
        unknown: what could not be known here.
    """

    at: datetime
    task: TaskFacts
    headline: str
    filters: tuple[FilterFinding, ...] = ()
    targets: tuple[TargetFinding, ...] = ()
    workers: tuple[WorkerFinding, ...] = ()
    more_workers: int = 0
    tally: tuple[WorkerTally, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    ahead_count: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    choices: tuple[RoutingChoice, ...] = ()
    history: tuple[HistoryStep, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
