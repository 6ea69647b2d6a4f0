"""Agents left running by a kernel that was killed before it could end them.

A kernel ends its agent when it exits, but not when it is killed; the agent would then keep the account's only tunnel,
and its file the authtoken. Each agent's folder says who started it, so the next lab can clear what nobody owns.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

PREFIX = "labkit-ngrok-"
_OWNER_FILE = "owner.json"


def claim(folder: Path, *, pid: int = 0) -> None:
    """Write into an agent's folder that this process owns it, and the agent's process number once there is one."""
    (folder / _OWNER_FILE).write_text(json.dumps({"owner": os.getpid(), "agent": pid}), encoding="utf-8")


def clear() -> None:
    """End this user's agents whose owner is dead, and remove their folders. Never touches any other process."""
    if os.name != "posix":  # no harmless way there to ask whether a process is alive
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _clear(folder)


def _clear(folder: Path) -> None:
    try:
        mine = folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()
        claimed = json.loads((folder / _OWNER_FILE).read_text(encoding="utf-8")) if mine else None
        owner, agent = (int(claimed[key]) for key in ("owner", "agent")) if claimed else (0, 0)
    except (OSError, ValueError, TypeError, KeyError):
        return
    if owner <= 0 or _alive(owner):
        return
    # Numbers of processes are given anew: only one that was started with this very folder is the agent.
    if agent > 0 and str(folder) in _command_line(agent):
        os.kill(agent, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command_line(pid: int) -> str:
    proc = Path("/proc") / str(pid) / "cmdline"
    try:
        if proc.exists():
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        ps = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(ps, capture_output=True, text=True, timeout=5, check=False).stdout  # noqa: S603 - fixed words and a number
    except (OSError, subprocess.SubprocessError):
        return ""
