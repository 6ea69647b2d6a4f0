"""Activities (docs: /docs/taskrouter/api/activity)."""

from __future__ import annotations

from typing import Any

from labkit.engine import commands as c
from labkit.engine.resources import Activity
from labkit.sandbox.api.params import Flag, NameParam, is_true
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, QueryFilter, Resource, by_field


def render(place: RequestContext, activity: Activity) -> dict[str, Any]:
    return {
        "account_sid": place.account_sid,
        "available": activity.available,
        "date_created": moment(activity.date_created),
        "date_updated": moment(activity.date_updated),
        "friendly_name": activity.friendly_name,
        "sid": activity.sid,
        "workspace_sid": activity.workspace_sid,
        "url": f"{place.workspace_url}/Activities/{activity.sid}",
        "links": {"workspace": place.workspace_url},
    }


RESOURCE = Resource(
    key="activities",
    path="/Workspaces/{workspace_sid}/Activities",
    own="sid",
    records=lambda place: place.state.activities.values(),
    find=lambda place, sid: place.state.activities.get(sid),
    render=render,
    filters=(
        by_field("FriendlyName", "friendly_name"),
        QueryFilter(
            name="Available", keep=lambda _, values: lambda activity: activity.available == is_true(values[-1])
        ),
    ),
    create=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name", required=True),
            Flag(name="Available", field="available"),
        ),
        command=lambda place, _, values, __: c.CreateActivity(workspace_sid=place.workspace.sid, **values),
    ),
    update=Operation(
        params=(NameParam(name="FriendlyName", field="friendly_name"),),
        command=lambda place, sid, values, _: c.UpdateActivity(
            workspace_sid=place.workspace.sid, sid=sid, changes=values
        ),
    ),
    delete=Operation(command=lambda place, sid, _, __: c.DeleteActivity(workspace_sid=place.workspace.sid, sid=sid)),
)
