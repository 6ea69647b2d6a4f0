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


def create(turn: UnitOfWork, command: c.CreateTaskChannel) -> TaskChannel:
    """A new channel; every Worker gets a WorkerChannel for it."""
    name = command.unique_name
    if not re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}", name):
        raise InvalidParameter(
            "UniqueName", "letters, digits, _ and $ only, not beginning with a digit: expressions use it"
        )
    if turn.state.task_channel(name) is not None:
        raise InvalidParameter("UniqueName", f"there is a TaskChannel {name} already")
    channel = turn.add(
        TaskChannel(
            **turn.birth(Sid.TASK_CHANNEL),
            friendly_name=command.friendly_name,
            unique_name=name,
            channel_optimized_routing=command.channel_optimized_routing,
        )
    )
    turn.state.task_channels[channel.sid] = channel
    for worker in turn.state.workers.values():
        open_channel(turn, worker, channel)
        turn.state.refresh_ready(worker)
        _judge_again(turn, worker)
    event_payloads.report_task_channel(turn, EventType.TASK_CHANNEL_CREATED, channel, f"TaskChannel {name} created")
    return channel


def open_channel(turn: UnitOfWork, worker: Worker, channel: TaskChannel) -> None:
    """Give a Worker its channel: capacity 1, available. Twilio documents no default; ours is what its samples show."""
    record = WorkerChannel(**turn.birth(Sid.WORKER_CHANNEL), worker_sid=worker.sid, task_channel_sid=channel.sid)
    worker.channels[channel.sid] = turn.add(record)
    turn.state.refresh_channel_names(worker, record)


def _judge_again(turn: UnitOfWork, worker: Worker) -> None:
    """Expressions may read the channel that came or went."""
    turn.state.refresh_worker(worker, only=turn.state.volatile_queues("channel"))
    turn.free(worker)


def update(turn: UnitOfWork, command: c.UpdateTaskChannel) -> TaskChannel:
    channel = find(turn.state.task_channels, command.sid)
    assign(channel, command.changes, "friendly_name", "channel_optimized_routing")
    turn.touch(channel)
    for worker in turn.state.workers.values():
        turn.state.refresh_ready(worker)
    event_payloads.report_task_channel(
        turn, EventType.TASK_CHANNEL_UPDATED, channel, f"TaskChannel {channel.unique_name} updated"
    )
    return channel


def delete(turn: UnitOfWork, command: c.DeleteTaskChannel) -> TaskChannel:
    state = turn.state
    channel = find(state.task_channels, command.sid)
    what = f"TaskChannel {channel.unique_name}"
    if channel.unique_name in BUILT_IN:
        raise InUse(what, "every Workspace")
    task = next((t for t in state.tasks.values() if t.task_channel_sid == channel.sid), None)
    if task is not None:
        raise InUse(what, f"Task {task.sid}")
    event_payloads.report_task_channel(turn, EventType.TASK_CHANNEL_DELETED, channel, f"{what} deleted")
    for worker in state.workers.values():
        state.close_channel(worker, channel)
        turn.remove(worker.channels.pop(channel.sid))
        _judge_again(turn, worker)
    del state.task_channels[channel.sid]
    turn.remove(channel)
    return channel
