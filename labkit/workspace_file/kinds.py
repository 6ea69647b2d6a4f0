"""What a Workspace consists of, as a table: each kind of thing, its place in the file, and what may be said of it.

Fields have TaskRouter's own names (docs: /docs/taskrouter/api/<resource>), but for Activities and TaskQueues, which
are named where REST wants a SID. Callback URLs are left out on purpose: they belong to a notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from labkit import limits
from labkit.vocabulary import Sid, TaskOrder
from labkit.workspace_file.attributes import check_attributes
from labkit.workspace_file.node import DocumentNode

BUILT_IN_CHANNELS = frozenset({"default", "voice", "chat", "sms", "video"})
"""Every Workspace has these TaskChannels, and they cannot be deleted."""

Check = Callable[[DocumentNode], Any]


class PartKind(StrEnum):
    """The kinds of things in a Workspace that a file can hold, and the Workspace's own settings."""

    ACTIVITY = "Activity"
    TASK_CHANNEL = "TaskChannel"
    WORKSPACE = "Workspace"
    WORKER = "Worker"
    TASK_QUEUE = "TaskQueue"
    WORKFLOW = "Workflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind.

    Attributes:
        section: its key in the file.
        fields: what may be said of it, each with the check of its value; the name is not among them.
        sid: what its SIDs begin with.
        name: the field that it goes by.
    """

    section: str
    fields: Mapping[str, Check]
    sid: Sid
    name: str = "friendly_name"


def check_name(node: DocumentNode) -> str:
    """A FriendlyName."""
    text = node.text()
    if not 1 <= len(text) <= limits.MAX_NAME_CHARACTERS:
        node.refuse(f"a name has 1 to {limits.MAX_NAME_CHARACTERS} characters, and this has {len(text)}")
    return text


def _activity(node: DocumentNode) -> str:
    """The name of an Activity; whether there is such a one is seen when the changes are planned."""
    return check_name(node)


def _activity_or_none(node: DocumentNode) -> str | None:
    """The name of an Activity, or null for none."""
    return None if node.value is None else check_name(node)


def _whole_number(least: int, most: int) -> Check:
    return lambda node: node.whole_number(least, most)


def _order(node: DocumentNode) -> str:
    text = node.text()
    if text not in list(TaskOrder):
        node.refuse(f"{text[:40]!r} is neither {' nor '.join(TaskOrder)}")
    return text


def _channels(node: DocumentNode) -> dict[str, dict[str, Any]]:
    return {channel: _worker_channel(node.child(channel)) for channel in node.mapping()}


def _worker_channel(node: DocumentNode) -> dict[str, Any]:
    checks: dict[str, Check] = {"capacity": _whole_number(0, limits.MAX_WHOLE_NUMBER), "available": DocumentNode.flag}
    return node.checked(checks)


def _configuration(node: DocumentNode) -> dict[str, Any]:
    """A Workflow's configuration; what is in it is checked when it is about to be sent (`checking.py`)."""
    node.mapping()
    node.child("task_routing").mapping()
    return dict(node.value)


SHAPES: Mapping[PartKind, Shape] = MappingProxyType(
    {
        PartKind.WORKSPACE: Shape(
            section="workspace",
            sid=Sid.WORKSPACE,
            fields={
                "multi_task_enabled": DocumentNode.flag,
                "prioritize_queue_order": _order,
                "default_activity": _activity,
                "timeout_activity": _activity,
            },
        ),
        PartKind.ACTIVITY: Shape(section="activities", sid=Sid.ACTIVITY, fields={"available": DocumentNode.flag}),
        PartKind.TASK_CHANNEL: Shape(
            section="task_channels",
            sid=Sid.TASK_CHANNEL,
            name="unique_name",
            fields={"friendly_name": check_name, "channel_optimized_routing": DocumentNode.flag},
        ),
        PartKind.TASK_QUEUE: Shape(
            section="task_queues",
            sid=Sid.TASK_QUEUE,
            fields={
                "target_workers": DocumentNode.text,
                "max_reserved_workers": _whole_number(1, limits.MAX_RESERVED_WORKERS),
                "task_order": _order,
                "reservation_activity": _activity_or_none,
                "assignment_activity": _activity_or_none,
            },
        ),
        PartKind.WORKFLOW: Shape(
            section="workflows",
            sid=Sid.WORKFLOW,
            fields={
                "task_reservation_timeout": _whole_number(1, limits.MAX_RESERVATION_TIMEOUT_SECONDS),
                "configuration": _configuration,
            },
        ),
        PartKind.WORKER: Shape(
            section="workers",
            sid=Sid.WORKER,
            fields={"activity": _activity, "attributes": check_attributes, "channels": _channels},
        ),
    }
)
"""Every kind, in the order in which a file has them."""

ACTIVITY_FIELDS = frozenset(
    {"default_activity", "timeout_activity", "activity", "reservation_activity", "assignment_activity"}
)
"""Fields that hold the name of an Activity; over REST they are called the same with `_sid`."""


def key_of(kind: PartKind, name_of_it: str) -> str:
    """What two things of a kind may not have in common; Workers' names are compared without regard to case."""
    return name_of_it.casefold() if kind is PartKind.WORKER else name_of_it
