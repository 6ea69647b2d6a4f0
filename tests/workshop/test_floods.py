"""A participant whose program floods: it is held, it is told so, and the others go on."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
from walled import Walled, walled
from workshop_kernels import said, stop_server
from workshop_rooms import Room, room

from workshop import walls
from workshop.participants import processes_of
from workshop.rehearsal.hub_session import hub_session
from workshop.rehearsal.participant import PretendedParticipant

pytestmark = [pytest.mark.process, pytest.mark.alone]

FORKS = """
import os, sys, time
children = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(600)
        children += 1
except OSError as error:
    print(children, error, flush=True)
sys.stdin.read()
"""
MEMORY = """
kept = []
try:
    while True:
        kept.append(bytearray(64 << 20))
except MemoryError:
    print(len(kept) * 64)
"""
FILE = """
import os
with open('endless', 'wb', buffering=0) as file:
    file.seek({most} - 4096)
    try:
        while True:
            file.write(bytes(4096))
    except OSError as error:
        print(file.tell(), error.strerror)
os.unlink('endless')
"""
FOLDER = """
import os
written = 0
with open('{folder}/endless', 'wb', buffering=0) as file:
    try:
        while True:
            written += file.write(bytes(1 << 20))
    except OSError as error:
        print(written, error.strerror)
os.unlink('{folder}/endless')
"""
FILES = """
kept = []
try:
    while True:
        kept.append(open('/dev/null'))
except OSError as error:
    print(len(kept), error.strerror)
"""
BUSY = """
import subprocess
while True:
    subprocess.Popen(['timeout', '60', 'sh', '-c', 'while :; do :; done'])
"""
LAB = """
import json, labkit
lab = labkit.start()
task = lab.create_task({'selected_language': 'es'})
print('LAB ' + json.dumps(lab.workspace_sid))
"""
most = {each.resource: each.most for each in walls.LIMITS}


@pytest.fixture(scope="module")
def flooder() -> Iterator[Walled]:
    """Whose program it is."""
    with walled() as somebody:
        yield somebody


@contextmanager
def flooding(somebody: Walled, code: str) -> Iterator[str]:
    """The program has done its worst, and is still there; gives the line that it has printed."""
    process = subprocess.Popen(
        somebody.command(somebody.user.python, "-c", code),
        env=somebody.environ(),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **somebody.user.options,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline()
    finally:
        process.kill()
        process.wait(timeout=10)
        process.stdin.close()
        assert process.stdout.read() == ""  # until the last of them is gone
        process.stdout.close()


@pytest.mark.skipif(
    "nproc" not in {each.resource for each in walls.limits_here()}, reason="an older Linux counts for all together"
)
def test_who_forks_without_end_is_held_and_the_others_are_not(flooder: Walled) -> None:
    """Each has a number of processes of their own, though all are the same user outside."""
    with flooding(flooder, FORKS) as own, walled() as other, flooding(other, FORKS) as others:
        for line in (own, others):
            children, error = line.split(maxsplit=1)
            assert most["nproc"] * 0.9 < int(children) < most["nproc"]
            assert "Resource temporarily unavailable" in error
        outside = subprocess.run(["true"], check=False, **flooder.user.options)
        assert outside.returncode == 0

    assert flooder.python("print('again')") == "again\n"


def test_memory_without_end_is_an_error_of_the_program(flooder: Walled) -> None:
    """Python says `MemoryError` in the cell that asked, and the kernel goes on."""
    mib = int(flooder.python(MEMORY))

    assert most["data"] / walls.MIB * 0.9 < mib <= most["data"] / walls.MIB


def test_a_file_without_end_is_an_error_of_the_program(flooder: Walled) -> None:
    """And no signal that ends the kernel."""
    assert flooder.python(FILE.format(most=most["fsize"])) == f"{most['fsize']} File too large\n"


@pytest.mark.parametrize("folder", [str(path) for path in walls.SIZES])
def test_a_folder_in_memory_that_is_full_is_an_error_of_the_program(folder: str, flooder: Walled) -> None:
    """It is the machine's memory that is spared."""
    written, error = flooder.python(FOLDER.format(folder=folder)).split(maxsplit=1)

    assert int(written) <= walls.SIZES[next(path for path in walls.SIZES if str(path) == folder)]
    assert error == "No space left on device\n"


def test_open_files_without_end_are_an_error_of_the_program(flooder: Walled) -> None:
    """The machine has so many for all."""
    count, error = flooder.python(FILES).split(maxsplit=1)

    assert most["nofile"] - 100 < int(count) < most["nofile"]
    assert error == "Too many open files\n"


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_room_goes_on_beside_one_whose_processes_are_busy_without_end() -> None:
    """Another's Task is made meanwhile, the hub ends the flood, and whose it was is back in the same Workspace."""
    if said_so := walls.trouble():
        pytest.skip(said_so)
    with room(room=False) as opened:
        assert opened.call("start").returncode == 0
        asyncio.run(flooded(opened))


async def flooded(opened: Room) -> None:
    """Ana floods, Bob works."""
    async with AsyncExitStack() as stay:
        browsers = [await stay.enter_async_context(hub_session(opened.workshop.url, name)) for name in ("ana", "bob")]
        people = [PretendedParticipant(browser, opened=time.monotonic()) for browser in browsers]
        await asyncio.gather(*(each.come_in(f"{each.hub.name}s password") for each in people))
        ana, bob = [await stay.enter_async_context(each.kernel()) for each in people]
        before = [await said(kernel, LAB, "LAB") for kernel in (ana, bob)]
        flood = asyncio.create_task(ana.run(BUSY))
        async with asyncio.timeout(60):
            while len(processes_of(opened.workshop, "ana")) < 100:
                await asyncio.sleep(0.5)
        begun = time.monotonic()
        assert await said(bob, LAB, "LAB") == before[1]
        assert time.monotonic() - begun < 10
        await stop_server(people[0].hub)
        assert processes_of(opened.workshop, "ana") == []
        await asyncio.gather(flood, return_exceptions=True)
        await people[0].hub.start_server()
        await people[0].hub.open_lab()
        async with people[0].kernel() as again:
            assert await said(again, LAB, "LAB") == before[0]
