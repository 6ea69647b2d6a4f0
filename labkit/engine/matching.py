"""Who gets what: the Workers that may have a Task, in their order, and the Task that a free Worker gets.

The one rule: the highest-ranked waiting Task that anybody ready may have picks its best Worker. `routing.py` applies it
until nothing is left to match. Docs: /docs/taskrouter/how-taskrouter-works, /docs/taskrouter/multitasking,
/docs/taskrouter/order-workers, /docs/taskrouter/activity-based-routing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from labkit.engine.resources import Task, Worker, WorkerChannel
from labkit.engine.workflow import KnownWorker, Target
from labkit.engine.workspace_state import WaitingLine, WorkspaceState, reads
from labkit.expressions import Expression


def candidates(state: WorkspaceState, task: Task, *, most: int = 1) -> list[Worker]:
    """The Workers who would be reserved for the Task now, best first; at most `most`."""
    target = state.target_of(task)
    if target is None:
        return []
    fitting = (w for w in _in_idle_order(state, task, target) if may_have(state, w, task, target))
    if target.order is None:
        return _first(fitting, most)
    order = target.order
    ranked = sorted(fitting, key=lambda w: (order.sort_key({"worker": w.scope}), idle_key(state, w, task)))
    return ranked[:most]


def best_waiting(state: WorkspaceState, worker: Worker) -> Task | None:
    """The highest-ranked waiting Task that this Worker may have now, or None."""
    heads = [lane.first for lane in _lanes_of(state, worker) if _may_have_first(state, worker, lane)]
    return min(heads, key=state.rank, default=None)


def may_have(state: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Whether the Worker may be reserved for the Task in this target now: all of the conditions that follow.

    The quickest to ask come first. `engine/diagnosis/` asks the same ones, each by itself, to say which of them fails.
    """
    return (
        is_asked_for(worker, task)
        and has_room(state, worker, task)
        and is_present(state, worker, task, target)
        and is_member(state, worker, task, target)
        and (target.known_worker is None or is_known(worker, task, target.known_worker))
        and (target.expression is None or fits(worker, task, target.expression))
        and not holds(state, worker, task)
    )


def is_asked_for(worker: Worker, task: Task) -> bool:
    """Whether the Task's RoutingTarget, if it is a Worker, is this one."""
    return not task.is_for_one_worker or task.routing_target == worker.sid


def has_room(state: WorkspaceState, worker: Worker, task: Task) -> bool:
    """Whether the Task fits the Worker's channel; a directly routed Task may ignore capacity."""
    channel = worker.channels.get(task.task_channel_sid)
    return task.ignores_capacity or (channel is not None and state.has_room(worker, channel))


def is_present(state: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Whether the Worker's Activity takes Tasks, or is asked for by name, or is not asked (docs: …/api/task).

    A Task that is for one Worker asks for no Activity by name: it ignores presence with capacity, or respects both.
    """
    if task.ignores_capacity or state.is_available(worker):
        return True
    return not task.is_for_one_worker and names_activity(state, target)


def is_member(state: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Whether the Worker matches the queue's expression; nobody asks that of a RoutingTarget."""
    return not target.queue_sid or task.is_for_one_worker or worker.sid in state.members[target.queue_sid]


def fits(worker: Worker, task: Task, expression: Expression) -> bool:
    """Whether the Worker and the Task match the target's expression."""
    return expression.matches({"task": task.scope, "worker": worker.scope})


def holds(state: WorkspaceState, worker: Worker, task: Task) -> bool:
    """Whether the Worker has an open Reservation of the Task."""
    if task.is_pending:
        return False  # it is not held for anybody
    return any(r.task_sid == task.sid for r in state.open_reservations[worker.sid].values())


def is_known(worker: Worker, task: Task, known: KnownWorker) -> bool:
    """Whether the Task's attribute names this Worker, by its SID or by its friendly name."""
    value: Any = task.scope
    for name in known.reference:
        value = value.get(name) if isinstance(value, dict) else None
    return isinstance(value, str) and value == (worker.sid if known.field == "sid" else worker.friendly_name)


def names_activity(state: WorkspaceState, target: Target) -> bool:
    """Whether the queue or the target routes by Activity: then Workers in unavailable ones count as well."""
    queue = state.task_queues.get(target.queue_sid)
    by_queue = queue is not None and reads(state.queue_expression(queue), "activity")
    return by_queue or (target.expression is not None and reads(target.expression, "activity"))


def _first(workers: Iterable[Worker], most: int) -> list[Worker]:
    found: list[Worker] = []
    for worker in workers:
        found.append(worker)
        if len(found) == most:
            break
    return found


def _in_idle_order(state: WorkspaceState, task: Task, target: Target) -> Iterator[Worker]:
    """Everybody worth a look, the longest idle first: whichever is fewer, the queue's Workers or the ready ones."""
    if task.is_for_one_worker:
        named = state.workers.get(task.routing_target or "")
        return iter([named] if named else [])
    ready = state.ready[task.task_channel_sid]
    members = state.members[target.queue_sid]
    if len(members) < len(ready) or names_activity(state, target):
        return iter(sorted((state.workers[sid] for sid in members), key=lambda w: idle_key(state, w, task)))
    return iter(ready.values()) if ready else iter(())


def idle_key(state: WorkspaceState, worker: Worker, task: Task) -> tuple[int, int]:
    """The Worker's place among equals, for this Task: the number of the last Reservation, then the Worker's own."""
    channel: WorkerChannel | None = worker.channels.get(task.task_channel_sid)
    return state.idle_key(worker, channel) if channel else (worker.last_reserved, worker.number)


def _lanes_of(state: WorkspaceState, worker: Worker) -> Iterator[WaitingLine]:
    for place in (worker.sid, *state.queues_of[worker.sid]):
        yield from state.lanes.get(place, {}).values()


def _may_have_first(state: WorkspaceState, worker: Worker, lane: WaitingLine) -> bool:
    if lane.workflow_sid in state.paused_workflows:
        return False
    return lane.target is not None and may_have(state, worker, lane.first, lane.target)
