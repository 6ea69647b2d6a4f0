"""A workshop whose room stands on an account: opened by the command that people type, closed, and taken back."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
from account.whole_account import whole_account
from sandbox.local import TOKEN, LocalSandbox, local_sandbox
from twilio_stand_in import twilio_stand_in
from workshop_rooms import Room, room

pytestmark = [pytest.mark.process, pytest.mark.alone]


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    with local_sandbox() as running:
        yield running


@pytest.fixture
def made(sandbox: LocalSandbox) -> Iterator[Room]:
    """A workshop, and its instructor's shell, which leads to the account."""
    with room(room_mode="twilio", warm=False) as closed:
        folder = closed.workshop.folder.parent
        with twilio_stand_in(sandbox.url, folder) as stand_in:
            os.chmod(stand_in.ca_file, 0o644)  # noqa: PTH101 - for the ordinary user
            yield replace(closed, environ=stand_in.owner_environ)


@pytest.mark.timeout(200)
def test_it_is_opened_closed_and_taken_back(made: Room, sandbox: LocalSandbox) -> None:
    opened = made.call("start")
    assert opened.returncode == 0, opened.stderr
    assert "7 things to make" in opened.stdout
    assert "The room stands on the account AC…1111" in opened.stdout
    _wait_for_the_workspace(sandbox)
    with_token = [each for each in made.running() if TOKEN in each.environ().values()]
    assert [_name(each) for each in with_token] == ["jupyterhub"]

    folder = ["--folder", str(made.workshop.folder)]
    refused = made.run("-m", "workshop", "teardown", "--yes", *folder)
    assert "still runs" in refused.stderr
    closed = made.call("stop")
    assert 'The Workspace "The room" is still in the account AC…1111' in closed.stdout
    assert TOKEN not in opened.stdout + closed.stdout + refused.stderr
    files = [path for path in made.workshop.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert made.workshop.hub_folder / "hub.log" in files
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []
    assert made.run("-m", "workshop", "teardown", "--yes", *folder).returncode == 0
    assert whole_account(sandbox.client()) == "{}"


def _wait_for_the_workspace(sandbox: LocalSandbox, *, within_seconds: float = 30) -> None:
    deadline = time.monotonic() + within_seconds
    while not sandbox.client().taskrouter.v1.workspaces.list(friendly_name="The room"):
        assert time.monotonic() < deadline, "the room has made nothing"
        time.sleep(0.1)


def _name(process: psutil.Process) -> str:
    """The module that it runs."""
    words = process.cmdline()
    return words[words.index("-m") + 1]
