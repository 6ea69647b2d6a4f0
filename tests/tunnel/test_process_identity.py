"""When a process started: the same for the same process, and nothing for one that does not run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from labkit.tunnel import process_identity
from labkit.tunnel.process_identity import start_of

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.name != "posix", reason="nobody says it on Windows"),
]


@pytest.fixture(params=["/proc", "ps"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the files that Linux has, and by the program that macOS has."""
    if request.param == "ps":
        monkeypatch.setattr(process_identity, "_PROC", tmp_path)
    elif not Path("/proc/self/stat").exists():
        pytest.skip("this system has no /proc")


@pytest.mark.usefixtures("way")
def test_a_process_started_when_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked twice, and from another time zone and language, it is the same."""
    first = start_of(os.getpid())
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert first
    assert start_of(os.getpid()) == first


@pytest.mark.usefixtures("way")
def test_a_process_that_has_ended_has_no_start() -> None:
    """Not while it waits to be collected, and not afterwards."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], **pipes) as program:
        assert start_of(program.pid)
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.close()
        program.stdout.read()  # closed as it ends
        until = time.monotonic() + 10
        while start_of(program.pid) is not None:
            assert time.monotonic() < until
    assert start_of(program.pid) is None


@pytest.mark.parametrize("pid", [0, -1, 2**40])
def test_what_is_no_process_has_no_start(pid: int) -> None:
    """Nothing is raised for a number that nobody can have."""
    assert start_of(pid) is None
