"""Twilio's own host names, on this computer: the official SDK speaks TLS to them, and a sandbox answers.

Nothing in the code under test is replaced. It is given what any computer in a company has: a proxy, and the
certificate of the authority that vouches for it (`environ`). So a kernel, a terminal's command and a thread all get
here by the way that they would take to Twilio.

What TaskRouter says comes from a sandbox; what the account's API says (`api.twilio.com`) from `StandIn.account`; and a
test may plant any other answer.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from sandbox.local import ACCOUNT, TOKEN
from served import served

HOSTS = ("taskrouter.twilio.com", "api.twilio.com", "status.twilio.com", "taskrouter.ie1.twilio.com",
         "taskrouter.dublin.ie1.twilio.com", "api.ie1.twilio.com", "api.dublin.ie1.twilio.com")  # fmt: skip
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """An answer in place of the sandbox's.

    Attributes:
        status: of HTTP.
        body: what it says, as JSON.
        headers: besides the usual ones.
        times: how often it is given; None for always.
        path: a regular expression that the path must fit.
        method: which the request must have; empty for any.
    """

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None
    path: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that came in over TLS, and what was answered."""

    host: str
    method: str
    path: str
    status: int
    said: bytes = field(default=b"", repr=False)


class StandIn:
    """What the tests hold of it.

    Attributes:
        proxy_url: of the proxy that leads there.
        ca_file: the authority's certificate, as a PEM file.
        account: what `api.twilio.com` says of the account; change it at will.
        asked: every request that came in, with its host.
        offline: whether no host can be reached, as without an internet connection.
        proxy_password: whether the proxy wants one, and has got none.
        expired: whether the certificates of hosts that are asked for the first time are no longer valid.
        before_passing_on, before_answering: called with method and path of each request to TaskRouter: before it is
            there, and when it is done there and the answer is not yet on its way.
        led: from another host's name to the port of 127.0.0.1 that serves it, as a tunnel or a proxy would lead there.
    """

    def __init__(self, taskrouter_url: str, *, ca_file: Path) -> None:
        self.proxy_url = ""
        self.ca_file = ca_file
        self.account: dict[str, Any] = {
            "sid": ACCOUNT,
            "friendly_name": "Ana's",
            "status": "active",
            "type": "Full",
        }
        self.asked: list[Asked] = []
        self.offline = False
        self.before_passing_on: Callable[[str, str], object] = lambda _method, _path: None
        self.before_answering: Callable[[str, str], object] = lambda _method, _path: None
        self.led: dict[str, int] = {}
        self.proxy_password = False
        self.expired = False
        self.taskrouter = urlsplit(taskrouter_url)
        self._planted: list[Planted] = []
        self._counts: dict[int, int] = {}
        self._lock = threading.Lock()

    @property
    def environ(self) -> dict[str, str]:
        """What leads a process here: the proxy, and whom to trust."""
        return {
            "HTTPS_PROXY": self.proxy_url,
            "https_proxy": self.proxy_url,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
            "SSL_CERT_FILE": str(self.ca_file),
        }

    @property
    def owner_environ(self) -> dict[str, str]:
        """What the account's owner has: the way here, and the credentials."""
        return {**self.environ, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}

    def lead_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have this process, and those that it starts, get here."""
        _set(monkeypatch, self.environ)

    def lead_owner_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same, as the account's owner."""
        _set(monkeypatch, self.owner_environ)

    def plant(self, status: int, code: int | None = None, message: str = "", **options: Any) -> None:
        """Answer with this from now on, with Twilio's error `code` where it is given; options as for `Planted`."""
        said = {"code": code, "message": message, "status": status, "more_info": "https://www.twilio.com/docs/errors"}
        body = options.pop("body", said)
        self._planted.append(Planted(status=status, body=body, **options))

    def forget_planted(self) -> None:
        """Take all that was planted away."""
        self._planted.clear()
        self._counts.clear()

    def planted_for(self, method: str, path: str) -> Planted | None:
        """What was planted for this request, counted."""
        with self._lock:
            for number, each in enumerate(self._planted):
                fits = re.search(each.path, path) and each.method in ("", method)
                if fits and (each.times is None or self._counts.get(number, 0) < each.times):
                    self._counts[number] = self._counts.get(number, 0) + 1
                    return each
        return None

    def paths(self, *methods: str) -> list[str]:
        """The paths of the requests that came in by these methods, such as `POST`; without any, of all."""
        return [each.path for each in self.asked if not methods or each.method in methods]


@contextmanager
def twilio_stand_in(taskrouter_url: str, folder: Path) -> Iterator[StandIn]:
    """Twilio's host names until the end of the block, answered by the sandbox at this address.

    Args:
        taskrouter_url: a sandbox's, whose account and tokens are the account's then.
        folder: where the authority's certificate is written.
    """
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    stand_in = StandIn(taskrouter_url, ca_file=ca_file)
    server = _Proxy(("127.0.0.1", 0), _Connect)
    server.stand_in, server.authority, server.contexts = stand_in, authority, {}
    stand_in.proxy_url = f"http://127.0.0.1:{server.server_port}"
    with served(server):
        yield stand_in


def _set(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    stand_in: StandIn
    authority: trustme.CA
    contexts: dict[str, ssl.SSLContext]

    def context_for(self, host: str) -> ssl.SSLContext:
        if host not in self.contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            end = datetime.now(UTC) - timedelta(days=1) if self.stand_in.expired else None
            self.authority.issue_cert(host, not_after=end).configure_cert(context)
            self.contexts[host] = context
        return self.contexts[host]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news."""


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


class _Connect(_Quiet):
    """The proxy: takes CONNECT, and is the host itself from there on."""

    server: _Proxy

    def do_CONNECT(self) -> None:
        host, stand_in = self.path.rpartition(":")[0], self.server.stand_in
        if stand_in.proxy_password:
            self.send_error(407)
            return
        if stand_in.offline or (host not in HOSTS and host not in stand_in.led):
            self.send_error(502, "no such host")
            return
        self.send_response_only(200)
        self.end_headers()
        with suppress(OSError), self.server.context_for(host).wrap_socket(self.connection, server_side=True) as inner:
            _Host(inner, self.client_address, self.server, host)
        self.close_connection = True


class _Host(_Quiet):
    """One of the host names, over TLS."""

    def __init__(self, connection: ssl.SSLSocket, address: Any, server: _Proxy, host: str) -> None:
        self.host = host
        super().__init__(connection, address, server)

    def _serve(self) -> None:
        assert isinstance(self.server, _Proxy)
        stand_in = self.server.stand_in
        if stand_in.offline:  # connections that are open break as well
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        planted = stand_in.planted_for(self.command, self.path) if self.host in HOSTS else None
        if planted is not None:
            status, headers, said = planted.status, planted.headers, json.dumps(planted.body).encode()
        elif self.host.startswith("api."):
            status, headers, said = self._account(stand_in)
        elif self.host in HOSTS:
            stand_in.before_passing_on(self.command, self.path)
            status, headers, said = self._passed_on(stand_in.taskrouter.port or 0, body, host="")
            stand_in.before_answering(self.command, self.path)
        else:
            status, headers, said = self._passed_on(stand_in.led[self.host], body, host=self.host)
        stand_in.asked.append(Asked(host=self.host, method=self.command, path=self.path, status=status, said=said))
        self._answer(status, headers, said)

    do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = do_OPTIONS = _serve  # noqa: N815 - the base class looks for these names

    def _account(self, stand_in: StandIn) -> tuple[int, Mapping[str, str], bytes]:
        """`GET /2010-04-01/Accounts/AC….json`, for whoever the sandbox believes."""
        status, _, said = self._passed_on(stand_in.taskrouter.port or 0, b"", host="", path="/v1/Workspaces?PageSize=1")
        if status == 401:
            return status, {}, said
        sid = urlsplit(self.path).path.rpartition("/")[2].removesuffix(".json")
        if sid != stand_in.account["sid"]:
            return 404, {}, json.dumps({"code": 20404, "message": "not found", "status": 404}).encode()
        return 200, {"Content-Type": "application/json"}, json.dumps(stand_in.account).encode()

    def _passed_on(
        self, port: int, body: bytes, *, host: str, path: str | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        given = {name: value for name, value in self.headers.items() if name.lower() not in {*_HOP_BY_HOP, "host"}}
        own = {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "https"} if host else {}
        connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        try:
            method = "GET" if path else self.command
            connection.request(method, path or self.path, body or None, {**given, **own})
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
            return answer.status, kept, answer.read()
        except OSError:
            return 502, {}, b""
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], said: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else said)
