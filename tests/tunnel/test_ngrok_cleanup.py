"""Agents whose kernel was killed: found and ended by the next lab, and nothing else with them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit.tunnel import ngrok_cleanup
from labkit.tunnel.process_identity import start_of

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(30),
    pytest.mark.skipif(os.name != "posix", reason="what a killed kernel leaves is cleared on POSIX only"),
]

_KERNEL = """
import sys
from pathlib import Path
from labkit.settings import Secret
from labkit.tunnel import Ngrok, ngrok_agent
ngrok_agent.ENVIRONMENT += ("FAKE_NGROK_[A-Z]+",)
tunnel = Ngrok(Secret("t"), path=Path(sys.argv[1]))
print(tunnel.open(8123), flush=True)
sys.stdin.read()
"""


def _kernel(fake: Any) -> subprocess.Popen[str]:
    """Another Python process that holds an open tunnel."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    kernel = subprocess.Popen([sys.executable, "-c", _KERNEL, str(fake.path)], **pipes)
    assert kernel.stdout is not None
    assert kernel.stdout.readline().startswith("https://")
    return kernel


def _end(kernel: subprocess.Popen[str]) -> None:
    with kernel:
        kernel.kill()


def test_an_agent_whose_kernel_was_killed_is_ended(fake: Any, temporary: Path) -> None:
    """After kill -9 of its kernel the agent runs on, until the next lab clears it and its file."""
    _end(_kernel(fake))
    assert len(fake.running()) == 1
    assert ngrok_cleanup.clear() == 1
    assert fake.running() == []
    assert list(temporary.glob(f"{ngrok_cleanup.PREFIX}*")) == []


def test_an_agent_whose_kernel_lives_is_left_alone(fake: Any) -> None:
    """Another notebook's tunnel is not touched."""
    kernel = _kernel(fake)
    assert ngrok_cleanup.clear() == 0
    assert len(fake.running()) == 1
    assert ngrok_cleanup.owners_of_others() == [kernel.pid]
    _end(kernel)
    assert ngrok_cleanup.owners_of_others() == []
    assert ngrok_cleanup.clear() == 1


def test_leaving_the_kernel_by_the_door_ends_the_agent(fake: Any) -> None:
    """A kernel that exits closes its tunnel, with no call to close()."""
    kernel = _kernel(fake)
    kernel.communicate("", timeout=10)
    assert fake.running() == []


@pytest.mark.parametrize("missed", ["start", "folder"])
def test_a_process_that_only_has_the_number_is_left_alone(temporary: Path, missed: str) -> None:
    """Process numbers are given anew: one that started at another time, or without the folder, is somebody else's."""
    folder = temporary / f"{ngrok_cleanup.PREFIX}x"
    folder.mkdir()
    shown = "somewhere" if missed == "folder" else str(folder)
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()", shown], stdin=subprocess.PIPE
    ) as other:
        started = start_of(other.pid) if missed == "folder" else "long ago"
        _claim(folder, owner=_dead_pid(), agent=other.pid, agent_started=started)
        assert ngrok_cleanup.clear() == 0
        assert other.poll() is None
        assert not folder.exists()


def test_a_kernel_that_only_has_the_number_owns_nothing(temporary: Path) -> None:
    """The number of the kernel that was killed may be another program's by now: its agent's folder is cleared."""
    folder = temporary / f"{ngrok_cleanup.PREFIX}x"
    folder.mkdir()
    _claim(folder, owner=os.getpid())
    ngrok_cleanup.clear()
    assert not folder.exists()


def test_an_agent_that_does_not_listen_is_killed(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leftover that takes no goodbye would keep the account's only session."""
    monkeypatch.setattr(ngrok_cleanup, "_END_SECONDS", 0.1)
    folder = temporary / f"{ngrok_cleanup.PREFIX}x"
    folder.mkdir()
    code = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); sys.stdin.read()"
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(folder)], **pipes) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        _claim(folder, owner=_dead_pid(), agent=deaf.pid, agent_started=start_of(deaf.pid))
        assert ngrok_cleanup.clear() == 1
        assert deaf.wait(5) == -signal.SIGKILL


def test_a_kernel_that_was_killed_while_ngrok_opened_leaves_nothing(fake: Any, temporary: Path) -> None:
    """Whose agent it is stands written before its first word."""
    fake.behave("silent")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    kernel = subprocess.Popen([sys.executable, "-c", _KERNEL, str(fake.path)], **pipes)
    _wait_until(lambda: any('"agent": 0' not in f.read_text() for f in temporary.glob("*/owner.json")))
    _end(kernel)
    assert ngrok_cleanup.clear() == 1
    assert fake.running() == []


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"owner": "x", "agent": 1}', '{"owner": -1, "owner_started": "", "agent": -1}']
)
def test_a_folder_that_says_nothing_usable_is_left_alone(temporary: Path, content: str | None) -> None:
    """Whatever stands in the file, nothing is ended on its word and nothing raised."""
    folder = temporary / f"{ngrok_cleanup.PREFIX}x"
    folder.mkdir()
    if content is not None:
        (folder / "owner.json").write_text(content)
    ngrok_cleanup.clear()
    assert folder.exists()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _claim(folder: Path, **said: object) -> None:
    claimed = {"owner": os.getpid(), "owner_started": "long ago", "agent": 0, "agent_started": "", **said}
    (folder / "owner.json").write_text(json.dumps(claimed))


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(10)
    return ended.pid


def _wait_until(so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not so():
        assert time.monotonic() < until, "it did not come to this"
