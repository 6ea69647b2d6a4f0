"""An account whose plan allows one agent: what is in the way, and what is done about it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labkit.errors import TunnelError
from labkit.tunnel import ngrok

pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(30),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the account looks into /proc"),
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


@pytest.fixture
def account(fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The account of the agent, and a lab that does not wait long for ngrok's service."""
    folder = tmp_path / "account"
    folder.mkdir()
    monkeypatch.setenv("FAKE_NGROK_ACCOUNT", str(folder))
    monkeypatch.setattr(ngrok, "NOTICE_SECONDS", (0.0, 0.0))
    return folder


@contextmanager
def another_kernel(fake: Any) -> Iterator[subprocess.Popen[str]]:
    """Another Python process that holds an open tunnel."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", _KERNEL, str(fake.path)], **pipes) as kernel:
        assert kernel.stdout is not None
        assert kernel.stdout.readline().startswith("https://")
        try:
            yield kernel
        finally:
            if kernel.poll() is None:
                kernel.communicate("", timeout=10)


def test_a_leftover_of_ours_is_ended_and_the_tunnel_opened(fake: Any, account: Path) -> None:
    """The kernel was killed, its agent runs on and has the account's only session."""
    with another_kernel(fake) as kernel:
        kernel.kill()
        kernel.wait(10)
    (left,) = fake.running()
    tunnel = fake.tunnel()
    assert tunnel.open(8123).startswith("https://")
    assert left not in fake.running()
    tunnel.close()


def test_a_service_that_is_slow_to_notice_is_asked_again(fake: Any, account: Path) -> None:
    """ngrok counts the agent that was ended for a moment longer."""
    (account / "slow").write_text("2")
    with another_kernel(fake) as kernel:
        kernel.kill()
        kernel.wait(10)
    tunnel = fake.tunnel()
    assert tunnel.open(8123).startswith("https://")
    assert (account / "slow").read_text() == "0"
    tunnel.close()


def test_an_agent_of_our_own_that_died_may_be_counted_too(fake: Any, account: Path) -> None:
    """Opening again after the agent was killed waits for ngrok's service as well."""
    tunnel = fake.tunnel()
    tunnel.open(8123)
    (account / "slow").write_text("1")
    os.kill(fake.starts()[0]["pid"], signal.SIGKILL)
    tunnel._agent._process.wait(5)
    assert tunnel.open(8123) == tunnel.url
    tunnel.close()


def test_another_notebook_of_ours_is_named_and_left_alone(fake: Any, account: Path) -> None:
    """Its tunnel may be in use: the sentence says whose it is and how to end it there."""
    with another_kernel(fake) as kernel:
        with pytest.raises(TunnelError, match=r"Another notebook of yours on this computer has ngrok open") as caught:
            fake.tunnel().open(8123)
        assert f"process {kernel.pid}" in str(caught.value)
        assert "labkit.stop() there" in str(caught.value)
        assert caught.value.ngrok_code == "ERR_NGROK_108"
        assert len(fake.running()) == 1
    assert len(fake.starts()) == 2


def test_a_strangers_agent_is_left_alone_and_not_asked_again(fake: Any, account: Path, tmp_path: Path) -> None:
    """An agent that no lab has started is no leftover: the sentence sends its owner to the dashboard, at once."""
    config = tmp_path / "theirs.yml"
    config.write_text("version: 3\n")
    program = [str(fake.path), "start", "--none", "--log", "stdout", "--config", str(config)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as theirs:
        assert theirs.stdout is not None
        theirs.stdout.readline()
        with pytest.raises(
            TunnelError, match=r"as many agents online as its plan allows.*dashboard\.ngrok\.com/agents"
        ):
            fake.tunnel().open(8123)
        assert theirs.poll() is None
        theirs.terminate()
        theirs.wait(10)
    assert len(fake.starts()) == 2
