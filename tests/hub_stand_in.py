"""JupyterHub's API, as far as a service asks it: whose a token is, a token for the code of its OAuth, who is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from served import served

SCOPE = "access:services!service=room"
SERVICE_TOKEN = "token-of-the-service"


@dataclass
class HubStandIn:
    """What the tests hold of it.

    Attributes:
        api_url: of its API.
        people: the model that the hub has of whoever holds a token, by token.
        codes: the token that an OAuth code is good for, once.
        down: whether it answers 503 to everything.
        users: the models of `GET /users`.
        may_list: whether the service's role lets it list them.
        page: how many it gives at once.
        listed: the query of each request that asked for users.
    """

    api_url: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    down: bool = False
    users: list[dict[str, Any]] = field(default_factory=list)
    may_list: bool = True
    page: int = 200
    listed: list[dict[str, list[str]]] = field(default_factory=list)

    def token(self, name: str, *, admin: bool = False, scopes: tuple[str, ...] = (SCOPE,), kind: str = "user") -> str:
        """A token of this person's."""
        token = f"token-of-{name}-{len(self.people)}"
        self.people[token] = {"name": name, "admin": admin, "kind": kind, "scopes": list(scopes), "groups": []}
        return token

    def user(self, name: str, *, admin: bool = False, **server: Any) -> None:
        """Have this user, whose server is as said; JupyterHub has the model of a server for each who has none too."""
        model = {"name": "", "ready": False, "pending": None, "started": None, "last_activity": None, **server}
        self.users = [each for each in self.users if each["name"] != name]
        self.users.append({"kind": "user", "name": name, "admin": admin, "servers": {"": model}})

    def users_page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """A page of them, in the form of the hub's own."""
        self.listed.append(query)
        offset = int(query.get("offset", ["0"])[0])
        end = offset + self.page
        following = {"offset": end, "limit": self.page, "url": "http://127.0.0.1:9/"} if end < len(self.users) else None
        return {"items": self.users[offset:end], "_pagination": {"offset": offset, "next": following}}


@contextmanager
def hub_stand_in() -> Iterator[HubStandIn]:
    """A hub's API on a free loopback port, until the end of the block."""
    hub = HubStandIn()
    with served(ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))) as server:
        hub.api_url = f"http://127.0.0.1:{server.server_port}/hub/api"
        yield hub


def _handler(hub: HubStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            scheme, _, token = self.headers.get("Authorization", "").partition(" ")
            asked = urlsplit(self.path)
            if asked.path == "/hub/api/users" and token == SERVICE_TOKEN:
                page = hub.users_page(parse_qs(asked.query))
                self._answer(200 if hub.may_list else 403, page if hub.may_list else {"status": 403})
                return
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
