"""A signed callback through a tunnel that really forwards, into the callback server."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.request_validator import RequestValidator

from labkit.callbacks import CallbackServer
from labkit.settings import Secret
from labkit.stream import EventStream

TOKEN = Secret("made-up-auth-token")


@pytest.mark.timeout(30)
def test_a_callback_comes_through_the_tunnel_with_its_signature(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed for the tunnel's URL and posted there, a callback is answered by the server on 127.0.0.1."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    server = CallbackServer(EventStream(), auth_token=TOKEN)
    tunnel = fake.tunnel()
    server.start()
    try:
        server.set_public_url(tunnel.open(int(server.local_url.rsplit(":", 1)[1])))
        server.policy.answer_with("accept")
        fields = {"ReservationSid": "WR1", "TaskAttributes": "{}"}
        signature = RequestValidator(TOKEN.reveal()).compute_signature(server.assignment_url, fields)
        headers = {"X-Twilio-Signature": signature}
        answer = requests.post(server.assignment_url, data=fields, headers=headers, timeout=5)
        page = requests.get(server.public_url, timeout=5)
    finally:
        tunnel.close()
        server.stop()
    assert server.public_url != server.local_url
    assert answer.json() == {"instruction": "accept"}
    assert "callbacks arrive" in page.text
