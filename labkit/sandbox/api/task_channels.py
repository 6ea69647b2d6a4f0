"""TaskChannels, by SID or unique name (docs: /docs/taskrouter/api/task-channel)."""

from __future__ import annotations

from typing import Any

from labkit.engine import commands as c
from labkit.engine.resources import TaskChannel
from labkit.sandbox.api.params import Flag, NameParam
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource


def render(place: RequestContext, channel: TaskChannel) -> dict[str, Any]:
    return {
        "account_sid": place.account_sid,
        "date_created": moment(channel.date_created),
        "date_updated": moment(channel.date_updated),
        "friendly_name": channel.friendly_name,
        "sid": channel.sid,
        "unique_name": channel.unique_name,
        "workspace_sid": channel.workspace_sid,
        "channel_optimized_routing": channel.channel_optimized_routing,
        "url": f"{place.workspace_url}/TaskChannels/{channel.sid}",
        "links": {"workspace": place.workspace_url},
    }


RESOURCE = Resource(
    key="channels",
    path="/Workspaces/{workspace_sid}/TaskChannels",
    own="sid",
    records=lambda place: place.state.task_channels.values(),
    find=lambda place, sid_or_name: place.state.task_channel(sid_or_name),
    render=render,
    create=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name", required=True),
            NameParam(name="UniqueName", field="unique_name", required=True),
            Flag(name="ChannelOptimizedRouting", field="channel_optimized_routing"),
        ),
        command=lambda place, _, values, __: c.CreateTaskChannel(workspace_sid=place.workspace.sid, **values),
    ),
    update=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name"),
            Flag(name="ChannelOptimizedRouting", field="channel_optimized_routing"),
        ),
        command=lambda place, sid, values, _: c.UpdateTaskChannel(
            workspace_sid=place.workspace.sid, sid=sid, changes=values
        ),
    ),
    delete=Operation(command=lambda place, sid, _, __: c.DeleteTaskChannel(workspace_sid=place.workspace.sid, sid=sid)),
)
