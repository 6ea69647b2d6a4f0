"""What processes take: memory that is their own share, seconds of processor, threads, open files, ports.

Memory is PSS, from the kernel's `/proc/PID/smaps_rollup`: what several processes share is divided among them, so that
the sum over all is what the machine gives. RSS would count it once for each, a quarter too much here. Where there is no
PSS (macOS), it is USS, which leaves what is shared out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

MIB = 1 << 20
HAS_PSS = Path("/proc/self/smaps_rollup").exists()
MEMORY_WORD = "PSS" if HAS_PSS else "USS"
"""What memory is counted in, on this system."""


class RoomPart(StrEnum):
    """What a process of a workshop is."""

    HUB = "hub"
    PROXY = "proxy"
    SERVER = "Jupyter server"
    KERNEL = "kernel with the lab"
    SANDBOX = "sandbox"
    WALLS = "walls"
    ROOM = "room"
    OTHER = "other"


_BY_COMMAND = {
    RoomPart.KERNEL: ("ipykernel_launcher",),
    RoomPart.SANDBOX: ("labkit", "sandbox"),
    RoomPart.SERVER: ("singleuser",),
    RoomPart.PROXY: ("configurable-http-proxy", "configurable_http_proxy"),
    RoomPart.ROOM: ("workshop.room",),
    RoomPart.HUB: ("jupyterhub", "--config"),
}
"""Words of a command line; the first part of which one occurs (for the sandbox and the hub: all)."""
_ALL_WORDS = {RoomPart.SANDBOX, RoomPart.HUB}


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """What one process took when it was looked at.

    Attributes:
        part: what it is.
        memory_mib: its share (`MEMORY_WORD`), in MiB.
        cpu_seconds: of processor since it began, its children that have ended with it.
        threads: how many.
        files: open ones; sockets among them.
        ports: how many it listens on.
    """

    part: RoomPart
    memory_mib: float
    cpu_seconds: float
    threads: int
    files: int
    ports: int


def part_of(command: list[str]) -> RoomPart:
    """What a process is, by its command line.

    Args:
        command: the program and its arguments.
    """
    if command and Path(command[0]).name in {"bwrap", "prlimit", "setsid"}:
        return RoomPart.WALLS
    line = " ".join(command)
    for part, words in _BY_COMMAND.items():
        found = [word in line for word in words]
        if all(found) if part in _ALL_WORDS else any(found):
            return part
    return RoomPart.OTHER


def measured(processes: Iterable[psutil.Process]) -> list[ProcessFigures]:
    """Look at each; one that has ended meanwhile, or that may not be looked at, is left out.

    Args:
        processes: of one's own.
    """
    found = []
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):
            found.append(_figures(process))
    return found


def _figures(process: psutil.Process) -> ProcessFigures:
    with process.oneshot():
        cpu = process.cpu_times()
        return ProcessFigures(
            part=part_of(process.cmdline()),
            memory_mib=_memory(process),
            cpu_seconds=cpu.user + cpu.system + cpu.children_user + cpu.children_system,
            threads=process.num_threads(),
            files=process.num_fds() if hasattr(process, "num_fds") else 0,
            ports=sum(each.status == psutil.CONN_LISTEN for each in process.net_connections(kind="inet")),
        )


def _memory(process: psutil.Process) -> float:
    if not HAS_PSS:
        return float(process.memory_full_info().uss) / MIB
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def busy_seconds() -> float:
    """Of processor that all programs of this machine have used since it was started, over all cores."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def with_children(processes: Iterable[psutil.Process]) -> set[psutil.Process]:
    """Them, and all that they have started, as far as it still runs.

    Args:
        processes: of one's own.
    """
    found: set[psutil.Process] = set()
    for process in processes:
        with contextlib.suppress(psutil.Error):
            found |= {process, *process.children(recursive=True)}
    return found
