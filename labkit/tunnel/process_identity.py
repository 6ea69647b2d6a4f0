"""Which process a number means: the system gives numbers anew, so a number counts only with the time of its start.

Linux says it in `/proc`, macOS and the BSDs by `ps`. Windows says it to nobody who asks without more rights or a
library, so there no process is known again, and the lab ends none but its own children.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_PROC = Path("/proc")
_ANSWER_SECONDS = 5.0


def start_of(pid: int) -> str | None:
    """When a process started, in words to compare and not to read; None if it does not run, or nobody says.

    Args:
        pid: of any process; one that has ended and waits to be collected does not run.
    """
    if pid <= 0 or os.name != "posix":
        return None
    try:
        return _by_proc(pid) if (_PROC / "self" / "stat").exists() else _by_ps(pid)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def _by_proc(pid: int) -> str | None:
    # The name in brackets may hold anything. After it: the state, and as the 20th the start in ticks since the boot.
    fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    boot = (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
    return None if fields[0] in "ZX" else f"{boot} {int(fields[19])}"


def _by_ps(pid: int) -> str | None:
    ps = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)]
    plain = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC0"}  # the same words for everybody
    said = subprocess.run(ps, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False, env=plain)  # noqa: S603 - fixed words and a number
    state, _, started = said.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else " ".join(started.split())
