"""What happens is pushed: to each whom it is about, at once, and a reader who does not read holds up nobody."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from room_service import RunningRoom, running_room

from labkit.member_routes import is_of_colleague
from labkit.room.client import RoomClient, RoomStream
from labkit.settings import Secret
from workshop.room import streams
from workshop.room.events import KEPT, RoomEvents
from workshop.room.streams import MOST_OF_ONE

SECONDS = 20


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path) as running:
        yield running


class Listening:
    """A stream that is read as a kernel reads it."""

    def __init__(self, stream: RoomStream) -> None:
        self._lines = iter(stream)

    def next(self) -> dict[str, Any]:
        """The next line that is not empty."""
        return next(line for line in self._lines if line)

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The lines up to the one that is wanted."""
        got = [self.next()]
        while not wanted(got[-1]):
            got.append(self.next())
        return got

    def ended(self) -> bool:
        """Whether the room ends it; reads what still comes."""
        return all(line is None or line for line in self._lines)


@contextmanager
def listening(room: RunningRoom, token: str, **query: str) -> Iterator[Listening]:
    stream = RoomClient(room.url, Secret(token)).stream("stream", query)
    try:
        yield Listening(stream)
    finally:
        stream.close()
        stream.release()


def let_in(room: RunningRoom, token: str, **attributes: Any) -> str:
    """A caller; the Task's SID."""
    joined = room.join(token)
    workspace = room.client(token).taskrouter.v1.workspaces(joined["workspace_sid"])
    made = workspace.tasks.create(attributes=json.dumps(attributes), workflow_sid=joined["workflow_sid"])
    return str(made.sid)


def is_of(event_type: str) -> Callable[[dict[str, Any]], bool]:
    return lambda line: line.get("event", {}).get("EventType") == event_type


def says(text: str) -> Callable[[dict[str, Any]], bool]:
    return lambda line: line.get("message", {}).get("text", "").startswith(text)


def test_a_stream_begins_with_who_and_where(room: RunningRoom) -> None:
    """The same as joining, for whoever has not joined joins by it; and up to where the Events were told."""
    token = room.token("ana")
    with listening(room, token) as stream:
        hello = stream.next()["hello"]

    assert {**room.join(token), "since": hello["since"], "missed": False} == hello


def test_an_event_comes_to_whom_it_is_about(room: RunningRoom) -> None:
    """To the Worker who is asked, and to the instructor; not to somebody else."""
    teacher, ana, bob = room.token("teacher", instructor=True), room.token("ana"), room.token("bob")
    with listening(room, ana) as hers, listening(room, bob) as his, listening(room, teacher) as all_:
        streams_of = (hers, his, all_)
        worker_sids = [stream.next()["hello"]["worker_sid"] for stream in streams_of]
        task_sid = let_in(room, teacher, selected_language="es")  # bob speaks it, the second who joined
        room.ask("POST", "v1/Workspaces/x", ana)

        told = his.until(is_of("reservation.created"))[-1]["event"]
        everything = all_.until(is_of("reservation.created"))
        let_in(room, teacher, selected_language="en")
        of_hers = hers.until(is_of("reservation.created"))

    assert (told["TaskSid"], told["WorkerSid"]) == (task_sid, worker_sids[1])
    assert any(is_of("task.created")(line) for line in everything)
    of_others = [line["event"] for line in of_hers if line["event"].get("WorkerSid", worker_sids[0]) != worker_sids[0]]
    assert [fields for fields in of_others if not is_of_colleague(fields)] == []


def test_who_was_away_gets_what_came_meanwhile(room: RunningRoom) -> None:
    """And where that is not known any more, is told so; what cannot be an Event is refused."""
    teacher = room.token("teacher", instructor=True)
    with listening(room, teacher) as stream:
        stream.next()
        let_in(room, teacher)
        last = stream.until(is_of("task.created"))[-1]["event"]["Sid"]
    task_sid = let_in(room, teacher)

    with listening(room, teacher, since=last) as stream:
        assert stream.next()["hello"]["missed"] is False
        later = stream.until(lambda line: is_of("task.created")(line) and line["event"]["TaskSid"] == task_sid)
    with listening(room, teacher, since="EV" + "0" * 32) as stream:
        assert stream.next()["hello"]["missed"] is True
    assert last not in [line["event"]["Sid"] for line in later]
    assert room.ask("GET", "stream?since=../x", teacher).status_code == 400


def test_an_event_that_comes_while_somebody_comes_back_is_told(
    room: RunningRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Workspace may have to be waited for, where others join; what comes meanwhile is later than `since` too."""
    teacher = room.token("teacher", instructor=True)
    with listening(room, teacher) as stream:
        stream.next()
        let_in(room, teacher)
        last = stream.until(is_of("task.created"))[-1]["event"]["Sid"]
    meanwhile = {"Sid": "EV" + "7" * 32, "EventType": "task.canceled"}
    described = room.state.described

    async def slowly(*whom: Any) -> dict[str, Any]:
        room.state.events.take(meanwhile)
        return await described(*whom)

    monkeypatch.setattr(room.state, "described", slowly)
    with listening(room, teacher, since=last) as stream:
        hello = stream.next()["hello"]
        told = stream.until(is_of("task.canceled"))[-1]["event"]

    assert hello["since"] == told["Sid"] == meanwhile["Sid"]


def test_who_was_told_of_no_event_reads_the_log(room: RunningRoom) -> None:
    """A callback that got lost is found there, by one look for everybody."""
    teacher = room.token("teacher", instructor=True)
    joined = room.join(teacher)
    own = room.sandbox.client().taskrouter.v1.workspaces(joined["workspace_sid"])
    own.update(event_callback_url="")
    with listening(room, teacher) as stream:
        stream.next()
        let_in(room, teacher)
        before = room.look(lambda: room.state.events.newest)
        found = room.do(room.state.event_log.catch_up(joined["workspace_sid"]))
        read = stream.until(is_of("task.created"))[-1]["event"]

    assert found >= 1
    assert read["Sid"] != before
    assert read["EventType"] == "task.created"
    assert room.do(room.state.event_log.catch_up(joined["workspace_sid"])) == 0


def test_a_workspace_that_is_gone_is_made_anew(room: RunningRoom) -> None:
    """After a reset, or by mistake; whoever listens hears that, and the stream stays open and is the new Worker's."""
    teacher, ana = room.token("teacher", instructor=True), room.token("ana")
    before = room.join(ana)
    with listening(room, ana) as stream:
        stream.next()
        assert room.ask("DELETE", f"v1/Workspaces/{before['workspace_sid']}", teacher).status_code == 204
        stream.until(lambda line: line.get("workspace") == "reset")
        after = room.join(ana)
        let_in(room, teacher, selected_language="en")
        told = stream.until(is_of("reservation.created"))[-1]["event"]

    assert after["workspace_sid"] != before["workspace_sid"]
    assert told["WorkerSid"] == after["worker_sid"]


@pytest.mark.parametrize("signature", ["", "bm90aGluZw==", "x" * 10_000])
def test_an_event_that_is_not_signed_is_nobodys(room: RunningRoom, signature: str) -> None:
    """Anybody reaches the address, and would tell the room what they like."""
    joined = room.join(room.token("ana"))
    form = {"EventType": "task.created", "Sid": "EV" + "9" * 32, "WorkspaceSid": joined["workspace_sid"]}

    answer = room.ask("POST", "events", data=form, headers={"X-Twilio-Signature": signature} if signature else {})

    assert answer.status_code == 403
    assert not room.look(lambda: room.state.events.knows(form["Sid"]))


def test_a_person_has_a_few_streams_and_no_more(room: RunningRoom) -> None:
    """A kernel that was killed leaves one open; somebody who opens a hundred has the last of them."""
    ana, bob = room.token("ana"), room.token("bob")
    with ExitStack() as stack:
        other = stack.enter_context(listening(room, bob))
        opened = [stack.enter_context(listening(room, ana)) for _ in range(MOST_OF_ONE + 3)]
        assert all(stream.ended() for stream in opened[:3])
        assert room.look(lambda: len(room.state.streams)) == MOST_OF_ONE + 1
        assert "hello" in opened[-1].next()
        assert "hello" in other.next()


def test_a_reader_who_does_not_read_is_let_go(room: RunningRoom) -> None:
    """What waits for them is bounded, and the others hear everything meanwhile."""
    ana, bob = room.token("ana"), room.token("bob")
    parts = urlsplit(room.url)
    with socket.create_connection((parts.hostname, parts.port)) as deaf, listening(room, bob) as heard:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(f"GET {parts.path}/stream HTTP/1.1\r\nHost: x\r\nAuthorization: token {ana}\r\n\r\n".encode())
        until(lambda: "ana" in room.look(lambda: room.state.streams.names))
        sent = 0
        while "ana" in room.look(lambda: room.state.streams.names):
            document = {"message": {"text": f"{sent} {'x' * 200_000}"}}
            room.look(partial(room.state.streams.broadcast, document))
            heard.until(says(f"{sent} "))
            sent += 1
            assert sent * 200_000 < 20 * streams.MOST_BYTES

    assert sent * 200_000 > streams.MOST_BYTES


def test_the_end_of_the_service_is_the_end_of_each_stream(tmp_path: Path) -> None:
    """At once: a hub that ends waits for its services."""
    with running_room(tmp_path) as room:
        stack = ExitStack()
        opened = stack.enter_context(listening(room, room.token("ana")))
        opened.next()
        began = time.monotonic()
    with stack:
        assert time.monotonic() - began < 5
        assert opened.ended()


def test_what_is_kept_is_bounded() -> None:
    """Five thousand Events, the newest; each once."""
    events, heard = RoomEvents(), []
    stop = events.subscribe(heard.append)
    for number in range(KEPT + 10):
        assert events.take({"Sid": f"EV{number}"})
    assert not events.take({"Sid": f"EV{KEPT}"})
    assert not events.take({"EventType": "without a SID"})
    stop()
    events.take({"Sid": "EVlast"})

    assert len(heard) == KEPT + 10
    assert not events.knows("EV9")
    assert [each["Sid"] for each in events.after(f"EV{KEPT + 8}") or ()] == [f"EV{KEPT + 9}", "EVlast"]
    assert events.after("EVlast") == []
    assert events.after("EV9") is None
    assert events.after("EV100") is None  # too much to tell


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, for some seconds at most."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
