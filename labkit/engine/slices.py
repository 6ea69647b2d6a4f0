"""One slice of unfinished work, and whether there still is any. Whoever plays a slice leaves the rest for later."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from labkit.engine.handlers import task_queues, workflows
from labkit.engine.unfinished import Unfinished, Work
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState


def _re_evaluate(unit: UnitOfWork, sid: str) -> None:
    workflows.re_evaluate(unit, unit.state.workflows[sid])


def _judge(unit: UnitOfWork, sid: str) -> None:
    task_queues.judge(unit, unit.state.task_queues[sid])


def _move(unit: UnitOfWork, sid: str) -> None:
    unit.route(unit.state.tasks[sid])


HANDLERS: dict[Work, Callable[[UnitOfWork, str], None]] = {
    Work.RE_EVALUATION: _re_evaluate,
    Work.JUDGING: _judge,
    Work.MOVING: _move,
}


def is_live(state: WorkspaceState, unfinished: Unfinished) -> bool:
    """Whether the record still has this work to do."""
    sid = unfinished.sid
    if unfinished.work is Work.RE_EVALUATION:
        return sid in state.workflows and state.workflows[sid].re_evaluating is not None
    if unfinished.work is Work.JUDGING:
        return sid in state.task_queues and state.task_queues[sid].judged_through is not None
    return sid in state.tasks and state.tasks[sid].is_moving and state.tasks[sid].is_pending


def of_state(state: WorkspaceState) -> Iterator[Unfinished]:
    """All that the records' fields name, for a Workspace that was just loaded."""
    every = [(Work.RE_EVALUATION, sid) for sid in state.workflows]
    every += [(Work.JUDGING, sid) for sid in state.task_queues]
    every += [(Work.MOVING, sid) for sid in state.tasks]
    for work, sid in every:
        unfinished = Unfinished(work, state.workspace.sid, sid)
        if is_live(state, unfinished):
            yield unfinished
