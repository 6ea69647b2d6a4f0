"""A disk of a few MiB that is really full, for a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tracked import ROOT

MIB = 1 << 20
FILLED = """
import json, os, pathlib, subprocess, sys
DISK = pathlib.Path.home()
def fill():
    with open(DISK / 'filler', 'ab', buffering=0) as file:
        for size in (65536, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
def make_room():
    (DISK / 'filler').unlink()
"""
"""What the program may call: `fill()` and `make_room()`; its disk is `DISK`, which is its home."""


def on_a_small_disk(code: str, *, folder: Path, mib: int = 8, timeout: float = 90) -> Any:
    """Run it with a disk of its own in this folder's place, on which nothing is yet; gone at the end.

    Returns:
        What its last line is as JSON. Skips the test where no ordinary user may make such a disk.
    """
    line = ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--die-with-parent"]
    line += ["--size", str(mib * MIB), "--tmpfs", str(folder), "--chdir", str(folder), "--"]
    try:
        subprocess.run([*line, "true"], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"bubblewrap makes no disk here: {error}")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LABKIT_HOME": str(folder / "lab"),
        "TMPDIR": str(folder),
    }
    done = subprocess.run(
        [*line, sys.executable, "-c", FILLED + code],
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
