"""Where a Task stands in its Workflow, worked out from its TaskQueue and its age: REST does not say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from labkit.attributes import parse_json
from labkit.engine.resources import DEFAULT_FILTER, Task, Workflow, WorkflowRevision
from labkit.engine.time_of_day import with_time_of_day
from labkit.engine.workflow import Filter, RoutingPlan


def infer_position(
    task: Task, workflow: Workflow, plan: RoutingPlan, *, queue_sid: str | None, now: datetime
) -> list[WorkflowRevision]:
    """Put the Task into the target that it must be in.

    Args:
        task: gets its place.
        workflow: the Task's.
        plan: its configuration.
        queue_sid: the TaskQueue to which it has led the Task; None for a Task that is in no target.
        now: the moment of asking.

    Returns:
        Nothing, or the configuration that leads to the Task's TaskQueue when the Workflow's own does not any more:
        then the Task came in before the Workflow was changed.
    """
    scope = with_time_of_day(parse_json(task.attributes), task.date_created)
    task.workflow_revision = workflow.revision
    for index, each in _matching(plan, scope):
        if any(target.queue_sid == queue_sid for target in each.targets):
            task.filter_index = index
            _stand_in(task, each, queue_sid=queue_sid, age_seconds=(now - task.date_created).total_seconds())
            return []
    return [_older(task, workflow, queue_sid)] if queue_sid else []


def _matching(plan: RoutingPlan, scope: dict[str, object]) -> Iterator[tuple[int, Filter]]:
    index = plan.first_match(scope)
    while index is not None:
        yield index, plan.filters[index]
        index = plan.first_match(scope, after=index)
    if plan.default is not None:
        yield DEFAULT_FILTER, plan.default


def _stand_in(task: Task, current: Filter, *, queue_sid: str | None, age_seconds: float) -> None:
    """The first target of the Task's TaskQueue whose time is not up by its age, else the last of that TaskQueue."""
    ends = 0
    for index, target in enumerate(current.targets):
        spent, ends = ends, ends + (target.timeout_seconds or 0)
        if target.queue_sid != queue_sid:
            continue
        task.target_index, task.spent_seconds, task.target_deadline = index, spent, None
        if target.timeout_seconds is not None:
            task.target_deadline = task.date_created + timedelta(seconds=ends)
        if target.timeout_seconds is None or ends > age_seconds:
            return


def _older(task: Task, workflow: Workflow, queue_sid: str) -> WorkflowRevision:
    """Of the configuration that the Task met, all that is known: it leads to the Task's TaskQueue."""
    workflow.revision += 1
    task.filter_index = DEFAULT_FILTER
    name = "of an older configuration"
    routing = {"default_filter": {"queue": queue_sid, "filter_friendly_name": name}}
    return WorkflowRevision(
        sid=f"{workflow.sid}/{task.workflow_revision}",
        workspace_sid=workflow.workspace_sid,
        number=0,
        date_created=workflow.date_created,
        date_updated=workflow.date_updated,
        workflow_sid=workflow.sid,
        revision=task.workflow_revision,
        configuration=json.dumps({"task_routing": routing}),
    )
