"""TaskChannels (docs: /docs/taskrouter/api/task-channel)."""

from __future__ import annotations

import re

from labkit.engine import commands as c
from labkit.engine import event_payloads
from labkit.engine.handlers.common import assign, find
from labkit.engine.refusals import InUse, InvalidParameter
from labkit.engine.resources import TaskChannel, Worker, WorkerChannel
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import EventType, Sid

BUILT_IN = frozenset({"default", "voice", "chat", "sms", "video"})


def create(unit: UnitOfWork, command: c.CreateTaskChannel) -> TaskChannel:
    """A new channel; every Worker gets a WorkerChannel for it."""
    name = command.unique_name
    if not re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}", name):
        raise InvalidParameter(
            "UniqueName", "letters, digits, _ and $ only, not beginning with a digit: expressions use it"
        )
    if unit.state.task_channel(name) is not None:
        raise InvalidParameter("UniqueName", f"there is a TaskChannel {name} already")
    channel = unit.add(
        TaskChannel(
            **unit.new_record_fields(Sid.TASK_CHANNEL),
            friendly_name=command.friendly_name,
            unique_name=name,
            channel_optimized_routing=command.channel_optimized_routing,
        )
    )
    unit.state.task_channels[channel.sid] = channel
    for worker in unit.state.workers.values():
        open_channel(unit, worker, channel)
        unit.state.refresh_ready(worker)
        _judge_again(unit, worker)
    event_payloads.report_task_channel(unit, EventType.TASK_CHANNEL_CREATED, channel, f"TaskChannel {name} created")
    return channel


def open_channel(unit: UnitOfWork, worker: Worker, channel: TaskChannel) -> None:
    """Give a Worker its channel, which is available."""
    record = WorkerChannel(
        **unit.new_record_fields(Sid.WORKER_CHANNEL), worker_sid=worker.sid, task_channel_sid=channel.sid
    )
    worker.channels[channel.sid] = unit.add(record)
    unit.state.refresh_channel_names(worker, record)


def _judge_again(unit: UnitOfWork, worker: Worker) -> None:
    """Expressions may read the channel that came or went."""
    unit.state.refresh_worker(worker, only=unit.state.volatile_queues("channel"))
    unit.free(worker)


def update(unit: UnitOfWork, command: c.UpdateTaskChannel) -> TaskChannel:
    channel = find(unit.state.task_channels, command.sid)
    assign(channel, command.changes, "friendly_name", "channel_optimized_routing")
    unit.touch(channel)
    for worker in unit.state.workers.values():
        unit.state.refresh_ready(worker)
    event_payloads.report_task_channel(
        unit, EventType.TASK_CHANNEL_UPDATED, channel, f"TaskChannel {channel.unique_name} updated"
    )
    return channel


def delete(unit: UnitOfWork, command: c.DeleteTaskChannel) -> TaskChannel:
    state = unit.state
    channel = find(state.task_channels, command.sid)
    what = f"TaskChannel {channel.unique_name}"
    if channel.unique_name in BUILT_IN:
        raise InUse(what, "every Workspace")
    task = next((t for t in state.tasks.values() if t.task_channel_sid == channel.sid), None)
    if task is not None:
        raise InUse(what, f"Task {task.sid}")
    event_payloads.report_task_channel(unit, EventType.TASK_CHANNEL_DELETED, channel, f"{what} deleted")
    for worker in state.workers.values():
        state.close_channel(worker, channel)
        unit.remove(worker.channels.pop(channel.sid))
        _judge_again(unit, worker)
    del state.task_channels[channel.sid]
    unit.remove(channel)
    return channel
