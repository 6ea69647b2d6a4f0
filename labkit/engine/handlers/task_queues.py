"""TaskQueues (docs: /docs/taskrouter/api/task-queue)."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import islice
from typing import Any

from labkit import limits
from labkit.engine import commands as c
from labkit.engine import event_payloads, unfinished
from labkit.engine.handlers.common import assign, find, find_activity
from labkit.engine.refusals import InUse, InvalidParameter, QueueNameTaken
from labkit.engine.resources import Task, TaskQueue
from labkit.engine.single_tasking import default_activities
from labkit.engine.unfinished import Work
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression
from labkit.vocabulary import EventType, Sid

_FIELDS = (
    "friendly_name",
    "target_workers",
    "max_reserved_workers",
    "task_order",
    "reservation_activity_sid",
    "assignment_activity_sid",
)


def create(unit: UnitOfWork, command: c.CreateTaskQueue) -> TaskQueue:
    fields = {name: getattr(command, name) for name in _FIELDS}
    if len(unit.state.task_queues) >= limits.MAX_TASK_QUEUES:
        raise InvalidParameter("FriendlyName", f"a Workspace has at most {limits.MAX_TASK_QUEUES} TaskQueues")
    _check(unit, fields)
    _check_name(unit, command.friendly_name)
    for name, activity_sid in default_activities(unit.state).items():
        fields[name] = fields[name] or activity_sid
    queue = unit.add(TaskQueue(**unit.new_record_fields(Sid.TASK_QUEUE), **fields))
    unit.state.task_queues[queue.sid] = queue
    _judge_anew(unit, queue)
    event_payloads.report_queue(unit, EventType.TASK_QUEUE_CREATED, queue, f"TaskQueue {queue.friendly_name} created")
    return queue


def update(unit: UnitOfWork, command: c.UpdateTaskQueue) -> TaskQueue:
    queue = find(unit.state.task_queues, command.sid)
    _check(unit, command.changes)
    if command.changes.get("friendly_name", queue.friendly_name) != queue.friendly_name:
        _check_name(unit, command.changes["friendly_name"])
    changed = assign(queue, command.changes, *_FIELDS)
    unit.touch(queue)
    if "task_order" in changed:
        rank_again(unit, [queue.sid])
    if "target_workers" in changed:
        _judge_anew(unit, queue)
        sentence = f"TaskQueue {queue.friendly_name} updated its target expression to {queue.target_workers}"
        event_payloads.report_queue(unit, EventType.TASK_QUEUE_EXPRESSION_UPDATED, queue, sentence)
    return queue


def delete(unit: UnitOfWork, command: c.DeleteTaskQueue) -> TaskQueue:
    """Refused while a Workflow leads here or a Task is in it."""
    state = unit.state
    queue = find(state.task_queues, command.sid)
    what = f"TaskQueue {queue.friendly_name}"
    for workflow in state.workflows.values():
        if queue.sid in state.plan(workflow.sid, workflow.revision).queue_sids:
            raise InUse(what, f"Workflow {workflow.friendly_name}")
    for task in state.tasks.values():
        if not task.is_final and queue.sid in _queues_of(state, task):
            raise InUse(what, f"Task {task.sid}")
    event_payloads.report_queue(unit, EventType.TASK_QUEUE_DELETED, queue, f"{what} deleted")
    state.forget_queue(queue)
    del state.task_queues[queue.sid]
    unit.remove(queue)
    return queue


def _queues_of(state: WorkspaceState, task: Task) -> set[str | None]:
    """Where the Task is, where its way may lead, and where it comes back to if nobody takes it over."""
    before = task.transfer.initiating_queue_sid if task.transfer else None
    return {task.task_queue_sid, before, *state.plan_of(task).queue_sids}


def rank_again(unit: UnitOfWork, queue_sids: Container[str | None]) -> None:
    """Put the waiting Tasks of these queues into the order that holds now."""
    for task in unit.state.waiting_in(queue_sids):
        unit.state.leave(task)
        unit.state.wait(task)


def judge(unit: UnitOfWork, queue: TaskQueue) -> None:
    """Ask the next Workers the queue's expression: a slice of them, in the order in which they were made."""
    state, through = unit.state, queue.judged_through or 0
    characters = len(queue.target_workers)
    most = max(1, min(unfinished.JUDGED_AT_ONCE, unfinished.JUDGED_CHARACTERS_AT_ONCE // max(1, characters)))
    following = list(islice((worker for worker in state.workers.values() if worker.number > through), most + 1))
    for worker in following[:most]:
        state.judge(worker, queue)
        if worker.sid in state.members[queue.sid] and queue.sid in state.lanes:
            unit.free(worker)
    queue.judged_through = following[most - 1].number if len(following) > most else None
    if queue.judged_through is not None:
        unit.leave_for_later(Work.JUDGING, queue)
    elif through:
        unit.add(queue)


def _judge_anew(unit: UnitOfWork, queue: TaskQueue) -> None:
    unit.state.forget_volatile()
    queue.judged_through = 0
    judge(unit, queue)


def _check(unit: UnitOfWork, fields: Mapping[str, Any]) -> None:
    for name, parameter in (
        ("reservation_activity_sid", "ReservationActivitySid"),
        ("assignment_activity_sid", "AssignmentActivitySid"),
    ):
        if fields.get(name):
            find_activity(unit, fields[name], parameter=parameter)
    if "target_workers" in fields:
        check_expression("TargetWorkers", fields["target_workers"])


def _check_name(unit: UnitOfWork, name: str) -> None:
    """A TaskQueue's name is unique in its Workspace, letter by letter."""
    if any(queue.friendly_name == name for queue in unit.state.task_queues.values()):
        workspace = unit.state.workspace
        raise QueueNameTaken(name, workspace_sid=workspace.sid, account_sid=workspace.account_sid)


def check_expression(parameter: str, text: str) -> None:
    """Refuse an expression on Worker attributes that does not parse.

    Raises:
        InvalidParameter: with the place and what was expected there.
    """
    try:
        compile_expression(text, Dialect.WORKER)
    except ExpressionError as error:
        raise InvalidParameter(parameter, str(error)) from None
