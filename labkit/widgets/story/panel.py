"""Story: the events as sentences, and how far the newest Task has come on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from labkit.live.sentences import ASSIGNED
from labkit.live.views import StoryLine, milliseconds
from labkit.vocabulary import EventType, short_sid
from labkit.widgets.base import LivePanel, script, style
from labkit.widgets.lab_parts import LabParts

_SHOWN = 200
_AVAILABLE = EventType.WORKER_ACTIVITY_UPDATE
STEPS = ("Task created", "Worker available", "Worker reserved", "Reservation accepted", "Task assigned")


class StoryPanel(LivePanel):
    """What has happened, newest last.

    Args:
        live: what is known.
    """

    _esm = script("story")
    _css = style("story")
    desk_place: ClassVar[Mapping[str, int]] = {"work": 4}
    topics = frozenset({"story"})

    @classmethod
    def of_lab(cls, lab: LabParts) -> StoryPanel:
        """The panel of a lab."""
        return cls(lab.live)

    def _content(self) -> dict[str, Any]:
        lines = self._live.story
        task = next((line.sid for line in reversed(lines) if line.event_type == EventType.TASK_CREATED), "")
        return {
            "lines": [_line(line) for line in lines[-_SHOWN:]],
            "earlier": max(0, len(lines) - _SHOWN),
            "task": short_sid(task),
            "steps": _steps(lines, task),
        }


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


def _steps(lines: list[StoryLine], task: str) -> list[dict[str, Any]]:
    """When each step of the newest Task was taken, or None; the Worker may have been available long before."""
    about = [line for line in lines if task and line.sid == task]
    created, reserved = _first(about, EventType.TASK_CREATED), _first(about, EventType.RESERVATION_CREATED)
    available = _first([x for x in lines if x.milestone and created and x.at >= created], _AVAILABLE)
    already = reserved is not None and (available is None or available > reserved)
    if already:
        available = reserved
    times = (created, available, reserved, _first(about, EventType.RESERVATION_ACCEPTED), _first(about, ASSIGNED))
    return [
        {"text": text, "at": milliseconds(at), "note": "already was" if already and text == "Worker available" else ""}
        for text, at in zip(STEPS, times, strict=True)
    ]


def _first(lines: list[StoryLine], event_type: str) -> datetime | None:
    return next((line.at for line in lines if line.event_type == event_type), None)


PANEL = StoryPanel
