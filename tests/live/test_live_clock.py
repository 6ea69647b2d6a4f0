"""The panels' time follows the sandbox's: moved, held and let go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from live.workspace import NOON, WAIT_SECONDS, FakeWorkspaceClient, Line, News, sid

from labkit.background import Jobs
from labkit.live.views import milliseconds
from labkit.live.workspace import CLOCK, LiveWorkspace
from labkit.remote_clock import RemoteClock
from labkit.stream import EventStream
from labkit.widgets.inbox.panel import Inbox

HOUR = timedelta(hours=1)
WR = sid("WR", 1)


@pytest.fixture
def time() -> RemoteClock:
    """TaskRouter's time: noon, for as long as nothing else is learned."""
    return RemoteClock(lambda: NOON)


@pytest.fixture
def following(stream: EventStream, desk: FakeWorkspaceClient, time: RemoteClock) -> Iterator[LiveWorkspace]:
    """A state on that time."""
    live = LiveWorkspace(stream, desk, clock=time)
    live.start()
    yield live
    live.stop()


@pytest.fixture
def inbox(
    following: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: Callable[[Any], Line]
) -> Iterator[Inbox]:
    """A panel with countdowns; its line's `wait_for` sees each state that was sent."""
    panel = Inbox(following, client=desk, jobs=jobs)
    yield panel
    panel.close()


def shown(now: datetime, *, paused: bool) -> Callable[[dict[str, Any]], bool]:
    """Whether a state has this time."""
    return lambda state: (state["now"], state["paused"]) == (milliseconds(now), paused)


def test_a_panel_is_drawn_again_when_time_was_moved(inbox: Inbox, time: RemoteClock, line: Any) -> None:
    """With the new time, and whether it stands still, so that its countdowns do."""
    assert (inbox.state["now"], inbox.state["paused"]) == (milliseconds(NOON), False)
    time.learn(NOON + HOUR, paused=True)
    line(inbox).wait_for(shown(NOON + HOUR, paused=True))
    time.learn(NOON + HOUR, paused=False)
    line(inbox).wait_for(shown(NOON + HOUR, paused=False))


def test_every_answer_tells_the_time_too(inbox: Inbox, time: RemoteClock, line: Any) -> None:
    """A page that was asleep asks when it wakes."""
    time.learn(NOON + HOUR, paused=True)
    answer = line(inbox).click("clock")
    assert (answer["now"], answer["paused"]) == (milliseconds(NOON + HOUR), True)


def test_watchers_hear_that_time_was_moved(following: LiveWorkspace, time: RemoteClock) -> None:
    """Under a topic of its own; once nobody listens any more, nothing is told."""
    heard, topics = threading.Event(), []

    def listener(topic: str) -> None:
        topics.append(topic)
        if topic == CLOCK:
            heard.set()

    following.watch(listener)
    time.learn(NOON + HOUR, paused=False)
    assert heard.wait(WAIT_SECONDS), topics
    following.stop()
    time.learn(NOON, paused=False)


def test_a_callback_without_a_time_happened_in_taskrouters_time(
    following: LiveWorkspace, time: RemoteClock, stream: EventStream, news: News
) -> None:
    """It is heard by this computer's clock, which the sandbox's may be an hour ahead of."""
    time.learn(NOON + HOUR, paused=False)
    news.reservation("reservation.created", WR, Timestamp="", TimestampMs="")
    stream.close()
    [entry] = stream.entries()
    [reservation] = following.reservations
    assert reservation.created_at == entry.at + HOUR
