"""The room's service in this process for tests: on a real loopback socket, with a hub's stand-in and a real account."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import requests
from hub_stand_in import SERVICE_TOKEN, HubStandIn, hub_stand_in
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox

from labkit.lab.lab import Lab
from labkit.sandbox.process import Address
from labkit.settings import Secret, Settings
from labkit.taskrouter.client import connect
from labkit.taskrouter.workspace_client import WorkspaceClient
from workshop.room.room_settings import RoomSettings
from workshop.room.service import serving
from workshop.room.state import RoomState
from workshop.room.upstream import SandboxUpstream, Upstream

if TYPE_CHECKING:
    from twilio.rest import Client

T = TypeVar("T")
SECONDS = 20


@dataclass
class RunningRoom:
    """A room that runs. Its methods are for the test's thread.

    Attributes:
        url: of its prefix, without a slash at the end.
        hub: knows who holds which token.
        sandbox: what it stands on.
        state: its parts, for the room's loop.
    """

    url: str
    hub: HubStandIn
    sandbox: LocalSandbox
    state: RoomState
    loop: asyncio.AbstractEventLoop

    def token(self, name: str, *, instructor: bool = False) -> str:
        """A hub's token of somebody."""
        return self.hub.token(name, admin=instructor)

    def ask(self, method: str, path: str, token: str = "", **options: Any) -> requests.Response:
        """A request as a kernel sends it: nothing is followed, no proxy is used."""
        headers = {**({"Authorization": f"token {token}"} if token else {}), **options.pop("headers", {})}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method, f"{self.url}/{path}", headers=headers, timeout=SECONDS, allow_redirects=False, **options
            )

    def join(self, token: str) -> dict[str, Any]:
        """What somebody is told who comes in."""
        answer = self.ask("POST", "join", token)
        assert answer.status_code == 200, answer.text
        joined: dict[str, Any] = answer.json()
        return joined

    def client(self, token: str) -> Client:
        """The official SDK, turned to the room, with a hub's token in place of the account's."""
        return connect(account_sid=ACCOUNT, auth_token=Secret(token), base_url=self.url)

    def look(self, read: Callable[[], T]) -> T:
        """Call a function on the room's loop."""

        async def reading() -> T:
            return read()

        return self.do(reading())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the room's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)


def address_of(sandbox: LocalSandbox) -> Address:
    """A sandbox in this process as the room would have found it."""
    return Address(url=sandbox.url, account_sid=ACCOUNT, auth_token=TOKEN, pid=0)


@contextmanager
def running_room(
    folder: Path,
    *,
    upstream: Callable[[LocalSandbox], Upstream] | None = None,
    changes: Callable[[LocalSandbox], Mapping[str, Any]] | None = None,
) -> Iterator[RunningRoom]:
    """A room until the end of the block.

    Args:
        folder: where it may keep things.
        upstream: what it stands on; the sandbox itself by default.
        changes: of its settings.
    """
    with ExitStack() as stack:
        hub = stack.enter_context(hub_stand_in())
        sandbox = stack.enter_context(local_sandbox())
        given = changes(sandbox) if changes else {}
        settings = RoomSettings(
            **{
                "host": "127.0.0.1",
                "port": 0,
                "prefix": "/services/room/",
                "hub_api_url": hub.api_url,
                "hub_token": Secret(SERVICE_TOKEN),
                "client_id": "service-room",
                "folder": folder,
                **given,
            }
        )
        made = upstream or (lambda box: SandboxUpstream(lambda: address_of(box)))
        yield stack.enter_context(_thread(settings, hub, sandbox, made))


@contextmanager
def lab_of(room: RunningRoom, name: str, *, instructor: bool = False) -> Iterator[Lab]:
    """A lab as it starts in this person's kernel."""
    with ExitStack() as ending:
        patch = ending.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("JUPYTERHUB_API_TOKEN", room.token(name, instructor=instructor))
        yield ending.enter_context(Lab(Settings.resolve({"LABKIT_ROOM_URL": room.url}, mode="room")))


def owner(room: RunningRoom, lab: Lab) -> WorkspaceClient:
    """The Workspace, as whoever owns the account sees it."""
    return WorkspaceClient(room.state.upstream.client, lab.workspace_sid)


@contextmanager
def _thread(
    settings: RoomSettings, hub: HubStandIn, sandbox: LocalSandbox, upstream: Callable[[LocalSandbox], Upstream]
) -> Iterator[RunningRoom]:
    started, found = threading.Event(), []
    over = asyncio.Event()

    async def serve() -> None:
        try:
            async with serving(upstream(sandbox), settings) as room:
                found.append(RunningRoom(room.settings.own_url, hub, sandbox, room, asyncio.get_running_loop()))
                started.set()
                await over.wait()
        finally:
            started.set()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="room-service", daemon=True)
    thread.start()
    assert started.wait(SECONDS), "the room did not start"
    assert found, "the room did not start; its thread's error is above"
    try:
        yield found[0]
    finally:
        found[0].loop.call_soon_threadsafe(over.set)
        thread.join(SECONDS)
    assert not thread.is_alive(), "the room did not end"
