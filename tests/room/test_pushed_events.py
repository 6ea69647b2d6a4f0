"""Events that a room pushes: each once, whatever happens to the line, and no hammering where the answer is no."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from served import served

from labkit.room import pushed_events
from labkit.room.client import RoomClient
from labkit.room.pushed_events import PushedEvents
from labkit.settings import Secret
from labkit.stream import EventStream, Kind

LIMIT = 5.0


class Door(ThreadingHTTPServer):
    """A room whose every answer the test gives: a status, or a queue of lines; None ends it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: queue.Queue[int | queue.Queue[object]] = queue.Queue()
        self.asked: queue.Queue[str] = queue.Queue()

    def opens(self, *lines: object) -> queue.Queue[object]:
        """Let the next one listen; what is put into the queue comes to it."""
        told: queue.Queue[object] = queue.Queue()
        for line in lines:
            told.put(line)
        self.answers.put(told)
        return told


class _Handler(BaseHTTPRequestHandler):
    protocol_version: ClassVar[str] = "HTTP/1.1"
    server: Door

    def do_GET(self) -> None:  # the name is http.server's
        self.server.asked.put(self.path.partition("?")[2])
        answer = self.server.answers.get(timeout=LIMIT)
        self.close_connection = True
        if isinstance(answer, int):
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        while (line := answer.get(timeout=LIMIT)) is not None:
            self.wfile.write((json.dumps(line) if line else "").encode() + b"\n")

    def log_message(self, *_: Any) -> None:
        """Nothing: the test looks for itself."""


class Heard:
    """What a lab hears, and every wait that it makes before it asks again."""

    def __init__(self, door: Door) -> None:
        self.stream = EventStream()
        self.news: queue.Queue[str] = queue.Queue()
        self.waits: queue.Queue[float] = queue.Queue()
        self.go = threading.Semaphore(0)
        self.stopping = False
        url = f"http://127.0.0.1:{door.server_address[1]}/services/room"
        self.events = PushedEvents(
            self.stream,
            RoomClient(url, Secret("t")),
            catch_up=self._says("catch up"),
            began_anew=self._says("anew"),
            changed=self._says("changed"),
            wait=self._wait,
        )

    def _says(self, news: str) -> Callable[[], None]:
        return lambda: self.news.put(news)

    def _wait(self, seconds: float) -> bool:
        self.waits.put(seconds)
        self.go.acquire(timeout=LIMIT)
        return self.stopping

    def sids(self, count: int) -> list[str]:
        """Of the Events that were published, once there are so many."""
        events = lambda: [entry.data.sid for entry in self.stream.entries(kind=Kind.EVENT)]  # noqa: E731
        self.stream.wait_for(lambda _: len(events()) >= count, timeout=LIMIT)
        return events()


@pytest.fixture
def door() -> Iterator[Door]:
    with served(Door()) as server:
        yield server


@contextmanager
def listening(door: Door) -> Iterator[Heard]:
    heard = Heard(door)
    heard.events.start()
    try:
        yield heard
    finally:
        heard.stopping = True
        heard.go.release()
        heard.events.stop()
        heard.stream.close()
        assert "labkit-room" not in {thread.name for thread in threading.enumerate()}


def event(sid: str) -> dict[str, Any]:
    return {"event": {"Sid": sid, "EventType": "task.created", "TaskSid": "WT1", "TaskAttributes": "{}"}}


HELLO = {"hello": {"since": "EV1", "missed": False}}


def test_events_are_published_in_order_and_each_once(door: Door) -> None:
    told = door.opens(HELLO, event("EV2"), {}, event("EV3"), event("EV2"), {"unknown": 1}, event("EV4"))
    with listening(door) as heard:
        assert heard.sids(3) == ["EV2", "EV3", "EV4"]
        assert heard.events.is_open
        assert heard.news.get(timeout=LIMIT) == "changed"
        told.put(None)


def test_a_line_that_was_lost_is_opened_again_from_the_last_event(door: Door) -> None:
    first = door.opens(HELLO, event("EV2"))
    with listening(door) as heard:
        assert heard.sids(1) == ["EV2"]
        first.put(None)
        heard.waits.get(timeout=LIMIT)
        assert "lost" in heard.events.trouble
        second = door.opens({"hello": {"since": "EV4", "missed": False}}, event("EV3"), event("EV4"))
        heard.go.release()
        assert heard.sids(3) == ["EV2", "EV3", "EV4"]
        assert [door.asked.get(timeout=LIMIT) for _ in range(2)] == ["", "since=EV2"]
        assert heard.events.is_open
        second.put(None)


def test_a_gap_that_the_room_cannot_fill_is_read_from_the_log(door: Door) -> None:
    door.opens(HELLO, None)
    told = door.opens({"hello": {"since": "EV9", "missed": True}})
    with listening(door) as heard:
        heard.waits.get(timeout=LIMIT)
        heard.go.release()
        assert [heard.news.get(timeout=LIMIT) for _ in range(3)] == ["changed", "changed", "catch up"]
        told.put(None)
        heard.waits.get(timeout=LIMIT)
        door.opens(None)
        heard.go.release()
        assert [door.asked.get(timeout=LIMIT) for _ in range(3)] == ["", "since=EV1", "since=EV9"]
        heard.waits.get(timeout=LIMIT)


def test_it_waits_longer_each_time_while_nobody_answers(door: Door) -> None:
    with listening(door) as heard:
        waits = []
        for _ in range(8):
            door.answers.put(503)
            waits.append(heard.waits.get(timeout=LIMIT))
            heard.go.release()
        usual = [*pushed_events.WAITS_SECONDS, *pushed_events.WAITS_SECONDS[-1:] * 2]
        assert all(most / 2 <= wait <= most for wait, most in zip(waits, usual, strict=True))
        assert heard.news.get(timeout=LIMIT) == "changed"
        assert heard.news.empty(), "the same trouble is told once"
        door.answers.put(503)
        heard.waits.get(timeout=LIMIT)


@pytest.mark.parametrize("status", [401, 403, 302])
def test_a_no_is_one_sentence_and_asked_again_seldom(door: Door, status: int) -> None:
    with listening(door) as heard:
        for _ in range(2):
            door.answers.put(status)
            assert heard.waits.get(timeout=LIMIT) == pushed_events.REFUSED_SECONDS
            assert heard.events.is_refused
            heard.go.release()
        assert (heard.news.get(timeout=LIMIT), heard.news.qsize()) == ("changed", 0)
        told = door.opens(HELLO)
        assert heard.news.get(timeout=LIMIT) == "changed"
        assert heard.events.is_open
        assert not heard.events.is_refused
        told.put(None)
        heard.waits.get(timeout=LIMIT)


def test_a_workspace_that_is_another_one_is_told(door: Door) -> None:
    told = door.opens(HELLO, {"workspace": "reset"})
    with listening(door) as heard:
        assert [heard.news.get(timeout=LIMIT) for _ in range(2)] == ["changed", "anew"]
        told.put(None)


def test_what_the_instructor_says_is_kept_and_told_once(door: Door) -> None:
    said = {"message": {"from": "teacher", "text": "<b>Lunch</b>", "at": "2026-11-28T12:00:00Z"}}
    told = door.opens(HELLO, said, said, {"message": {"from": "teacher", "text": "x" * 9_000, "at": ""}})
    with listening(door) as heard:
        found = heard.stream.wait_for(lambda entry: "xxx" in str(entry.data), timeout=LIMIT)
        assert found is not None
        said_to_all = [entry.data for entry in heard.stream.entries(kind=Kind.MESSAGE)]
        assert said_to_all[0] == {"sender": "teacher", "text": "<b>Lunch</b>"}
        assert len(said_to_all) == len(heard.events.messages) == 2
        assert len(heard.events.messages[1].text) == pushed_events.MOST_MESSAGE
        told.put(None)


def test_it_ends_at_once_while_it_listens_and_while_it_waits(door: Door) -> None:
    door.opens(HELLO)
    heard = Heard(door)
    heard.events.start()
    assert heard.news.get(timeout=LIMIT) == "changed"
    heard.stopping = True
    heard.go.release()
    heard.events.stop()
    heard.events.stop()
    assert "labkit-room" not in {thread.name for thread in threading.enumerate()}
    door.answers.put(503)
    waiting = PushedEvents(
        heard.stream,
        RoomClient(f"http://127.0.0.1:{door.server_address[1]}", Secret("t")),
        catch_up=bool,
        began_anew=bool,
        changed=heard._says("waits"),
    )
    waiting.start()
    assert heard.news.get(timeout=LIMIT) == "waits"
    waiting.stop()
    heard.stream.close()
