"""The walls between participants: each one's server, kernels and sandbox run inside bubblewrap and prlimit.

What is kept apart: files (the system, Python and the lab are read-only, and of all homes only the own one is there),
processes (none but the own are seen, and these end with the server), shared memory and message queues.

What is not: the network. The hub must reach each server, and JupyterHub's proxy knows no Unix sockets, so everybody's
ports of 127.0.0.1 are in reach of all, and each asks for a credential: a server for the hub's yes, a sandbox for its
account's token, a callback server for a signature. Sockets with a name and no
file belong to the network too, and `abstract_sockets` closes them where the system can.

What is limited, by `LIMITS` and `SIZES`, is limited for one participant or for one process. The sum of what thirty use
is not, which no ordinary user can do everywhere.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import abstract_sockets

RUNTIME = Path("/run/lab")
"""Inside the walls, for what Jupyter writes while it runs: a file system of its own, so a full home stops no start."""

MIB = 1 << 20
SIZES = {RUNTIME: 8 * MIB, Path("/tmp"): 128 * MIB, Path("/dev/shm"): 32 * MIB}  # noqa: S108 - inside it is nobody else's
"""Bytes that each folder which lies in memory may hold; without a size it is half of the machine's memory."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What prlimit holds a process to.

    Attributes:
        resource: its name, as prlimit has it.
        most: soft and hard alike.
        why: where the figure is from.
    """

    resource: str
    most: int
    why: str


LIMITS = (
    Limit(
        "nproc", 512, "threads of one participant; a server has 6, a kernel with the lab 27, so 15 notebooks at once"
    ),
    Limit(
        "data",
        2048 * MIB,
        "bytes of one process; a kernel with the lab has 270 MiB, most of it the unused stacks of its threads",
    ),
    Limit("fsize", 256 * MIB, "bytes of one file; a week's sandbox has some ten"),
    Limit("nofile", 4096, "files of one process; a server with ten notebooks open has some hundred"),
    Limit("core", 0, "a process that dies leaves no copy of its memory, which has tokens in it"),
)
_NPROC_BY_NAMESPACE = (5, 14)
"""Since then Linux counts a user namespace's processes by themselves; before, those of all participants together."""

_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_OF_ETC = (
    "alternatives",
    "ca-certificates",
    "crypto-policies",
    "gai.conf",
    "group",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "passwd",
    "pki",
    "protocols",
    "resolv.conf",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
)
"""Of `/etc` what names, times and certificates are found by; the rest is nobody's business."""


def command(inner: Sequence[str], *, home: Path, runtime: Path = RUNTIME, readable: Sequence[Path] = ()) -> list[str]:
    """A command line that runs another one inside the walls; ends with it, and it ends with this one.

    The environment passes as it is, so that no token stands on a command line: whoever starts it chooses what.

    Args:
        inner: what runs inside, and its arguments.
        home: the one folder that can be written; it is there, and is inside where it is outside.
        runtime: a folder that is only there inside, small and empty.
        readable: folders that are there too, read-only: Python's and the lab's.
    """
    return [
        *("bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
        *("--disable-userns", "--cap-drop", "ALL", "--die-with-parent", "--new-session"),
        *_system(),
        *("--proc", "/proc", "--dev", "/dev"),
        *_in_memory(runtime),
        *("--remount-ro", "/dev"),
        *(option for path in _outermost(readable) for option in ("--ro-bind", str(path), str(path))),
        *("--bind", str(home), str(home), "--remount-ro", "/", "--chdir", str(home)),
        *("--", "prlimit", *(f"--{each.resource}={each.most}" for each in limits_here()), "--"),
        *inner,
    ]


def trouble() -> str:
    """Why there can be no walls on this machine, in one sentence with what to do; empty where there can."""
    if sys.platform != "linux":
        return f"Walls between participants are built of Linux's namespaces, and this is {sys.platform}{_WITHOUT}"
    for program, package in (("bwrap", "bubblewrap"), ("prlimit", "util-linux")):
        if shutil.which(program) is None:
            return f"For walls between participants {program} is missing, of the system's package {package}{_WITHOUT}"
    said = _tried()
    if not said:
        return ""
    return (
        f"The walls between participants cannot be built, for bubblewrap says `{said}` (it takes bubblewrap 0.8 and "
        f"user namespaces for ordinary users, which whoever administers this machine can allow){_WITHOUT}"
    )


def remark() -> str:
    """What the walls leave open on this machine, in one sentence with what to do; empty where that is nothing."""
    if abstract_sockets.can_be_closed():
        return ""
    return (
        "Before Linux 6.12 walls leave open what programs of your own session listen at without a file, such as a "
        "desktop's screen: run the workshop as a user who is logged in at no desktop."
    )


_WITHOUT = "; where all in the room trust each other, open it --without-walls."


def _tried() -> str:
    """What stands in the way, as bubblewrap says it; empty when nothing does."""
    with tempfile.TemporaryDirectory(prefix="walls-") as home:
        try:
            line = command(["true"], home=Path(home))
            done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1][:200]


def _system() -> Iterator[str]:
    """`/usr` and what leads there, and the few files of `/etc`."""
    yield from ("--ro-bind", "/usr", "/usr")
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in _OF_ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")


def _in_memory(runtime: Path) -> Iterator[str]:
    for path, size in {**SIZES, runtime: SIZES[RUNTIME]}.items():
        yield from ("--perms", "0700", "--size", str(size), "--tmpfs", str(path))


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Each once, without those that lie in another one, nor in what is there anyway."""
    there = [Path("/usr")]
    for folder in sorted({path.absolute() for path in folders}):
        if not any(folder.is_relative_to(each) for each in there):
            there.append(folder)
    return there[1:]


def limits_here() -> list[Limit]:
    """`LIMITS`, without the count of processes where it would be one for the whole room."""
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    counts = release is not None and (int(release[1]), int(release[2])) >= _NPROC_BY_NAMESPACE
    return [each for each in LIMITS if counts or each.resource != "nproc"]
