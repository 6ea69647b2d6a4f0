"""The alerts of known-agent routing: a target asks for one Worker, and that Worker cannot be.

The Task waits in the target all the same (docs: /docs/taskrouter/workflow-configuration/known-agent-routing). An
attribute that is null says on purpose that there is no such Worker, and raises none.
"""

from __future__ import annotations

from typing import Any

from labkit.engine.resources import Task, Worker
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workflow import KnownWorker, Target
from labkit.engine.workspace_state import WorkspaceState
from labkit.error_codes import ErrorCode

_NOTHING = object()


def check(unit: UnitOfWork, task: Task, target: Target) -> None:
    """Raise the alert, if there is one, for a Task that has just come into the target."""
    known = target.known_worker
    value = _NOTHING if known is None else _value(task, known)
    if known is None or value is None:
        return
    worker = _find(unit.state, known, value)
    if worker is None:
        code = (
            ErrorCode.KNOWN_WORKER_ELSEWHERE
            if known.field == "sid" and unit.is_elsewhere(value)
            else ErrorCode.KNOWN_WORKER_NOT_FOUND
        )
        unit.alert(code, f"`task.{'.'.join(known.reference)}` is {_shown(value)}", resource_sid=task.sid)
    elif target.queue_sid and worker.sid not in unit.state.members[target.queue_sid]:
        queue = unit.state.task_queues[target.queue_sid].friendly_name
        unit.alert(
            ErrorCode.KNOWN_WORKER_NOT_IN_QUEUE,
            f"{worker.friendly_name} does not match TaskQueue {queue}",
            resource_sid=task.sid,
        )


def _value(task: Task, known: KnownWorker) -> Any:
    value: Any = task.scope
    for name in known.reference:
        value = value.get(name, _NOTHING) if isinstance(value, dict) else _NOTHING
    return value


def _find(state: WorkspaceState, known: KnownWorker, value: Any) -> Worker | None:
    if not isinstance(value, str):
        return None
    if known.field == "sid":
        return state.workers.get(value)
    return next((worker for worker in state.workers.values() if worker.friendly_name == value), None)


def _shown(value: Any) -> str:
    return "not given" if value is _NOTHING else f"{value!r:.80}"
