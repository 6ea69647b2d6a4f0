"""A Worker's own page by way of the room: with a token that the room makes, at a bridge that the room passes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from room_service import RunningRoom, running_room
from sandbox.bridge_client import BridgeAnswer, BridgeClient, post

from workshop.room.bridge_proxy import BridgeHandler

PATIENCE_SECONDS = 10


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path) as running:
        yield running


class PageOfTheRoom(BridgeClient):
    """A page whose bridge is the room's."""

    def send(self, body: Mapping[str, Any], **_: Any) -> BridgeAnswer:
        sent = json.dumps({**body, "token": self.token}).encode()
        headers = {"apiVersion": "v2", "clientVersion": "2.1.1", "Origin": "http://localhost:8888"}
        return post(self.url, sent, headers, path="/services/room/bridge/v1/wschannels")


def page_of(room: RunningRoom, name: str) -> BridgeClient:
    """What a page of this person's asks by."""
    token = room.token(name)
    joined = room.join(token)
    signed = room.ask("POST", "worker-token", token)
    assert signed.status_code == 200, signed.text
    return PageOfTheRoom(room.url, joined["workspace_sid"], signed.json()["token"], joined["worker_sid"])


def test_a_page_asks_as_its_worker(room: RunningRoom) -> None:
    """Of itself all, and of another nothing; the answer may be read by a page of any origin."""
    ana, bob = page_of(room, "ana"), page_of(room, "bob")

    assert ana.get(ana.me).payload["friendly_name"] == "ana"
    assert ana.post(bob.me, ActivitySid=f"WA{'0' * 32}").status in (403, 404)


def test_a_page_hears_on_its_socket(room: RunningRoom) -> None:
    """What the sandbox says to it comes through, and the end of one end is that of the other."""
    ana = page_of(room, "ana")
    teacher = room.token("teacher", instructor=True)
    joined = room.join(teacher)

    def let_in() -> None:
        workspace = room.client(teacher).taskrouter.v1.workspaces(joined["workspace_sid"])
        workspace.tasks.create(attributes=json.dumps({"selected_language": "en"}), workflow_sid=joined["workflow_sid"])

    async def scenario() -> list[str]:
        heard: list[str] = []
        url = f"{room.url}/bridge/v1/wschannels?token={ana.token}"
        async with ClientSession() as session, session.ws_connect(url) as socket, asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.to_thread(load, ana)
            await asyncio.to_thread(let_in)
            while "reservation.created" not in heard:
                message: dict[str, Any] = await socket.receive_json()
                heard.append(str(message.get("event_type")))
        return heard

    assert "reservation.created" in asyncio.run(scenario())


def load(client: BridgeClient) -> None:
    """What a page asks for after its beginning."""
    client.get(client.me)
    client.get(f"{client.all}/Activities", PageSize=1000)
    client.get(f"{client.me}/WorkerChannels", PageSize=1000)
    client.get(f"{client.me}/Reservations", version="v2", Active="true", PageSize=1000)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_token_that_is_none_opens_nothing(room: RunningRoom, token: str) -> None:
    """Neither a socket nor an answer; and a hub's token is none."""

    async def connect(given: str) -> int:
        async with ClientSession() as session:
            try:
                async with session.ws_connect(f"{room.url}/bridge/v1/wschannels?token={given}"):
                    return 101
            except WSServerHandshakeError as error:
                return error.status

    assert asyncio.run(connect(token)) == 403
    assert asyncio.run(connect(room.token("ana"))) == 403
    assert room.ask("POST", "bridge/v1/wschannels", json={"url": "x", "token": token}).status_code in (400, 401)


def test_who_asks_for_no_socket_leaves_none_open(room: RunningRoom) -> None:
    """A plain GET with a good token is refused, and the sandbox's end of it is closed as well."""
    ana = page_of(room, "ana")

    answer = room.ask("GET", f"bridge/v1/wschannels?token={ana.token}")

    assert answer.status_code == 400
    deadline = time.monotonic() + PATIENCE_SECONDS
    while room.sandbox.look(lambda: len(room.sandbox.sessions)) or BridgeHandler.sockets:
        assert time.monotonic() < deadline, "one end is open still"
        time.sleep(0.01)


@pytest.mark.parametrize("path", ["bridge/v1/wschannels/x/y", "bridge", "bridge/v1/Workspaces", "bridge/_sandbox/stop"])
def test_the_bridge_has_one_path(room: RunningRoom, path: str) -> None:
    """Nothing else of the sandbox is reached by it."""
    assert room.ask("POST", path).status_code == 401


def test_a_token_is_of_whoever_asks(room: RunningRoom) -> None:
    """Nobody has one who has not joined, and nobody can ask for another's."""
    assert room.ask("POST", "worker-token", room.token("eve"), data={"WorkerSid": "WK1"}).status_code == 403
