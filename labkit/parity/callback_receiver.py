"""Callback URLs for scenarios: a small server that answers as it is told and writes down what it was sent.

It listens on 127.0.0.1 alone. Where an account shall reach it, a public address leads to its port, so whoever finds
that address gets here: only paths with a name that nobody can guess are answered, bodies are bounded, nothing of a
request is ever run, called or shown as anything but text.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from labkit.errors import LabError

HOST = "127.0.0.1"
_MOST_BYTES = 64 * 1024
_MOST_KEPT = 500
_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAnswer:
    """What a callback URL answers.

    Attributes:
        status: of HTTP.
        body: as bytes.
        headers: besides the length.
        after_seconds: how long it takes, in real time.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    after_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedCallback:
    """One request: which URL it was for, the form, how it proved who it is, and its signature."""

    name: str
    form: Mapping[str, str]
    authorization: str
    signature: str
    url: str


class CallbackReceiver:
    """The server.

    Args:
        port: of 127.0.0.1; 0 takes a free one.
        public_url: what leads there from outside, if anything does.

    Attributes:
        port: where it listens.
    """

    def __init__(self, *, port: int = 0, public_url: str | None = None) -> None:
        self._server = _ReceiverServer((HOST, port), _ReceiverHandler)
        self._server.receiver = self
        self.port = self._server.server_port
        self._base = (public_url or f"http://{HOST}:{self.port}").rstrip("/")
        self._unguessable = secrets.token_urlsafe(16)
        self._answers: dict[str, list[PlannedAnswer]] = {}
        self._received: list[ReceivedCallback] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="labkit-parity-callbacks",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Listen no more; no thread and no socket is left."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_SECONDS)

    @property
    def hidden(self) -> Mapping[str, str]:
        """What stands for its address in a record."""
        bare = urlsplit(self._base).netloc
        return {
            f"{self._base}/{self._unguessable}": "{callbacks}",
            self._unguessable: "{unguessable}",
            bare: "{callback host}",
        }

    def url(self, name: str, *, user_info: str = "") -> str:
        """The callback URL of this name; `user_info` is a user and a password with a colon in between."""
        base = self._base.replace("://", f"://{user_info}@", 1) if user_info else self._base
        return f"{base}/{self._unguessable}/{name}"

    def closed_port_url(self) -> str:
        """A URL of the same host at which nobody listens."""
        return f"http://{urlsplit(self._base).hostname}:9/"

    def answer(self, name: str, *answers: PlannedAnswer) -> None:
        """Answer requests to this URL so, one after the other, and with the last of them for ever."""
        with self._changed:
            self._answers[name] = list(answers)

    def received(self, name: str) -> list[ReceivedCallback]:
        """What came to this URL, the oldest first."""
        with self._changed:
            return [each for each in self._received if each.name == name]

    def wait_for(self, name: str, count: int, *, limit: float) -> list[ReceivedCallback]:
        """What came to this URL, once it is so many or so many seconds are over."""
        with self._changed:
            self._changed.wait_for(lambda: sum(each.name == name for each in self._received) >= count, limit)
        return self.received(name)

    def take(self, path: str, body: bytes, headers: Any) -> PlannedAnswer | None:
        """The answer to a request; None for one that is no callback of ours."""
        _, _, rest = path.partition(f"/{self._unguessable}/")
        name = rest.partition("?")[0]
        if not name:
            return None
        scheme = str(headers.get("Authorization", "")).partition(" ")[0]
        callback = ReceivedCallback(
            name=name,
            form=dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)),
            authorization=scheme,
            signature=str(headers.get("X-Twilio-Signature", "")),
            url=f"{self._base}{path}",
        )
        with self._changed:
            self._received = [*self._received, callback][-_MOST_KEPT:]
            planned = self._answers.get(name) or [PlannedAnswer()]
            found = planned.pop(0) if len(planned) > 1 else planned[0]
            self._changed.notify_all()
        return found


class _ReceiverServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    receiver: CallbackReceiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who goes away in the middle is no news."""


class _ReceiverHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def do_POST(self) -> None:
        server = self.server
        if not isinstance(server, _ReceiverServer):
            raise TypeError("another server's handler")
        length = _length(self.headers.get_all("Content-Length", []))
        self.close_connection = True
        planned = server.receiver.take(self.path, self.rfile.read(length), self.headers) if length is not None else None
        if planned is None:
            planned = PlannedAnswer(status=404, body=b"", headers={})
        if planned.after_seconds:
            time.sleep(planned.after_seconds)
        self.send_response_only(planned.status)
        for name, value in planned.headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        if planned.status != 204:
            self.send_header("Content-Length", str(len(planned.body)))
        self.end_headers()
        if planned.status != 204:
            self.wfile.write(planned.body)


def _length(given: Sequence[str]) -> int | None:
    """How long the body is; None where it does not say, or is longer than any callback."""
    if len(given) != 1 or not given[0].isdecimal():
        return None
    return int(given[0]) if int(given[0]) <= _MOST_BYTES else None


def free_port(wish: int = 0) -> int:
    """A port of 127.0.0.1 at which nobody listens now: the one that is wished for, or any.

    Raises:
        LabError: there is none.
    """
    try:
        with socket.create_server((HOST, wish)) as taken:
            return int(taken.getsockname()[1])
    except OSError as error:
        raise LabError(
            f"Callbacks cannot come in at port {wish} of this computer: {error.strerror or error}. "
            "End what listens there, or give another --port."
        ) from None
