"""Story: the events as sentences, and how far the newest Task has come on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from labkit.display import ROWS, Section, Table
from labkit.live.sentences import ASSIGNED
from labkit.live.views import StoryLine, WorkerView, milliseconds
from labkit.vocabulary import EventType, short_sid
from labkit.widgets.base import SparingPanel, script, style
from labkit.widgets.lab_parts import LabParts
from labkit.widgets.still import time_of_day_utc

_SHOWN = 200
_AVAILABLE = EventType.WORKER_ACTIVITY_UPDATE
STEPS = ("Task created", "Worker available", "Worker reserved", "Reservation accepted", "Task assigned")


class StoryPanel(SparingPanel):
    """What has happened, newest last.

    Args:
        live: what is known.
    """

    title = "Story"
    _esm = script("story")
    _css = style("story")
    desk_place: ClassVar[Mapping[str, int]] = {"work": 4}
    topics = frozenset({"story", "workers", "settings"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> StoryPanel:
        """The panel of a lab."""
        return cls(lab.live)

    def _content(self) -> dict[str, Any]:
        lines = self._live.story
        task = _newest_task(lines)
        return {
            "lines": [_line(line) for line in lines[-_SHOWN:]],
            "earlier": max(0, len(lines) - _SHOWN),
            "task": short_sid(task),
            "steps": _steps(lines, task, eligible=self._live.eligible_workers(task)),
        }

    def pictured(self) -> Iterable[Section]:
        """How far the newest Task has come, and the newest sentences."""
        steps = [(step["text"], time_of_day_utc(step["at"]) or "not yet", step["note"]) for step in self.state["steps"]]
        if self.state["task"]:
            yield Section(f"The newest Task, {self.state['task']}:", Table(("Step", "When (UTC)", ""), steps))
        lines = [(time_of_day_utc(line["at"]), line["text"]) for line in self.state["lines"][-ROWS:]]
        yield Section("What happened last:" if lines else "Nothing happened.", Table(("When (UTC)", "What"), lines))


def _newest_task(lines: list[StoryLine]) -> str:
    """The SID of the Task that was created last; of the one reserved last where no creation is told, as in a room."""
    for event_type in (EventType.TASK_CREATED, EventType.RESERVATION_CREATED):
        if newest := next((line.sid for line in reversed(lines) if line.event_type == event_type), ""):
            return newest
    return ""


def _line(line: StoryLine) -> dict[str, Any]:
    return {
        "key": f"{line.number}:{line.event_type}",
        "at": milliseconds(line.at),
        "type": line.event_type,
        "topic": line.topic,
        "text": line.text,
        "sid": line.sid,
        "milestone": line.milestone,
    }


def _steps(lines: list[StoryLine], task: str, *, eligible: Sequence[WorkerView]) -> list[dict[str, Any]]:
    """When each step of the newest Task was taken, or None; `eligible` are the Workers of its TaskQueue."""
    about = [line for line in lines if task and line.sid == task]
    created, reserved = _first(about, EventType.TASK_CREATED), _first(about, EventType.RESERVATION_CREATED)
    moves = _activity_lines(lines)
    moments = [_available(worker, moves.get(worker.sid, []), created) for worker in eligible] if created else []
    own = min((at for at in moments if at is not None), default=None)
    is_told = own is not None and (reserved is None or own <= reserved)
    available = own if is_told else reserved
    already = available is not None and (not is_told or own == created)
    accepted, assigned = _first(about, EventType.RESERVATION_ACCEPTED), _first(about, ASSIGNED)
    times = (created or reserved, available, reserved, accepted, assigned)
    notes = ("" if created else "already was", "already was" if already else "", "", "", "")
    return [
        {"text": text, "at": milliseconds(at), "note": note if at else ""}
        for text, at, note in zip(STEPS, times, notes, strict=True)
    ]


def _activity_lines(lines: list[StoryLine]) -> dict[str, list[StoryLine]]:
    """By Worker, so that a room of Workers costs one look at the story and not one for each."""
    told: defaultdict[str, list[StoryLine]] = defaultdict(list)
    for line in lines:
        if line.event_type == _AVAILABLE:
            told[line.sid].append(line)
    return told


def _available(worker: WorkerView, told: list[StoryLine], created: datetime) -> datetime | None:
    """The first moment since the Task's creation at which this Worker's Activity was an available one.

    It counts as the moment of the creation where the Worker had been available before. `told` are the lines of the
    Worker's Activities.
    """
    moves = [(line.at, line.milestone) for line in told]
    if worker.available and not (told and told[-1].milestone):
        moves.append((worker.activity_since or created, True))
    before = max((move for move in moves if move[0] <= created), default=(created, False))
    return created if before[1] else min((at for at, available in moves if available and at > created), default=None)


def _first(lines: list[StoryLine], event_type: str) -> datetime | None:
    return next((line.at for line in lines if line.event_type == event_type), None)


PANEL = StoryPanel
