"""Tasks (docs: /docs/taskrouter/api/task)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labkit import limits
from labkit.engine import commands as c
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import Task
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression
from labkit.sandbox.api import ordering
from labkit.sandbox.api.params import (
    Flag,
    Moment,
    Status,
    Text,
    WholeNumber,
    in_lower_case,
    is_true,
    without_blanks,
)
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Keep, Operation, QueryFilter, Resource, by_field, exactly


def render(place: RequestContext, task: Task) -> dict[str, Any]:
    state, base = place.state, place.workspace_url
    url = f"{base}/Tasks/{task.sid}"
    queue_sid, workflow_sid = task.task_queue_sid, task.workflow_sid
    # A Workflow can be deleted while Tasks that have ended still name it.
    return {
        "sid": task.sid,
        "account_sid": place.account_sid,
        "workspace_sid": task.workspace_sid,
        "workflow_sid": workflow_sid,
        "workflow_friendly_name": workflow_name(place, task),
        "task_queue_sid": queue_sid,
        "task_queue_friendly_name": queue_name(place, task),
        "task_queue_entered_date": moment(task.task_queue_entered_date),
        "task_channel_sid": task.task_channel_sid,
        "task_channel_unique_name": state.task_channels[task.task_channel_sid].unique_name,
        "assignment_status": task.assignment_status,
        "attributes": task.attributes,
        "addons": "{}",
        "age": int((place.now - task.date_created).total_seconds()),
        "priority": task.priority,
        "reason": task.reason,
        "timeout": task.timeout,
        "date_created": moment(task.date_created),
        "date_updated": moment(task.date_updated),
        "virtual_start_time": moment(task.virtual_start_time),
        "ignore_capacity": task.ignore_capacity,
        "routing_target": task.routing_target,
        "url": url,
        "links": {
            "task_queue": f"{base}/TaskQueues/{queue_sid}" if queue_sid else None,
            "workflow": f"{base}/Workflows/{workflow_sid}" if workflow_sid else None,
            "workspace": base,
            "reservations": f"{url}/Reservations",
        },
    }


def queue_name(place: RequestContext, task: Task) -> str | None:
    queue = place.state.task_queues.get(task.task_queue_sid or "")
    return queue.friendly_name if queue else None


def workflow_name(place: RequestContext, task: Task) -> str | None:
    workflow = place.state.workflows.get(task.workflow_sid or "")
    return workflow.friendly_name if workflow else None


def _in_status(_: RequestContext, values: Sequence[str]) -> Keep:
    """The key repeated, or a list with commas."""
    wanted = {in_lower_case(word.strip()) for value in values for word in value.split(",")}
    return lambda task: task.assignment_status in wanted


def _matching(_: RequestContext, values: Sequence[str]) -> Keep:
    try:
        expression = compile_expression(values[-1], Dialect.TASK)
    except ExpressionError as error:
        raise InvalidParameter("EvaluateTaskAttributes", str(error)) from None
    return lambda task: expression.matches({"task": task.scope})


def _with_addons(_: RequestContext, values: Sequence[str]) -> Keep:
    """No Task has any here: add-ons come with phone numbers."""
    wanted = is_true(values[-1])
    return lambda _: not wanted


def _of_priority(_: RequestContext, values: Sequence[str]) -> Keep:
    wanted = WholeNumber(name="Priority", field="priority").value(values[-1])
    return lambda task: task.priority == wanted


def _belongs(place: RequestContext, task: Task) -> bool:
    """Whether the member who asks holds or held a Reservation of it."""
    return any(place.is_own(each.worker_sid) for each in task.reservations)


RESOURCE = Resource(
    key="tasks",
    path="/Workspaces/{workspace_sid}/Tasks",
    own="sid",
    records=lambda place: place.state.tasks.values(),
    find=lambda place, sid: place.state.tasks.get(sid),
    render=render,
    belongs=_belongs,
    versioned=True,
    filters=(
        QueryFilter(name="AssignmentStatus", keep=_in_status),
        QueryFilter(name="Priority", keep=_of_priority),
        by_field("WorkflowSid", "workflow_sid"),
        exactly("WorkflowName", workflow_name),
        by_field("TaskQueueSid", "task_queue_sid"),
        exactly("TaskQueueName", queue_name),
        by_field("RoutingTarget", "routing_target"),
        QueryFilter(name="EvaluateTaskAttributes", keep=_matching, is_slow=True),
        QueryFilter(name="HasAddons", keep=_with_addons),
    ),
    order=ordering.by(
        {
            "DateCreated": lambda task: task.date_created,
            "Priority": lambda task: task.priority,
            "VirtualStartTime": lambda task: task.virtual_start_time,
        }
    ),
    create=Operation(
        params=(
            Text(name="Attributes", field="attributes", empty="{}"),
            Text(name="WorkflowSid", field="workflow_sid", empty=None),
            WholeNumber(name="Timeout", field="timeout", least=1, most=limits.MAX_TASK_TIMEOUT_SECONDS),
            WholeNumber(name="Priority", field="priority"),
            Text(name="TaskChannel", field="task_channel", empty=None),
            Moment(name="VirtualStartTime", field="virtual_start_time"),
            Text(name="RoutingTarget", field="routing_target", empty=None),
            Flag(name="IgnoreCapacity", field="ignore_capacity"),
            Text(name="TaskQueueSid", field="task_queue_sid", empty=None),
        ),
        command=lambda place, _, values, __: c.CreateTask(workspace_sid=place.workspace.sid, **without_blanks(values)),
    ),
    update=Operation(
        params=(
            Text(name="Attributes", field="attributes", empty="{}"),
            Status(name="AssignmentStatus", field="assignment_status"),
            Text(name="Reason", field="reason", longest=4096, empty=None),
            WholeNumber(name="Priority", field="priority"),
            Text(name="TaskChannel", field="task_channel", empty=None),
            Moment(name="VirtualStartTime", field="virtual_start_time"),
        ),
        command=lambda place, sid, values, if_match: c.UpdateTask(
            workspace_sid=place.workspace.sid, sid=sid, changes=values, if_match=if_match
        ),
    ),
    delete=Operation(
        command=lambda place, sid, _, if_match: c.DeleteTask(
            workspace_sid=place.workspace.sid, sid=sid, if_match=if_match
        )
    ),
)
