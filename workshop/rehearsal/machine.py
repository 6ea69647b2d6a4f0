"""What this machine has for a room: as much of it as this process may use, where a container gives it less."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

MIB = 1 << 20
ENDLESS = 1 << 62
"""In place of a limit that is none."""
_CGROUP = Path("/sys/fs/cgroup")
_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_PORTS = 16_384
"""For programs that ask for any port: 49152 to 65535 where the system does not say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is, free for a workshop.

    Attributes:
        cores: of processor; a container's share may be no whole number.
        memory_mib: that can be had without swapping.
        disk_mib: free where the workshop's folder is.
        open_files: that one process may have.
        threads: that this user may have, less those that there are.
        ports: that programs which ask for any can get.
    """

    cores: float
    memory_mib: float
    disk_mib: float
    open_files: int = ENDLESS
    threads: int = ENDLESS
    ports: int = _USUAL_PORTS


def this_machine(folder: Path, *, cgroup: Path = _CGROUP) -> Machine:
    """Look at it.

    Args:
        folder: where the workshop's files are, or will be.
        cgroup: where Linux shows what a container may use.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return Machine(
        cores=_cores(cgroup),
        memory_mib=_memory(cgroup) / MIB,
        disk_mib=shutil.disk_usage(there).free / MIB,
        open_files=_limit("RLIMIT_NOFILE"),
        threads=_free_threads(),
        ports=_ports(),
    )


def _cores(cgroup: Path) -> float:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _text(cgroup / "cpu.max").partition(" ")
    return min(usable, int(quota) / int(period)) if quota.isdigit() and period.strip().isdigit() else usable


def _memory(cgroup: Path) -> float:
    available = int(psutil.virtual_memory().available)
    most, used = _text(cgroup / "memory.max").strip(), _text(cgroup / "memory.current").strip()
    return max(0, min(available, int(most) - int(used))) if most.isdigit() and used.isdigit() else available


def _limit(name: str) -> int:
    """Of this process, as what it starts inherits it."""
    try:
        import resource
    except ImportError:  # Windows
        return ENDLESS
    soft, _ = resource.getrlimit(getattr(resource, name))
    return ENDLESS if soft == resource.RLIM_INFINITY else soft


def _free_threads() -> int:
    try:
        most = _limit("RLIMIT_NPROC")
    except AttributeError:  # a system that does not limit them
        return ENDLESS
    if most == ENDLESS:
        return ENDLESS
    mine = psutil.Process().username()
    rows = psutil.process_iter(["username", "num_threads"])
    return max(0, most - sum(row.info["num_threads"] or 1 for row in rows if row.info["username"] == mine))


def _ports() -> int:
    parts = _text(_PORTS).split()
    return int(parts[1]) - int(parts[0]) + 1 if len(parts) == 2 else _USUAL_PORTS


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
