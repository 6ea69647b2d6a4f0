"""A participant's server as JupyterHub has it started: in its turn, with what the page that waits is told."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError

from workshop import participants, spawner
from workshop.participant_home import ParticipantHome
from workshop.settings import Workshop, WorkshopError
from workshop.spawner import ParticipantSpawner, StartError
from workshop.start_queue import StartQueue


class Child:
    """A process that has ended with this status, or runs on."""

    def __init__(self, status: int | None) -> None:
        self._status = status

    def poll(self) -> int | None:
        return self._status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def made(tmp_path: Path, name: str = "ada") -> ParticipantSpawner:
    """A spawner without a hub."""
    return ParticipantSpawner(user=SimpleNamespace(name=name, url=""), workshop=Workshop(folder=tmp_path))


def starts(monkeypatch: pytest.MonkeyPatch, port: int, *, status: int | None = None) -> None:
    """Let a start be the birth of such a process, which listens there."""

    async def start(self: LocalProcessSpawner) -> tuple[str, int]:
        self.proc, self.pid = Child(status), 1
        return "127.0.0.1", port

    monkeypatch.setattr(LocalProcessSpawner, "proc", None)
    monkeypatch.setattr(LocalProcessSpawner, "start", start)
    monkeypatch.setattr(ParticipantHome, "prepare", lambda _: None)


def test_it_has_started_when_its_port_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: int) -> None:
    """Only then is it the next one's turn."""
    starts(monkeypatch, listening)

    assert asyncio.run(made(tmp_path).start()) == ("127.0.0.1", listening)


def test_one_that_ends_while_it_starts_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows it; nobody waits until the time is over."""
    starts(monkeypatch, 1, status=1)

    with pytest.raises(StartError) as raised:
        asyncio.run(made(tmp_path).start())
    assert "Tell your instructor" in raised.value.jupyterhub_message
    assert raised.value.status_code == 503, "of any other error JupyterHub says that it was not handled"


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as on a full disk."""
    starts(monkeypatch, 1)

    def full(_: ParticipantHome) -> None:
        raise WorkshopError("The disk has 3 MiB left.")

    monkeypatch.setattr(ParticipantHome, "prepare", full)
    with pytest.raises(StartError) as raised:
        asyncio.run(made(tmp_path).start())
    assert raised.value.jupyterhub_message == "The disk has 3 MiB left."
    assert isinstance(raised.value, HTTPError), "JupyterHub shows no other one's words within the first second"


def test_the_page_is_told_the_place_in_the_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it changes, and not in between."""
    queue = StartQueue(1)
    monkeypatch.setattr(spawner, "QUEUE", queue)
    monkeypatch.setattr(spawner, "_SHOW_SECONDS", 0)
    waiting, said = made(tmp_path), []

    async def start(who: object, release: asyncio.Event) -> None:
        async with queue.turn(who):
            await release.wait()

    async def play() -> None:
        releases = [asyncio.Event() for _ in range(3)]
        tasks = [asyncio.create_task(start(who, free)) for who, free in zip((0, 1, waiting), releases, strict=True)]
        await asyncio.sleep(0)
        async for event in waiting.progress():
            said.append(event["message"])
            releases[len(said) - 1].set()
            if len(said) == 3:
                break
        await asyncio.gather(*tasks)

    asyncio.run(play())
    assert ["number 2" in said[0], "You are next" in said[1], "is starting" in said[2]] == [True] * 3


@pytest.mark.process
def test_a_server_that_nobody_knows_of_ends_before_another_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: int
) -> None:
    """The hub was killed in the middle of a start; another participant's goes on."""
    starts(monkeypatch, listening)
    ada, bo = (
        subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={"HOME": f"{tmp_path}/people/{name}"}
        )
        for name in ("ada", "bo")
    )
    try:
        while not participants.is_of(Workshop(folder=tmp_path), "ada", pid=ada.pid):
            assert ada.poll() is None
        asyncio.run(made(tmp_path).start())
        assert ada.poll() is not None
        assert bo.poll() is None
    finally:
        for process in (ada, bo):
            process.kill()
            process.communicate()


@pytest.mark.parametrize(("home", "runs"), [("people/ada", True), ("people/adam", False), ("elsewhere", False)])
def test_a_server_of_before_is_known_by_its_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, runs: bool
) -> None:
    """After a restart of the machine the number may be somebody else's program, which must not be ended."""
    environ: dict[str, Any] = {"HOME": str(tmp_path / home)}
    monkeypatch.setattr(participants.psutil, "Process", lambda _: SimpleNamespace(environ=lambda: environ))
    found = made(tmp_path)
    found.load_state({"pid": os.getpid()})

    assert (asyncio.run(found.poll()) is None) == runs
    assert bool(found.pid) == runs
