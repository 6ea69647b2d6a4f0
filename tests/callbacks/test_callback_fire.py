"""The callback server under fire: bursts, floods, slow and silent senders. It answers TaskRouter all the same."""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import repeat
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import requests
from live.workspace import FakeWorkspaceClient
from tracked import ROOT

from bench.callbacks import fields
from labkit.callback_events import AssignmentCallback
from labkit.callbacks import CallbackServer, connection_timeouts, waitress_server
from labkit.callbacks.exchanges import STRANGER_LIMIT
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream, Kind

pytestmark = [pytest.mark.timeout(120), pytest.mark.alone]
BURST = 500
MALFORMED = 2_000
SOAK_MALFORMED = 10_000
WAIT_SECONDS = 60


def _address(server: CallbackServer) -> tuple[str, int]:
    return "127.0.0.1", int(server.local_url.rpartition(":")[2])


@contextmanager
def _live(stream: EventStream) -> Iterator[tuple[LiveWorkspace, Callable[[int], bool]]]:
    """The panels' truth, and a wait until so many Reservations are in it."""
    live, changed = LiveWorkspace(stream, FakeWorkspaceClient()), threading.Condition()

    def tell(_topic: str) -> None:
        with changed:
            changed.notify_all()

    def holds(count: int) -> bool:
        with changed:
            return changed.wait_for(lambda: len(live.reservations) >= count, WAIT_SECONDS)

    live.watch(tell)
    live.start()
    try:
        yield live, holds
    finally:
        live.stop()


def test_500_callbacks_at_once_are_all_answered_and_none_is_lost(
    server: CallbackServer, stream: EventStream, tools: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is answered once, and once in the log, in the stream and in the inbox; the sender is another process."""
    # How fast the sender is on a busy machine is not what this is about.
    monkeypatch.setattr(connection_timeouts, "SECONDS", 60.0)
    monkeypatch.setattr(connection_timeouts, "CROWDED_SECONDS", 60.0)
    asked = {"url": server.assignment_url, "auth_token": tools["token"].reveal(), "count": BURST}
    with _live(stream) as (live, holds):
        command = [sys.executable, "-m", "bench.callbacks"]
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=100, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["statuses"] == [200] * BURST
        assert holds(BURST), "some callbacks are not in the inbox"
        shown = {reservation.sid for reservation in live.reservations}

    sent = {fields(number)["ReservationSid"] for number in range(BURST)}
    assert shown == sent
    assert sorted(each.form["ReservationSid"] for each in server.exchanges) == sorted(sent)
    assert sorted(each.data.reservation_sid for each in stream.entries(kind=Kind.ASSIGNMENT)) == sorted(sent)


@pytest.mark.parametrize("count", [MALFORMED, pytest.param(SOAK_MALFORMED, marks=pytest.mark.soak)])
def test_thousands_of_malformed_bodies_leave_it_serving(
    server: CallbackServer, stream: EventStream, tools: dict[str, Any], count: int
) -> None:
    """Each is refused; what TaskRouter has sent before is still in the log, and what it sends after is answered."""
    assert tools["post_signed"](server, fields(1)).status_code == 200
    chance = random.Random(5)
    with socket.create_connection(_address(server), timeout=WAIT_SECONDS) as sock:
        writer = threading.Thread(target=_send_all, args=(sock, (_malformed(chance) for _ in range(count))))
        writer.start()
        statuses = _statuses(sock, count)
        writer.join(WAIT_SECONDS)

    assert set(statuses) <= {400, 403, 413, 415}
    assert len(statuses) == count
    assert tools["post_signed"](server, fields(2)).status_code == 200
    known = [each.form["ReservationSid"] for each in server.exchanges if each.signature == "valid"]
    assert known == [fields(number)["ReservationSid"] for number in (1, 2)]
    assert len(server.exchanges) < 1_000
    assert max(len(each.body) for each in server.exchanges) < 2 * STRANGER_LIMIT
    assert [entry.data for entry in stream.entries(kind=Kind.ASSIGNMENT)] == [
        AssignmentCallback.from_form(fields(1)),
        AssignmentCallback.from_form(fields(2)),
    ]


def _malformed(chance: random.Random) -> bytes:
    """A callback whose body is noise, sometimes with the beginnings of sense, and whose signature is made up."""
    body = chance.choice([b"", b"ReservationSid=", b"TaskAttributes={", b"&" * 1500, b"%"]) + chance.randbytes(
        chance.randrange(200)
    )
    kind = chance.choice(
        ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "?"]
    )
    route = chance.choice(["/assignment_callback", "/event_callback"])
    query = quote_from_bytes(chance.randbytes(5))
    lines = [f"POST {route}?{query} HTTP/1.1", "Host: x", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"X-Twilio-Signature: {chance.randbytes(20).hex()}"] if chance.random() < 0.8 else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def _send_all(sock: socket.socket, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        sock.sendall(piece)


def _statuses(sock: socket.socket, count: int) -> list[int]:
    """The statuses of so many answers, or of as many as come."""
    stream, found = sock.makefile("rb"), []
    while len(found) < count and (line := stream.readline()):
        found.append(int(line.split()[1]))
        length = 0
        while (header := stream.readline().strip().lower()) != b"":
            if header.startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
        stream.read(length)
    return found


HALF_SENT = [
    b"",
    b"POST /assignment_callback HTTP/1.1\r\nHost: x\r\n",
    b"POST /assignment_callback HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nReservationSid=WR",
    b"POST /assignment_callback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nabc",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("piece", HALF_SENT, ids=["nothing", "headers", "body", "chunk", "kept open"])
def test_more_silent_connections_than_there_may_be_keep_nobody_out(
    stream: EventStream, tools: dict[str, Any], monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    """All places are taken by senders who stop in the middle; they have to make room, and TaskRouter is answered."""
    monkeypatch.setattr(waitress_server, "_connection_limit", lambda: 30)
    monkeypatch.setattr(connection_timeouts, "CROWDED_SECONDS", 0.05)
    server = CallbackServer(stream, auth_token=tools["token"])
    server.start()
    try:
        with ExitStack() as stack:
            for _ in range(60):
                sock = stack.enter_context(socket.create_connection(_address(server), timeout=WAIT_SECONDS))
                sock.sendall(piece)
            assert _answered(lambda: tools["post_signed"](server, fields(1), timeout=WAIT_SECONDS))
    finally:
        server.stop()


def _answered(call: Callable[[], requests.Response]) -> bool:
    """Whether a callback comes through; one whose sender hesitated may be given up with the others, and calls again."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            return call().status_code == 200
    return False


@pytest.mark.parametrize("piece", HALF_SENT[:4], ids=["nothing", "headers", "body", "chunk"])
def test_a_request_that_does_not_arrive_is_given_up(
    server: CallbackServer, monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    """Its connection is closed, crowd or no crowd; nobody hears of it."""
    monkeypatch.setattr(connection_timeouts, "SECONDS", 0.05)
    with socket.create_connection(_address(server), timeout=WAIT_SECONDS) as sock:
        assert _let_go(sock, piece)
    assert len(server.exchanges) == 0


def test_a_byte_now_and_then_does_not_hold_a_connection(
    server: CallbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is counted from the first byte of a request, not from the last."""
    monkeypatch.setattr(connection_timeouts, "SECONDS", 1.0)
    closed = threading.Event()
    with socket.create_connection(_address(server), timeout=WAIT_SECONDS) as sock:

        def drip() -> None:
            while not closed.wait(0.1):
                try:
                    sock.sendall(b"x")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert _let_go(sock, b"GET /")
        finally:
            closed.set()
            dripping.join(WAIT_SECONDS)


def _let_go(sock: socket.socket, piece: bytes) -> bool:
    """Whether the server closes the connection of somebody who sends this, without an answer."""
    try:
        sock.sendall(piece)
        return sock.recv(1) == b""
    except ConnectionError:  # a byte was on its way when it was closed
        return True


def test_an_answer_that_is_not_taken_is_given_up(server: CallbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender who asks and asks and never reads is let go, and no thread waits for it."""
    monkeypatch.setattr(connection_timeouts, "SECONDS", 0.05)
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.settimeout(WAIT_SECONDS)
        sock.connect(_address(server))
        with pytest.raises(OSError, match=r"reset|[Pp]ipe|abort"):
            _send_all(sock, repeat(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100))


def test_a_connection_that_is_kept_for_later_is_not_given_up_without_need(
    server: CallbackServer, monkeypatch: pytest.MonkeyPatch, tools: dict[str, Any]
) -> None:
    """Whoever keeps a connection open between callbacks finds it open."""
    looked = threading.Semaphore(0)
    give_up = connection_timeouts.give_up

    def looking(*arguments: Any, **options: Any) -> None:
        give_up(*arguments, **options)
        looked.release()

    monkeypatch.setattr(waitress_server, "give_up", looking)
    with socket.create_connection(_address(server), timeout=WAIT_SECONDS) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert _statuses(sock, 1) == [200]
        monkeypatch.setattr(connection_timeouts, "SECONDS", 0.05)
        for _ in range(3):  # two looks are half a second apart
            assert looked.acquire(timeout=WAIT_SECONDS)
        monkeypatch.setattr(connection_timeouts, "SECONDS", 10.0)
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert _statuses(sock, 1) == [200]


def test_a_flood_of_strangers_pushes_nothing_of_taskrouters_out_of_the_log(caller: Any) -> None:
    """What is signed and what is not are kept apart; numbers still count both."""
    caller.post("/assignment_callback", fields(1))
    for _ in range(600):
        caller.client.get("/nothing")
    caller.post("/assignment_callback", fields(2))
    log = caller.server.exchanges
    numbers = [each.number for each in log]
    assert [each.number for each in log if each.signature == "valid"] == [1, 602]
    assert numbers == sorted(numbers)
    assert (len(log), len(numbers), log.last.number) == (502, 502, 602)


def test_what_is_kept_of_a_strangers_headers_is_little(caller: Any) -> None:
    """Of a flood of headers the log keeps the beginnings."""
    headers = {f"X-{number}": "y" * 5_000 for number in range(100)}
    caller.client.get("/nothing", headers=headers)
    shown = caller.server.exchanges.last.headers
    assert sum(len(name) + len(value) for name, value in shown.items()) < 60 * 400
