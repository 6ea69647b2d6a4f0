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


def candidates(floor: WorkspaceState, task: Task, *, most: int = 1) -> list[Worker]:
    """The Workers who would be reserved for the Task now, best first; at most `most`."""
    target = floor.target_of(task)
    if target is None:
        return []
    fitting = (w for w in _in_idle_order(floor, task, target) if may_have(floor, w, task, target))
    if target.order is None:
        return _first(fitting, most)
    order = target.order
    ranked = sorted(fitting, key=lambda w: (order.sort_key({"worker": w.scope}), idle_key(floor, w, task)))
    return ranked[:most]


def best_waiting(floor: WorkspaceState, worker: Worker) -> Task | None:
    """The highest-ranked waiting Task that this Worker may have now, or None."""
    heads = [lane.first for lane in _lanes_of(floor, worker) if _may_have_first(floor, worker, lane)]
    return min(heads, key=floor.rank, default=None)


def may_have(floor: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Whether the Worker may be reserved for the Task in this target now: all of the conditions that follow.

    The quickest to ask come first. `explaining/` asks the same ones, each by itself, to say which of them fails.
    """
    return (
        is_asked_for(worker, task)
        and has_room(floor, worker, task)
        and is_present(floor, worker, task, target)
        and is_member(floor, worker, task, target)
        and (target.known_worker is None or is_known(worker, task, target.known_worker))
        and (target.expression is None or fits(worker, task, target.expression))
        and not holds(floor, worker, task)
    )


def is_asked_for(worker: Worker, task: Task) -> bool:
    """Whether the Task's RoutingTarget, if it is a Worker, is this one."""
    return not task.is_for_one_worker or task.routing_target == worker.sid


def has_room(floor: WorkspaceState, worker: Worker, task: Task) -> bool:
    """Whether the Task fits the Worker's channel; a directly routed Task may ignore capacity."""
    channel = worker.channels.get(task.task_channel_sid)
    return task.ignore_capacity or (channel is not None and floor.has_room(worker, channel))


def is_present(floor: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Whether the Worker's Activity takes Tasks, or is asked for by name; a direct Task asks for no Activity."""
    return floor.is_available(worker) or (not task.is_for_one_worker and names_activity(floor, target))


def is_member(floor: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Whether the Worker matches the queue's expression; nobody asks that of a RoutingTarget."""
    return not target.queue_sid or task.is_for_one_worker or worker.sid in floor.members[target.queue_sid]


def fits(worker: Worker, task: Task, expression: Expression) -> bool:
    """Whether the Worker and the Task match the target's expression."""
    return expression.matches({"task": task.scope, "worker": worker.scope})


def holds(floor: WorkspaceState, worker: Worker, task: Task) -> bool:
    """Whether the Worker has an open Reservation of the Task."""
    if task.is_pending:
        return False  # it is not held for anybody
    return any(r.task_sid == task.sid for r in floor.open_reservations[worker.sid].values())


def is_known(worker: Worker, task: Task, known: KnownWorker) -> bool:
    """Whether the Task's attribute names this Worker, by its SID or by its friendly name."""
    value: Any = task.scope
    for name in known.reference:
        value = value.get(name) if isinstance(value, dict) else None
    return isinstance(value, str) and value == (worker.sid if known.field == "sid" else worker.friendly_name)


def names_activity(floor: WorkspaceState, target: Target) -> bool:
    """Whether the queue or the target routes by Activity: then Workers in unavailable ones count as well."""
    queue = floor.task_queues.get(target.queue_sid)
    by_queue = queue is not None and reads(floor.queue_expression(queue), "activity")
    return by_queue or (target.expression is not None and reads(target.expression, "activity"))


def _first(workers: Iterable[Worker], most: int) -> list[Worker]:
    found: list[Worker] = []
    for worker in workers:
        found.append(worker)
        if len(found) == most:
            break
    return found


def _in_idle_order(floor: WorkspaceState, task: Task, target: Target) -> Iterator[Worker]:
    """Everybody worth a look, the longest idle first: whichever is fewer, the queue's Workers or the ready ones."""
    if task.is_for_one_worker:
        named = floor.workers.get(task.routing_target or "")
        return iter([named] if named else [])
    ready = floor.ready[task.task_channel_sid]
    members = floor.members[target.queue_sid]
    if len(members) < len(ready) or names_activity(floor, target):
        return iter(sorted((floor.workers[sid] for sid in members), key=lambda w: idle_key(floor, w, task)))
    return iter(ready.values()) if ready else iter(())


def idle_key(floor: WorkspaceState, worker: Worker, task: Task) -> tuple[int, int]:
    """The Worker's place among equals, for this Task: the number of the last Reservation, then the Worker's own."""
    channel: WorkerChannel | None = worker.channels.get(task.task_channel_sid)
    return floor.idle_key(worker, channel) if channel else (worker.last_reserved, worker.number)


def _lanes_of(floor: WorkspaceState, worker: Worker) -> Iterator[WaitingLine]:
    for place in (worker.sid, *floor.queues_of[worker.sid]):
        yield from floor.lanes.get(place, {}).values()


def _may_have_first(floor: WorkspaceState, worker: Worker, lane: WaitingLine) -> bool:
    return lane.target is not None and may_have(floor, worker, lane.first, lane.target)
