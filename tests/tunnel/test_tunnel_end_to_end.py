"""A signed callback through a tunnel that really forwards, into the callback server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from served import served
from twilio.request_validator import RequestValidator

from labkit.callbacks import CallbackServer
from labkit.settings import Secret
from labkit.stream import EventStream

pytestmark = pytest.mark.process
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


@contextmanager
def neighbour() -> Iterator[HTTPServer]:
    """Another server of this computer's, as Jupyter is one: whatever it is asked, it answers that it is one."""

    class Neighbour(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the neighbour")

        do_POST = do_CONNECT = do_GET  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    with served(HTTPServer(("127.0.0.1", 0), Neighbour)) as server:
        yield server


PATHS = [
    "/lab", "/tree", "/api/contents", "/api/kernels", "/api/terminals", "/files/.env", "/static/x", "/hub/home",
    "/proxy/{port}/lab", "/proxy/absolute/{port}/", "/proxy/127.0.0.1:{port}/", "/user/ana/proxy/{port}/lab",
    "/lab/../api", "/assignment_callback/../lab", "/assignment_callback/..%2f..%2flab", "/%2e%2e/lab", "//lab",
    "//127.0.0.1:{port}/lab", "/..;/lab", "/.%00/lab", "/%2flab", "/lab%3ftoken=x", "/%c0%ae%c0%ae/lab",
    "/@127.0.0.1:{port}/", "http://127.0.0.1:{port}/lab", "http://localhost:{port}/api",
    "/_sandbox/identity", "/v1/Workspaces",
]  # fmt: skip


@pytest.mark.timeout(60)
def test_the_tunnel_leads_to_the_callback_server_and_nowhere_else(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever path is asked for, however it is spelled, and whoever it says it comes from: our own 404."""
    monkeypatch.setenv("FAKE_NGROK_FORWARD", "1")
    server = CallbackServer(EventStream(), auth_token=TOKEN)
    tunnel = fake.tunnel()
    server.start()
    try:
        with neighbour() as other:
            server.set_public_url(tunnel.open(urlsplit(server.local_url).port or 0))
            for path in PATHS:
                for headers in ({}, {"Host": f"127.0.0.1:{other.server_port}", "X-Forwarded-Prefix": "/proxy/1"}):
                    for method in ("GET", "POST"):
                        asked = path.format(port=other.server_port)
                        status, text = ask(server.public_url, method, asked, headers)
                        assert (status, "Nothing is served at" in text) == (404, True), (method, asked, status, text)
            status, text = ask(server.public_url, "GET", "/healthz", {})
    finally:
        tunnel.close()
        server.stop()
    assert (status, "neighbour" in text) == (200, False)


def ask(address: str, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Send the path as it is written, which a client for people would put straight."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in {**headers, "Content-Length": "0"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
