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
from labkit.taskrouter.event_poller import LOOK_BACK, OVERLAP, EventPoller

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def event(number: int, **data: Any) -> EventCallback:
    at = NOON + timedelta(seconds=number)
    return EventCallback.from_log(data, at=at, sid=f"EV{number:032x}", event_type="task.created", description="")


@dataclass
class Log:
    """The Workspace's log, and what it was asked."""

    kept: list[EventCallback] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    asked_often: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    trouble: TaskRouterError | None = None

    def newest_event_sid(self, *, since: datetime) -> str:
        """One Event is read."""
        self.asked.append("newest")
        self.asked_often.release()
        if self.trouble:
            raise self.trouble
        return next((each.sid for each in reversed(self.kept) if each.happened(NOON) >= since), "")

    def events(self, *, since: datetime, limit: int) -> list[EventCallback]:
        """All since then are read."""
        self.asked.append(since)
        return [each for each in self.kept if each.happened(NOON) >= since][-limit:]


@pytest.fixture
def stream() -> Iterator[EventStream]:
    """A stream that is closed after the test."""
    made = EventStream()
    yield made
    made.close()


def follower(stream: EventStream, log: Log, *, elsewhere: bool = True) -> EventPoller:
    return EventPoller(
        stream, log, clock=lambda: NOON, elsewhere=lambda: elsewhere, every_seconds=0.001, check_seconds=0.001
    )


def told(stream: EventStream) -> list[str]:
    return [entry.data.sid for entry in stream.entries()]


def come(stream: EventStream, event: EventCallback) -> None:
    """Its callback comes here."""
    stream.publish_once(Kind.EVENT, event, key=event.sid)


def test_an_event_of_the_log_is_published_as_its_callback_is(stream: EventStream) -> None:
    """Whoever listens knows one shape only."""
    log = Log([event(1, task_sid="WT1", task_priority=3, task_attributes='{"a": 1}', task_age=None)])

    follower(stream, log).look()

    [entry] = stream.entries()
    form = {"EventType": "task.created", "Sid": log.kept[0].sid, "TimestampMs": "1772366401000", "TaskSid": "WT1"}
    form |= {"TaskPriority": "3", "TaskAttributes": '{"a": 1}'}
    assert (entry.kind, entry.data) == (Kind.EVENT, EventCallback.from_form(form))


def test_each_event_is_told_once_and_only_what_is_new_is_asked_for(stream: EventStream) -> None:
    """While nothing comes, a look reads one Event, however many came in the last burst."""
    log = Log([event(number) for number in range(1, 101)])
    come(stream, log.kept[0])
    following = follower(stream, log)

    assert following.look() == 99
    assert [following.look() for _ in range(3)] == [0, 0, 0]
    log.kept.append(event(101))
    assert following.look() == 1

    begun, newest = NOON - LOOK_BACK, NOON + timedelta(seconds=100)
    assert log.asked == ["newest", begun - OVERLAP, "newest", "newest", "newest", "newest", newest - OVERLAP]
    assert told(stream) == [each.sid for each in log.kept]


def test_a_gap_is_filled_in_order_and_without_doubling(stream: EventStream) -> None:
    """The sandbox was killed, or the laptop slept: the log tells what was missed, and late callbacks nothing."""
    log = Log([event(number) for number in range(1, 6)])
    come(stream, log.kept[0])
    following = follower(stream, log, elsewhere=False)

    assert following.check() == 0, "its callback may be on its way"
    assert following.check() == 4
    come(stream, log.kept[3])
    assert following.check() == 0

    assert told(stream) == [each.sid for each in log.kept]


def test_a_gap_is_found_though_newer_callbacks_have_come(stream: EventStream) -> None:
    """The laptop slept, woke up, and was called again before anybody looked."""
    log = Log([event(number) for number in range(1, 6)])
    following = follower(stream, log, elsewhere=False)
    come(stream, log.kept[4])
    assert [following.check(), following.check()] == [0, 4]
    assert told(stream) == [log.kept[4].sid, *(each.sid for each in log.kept[:4])]


def test_callbacks_that_came_are_not_read_again_and_again(stream: EventStream) -> None:
    """What has come is compared once; then a check reads one Event."""
    log = Log([event(1)])
    following = follower(stream, log, elsewhere=False)
    come(stream, log.kept[0])
    assert [following.check(), following.check(), following.check()] == [0, 0, 0]
    assert log.asked == ["newest", NOON - LOOK_BACK - OVERLAP, "newest", "newest"]


@pytest.mark.parametrize("trouble", [None, TaskRouterError("no answer", status=None, code=None)])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_it_goes_on_looking_whatever_the_answer(
    stream: EventStream, trouble: TaskRouterError | None, elsewhere: bool
) -> None:
    """A TaskRouter that does not answer for a while is asked again."""
    log = Log(trouble=trouble)
    following = follower(stream, log, elsewhere=elsewhere)
    following.start()

    for _ in range(3):
        assert log.asked_often.acquire(timeout=10)
    following.stop()
