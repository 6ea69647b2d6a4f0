"""Workspaces (docs: /docs/taskrouter/api/workspace)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from labkit.engine import commands as c
from labkit.engine.resources import Workspace
from labkit.sandbox.api.params import Choice, Flag, NameParam, Text, Url
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource, by_field
from labkit.vocabulary import TaskOrder


class WorkspaceTemplate(StrEnum):
    """What a new Workspace is furnished with."""

    NONE = "NONE"
    FIFO = "FIFO"


_SHARED = (
    Url(name="EventCallbackUrl", field="event_callback_url"),
    Text(name="EventsFilter", field="events_filter", longest=4096, empty=None),
    Flag(name="MultiTaskEnabled", field="multi_task_enabled"),
    Choice(name="PrioritizeQueueOrder", field="prioritize_queue_order", options=TaskOrder),
)
_LINKS = {
    "activities": "Activities",
    "statistics": "Statistics",
    "real_time_statistics": "RealTimeStatistics",
    "cumulative_statistics": "CumulativeStatistics",
    "task_queues": "TaskQueues",
    "tasks": "Tasks",
    "workers": "Workers",
    "workflows": "Workflows",
    "task_channels": "TaskChannels",
    "events": "Events",
}


def render(place: RequestContext, workspace: Workspace) -> dict[str, Any]:
    url = f"{place.root}/Workspaces/{workspace.sid}"
    return {
        "sid": workspace.sid,
        "account_sid": workspace.account_sid,
        "friendly_name": workspace.friendly_name,
        "date_created": moment(workspace.date_created),
        "date_updated": moment(workspace.date_updated),
        "default_activity_name": _activity_name(place, workspace, workspace.default_activity_sid),
        "default_activity_sid": workspace.default_activity_sid,
        "timeout_activity_name": _activity_name(place, workspace, workspace.timeout_activity_sid),
        "timeout_activity_sid": workspace.timeout_activity_sid,
        "event_callback_url": workspace.event_callback_url,
        "events_filter": workspace.events_filter,
        "multi_task_enabled": workspace.multi_task_enabled,
        "prioritize_queue_order": workspace.prioritize_queue_order,
        "url": url,
        "links": {name: f"{url}/{path}" for name, path in _LINKS.items()},
    }


def _activity_name(place: RequestContext, workspace: Workspace, sid: str) -> str:
    return place.service.states[workspace.sid].activities[sid].friendly_name


def _of_account(place: RequestContext) -> list[Workspace]:
    workspaces = (state.workspace for state in place.service.states.values())
    return [workspace for workspace in workspaces if workspace.account_sid == place.account_sid]


RESOURCE = Resource(
    key="workspaces",
    path="/Workspaces",
    own="workspace_sid",
    records=_of_account,
    find=lambda place, _: place.workspace,
    render=render,
    filters=(by_field("FriendlyName", "friendly_name"),),
    create=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name", required=True),
            Choice(name="Template", field="template", options=WorkspaceTemplate),
            *_SHARED,
        ),
        command=lambda place, _, values, __: c.CreateWorkspace(account_sid=place.account_sid, **values),
    ),
    update=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name"),
            Text(name="DefaultActivitySid", field="default_activity_sid"),
            Text(name="TimeoutActivitySid", field="timeout_activity_sid"),
            *_SHARED,
        ),
        command=lambda place, _, values, if_match: c.UpdateWorkspace(
            workspace_sid=place.workspace.sid, sid=place.workspace.sid, changes=values, if_match=if_match
        ),
    ),
    delete=Operation(
        command=lambda place, _, __, if_match: c.DeleteWorkspace(
            workspace_sid=place.workspace.sid, sid=place.workspace.sid, if_match=if_match
        )
    ),
)
