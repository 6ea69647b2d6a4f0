"""The socket of a Worker's page, with a real client: who gets in, what it hears, and what it may do to the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from sandbox.call_centre import CallCentre
from sandbox.conftest import Ask
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, LocalSandbox, local_sandbox
from sandbox.pages import LIMIT_SECONDS, Socket, address, heard, page, play
from sandbox.worker_tokens import ApiKey, worker_token

from labkit.sandbox.bridge import outbox, session, websocket

UNKNOWN_WORKER = f"WK{'9' * 32}"


@pytest.fixture(autouse=True)
def hears_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages here load nothing, and need not be waited for."""
    monkeypatch.setattr(outbox, "MOST_HELD_SECONDS", 0.01)


@pytest.fixture
def token(key: ApiKey, centre: CallCentre) -> str:
    """Alice's."""
    return worker_token(key, centre.sid, centre.alice_sid)


def test_a_page_hears_init_and_then_what_happens(sandbox: LocalSandbox, centre: CallCentre, token: str) -> None:
    """Over REST, by somebody else."""

    async def scenario() -> None:
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address(sandbox, {"token": token})) as connected,
        ):
            init = await heard(connected)
            assert 3_590_000 < init["payload"].pop("token_lifetime") <= 3_600_000
            names = {"channel_id": centre.alice_sid, "account_sid": ACCOUNT, "workspace_sid": centre.sid}
            assert init == {"event_type": "init", "payload": names}
            await asyncio.to_thread(centre.reserved_task)
            activity, created = await heard(connected), await heard(connected)
        assert (activity["event_type"], activity["payload"]["activity_name"]) == ("worker.activity.update", "Available")
        assert (created["event_type"], created["payload"]["reservation_status"]) == ("reservation.created", "pending")
        assert created["payload"]["task"]["assignment_status"] == "reserved"

    play(scenario())


@pytest.mark.parametrize("origin", [None, "http://localhost:8888", "null"])
def test_a_page_from_anywhere_may_connect(sandbox: LocalSandbox, token: str, origin: str | None) -> None:
    """The token is the guard."""

    async def scenario() -> None:
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address(sandbox, {"token": token}), origin=origin) as connected,
        ):
            assert (await heard(connected))["event_type"] == "init"

    play(scenario())


# --- who does not get in ----------------------------------------------------------------------------------------------


def refusal(sandbox: LocalSandbox, token: str) -> tuple[int, dict[str, Any]]:
    """The status and the body of a refused connection."""

    async def scenario() -> tuple[int, dict[str, Any]]:
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        url = address(sandbox, {"token": token}).replace("ws", "http", 1)
        async with aiohttp.ClientSession() as client, client.get(url, headers=upgrade) as answer:
            body: dict[str, Any] = await answer.json()
            return answer.status, body

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("none", 401, "no token"),
        ("no JWT", 401, "no JWT"),
        ("expired", 401, "expired"),
        ("another account's Workspace", 403, "has no Workspace"),
        ("no such Worker", 403, f"no Worker {UNKNOWN_WORKER}"),
        ("no Worker", 403, "names no Worker"),
    ],
)
def test_a_refused_page_gets_an_answer_in_json(
    sandbox: LocalSandbox,
    centre: CallCentre,
    key: ApiKey,
    ask: Ask,
    caplog: pytest.LogCaptureFixture,
    name: str,
    status: int,
    says: str,
) -> None:
    """Its reason is in the log once, however often the page comes back, and the token never."""
    theirs = ask("POST", "/_sandbox/keys", credentials=(OTHER_ACCOUNT, OTHER_TOKEN)).json
    tokens: dict[str, str] = {
        "none": "",
        "no JWT": "eyJ.no.jwt",
        "expired": worker_token(key, centre.sid, centre.alice_sid, ttl=-60),
        "another account's Workspace": worker_token(
            ApiKey(theirs["account_sid"], theirs["sid"], theirs["secret"]), centre.sid, centre.alice_sid
        ),
        "no such Worker": worker_token(key, centre.sid, UNKNOWN_WORKER),
        "no Worker": worker_token(key, centre.sid, None, role="admin"),
    }
    found, body = refusal(sandbox, tokens[name])
    assert (found, body["status"], says in body["message"]) == (status, status, True), body
    assert refusal(sandbox, tokens[name])[0] == status
    told = [record.getMessage() for record in caplog.records if says in record.getMessage()]
    assert len(told) == 1
    assert not tokens[name] or tokens[name] not in caplog.text
    assert len(sandbox.sessions) == 0


def test_who_asks_without_a_websocket_is_told_so(ask: Ask, token: str) -> None:
    answer = ask("GET", f"/v1/wschannels?token={token}", credentials=None)
    assert (answer.status, "ws://" in answer.json["message"]) == (400, True)


def test_there_is_a_limit(token: str, sandbox: LocalSandbox) -> None:
    """So that requests have connections as well."""
    sandbox.sessions._most = 1

    async def scenario() -> None:
        async with page(sandbox, token):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                async with page(sandbox, token):
                    pass
        await until(lambda: len(sandbox.sessions) == 0)
        async with page(sandbox, token):
            pass

    play(scenario())


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what happens in the sandbox's thread."""
    while not is_so():
        await asyncio.sleep(0)


# --- how it is closed -------------------------------------------------------------------------------------------------


def test_a_page_that_is_closed_hears_why(sandbox: LocalSandbox, token: str) -> None:
    async def scenario() -> None:
        async with page(sandbox, token) as first, page(sandbox, token, closeExistingSessions="true"):
            message = await first.receive()
            assert (message.type, message.data, message.extra) == (
                aiohttp.WSMsgType.CLOSE,
                1000,
                "closed by another session",
            )
        await until(lambda: len(sandbox.sessions) == 0)

    play(scenario())


def test_the_last_page_leaves_and_the_worker_is_offline(sandbox: LocalSandbox, centre: CallCentre, token: str) -> None:
    """Whoever is still there hears of it."""
    centre.switch(centre.alice_sid, "Available")

    async def scenario() -> None:
        async with page(sandbox, token, setWorkerOfflineIfDisconnected="true"):
            pass
        workers = sandbox.service.states[centre.sid].workers
        await until(lambda: workers[centre.alice_sid].activity_sid == centre.activities["Offline"])

    play(scenario())


def test_the_end_of_the_sandbox_is_quick_with_pages_open() -> None:
    """One of them says why it is closed, one does not listen any more."""
    with local_sandbox() as sandbox, socket.socket() as silent:
        asked = furnished(sandbox)
        handshake(silent, sandbox, asked)
        closed: list[tuple[int | None, str]] = []

        async def scenario() -> None:
            async with page(sandbox, asked) as connected:
                sandbox.loop.call_soon_threadsafe(lambda: asyncio.ensure_future(sandbox.sessions.close()))
                message = await connected.receive()
                closed.append((message.data, message.extra))
                with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                    async with page(sandbox, asked):
                        pass

        play(scenario())
        begun = time.monotonic()
    assert (closed, time.monotonic() - begun < 4) == ([(1001, "the sandbox ends")], True)


def furnished(sandbox: LocalSandbox) -> str:
    """A token for the one Worker of a new Workspace."""
    client = sandbox.client()
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Pages")
    worker = client.taskrouter.v1.workspaces(workspace.sid).workers.create(friendly_name="Alice")
    made = sandbox.look(lambda: sandbox.sessions._tokens._accounts.create_key(ACCOUNT))
    return worker_token(ApiKey(ACCOUNT, *made), str(workspace.sid), str(worker.sid))


def handshake(raw: socket.socket, sandbox: LocalSandbox, token: str) -> None:
    """Become a page without a browser: nobody answers pings, and nobody reads."""
    parts = urlsplit(sandbox.url)
    raw.settimeout(LIMIT_SECONDS)
    raw.connect((parts.hostname or "", parts.port or 0))
    lines = [
        f"GET /v1/wschannels?token={token} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    raw.sendall("\r\n".join([*lines, "", ""]).encode())
    received = b""
    while b'"init"' not in received:
        received += raw.recv(4096)
    assert received.startswith(b"HTTP/1.1 101 ")


# --- what a client may do to the sandbox ------------------------------------------------------------------------------


def test_a_client_that_is_gone_without_a_word_is_let_go(
    sandbox: LocalSandbox, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers no ping."""
    monkeypatch.setattr(websocket, "PING_SECONDS", 0.1)
    with socket.socket() as silent:
        handshake(silent, sandbox, token)
        play(until(lambda: len(sandbox.sessions) == 0))


def test_a_client_that_reads_nothing_is_let_go_and_holds_nobody_up(
    sandbox: LocalSandbox, centre: CallCentre, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other page hears everything meanwhile."""
    monkeypatch.setattr(session, "MOST_WAITING", 256 * 1024)
    body = json.dumps({"event_type": "worker.attributes.update", "payload": {"attributes": "x" * 60_000}}).encode()

    async def flood() -> None:
        count = 0
        while len(sandbox.sessions) > 1:
            for each in sandbox.sessions._every():
                each.push(body)
            count += 1
            while each._outbox.size or each._socket.waiting:  # of the one that reads
                await asyncio.sleep(0)
        sent.append(count)

    sent: list[int] = []

    async def scenario() -> None:
        async with page(sandbox, token) as reading:
            reading_task = asyncio.create_task(read_all(reading))
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(flood(), sandbox.loop))
            await asyncio.to_thread(centre.switch, centre.alice_sid, "Available")
            read = await reading_task
        assert read == sent[0]

    async def read_all(reading: Socket) -> int:
        count = 0
        while (await heard(reading))["event_type"] == "worker.attributes.update":
            count += 1
        return count

    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        handshake(slow, sandbox, token)
        play(scenario())


def masked(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0) -> bytes:
    """A frame of a client, as RFC 6455, section 5.2, has it."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = bytes((first, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + bytes(4) + payload  # a mask of zeros changes nothing


SAID = {
    "text": masked(1, b'{"event_type": "init"}'),
    "binary": masked(2, b"\x00\xff"),
    "nothing": masked(1, b""),
    "pings": masked(9, b"?"),
    "pongs": masked(10, b""),
    "no UTF-8": masked(1, b"\xff\xfe"),
    "without a mask": b"\x81\x02hi",
    "a reserved bit": masked(1, b"x", rsv=4),
    "an unknown opcode": masked(3, b"x"),
    "a part of nothing": masked(0, b"x"),
    "a ping in parts": masked(9, b"x", fin=False),
    "a ping that is too long": masked(9, b"x" * 200),
    "a length beyond all": b"\x81\xff" + b"\xff" * 8,
    "a close of one byte": masked(8, b"x"),
    "a close with a code that there is not": masked(8, b"\x00\x01"),
    "noise": bytes(range(256)),
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("said", SAID)
def test_what_a_client_says_is_nobodys_matter(sandbox: LocalSandbox, centre: CallCentre, token: str, said: str) -> None:
    """Whether it is closed for it or not, the sandbox serves on, and the other page hears."""
    say(sandbox, token, SAID[said], count=600)
    hears(sandbox, centre, token)


def test_a_client_that_talks_without_cease_is_read_now_and_then(
    sandbox: LocalSandbox, centre: CallCentre, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here one message a minute, so that its goodbye is not heard."""
    monkeypatch.setattr(websocket, "HEARD_AT_ONCE", 1)
    monkeypatch.setattr(websocket, "PAUSE_SECONDS", 60)
    with closing(socket.socket()) as raw:
        handshake(raw, sandbox, token)
        raw.sendall(SAID["text"] + masked(8, b""))
        hears(sandbox, centre, token)
        play(until(lambda: len(sandbox.sessions) == 1))


def test_a_huge_message_is_not_kept(sandbox: LocalSandbox, centre: CallCentre, token: str) -> None:
    """Its socket is closed before it is whole."""
    with closing(socket.socket()) as raw:
        handshake(raw, sandbox, token)
        raw.sendall(b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4))
        answered = raw.recv(4096)
        assert (answered[0], answered[2:4]) == (0x88, (1009).to_bytes(2, "big"))
    hears(sandbox, centre, token)


@pytest.mark.soak
def test_ten_thousand_malformed_frames_of_each_kind(sandbox: LocalSandbox, centre: CallCentre, token: str) -> None:
    for frame in SAID.values():
        say(sandbox, token, frame, count=10_000)
    for _ in range(10_000):
        say(sandbox, token, os.urandom(64), count=1)
    hears(sandbox, centre, token)


def say(sandbox: LocalSandbox, token: str, frame: bytes, *, count: int) -> None:
    """Send so many frames, on as many sockets as that takes."""
    left = count
    while left > 0:
        with closing(socket.socket()) as raw:
            handshake(raw, sandbox, token)
            some = min(left, 50)
            with suppress(ConnectionError):  # it may have been closed for what it has said
                raw.sendall(frame * some)
            left -= some


def hears(sandbox: LocalSandbox, centre: CallCentre, token: str) -> None:
    """A page that connects now is served."""

    async def scenario() -> None:
        async with page(sandbox, token) as connected:
            await asyncio.to_thread(centre.switch, centre.alice_sid, "Available")
            assert (await heard(connected))["event_type"] == "worker.activity.update"

    play(scenario())
