"""What a check asks of a Workspace as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labkit import limits
from labkit.errors import WorkspaceFileError
from labkit.taskrouter.errors import asking


class WorkflowCallbacks(NamedTuple):
    """Whom a Workflow asks about a Reservation, and how long that may be open.

    Docs: /docs/taskrouter/api/workflow; a URL is empty where there is none, and the timeout is in seconds.
    """

    assignment_callback_url: str
    fallback_assignment_callback_url: str
    task_reservation_timeout: int


def workspace_data(client: Any, workspace_sid: str) -> Mapping[str, Any]:
    """The Workspace as the values that its file would hold; nothing where a file cannot hold it.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    from labkit.workspace_file import read_data

    try:
        return read_data(client, workspace_sid)
    except WorkspaceFileError:
        return {}


def workflow_callbacks(client: Any, workspace_sid: str) -> Mapping[str, WorkflowCallbacks]:
    """Whom each Workflow calls, by its name. Raises as `workspace_data`."""
    workflows = client.taskrouter.v1.workspaces(workspace_sid).workflows
    with asking("list the Workflows"):
        found = workflows.list(page_size=limits.MAX_PAGE_SIZE)
    return {
        each.friendly_name: WorkflowCallbacks(
            each.assignment_callback_url or "",
            each.fallback_assignment_callback_url or "",
            int(each.task_reservation_timeout or 0),
        )
        for each in found
    }
