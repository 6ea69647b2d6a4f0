"""A lab at an address of one's own: checked when it starts, told to TaskRouter, and shown with what the check found."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sandbox.local import TOKEN, local_sandbox
from twilio.request_validator import RequestValidator
from twilio_stand_in import StandIn, twilio_stand_in

import labkit
from labkit.errors import LabError, TunnelError
from labkit.lab.lab import Lab
from labkit.sandbox.clock import Clock
from labkit.stream import Kind

PATIENCE_SECONDS = 10
HOST = "lab.example.com"


@pytest.fixture
def port() -> int:
    """One that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def twilio(own_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """An account whose owner has said yes, and a world outside in which addresses can lead here."""
    monkeypatch.setenv("LABKIT_YES", "1")
    with local_sandbox(clock=Clock()) as sandbox, twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_owner_here(monkeypatch)
        yield stand_in
        labkit.stop()


def _line(lab: Lab) -> dict[str, Any]:
    return {**next(line for line in lab._status_lines() if line["key"] == "tunnel")}


@pytest.mark.parametrize("path", ["", "/labs/ana"])
def test_an_account_calls_the_address(
    twilio: StandIn, port: int, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is checked over TLS, TaskRouter is told of it, and a signed callback comes in through it."""
    twilio.led[HOST] = port
    url = f"https://{HOST}{path}"
    lab = labkit.start(mode="twilio", public_url=url, port=port)
    reached = f"Reached from outside: a request to {url} came in here"
    assert reached in capsys.readouterr().out
    line = _line(lab)
    assert (line["light"], line["value"]) == ("green", f"public URL: {url} → port {port}")
    assert line["detail"].startswith(reached)
    assert lab.callback_urls() == (f"{url}/assignment_callback", f"{url}/event_callback")

    form = {"ReservationSid": "WR" + "1" * 32, "TaskSid": "WT" + "1" * 32}
    signature = RequestValidator(TOKEN).compute_signature(f"{url}/assignment_callback", form)
    answer = requests.post(
        f"{url}/assignment_callback", data=form, headers={"X-Twilio-Signature": signature}, timeout=PATIENCE_SECONDS
    )
    assert (answer.status_code, lab.callbacks.exchanges.last.signature) == (200, "valid")  # type: ignore[union-attr]


def test_an_address_that_leads_elsewhere_is_told_and_looked_at_again(twilio: StandIn, port: int) -> None:
    """The lab starts, the line is red and says what answers there; "Check again" finds it mended."""
    twilio.led[HOST] = 9
    lab = labkit.start(mode="twilio", public_url=f"https://{HOST}", port=port)
    line = _line(lab)
    assert (line["light"], line["remedy"]) == ("red", "Check again")
    assert "finds nothing behind it" in line["detail"]
    twilio.led[HOST] = port
    assert lab._remedy(line["action"]).startswith("Reached from outside")
    assert _line(lab)["light"] == "green"


def test_an_address_that_cannot_be_asked_from_here_is_amber(twilio: StandIn, port: int) -> None:
    """Nobody is told that it does not work when that is not known."""
    lab = labkit.start(mode="twilio", public_url="https://unknown.example.com", port=port)
    line = _line(lab)
    assert line["light"] == "amber"
    assert "cannot be told from here" in line["detail"]


@pytest.mark.process
def test_the_sandbox_calls_an_address_of_this_computer(home: Path, port: int) -> None:
    """So a proxy can be tried before there is an account."""
    lab = labkit.start(public_url=f"http://localhost:{port}", port=port)
    assert _line(lab)["light"] == "green"
    task = lab.create_task({"selected_language": "es"})
    arrived = lab.stream.wait_for(
        lambda entry: entry.kind is Kind.EVENT and entry.data.task_sid == task.sid, timeout=PATIENCE_SECONDS
    )
    assert arrived is not None
    assert {each.signature for each in lab.callbacks.exchanges if each.path == "/event_callback"} == {"valid"}


@pytest.mark.process
def test_a_port_that_somebody_else_has_is_refused(home: Path) -> None:
    """The address leads to it, and to nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LabError, match=f"leads to port {port} of this computer, which another program has"):
            labkit.start(public_url=f"http://localhost:{port}", port=port)


def test_a_tunnel_that_does_not_open_on_binder_is_explained(
    twilio: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """ngrok's own sentence, and what Binder lets through."""
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    with pytest.raises(TunnelError) as caught:
        labkit.start(mode="twilio", ngrok_path=tmp_path / "none", ngrok_authtoken="made-up")
    assert "There is no ngrok program" in str(caught.value)
    assert "You are on Binder" in str(caught.value)
