"""Composer: a form that creates a Task, and shows the same call in Python.

Docs: /docs/taskrouter/api/task (Priority 0 to 2,147,483,647; Timeout up to 1,209,600 seconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.errors import LabError
from labkit.widgets.base import Handler, Panel, script, style, text_of
from labkit.widgets.desk_protocol import DeskLike
from labkit.widgets.jobs import Jobs, Outcome
from labkit.widgets.json_check import LIMIT, Checked, check_attributes, with_language
from labkit.widgets.live import LiveState
from labkit.widgets.views import TaskView, milliseconds, readable

ATTRIBUTES = '{"selected_language": "es"}'
LANGUAGES = ("es", "en")
MAX_PRIORITY = 2**31 - 1
MAX_TIMEOUT = 1_209_600
DEFAULT_TIMEOUT = 86_400
DEFAULT_CHANNEL = "default"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class TaskForm:
    """What stands in the form; None where it is left to TaskRouter."""

    attributes: Checked
    workflow: str | None
    task_channel: str | None
    priority: int | None
    timeout: int | None
    problem: str


class Composer(Panel):
    """Creates Tasks.

    Args:
        live: where the status of the created Tasks is followed.
        desk: where they are created, and what the choices are read from.
        jobs: where that runs.
    """

    _esm = script("composer")
    _css = style("composer")

    def __init__(self, live: LiveState, *, desk: DeskLike, jobs: Jobs) -> None:
        self._live = live
        self._desk = desk
        self._created: list[str] = []
        self._workflows: list[dict[str, str]] = []
        self._channels: list[dict[str, str]] = []
        self._trouble = ""
        super().__init__(jobs=jobs)
        self._endings.append(live.watch(self._on_change))
        self.refresh()
        jobs.submit(self._read_choices)

    def _on_change(self, topic: str) -> None:
        if topic == "tasks" and self._created:
            self.refresh()

    def _now(self) -> datetime:
        return self._live.clock()

    def _content(self) -> dict[str, Any]:
        tasks = [task for sid in reversed(self._created) if (task := self._live.task(sid))]
        return {
            "workflows": self._workflows,
            "channels": [channel for channel in self._channels if channel["value"] != DEFAULT_CHANNEL],
            "trouble": self._trouble,
            "languages": list(LANGUAGES),
            "attributes": ATTRIBUTES,
            "limit": LIMIT,
            "max_priority": MAX_PRIORITY,
            "max_timeout": MAX_TIMEOUT,
            "default_timeout": DEFAULT_TIMEOUT,
            "tasks": [_row(task) for task in tasks],
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "check": self._check,
            "language": self._language,
            "create": self._create,
            "choices": lambda _message: self._read_choices(),
        }

    def _read_choices(self) -> Outcome | None:
        try:
            workflows = [{"value": each.sid, "text": each.name} for each in self._desk.workflows()]
            channels = [{"value": each.name, "text": each.name} for each in self._desk.task_channels()]
        except LabError as error:
            return self._show_trouble(f"The Workflows could not be read: {error}")
        with self._lock:
            self._workflows, self._channels, self._trouble = workflows, channels, ""
            self.refresh()
        return None

    def _show_trouble(self, text: str) -> Outcome:
        with self._lock:
            self._trouble = text
            self.refresh()
        return Outcome(ok=False, text=text)

    def _check(self, message: Mapping[str, Any]) -> Outcome:
        form = _read_form(message)
        problem = form.attributes.problem
        placed = None if problem is None else {"text": problem.text, "line": problem.line, "source": problem.source}
        data = {
            "problem": placed,
            "characters": form.attributes.characters,
            "language": (form.attributes.value or {}).get("selected_language"),
            "code": sdk_code(form),
        }
        return Outcome(ok=True, text=form.problem, data=data)

    def _language(self, message: Mapping[str, Any]) -> Outcome:
        language = text_of(message, "language")
        typed = with_language(text_of(message, "attributes"), language) if language in LANGUAGES else None
        if typed is None:
            return Outcome(ok=False, text="First put the attributes right; then the language can be set in them.")
        return Outcome(ok=True, data={"attributes": typed})

    def _create(self, message: Mapping[str, Any]) -> Outcome:
        form = _read_form(message)
        trouble = form.attributes.problem.text if form.attributes.problem else form.problem
        if trouble or form.attributes.value is None:
            return Outcome(ok=False, text=trouble)
        task = self._desk.create_task(
            form.attributes.value,
            workflow=form.workflow,
            priority=form.priority,
            timeout=form.timeout,
            task_channel=form.task_channel,
        )
        with self._lock:
            self._created = [*self._created, task.sid][-_SHOWN:]
        self._live.learn_task(task)
        self.refresh()
        return Outcome(ok=True, text=f"Created {task.sid}.", data={"task": task.sid})


def sdk_code(form: TaskForm) -> str:
    """The call that the form makes, as a line for the official Python SDK; empty while the attributes are wrong."""
    if form.attributes.value is None:
        return ""
    given = {
        "workflow_sid": form.workflow,
        "task_channel": form.task_channel,
        "priority": form.priority,
        "timeout": form.timeout,
    }
    arguments = [f"    attributes=json.dumps({form.attributes.value!r}),"]
    arguments += [f"    {name}={value!r}," for name, value in given.items() if value is not None]
    call = "task = client.taskrouter.v1.workspaces(workspace_sid).tasks.create("
    return "\n".join(["import json", "", call, *arguments, ")"])


def _read_form(message: Mapping[str, Any]) -> TaskForm:
    priority, wrong_priority = _number(message, "priority", 0, MAX_PRIORITY)
    timeout, wrong_timeout = _number(message, "timeout", 1, MAX_TIMEOUT)
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


def _row(task: TaskView) -> dict[str, Any]:
    return {
        "sid": task.sid,
        "status": str(task.status),
        "queue": task.task_queue_name,
        "reason": task.reason,
        "attributes": readable(task.attributes, most=6, longest=80),
        "created": milliseconds(task.created_at),
    }
