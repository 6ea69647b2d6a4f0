"""The places of the room's server, by a clock that the test moves: who makes room, who stays, what nobody takes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from room_service import running_room
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler, websocket_connect

from labkit.sandbox.api.connections import ANSWER_SECONDS, GRACE_SECONDS
from workshop.room import room_server
from workshop.room.room_server import RoomServer, allow_more_files

SECONDS = 20
LONG_ANSWER = 32 * 1024 * 1024
"""Bytes; more than sockets keep for whoever does not read."""


class Line:
    """One client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, path: str) -> None:
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: room\r\n\r\n".encode())

    async def ask(self, path: str = "/") -> bytes:
        """The status of the answer, of which all is read."""
        self.send(path)
        return await self.answer()

    async def answer(self) -> bytes:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(each for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:"))
        await self.reader.readexactly(int(length.partition(b":")[2]))
        return head.split()[1]

    async def is_closed(self) -> bool:
        """Waits for it."""
        return await self.reader.read() == b""


@dataclass
class Served:
    """A server, its clock, and what its handlers wait for."""

    server: RoomServer
    port: int
    clock: list[float]
    go_on: asyncio.Event
    begun: asyncio.Queue[None]
    lines: list[Line] = field(default_factory=list)

    async def connect(self) -> Line:
        """One more connection, which the server has taken when this returns, or closed."""
        before = len(self.server)
        self.lines.append(Line(*await asyncio.open_connection("127.0.0.1", self.port)))
        while len(self.server) == before and before < self.server._most:
            await asyncio.sleep(0)
        return self.lines[-1]


@asynccontextmanager
async def served(most: int) -> AsyncIterator[Served]:
    """A server with so many places."""
    clock, go_on, begun = [0.0], asyncio.Event(), asyncio.Queue[None]()

    class Quick(RequestHandler):
        def get(self) -> None:
            self.write("here")

    class Slow(RequestHandler):
        async def get(self) -> None:
            begun.put_nowait(None)
            await go_on.wait()

    class Long(RequestHandler):
        async def get(self) -> None:
            self.set_header("Content-Length", str(LONG_ANSWER))
            self.write(bytes(LONG_ANSWER))
            taken = self.flush()
            begun.put_nowait(None)
            await taken

    class Socket(WebSocketHandler):
        async def on_message(self, message: str | bytes) -> None:
            await self.write_message(message)

    application = Application([("/", Quick), ("/slow", Slow), ("/long", Long), ("/socket", Socket)])
    server = RoomServer(application, most=most, now=lambda: clock[0])
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    found = Served(server, sockets[0].getsockname()[1], clock, go_on, begun)
    try:
        yield found
    finally:
        go_on.set()
        server.stop()
        for line in found.lines:
            line.writer.close()
        await server.close_all_connections()


def play(most: int, scene: Callable[[Served], Awaitable[None]]) -> None:
    """Have it played with a server of so many places, in the time of a test."""

    async def played() -> None:
        async with asyncio.timeout(SECONDS), served(most) as found:
            await scene(found)

    asyncio.run(played())


def test_who_has_asked_nothing_makes_room_before_those_who_rest() -> None:
    """The one that has been silent longest; nobody else is closed."""

    async def scene(room: Served) -> None:
        rests, first, second = [await room.connect() for _ in range(3)]
        assert await rests.ask() == b"200"
        room.clock[0] += GRACE_SECONDS + 1
        late = await room.connect()
        assert await first.is_closed()
        assert [await line.ask() for line in (late, second, rests)] == [b"200"] * 3

    play(3, scene)


def test_who_has_just_come_makes_room_after_those_who_rest() -> None:
    """They are about to ask, and who rests can connect again."""

    async def scene(room: Served) -> None:
        rests, comes = await room.connect(), await room.connect()
        assert await rests.ask() == b"200"
        late = await room.connect()
        assert await rests.is_closed()
        assert [await line.ask() for line in (comes, late)] == [b"200"] * 2

    play(2, scene)


def test_who_is_being_served_makes_room_for_nobody() -> None:
    """Where all are, it is the new one that is closed."""

    async def scene(room: Served) -> None:
        asking = [await room.connect() for _ in range(2)]
        for line in asking:
            line.send("/slow")
            await room.begun.get()
        room.clock[0] += 3600
        assert await (await room.connect()).is_closed()
        room.go_on.set()
        assert [await line.answer() for line in asking] == [b"200"] * 2

    play(2, scene)


def test_an_answer_that_nobody_takes_is_dropped_and_one_that_is_taken_in_time_is_not() -> None:
    """After its time, from when it was first seen to wait."""

    async def scene(room: Served) -> None:
        deaf, slow = await room.connect(), await room.connect()
        for line in (deaf, slow):
            line.send("/long")
            await room.begun.get()
        room.server.look()
        room.clock[0] += ANSWER_SECONDS - 1
        room.server.look()
        assert await slow.answer() == b"200"
        room.clock[0] += 1
        room.server.look()
        assert len(room.server) == 1
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await deaf.answer()
        assert await slow.ask() == b"200"

    play(2, scene)


def test_an_answer_that_waits_for_its_reader_makes_room() -> None:
    """It holds a place and asks for nothing."""

    async def scene(room: Served) -> None:
        deaf = await room.connect()
        deaf.send("/long")
        await room.begun.get()
        room.server.look()
        assert await (await room.connect()).ask() == b"200"

    play(1, scene)


def test_a_websocket_takes_no_place_and_is_not_closed() -> None:
    """The event bridge counts its own, and asks whether they are there."""

    async def scene(room: Served) -> None:
        page = await websocket_connect(f"ws://127.0.0.1:{room.port}/socket")
        await page.write_message("one")
        assert (await page.read_message(), len(room.server)) == ("one", 0)
        room.clock[0] += 3600
        room.server.look()
        assert await (await room.connect()).ask() == b"200"
        await page.write_message("two")
        assert await page.read_message() == "two"
        page.close()
        assert await page.read_message() is None

    play(1, scene)


def test_a_crowd_of_silent_connections_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Many more than there are places; that they are short is one line of the log."""
    monkeypatch.setattr(room_server, "places", lambda: 8)
    with running_room(tmp_path) as room:
        port = int(room.url.split(":")[2].partition("/")[0])
        crowd = [socket.create_connection(("127.0.0.1", port), timeout=SECONDS) for _ in range(40)]
        try:
            assert room.join(room.token("ana"))["worker_name"] == "ana"
            assert crowd[0].recv(1) == b""
        finally:
            for each in crowd:
                each.close()
    assert [each.getMessage()[:34] for each in caplog.records if each.levelname == "WARNING"] == [
        "all 8 places for connections are t"
    ]


def test_the_room_may_open_as_many_files_as_it_wants_or_as_the_system_allows() -> None:
    """By itself a process of Linux's may open 1,024, and each notebook in the room holds one."""
    resource = pytest.importorskip("resource")
    before = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        allow_more_files()
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert allowed == (room_server.MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, room_server.MOST_FILES))
