"""From one participant's kernel, every way to what is another's or the instructor's is tried, and fails; and one who
has deleted all that is there to be deleted has a way back.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from tracked import ROOT
from ways_out import PORTS, WAYS, WayOut, to_run
from workshop_kernels import said, stop_server
from workshop_rooms import Room, pid_of

from workshop import abstract_sockets, walls
from workshop.participants import processes_of, services_of
from workshop.rehearsal.hub_session import hub_session
from workshop.rehearsal.participant import PretendedParticipant

pytestmark = [pytest.mark.process, pytest.mark.alone]

LAB = """
import json, labkit
from multiprocessing import shared_memory
kept = shared_memory.SharedMemory('bobs-own', create=True, size=64)
lab = labkit.start()
page = lab.agent_page('Alice')
print('LAB ' + json.dumps({'token': lab.client.auth[1], 'callbacks': int(lab.callbacks.local_url.rpartition(':')[2])}))
"""
OF_THE_SANDBOX = """
import json, os, psutil
[sandbox] = [each for each in psutil.process_iter() if 'sandbox' in each.cmdline()]
print('ENVIRON ' + json.dumps(sorted(sandbox.environ())))
"""
SCREEN = f"a screen of the instructor's, {os.getpid()}"
DELETE_ALL = """
import pathlib, shutil
for folder in (pathlib.Path.home(), pathlib.Path('/run/lab')):
    for path in folder.iterdir():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()  # others write there meanwhile
labkit.start()
"""


@dataclass(slots=True)
class Seen:
    """What has come of it.

    Attributes:
        inside, outside: what each way has got, by its name: in Ana's kernel, and without walls.
        ports: of each listener of Bob's what it is, and each request with its answer.
        token: of Bob's sandbox.
        sandbox_environ: names in the environment of Ana's sandbox.
        told: to Ana, who has deleted all of hers.
        again: what is in Ana's folder after the next start.
    """

    inside: dict[str, Any] = field(default_factory=dict)
    outside: dict[str, Any] = field(default_factory=dict)
    ports: dict[str, list[list[Any]]] = field(default_factory=dict)
    token: str = ""
    sandbox_environ: list[str] = field(default_factory=list)
    told: str = ""
    again: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def seen(open_room: Room) -> Iterator[Seen]:
    """Ana and Bob are in a room with walls, and Ana tries."""
    if said := walls.trouble():
        pytest.skip(said)
    for secret in (open_room.workshop.folder.parent / ".env", open_room.workshop.room_folder / "secret.json"):
        secret.write_text("the instructor's", encoding="utf-8")
    with listening(SCREEN):
        yield asyncio.run(visited(open_room))


@contextmanager
def listening(name: str) -> Iterator[None]:
    """A socket with this name and no file, as a desktop has."""
    with closing(socket.socket(socket.AF_UNIX)) as screen:
        screen.bind(f"\0{name}")
        screen.listen()
        yield


async def visited(opened: Room) -> Seen:
    """Both come in; Bob works, and Ana goes all ways."""
    seen = Seen()
    async with AsyncExitStack() as stay:
        browsers = [await stay.enter_async_context(hub_session(opened.workshop.url, name)) for name in ("bob", "ana")]
        people = [PretendedParticipant(browser, opened=time.monotonic()) for browser in browsers]
        await asyncio.gather(*(each.come_in(f"{each.hub.name}s password") for each in people))
        hub = people[1].hub
        kernels = {each.hub.name: await stay.enter_async_context(each.kernel()) for each in people}
        lab, _ = await asyncio.gather(
            *(said(kernels[name], LAB.replace("bobs", name), "LAB") for name in ("bob", "ana"))
        )
        known = known_of(opened, lab)
        seen.token = lab["token"]
        seen.inside = only_what_is_there(await said(kernels["ana"], to_run(known), "WAYS"))
        seen.outside = only_what_is_there(json.loads(opened.run("-c", to_run(known)).stdout.partition("WAYS ")[2]))
        listeners = listeners_of(opened, lab["callbacks"])
        asked = [[port, *each] for port, kind in listeners.items() for each in REQUESTS[kind]]
        answers = await said(kernels["ana"], f"ASKED = {asked!r}\n{PORTS}", "PORTS")
        for port, kind in listeners.items():
            seen.ports[kind] = seen.ports.get(kind, []) + [each[1:] for each in answers if each[0] == port]
        seen.sandbox_environ = await said(kernels["ana"], OF_THE_SANDBOX, "ENVIRON")
        seen.told = (await kernels["ana"].run(DELETE_ALL)).error
        await stop_server(hub)
        await hub.start_server()
        seen.again = [path.name for path in (opened.workshop.home_of("ana") / "notebooks").iterdir()]
    return seen


def known_of(opened: Room, lab: dict[str, Any]) -> dict[str, Any]:
    """All that one could know who has looked at the room from outside."""
    workshop = opened.workshop
    bobs = processes_of(workshop, "bob")
    local = f"http://127.0.0.1:{workshop.hub_port}"
    return {
        "own": "ana",
        "own_home": str(workshop.home_of("ana")),
        "other": str(workshop.home_of("bob")),
        "other_name": "bob",
        "people": str(workshop.people),
        "workshop": str(workshop.folder),
        "hub": str(workshop.hub_folder),
        "room": str(workshop.room_folder),
        "log": str(workshop.hub_folder / "servers" / "ana.log"),
        "instructor": str(workshop.folder.parent),
        "clone": str(ROOT),
        "kernel": next(part for each in bobs for part in each.cmdline() if "kernel-" in part).rpartition("/")[2],
        "pids": [each.pid for each in bobs],
        "shared": "bob-own",
        "sockets": [SCREEN],
        "urls": {
            "hub": local,
            "proxy": workshop.url.rstrip("/"),
            "proxy_api": f"http://127.0.0.1:{workshop.proxy_api_port}",
        },
        "token": lab["token"],
    }


def only_what_is_there(found: dict[str, Any]) -> dict[str, Any]:
    """A file that was written into a folder of inside alone is nobody's; and nothing stays behind."""
    for way in WAYS:
        if way.writes:
            found[way.name] = [path for path in found[way.name] if Path(path).exists()]
            for path in found[way.name]:
                Path(path).unlink()
    return found


KINDS = {
    "jupyterhub.singleuser": "server",
    "sandbox": "sandbox",
    "ipykernel_launcher": "kernel",
    "jupyterhub": "hub",
    "workshop.room": "room",
}
REQUESTS = {
    "hub": [("GET", "/hub/api/users"), ("GET", "/hub/home"), ("POST", "/hub/api/shutdown")],
    "proxy": [("GET", "/api/routes"), ("POST", "/api/routes/user/bob"), ("GET", "/user/bob/api/contents")],
    "room": [
        ("POST", "/services/room/join"),
        ("GET", "/services/room/v1/Workspaces"),
        ("POST", "/services/room/_sandbox/reset"),
        ("GET", "/services/room/progress"),
    ],
    "server": [
        ("GET", "/user/bob/lab"),
        ("GET", "/user/bob/api/contents"),
        ("GET", "/user/bob/api/sessions"),
        ("GET", "/user/bob/files/00_start_here.ipynb"),
        ("POST", "/user/bob/api/kernels"),
        ("GET", "/user/bob/proxy/80/"),
        ("GET", "/"),
    ],
    "sandbox": [
        ("GET", "/v1/Workspaces"),
        ("GET", "/_sandbox/health"),
        ("GET", "/_sandbox/deliveries"),
        ("POST", "/_sandbox/stop"),
        ("POST", "/_sandbox/reset"),
        ("GET", "/_sandbox/identity"),
    ],
    "callback server": [
        ("POST", "/assignment_callback"),
        ("POST", "/event_callback"),
        ("GET", "/agent"),
        ("POST", "/agent/token"),
        ("GET", "/"),
        ("GET", "/healthz"),
    ],
    "kernel": [("GET", "/"), ("POST", "/")],
}
OPEN_TO_ALL = {
    ("callback server", "/"),
    ("callback server", "/healthz"),
    ("callback server", "/agent"),
    ("sandbox", "/_sandbox/identity"),
}
"""What says who serves here, the agent page's own frame, which has nothing in it without a link, and where a sandbox
proves that it is one: it tells nobody the token."""


def listeners_of(opened: Room, callbacks: int) -> dict[int, str]:
    """Each port that a process of Bob's, of the hub or of its services listens at, and what it is."""
    found: dict[int, str] = {}
    hub, proxy = (psutil.Process(pid_of(opened.workshop.hub_folder / f"{name}.pid")) for name in ("hub", "proxy"))
    for process in (*processes_of(opened.workshop, "bob"), *services_of(opened.workshop), hub, proxy):
        kind = next((kind for word, kind in KINDS.items() if word in process.cmdline()), process.name())
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                port = connection.laddr.port
                found[port] = "callback server" if port == callbacks else "proxy" if process == proxy else kind
    return found


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_no_way_leads_out(way: WayOut, seen: Seen) -> None:
    """Nothing is got inside; outside, the same code gets something."""
    if way.name == "sockets that have a name and no file" and not abstract_sockets.can_be_closed():
        pytest.skip(walls.remark())
    assert seen.inside[way.name] == []
    if way.always:
        assert seen.outside[way.name] != [], seen.outside.get("raised")


def test_every_listener_is_one_that_was_looked_at(seen: Seen) -> None:
    """A port that somebody adds is asked here too, or this fails."""
    assert set(seen.ports) == set(REQUESTS)


@pytest.mark.parametrize("kind", sorted(REQUESTS))
def test_every_port_of_anothers_asks_for_a_credential(kind: str, seen: Seen) -> None:
    """The network is common; what can be reached refuses, or leads to the hub's login."""
    for method, path, status, location, text in seen.ports[kind]:
        refused = status in {401, 403, 404, 405} or (status == 302 and location.startswith(("/hub/", "/user/bob/")))
        if kind == "kernel":  # speaks no HTTP, and takes only what its own number stands before
            refused = status == 0
        assert refused or (kind, path) in OPEN_TO_ALL, (method, path, status, location, text[:300])
        assert seen.token not in text


def test_a_sandbox_has_no_token_of_the_hubs(seen: Seen) -> None:
    """It would be a second process in which to look for it."""
    assert "LABKIT_HOME" in seen.sandbox_environ
    assert [name for name in seen.sandbox_environ if name.startswith(("JUPYTERHUB", "JPY_"))] == []


def test_who_has_deleted_everything_is_told_the_way_back(seen: Seen) -> None:
    """Home, notebooks, the sandbox's state under it while it runs, and what Jupyter writes while it runs."""
    assert "The working folder was deleted." in seen.told
    assert "stop the server and start it again (menu File, Hub Control Panel)" in seen.told
    assert "00_start_here.ipynb" in seen.again
