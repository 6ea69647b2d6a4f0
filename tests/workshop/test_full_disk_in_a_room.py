"""A disk that one participant fills: the others are told, work goes on where it can, and room made is enough."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from workshop_people import START, People, password_of
from workshop_rooms import room

from workshop.rehearsal.participant import PretendedParticipant
from workshop.settings import WorkshopError

pytestmark = [
    pytest.mark.soak,
    pytest.mark.process,
    pytest.mark.alone,
    pytest.mark.timeout(300),
    pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can make a small disk"),
]
SMALL_MIB = 120
FILL = """
import os, pathlib
big = pathlib.Path.home() / "big"
with big.open("wb", buffering=0) as file:
    try:
        while True:
            file.write(os.urandom(1 << 16))
    except OSError as error:
        print(error.strerror)
"""


@pytest.fixture
def people() -> Iterator[People]:
    """A room whose participants' folders are on a small disk of their own."""
    with room(room=False) as made:
        folder = made.workshop.people
        folder.mkdir(parents=True)
        made.user.give(made.workshop.folder)
        with small_disk(folder, made.user.options.get("user", 0)), People(made) as people:
            done = made.call("start")
            assert done.returncode == 0, done.stderr
            try:
                yield people
            finally:
                made.call("stop")


@contextmanager
def small_disk(folder: Path, owner: int) -> Iterator[None]:
    """One that is mounted at a folder as long as this is entered."""
    size = f"size={SMALL_MIB}m,uid={owner},mode=0700"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False)
    if done.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_told_and_room_made_is_enough(people: People) -> None:
    """Ann fills it: her lab says so and looks on, Bob's does not start and the page says why, and then both go on."""
    ann = people.seat("ann")
    assert "No space left" in people.run(ann.says(FILL))

    refused = people.run(ann.socket.run('lab.create_task({"selected_language": "es"})'))
    assert "20503" in refused.error, refused.error

    async def in_a_new_kernel() -> str:
        async with ann.participant.kernel("01_workspace.ipynb") as other:
            run = await other.run(START + "\nprint(lab.workspace_sid)")
            assert run.error == "", run.error
            return run.text

    assert "WS" in people.run(in_a_new_kernel())

    async def bob() -> None:
        await PretendedParticipant(await people.browser("bob"), opened=0).come_in(password_of("bob"))

    with pytest.raises(WorkshopError, match="MiB left, and 64 are needed to start a lab"):
        people.run(bob())

    people.run(ann.says("big.unlink()"))
    assert people.run(ann.says('print(lab.create_task({"selected_language": "es"}).sid)')).startswith("WT")
    people.seat("carl")
