"""Attacks as data, each with its expected answer: over a real socket, and with every kind of wrong signature."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from labkit.callbacks import CallbackServer
from labkit.stream import EventStream, Kind

pytestmark = pytest.mark.timeout(60)
CASES = json.loads(Path(__file__).with_name("attacks.json").read_text(encoding="utf-8"))
RAW = [case for case in CASES if "raw" in case]
SIGNED = [case for case in CASES if "signed" in case]
ASSIGNMENT = "/assignment_callback"


def _sent(case: dict[str, Any], host: str) -> bytes:
    text = case["raw"] + case.get("repeat", "") * case.get("times", 0) + case.get("end", "")
    return text.replace("{host}", host).encode("latin-1")


def _answers(address: tuple[str, int], sent: bytes) -> bytes:
    """All that comes back until the server closes, or has nothing more to say to a sender who is done."""
    with socket.create_connection(address, timeout=20) as sock:
        try:
            sock.sendall(sent)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before all was sent
        received = b""
        try:
            while chunk := sock.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass  # the rest of what was sent is not read
    return received


@pytest.mark.parametrize("case", RAW, ids=lambda case: case["name"])
def test_an_attack_is_answered_and_reaches_nothing(
    server: CallbackServer, stream: EventStream, case: dict[str, Any]
) -> None:
    """The expected status, nothing that it must not hold, no callback published, and the next request is served.

    A status of null is a connection that is closed without an answer, for no whole request had come.
    """
    host = server.local_url.removeprefix("http://")
    answer = _answers(("127.0.0.1", int(host.rpartition(":")[2])), _sent(case, host))

    expected = case["status"] if isinstance(case["status"], list) else [case["status"]]
    assert (int(answer.split(None, 2)[1]) if answer else None) in expected, answer[:500]
    assert answer.count(b"HTTP/1.") == case.get("answers", 1 if answer else 0)
    assert "lacks" not in case or case["lacks"].encode() not in answer
    assert {entry.kind for entry in stream.entries()} <= {Kind.EXCHANGE}
    assert requests.get(f"{server.local_url}/healthz", timeout=20).json()["app"] == "labkit"


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: case["name"])
def test_only_what_was_signed_passes(caller: Any, tools: dict[str, Any], case: dict[str, Any]) -> None:
    """A signature holds for one URL, one form and one Auth Token, and for nothing else."""
    signed, path = case["signed"], case.get("path", ASSIGNMENT)
    fields = signed.get("fields", case.get("fields", {}))
    url = signed.get("base", tools["public"]) + signed.get("path", ASSIGNMENT)
    validator = RequestValidator(signed.get("token", tools["token"].reveal()))
    headers = {"X-Twilio-Signature": validator.compute_signature(url, fields), **case.get("headers", {})}
    if "host" in case:
        headers["Host"] = case["host"]
    content_type = case.get("type", "application/x-www-form-urlencoded")
    answer = caller.client.post(
        path, data=case.get("body", case.get("fields")), headers=headers, content_type=content_type
    )

    assert answer.status_code == case["status"], caller.server.exchanges.last.error
    published = [entry for entry in caller.stream.entries() if entry.kind is not Kind.EXCHANGE]
    assert bool(published) == (case["status"] == 200)


def test_a_replay_that_is_the_same_to_the_letter_is_a_retry(caller: Any) -> None:
    """TaskRouter signs no time, and sends a callback again whose answer was lost: the same is answered the same."""
    fields = {"ReservationSid": "WR1"}
    assert [caller.post(ASSIGNMENT, fields).status_code for _ in range(2)] == [200, 200]
