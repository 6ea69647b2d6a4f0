"""What the computer has to give: ports on its loopback address, and memory."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.doctor.finding import Finding, bad, ok, skipped, warn
from labkit.doctor.surroundings import Surroundings

HOST = "127.0.0.1"
MEASURED_MIB = 240
"""JupyterLab's server, a kernel with the lab and its desk, and the sandbox: their shares (PSS) on Linux with Python
3.11, in November 2026, without the browser. `tests/browser/test_binder.py` measures and prints it; README.md has it
too."""
NEEDED_MIB, COMFORTABLE_MIB = 250, 500
_MIB = 2**20
_CGROUP_FILES = ("memory.max", "memory.limit_in_bytes")
_UNLIMITED = 2**60
"""Bytes; the first version of control groups writes a number of this kind where there is no limit."""


def ports(where: Surroundings) -> Finding:
    """Whether servers can listen on this computer's own address, and whether the wished port is free."""
    try:
        with socket.create_server((HOST, 0)):
            pass
    except OSError as error:
        return bad(
            f"No server can listen on {HOST}: {error.strerror}.",
            "Look at what forbids it: a firewall's or a container's rules.",
        )
    wished = where.environ.get("LABKIT_PORT") or "0"
    if not wished.isdecimal() or not 0 < int(wished) <= 65535:  # what is no port, the settings say
        return ok(f"Servers can listen on {HOST}.")
    return _wished(int(wished))


def _wished(port: int) -> Finding:
    try:
        with socket.create_server((HOST, port)):
            return ok(f"Port {port} (LABKIT_PORT) is free.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _taken(port)
        return bad(
            f"Port {port} (LABKIT_PORT) cannot be used: {error.strerror}.",
            "Set LABKIT_PORT to a number from 1024 to 65535, or to 0, which takes a free one.",
        )


def _taken(port: int) -> Finding:
    other = "Set LABKIT_PORT to 0, which takes a free one, or end the program that has it."
    try:
        from labkit.callbacks.waitress_server import holder

        lab = holder(port)
    except ImportError:
        lab = None
    if lab is None:
        return bad(f"Port {port} (LABKIT_PORT) is taken by another program.", other)
    notebook = f"the notebook {lab['notebook']}" if lab.get("notebook") else "another lab"
    return bad(
        f"Port {port} (LABKIT_PORT) is taken by {notebook} (process {lab.get('pid')}).",
        "Run labkit.stop() there, or set LABKIT_PORT to 0, which takes a free one.",
    )


def memory(_: Surroundings) -> Finding:
    """Whether there is enough of it, by what is free and by a container's limit."""
    return judged_memory(free=free_bytes(), left=left_in_container(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")))


def judged_memory(*, free: int | None, left: int | None) -> Finding:
    """What this much comes to.

    Args:
        free: bytes that the computer could give; None where it does not tell.
        left: bytes that a container's limit leaves; None where there is none.
    """
    known = [each for each in (free, left) if each is not None]
    if not known:
        return skipped("This system does not tell how much is free.")
    least = min(known)
    what = "are left below this container's limit" if least == left else "are free"
    said = f"{least // _MIB:,} MiB {what}; JupyterLab, one notebook and the sandbox took {MEASURED_MIB} when measured."
    remedy = "End what is not needed (Running, in JupyterLab's sidebar, lists notebooks), or give the container more."
    if least < NEEDED_MIB * _MIB:
        return bad(said, remedy)
    return warn(said, remedy) if least < COMFORTABLE_MIB * _MIB else ok(said)


def free_bytes() -> int | None:
    """What could be had without swapping, where Linux tells."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
        values = {line.partition(":")[0]: int(line.split()[1]) for line in lines}
        return values.get("MemAvailable", values.get("MemFree", 0)) * 1024
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sysconf: Any = getattr(os, "sysconf")  # noqa: B009 - Windows has none
        return int(sysconf("SC_AVPHYS_PAGES") * sysconf("SC_PAGE_SIZE"))
    return None


def left_in_container(membership: Path, tree: Path) -> int | None:
    """What the control groups of this process leave, in bytes, the tightest of them; None where none has a limit.

    Args:
        membership: the file that names them (`/proc/self/cgroup`).
        tree: where they are mounted (`/sys/fs/cgroup`).
    """
    left = [each for folder in _groups(membership, tree) if (each := _left_in(folder)) is not None]
    return min(left, default=None)


def _groups(membership: Path, tree: Path) -> Iterator[Path]:
    """The folder of each control group that may have a limit on memory, and those above; both versions."""
    try:
        lines = membership.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers not in ("", "memory"):
            continue
        root = tree / controllers
        group = root / path.lstrip("/")
        yield from (each for each in (group, *group.parents) if each.is_relative_to(root))


def _left_in(folder: Path) -> int | None:
    for name, used in zip(_CGROUP_FILES, ("memory.current", "memory.usage_in_bytes"), strict=True):
        try:
            limit = int((folder / name).read_text("utf-8"))
            if limit < _UNLIMITED:
                return max(0, limit - int((folder / used).read_text("utf-8")) + _cache(folder))
        except (OSError, ValueError):  # not of this version, or the word "max"
            continue
    return None


def _cache(folder: Path) -> int:
    """What of the used memory is a cache of files, which is given up when it is needed."""
    with contextlib.suppress(OSError, ValueError):
        rows = (line.split() for line in (folder / "memory.stat").read_text("utf-8").splitlines())
        values = {row[0]: int(row[1]) for row in rows if len(row) == 2}
        return values.get("inactive_file", values.get("total_inactive_file", 0))
    return 0
