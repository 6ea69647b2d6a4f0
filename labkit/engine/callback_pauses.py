"""The pauses of Tasks whose assignment callback fails: they grow, so that nobody drowns in Reservations.

Ours: TaskRouter documents that a Reservation is canceled when neither URL answers, and not when the Task is reserved
again. Here a Task waits a second before its second attempt, then twice as long each time, half a minute at most. Where
the callbacks of two Tasks of a Workflow have failed one after the other, without an answer in between, it is the URL
that is broken and not one Task's handling: then no Task of the Workflow is reserved until a pause of the Workflow's own
is over, which grows in the same way. An answer ends both, for that Task and for the Workflow; so does an update of the
Workflow's URLs for all of its Tasks, and an update of a Task for that Task.

A Task that pauses by itself waits nowhere, as one that moves does; a Workflow that pauses has its waiting Tasks passed
over where they wait. When either is over is a field of its record.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from labkit.engine.deadlines import Due
from labkit.engine.resources import Reservation, Task, Workflow
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState

FIRST_SECONDS = 1
LONGEST_SECONDS = 30
"""So that who mends a server and looks on does not look on for long."""


def pause(failures: int) -> timedelta:
    """How long it is after so many failures in a row."""
    return timedelta(seconds=min(FIRST_SECONDS * 2 ** min(failures - 1, 16), LONGEST_SECONDS))


def paused_until(state: WorkspaceState, task: Task) -> datetime | None:
    """Until when a pending Task is not reserved, by a pause of its own or of its Workflow; None: it may be now."""
    workflow = state.workflows.get(task.workflow_sid or "")
    ends = filter(None, (task.paused_until, workflow.paused_until if workflow else None))
    return max(ends, default=None)


def note_failure(unit: UnitOfWork, reservation: Reservation) -> None:
    """Neither URL has answered for this Reservation."""
    task = unit.state.tasks[reservation.task_sid]
    task.failed_callbacks += 1
    _hold_until(unit, task, pause(task.failed_callbacks))
    workflow = unit.state.workflows.get(task.workflow_sid or "")
    if workflow is not None:
        _note_failure_of(unit, workflow, task)


def note_answer(unit: UnitOfWork, reservation: Reservation) -> None:
    """A URL has answered, whatever it said."""
    task = unit.state.tasks[reservation.task_sid]
    if task.failed_callbacks:
        forgive(unit, task)
    workflow = unit.state.workflows.get(task.workflow_sid or "")
    if workflow is not None and workflow.failed_task_sid:
        _forgive_workflow(unit, workflow)


def forgive(unit: UnitOfWork, task: Task) -> None:
    """The Task pauses no longer, and its next failure is its first."""
    task.failed_callbacks = 0
    unit.add(task)
    if task.paused_until is not None:
        _go_on(unit, task)


def forget(unit: UnitOfWork, workflow: Workflow) -> None:
    """The Workflow has other URLs, or may have: all of its Tasks are reserved again, without any pause."""
    _forgive_workflow(unit, workflow)
    for task in unit.state.tasks.values():
        if task.workflow_sid == workflow.sid and task.failed_callbacks:
            forgive(unit, task)


def holds_back(unit: UnitOfWork, task: Task) -> bool:
    """Whether the Task may not be reserved yet. One that comes while its Workflow pauses waits as long."""
    if task.paused_until is None and task.workflow_sid in unit.state.paused_workflows:
        until = unit.state.workflows[task.workflow_sid].paused_until
        _hold_until(unit, task, until - unit.now if until else timedelta())
    return task.paused_until is not None


def task_is_due(unit: UnitOfWork, sid: str) -> None:
    """A Task's pause is over."""
    _go_on(unit, unit.state.tasks[sid])


def workflow_is_due(unit: UnitOfWork, sid: str) -> None:
    """A Workflow's pause is over."""
    _end_pause(unit, unit.state.workflows[sid])


def _note_failure_of(unit: UnitOfWork, workflow: Workflow, task: Task) -> None:
    another = workflow.failed_task_sid not in ("", task.sid)
    workflow.failed_task_sid = task.sid
    if another and workflow.paused_until is None:  # otherwise it was reserved before the pause, and says nothing new
        workflow.failed_rounds += 1
        workflow.paused_until = unit.now + pause(workflow.failed_rounds)
        unit.state.paused_workflows.add(workflow.sid)
        unit.deadlines.add(workflow.paused_until, Due.WORKFLOW_PAUSE, workflow)
    unit.add(workflow)


def _forgive_workflow(unit: UnitOfWork, workflow: Workflow) -> None:
    workflow.failed_task_sid, workflow.failed_rounds = "", 0
    _end_pause(unit, workflow)


def _end_pause(unit: UnitOfWork, workflow: Workflow) -> None:
    until, workflow.paused_until = workflow.paused_until, None
    unit.add(workflow)
    if until is None:
        return
    unit.state.paused_workflows.discard(workflow.sid)
    for lane in unit.state.lanes_of_workflow(workflow.sid):
        unit.resume(lane)
    for task in unit.state.tasks.values():  # those that have come since: they have their turn among the others
        if task.paused_until == until and task.workflow_sid == workflow.sid:
            _go_on(unit, task)


def _go_on(unit: UnitOfWork, task: Task) -> None:
    task.paused_until = None
    unit.add(task)
    if task.is_pending:
        unit.route(task)


def _hold_until(unit: UnitOfWork, task: Task, length: timedelta) -> None:
    task.paused_until = unit.now + length
    unit.add(task)
    unit.deadlines.add(task.paused_until, Due.TASK_PAUSE, task)
