"""The way of a Task through its Workflow, and the loop that settles everything a unit of work has set in motion.

Docs: /docs/taskrouter/workflow-configuration, /docs/taskrouter/task-evaluation, /docs/taskrouter/worker-presence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any, NamedTuple

from labkit import limits
from labkit.engine import callback_pauses, event_payloads, known_worker, lifecycle, matching, transfers, unfinished
from labkit.engine.deadlines import Due
from labkit.engine.resources import DEFAULT_FILTER, Task, Transfer, Worker
from labkit.engine.states import TaskStep
from labkit.engine.time_of_day import with_time_of_day
from labkit.engine.unfinished import Work
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workflow import Filter, RoutingPlan, Target
from labkit.engine.workspace_state import Rank, WaitingLine, WorkspaceState
from labkit.vocabulary import EventType, TransferStatus

REASON_FELL_OUT = "Task fell out of Workflow"
"""Ours: Twilio documents the event (`workflow.timeout`) and no text."""
REASON_SKIPPED = "Task was skipped out of Workflow"


def choose_filter(unit: UnitOfWork, task: Task) -> int | None:
    """Which filter the Task follows from the top: the first that matches, else the default one, else None."""
    plan = unit.state.plan_of(task)
    index = plan.first_match(_scope_for_filters(unit, task, plan))
    if index is None and plan.default is not None:
        return DEFAULT_FILTER
    return index


def _scope_for_filters(unit: UnitOfWork, task: Task, plan: RoutingPlan) -> dict[str, Any]:
    return with_time_of_day(task.scope, unit.now) if plan.reads_time_of_day else task.scope


def skips(state: WorkspaceState, target: Target) -> bool:
    """Whether a Task leaves the target at once when nobody can take it right away (docs: …/worker-presence)."""
    return target.skip_if is not None and target.skip_if.matches(
        {"workers": state.workers_by_activity(target.queue_sid)}
    )


def enter_workflow(unit: UnitOfWork, task: Task, filter_index: int, *, ahead: Mapping[str, Any] | None = None) -> None:
    """Let the Task into its Workflow at a filter, and look for a Worker before the unit of work ends.

    `ahead` is its `queue_ahead`, where that is known already.
    """
    task.asks_for_worker = False  # whatever target it was in, it has left
    workflow = unit.state.workflows.get(task.workflow_sid or "")
    if workflow is not None:
        sentence = f"Task {task.sid} entered Workflow {workflow.friendly_name}"
        ahead = queue_ahead(unit, task, filter_index) if ahead is None else ahead
        event_payloads.report_task(unit, EventType.WORKFLOW_ENTERED, task, sentence, **ahead)
    task.spent_seconds = 0
    _go_to(unit, task, filter_index, 0)
    unit.route(task)


def queue_ahead(unit: UnitOfWork, task: Task, filter_index: int) -> dict[str, Any]:
    """What an event tells of the TaskQueue that the Task enters before the unit of work ends: the filter's first."""
    found = unit.state.plan_of(task).filter_at(filter_index)
    queue = unit.state.task_queues.get(found.targets[0].queue_sid) if found else None
    if queue is None or not unit.reports:
        return {}
    entered = task.task_queue_entered_date if queue.sid == task.task_queue_sid else unit.now
    return {**event_payloads.queue_fields(queue), "task_queue_entered_date": entered}


def settle(unit: UnitOfWork) -> None:
    """Match until nobody is left to match: the highest-ranked Task that anybody may have picks first.

    Tasks that arrive and Workers who became free are all that can have changed, so only they are looked at: the cost
    does not grow with the Tasks that wait elsewhere.
    """
    agenda: list[_Point] = []
    while _note(unit, agenda):
        point = heappop(agenda)
        if point.lane is not None:
            _look_on(unit, point.task, point.lane)
        elif point.worker is None:
            _place(unit, point.task)
        else:
            _serve(unit, point.task, point.worker)


class _Point(NamedTuple):
    """Something to settle: a Task that arrives, the best that waits for a freed Worker, or the first of a line."""

    rank: Rank
    order: int
    task: Task
    worker: Worker | None = None
    lane: WaitingLine | None = None


def _note(unit: UnitOfWork, agenda: list[_Point]) -> bool:
    """Put what is new on the agenda, which is a heap; whether anything is on it."""
    arrivals, freed = unit.drain()
    for task in arrivals:
        heappush(agenda, _Point(unit.state.rank(task), task.number, task))
    for worker in freed:
        waiting = matching.best_waiting(unit.state, worker)
        if waiting is not None:
            heappush(agenda, _Point(unit.state.rank(waiting), worker.number, waiting, worker))
    for lane in unit.resumed:
        if lane.tasks:
            heappush(agenda, _Point(unit.state.rank(lane.first), 0, lane.first, lane=lane))
    unit.resumed.clear()
    return bool(agenda)


def _serve(unit: UnitOfWork, task: Task, worker: Worker) -> None:
    """Reserve a waiting Task that the Worker may have, and look what else there is for the Worker.

    By now another Worker may have the Task, and this one gets its next best. Or this Worker took a Task that arrived
    and may not have this one any more, but perhaps one of another TaskChannel.
    """
    if unit.state.is_waiting(task):
        _reserve(unit, task)
    unit.free(worker)


def _look_on(unit: UnitOfWork, task: Task, lane: WaitingLine) -> None:
    """Reserve the first of a line that goes on, and look at the next one: who may have none of it may have no other."""
    if not unit.state.is_waiting(task) or _reserve(unit, task):
        unit.resume(lane)


def _place(unit: UnitOfWork, task: Task) -> None:
    """Find the Task a Worker in its target, or a reason to leave the target, or a place to wait."""
    target = unit.state.target_of(task)
    if task.is_moving:
        task.is_moving = False
        unit.add(task)
    if task.assignments >= limits.MAX_ASSIGNMENTS:
        _give_up(unit, task)
    elif _is_over(task.target_deadline, unit.now):
        _leave_by_timeout(unit, task)
    elif callback_pauses.holds_back(unit, task) or _reserve(unit, task):
        return
    elif target is not None and skips(unit.state, target):
        _next_target(unit, task, skipped=True)
    else:
        unit.state.wait(task)


def _give_up(unit: UnitOfWork, task: Task) -> None:
    """It was offered too often: it is canceled, or stays with whoever hands it over."""
    if task.transfer is None:
        lifecycle.finish_task(unit, task, TaskStep.CANCEL, reason=lifecycle.REASON_TTL)
    else:
        reason = transfers.REASON_MAX_ASSIGNMENTS
        lifecycle.end_transfer(unit, task, task.transfer, TransferStatus.FAILED, reason=reason)


def _reserve(unit: UnitOfWork, task: Task) -> bool:
    target = unit.state.target_of(task)
    queue = unit.state.task_queues.get(target.queue_sid) if target else None
    workers = matching.candidates(unit.state, task, most=queue.max_reserved_workers if queue else 1)
    if not workers:
        return False
    unit.state.leave(task)
    lifecycle.reserve(unit, task, workers)
    return True


def _is_over(deadline: datetime | None, now: datetime) -> bool:
    return deadline is not None and deadline <= now


def _leave_by_timeout(unit: UnitOfWork, task: Task) -> None:
    target = unit.state.target_of(task)
    if target is not None and target.timeout_seconds is not None:
        task.spent_seconds += target.timeout_seconds
    event_payloads.report_task(unit, EventType.TASK_QUEUE_TIMEOUT, task, f"Task {task.sid} timed out of its TaskQueue")
    _next_target(unit, task, skipped=False)


def _next_target(unit: UnitOfWork, task: Task, *, skipped: bool) -> None:
    """The next target of the filter; after the last, the next filter that matches; then out.

    The default filter takes only Tasks that no filter matched, and a filter skipped to its end counts as not matched:
    all of its targets, for a Task that has waited in one of them was matched (docs: …/worker-presence).
    """
    plan = unit.state.plan_of(task)
    current = unit.state.filter_of(task)
    index = task.filter_index if task.filter_index is not None else DEFAULT_FILTER
    if current is not None and task.target_index + 1 < len(current.targets):
        _move_on(unit, task, index, task.target_index + 1)
        return
    following = None
    if index != DEFAULT_FILTER:
        following = plan.first_match(_scope_for_filters(unit, task, plan), after=index)
    never_waited = skipped and task.spent_seconds == 0
    if following is None and never_waited and index != DEFAULT_FILTER and plan.default is not None:
        following = DEFAULT_FILTER
    if following is not None:
        _move_on(unit, task, following, 0)
    else:
        _fall_out(unit, task, skipped=skipped)


def _move_on(unit: UnitOfWork, task: Task, filter_index: int, target_index: int) -> None:
    _go_to(unit, task, filter_index, target_index)
    moves = unit.moves[task.sid] = unit.moves.get(task.sid, 0) + 1
    if moves < unfinished.MOVES_AT_ONCE:
        unit.route(task)
    else:
        task.is_moving = True
        unit.leave_for_later(Work.MOVING, task)


def _fall_out(unit: UnitOfWork, task: Task, *, skipped: bool) -> None:
    event = EventType.WORKFLOW_SKIPPED if skipped else EventType.WORKFLOW_TIMEOUT
    reason = REASON_SKIPPED if skipped else REASON_FELL_OUT
    event_payloads.report_task(unit, event, task, reason)
    lifecycle.finish_task(unit, task, TaskStep.CANCEL, reason=reason)


def _go_to(unit: UnitOfWork, task: Task, filter_index: int, target_index: int) -> None:
    """Put the Task into a target. Its time limit counts from the Task's age, over all targets waited through."""
    task.filter_index, task.target_index = filter_index, target_index
    current = unit.state.filter_of(task)
    if current is None:
        return
    target = current.targets[target_index]
    task.asks_for_worker = target.known_worker is not None
    if target.priority is not None:
        task.priority = target.priority
    _set_target_deadline(unit, task, target)
    queue_before = task.task_queue_sid
    task.task_queue_sid = target.queue_sid or None
    unit.touch(task)
    _report_target(unit, task, current, queue_before)
    known_worker.check(unit, task, target)


def _set_target_deadline(unit: UnitOfWork, task: Task, target: Target) -> None:
    task.target_deadline = None
    if target.timeout_seconds is not None:
        task.target_deadline = task.date_created + timedelta(seconds=task.spent_seconds + target.timeout_seconds)
        unit.deadlines.add(task.target_deadline, Due.TARGET_TIMEOUT, task)


def _report_target(unit: UnitOfWork, task: Task, matched: Filter, queue_before: str | None) -> None:
    if task.workflow_sid is not None and unit.reports:
        name = f"Task {task.sid} matched a Workflow target"
        condition = matched.expression.text if matched.expression else None
        by = {"workflow_filter_name": matched.name, "workflow_filter_expression": condition}
        event_payloads.report_task(
            unit, EventType.WORKFLOW_TARGET_MATCHED, task, name, **by, **_target_fields(unit, task)
        )
    _report_queue(unit, task, queue_before)


def _report_queue(unit: UnitOfWork, task: Task, queue_before: str | None) -> None:
    if task.task_queue_sid is None or task.task_queue_sid == queue_before:
        return
    task.task_queue_entered_date = unit.now
    queue = unit.state.task_queues[task.task_queue_sid].friendly_name
    if queue_before is not None:
        name = f"Task {task.sid} moved to TaskQueue {queue}"
        event_payloads.report_task(unit, EventType.TASK_QUEUE_MOVED, task, name, previous_task_queue_sid=queue_before)
    event_payloads.report_task(unit, EventType.TASK_QUEUE_ENTERED, task, f"Task {task.sid} entered TaskQueue {queue}")


def enter_queue_of_transfer(unit: UnitOfWork, task: Task, transfer: Transfer) -> None:
    """A Task that is handed over waits in the TaskQueue, whatever its Workflow says."""
    task.asks_for_worker = False
    _report_queue(unit, task, transfer.initiating_queue_sid)
    unit.route(task)


def _target_fields(unit: UnitOfWork, task: Task) -> dict[str, str | None]:
    """Of the target that was matched. A configuration gives targets no names; ours is that of the TaskQueue."""
    target, queue = unit.state.target_of(task), unit.state.task_queues.get(task.task_queue_sid or "")
    narrowed = target.expression.text if target and target.expression else None
    return {
        "workflow_filter_target_name": queue.friendly_name if queue else None,
        "workflow_filter_target_expression": narrowed,
    }
