"""Why a Task is where it is: everything put together, for Tasks in any state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from labkit import limits
from labkit.display import shown
from labkit.engine import callback_pauses
from labkit.engine.diagnosis import event_history, headline, suggestions, tasks_ahead, transfers, workers, workflow_path
from labkit.engine.diagnosis.findings import Findings, Suggestion, TaskFacts
from labkit.engine.diagnosis.other_advice import other_advice
from labkit.engine.diagnosis.wording import capital, full_stop, listed, period, times
from labkit.engine.diagnosis.workers import Candidates
from labkit.engine.effects import Event
from labkit.engine.lifecycle import REASON_TTL
from labkit.engine.resources import DEFAULT_FILTER, Task
from labkit.engine.workflow import RoutingPlan
from labkit.engine.workspace_state import WorkspaceState
from labkit.expressions.satisfying_values import wishes
from labkit.vocabulary import EventType, TaskStatus

_FORGOTTEN = (
    f"TaskRouter forgets a Task {limits.ENDED_TASK_KEPT_SECONDS // 60} minutes after its end; "
    "this is told from its events."
)
_TOLD_FROM_EVENTS = "This is told from the Task's events."
CHOICE_UNKNOWN = "Who else was free at the moment of a Reservation is not written down anywhere."


def explain_task(
    state: WorkspaceState,
    task_sid: str,
    now: datetime,
    *,
    events: Sequence[Event] = (),
    unknown: Sequence[str] = (),
) -> Findings:
    """Why a Task is where it is.

    Args:
        state: the Workspace; only read.
        task_sid: the Task. One that is gone, five minutes after its end, is explained from its events alone.
        now: the moment of asking.
        events: of the Task, oldest first; without any there is no history.
        unknown: what the state does not tell, when it was put together from less than everything.

    Raises:
        KeyError: there is no such Task, and no event of one.
    """
    task = state.tasks.get(task_sid)
    if task is None:
        return _gone(task_sid, now, events, unknown)
    known = Findings(
        at=now,
        task=_facts(state, task, now),
        headline=transfers.headline(state, task, now)
        or headline.of_others(task, _holders(state, task), now, events=events),
        filters=workflow_path.filters(state, task),
        targets=workflow_path.targets(state, task, now),
        choices=event_history.choices(events),
        history=event_history.steps(events),
        notes=tuple(_notes(state, task)),
        unknown=tuple(unknown),
    )
    target = state.target_of(task) if task.is_pending else None
    if target is not None:
        return _waiting(known, Candidates(state, task, target))
    if task.is_pending:
        known = replace(known, headline="Waiting, and in no target: no filter of its Workflow matches the Task.")
    return replace(
        known,
        suggestions=(*_to_come_in(state, task), *_to_stay_in(events), *_to_be_accepted(task)),
        unknown=(*unknown, *((CHOICE_UNKNOWN,) if known.choices else ())),
    )


def _waiting(known: Findings, field: Candidates) -> Findings:
    shown_workers = workers.findings(field)
    before, count = tasks_ahead.ahead(field.state, field.task, known.at)
    return replace(
        known,
        headline=transfers.of_waiting(field.state, field.task, headline.of_waiting(field, known.at)),
        workers=shown_workers,
        more_workers=len(field.state.workers) - len(shown_workers),
        tally=workers.tally(field),
        ahead=before,
        ahead_count=count,
        suggestions=_to_be_answered(field) if field.ranked else suggestions.suggestions(field) or other_advice(field),
    )


def _gone(task_sid: str, now: datetime, events: Sequence[Event], unknown: Sequence[str]) -> Findings:
    if not events:
        raise KeyError(task_sid)
    last = events[-1]
    data = next((event.data for event in reversed(events) if "task_assignment_status" in event.data), {})
    status = str(data.get("task_assignment_status", ""))
    choices = event_history.choices(events)
    is_over = last.type in (EventType.TASK_COMPLETED, EventType.TASK_CANCELED)
    return Findings(
        at=now,
        task=TaskFacts(
            sid=task_sid,
            status=status,
            priority=int(data.get("task_priority") or 0),
            channel=str(data.get("task_channel_unique_name") or ""),
            workflow=str(data.get("workflow_name") or ""),
            queue=str(data.get("task_queue_name") or ""),
            age_seconds=int((last.at - events[0].at).total_seconds()),
        ),
        headline=full_stop(f"This Task is gone, after {event_history.end(events)}"),
        choices=choices,
        history=event_history.steps(events),
        notes=(_FORGOTTEN if is_over else _TOLD_FROM_EVENTS,),
        unknown=(*unknown, *((CHOICE_UNKNOWN,) if choices else ())),
    )


def _facts(state: WorkspaceState, task: Task, now: datetime) -> TaskFacts:
    queue_record = state.task_queues.get(task.task_queue_sid or "")
    workflow = state.workflows.get(task.workflow_sid or "")
    waits = task.assignment_status in (TaskStatus.PENDING, TaskStatus.RESERVED)
    left = task.date_created + timedelta(seconds=task.timeout) - now
    return TaskFacts(
        sid=task.sid,
        status=str(task.assignment_status),
        attributes=task.scope,
        priority=task.priority,
        channel=state.task_channels[task.task_channel_sid].unique_name,
        workflow=workflow.friendly_name if workflow else "",
        queue=queue_record.friendly_name if queue_record else "",
        age_seconds=int((now - task.date_created).total_seconds()),
        ttl_seconds_left=max(0, int(left.total_seconds())) if waits and task.transfer is None else None,
    )


def _holders(state: WorkspaceState, task: Task) -> list[str]:
    """The Workers with open Reservations; when none is open, the Worker of the last."""
    held = [r for r in task.reservations if r.is_open] or (
        task.reservations[-1:] if task.assignment_status is TaskStatus.COMPLETED else []
    )
    found = [state.workers.get(r.worker_sid) for r in held]
    return [worker.friendly_name if worker else "a Worker who is gone" for worker in found]


def _notes(state: WorkspaceState, task: Task) -> Iterator[str]:
    workflow = state.workflows.get(task.workflow_sid or "")
    if workflow is not None and not task.is_direct and workflow.revision != task.workflow_revision:
        yield (
            f"Workflow {workflow.friendly_name} was changed after the Task came in, and the Task still follows the "
            "configuration that it met. Update the Workflow with ReEvaluateTasks=true to route waiting Tasks anew."
        )
    if task.is_direct:
        yield f"RoutingTarget names {transfers.called(state, task.routing_target or '')}, so no filter was asked."
    if task.ignores_capacity:
        yield "The Task ignores the Worker's capacity and Activity (IgnoreCapacity)."
    yield from transfers.notes(state, task)
    if task.assignments and task.is_pending and not task.transfers:
        yield (
            f"It was reserved {times(task.assignments)} before, and nobody accepted it; "
            f"after {times(limits.MAX_ASSIGNMENTS)} it is canceled."
        )


def _to_be_answered(field: Candidates) -> tuple[Suggestion, ...]:
    """For a Task that somebody may have, and that pauses because nobody answers its callbacks."""
    if callback_pauses.paused_until(field.state, field.task) is None:
        return ()
    return (
        Suggestion(
            text="Mend what answers at the Workflow's AssignmentCallbackUrl, and wait for the next attempt; or set "
            "that URL again, then it is asked at once."
        ),
    )


# --- when no filter will ever have it --------------------------------------------------------------------------------


def _to_come_in(state: WorkspaceState, task: Task) -> Iterator[Suggestion]:
    """For a Task that no filter matches, which may be why it was canceled."""
    plan = workflow_path.plan_of(state, task)
    if plan is None or task.is_direct or task.assignment_status not in (TaskStatus.PENDING, TaskStatus.CANCELED):
        return
    if plan.first_match(workflow_path.scope_of(task)) is None and task.filter_index != DEFAULT_FILTER:
        yield from _to_match(plan, task)
        if plan.default is None:
            yield Suggestion(text="Add a default_filter to the Workflow: it takes the Tasks that no filter matches.")


def _to_match(plan: RoutingPlan, task: Task) -> Iterator[Suggestion]:
    values: dict[str, list[str]] = {}
    for each in plan.filters:
        way_in = (
            wishes(each.expression, {"task": workflow_path.scope_of(task)}, root="task") if each.expression else None
        )
        if way_in and len(way_in) == 1:
            [(path, value)] = way_in.items()
            values.setdefault(".".join(path[1:]), []).append(shown(value))
    for name, options in values.items():
        yield Suggestion(text=capital(f"set {name} of the Task to {listed(options, conjunction='or')}"))


_TO_STAY = {
    EventType.WORKFLOW_TIMEOUT: "Leave the timeout of the filter's last target out: then the Task waits there.",
    EventType.WORKFLOW_SKIPPED: "Leave skip_if of the filter's last target out, or add a default_filter.",
}


def _to_stay_in(events: Sequence[Event]) -> Iterator[Suggestion]:
    """For a Task that was canceled because no target was left."""
    for type_, text in _TO_STAY.items():
        if any(event.type == type_ for event in events):
            yield Suggestion(text=text)


def _to_be_accepted(task: Task) -> Iterator[Suggestion]:
    """For a Task that was canceled because nobody took it in all its time."""
    if task.reason != REASON_TTL:
        return
    if task.assignments >= limits.MAX_ASSIGNMENTS:
        yield Suggestion(text="Accept one of its Reservations, or set Workers who do not answer to Offline.")
    else:
        yield Suggestion(
            text=f"Have somebody accept it within {period(task.timeout)}, or create it with a longer Timeout."
        )
