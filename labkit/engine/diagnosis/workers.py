"""Worker by Worker: who may have the Task in its current target, in which order, and why the others may not.

Asks the very conditions of `matching.may_have`, and `matching.candidates` for the order: what is said here and what
routing does cannot differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from labkit.display import shown
from labkit.engine import matching
from labkit.engine.diagnosis.findings import Reason, ReasonKind, WorkerFinding, WorkerTally
from labkit.engine.diagnosis.wording import listed, reads, why_false
from labkit.engine.diagnosis.workflow_path import known_value
from labkit.engine.resources import Reservation, Task, Worker
from labkit.engine.workflow import KnownWorker, Target
from labkit.engine.workspace_state import WorkspaceState
from labkit.expressions import explain
from labkit.vocabulary import ReservationStatus, TaskStatus, short_sid

MOST = 50
"""Workers that are explained one by one; the others are counted."""
NEVER_RESERVED = "never reserved"
"""The last of what a Worker is ordered by, for one who comes before those who were."""


@dataclass(frozen=True)
class Candidates:
    """A Task in its current target, and everybody who could come into question."""

    state: WorkspaceState
    task: Task
    target: Target

    @cached_property
    def ranked(self) -> list[Worker]:
        """Those who would be reserved now, best first, if so many were wanted."""
        return matching.candidates(self.state, self.task, most=max(1, len(self.state.workers)))

    @cached_property
    def failing(self) -> dict[str, tuple[ReasonKind, ...]]:
        """By Worker SID, the conditions that fail, in the order in which a person would ask."""
        return {worker.sid: tuple(self._failing(worker)) for worker in self.state.workers.values()}

    @cached_property
    def members(self) -> list[Worker]:
        """The Workers of the current queue (for a direct Task, the Worker it was sent to), oldest first."""
        not_here = {ReasonKind.ROUTING_TARGET, ReasonKind.QUEUE_EXPRESSION}
        return [w for w in self.state.workers.values() if not not_here & set(self.failing[w.sid])]

    @property
    def queue_name(self) -> str:
        """The current TaskQueue's name; empty for a Task that is in none."""
        queue = self.state.task_queues.get(self.target.queue_sid)
        return queue.friendly_name if queue else ""

    def _failing(self, worker: Worker) -> Iterator[ReasonKind]:
        for kind, holds in CONDITIONS.items():
            if not holds(self, worker):
                yield kind


CONDITIONS: Mapping[ReasonKind, Callable[[Candidates, Worker], bool]] = {
    ReasonKind.ROUTING_TARGET: lambda f, w: matching.is_asked_for(w, f.task),
    ReasonKind.QUEUE_EXPRESSION: lambda f, w: matching.is_member(f.state, w, f.task, f.target),
    ReasonKind.KNOWN_WORKER: lambda f, w: (
        f.target.known_worker is None or matching.is_known(w, f.task, f.target.known_worker)
    ),
    ReasonKind.TARGET_EXPRESSION: lambda f, w: (
        f.target.expression is None or matching.fits(w, f.task, f.target.expression)
    ),
    ReasonKind.ACTIVITY: lambda f, w: matching.is_present(f.state, w, f.task, f.target),
    ReasonKind.CAPACITY: lambda f, w: matching.has_room(f.state, w, f.task),
    ReasonKind.HOLDS: lambda f, w: not matching.holds(f.state, w, f.task),
}
"""The conditions of `matching.may_have`, each with the reason that it gives when it fails."""


def findings(field: Candidates) -> tuple[WorkerFinding, ...]:
    """Those who may have the Task, in their order, then those whom the fewest reasons keep from it; at most `MOST`."""
    chosen = [_eligible(field, worker, place) for place, worker in enumerate(field.ranked[:MOST], start=1)]
    return (*chosen, *(_kept(field, worker) for worker in kept(field)[: MOST - len(chosen)]))


def kept(field: Candidates) -> list[Worker]:
    """Those who may not have the Task: whom the fewest reasons keep from it, and the last of them, first."""
    order = list(CONDITIONS)

    def distance(worker: Worker) -> tuple[int, int, int]:
        failing = field.failing[worker.sid]
        return len(failing), -order.index(failing[0]), worker.number

    return sorted((w for w in field.state.workers.values() if field.failing[w.sid]), key=distance)


def tally(field: Candidates) -> tuple[WorkerTally, ...]:
    """How many may not have it, by the first reason."""
    first = Counter(first_kind(field, worker) for worker in field.state.workers.values() if field.failing[worker.sid])
    return tuple(WorkerTally(kind=kind, count=count) for kind, count in first.most_common())


def first_kind(field: Candidates, worker: Worker) -> ReasonKind:
    """What keeps the Worker from the Task before all else."""
    kind = field.failing[worker.sid][0]
    return _kind_of_room(field, worker) if kind is ReasonKind.CAPACITY else kind


def reasons(field: Candidates, worker: Worker) -> tuple[Reason, ...]:
    """Why the Worker may not have the Task, in the order in which a person would ask; none if it may."""
    return tuple(_REASONS[kind](field, worker) for kind in field.failing[worker.sid])


def _eligible(field: Candidates, worker: Worker, place: int) -> WorkerFinding:
    return WorkerFinding(
        sid=worker.sid,
        name=worker.friendly_name,
        activity=_activity(field, worker),
        place=place,
        order=_order(field, worker),
    )


def _kept(field: Candidates, worker: Worker) -> WorkerFinding:
    return WorkerFinding(
        sid=worker.sid, name=worker.friendly_name, activity=_activity(field, worker), reasons=reasons(field, worker)
    )


def _activity(field: Candidates, worker: Worker) -> str:
    return field.state.activities[worker.activity_sid].friendly_name


def _order(field: Candidates, worker: Worker) -> str:
    """What the Worker is ordered by: the keys of `order_by`, then who has been without a new Reservation longest."""
    values = []
    if field.target.order is not None:
        names = sorted(path[1:] for path in field.target.order.references)
        values = [reads((".".join(name), _at(worker, name)) for name in names)]
    key, _ = matching.idle_key(field.state, worker, field.task)
    values.append("reserved before" if key else NEVER_RESERVED)
    return ", ".join(values)


def _at(worker: Worker, path: tuple[str, ...]) -> object:
    value: object = worker.scope
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


# --- a sentence for each reason --------------------------------------------------------------------------------------


def _not_asked_for(field: Candidates, _: Worker) -> Reason:
    named = field.state.workers.get(field.task.routing_target or "")
    who = named.friendly_name if named else field.task.routing_target
    return Reason(kind=ReasonKind.ROUTING_TARGET, text=f"is not {who}, to whom the Task was sent (RoutingTarget)")


def _not_member(field: Candidates, worker: Worker) -> Reason:
    queue = field.state.task_queues[field.target.queue_sid]
    trace = explain(field.state.queue_expression(queue), {"worker": worker.scope})
    text = f"does not match TaskQueue {queue.friendly_name}: {why_false(trace)}"
    return Reason(kind=ReasonKind.QUEUE_EXPRESSION, text=text, trace=trace)


def _not_known(field: Candidates, _: Worker) -> Reason:
    known = field.target.known_worker
    if known is None:
        raise AssertionError("a target without a known Worker keeps nobody out for it")
    return Reason(kind=ReasonKind.KNOWN_WORKER, text=f"is not the known Worker: {known_words(known, field.task)}")


def known_words(known: KnownWorker, task: Task) -> str:
    """Whom the Task asks for: ``task.agent asks for the friendly name "Zoe"``."""
    name, value = f"task.{'.'.join(known.reference)}", known_value(known, task)
    if value is None:
        return f"{name} is not set"
    if not isinstance(value, str):
        return f"{name} is {shown(value)}, not a string"
    return f"{name} asks for the {KNOWN_BY[known.field]} {shown(value)}"


KNOWN_BY = {"sid": "SID", "friendly_name": "friendly name"}
"""What a target can know a Worker by, in words."""


def _not_fitting(field: Candidates, worker: Worker) -> Reason:
    if field.target.expression is None:
        raise AssertionError("a target without an expression keeps nobody out for it")
    trace = explain(field.target.expression, {"task": field.task.scope, "worker": worker.scope})
    text = f"does not match the target's expression: {why_false(trace)}"
    return Reason(kind=ReasonKind.TARGET_EXPRESSION, text=text, trace=trace)


def _not_present(field: Candidates, worker: Worker) -> Reason:
    activity = _activity(field, worker)
    if activity.casefold() in _SAID_OF_SOMEBODY:
        return Reason(kind=ReasonKind.ACTIVITY, text=f"is {activity}, an Activity that takes no Tasks")
    return Reason(kind=ReasonKind.ACTIVITY, text=f"is in the Activity {activity}, which takes no Tasks")


_SAID_OF_SOMEBODY = frozenset({"offline", "unavailable", "busy", "reserved", "away", "absent", "not ready"})
"""Names of Activities that somebody *is*: nobody is Lunch."""


def _no_room(field: Candidates, worker: Worker) -> Reason:
    kind = _kind_of_room(field, worker)
    if kind is ReasonKind.CAPACITY:
        return Reason(kind=kind, text=_full(field, worker))
    name = field.state.task_channels[field.task.task_channel_sid].unique_name
    is_missing = kind is ReasonKind.NO_CHANNEL
    return Reason(
        kind=kind, text=f"has no WorkerChannel {name}" if is_missing else f"is not available on channel {name}"
    )


def _kind_of_room(field: Candidates, worker: Worker) -> ReasonKind:
    channel = worker.channels.get(field.task.task_channel_sid)
    if not field.state.workspace.multi_task_enabled or (channel is not None and channel.available):
        return ReasonKind.CAPACITY
    return ReasonKind.NO_CHANNEL if channel is None else ReasonKind.CHANNEL_UNAVAILABLE


def _full(field: Candidates, worker: Worker) -> str:
    tasks = _tasks(taking_room(field, worker))
    if not field.state.workspace.multi_task_enabled:
        return f"is busy{tasks and f' with {tasks}'}: in single tasking a Worker has one Task at a time"
    name = field.state.task_channels[field.task.task_channel_sid].unique_name
    channel = worker.channels[field.task.task_channel_sid]
    if channel.configured_capacity == 0:
        return f"has a capacity of 0 on channel {name}"
    taken = f"{channel.taken} of {channel.configured_capacity} taken"
    if channel.taken > channel.configured_capacity:
        taken = f"a capacity of {channel.configured_capacity}, and {channel.taken} taken"
    return f"is full on channel {name}: {taken}{tasks and f', by {tasks}'}"


def taking_room(field: Candidates, worker: Worker) -> list[Reservation]:
    """The Worker's Reservations that leave no room for the Task, those first that are nearest to their end."""
    channel_sid = field.task.task_channel_sid if field.state.workspace.multi_task_enabled else None
    held = field.state.open_reservations.get(worker.sid, {}).values()
    return sorted(
        (each for each in held if channel_sid in (None, each.task_channel_sid)),
        key=lambda each: (_NEAREST_TO_THE_END.index(each.reservation_status), each.number),
    )


_NEAREST_TO_THE_END = (ReservationStatus.WRAPPING, ReservationStatus.ACCEPTED, ReservationStatus.PENDING)
_TASK_IS = {
    ReservationStatus.WRAPPING: TaskStatus.WRAPPING,
    ReservationStatus.ACCEPTED: TaskStatus.ASSIGNED,
    ReservationStatus.PENDING: TaskStatus.RESERVED,
}


def _tasks(held: Sequence[Reservation]) -> str:
    """``Task WT…1a2b (assigned)``; nothing where none is known."""
    if not held:
        return ""
    named = [f"{short_sid(each.task_sid)} ({_TASK_IS[each.reservation_status]})" for each in held]
    return f"Task{'' if len(held) == 1 else 's'} {listed(named)}"


def _holds_it(field: Candidates, worker: Worker) -> Reason:
    held = field.state.open_reservations[worker.sid].values()
    status = next(r.reservation_status for r in held if r.task_sid == field.task.sid)
    return Reason(kind=ReasonKind.HOLDS, text=f"holds a Reservation of this Task already (Reservation {status})")


_REASONS: Mapping[ReasonKind, Callable[[Candidates, Worker], Reason]] = {
    ReasonKind.ROUTING_TARGET: _not_asked_for,
    ReasonKind.QUEUE_EXPRESSION: _not_member,
    ReasonKind.KNOWN_WORKER: _not_known,
    ReasonKind.TARGET_EXPRESSION: _not_fitting,
    ReasonKind.ACTIVITY: _not_present,
    ReasonKind.CAPACITY: _no_room,
    ReasonKind.HOLDS: _holds_it,
}
