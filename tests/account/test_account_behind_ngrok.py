"""A whole lab in an account, with ngrok before it: Twilio's names, the tunnel's address, and signatures for that."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
import requests
from tunnel.agent import FAKE_NGROK, agent_of, wait_until
from twilio_stand_in import StandIn

import labkit
import labkit.lab.runtime
import labkit.tunnel
from labkit.lab.lab import Lab
from labkit.settings import Settings
from labkit.stream import Kind

pytestmark = [pytest.mark.process, pytest.mark.timeout(60)]
FOUND = "https://example.com/found"
ES = {"selected_language": "es"}
PATIENCE_SECONDS = 15


@pytest.fixture
def lab(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab that takes the account's callbacks through an agent that forwards, and accepts for the Worker."""
    monkeypatch.setattr("labkit.lab.callback_routing.choose", labkit.tunnel.choose)
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    monkeypatch.setenv("LABKIT_YES", "1")
    given = {"ngrok_authtoken": "made-up-ngrok-token", "ngrok_path": FAKE_NGROK}
    started = Lab(labkit.lab.runtime._of_lesson(Settings.resolve(mode="twilio", **given)))
    started.answer_with("accept")
    yield started
    started.stop()


def accepted(lab: Lab) -> str:
    """The SID of a Task that the account's TaskRouter called about, and that was accepted by the answer."""
    lab.taskrouter.set_activity("Alice", "Available")
    task = lab.create_task(ES)
    arrived = lab.stream.wait_for(
        lambda entry: (
            entry.kind is Kind.EVENT
            and entry.data.event_type == "reservation.accepted"
            and entry.data.task_sid == task.sid
        ),
        timeout=PATIENCE_SECONDS,
    )
    assert arrived is not None
    return task.sid


def called(workspaces: Any, lab: Lab) -> tuple[str, str]:
    """Whom the account calls, as its owner sees it."""
    workspace = workspaces(lab.workspace_sid)
    workflow = workspace.workflows(lab.workflow_sid).fetch()
    return workflow.assignment_callback_url, workspace.fetch().event_callback_url


def test_a_tasks_callback_comes_in_through_the_tunnel_with_its_signature(lab: Lab, workspaces: Any) -> None:
    """Signed for the public address, and answered; what nobody has signed is refused there, and nothing is left."""
    agent, tunnel = agent_of(lab), str(lab.tunnel.url)
    assert called(workspaces, lab) == (f"{tunnel}/assignment_callback", f"{tunnel}/event_callback")
    accepted(lab)
    exchanges = [each for each in lab.callbacks.exchanges if each.path == "/assignment_callback"]
    assert [(each.signature, each.signed_url, each.status) for each in exchanges] == [
        ("valid", f"{tunnel}/assignment_callback", 200)
    ]
    assert exchanges[0].signed_url != f"{lab.callbacks.local_url}/assignment_callback"
    forged = requests.post(f"{tunnel}/assignment_callback", {"ReservationSid": "WR1"}, timeout=10)
    assert forged.status_code == 403
    lab.stop()
    assert not psutil.pid_exists(agent) or psutil.Process(agent).status() == psutil.STATUS_ZOMBIE
    assert called(workspaces, lab) == ("", "")


def test_after_the_agent_was_killed_one_click_has_the_account_call_again(lab: Lab, workspaces: Any) -> None:
    """A real account is asked every half a minute; the tunnel's line does not wait for that."""
    lab.status()
    os.kill(agent_of(lab), signal.SIGKILL)
    lines: Callable[[], list[dict[str, Any]]] = lambda: lab.status().state["lines"]  # noqa: E731
    wait_until(
        lambda: any(line["key"] == "tunnel" and line["light"] == "red" for line in lines()), seconds=PATIENCE_SECONDS
    )
    [line] = [line for line in lines() if line["key"] == "tunnel"]
    lab._remedy(line["action"])
    assert called(workspaces, lab)[0] == f"{lab.tunnel.url}/assignment_callback"
    accepted(lab)


@pytest.mark.skipif(not hasattr(signal, "SIGUSR2"), reason="the agent hears signals")
def test_the_account_follows_another_address_and_is_given_back_what_was_found(
    twilio: StandIn, workspaces: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Who was called before the lab is called after it, although the lab has had two addresses."""
    first: Lab = request.getfixturevalue("lab")
    workspace, workflow = workspaces(first.workspace_sid), first.workflow_sid
    first.stop()
    workspace.workflows(workflow).update(assignment_callback_url=FOUND)
    second = Lab(first._settings)
    try:
        second.answer_with("accept")
        before = second.tunnel.url
        os.kill(agent_of(second), signal.SIGUSR2)
        wait_until(lambda: second.tunnel.url != before, seconds=PATIENCE_SECONDS)
        wait_until(
            lambda: called(workspaces, second)[0] == f"{second.tunnel.url}/assignment_callback",
            seconds=PATIENCE_SECONDS,
        )
        accepted(second)
    finally:
        second.stop()
    assert called(workspaces, second) == (FOUND, "")
