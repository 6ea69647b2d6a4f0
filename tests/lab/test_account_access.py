"""How a lab signs in to an account: with the Auth Token or an API key, and in which Region. Over TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox
from twilio_stand_in import StandIn, twilio_stand_in

import labkit
from labkit import credentials
from labkit.errors import CredentialsError, LabError
from labkit.lab import runtime
from labkit.sandbox.clock import Clock
from labkit.settings import Secret, Settings
from labkit.stream import Kind
from labkit.taskrouter.client import account_of, connect
from labkit.tunnel.loopback import Loopback

SECONDS = 20


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    with local_sandbox(clock=Clock()) as sandbox:
        yield sandbox


@pytest.fixture
def twilio(sandbox: LocalSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_here(monkeypatch)
        monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
        for name in credentials.VARIABLES[1:]:
            monkeypatch.delenv(name, raising=False)
        yield stand_in
        labkit.stop()


@pytest.fixture
def api_key(twilio: StandIn, sandbox: LocalSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    made = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), base_url=sandbox.url).request(
        "POST", "https://taskrouter.twilio.com/_sandbox/keys"
    )
    key = json.loads(made.text)
    monkeypatch.setenv("TWILIO_API_KEY_SID", key["sid"])
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", key["secret"])


@pytest.mark.usefixtures("api_key")
def test_a_key_alone_works_by_rest_and_leaves_the_callbacks() -> None:
    """They are signed with a token that is not here, so what comes in could be anybody's."""
    client = connect(**account_of(Settings.resolve(mode="twilio")))
    lab = labkit.start(mode="twilio", yes=True)
    task = lab.create_task({"selected_language": "es"})
    lab._routing.catch_up()
    told = (Kind.EVENT, "task.created", task.sid)
    assert lab.stream.wait_for(
        lambda each: each.kind is Kind.EVENT and (each.kind, each.data.event_type, each.data.task_sid) == told,
        timeout=SECONDS,
    ), "TaskRouter's log tells what no callback does"
    assert (lab.callback_urls(), lab.tunnel.url) == (("", ""), None)
    tunnel = next(line for line in lab._status_lines() if line["key"] == "tunnel")
    assert (tunnel["light"], tunnel["action"]) == ("amber", None)
    assert tunnel["detail"].endswith("Add TWILIO_AUTH_TOKEN to have them come here.")
    for refused in (lambda: lab.answer_with("accept"), lab.take_callbacks):
        with pytest.raises(LabError, match="Twilio signs callbacks with the Auth Token"):
            refused()
    assert client.account_sid == ACCOUNT


@pytest.mark.usefixtures("api_key")
def test_credentials_that_are_rotated_are_asked_for_by_the_same_cell(
    twilio: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status says so in the meantime."""
    shown: list[Any] = []
    monkeypatch.setattr(runtime, "in_notebook", lambda: True)
    monkeypatch.setattr(runtime, "can_ask_notebook", lambda: True)
    monkeypatch.setattr(runtime, "_display", shown.append)
    first = labkit.start(mode="twilio", yes=True, panel=False)
    twilio.plant(401, 20003, "Authenticate")
    account = next(line for line in first._status_lines() if line["key"] == "account")
    assert account["light"] == "red"
    assert account["detail"].startswith("Twilio does not take the API key SK…")
    assert account["detail"].endswith("run the cell with labkit.start() again: it asks for them.")
    with pytest.raises(CredentialsError, match="Fill in the form above"):
        labkit.start(mode="twilio", yes=True, panel=False)

    twilio.forget_planted()
    monkeypatch.setattr("labkit.lab.callback_routing.choose", lambda _settings: Loopback())
    [form] = shown
    form._handlers()["use"]({"values": {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}})
    second = labkit.start(mode="twilio", yes=True, panel=False)
    assert (first.stopped, second.callbacks.public_url in second.callback_urls()[0]) == (True, True)
    form.close()
    credentials.forget()


def test_a_region_is_asked_by_its_own_host(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    client = connect(**account_of(Settings.resolve(mode="twilio", region="ie1")))
    client.taskrouter.v1.workspaces.list()
    connect(**account_of(Settings.resolve(mode="twilio"))).taskrouter.v1.workspaces.list()
    assert [each.host for each in twilio.asked] == ["taskrouter.dublin.ie1.twilio.com", "taskrouter.twilio.com"]


def test_without_a_token_or_a_key_there_is_no_client() -> None:
    with pytest.raises(LabError, match="neither an Auth Token nor an API key"):
        connect(account_sid=ACCOUNT)
