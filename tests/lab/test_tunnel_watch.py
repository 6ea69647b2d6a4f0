"""A tunnel that is lost, or leads somewhere else: the status says it by itself, and TaskRouter follows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tunnel.agent import FAKE_NGROK, agent_of, wait_until

import labkit
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab
from labkit.lab.tunnel_watch import ENDED, REST_LOOKS, TunnelWatch
from labkit.stream import Kind
from labkit.tunnel.process_identity import start_of

pytestmark = [pytest.mark.process, pytest.mark.timeout(60)]
PATIENCE_SECONDS = 10
SIGNALS = pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="the agent hears signals")


@pytest.fixture
def lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab behind an agent that forwards, with its status shown."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    with labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK) as started:
        started.status()
        yield started


def shown(lab: Lab, key: str = "tunnel") -> dict[str, Any]:
    """The line that the status panel has now."""
    lines: list[dict[str, Any]] = lab.status().state["lines"]
    return next(line for line in lines if line["key"] == key)


def said(lab: Lab) -> list[str]:
    notices: Any = [entry.data for entry in lab.stream.entries(kind=Kind.NOTICE)]
    return [notice["text"] for notice in notices]


def a_callback_comes_in(lab: Lab) -> bool:
    task = lab.create_task({"selected_language": "es"})
    return bool(
        lab.stream.wait_for(
            lambda entry: entry.kind is Kind.EVENT and entry.data.task_sid == task.sid, timeout=PATIENCE_SECONDS
        )
    )


def test_a_killed_agent_turns_the_status_red_and_one_click_reopens(lab: Lab) -> None:
    """Nobody has asked; the Workflow has the new address after the click, and a callback comes in by it."""
    first = lab.tunnel.url
    os.kill(agent_of(lab), signal.SIGKILL)
    began = time.monotonic()
    wait_until(lambda: shown(lab)["light"] == "red")
    assert time.monotonic() - began < 5
    wait_until(lambda: ENDED in said(lab))
    assert shown(lab)["remedy"] == "Open it again"
    lab._remedy(shown(lab)["action"])
    assert shown(lab)["light"] == "green"
    assert lab.tunnel.url not in (None, first)
    assert lab.callback_urls() == (lab.callbacks.assignment_url, lab.callbacks.event_url)
    assert lab.callback_urls()[0].startswith(str(lab.tunnel.url))
    assert a_callback_comes_in(lab)


@SIGNALS
def test_another_address_after_a_reconnection_is_followed(lab: Lab) -> None:
    """The line is cut: amber, with the reason. It is back, elsewhere: the Workflow calls there, and the lab says so."""
    first = lab.tunnel.url
    os.kill(agent_of(lab), signal.SIGUSR1)
    wait_until(lambda: shown(lab)["light"] == "amber")
    assert "lost the connection" in shown(lab)["detail"]
    os.kill(agent_of(lab), signal.SIGUSR2)
    wait_until(lambda: lab.tunnel.url != first and shown(lab)["light"] == "green")
    wait_until(lambda: any(f"The tunnel has another address, {lab.tunnel.url}" in text for text in said(lab)))
    assert lab.callback_urls() == (f"{lab.tunnel.url}/assignment_callback", f"{lab.tunnel.url}/event_callback")
    wait_until(lambda: shown(lab, "workflow")["light"] == "green")  # drawn by whoever looks next
    assert a_callback_comes_in(lab)


@SIGNALS
def test_callbacks_that_are_another_notebooks_are_left_there(lab: Lab) -> None:
    """Following the tunnel is no reason to take them."""
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(assignment_callback_url="http://127.0.0.1:9/elsewhere")
    first = lab.tunnel.url
    os.kill(agent_of(lab), signal.SIGUSR2)
    wait_until(lambda: lab.callbacks.public_url != first)
    assert lab.callback_urls()[0] == "http://127.0.0.1:9/elsewhere"


@SIGNALS
def test_opening_again_begins_with_another_agent(lab: Lab) -> None:
    """The click on the amber line does not wait for the agent that has lost its service."""
    first = agent_of(lab)
    os.kill(first, signal.SIGUSR1)
    wait_until(lambda: shown(lab)["light"] == "amber")
    lab._remedy(shown(lab)["action"])
    assert agent_of(lab) != first
    assert shown(lab)["light"] == "green"
    assert ENDED not in said(lab)
    assert a_callback_comes_in(lab)


def test_what_ngroks_service_turns_away_is_told_with_its_reason(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent is connected and knows nothing of it: the month's requests are used up, and callbacks never come."""
    spent = tmp_path / "spent"
    spent.write_text("ERR_NGROK_727")
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    monkeypatch.setenv("FAKE_NGROK_SPENT", str(spent))
    with labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK) as lab:
        lab.status()
        wait_until(lambda: shown(lab)["light"] == "amber")
        assert "used up what its plan lets through in a month (ERR_NGROK_727)" in shown(lab)["detail"]
        assert shown(lab)["detail"] in said(lab)
        assert "(ERR_NGROK_727)" in lab._remedy(shown(lab)["action"])
        assert shown(lab)["light"] == "amber"
        spent.unlink()
        assert "Reached from outside" in lab._remedy(shown(lab)["action"])
        assert shown(lab)["light"] == "green"
        assert a_callback_comes_in(lab)


def test_a_taskrouter_that_cannot_be_told_is_told_later() -> None:
    """A real account counts requests: after a failure some looks pass, and then it is tried again."""
    tried: list[str] = []

    def follow_tunnel() -> bool:
        tried.append("now")
        if len(tried) == 1:
            raise TaskRouterError("no answer")
        return len(tried) == 2

    told: list[str] = []
    tunnel = SimpleNamespace(name="ngrok", url="https://new.example.com", trouble="", look=lambda: None)
    routing: Any = SimpleNamespace(tunnel=tunnel, follow_tunnel=follow_tunnel, check_new_address=lambda: None)
    watch = TunnelWatch(routing, show_status=lambda: False, tell=told.append)
    for _ in range(REST_LOOKS):
        watch.look()
    assert (len(tried), told) == (1, [])
    watch.look()
    assert len(tried) == 2
    assert "https://new.example.com" in told[0]


KERNEL = """
import sys
import labkit
from labkit.tunnel import ngrok_agent
ngrok_agent.ENVIRONMENT += ("FAKE_NGROK_[A-Z]+",)
lab = labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=sys.argv[1])
print(lab.tunnel._agent._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the account looks into /proc")
def test_after_a_kernel_was_killed_the_next_lab_has_the_tunnel(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its agent had the account's only session: it is ended, another opened, and the Workflow calls that one."""
    account = tmp_path / "account"
    account.mkdir()
    # Or a lab of another test, which runs at the same moment, would end it.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("FAKE_NGROK_ACCOUNT", str(account))
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", KERNEL, str(FAKE_NGROK)], **pipes) as kernel:
        assert kernel.stdout is not None
        left = int(kernel.stdout.readline())
        kernel.kill()
    assert start_of(left)
    with labkit.start(tunnel="ngrok", ngrok_authtoken="made-up-ngrok-token", ngrok_path=FAKE_NGROK) as lab:
        assert start_of(left) is None
        assert lab.callback_urls()[0] == f"{lab.tunnel.url}/assignment_callback"
        assert a_callback_comes_in(lab)


def test_a_loopback_is_not_watched(home: Path) -> None:
    """It cannot be lost, so no thread looks at it."""
    with labkit.start():
        assert not [thread for thread in threading.enumerate() if thread.name == "labkit-tunnel-watch"]
