"""The answer in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from labkit import limits
from labkit.display import shortened
from labkit.engine import call_instructions, callback_pauses, lifecycle, matching, routing
from labkit.engine.diagnosis.findings import ReasonKind
from labkit.engine.diagnosis.wording import full_stop, listed, of_none, of_several, period, times
from labkit.engine.diagnosis.workers import Candidates, first_kind, known_words, reasons
from labkit.engine.diagnosis.workflow_path import known_value
from labkit.engine.effects import Event
from labkit.engine.resources import Task, Worker
from labkit.engine.workflow import KnownWorker
from labkit.vocabulary import EventType, TaskStatus


def of_waiting(field: Candidates, now: datetime) -> str:
    """Why a pending Task waits; `field` is its current target."""
    if field.ranked:
        may_have_it = f"{field.ranked[0].friendly_name} may have it now, and is the first in line."
        return _paused(field, now) or may_have_it
    if not field.state.workers:
        return "Waiting: there is no Worker in this Workspace."
    return f"Waiting: {_why_waiting(field, field.members)}."


def _why_waiting(field: Candidates, members: Sequence[Worker]) -> str:
    if field.task.is_for_one_worker:
        return _for_one(field, members)
    if field.target.known_worker is not None:
        return _for_known(field, field.target.known_worker)
    if not members:
        expression = field.state.task_queues[field.target.queue_sid].target_workers
        what = f"({shortened(expression)})" if expression.strip() else "(TargetWorkers is empty, which matches nobody)"
        return f"no Worker matches TaskQueue {field.queue_name} {what}"
    if len(members) == 1:
        return f"{members[0].friendly_name} is the only Worker of {field.queue_name}, and {_first(field, members[0])}"
    return _of_members(field, members)


def _paused(field: Candidates, now: datetime) -> str | None:
    until = callback_pauses.paused_until(field.state, field.task)
    if until is None:
        return None
    left = period((until - now).total_seconds())
    return f"Waiting: {_unanswered(field)}; it is reserved again in {left}."


def _unanswered(field: Candidates) -> str:
    failures, workflow = field.task.failed_callbacks, field.state.workflows.get(field.task.workflow_sid or "")
    if failures:
        return f"its assignment callback failed{'' if failures == 1 else f' {times(failures)} in a row'}"
    return f"the assignment callbacks of Workflow {workflow.friendly_name if workflow else ''} fail"


def _for_one(field: Candidates, members: Sequence[Worker]) -> str:
    if not members:
        return "the Worker that it was sent to is gone"
    return f"it was sent to {members[0].friendly_name} alone, who {_first(field, members[0])}"


def _for_known(field: Candidates, known: KnownWorker) -> str:
    named = [worker for worker in field.state.workers.values() if matching.is_known(worker, field.task, known)]
    if named:
        return f"it is for the known Worker {named[0].friendly_name} alone, who {_first(field, named[0])}"
    who = "which nobody has" if isinstance(known_value(known, field.task), str) else "so nobody is known"
    return f"it is for a known Worker alone, and {known_words(known, field.task)}, {who}"


def _first(field: Candidates, worker: Worker) -> str:
    return reasons(field, worker)[0].text


def _of_members(field: Candidates, members: Sequence[Worker]) -> str:
    by_reason: dict[ReasonKind, list[str]] = {}
    for worker in members:
        by_reason.setdefault(first_kind(field, worker), []).append(worker.friendly_name)
    none = "neither Worker" if len(members) == 2 else f"none of the {len(members):,} Workers"
    if len(by_reason) == 1:
        return f"{none} of {field.queue_name} {of_none(*by_reason)}"
    groups = sorted(by_reason.items(), key=lambda each: -len(each[1]))
    said = "; ".join(f"{listed(names)} {of_several(kind, len(names))}" for kind, names in groups)
    return f"{none} of {field.queue_name} may have it: {said}"


def of_others(task: Task, holders: Sequence[str], now: datetime, *, events: Sequence[Event]) -> str:
    """Where a Task is that does not wait.

    Args:
        task: not pending.
        holders: the Workers who hold or held it last, by name.
        now: the moment of asking.
        events: of the Task, from which the cause of its end may follow.
    """
    who = listed(holders) or "a Worker"
    match task.assignment_status:
        case TaskStatus.RESERVED:
            return f"Task reserved for {who}{_time_to_answer(task, now)}."
        case TaskStatus.ASSIGNED:
            return f"Task assigned to {who}."
        case TaskStatus.WRAPPING:
            return f"Task wrapping, with {who}."
        case TaskStatus.COMPLETED:
            return full_stop(f"Task completed{f' by {who}' if holders else ''}{_because(task)}")
        case _:
            return full_stop(f"Task canceled{_why_canceled(task, {event.type for event in events})}")


_PLAINLY: Mapping[str, str] = {
    routing.REASON_SKIPPED: ": the last target of its filter was skipped",
    routing.REASON_FELL_OUT: ": no filter of its Workflow takes it",
    call_instructions.REASON_HANGUP: ": the caller hung up",
}


def _why_canceled(task: Task, types: set[str]) -> str:
    """TaskRouter's own reasons in plain words, two of which have two meanings. Anybody else's stays as it is."""
    if task.reason == lifecycle.REASON_TTL and task.assignments >= limits.MAX_ASSIGNMENTS:
        return f": it was reserved {times(task.assignments)}, and nobody accepted it"
    if task.reason == lifecycle.REASON_TTL:
        return f": nobody accepted it within its timeout of {period(task.timeout)}"
    if task.reason == routing.REASON_FELL_OUT and EventType.WORKFLOW_TIMEOUT in types:
        return ": the time of its filter's last target was up"
    plainly = _PLAINLY.get(task.reason or "") if types else ""
    return plainly or _because(task)


def _because(task: Task) -> str:
    return f": {task.reason}" if task.reason else ""


def _time_to_answer(task: Task, now: datetime) -> str:
    pending = [r for r in task.reservations if r.is_pending]
    if not pending:
        return ""
    left = period((pending[0].expires_at - now).total_seconds())
    return f", who {'has' if len(pending) == 1 else 'have'} {left} left to answer"
