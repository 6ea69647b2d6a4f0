"""Workflows (docs: /docs/taskrouter/api/workflow)."""

from __future__ import annotations

from collections import deque

from labkit.engine import callback_pauses, event_payloads, lifecycle, routing, unfinished
from labkit.engine import commands as c
from labkit.engine.handlers.common import assign, find
from labkit.engine.refusals import InUse, InvalidParameter
from labkit.engine.resources import Task, Workflow, WorkflowRevision
from labkit.engine.states import TaskStep
from labkit.engine.unfinished import Work
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workflow import RoutingPlan, parse_configuration
from labkit.vocabulary import EventType, Sid


def create(unit: UnitOfWork, command: c.CreateWorkflow) -> Workflow:
    _check_queues(unit, parse_configuration(command.configuration))
    workflow = unit.add(
        Workflow(
            **unit.new_record_fields(Sid.WORKFLOW),
            friendly_name=command.friendly_name,
            configuration=command.configuration,
            assignment_callback_url=command.assignment_callback_url,
            fallback_assignment_callback_url=command.fallback_assignment_callback_url,
            task_reservation_timeout=command.task_reservation_timeout,
        )
    )
    unit.state.workflows[workflow.sid] = workflow
    event_payloads.report_workflow(
        unit, EventType.WORKFLOW_CREATED, workflow, f"Workflow {workflow.friendly_name} created"
    )
    return workflow


def update(unit: UnitOfWork, command: c.UpdateWorkflow) -> Workflow:
    """A new configuration is for new Tasks; pending ones follow it too when `re_evaluate_tasks` asks for that."""
    workflow = find(unit.state.workflows, command.sid)
    if "configuration" in command.changes:
        _check_queues(unit, parse_configuration(command.changes["configuration"]))
    if "configuration" in command.changes or command.re_evaluate_tasks:
        _keep_revision(unit, workflow)
        workflow.revision += 1
    assign(
        workflow,
        command.changes,
        "friendly_name",
        "configuration",
        "assignment_callback_url",
        "fallback_assignment_callback_url",
        "task_reservation_timeout",
    )
    unit.touch(workflow)
    event_payloads.report_workflow(
        unit, EventType.WORKFLOW_UPDATED, workflow, f"Workflow {workflow.friendly_name} updated"
    )
    if {"assignment_callback_url", "fallback_assignment_callback_url"} & command.changes.keys():
        callback_pauses.forget(unit, workflow)
    if command.re_evaluate_tasks:
        workflow.re_evaluating = workflow.revision
        unit.state.re_evaluations.pop(workflow.sid, None)
        re_evaluate(unit, workflow)
    else:
        _drop_revisions(unit, workflow)
    return workflow


def re_evaluate(unit: UnitOfWork, workflow: Workflow) -> None:
    """Evaluate the next Tasks again: a slice of those that wait and follow an older revision, in the order of rank."""
    state, revision = unit.state, workflow.re_evaluating or 0
    order = state.re_evaluations.get(workflow.sid)
    if order is None:
        waiting = [task for task in _followers(unit, workflow) if _is_behind(task, workflow, revision)]
        order = state.re_evaluations[workflow.sid] = deque(task.sid for task in sorted(waiting, key=state.rank))
    for _ in range(min(unfinished.RE_EVALUATED_AT_ONCE, len(order))):
        task = state.tasks.get(order.popleft())
        if task is not None and _is_behind(task, workflow, revision):
            _evaluate_again(unit, revision, task)
    if order:
        unit.leave_for_later(Work.RE_EVALUATION, workflow)
        return
    del state.re_evaluations[workflow.sid]
    workflow.re_evaluating = None
    unit.add(workflow)
    _drop_revisions(unit, workflow)


def delete(unit: UnitOfWork, command: c.DeleteWorkflow) -> Workflow:
    workflow = find(unit.state.workflows, command.sid)
    what = f"Workflow {workflow.friendly_name}"
    task = next(iter(_followers(unit, workflow)), None)
    if task is not None:
        raise InUse(what, f"Task {task.sid}, which is {task.assignment_status}")
    event_payloads.report_workflow(unit, EventType.WORKFLOW_DELETED, workflow, f"{what} deleted")
    _drop_revisions(unit, workflow)
    unit.state.forget_plan(workflow.sid, workflow.revision)
    unit.state.paused_workflows.discard(workflow.sid)
    del unit.state.workflows[workflow.sid]
    unit.remove(workflow)
    return workflow


def _check_queues(unit: UnitOfWork, plan: RoutingPlan) -> None:
    for sid in sorted(plan.queue_sids):
        if sid not in unit.state.task_queues:
            raise InvalidParameter("Configuration", f"TaskQueue {sid[:64]!r} is not in this Workspace")


def _followers(unit: UnitOfWork, workflow: Workflow) -> list[Task]:
    return [t for t in unit.state.tasks.values() if t.workflow_sid == workflow.sid and not t.is_final]


def _keep_revision(unit: UnitOfWork, workflow: Workflow) -> None:
    """Tasks in flight go on by the configuration that they met."""
    revision = WorkflowRevision(
        **{**unit.new_record_fields(Sid.WORKFLOW), "sid": f"{workflow.sid}/{workflow.revision}"},
        workflow_sid=workflow.sid,
        revision=workflow.revision,
        configuration=workflow.configuration,
    )
    unit.state.revisions[revision.sid] = unit.add(revision)


def _drop_revisions(unit: UnitOfWork, workflow: Workflow) -> None:
    """Forget the configurations that no Task follows any more."""
    followed = {t.workflow_revision for t in _followers(unit, workflow)} | {workflow.re_evaluating}
    for revision in list(unit.state.revisions.values()):
        if revision.workflow_sid == workflow.sid and revision.revision not in followed:
            del unit.state.revisions[revision.sid]
            unit.state.forget_plan(workflow.sid, revision.revision)
            unit.remove(revision)


def _is_behind(task: Task, workflow: Workflow, revision: int) -> bool:
    waits = task.is_pending and task.transfer_sid is None
    return waits and task.workflow_sid == workflow.sid and task.workflow_revision < revision


def _evaluate_again(unit: UnitOfWork, revision: int, task: Task) -> None:
    unit.state.leave(task)
    task.workflow_revision, task.asks_for_worker = revision, False
    index = routing.choose_filter(unit, task)
    if index is None:
        lifecycle.finish_task(unit, task, TaskStep.CANCEL, reason=routing.REASON_FELL_OUT)
    else:
        routing.enter_workflow(unit, task, index)
