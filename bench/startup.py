"""How long a person waits: the import, and `labkit.start()` with and without a sandbox that runs already."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.children import own_environment
from bench.measurement import Measurement, Say
from labkit.errors import LabError

ROUNDS = 5
START_SECONDS = 60

_IMPORT = """
import time
begun = time.perf_counter()
import labkit
print(time.perf_counter() - begun)
"""
_START = """
import sys, time, labkit
begun = time.perf_counter()
lab = labkit.start()
seconds = time.perf_counter() - begun
lab.stop(sandbox="end" in sys.argv)
print()
print(seconds)
"""


def import_s(say: Say) -> Measurement:
    """Seconds for `import labkit` in a fresh interpreter."""
    with _home() as home:
        return Measurement(median(_seconds(_IMPORT, home=home) for _ in _rounds(say)), "s")


def start_cold_s(say: Say) -> Measurement:
    """Seconds for `labkit.start()` in a fresh interpreter when no sandbox runs; the lab's own imports count."""
    return Measurement(median(_cold_start() for _ in _rounds(say)), "s")


def start_warm_s(say: Say) -> Measurement:
    """Seconds for `labkit.start()` in a fresh interpreter when a sandbox runs; its ratio is to a cold start."""
    with _home() as home:
        cold = _seconds(_START, home=home)
        try:
            warm = median(_seconds(_START, home=home) for _ in _rounds(say))
        finally:
            _seconds(_START, "end", home=home)
    return Measurement(warm, "s", "start_cold_s", warm / cold)


def _cold_start() -> float:
    with _home() as home:
        return _seconds(_START, "end", home=home)


def _rounds(say: Say) -> Iterator[int]:
    for number in range(1, ROUNDS + 1):
        say(f"  round {number} of {ROUNDS}")
        yield number


def _seconds(program: str, *arguments: str, home: Path) -> float:
    """The last word that a fresh interpreter prints, which runs `program` with an empty environment of the lab's."""
    # The program is one of those above; nothing of it comes from outside.
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, *arguments],
        env=own_environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise LabError(f"A fresh interpreter ended with {done.returncode}: {reason}")
    return float(done.stdout.split()[-1])


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="labkit-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
