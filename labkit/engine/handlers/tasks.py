"""Tasks (docs: /docs/taskrouter/api/task)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from labkit import limits
from labkit.engine import call_legs, callback_pauses, event_payloads, lifecycle, routing
from labkit.engine import commands as c
from labkit.engine.deadlines import Due
from labkit.engine.handlers.common import find, find_named
from labkit.engine.json_parameters import parse_attributes
from labkit.engine.refusals import AttributesWithStatus, InvalidParameter, MissingParameter, NoQueueMatched
from labkit.engine.resources import DEFAULT_FILTER, Task, TaskChannel, Workflow
from labkit.engine.states import TaskStep, next_task_status
from labkit.engine.unit_of_work import UnitOfWork, check_version
from labkit.vocabulary import EventType, Sid, TaskStatus

_STEPS: dict[str, TaskStep] = {
    TaskStatus.CANCELED: TaskStep.CANCEL,
    TaskStatus.COMPLETED: TaskStep.COMPLETE,
    TaskStatus.WRAPPING: TaskStep.WRAP,
}
"""What an update of `assignment_status` may ask for."""


def create(unit: UnitOfWork, command: c.CreateTask) -> Task:
    """A new Task, let into its Workflow at once.

    Raises:
        NoQueueMatched: no filter matches, and there is no default one.
        InvalidParameter, MissingParameter: a parameter is wrong, or which Workflow is meant is not said.
    """
    state = unit.state
    attributes, values = parse_attributes(command.attributes)
    workflow = _choose_workflow(unit, command)
    task = Task(
        **unit.new_record_fields(Sid.TASK),
        attributes=attributes,
        priority=command.priority or 0,
        timeout=command.timeout,
        task_channel_sid=_find_channel(unit, command.task_channel).sid,
        workflow_sid=workflow.sid if workflow else None,
        workflow_revision=workflow.revision if workflow else 0,
        virtual_start_time=_check_start(unit, command.virtual_start_time) or unit.now,
        scope=values,
        **_direct_routing(unit, command),
    )
    filter_index = DEFAULT_FILTER if task.is_direct else routing.choose_filter(unit, task)
    if filter_index is None:
        workspace = state.workspace
        raise NoQueueMatched(workspace_sid=workspace.sid, account_sid=workspace.account_sid)
    _check_room(unit)
    state.tasks[task.sid] = unit.add(task)
    state.in_flight += 1
    ttl = task.date_created + timedelta(seconds=task.timeout)
    unit.deadlines.add(ttl, Due.TASK_TIMEOUT, task)
    ahead = routing.queue_ahead(unit, task, filter_index)
    event_payloads.report_task(unit, EventType.TASK_CREATED, task, f"Task {task.sid} created", **ahead)
    call_legs.caller_arrives(unit, task)
    routing.enter_workflow(unit, task, filter_index, ahead=ahead)
    return task


def _choose_workflow(unit: UnitOfWork, command: c.CreateTask) -> Workflow | None:
    workflows = unit.state.workflows
    target = command.routing_target or ""
    if command.workflow_sid:
        return find_named(workflows, command.workflow_sid, parameter="WorkflowSid")
    if target.startswith(Sid.WORKFLOW):
        return find_named(workflows, target, parameter="RoutingTarget")
    if len(workflows) == 1:
        return next(iter(workflows.values()))
    if target:
        return None
    raise MissingParameter("WorkflowSid")


def _direct_routing(unit: UnitOfWork, command: c.CreateTask) -> dict[str, Any]:
    target = command.routing_target
    to_worker = bool(target) and str(target).startswith(Sid.WORKER)
    if command.ignore_capacity is not None and not to_worker:
        raise InvalidParameter("IgnoreCapacity", "it goes with a RoutingTarget that is a Worker")
    if not target:
        return {}
    queue_sid = command.task_queue_sid or ""
    if to_worker:
        find_named(unit.state.workers, target, parameter="RoutingTarget")
    elif target.startswith(Sid.TASK_QUEUE):
        find_named(unit.state.task_queues, target, parameter="RoutingTarget")
        queue_sid = target
    elif not target.startswith(Sid.WORKFLOW):
        raise InvalidParameter(
            "RoutingTarget", f"{target[:64]!r} is not the SID of a Worker, a TaskQueue or a Workflow"
        )
    if queue_sid:
        find_named(unit.state.task_queues, queue_sid, parameter="TaskQueueSid")
    ignore = to_worker and command.ignore_capacity is not False
    return {"routing_target": target, "direct_queue_sid": queue_sid, "ignore_capacity": ignore}


def _find_channel(unit: UnitOfWork, sid_or_name: str) -> TaskChannel:
    channel = unit.state.task_channel(sid_or_name)
    if channel is None:
        names = ", ".join(ch.unique_name for ch in unit.state.task_channels.values())
        raise InvalidParameter("TaskChannel", f"there is no TaskChannel {sid_or_name[:64]!r} here; there are {names}")
    return channel


def _check_start(unit: UnitOfWork, start: datetime | None) -> datetime | None:
    if start is not None and start > unit.now:
        raise InvalidParameter("VirtualStartTime", f"{start.isoformat()} is in the future")
    if start is not None and start.year < 1900:
        raise InvalidParameter("VirtualStartTime", f"{start.isoformat()} is before 1900")
    return start


def _check_room(unit: UnitOfWork) -> None:
    if unit.state.in_flight >= limits.MAX_TASKS_IN_FLIGHT:
        raise InvalidParameter(
            "WorkflowSid", f"the Workspace has {limits.MAX_TASKS_IN_FLIGHT} Tasks in flight, which is the most"
        )


def update(unit: UnitOfWork, command: c.UpdateTask) -> Task:
    """Change what is given; a status change comes last.

    Raises:
        AttributesWithStatus: the attributes with the status wrapping or completed.
    """
    task = find(unit.state.tasks, command.sid)
    check_version(task, command.if_match)
    changes = command.changes
    step = _check_step(unit, task, changes.get("assignment_status"))
    if step in (TaskStep.WRAP, TaskStep.COMPLETE) and "attributes" in changes:
        raise AttributesWithStatus(str(changes["assignment_status"]))
    values = _check_values(unit, task, changes)
    if values:
        _describe(unit, task, values)
    if "reason" in changes:
        task.reason = changes["reason"]
    if step is TaskStep.WRAP:
        lifecycle.wrap_up(unit, task)
        call_legs.hang_up_all(unit, task)
    elif step is not None:
        lifecycle.finish_task(unit, task, step, reason=task.reason)
    elif "reason" in changes:
        unit.touch(task)
    return task


def _check_step(unit: UnitOfWork, task: Task, status: str | None) -> TaskStep | None:
    if status is None:
        return None
    step = _STEPS.get(status)
    if step is None:
        allowed = ", ".join(_STEPS)
        raise InvalidParameter("AssignmentStatus", f"{status[:64]!r} cannot be asked for; ask for one of {allowed}")
    workspace = unit.state.workspace
    next_task_status(
        task.assignment_status, step, task=task.sid, workspace=workspace.sid, account=workspace.account_sid
    )
    return step


def _check_values(unit: UnitOfWork, task: Task, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the Task that change, checked."""
    values: dict[str, Any] = {}
    if "attributes" in changes:
        values["attributes"], values["scope"] = parse_attributes(changes["attributes"])
    if changes.get("priority") is not None:
        values["priority"] = changes["priority"]
    if changes.get("task_channel"):
        values["task_channel_sid"] = _find_channel(unit, changes["task_channel"]).sid
        if values["task_channel_sid"] != task.task_channel_sid and not task.is_pending:
            raise InvalidParameter(
                "TaskChannel", f"it can change while a Task is pending, and this one is {task.assignment_status}"
            )
    if changes.get("virtual_start_time"):
        values["virtual_start_time"] = _check_start(unit, changes["virtual_start_time"])
    return values


def _describe(unit: UnitOfWork, task: Task, values: Mapping[str, Any]) -> None:
    """Set the fields, and let a pending Task look again: it may belong elsewhere now, unless it is handed over."""
    was_pending = task.is_pending
    unit.state.leave(task)
    for name, value in values.items():
        setattr(task, name, value)
    callback_pauses.forgive(unit, task)
    follows_workflow = not task.is_direct and task.transfer_sid is None
    looks_again = was_pending and follows_workflow and "attributes" in values
    index = routing.choose_filter(unit, task) if looks_again else None
    stays = index is None or index == task.filter_index
    if stays:
        _keep_priority_of_target(unit, task)
    unit.touch(task)
    call_legs.caller_arrives(unit, task)
    event_payloads.report_task(unit, EventType.TASK_UPDATED, task, f"Task {task.sid} updated")
    if not was_pending:
        return
    if index is None or stays:
        unit.route(task)
    else:
        routing.enter_workflow(unit, task, index)


def _keep_priority_of_target(unit: UnitOfWork, task: Task) -> None:
    """The Priority of the target that the Task is in wins over any that is asked for (docs: …/api/task)."""
    target = None if task.is_final else unit.state.target_of(task)  # of an ended one the configuration may be gone
    if target is not None and target.priority is not None:
        task.priority = target.priority


def delete(unit: UnitOfWork, command: c.DeleteTask) -> Task:
    """Remove the Task whatever its status: pending Reservations are canceled, accepted ones completed."""
    task = find(unit.state.tasks, command.sid)
    check_version(task, command.if_match)
    unit.state.leave(task)
    lifecycle.end_reservations(unit, task)
    event_payloads.report_task(unit, EventType.TASK_DELETED, task, f"Task {task.sid} deleted")
    lifecycle.remove_task(unit, task)
    return task
