"""A callback URL for tests: a small server that writes down what it is sent and answers what it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """What to answer. `hold` keeps the answer back until the target is released."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    hold: bool = False
    chunks: tuple[bytes, ...] = ()
    """The body in pieces, each sent by itself, in place of `body`."""


@dataclass(frozen=True)
class Received:
    """A request as it came: the path with its query, the decoded form, and the headers."""

    path: str
    form: dict[str, str]
    headers: Mapping[str, str]


class Target:
    """The server. `answers` maps a path to an Answer, or to a list of them to be given one after the other.

    `guards` maps a path to what a request without an Authorization header is answered.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.guards: dict[str, Answer] = {}
        self.received: list[Received] = []
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="labkit-test-target", daemon=True
        )
        self._thread.start()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def release(self) -> None:
        """Let go of every answer that is held back."""
        self._released.set()

    def close(self) -> None:
        """End the server."""
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE_SECONDS)

    def of(self, path: str) -> list[Received]:
        """The requests to one path, oldest first."""
        with self._changed:
            return [r for r in self.received if r.path.split("?")[0] == path]

    def wait_for(self, path: str, count: int = 1) -> list[Received]:
        """The requests to a path, once there are so many."""
        return self._wait(lambda: found if len(found := self.of(path)) >= count else None, f"{count} x {path}")

    def events(self, event_type: str | None = None) -> list[dict[str, str]]:
        """The forms that carry an EventType, oldest first."""
        with self._changed:
            forms = [r.form for r in self.received if "EventType" in r.form]
        return [form for form in forms if event_type in (None, form["EventType"])]

    def _wait(self, look: Callable[[], Any], what: str) -> Any:
        with self._changed:
            found = self._changed.wait_for(look, PATIENCE_SECONDS)
        assert found, f"waited in vain for {what}; received {[r.path for r in self.received]}"
        return found

    def _answer_to(self, received: Received) -> Answer:
        with self._changed:
            self.received.append(received)
            self._changed.notify_all()
            path = received.path.split("?")[0]
            if path in self.guards and "Authorization" not in received.headers:
                return self.guards[path]
            answers = self.answers.get(path, Answer())
            answer = answers.pop(0) if isinstance(answers, list) else answers
        if answer.hold:
            self._released.wait(PATIENCE_SECONDS)
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, target: Target) -> None:
        self.target = target
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: Any) -> None:
        """A caller that has hung up is part of some tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE_SECONDS
    server: _Server

    def do_POST(self) -> None:
        """Write the request down and answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)))
        answer = self.server.target._answer_to(Received(self.path, form, dict(self.headers)))
        pieces = answer.chunks or (answer.body,)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(sum(map(len, pieces))))
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_POST  # noqa: N815  # the name that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""
