"""Workflows (docs: /docs/taskrouter/api/workflow)."""

from __future__ import annotations

import asyncio
from typing import Any

from labkit import limits
from labkit.engine import commands as c
from labkit.engine.resources import Workflow
from labkit.engine.workflow import parse_configuration
from labkit.sandbox.api.params import Flag, NameParam, Text, Url, WholeNumber, without_blanks
from labkit.sandbox.api.render import moment
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import Operation, Resource, by_field

_SHARED = (
    Url(name="AssignmentCallbackUrl", field="assignment_callback_url"),
    Url(name="FallbackAssignmentCallbackUrl", field="fallback_assignment_callback_url"),
    WholeNumber(
        name="TaskReservationTimeout",
        field="task_reservation_timeout",
        least=1,
        most=limits.MAX_RESERVATION_TIMEOUT_SECONDS,
    ),
)


def render(place: RequestContext, workflow: Workflow) -> dict[str, Any]:
    url = f"{place.workspace_url}/Workflows/{workflow.sid}"
    return {
        "account_sid": place.account_sid,
        "assignment_callback_url": workflow.assignment_callback_url,
        "configuration": workflow.configuration,
        "date_created": moment(workflow.date_created),
        "date_updated": moment(workflow.date_updated),
        "document_content_type": None,  # no parameter gives it, and the service answers so, not as in its examples
        "fallback_assignment_callback_url": workflow.fallback_assignment_callback_url,
        "friendly_name": workflow.friendly_name,
        "sid": workflow.sid,
        "task_reservation_timeout": workflow.task_reservation_timeout,
        "workspace_sid": workflow.workspace_sid,
        "url": url,
        "links": {
            "statistics": f"{url}/Statistics",
            "real_time_statistics": f"{url}/RealTimeStatistics",
            "cumulative_statistics": f"{url}/CumulativeStatistics",
        },
    }


LONG = 20_000
"""Characters of a configuration, from which it is parsed in a thread; the longest takes a second."""


async def parse_apart(values: dict[str, Any]) -> None:
    """Parse a long configuration while others are served; the engine finds it parsed.

    Raises:
        InvalidParameter: it is not what TaskRouter takes.
    """
    if len(values.get("configuration") or "") >= LONG:
        await asyncio.to_thread(parse_configuration, values["configuration"])


RESOURCE = Resource(
    key="workflows",
    path="/Workspaces/{workspace_sid}/Workflows",
    own="sid",
    records=lambda place: place.state.workflows.values(),
    find=lambda place, sid: place.state.workflows.get(sid),
    render=render,
    filters=(by_field("FriendlyName", "friendly_name"),),
    create=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name", required=True),
            Text(name="Configuration", field="configuration", required=True),
            *_SHARED,
        ),
        prepare=parse_apart,
        command=lambda place, _, values, __: c.CreateWorkflow(
            workspace_sid=place.workspace.sid, **without_blanks(values)
        ),
    ),
    update=Operation(
        params=(
            NameParam(name="FriendlyName", field="friendly_name"),
            Text(name="Configuration", field="configuration"),
            Flag(name="ReEvaluateTasks", field="re_evaluate_tasks"),
            *_SHARED,
        ),
        prepare=parse_apart,
        command=lambda place, sid, values, _: c.UpdateWorkflow(
            workspace_sid=place.workspace.sid,
            sid=sid,
            re_evaluate_tasks=values.pop("re_evaluate_tasks", False),
            changes=without_blanks(values),
        ),
    ),
    delete=Operation(command=lambda place, sid, _, __: c.DeleteWorkflow(workspace_sid=place.workspace.sid, sid=sid)),
)
