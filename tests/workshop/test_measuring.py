"""What processes take and what a machine has, measured on this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from workshop.rehearsal.machine import MIB, this_machine
from workshop.rehearsal.measuring import HAS_PSS, RoomPart, busy_seconds, measured, part_of, with_children


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("/usr/bin/bwrap --unshare-user -- prlimit python -m jupyterhub.singleuser", RoomPart.WALLS),
        ("prlimit --nproc=512 -- python -m ipykernel_launcher", RoomPart.WALLS),
        ("python -m jupyterhub.singleuser --ServerApp.x=y", RoomPart.SERVER),
        ("python bin/jupyterhub-singleuser --allow-root", RoomPart.SERVER),
        ("python -m ipykernel_launcher -f kernel-1.json", RoomPart.KERNEL),
        ("python -m labkit sandbox --json --port 0", RoomPart.SANDBOX),
        ("python -m labkit.cli sandbox", RoomPart.SANDBOX),
        ("node bin/configurable-http-proxy --port 8000", RoomPart.PROXY),
        ("python -m jupyterhub --config workshop/jupyterhub_config.py", RoomPart.HUB),
        ("python -m workshop.room.service", RoomPart.ROOM),
        ("sleep 5", RoomPart.OTHER),
        ("", RoomPart.OTHER),
    ],
)
def test_a_process_is_told_by_its_command(command: str, part: RoomPart) -> None:
    """Each that a workshop starts."""
    assert part_of(command.split()) == part


HOLDS_A_PORT_AND_50_MIB = """
import socket, sys, threading
server = socket.create_server(("127.0.0.1", 0))
kept = bytearray(b"x" * (50 << 20))
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.process
def test_a_process_is_measured() -> None:
    """Memory that is its own, a port, two threads; and it is found as a child of this one."""
    before = with_children([psutil.Process()])
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_PORT_AND_50_MIB], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        [found] = with_children([psutil.Process()]) - before
        [figures] = measured([found])
        child.communicate()

    assert found.pid == child.pid
    assert 50 < figures.memory_mib < 80
    assert (figures.threads, figures.ports) == (2, 1)
    assert figures.cpu_seconds > 0
    assert figures.files >= 4


def test_what_has_ended_is_left_out() -> None:
    """As between the list and the look."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        ended = psutil.Process(child.pid)

    assert measured([ended]) == []
    assert with_children([ended]) <= {ended}


def test_this_machine_is_looked_at(tmp_path: Path) -> None:
    """Also where the workshop's folder is still to be made."""
    machine = this_machine(tmp_path / "not" / "yet", cgroup=tmp_path)

    assert 0 < machine.cores <= (os.cpu_count() or 1)
    assert 0 < machine.memory_mib <= psutil.virtual_memory().total / MIB
    assert machine.disk_mib > 0
    assert machine.open_files > 10
    assert machine.threads > 0
    assert machine.ports > 1000


@pytest.mark.skipif(not HAS_PSS, reason="containers are Linux's")
def test_a_container_has_what_it_was_given(tmp_path: Path) -> None:
    """Less than the machine that it is on."""
    for name, text in (("cpu.max", "50000 100000\n"), ("memory.max", "104857600\n"), ("memory.current", "4194304\n")):
        (tmp_path / name).write_text(text)

    machine = this_machine(tmp_path, cgroup=tmp_path)

    assert (machine.cores, machine.memory_mib) == (0.5, 96)


def test_a_container_without_limits_has_all(tmp_path: Path) -> None:
    """The same files, with a word in place of a number."""
    for name, text in (("cpu.max", "max 100000\n"), ("memory.max", "max\n"), ("memory.current", "4194304\n")):
        (tmp_path / name).write_text(text)

    machine = this_machine(tmp_path, cgroup=tmp_path)

    assert machine.cores >= 1
    assert machine.memory_mib > 96


def test_the_machine_is_never_less_busy_than_before() -> None:
    """What all programs have used only grows."""
    before = busy_seconds()
    sum(range(3_000_000))

    assert before < busy_seconds() < before + 600
