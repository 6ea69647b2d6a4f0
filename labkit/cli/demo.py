"""`python -m labkit demo`: the two ways to accept a Reservation, played in the terminal with a sandbox of its own.

The same parts as in the notebook: the sandbox process, the Flask callback server, the official SDK in between.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import labkit
from labkit.errors import LabError
from labkit.sandbox import process
from labkit.stream import Entry, Kind
from labkit.vocabulary import EventType, TaskStatus

if TYPE_CHECKING:
    from labkit.lab.lab import Lab
    from labkit.taskrouter.records import TaskRecord

_PATIENCE_SECONDS = 5.0
_ATTRIBUTES = {"selected_language": "es"}


def play(*, say: Callable[[str], object] = print) -> int:
    """Play both acceptances; 0 when both Tasks were assigned and completed, else 1.

    Nothing is left behind: the sandbox is a new one in a temporary folder, and it is ended.

    Args:
        say: takes each line, with the seconds since the start.
    """
    stage = _Stage(say)
    try:
        with tempfile.TemporaryDirectory(prefix="labkit-demo-") as home:
            stage.play(Path(home))
    except LabError as error:
        stage.tell(f"This went wrong: {error}")
        return 1
    stage.tell("Both Tasks were assigned and completed.")
    return 0


class _Stage:
    """One performance: where its lines go, and when it began."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._began = time.monotonic()

    def tell(self, text: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.2f} s  {text}")

    def play(self, home: Path) -> None:
        # Every setting is given, so that nobody's .env plays this against a real account.
        with ExitStack() as ending:
            ending.callback(process.stop, home)
            lab = labkit.start(home=home, mode="sandbox", tunnel="loopback", port=0, workspace="TaskRouter Lab demo")
            ending.callback(lab.stop)
            self.tell(f"The sandbox runs; callbacks come to {lab.callbacks.assignment_url}.")
            self._a_person_accepts(lab)
            self._an_instruction_accepts(lab)

    def _a_person_accepts(self, lab: Lab) -> None:
        self.tell("First: a person accepts, by REST.")
        lab.answer_with({})
        task = self._create(lab)
        _expect(lab, task, TaskStatus.PENDING)
        self.tell("Task pending: Alice speaks Spanish, but she is Offline.")
        lab.taskrouter.set_activity("Alice", "Available")
        self.tell("Alice is Available now.")
        callback = _await(lab, task, what="an assignment callback", kind=Kind.ASSIGNMENT)
        self.tell("TaskRouter reserved Alice and called (Task reserved, Reservation pending); the answer was {}.")
        lab.taskrouter.accept(task.sid, callback.data.reservation_sid)
        self._assign_and_complete(lab, task)

    def _an_instruction_accepts(self, lab: Lab) -> None:
        self.tell("Second: the callback's answer accepts.")
        lab.answer_with("accept")
        task = self._create(lab)
        _await(lab, task, what="an assignment callback", kind=Kind.ASSIGNMENT)
        self.tell('TaskRouter reserved Alice and called; the answer was {"instruction": "accept"}.')
        self._assign_and_complete(lab, task)

    def _create(self, lab: Lab) -> TaskRecord:
        task = lab.create_task(_ATTRIBUTES)
        self.tell(f"Task {task.sid} was created, with {_ATTRIBUTES}.")
        return task

    def _assign_and_complete(self, lab: Lab, task: TaskRecord) -> None:
        _await(lab, task, what="the acceptance", kind=Kind.EVENT, event=EventType.RESERVATION_ACCEPTED)
        _expect(lab, task, TaskStatus.ASSIGNED)
        self.tell("Reservation accepted, and with it: Task assigned.")
        lab.taskrouter.complete(task.sid, reason="demo")
        _await(lab, task, what="the completion", kind=Kind.EVENT, event=EventType.TASK_COMPLETED)
        _expect(lab, task, TaskStatus.COMPLETED)
        self.tell("Task completed.")


def _await(lab: Lab, task: TaskRecord, *, what: str, kind: Kind, event: EventType | None = None) -> Entry:
    def is_it(entry: Entry) -> bool:
        about = entry.kind == kind and entry.data.task_sid == task.sid
        return about and (event is None or entry.data.event_type == event)

    entry = lab.stream.wait_for(is_it, timeout=_PATIENCE_SECONDS)
    if entry is None:
        raise LabError(f"Task {task.sid}: {what} did not come within {_PATIENCE_SECONDS:.0f} s.")
    return entry


def _expect(lab: Lab, task: TaskRecord, status: TaskStatus) -> None:
    found = lab.taskrouter.task(task.sid).assignment_status
    if found != status:
        raise LabError(f"Task {task.sid} is {found}; it should be {status} by now.")
