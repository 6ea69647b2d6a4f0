"""A Workspace with a past: a desk that has a log and statistics, and Jobs that end in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from live.workspace import WAIT_SECONDS, FakeWorkspaceClient, Named, sid

from labkit.background import Jobs
from labkit.callback_events import EventCallback
from labkit.live.history import History
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream

WQ = sid("WQ", 1)


def logged(event_sid: str, event_type: str, at: datetime, data: dict[str, object]) -> EventCallback:
    """An entry of TaskRouter's log."""
    return EventCallback.from_log(data, at=at, sid=event_sid, event_type=event_type, description="")


@dataclass(frozen=True)
class Counted:
    task_queue_sid: str
    eligible_workers: int
    available_workers: int


@dataclass
class LogClient(FakeWorkspaceClient):
    """A desk with a log and statistics."""

    log: list[EventCallback] = field(default_factory=list)
    named: list[Named] = field(default_factory=lambda: [Named(WQ, "Spanish")])
    counts: list[Counted] = field(default_factory=lambda: [Counted(WQ, 2, 1)])

    def events(self, *, minutes: int | None = None, limit: int | None = None) -> list[EventCallback]:
        self._called("events")
        return list(self.log)

    def task_queues(self) -> list[Named]:
        self._called("task_queues")
        return list(self.named)

    def queue_statistics(self) -> list[Counted]:
        self._called("queue_statistics")
        return list(self.counts)


@contextmanager
def remembering(stream: EventStream, *, client: LogClient, live: LiveWorkspace) -> Iterator[tuple[History, Jobs]]:
    """A history that has read the log, and the jobs that it uses."""
    with ThreadPoolExecutor(1, thread_name_prefix="labkit-test") as pool:
        jobs = Jobs(pool)
        history = History(stream, client=client, jobs=jobs, live=live)
        filled = threading.Event()
        jobs.submit(filled.set)  # one thread: it comes after what the history asked for
        assert filled.wait(WAIT_SECONDS), "the log was not read in time"
        yield history, jobs
        history.close()
