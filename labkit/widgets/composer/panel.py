"""Composer: a form that creates a Task, or ten at random, and shows the same call in Python and in curl.

Tasks that are made at random are made in the background, one after the other, and may be stopped.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from random import Random, SystemRandom
from typing import Any, ClassVar

from labkit import limits
from labkit.background import JobOutcome, Jobs
from labkit.display import Section, Table
from labkit.errors import LabError
from labkit.live.views import ReservationView, TaskView, milliseconds, readable
from labkit.live.workspace import WORKSPACE, LiveWorkspace
from labkit.taskrouter.clearing import clear_tasks as clear_tasks_of
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.vocabulary import short_sid
from labkit.widgets.base import Handler, Panel, script, style, text_of
from labkit.widgets.composer.task_form import (
    WorkspaceAddress,
    filled_with,
    lines_to_copy,
    options_of,
    read_form,
)
from labkit.widgets.composer.templates import TEMPLATES, varied
from labkit.widgets.json_check import with_language
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.snippets import CREDENTIALS_IN_PYTHON
from labkit.widgets.still import in_one_text, time_of_day_utc

ATTRIBUTES = '{"selected_language": "es"}'
LANGUAGES = ("es", "en")
DEFAULT_CHANNEL = "default"
BATCH = 10
"""Tasks that "at random" makes."""
_SHOWN = BATCH


@dataclass(frozen=True, slots=True)
class Batch:
    """How far the creation of several Tasks has come; `trouble` is why it ended early, or empty."""

    made: int
    wanted: int
    running: bool = True
    trouble: str = ""


class Composer(Panel):
    """Creates Tasks.

    Args:
        live: how the created Tasks stand, and which Workflows and TaskChannels there are.
        client: where they are created.
        jobs: where that runs.
        place: asked each time that a line to copy is made.
        clear_tasks: ends every open Task, and returns what shows itself as a sentence; by default that of `client`.
        random: where chance comes from.
    """

    title = "Create a Task"
    _esm = script("composer")
    _css = style("composer")
    desk_place: ClassVar[Mapping[str, int]] = {"first": 1, "work": 1}
    looks = frozenset({"check", "choices", "language"})
    only_acts = True

    @classmethod
    def of_lab(cls, lab: LabParts) -> Composer:
        """The panel of a lab."""
        return cls(
            lab.live,
            client=lab.client,
            jobs=lab.jobs,
            place=lambda: WorkspaceAddress(*lab.address()),
            clear_tasks=lab.clear_tasks,
        )

    def __init__(
        self,
        live: LiveWorkspace,
        *,
        client: WorkspaceClient,
        jobs: Jobs,
        place: Callable[[], WorkspaceAddress] = WorkspaceAddress,
        clear_tasks: Callable[[], object] | None = None,
        random: Random | None = None,
    ) -> None:
        self._live = live
        self._client = client
        self._background = jobs
        self._place = place
        self._clear_tasks = clear_tasks or (lambda: clear_tasks_of(client))
        self._random = random or SystemRandom()
        self._created: list[str] = []
        self._batch: Batch | None = None
        self._enough = threading.Event()
        super().__init__(jobs=jobs)
        self._endings += [live.watch(self._on_change), self._enough.set]
        self.refresh()

    def _on_change(self, topic: str) -> None:
        if topic in ("settings", WORKSPACE) or (topic in ("tasks", "reservations") and self._created):
            self.refresh()

    def _now(self) -> datetime:
        return self._live.clock()

    def _paused(self) -> bool:
        return self._live.clock.paused

    def _speed(self) -> float:
        return self._live.clock.speed

    def _content(self) -> dict[str, Any]:
        tasks = [task for sid in reversed(self._created) if (task := self._live.task(sid))]
        by_task: defaultdict[str, list[ReservationView]] = defaultdict(list)
        for reservation in self._live.reservations if tasks else ():
            by_task[reservation.task_sid].append(reservation)
        return {
            "workflows": [{"value": each.sid, "text": each.name} for each in self._live.workflows],
            "channels": [{"value": name, "text": name} for name in self._channels() if name != DEFAULT_CHANNEL],
            "trouble": self._live.trouble,
            "languages": list(LANGUAGES),
            "attributes": ATTRIBUTES,
            "limit": limits.MAX_ATTRIBUTES_CHARACTERS,
            "max_priority": limits.MAX_WHOLE_NUMBER,
            "max_timeout": limits.MAX_TASK_TIMEOUT_SECONDS,
            "default_timeout": limits.DEFAULT_TASK_TIMEOUT_SECONDS,
            "templates": [filled_with(template) for template in TEMPLATES],
            "batch": asdict(self._batch) if self._batch else None,
            "batch_size": BATCH,
            "credentials": CREDENTIALS_IN_PYTHON,
            "tasks": [_row(task, by_task[task.sid]) for task in tasks],
        }

    def pictured(self) -> Iterable[Section]:
        """The Tasks that it created last."""
        columns = ("Task", "Status", "Reservation", "TaskQueue", "Attributes", "Created (UTC)")
        rows = [
            (
                short_sid(task["sid"]),
                f"Task {task['status']}",
                ", ".join(f"Reservation {each['status']} ({each['worker']})" for each in task["reservations"]),
                task["queue"],
                in_one_text(task["attributes"]),
                time_of_day_utc(task["created"]),
            )
            for task in self.state["tasks"]
        ]
        return [Section("The Tasks created here last:" if rows else "No Task was created here.", Table(columns, rows))]

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "check": self._check,
            "language": self._language,
            "create": self._create,
            "batch": self._start_batch,
            "stop_batch": self._stop_batch,
            "clear": lambda _message: JobOutcome(ok=True, text=repr(self._clear_tasks())),
            "choices": lambda _message: self._live.reconcile(),
        }

    def _channels(self) -> list[str]:
        return [each.name for each in self._live.task_channels]

    def _check(self, message: Mapping[str, Any]) -> JobOutcome:
        form = read_form(message)
        problem = form.attributes.problem
        placed = None if problem is None else {"text": problem.text, "line": problem.line, "source": problem.source}
        data = {
            "problem": placed,
            "characters": form.attributes.characters,
            "language": (form.attributes.value or {}).get("selected_language"),
            **lines_to_copy(form, self._place()),
        }
        return JobOutcome(ok=True, text=form.problem, data=data)

    def _language(self, message: Mapping[str, Any]) -> JobOutcome:
        language = text_of(message, "language")
        typed = with_language(text_of(message, "attributes"), language) if language in LANGUAGES else None
        if typed is None:
            return JobOutcome(ok=False, text="First put the attributes right; then the language can be set in them.")
        return JobOutcome(ok=True, data={"attributes": typed})

    def _create(self, message: Mapping[str, Any]) -> JobOutcome:
        form = read_form(message)
        trouble = form.attributes.problem.text if form.attributes.problem else form.problem
        if trouble or form.attributes.value is None:
            return JobOutcome(ok=False, text=trouble)
        task_sid = self._create_one(
            form.attributes.value,
            workflow=form.workflow,
            priority=form.priority,
            timeout=form.timeout,
            task_channel=form.task_channel,
        )
        return JobOutcome(ok=True, text=f"Created {task_sid}.", data={"task": task_sid})

    def _create_one(self, attributes: Mapping[str, Any], **options: Any) -> str:
        task = self._client.create_task(attributes, **options)
        with self._lock:
            self._created = [*self._created, task.sid][-_SHOWN:]
        self._live.learn_task(task)
        self.refresh()
        return str(task.sid)

    def _start_batch(self, message: Mapping[str, Any]) -> JobOutcome:
        """Answers at once; how far it has come is in the state."""
        workflow = text_of(message, "workflow") or None
        with self._lock:
            if self._batch is not None and self._batch.running:
                return JobOutcome(ok=False, text="The last ones are still being made.")
            self._enough.clear()
            self._show_batch(Batch(0, BATCH))
        self._background.submit(lambda: self._make_batch(workflow))
        return JobOutcome(ok=True)

    def _stop_batch(self, _message: Mapping[str, Any]) -> None:
        self._enough.set()

    def _make_batch(self, workflow: str | None) -> None:
        channels = self._channels()
        made, trouble = 0, ""
        try:
            while made < BATCH and not self._enough.is_set():
                template = varied(self._random, task_channels=channels)
                self._create_one(template.attributes, workflow=workflow, **options_of(template))
                made += 1
                self._show_batch(Batch(made, BATCH))
        except LabError as error:
            trouble = str(error)
        finally:
            self._show_batch(Batch(made, BATCH, running=False, trouble=trouble))

    def _show_batch(self, batch: Batch) -> None:
        with self._lock:
            self._batch = batch
            self.refresh()


def _row(task: TaskView, reservations: Sequence[ReservationView]) -> dict[str, Any]:
    held = [each for each in reservations if not each.is_over] or reservations[-1:]
    return {
        "sid": task.sid,
        "status": str(task.status),
        "reservations": [{"sid": r.sid, "status": str(r.status), "worker": r.worker_name} for r in held],
        "queue": task.task_queue_name,
        "reason": task.reason,
        "attributes": readable(task.attributes, most=6, longest=80),
        "created": milliseconds(task.created_at),
    }


PANEL = Composer
