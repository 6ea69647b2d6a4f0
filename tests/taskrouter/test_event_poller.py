"""Following TaskRouter's log: what the callbacks would have said, each event once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labkit.callback_events import EventCallback
from labkit.errors import TaskRouterError
from labkit.stream import EventStream, Kind
from labkit.taskrouter.event_poller import OVERLAP, EventPoller

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(number: int, **data: Any) -> EventCallback:
    at = NOON + timedelta(seconds=number)
    return EventCallback.from_log(data, at=at, sid=f"EV{number:032x}", event_type="task.created", description="")


@dataclass
class Log:
    kept: list[EventCallback] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    asked_often: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    trouble: TaskRouterError | None = None

    def events(self, *, since: datetime | None = None, minutes: int | None = None) -> list[EventCallback]:
        self.asked.append({"since": since, "minutes": minutes})
        self.asked_often.release()
        if self.trouble:
            raise self.trouble
        return [each for each in self.kept if since is None or each.happened(NOON) >= since]


@pytest.fixture
def stream() -> Iterator[EventStream]:
    """A stream that is closed after the test."""
    made = EventStream()
    yield made
    made.close()


def follower(stream: EventStream, log: Log, *, wanted: bool = True) -> EventPoller:
    return EventPoller(stream, log, wanted=lambda: wanted, every_seconds=0.001)


def test_an_event_of_the_log_is_published_as_its_callback_is(stream: EventStream) -> None:
    """Whoever listens knows one shape only."""
    log = Log([event(1, task_sid="WT1", task_priority=3, task_attributes='{"a": 1}', task_age=None)])

    follower(stream, log).look()

    [entry] = stream.entries()
    form = {"EventType": "task.created", "Sid": log.kept[0].sid, "TimestampMs": "1772366401000", "TaskSid": "WT1"}
    form |= {"TaskPriority": "3", "TaskAttributes": '{"a": 1}'}
    assert (entry.kind, entry.data) == (Kind.EVENT, EventCallback.from_form(form))


def test_each_event_is_told_once(stream: EventStream) -> None:
    """Looks overlap, and the callbacks may have come here before; neither tells anything twice."""
    log = Log([event(1), event(2)])
    stream.publish(Kind.EVENT, log.kept[0])
    following = follower(stream, log)

    assert following.look() == 1
    log.kept.append(event(3))
    assert following.look() == 1

    assert log.asked == [
        {"since": None, "minutes": 1},
        {"since": NOON + timedelta(seconds=2) - OVERLAP, "minutes": None},
    ]
    assert [entry.data.sid for entry in stream.entries()] == [each.sid for each in log.kept]


@pytest.mark.parametrize("trouble", [None, TaskRouterError("no answer", status=None, code=None)])
def test_it_goes_on_looking_whatever_the_answer(stream: EventStream, trouble: TaskRouterError | None) -> None:
    """A TaskRouter that does not answer for a while is asked again."""
    log = Log(trouble=trouble)
    following = follower(stream, log)
    following.start()

    for _ in range(3):
        assert log.asked_often.acquire(timeout=10)
    following.stop()


def test_while_the_callbacks_come_here_nobody_is_asked(stream: EventStream) -> None:
    """A real account counts requests."""
    log, looked = Log(), threading.Semaphore(0)

    def not_wanted() -> bool:
        looked.release()
        return False

    following = EventPoller(stream, log, wanted=not_wanted, every_seconds=0.001)
    following.start()
    for _ in range(3):
        assert looked.acquire(timeout=10)
    following.stop()

    assert log.asked == []
