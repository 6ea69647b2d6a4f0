"""Routing the slow way: every Task and every Worker looked at again and again, from the records alone.

Written from the rules (reference, sections 5.8, 8.4 and 9), not from the engine: no index is read here. The engine with
this in place of its own matching must make the very same Reservations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from labkit.engine import matching, routing
from labkit.engine.resources import Reservation, Task, Worker
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workflow import Target
from labkit.engine.workspace_state import WorkspaceState
from labkit.expressions import Dialect, compile_expression
from labkit.vocabulary import ReservationStatus, TaskOrder, TaskStatus

OPEN = {ReservationStatus.PENDING, ReservationStatus.ACCEPTED, ReservationStatus.WRAPPING}
NAMES_ACTIVITY = re.compile(r"\bactivity_(name|sid)\b")


@contextmanager
def slow_matching() -> Iterator[None]:
    """Within this, the engine routes by what is written here."""
    with patch.object(routing, "settle", settle), patch.object(matching, "candidates", candidates):
        yield


def is_slow() -> bool:
    """Whether the engine routes by what is written here now."""
    return routing.settle is settle


def settle(unit: UnitOfWork) -> None:
    """Let the highest-ranked Task go first, among those that arrive and all that wait and that anybody may have."""
    arriving: dict[str, Task] = {}
    while True:
        arrivals, _ = unit.drain()
        arriving.update({task.sid: task for task in arrivals})
        waiting = [t for t in waiting_tasks(unit.state) if t.sid not in arriving and may_be_reserved(unit.state, t)]
        first = min([*arriving.values(), *waiting], key=lambda t: rank(unit.state, t), default=None)
        if first is None:
            return
        if arriving.pop(first.sid, None):
            routing._place(unit, first)
        else:
            routing._reserve(unit, first)


def waiting_tasks(state: WorkspaceState) -> list[Task]:
    """Every Task that nobody holds and nobody has finished, but those that move or pause."""
    pending = (task for task in state.tasks.values() if task.assignment_status == TaskStatus.PENDING)
    return [task for task in pending if not task.is_moving and task.paused_until is None]


def may_be_reserved(state: WorkspaceState, task: Task) -> bool:
    """Whether anybody may have the waiting Task, and its Workflow's callback URLs may be asked."""
    workflow = state.workflows.get(task.workflow_sid or "")
    return (workflow is None or workflow.paused_until is None) and bool(candidates(state, task))


def candidates(state: WorkspaceState, task: Task, *, most: int = 1) -> list[Worker]:
    """The Workers who would be reserved for the Task now, best first."""
    target = state.target_of(task)
    assert target is not None
    fitting = [worker for worker in state.workers.values() if may_have(state, worker, task, target)]
    fitting.sort(key=lambda worker: worker.number)
    fitting.sort(key=lambda worker: last_reserved(state, worker, task))
    if target.order is not None:
        fitting.sort(key=lambda worker: target.order.sort_key({"worker": scope(state, worker)}))
    return fitting[:most]


def may_have(state: WorkspaceState, worker: Worker, task: Task, target: Target) -> bool:
    """Section 9.1, point by point."""
    in_transfer = task.transfer_sid is not None
    to_one_worker = task.routing_target is not None and task.routing_target.startswith("WK") and not in_transfer
    if to_one_worker:
        if worker.sid != task.routing_target:
            return False
    elif not is_member(state, worker, target.queue_sid):
        return False
    if target.expression is not None:
        both = {"task": json.loads(task.attributes), "worker": scope(state, worker)}
        if not target.expression.matches(both):
            return False
    if target.known_worker is not None and not is_the_known_one(worker, task, target):
        return False
    if task.ignore_capacity and not in_transfer:
        return True
    if not state.activities[worker.activity_sid].available and (to_one_worker or not names_activity(state, target)):
        return False
    return has_room(state, worker, task)


def is_member(state: WorkspaceState, worker: Worker, queue_sid: str) -> bool:
    """Whether the Worker matches the queue's expression."""
    expression = compile_expression(state.task_queues[queue_sid].target_workers, Dialect.WORKER)
    return expression.matches({"worker": scope(state, worker)})


def is_the_known_one(worker: Worker, task: Task, target: Target) -> bool:
    """Section 7.8."""
    assert target.known_worker is not None
    value = json.loads(task.attributes)
    for name in target.known_worker.reference:
        value = value.get(name) if isinstance(value, dict) else None
    return value == getattr(worker, target.known_worker.field)


def names_activity(state: WorkspaceState, target: Target) -> bool:
    """Section 8.4."""
    texts = [target.expression.text] if target.expression else []
    if target.queue_sid:
        texts.append(state.task_queues[target.queue_sid].target_workers)
    return any(NAMES_ACTIVITY.search(text) for text in texts)


def load(state: WorkspaceState, worker: Worker, channel_sid: str) -> list[Reservation]:
    """What takes the Worker's capacity on a channel."""
    return [
        r
        for r in state.reservations.values()
        if r.worker_sid == worker.sid and r.task_channel_sid == channel_sid and r.reservation_status in OPEN
    ]


def has_room(state: WorkspaceState, worker: Worker, task: Task) -> bool:
    """Section 5.8; 5.7 for single tasking."""
    return fits_in(state, worker, task.task_channel_sid)


def fits_in(state: WorkspaceState, worker: Worker, channel_sid: str) -> bool:
    """Whether the Worker can take one more Task of the channel."""
    if not state.workspace.multi_task_enabled:
        return not any(load(state, worker, sid) for sid in state.task_channels)
    channel = worker.channels[channel_sid]
    return channel.available and len(load(state, worker, channel_sid)) < channel.configured_capacity


def scope(state: WorkspaceState, worker: Worker) -> dict[str, Any]:
    """What expressions read of a Worker (section 8.3), counted anew."""
    channels = {}
    for channel_sid, channel in worker.channels.items():
        taken = load(state, worker, channel_sid)
        free = max(0, channel.configured_capacity - len(taken))
        channels[state.task_channels[channel_sid].unique_name] = {
            "configured_capacity": channel.configured_capacity,
            "assigned_tasks": sum(r.reservation_status == ReservationStatus.ACCEPTED for r in taken),
            "available_capacity_percentage": free * 100 // (channel.configured_capacity or 1),
        }
    return {
        **json.loads(worker.attributes),
        "sid": worker.sid,
        "friendly_name": worker.friendly_name,
        "activity_sid": worker.activity_sid,
        "activity_name": state.activities[worker.activity_sid].friendly_name,
        "channel": channels,
    }


def last_reserved(state: WorkspaceState, worker: Worker, task: Task) -> int:
    """When the Worker was last reserved: the smallest number has been idle longest."""
    optimized = state.task_channels[task.task_channel_sid].channel_optimized_routing
    return worker.channels[task.task_channel_sid].last_reserved if optimized else worker.last_reserved


def rank(state: WorkspaceState, task: Task) -> tuple[float, ...]:
    """Section 9.2: the smaller is served first."""
    queue = state.task_queues.get(task.task_queue_sid or "")
    order = queue.task_order if queue else TaskOrder.FIFO
    kind = 0 if order == state.workspace.prioritize_queue_order else 1
    age = task.virtual_start_time.timestamp()
    if order == TaskOrder.LIFO:
        return (kind, -age, -task.number, 0)
    return (kind, -task.priority, age, task.number)
