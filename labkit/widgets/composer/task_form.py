"""What stands in the composer's form: read, judged, and said as lines to copy.

Docs: /docs/taskrouter/api/task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit import limits
from labkit.widgets.base import text_of
from labkit.widgets.composer.templates import Template
from labkit.widgets.json_check import Checked, check_attributes
from labkit.widgets.snippets import create_in_curl, create_in_python


@dataclass(frozen=True, slots=True)
class TaskForm:
    """What stands in the form; None where it is left to TaskRouter."""

    attributes: Checked
    workflow: str | None
    task_channel: str | None
    priority: int | None
    timeout: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class WorkspaceAddress:
    """Where Tasks are created, for the lines to copy."""

    base_url: str = "https://taskrouter.twilio.com"
    workspace_sid: str = "WSXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"


def options_of(template: Template) -> dict[str, Any]:
    return {"priority": template.priority, "timeout": template.timeout, "task_channel": template.task_channel}


def filled_with(template: Template) -> dict[str, str]:
    """A template as it stands in the form; what is left to TaskRouter is empty."""
    options = {name: "" if value is None else str(value) for name, value in options_of(template).items()}
    flat = len(template.attributes) == 1
    attributes = json.dumps(template.attributes, ensure_ascii=False, indent=None if flat else 2)
    return {"key": template.key, "title": template.title, "attributes": attributes, **options}


def lines_to_copy(form: TaskForm, place: WorkspaceAddress) -> dict[str, str]:
    """The call that the form makes, for the SDK and for curl; both empty while the attributes are wrong."""
    if form.attributes.value is None:
        return {"code": "", "curl": ""}
    options = {
        "workflow_sid": form.workflow,
        "task_channel": form.task_channel,
        "priority": form.priority,
        "timeout": form.timeout,
    }
    python = create_in_python(form.attributes.value, workspace_sid=place.workspace_sid, options=options)
    curl = create_in_curl(
        form.attributes.value, base_url=place.base_url, workspace_sid=place.workspace_sid, options=options
    )
    return {"code": python, "curl": curl}


def read_form(message: Mapping[str, Any]) -> TaskForm:
    priority, wrong_priority = _number(message, "priority", 0, limits.MAX_WHOLE_NUMBER)
    timeout, wrong_timeout = _number(message, "timeout", 1, limits.MAX_TASK_TIMEOUT_SECONDS)
    return TaskForm(
        attributes=check_attributes(text_of(message, "attributes")),
        workflow=text_of(message, "workflow") or None,
        task_channel=text_of(message, "task_channel") or None,
        priority=priority,
        timeout=timeout,
        problem=wrong_priority or wrong_timeout,
    )


def _number(message: Mapping[str, Any], name: str, least: int, most: int) -> tuple[int | None, str]:
    typed = text_of(message, name).strip()
    if not typed:
        return None, ""
    if typed.isascii() and typed.isdecimal() and len(typed) <= 10 and least <= int(typed) <= most:
        return int(typed), ""
    return None, f"{name.capitalize()} is {typed[:20]!r}; give a whole number from {least} to {most:,}, or nothing."
