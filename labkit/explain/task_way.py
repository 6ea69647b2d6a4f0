"""The way of a Task through a Workflow: which filter took it, which targets it has left and why, where it is.

It is that of one of TaskRouter's Tasks, or of one that is tried in an engine of its own (`trial_workspace.py`): then
the engine creates it, so the way is the one that the sandbox would lead it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from labkit.attributes import compact_json
from labkit.display import duration
from labkit.engine import commands as c
from labkit.engine.diagnosis import Findings, explain_task
from labkit.engine.diagnosis.findings import (
    FilterFinding,
    FilterState,
    SkipFinding,
    TargetFinding,
    TargetState,
    WorkerFinding,
)
from labkit.engine.diagnosis.wording import listed, reads, why_false
from labkit.engine.diagnosis.workers import NEVER_RESERVED
from labkit.engine.diagnosis.workflow_path import skip_finding
from labkit.engine.effects import Alert
from labkit.engine.engine import Engine
from labkit.engine.refusals import InvalidParameter, NoQueueMatched
from labkit.engine.resources import Task, Workflow
from labkit.engine.time_of_day import with_time_of_day
from labkit.engine.workflow import RoutingPlan
from labkit.engine.workspace_state import WorkspaceState
from labkit.explain.trial_workspace import WORKSPACE_SID, TrialTask, TrialWorkspace
from labkit.explain.workflow_steps import FilterStep, TargetStep
from labkit.expressions import explain
from labkit.vocabulary import TaskStatus

Steps = tuple[FilterStep, ...]
_FOLLOWED = (FilterState.TAKEN, FilterState.KEPT)
Left = Callable[[int, int], str]
"""Why the target with this number, of the filter with that one, was left."""


class TaskPlace(StrEnum):
    """What has become of a Task, or would."""

    WAITS = "waits"
    TAKEN = "taken"
    """It is reserved for somebody, or further along."""
    ENDED = "ended"
    REFUSED = "refused"
    """TaskRouter does not make it: no filter matches, and there is no default filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWay:
    """Where a Task is in a Workflow, or would be.

    Attributes:
        task: what it is called.
        place: what has become of it.
        text: the same as a sentence.
        is_real: whether it is one of TaskRouter's, and not tried only.
        workers: who may have it, in their order, then who may not and why: each with whether, and a clause.
        alerts: what Twilio's debugger would show.
    """

    task: str
    place: TaskPlace
    text: str
    is_real: bool = False
    workers: tuple[tuple[bool, str], ...] = ()
    alerts: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """It as JSON values."""
        return {**asdict(self), "place": str(self.place)}


# --- a Task that is tried --------------------------------------------------------------------------------------------


def of_trial(
    engine: Engine, workspace: TrialWorkspace, workflow: Workflow, *, task: TrialTask, steps: Steps
) -> tuple[Steps, TaskWay]:
    """Create a Task, and see where it comes.

    Args:
        engine: of the Workspace, with the Workflow in it.
        workspace: what the engine was made of.
        workflow: in which the Task is created.
        task: it.
        steps: of the Workflow, on which its way is marked.
    """
    state = engine.states[WORKSPACE_SID]
    try:
        outcome = engine.handle(_create(task, state, workflow), workspace.now)
    except NoQueueMatched:
        return _refused(state.plan(workflow.sid, workflow.revision), workspace, task=task, steps=steps)
    except InvalidParameter as error:
        return steps, TaskWay(task=task.name, place=TaskPlace.REFUSED, text=f"TaskRouter refuses to make it. {error}.")
    made: Task = outcome.result
    found = explain_task(state, made.sid, workspace.now, events=outcome.events)
    lit = _lit(steps, found, left=lambda *at: _skipped(state, made, *at), is_skipped_out=made.is_final)
    found_workers = () if made.is_final else _as_it_waited(workspace, workflow, made).workers
    return lit, TaskWay(
        task=task.name,
        place=_place(str(made.assignment_status)),
        text=_would(state, made, found),
        workers=tuple(_worker(_without_idle_time(each)) for each in found_workers),
        alerts=tuple(map(_alert, outcome.alerts)),
    )


def _create(task: TrialTask, state: WorkspaceState, workflow: Workflow) -> c.CreateTask:
    channel = state.task_channel(task.task_channel) or next(iter(state.task_channels.values()))
    return c.CreateTask(
        workspace_sid=WORKSPACE_SID,
        attributes=compact_json(task.attributes),
        workflow_sid=workflow.sid,
        priority=task.priority,
        task_channel=channel.sid,
    )


def _refused(plan: RoutingPlan, workspace: TrialWorkspace, *, task: TrialTask, steps: Steps) -> tuple[Steps, TaskWay]:
    scope = {"task": with_time_of_day(task.attributes, workspace.now)}
    traces = [explain(each.expression, scope) for each in plan.filters if each.expression is not None]
    lit = (replace(s, state=str(FilterState.NO_MATCH), why=why_false(t)) for s, t in zip(steps, traces, strict=True))
    text = "No filter matches it, and there is no default filter: TaskRouter refuses to make the Task (HTTP 400)."
    return tuple(lit), TaskWay(task=task.name, place=TaskPlace.REFUSED, text=text)


def _as_it_waited(workspace: TrialWorkspace, workflow: Workflow, task: Task) -> Findings:
    """Why the Task waits in its target, as if it was not reserved yet: who would be asked, and in which order."""
    waiting = replace(task, assignment_status=TaskStatus.PENDING, reservations=[], transfers=[], legs=[])
    state = workspace.engine(workflow, waiting).states[WORKSPACE_SID]
    return explain_task(state, task.sid, workspace.now)


def _without_idle_time(worker: WorkerFinding) -> WorkerFinding:
    """Here nobody was ever reserved, so that this says nothing of who has been idle longest."""
    return replace(worker, order=worker.order.removesuffix(NEVER_RESERVED).removesuffix(", "))


def _skipped(state: WorkspaceState, task: Task, filter_index: int, target_index: int) -> str:
    """A Task that has just been made has waited nowhere: what it left, it has skipped."""
    targets = state.plan_of(task).filters[filter_index].targets
    return f"skipped: {_skip_words(skip_finding(state, targets[target_index]))}, and nobody could take it at once"


def _skip_words(skip: SkipFinding | None) -> str:
    if skip is None:
        return "there was no way to stay"
    counts = reads((f"workers.{name}", count) for name, count in skip.counts.items())
    return f"skip_if {'holds' if skip.holds else 'does not hold'} ({counts})"


def _would(state: WorkspaceState, task: Task, found: Findings) -> str:
    if task.assignment_status is not TaskStatus.RESERVED:
        return _as_would(found.headline)
    names = [state.workers[each.worker_sid].friendly_name for each in task.reservations if each.is_open]
    return f"It would be reserved for {listed(names)} at once, from TaskQueue {found.task.queue}."


def _as_would(headline: str) -> str:
    """What is said of a Task that is there, of one that is not."""
    for now, then in (("Waiting:", "It would wait:"), ("Task canceled", "It would be canceled at once")):
        if headline.startswith(now):
            return then + headline.removeprefix(now)
    return headline


def _alert(alert: Alert) -> str:
    return f"Alert {int(alert.code)}: {alert.text}."


# --- one of TaskRouter's Tasks ---------------------------------------------------------------------------------------


def of_findings(found: Findings, *, name: str, steps: Steps) -> tuple[Steps, TaskWay]:
    """The way of a Task that TaskRouter has.

    Args:
        found: why it is where it is.
        name: what it is called.
        steps: of the Workflow as it is now; a Task that follows an older configuration has no way in them.
    """
    way = TaskWay(
        task=name,
        place=_place(found.task.status),
        text=found.headline,
        is_real=True,
        workers=tuple(map(_worker, found.workers)),
    )
    if not found.filters:  # it was sent straight to somebody
        return steps, replace(way, text=" ".join((found.headline, *found.notes)))
    if not _is_of(found, steps):
        return steps, replace(way, text=f"{found.headline} It goes by another configuration than this one.")
    return _lit(steps, found, left=lambda *at: _passed(steps, *at)), way


def _is_of(found: Findings, steps: Steps) -> bool:
    """Whether a Task goes by the configuration that has these steps."""
    if [each.expression for each in found.filters] != [each.expression for each in steps]:
        return False
    taken = [step for step, each in zip(steps, found.filters, strict=True) if each.state in _FOLLOWED]
    queues = [target.queue for target in taken[0].targets] if taken else []
    return not found.targets or [each.queue for each in found.targets] == queues


def _passed(steps: Steps, filter_index: int, target_index: int) -> str:
    """Why a target was left, as far as it follows from the configuration: there are two ways."""
    target = steps[filter_index].targets[target_index]
    if not target.timeout:
        return "skipped: skip_if held, and nobody could take it at once" if target.skip_if else "left"
    return f"left: {target.timeout} were over{', or skip_if held' if target.skip_if else ''}"


# --- on the steps ----------------------------------------------------------------------------------------------------


def _lit(steps: Steps, found: Findings, *, left: Left, is_skipped_out: bool = False) -> Steps:
    """The steps with what became of them; `is_skipped_out` is whether the Task has left the last target as well."""
    lit: list[FilterStep] = []
    for index, (step, finding) in enumerate(zip(steps, found.filters, strict=True)):
        if finding.state in _FOLLOWED and found.targets:  # none while it is handed over, past them all
            pairs = zip(step.targets, found.targets, strict=True)
            targets = [
                _current(each, seen, left=partial(left, index, n), found=found, is_skipped_out=is_skipped_out)
                for n, (each, seen) in enumerate(pairs)
            ]
        elif finding.state is FilterState.LEFT:
            targets = [_gone(each, left(index, n)) for n, each in enumerate(step.targets)]
        else:
            targets = list(step.targets)
        lit.append(replace(step, state=str(finding.state), why=_filter_words(step, finding), targets=tuple(targets)))
    return tuple(lit)


def _filter_words(step: FilterStep, found: FilterFinding) -> str:
    match found.state:
        case FilterState.NO_MATCH:
            return why_false(found.trace) if found.trace else "does not match"
        case FilterState.NOT_LOOKED_AT:
            return "not looked at"
        case FilterState.KEPT:
            return "matched when it came in, and it stays"
        case FilterState.LEFT:
            return "matches; it has been through its targets"
    if step.is_default:
        return "takes what no filter has taken"
    return f"takes it: {reads(found.trace.reads)}" if found.trace and found.trace.reads else "takes it"


def _current(
    target: TargetStep, seen: TargetFinding, *, left: Callable[[], str], found: Findings, is_skipped_out: bool
) -> TargetStep:
    if seen.state is TargetState.PASSED or (is_skipped_out and seen.state is TargetState.CURRENT):
        return _gone(target, left())
    return replace(target, state=str(seen.state), why=", ".join(filter(None, _stays(seen, found.task.status))))


def _stays(seen: TargetFinding, status: str) -> Iterator[str]:
    """What became of the Task in the target that it is in, and how long it may stay in this one or in a later one."""
    if seen.state is TargetState.CURRENT and status not in (TaskStatus.PENDING, TaskStatus.RESERVED):
        yield "it was here at the end" if status == TaskStatus.CANCELED else "taken here"
        return
    if seen.ends_at_age is not None:
        yield f"until the Task is {duration(seen.ends_at_age)} old"
    if seen.state is TargetState.CURRENT and status == TaskStatus.PENDING and seen.skip is not None:
        yield _skip_words(seen.skip)


def _gone(target: TargetStep, why: str) -> TargetStep:
    return replace(target, state=str(TargetState.PASSED), why=why)


def _worker(found: WorkerFinding) -> tuple[bool, str]:
    if found.eligible:
        return True, f"{found.name} may have it: number {found.place}{f' ({found.order})' if found.order else ''}"
    return False, f"{found.name} {'; and '.join(each.text for each in found.reasons)}"


def _place(status: str) -> TaskPlace:
    if status == TaskStatus.PENDING:
        return TaskPlace.WAITS
    return TaskPlace.ENDED if status in (TaskStatus.COMPLETED, TaskStatus.CANCELED) else TaskPlace.TAKEN
