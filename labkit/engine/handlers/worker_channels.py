"""WorkerChannels (docs: /docs/taskrouter/api/worker-channel)."""

from __future__ import annotations

from labkit.engine import commands as c
from labkit.engine import event_payloads
from labkit.engine.handlers.common import assign, find
from labkit.engine.refusals import NotFound
from labkit.engine.resources import Worker, WorkerChannel
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import EventType


def update(unit: UnitOfWork, command: c.UpdateWorkerChannel) -> WorkerChannel:
    """Change capacity or availability. A load above the new capacity stays; only new Reservations see it."""
    state = unit.state
    worker = find(state.workers, command.worker_sid)
    channel = state.worker_channel(worker, command.sid)
    if channel is None:
        raise NotFound(command.sid)
    capacity_before = channel.configured_capacity
    changed = assign(channel, command.changes, "configured_capacity", "available")
    unit.touch(channel)
    state.refresh_channel_names(worker, channel)
    state.refresh_worker(worker, only=state.volatile_queues("channel"))
    state.refresh_ready(worker)
    unit.free(worker)
    _report(unit, worker, channel, changed, capacity_before)
    return channel


def _report(unit: UnitOfWork, worker: Worker, channel: WorkerChannel, changed: set[str], capacity_before: int) -> None:
    """An event for each change, and a new version of the Worker with it: Twilio's Worker SDK counts along."""
    fields = event_payloads.worker_channel_fields(unit.state, channel, previous_capacity=capacity_before)
    name = fields["task_channel_unique_name"]
    if "configured_capacity" in changed:
        sentence = f"Worker {worker.friendly_name} updated to capacity {channel.configured_capacity} on channel {name}"
        unit.touch(worker)
        event_payloads.report_worker(unit, EventType.WORKER_CAPACITY_UPDATE, worker, sentence, **fields)
    if "available" in changed:
        state = "available" if channel.available else "unavailable"
        sentence = f"Worker {worker.friendly_name} updated to {state} on channel {name}"
        unit.touch(worker)
        event_payloads.report_worker(unit, EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE, worker, sentence, **fields)
