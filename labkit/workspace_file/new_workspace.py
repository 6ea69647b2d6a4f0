"""What TaskRouter puts into a new Workspace by itself, so that what furnishing it would do can be said beforehand."""

from __future__ import annotations

from labkit.engine.handlers.workspaces import ACTIVITIES, FIFO_TASK_QUEUE, FIFO_WORKFLOW, TASK_CHANNELS
from labkit.workspace_file.document import Document, Part
from labkit.workspace_file.kinds import PartKind


def new_workspace(template: str = "NONE") -> Document:
    """A Workspace that was made just now, with multitasking (docs: /docs/taskrouter/api/workspace).

    Args:
        template: `NONE`, or `FIFO`, which brings a TaskQueue and a Workflow.
    """
    parts = [Part(kind=PartKind.ACTIVITY, name=name, fields={"available": free}) for name, free in ACTIVITIES]
    parts += [
        Part(
            kind=PartKind.TASK_CHANNEL,
            name=unique_name,
            fields={"friendly_name": name, "channel_optimized_routing": False},
        )
        for name, unique_name in TASK_CHANNELS
    ]
    first = ACTIVITIES[0][0]
    settings = {
        "multi_task_enabled": True,
        "prioritize_queue_order": "FIFO",
        "default_activity": first,
        "timeout_activity": first,
    }
    parts.append(Part(kind=PartKind.WORKSPACE, fields=settings))
    return Document({part.key: part for part in (*parts, *(_fifo() if template == "FIFO" else ()))})


def _fifo() -> tuple[Part, Part]:
    """Of these the names alone are known: what is in them is Twilio's."""
    return (
        Part(kind=PartKind.TASK_QUEUE, name=FIFO_TASK_QUEUE),
        Part(kind=PartKind.WORKFLOW, name=FIFO_WORKFLOW),
    )
