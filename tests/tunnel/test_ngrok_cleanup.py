"""Agents whose kernel was killed: found and ended by the next lab, and nothing else with them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from labkit.tunnel import ngrok_cleanup

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
    ngrok_cleanup.clear()
    for pid in fake.running():  # it has been told to end, and may take a moment
        _wait_for_end(pid)
    assert fake.running() == []
    assert list(temporary.glob(f"{ngrok_cleanup.PREFIX}*")) == []


def test_an_agent_whose_kernel_lives_is_left_alone(fake: Any) -> None:
    """Another notebook's tunnel is not touched."""
    kernel = _kernel(fake)
    ngrok_cleanup.clear()
    assert len(fake.running()) == 1
    _end(kernel)
    ngrok_cleanup.clear()
    for pid in fake.running():
        _wait_for_end(pid)


def test_leaving_the_kernel_by_the_door_ends_the_agent(fake: Any) -> None:
    """A kernel that exits closes its tunnel, with no call to close()."""
    kernel = _kernel(fake)
    kernel.communicate("", timeout=10)
    assert fake.running() == []


def test_a_process_that_only_has_the_number_is_left_alone(temporary: Path) -> None:
    """Process numbers are given anew: one that was not started with the folder is somebody else's."""
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as bystander:
        folder = temporary / f"{ngrok_cleanup.PREFIX}x"
        folder.mkdir()
        (folder / "owner.json").write_text(json.dumps({"owner": _dead_pid(), "agent": bystander.pid}))
        ngrok_cleanup.clear()
        assert bystander.poll() is None
        assert not folder.exists()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"owner": "x", "agent": 1}', '{"owner": -1, "agent": -1}'])
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


def _dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(10)
    return ended.pid


def _wait_for_end(pid: int) -> None:
    while ngrok_cleanup._command_line(pid).strip():
        os.kill(pid, signal.SIGTERM)
