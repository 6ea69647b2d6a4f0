"""Clients of the room that are slow, silent or greedy: each is let go in its time, and nobody else waits for it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from room_service import SECONDS, RunningRoom, running_room

from workshop.room import room_server

SOON = 0.3
LONG = 600.0
"""Far beyond the time that a test may take."""
REQUEST = b"GET /services/room/wall/state HTTP/1.1\r\nHost: room\r\n"
DRIP_SECONDS = 0.02


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Those of the service, which a test makes short one by one: what is not its subject is long."""
    for name in ("HEADERS_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(room_server, name, LONG)
    return monkeypatch


@pytest.fixture
def room(limits: pytest.MonkeyPatch, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningRoom]:
    """One in which the limit that the test names is short."""
    limits.setattr(room_server, request.param, SOON)
    with running_room(tmp_path) as running:
        yield running


@contextmanager
def connected(room: RunningRoom) -> Iterator[socket.socket]:
    """A connection of somebody who has proved nothing."""
    address = urlsplit(room.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=SECONDS) as line:
        yield line


def is_closed_while_dripping(line: socket.socket, drip: bytes) -> bool:
    """Send a byte or two again and again, until the other side has closed; whether it has, in the time of a test."""
    line.settimeout(DRIP_SECONDS)
    for _ in range(int(SECONDS / DRIP_SECONDS)):
        try:
            line.sendall(drip)
            if line.recv(65_536) == b"":
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize("room", ["HEADERS_SECONDS"], indirect=True)
@pytest.mark.parametrize("begun", [b"", b"GET /serv", REQUEST])
def test_who_sends_no_whole_request_is_let_go(room: RunningRoom, begun: bytes) -> None:
    """Nothing, a part of a line, a part of the headers: and then silence."""
    with connected(room) as line:
        line.sendall(begun)
        assert line.recv(1) == b""


@pytest.mark.parametrize("room", ["HEADERS_SECONDS"], indirect=True)
def test_a_byte_now_and_then_wins_no_time(room: RunningRoom) -> None:
    """The time counts from the beginning, and not from the last byte."""
    with connected(room) as line:
        line.sendall(REQUEST + b"X: ")
        assert is_closed_while_dripping(line, b"x")


@pytest.mark.parametrize("room", ["HEADERS_SECONDS"], indirect=True)
def test_who_rests_after_an_answer_is_let_go(room: RunningRoom) -> None:
    """A connection may be used again, and not be kept for ever."""
    with connected(room) as line:
        line.sendall(REQUEST + b"\r\n")
        answer = b"".join(iter(lambda: line.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("room", ["BODY_SECONDS"], indirect=True)
@pytest.mark.parametrize(
    ("headers", "drip"),
    [(b"Content-Length: 200000\r\n\r\n", b"x"), (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")],
)
def test_a_body_that_does_not_come_is_not_waited_for(room: RunningRoom, headers: bytes, drip: bytes) -> None:
    """In one piece or in many."""
    with connected(room) as line:
        line.sendall(b"POST /services/room/join HTTP/1.1\r\nHost: room\r\n" + headers)
        assert is_closed_while_dripping(line, drip)


@pytest.mark.parametrize("room", ["HEADERS_SECONDS"], indirect=True)
def test_who_is_being_served_is_not_let_go(room: RunningRoom) -> None:
    """An open stream is an answer that goes on, also when the time for a request has long been over."""
    headers = {"Authorization": f"token {room.token('ana')}"}
    with requests.get(f"{room.url}/stream", headers=headers, stream=True, timeout=SECONDS) as answer:
        lines = (json.loads(line) for line in answer.iter_lines() if line)
        assert "hello" in next(lines)
        for _ in range(2):  # whoever came later has gone
            with connected(room) as line:
                assert line.recv(1) == b""
        room.look(lambda: room.state.streams.broadcast({"message": {"text": "Lunch!"}}))
        assert {"text": "Lunch!"} in (line.get("message") for line in lines)


@pytest.mark.parametrize("room", ["HEADERS_SECONDS"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (REQUEST + b"X: " + b"x" * (room_server.MOST_HEADERS + 1), b""),
        (b"POST /services/room/join HTTP/1.1\r\nHost: room\r\nContent-Length: 262145\r\n\r\n", b"400"),
    ],
)
def test_what_is_too_large_is_not_taken(room: RunningRoom, sent: bytes, status: bytes) -> None:
    """Neither headers without end nor a body that is announced as longer than any that is of use."""
    with connected(room) as line:
        line.sendall(sent)
        try:
            answer = b"".join(iter(lambda: line.recv(65_536), b""))
        except ConnectionResetError:
            answer = b""

    assert answer.partition(b"\r\n")[0].split()[1:2] == ([status] if status else [])
