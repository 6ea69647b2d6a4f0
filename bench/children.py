"""Servers to measure, each in a process of its own that says where it is in the first line it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkit.errors import LabError

ROOT = Path(__file__).resolve().parent.parent
"""Where `bench` is found: it is not installed with the lab."""
END_SECONDS = 10


def own_environment(home: Path) -> dict[str, str]:
    """The environment without the person's own settings, with `home` as the lab's, and with `bench` to be found."""
    ours = ("LABKIT_", "TWILIO_", "NGROK_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "LABKIT_HOME": str(home), "PYTHONPATH": python_path()}


def python_path() -> str:
    """PYTHONPATH of a child that imports `bench`, wherever it runs."""
    return os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))


@contextmanager
def serving(*arguments: str, home: Path) -> Iterator[dict[str, Any]]:
    """Run ``python -m <arguments>`` on the first core; give what it says of itself in its first line, as JSON.

    Raises:
        LabError: it ended, or said something else.
    """
    with on_core(0):  # from the first thread on: a thread keeps the core of the one that started it
        process = _started(arguments, home)
    with process:
        try:
            yield _facts(process, arguments)
        finally:
            _end(process)


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """Keep this thread, and what it starts, on one core meanwhile, where the system can and has two."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[number]} if number < len(before) else before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _started(arguments: tuple[str, ...], home: Path) -> subprocess.Popen[str]:
    # The arguments are this package's own.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", *arguments],
        env=own_environment(home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _facts(process: subprocess.Popen[str], arguments: tuple[str, ...]) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101  # asked for as a pipe
    line = process.stdout.readline()
    try:
        facts = json.loads(line)
    except ValueError:
        facts = None
    if not isinstance(facts, dict) or "url" not in facts:
        raise LabError(f"`python -m {' '.join(arguments)}` did not say where it serves; it said {line.strip()[:80]!r}.")
    return facts


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
