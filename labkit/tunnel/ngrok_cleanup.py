"""Agents left running by a kernel that was killed before it could end them.

A kernel ends its agent when it exits, but not when it is killed; the agent would then keep the account's only tunnel,
and its file the authtoken. Each agent's folder says who started it, so the next lab can clear what nobody owns. It is
ended and not adopted: its log, which says when the tunnel is lost, went to the kernel that is gone.

Of both processes the number and the time of the start are kept. Where the system does not tell the latter (Windows)
nothing is cleared.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from labkit.tunnel.process_identity import start_of

PREFIX = "labkit-ngrok-"
_OWNER_FILE = "owner.json"
_END_SECONDS = 2.0  # for an agent to say goodbye to its service


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """Who owns an agent's folder, and which process the agent is: 0 while there is none."""

    owner: int
    owner_started: str
    agent: int = 0
    agent_started: str = ""

    @property
    def owned(self) -> bool:
        return start_of(self.owner) == self.owner_started

    def agent_runs(self, folder: Path) -> bool:
        """Whether the agent is there still: this very process, started with this very folder."""
        return start_of(self.agent) == self.agent_started and str(folder) in _command_line(self.agent)


def claim(folder: Path, *, pid: int = 0) -> None:
    """Write into an agent's folder that this process owns it, and the agent's process number once there is one."""
    claimed = _Claim(
        owner=os.getpid(), owner_started=start_of(os.getpid()) or "", agent=pid, agent_started=start_of(pid) or ""
    )
    (folder / _OWNER_FILE).write_text(json.dumps(asdict(claimed)), encoding="utf-8")


def clear() -> int:
    """End this user's agents whose owner is dead, and remove their folders. Never touches any other process.

    Returns:
        How many were ended, which takes a few seconds each at most.
    """
    ended = 0
    for folder, claimed in _claims():
        if claimed.owned:
            continue
        if claimed.agent_runs(folder):
            _end(claimed, folder)
            ended += 1
        shutil.rmtree(folder, ignore_errors=True)
    return ended


def owners_of_others() -> list[int]:
    """The process numbers of this user's other kernels that have an agent running on this computer."""
    return [
        claimed.owner
        for folder, claimed in _claims()
        if claimed.owner != os.getpid() and claimed.owned and claimed.agent_runs(folder)
    ]


def _claims() -> Iterator[tuple[Path, _Claim]]:
    """Every agent's folder of this user's with what stands in it; those that say nothing usable are left out."""
    if os.name != "posix":
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ValueError, TypeError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            read = _Claim(**json.loads((folder / _OWNER_FILE).read_text(encoding="utf-8")))
            if read.owner > 0 and read.owner_started and isinstance(read.agent, int):
                yield folder, read


def _end(claimed: _Claim, folder: Path) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(claimed.agent, kind)
        until = time.monotonic() + _END_SECONDS
        while claimed.agent_runs(folder) and time.monotonic() < until:
            time.sleep(0.02)
        if not claimed.agent_runs(folder):
            return


def _command_line(pid: int) -> str:
    proc = Path("/proc") / str(pid) / "cmdline"
    try:
        if proc.exists():
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        ps = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(ps, capture_output=True, text=True, timeout=5, check=False).stdout  # noqa: S603 - fixed words and a number
    except (OSError, subprocess.SubprocessError):
        return ""
