"""Fixtures of the panels' tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import comm
import pytest
from live.workspace import ALICE, AVAILABLE, BOB, NOON, OFFLINE, WAIT_SECONDS, FakeWorkspaceClient, Line, News, Worker

from labkit.background import Jobs
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream


@pytest.fixture
def stream() -> Iterator[EventStream]:
    """A stream that is closed afterwards."""
    stream = EventStream()
    yield stream
    stream.close()


@pytest.fixture
def desk() -> FakeWorkspaceClient:
    """Alice, who is Offline, and Bob, who is Available."""
    desk = FakeWorkspaceClient()
    spoken = {"Alice": ["en", "es"], "Bob": ["en"]}
    for worker, name, activity in ((ALICE, "Alice", OFFLINE), (BOB, "Bob", AVAILABLE)):
        desk.everyone[worker] = Worker(
            worker, name, activity.name, activity.sid, activity.available, {"languages": spoken[name]}, NOON
        )
    return desk


@pytest.fixture
def news(stream: EventStream) -> News:
    """TaskRouter's callbacks."""
    return News(stream)


@pytest.fixture
def live(stream: EventStream, desk: FakeWorkspaceClient) -> Iterator[LiveWorkspace]:
    """A state that listens, on a clock that stands at a minute past noon, and has told of the settings that it read."""
    live = LiveWorkspace(stream, desk, clock=lambda: NOON + timedelta(minutes=1))
    told = threading.Event()
    unwatch = live.watch(lambda topic: told.set() if topic == "settings" else None)
    live.start()
    assert told.wait(WAIT_SECONDS), "a panel that is made now would hear of them later"
    unwatch()
    yield live
    live.stop()


@pytest.fixture
def heard(live: LiveWorkspace) -> Callable[[Callable[[], Any]], None]:
    """Wait until something is true of the state, or fail."""
    changed = threading.Condition()

    def listener(_topic: str) -> None:
        with changed:
            changed.notify_all()

    live.watch(listener)

    def wait_for(wanted: Callable[[], Any]) -> None:
        with changed:
            assert changed.wait_for(wanted, WAIT_SECONDS), "the state never came to be as wanted"

    return wait_for


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """Jobs on a pool of two threads."""
    with ThreadPoolExecutor(2, thread_name_prefix="labkit-test") as pool:
        yield Jobs(pool)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Line]:
    """The browser's end of a panel that was made in this test."""
    monkeypatch.setattr(comm, "create_comm", Line)
    return lambda panel: panel.comm
