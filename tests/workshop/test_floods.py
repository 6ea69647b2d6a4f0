"""A participant whose program floods: it is held, it is told so, and the others go on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from walled import Walled, walled

from workshop import walls

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
    "nproc" not in {each.resource for each in walls._limits_here()}, reason="an older Linux counts for all together"
)
def test_who_forks_without_end_is_held_and_the_others_are_not(flooder: Walled) -> None:
    """Each has a number of processes of their own, though all are the same user outside."""
    with flooding(flooder, FORKS) as said, walled() as other, flooding(other, FORKS) as others:
        for line in (said, others):
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
    written, said = flooder.python(FOLDER.format(folder=folder)).split(maxsplit=1)

    assert int(written) <= walls.SIZES[next(path for path in walls.SIZES if str(path) == folder)]
    assert said == "No space left on device\n"


def test_open_files_without_end_are_an_error_of_the_program(flooder: Walled) -> None:
    """The machine has so many for all."""
    count, said = flooder.python(FILES).split(maxsplit=1)

    assert most["nofile"] - 100 < int(count) < most["nofile"]
    assert said == "Too many open files\n"
