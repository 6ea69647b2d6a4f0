"""Known-agent routing: whom a target asks for, and the alerts where that Worker cannot be.

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


def is_asked_for(state: WorkspaceState, task: Task) -> bool:
    """Whether the target that the Task is in is for one Worker."""
    target = state.target_of(task)
    return target is not None and target.known_worker is not None


def event_fields(state: WorkspaceState, task: Task) -> dict[str, Any]:
    """What the events of a Task tell while its target asks for one Worker, and there is that Worker.

    Docs: …/workflow-configuration/known-agent-routing.
    """
    target = state.target_of(task) if task.asks_for_worker else None
    if target is None or target.known_worker is None:
        return {}
    worker = _find(state, target.known_worker, _value(task, target.known_worker))
    return {} if worker is None else {"known_worker_sid": worker.sid}


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
    return state.workers.get(value if known.field == "sid" else state.worker_sids.get(value, ""))


def _shown(value: Any) -> str:
    return "not given" if value is _NOTHING else f"{value!r:.80}"
