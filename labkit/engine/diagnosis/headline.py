"""The answer in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from labkit.display import counted, duration
from labkit.engine.diagnosis.findings import ReasonKind
from labkit.engine.diagnosis.wording import listed
from labkit.engine.diagnosis.workers import Candidates, reasons
from labkit.engine.resources import Task, Worker
from labkit.vocabulary import TaskStatus

_COUNTED = {
    ReasonKind.KNOWN_WORKER: "not the known Worker",
    ReasonKind.TARGET_EXPRESSION: "outside the target's expression",
    ReasonKind.ACTIVITY: "in an Activity that takes no Tasks",
    ReasonKind.CAPACITY: "without room on the channel",
    ReasonKind.HOLDS: "with a Reservation of it already",
}
"""How a group of Workers is described, after "2 are"."""


def of_waiting(field: Candidates) -> str:
    """Why a pending Task waits; `field` is its current target."""
    if field.ranked:
        return f"{field.ranked[0].friendly_name} may have it now and is the first in line."
    if not field.state.workers:
        return "Waiting: there is no Worker in this Workspace."
    members = field.members
    if field.task.is_for_one_worker:
        return _for_one(field, members)
    if not members:
        expression = field.state.task_queues[field.target.queue_sid].target_workers
        what = f"({expression})" if expression.strip() else "(TargetWorkers is empty, which matches nobody)"
        return f"Waiting: no Worker matches TaskQueue {field.queue_name} {what}."
    if len(members) == 1:
        name, why = members[0].friendly_name, _first(field, members[0])
        return f"Waiting: {name} is the only Worker of {field.queue_name}, and {why}."
    return f"Waiting: none of the {len(members)} Workers of {field.queue_name} may have it: {_groups(field, members)}."


def _for_one(field: Candidates, members: Sequence[Worker]) -> str:
    if not members:
        return "Waiting: the Worker that it was sent to is gone."
    return f"Waiting: it was sent to {members[0].friendly_name} alone, who {_first(field, members[0])}."


def _first(field: Candidates, worker: Worker) -> str:
    return reasons(field, worker)[0].text


def _groups(field: Candidates, members: Sequence[Worker]) -> str:
    by_reason: dict[ReasonKind, list[str]] = {}
    for worker in members:
        by_reason.setdefault(field.failing[worker.sid][0], []).append(worker.friendly_name)
    groups = sorted(by_reason.items(), key=lambda each: -len(each[1]))
    return ", ".join(f"{len(names)} {_are(names)} {_COUNTED[kind]} ({listed(names)})" for kind, names in groups)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def of_others(task: Task, holders: Sequence[str], now: datetime) -> str:
    """Where a Task is that does not wait; `holders` are the Workers who hold or held it last, by name."""
    who = listed(holders) or "a Worker"
    match task.assignment_status:
        case TaskStatus.RESERVED:
            return f"Reserved for {who}{_time_to_answer(task, now)}."
        case TaskStatus.ASSIGNED:
            return f"Assigned to {who}."
        case TaskStatus.WRAPPING:
            return f"Assigned to {who}, who is wrapping up."
        case TaskStatus.COMPLETED:
            return f"Completed{f' by {who}' if holders else ''}{_because(task)}."
        case _:
            return f"Canceled{_because(task)}."


def _because(task: Task) -> str:
    return f": {task.reason.rstrip('.')}" if task.reason else ""


def _time_to_answer(task: Task, now: datetime) -> str:
    pending = [r for r in task.reservations if r.is_pending]
    if not pending:
        return ""
    left = max(0.0, (pending[0].expires_at - now).total_seconds())
    whom = "who has" if len(pending) == 1 else f"{counted(len(pending), 'Worker')} who have"
    return f", {whom} {duration(left)} left to answer"
