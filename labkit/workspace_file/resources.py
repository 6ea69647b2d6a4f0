"""The SDK's list of each kind of thing in a Workspace, and what is read of one."""

from __future__ import annotations

from typing import Any

from labkit.workspace_file.kinds import PartKind


def resources_of(workspace: Any) -> dict[PartKind, Any]:
    """By kind; the Workspace itself is in none of them.

    Args:
        workspace: the SDK's, such as `client.taskrouter.v1.workspaces(sid)`.
    """
    return {
        PartKind.ACTIVITY: workspace.activities,
        PartKind.TASK_CHANNEL: workspace.task_channels,
        PartKind.WORKER: workspace.workers,
        PartKind.TASK_QUEUE: workspace.task_queues,
        PartKind.WORKFLOW: workspace.workflows,
    }


def read_field(record: Any, name: str) -> Any:
    """The value of a field in the SDK's record.

    Args:
        record: what was fetched.
        name: as `update` calls it; of a WorkerChannel the `capacity` is read by another name.
    """
    return getattr(record, "configured_capacity" if name == "capacity" else name)
