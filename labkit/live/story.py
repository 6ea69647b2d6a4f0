"""The story: events as sentences in TaskRouter's order of time, whatever order they arrived in."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from datetime import datetime

from labkit.callback_events import EventCallback
from labkit.live.events import meaning_of, topic_of
from labkit.live.sentences import ASSIGNED, Named, assigned_sentence, sentence, unnamed
from labkit.live.views import StoryLine, WorkerView
from labkit.vocabulary import EventType

LINES = 500
MESSAGE = "message"
"""What stands in the place of an Event's type where somebody has said something."""


class Story:
    """The latest `LINES` sentences, newest last. Not thread-safe by itself."""

    def __init__(self) -> None:
        self._lines: list[StoryLine] = []

    def lines(self) -> list[StoryLine]:
        """A copy, newest last."""
        return list(self._lines)

    def add(
        self, event: EventCallback, *, number: int, at: datetime, worker: WorkerView | None, named: Named = unnamed
    ) -> None:
        """Add what this Event says; `number` is its place in the stream, `worker` whom it is about."""
        event_type = event.event_type
        sid = event.task_sid or event.worker_sid
        told = sentence(event, named=named)
        milestone = meaning_of(event_type).milestone or _is_now_available(event_type, worker)
        self._append(StoryLine(number, at, event_type, topic_of(event_type), told, sid, milestone))
        if assigned := assigned_sentence(event, named=named):
            self._append(StoryLine(number, at, ASSIGNED, "task", assigned, sid, milestone=True))

    def add_message(self, message: Mapping[str, str], *, number: int, at: datetime) -> None:
        """Add what somebody has said to all in a room; `message` is the data of a `Kind.MESSAGE`."""
        told = f"{message['sender']} to all: {message['text']}"
        self._append(StoryLine(number, at, MESSAGE, topic_of(MESSAGE), told))

    def _append(self, line: StoryLine) -> None:
        insort(self._lines, line, key=lambda told: told.at)
        del self._lines[:-LINES]


def _is_now_available(event_type: str, worker: WorkerView | None) -> bool:
    return event_type == EventType.WORKER_ACTIVITY_UPDATE and worker is not None and worker.available
