"""The Task's way through its Workflow: filter by filter, then target by target of the one it follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from labkit.display import shown
from labkit.engine import routing
from labkit.engine.diagnosis.findings import FilterFinding, FilterState, SkipFinding, TargetFinding, TargetState
from labkit.engine.resources import DEFAULT_FILTER, Task
from labkit.engine.time_of_day import with_time_of_day
from labkit.engine.workflow import KnownWorker, RoutingPlan, Target
from labkit.engine.workspace_state import WorkspaceState
from labkit.expressions import explain


def plan_of(state: WorkspaceState, task: Task) -> RoutingPlan | None:
    """The configuration that the Task follows; None when it is gone, which happens once the Task has ended."""
    try:
        return state.plan_of(task)
    except KeyError:
        return None


def scope_of(task: Task) -> dict[str, Any]:
    """What the filters were asked of: the Task's attributes, and the time of day at which it was made."""
    return with_time_of_day(task.scope, task.date_created)


def filters(state: WorkspaceState, task: Task) -> tuple[FilterFinding, ...]:
    """Every filter of the Task's Workflow, top down; none for a Task that was routed directly."""
    plan = plan_of(state, task)
    if plan is None or task.is_direct:
        return ()
    return tuple(_filters(plan, task))


def _filters(plan: RoutingPlan, task: Task) -> Iterator[FilterFinding]:
    taken, scope = followed(plan, task), scope_of(task)
    if taken is None or taken == DEFAULT_FILTER or (task.is_pending and not plan.filters[taken].matches(scope)):
        last = len(plan.filters)  # none of them matched
    else:
        last = taken
    for index, each in enumerate(plan.filters):
        name, expression = each.name or f"filter {index + 1}", each.expression
        if expression is None or index > last:
            text = expression.text if expression else ""
            yield FilterFinding(name=name, state=FilterState.NOT_LOOKED_AT, expression=text)
            continue
        trace = explain(expression, {"task": scope})
        state = _filter_state(matches=each.matches(scope), taken=index == taken)
        yield FilterFinding(name=name, state=state, expression=expression.text, trace=trace)
    if plan.default is not None:
        state = FilterState.TAKEN if taken == DEFAULT_FILTER else FilterState.NOT_LOOKED_AT
        yield FilterFinding(name=plan.default.name, state=state)


def _filter_state(*, matches: bool, taken: bool) -> FilterState:
    if matches:
        return FilterState.TAKEN if taken else FilterState.LEFT
    return FilterState.KEPT if taken else FilterState.NO_MATCH


def followed(plan: RoutingPlan, task: Task) -> int | None:
    """The index of the filter that the Task follows or followed to its end; None for one that was left by all."""
    index = task.filter_index
    if index is None or index == DEFAULT_FILTER:
        return index
    if index >= len(plan.filters) or (task.is_final and not plan.filters[index].matches(scope_of(task))):
        return None  # the Workflow was changed and evaluated again, and had no place for the Task
    return index


def targets(state: WorkspaceState, task: Task, now: datetime) -> tuple[TargetFinding, ...]:
    """Every target of the filter that the Task follows; none while it is handed over, past them all."""
    if task.transfer is not None:
        return ()
    plan = plan_of(state, task)
    index = followed(plan, task) if plan is not None else None
    current = plan.filter_at(index) if plan is not None and index is not None else None
    if current is None:
        return ()
    ends = _ends(task, current.targets)
    return tuple(
        _target(state, task, target=target, index=index, ends_at_age=ends[index], now=now)
        for index, target in enumerate(current.targets)
    )


def _ends(task: Task, steps: tuple[Target, ...]) -> list[int | None]:
    """The age at which each target ends: time limits add up, those of skipped targets do not count.

    None for a target without an end, and for all of them once the Task is over.
    """
    if task.is_final:
        return [None] * len(steps)
    spent: int | None = task.spent_seconds
    ends: list[int | None] = [None] * task.target_index
    for target in steps[task.target_index :]:
        spent = None if spent is None or target.timeout_seconds is None else spent + target.timeout_seconds
        ends.append(spent)
    return ends


def _target(
    state: WorkspaceState, task: Task, *, target: Target, index: int, ends_at_age: int | None, now: datetime
) -> TargetFinding:
    queue = state.task_queues.get(target.queue_sid)
    left = None
    if index == task.target_index and task.is_pending and task.target_deadline is not None:
        left = max(0, round((task.target_deadline - now).total_seconds()))
    return TargetFinding(
        state=_state(index, task.target_index),
        queue=queue.friendly_name if queue else target.queue_sid,
        queue_expression=queue.target_workers if queue else "",
        timeout_seconds=target.timeout_seconds,
        ends_at_age=ends_at_age,
        seconds_left=left,
        skip=skip_finding(state, target) if index >= task.target_index else None,
        priority=target.priority,
        known_worker=_known_worker(target.known_worker, task) if target.known_worker else "",
        known_by=target.known_worker.field if target.known_worker else "",
        expression=target.expression.text if target.expression else "",
        order_by=target.order.text if target.order else "",
    )


def _state(index: int, current: int) -> TargetState:
    if index == current:
        return TargetState.CURRENT
    return TargetState.PASSED if index < current else TargetState.AHEAD


def skip_finding(state: WorkspaceState, target: Target) -> SkipFinding | None:
    """A target's `skip_if` as it would be judged now; None without one."""
    if target.skip_if is None:
        return None
    text, activities = target.skip_if.text, state.activities
    counts = {
        f"{name} ({activities[name].friendly_name})" if name in activities else name: count
        for name, count in state.workers_by_activity(target.queue_sid).items()
        if name not in activities or name in text
    }
    return SkipFinding(expression=text, holds=routing.skips(state, target), counts=counts)


def known_value(known: KnownWorker, task: Task) -> Any:
    """What the Task's attribute holds that is to name the Worker."""
    value: Any = task.scope
    for name in known.reference:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _known_worker(known: KnownWorker, task: Task) -> str:
    value = known_value(known, task)
    return f"task.{'.'.join(known.reference)}, which is {'not set' if value is None else shown(value)}"
