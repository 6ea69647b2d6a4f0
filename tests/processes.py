"""What the tests know of processes: their own children, and how the sandbox of one home folder is ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil

from workshop.daemon import running_after

SELF = psutil.Process()
FOR_THE_SESSION: set[psutil.Process] = set()
"""Children that a fixture keeps for the whole run, such as JupyterLab."""


def end_sandbox(home: Path) -> None:
    """End the sandbox that `home` names in its runtime file, if it still runs and is one."""
    try:
        pid = int(json.loads((home / "sandbox.json").read_text(encoding="utf-8"))["pid"])
        process = psutil.Process(pid)
        if "labkit" not in " ".join(process.cmdline()):
            return  # the number went on to somebody else
        process.terminate()
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return
    for stubborn in running_after([process], seconds=5):
        stubborn.kill()


def unread(*arguments: str) -> tuple[int, list[str]]:
    """Run Python with its output into a pipe that is closed at the other end, as after `| head`.

    Returns:
        The exit status, and the lines of stderr without those of a log.
    """
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reads, writes = os.pipe()
    os.close(reads)
    try:
        ended = subprocess.run(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=writes,
            stderr=subprocess.PIPE,
            env=buffered,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writes)
    return ended.returncode, [line for line in ended.stderr.decode().splitlines() if " INFO " not in line]
