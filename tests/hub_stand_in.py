"""JupyterHub's API, as far as a service asks it: whose a token is, and a token for the code of its OAuth."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

SCOPE = "access:services!service=room"


@dataclass
class HubStandIn:
    """What the tests hold of it.

    Attributes:
        api_url: of its API.
        people: the model that the hub has of whoever holds a token, by token.
        codes: the token that an OAuth code is good for, once.
        down: whether it answers 503 to everything.
    """

    api_url: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    down: bool = False

    def token(self, name: str, *, admin: bool = False, scopes: tuple[str, ...] = (SCOPE,), kind: str = "user") -> str:
        """A token of this person's."""
        token = f"token-of-{name}-{len(self.people)}"
        self.people[token] = {"name": name, "admin": admin, "kind": kind, "scopes": list(scopes), "groups": []}
        return token


@contextmanager
def hub_stand_in() -> Iterator[HubStandIn]:
    """A hub's API on a free loopback port, until the end of the block."""
    hub = HubStandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.api_url = f"http://127.0.0.1:{server.server_port}/hub/api"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="hub-stand-in")
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(hub: HubStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            scheme, _, token = self.headers.get("Authorization", "").partition(" ")
            model = hub.people.get(token) if scheme == "token" and self.path == "/hub/api/user" else None
            self._answer(200 if model else 403, model or {"status": 403, "message": "Forbidden"})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            token = hub.codes.pop(form["code"][0], None) if self.path == "/hub/api/oauth2/token" else None
            self._answer(200 if token else 403, {"access_token": token} if token else {"status": 403})

        def _answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(503 if hub.down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
