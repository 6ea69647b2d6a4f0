"""WorkerChannels, by SID or the TaskChannel's unique name (docs: /docs/taskrouter/api/worker-channel)."""

from __future__ import annotations

from typing import Any

from labkit.engine import commands as c
from labkit.engine.resources import WorkerChannel
from labkit.sandbox.api.params import Flag, WholeNumber, without_blanks
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource


def render(place: RequestContext, channel: WorkerChannel) -> dict[str, Any]:
    return {
        "account_sid": place.account_sid,
        "assigned_tasks": channel.assigned,
        "available": channel.available,
        "available_capacity_percentage": channel.available_capacity_percentage,
        "configured_capacity": channel.configured_capacity,
        "date_created": moment(channel.date_created),
        "date_updated": moment(channel.date_updated),
        "sid": channel.sid,
        "task_channel_sid": channel.task_channel_sid,
        "task_channel_unique_name": place.state.task_channels[channel.task_channel_sid].unique_name,
        "worker_sid": channel.worker_sid,
        "workspace_sid": channel.workspace_sid,
        "url": f"{place.workspace_url}/Workers/{channel.worker_sid}/Channels/{channel.sid}",
    }


RESOURCE = Resource(
    key="channels",
    path="/Workspaces/{workspace_sid}/Workers/{worker_sid}/Channels",
    own="sid",
    records=lambda place: place.worker().channels.values(),
    find=lambda place, sid_or_name: place.state.worker_channel(place.worker(), sid_or_name),
    render=render,
    update=Operation(
        params=(
            WholeNumber(name="Capacity", field="configured_capacity"),
            Flag(name="Available", field="available"),
        ),
        command=lambda place, sid, values, _: c.UpdateWorkerChannel(
            workspace_sid=place.workspace.sid,
            worker_sid=place.worker().sid,
            sid=sid,
            changes=without_blanks(values),
        ),
    ),
)
