"""What steps ask of the Workspace as it is now: its parts by name, and what its expressions make of attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.course.record import LessonRecord
from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression

Part = Mapping[str, Any]


def named(record: LessonRecord, section: str, name: str) -> Part | None:
    """The part of this name, letter case aside; of two the newest, None where there is none.

    Args:
        record: what the check was given.
        section: as the Workspace's file has it, such as `workers` or `task_queues`.
        name: its FriendlyName.
    """
    parts = record.workspace.get(section, ())
    return next((each for each in reversed(parts) if each["friendly_name"].casefold() == name.casefold()), None)


def activity_of(record: LessonRecord, worker: str) -> str:
    """The name of a Worker's Activity; "" where there is no such Worker."""
    found = named(record, "workers", worker) or {}
    return str(found.get("activity", ""))


def picks(expression: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a TaskQueue's expression picks a Worker with these attributes; what cannot be read picks nobody."""
    return _matches(expression, Dialect.WORKER, {"worker": attributes})


def takes(expression: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a filter's expression takes a Task with these attributes; what cannot be read takes none."""
    return _matches(expression, Dialect.TASK, {"task": attributes})


def filters_of(workflow: Part) -> list[Part]:
    """The filters of a Workflow, in their order."""
    return list(_routing(workflow).get("filters", ()))


def queue_for(workflow: Part, attributes: Mapping[str, Any]) -> str | None:
    """The name of the TaskQueue to which a Workflow sends a Task at first; None where it refuses it."""
    for each in filters_of(workflow):
        if takes(each.get("expression", ""), attributes):
            return next((target.get("queue") for target in each.get("targets", ())), None)
    default: str | None = _routing(workflow).get("default_filter", {}).get("queue")
    return default


def _routing(workflow: Part) -> Part:
    routing: Part = workflow.get("configuration", {}).get("task_routing", {})
    return routing


def _matches(expression: str, dialect: Dialect, scope: Mapping[str, Any]) -> bool:
    try:
        return bool(expression) and compile_expression(expression, dialect).matches(scope)
    except ExpressionError:
        return False
