#!/usr/bin/env python3
"""An ngrok agent without ngrok: speaks the local API of agent 3 (endpoints), as far as pyngrok 9 uses it.

Run as `ngrok start --none --log stdout --config FILE`. What it does is set by the environment:

FAKE_NGROK_MODE     ok (default)    opens endpoints
                    refused         does not like the authtoken, and repeats it (ERR_NGROK_105)
                    already-online  starts, but opens no endpoint (ERR_NGROK_334)
                    not-yours       starts, but the domain is reserved for another account (ERR_NGROK_320)
                    silent          runs and says nothing
                    offline         runs, and cannot reach its service, whose name nobody knows
                    dies            ends at once without a word
FAKE_NGROK_ACCOUNT  the folder of an account that allows one agent; another is refused (ERR_NGROK_108). If it has
                    a file `slow`, with a number, so many more are refused after the first has gone
FAKE_NGROK_FORWARD  if set, each endpoint really forwards: its URL is http://127.0.0.1:<port>, where requests are
                    passed on to the upstream as ngrok would, with the public host and X-Forwarded-* headers
FAKE_NGROK_SPENT    a file with a code: while it is there, what comes in is turned away with that, and not forwarded
FAKE_NGROK_RECORD   a file to which each start adds one line of JSON: pid, argv, config (its text), config_mode, and
                    proxy, which the environment has for HTTPS

SIGUSR1 has it lose its service, and SIGUSR2 come back, with another URL for each endpoint that asked for none.

It ends by itself after FAKE_NGROK_SECONDS (default 120), so that a broken test leaves nothing behind.
Only the standard library is used.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REFUSALS = {
    "already-online": "The endpoint '{url}' is already online.\n\nERR_NGROK_334",
    "not-yours": "This domain is reserved for another account.\nFailed to create '{url}'.\n\nERR_NGROK_320",
}
"""What an endpoint is refused with."""
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length"}


class Quiet(BaseHTTPRequestHandler):
    """A handler that keeps connections open and logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else headers and body in two writes cost 40 ms a request

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)


class Endpoints:
    """The endpoints that are open, and how they are opened."""

    def __init__(self, *, refusal: str = "", forward: bool = False) -> None:
        self.open: dict[str, dict[str, Any]] = {}
        self._refusal = refusal
        self._wanted: dict[str, str | None] = {}
        self._returns = 0
        self._forward = forward

    def create(self, wanted: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        name, upstream = wanted["name"], wanted["upstream"]["url"]
        url = wanted.get("url") or f"https://{name}.ngrok-free.app"
        if self._refusal:
            why = f"failed to start endpoint: {self._refusal.format(url=url)}\n"
            return 502, {
                "error_code": 103,
                "status_code": 502,
                "msg": "failed to start endpoint",
                "details": {"err": why},
            }
        if self._forward:
            url = forwarder(upstream)
        self.open[name] = {"name": name, "uri": f"/api/endpoints/{name}", "url": url, "upstream": {"url": upstream}}
        self._wanted[name] = wanted.get("url")
        return 201, self.open[name]

    def come_back(self) -> None:
        """The service gives each endpoint its address anew, and the domain that it asked for to those that did."""
        self._returns += 1
        for name, endpoint in self.open.items():
            if self._forward:
                endpoint["url"] = forwarder(endpoint["upstream"]["url"])
            elif not self._wanted[name]:
                endpoint["url"] = f"https://{name}-{self._returns}.ngrok-free.app"


def agent_api(endpoints: Endpoints) -> type[Quiet]:
    """The agent's local API over these endpoints."""

    class Api(Quiet):
        def do_GET(self) -> None:
            self.reply(200, {"endpoints": list(endpoints.open.values()), "uri": "/api/endpoints"})

        def do_POST(self) -> None:
            self.reply(*endpoints.create(json.loads(self.body())))

        def do_DELETE(self) -> None:
            endpoints.open.pop(self.path.rsplit("/", 1)[-1], None)
            self.answer(204)

        def reply(self, status: int, body: object) -> None:
            self.answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    return Api


def forwarder(upstream: str) -> str:
    """Start passing requests on to `upstream`; returns the address to send them to."""
    target = urlsplit(upstream)

    class Forward(Quiet):
        def forward(self) -> None:
            spent = Path(os.environ.get("FAKE_NGROK_SPENT", "/nowhere"))
            if spent.exists():
                self.body()
                self.answer(429, b"<html>", {"Content-Type": "text/html", "Ngrok-Error-Code": spent.read_text()})
                return
            # Like ngrok: the Host header stays the public one, and the hop before is told in X-Forwarded-*.
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            host = self.headers.get("Host", "")
            headers |= {"Host": host, "X-Forwarded-Host": host, "X-Forwarded-Proto": "http"}
            headers["X-Forwarded-For"] = self.client_address[0]
            status, answer_headers, body = pass_on(self.command, self.path, self.body(), headers)
            self.answer(status, body, answer_headers)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = forward  # noqa: N815 - http.server's names

    def pass_on(method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(target.hostname or "", target.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
            return response.status, kept, response.read()
        except OSError:
            return 502, {"Content-Type": "text/plain", "Ngrok-Error-Code": "ERR_NGROK_8012"}, b"ERR_NGROK_8012"
        finally:
            connection.close()

    return f"http://127.0.0.1:{serve(Forward)}"


def serve(handler: type[Quiet]) -> int:
    """Serve on a free port of 127.0.0.1, in the background; returns the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_port)


def log(level: str, message: str, **more: str) -> None:
    """A line in the agent's log format."""
    fields = {"t": "2026-01-01T00:00:00+0000", "lvl": level, "msg": message, **more}
    print(" ".join(f"{name}={json.dumps(value)}" for name, value in fields.items()), flush=True)  # noqa: T201 - its log


def refuse(why: str) -> None:
    """End as ngrok does when its service lets it not in: it says why, in the log and on stderr."""
    why = f"authentication failed: {why}"
    log("eror", "failed to auth", obj="tunnels.session", err=why)
    log("crit", "command failed", err=why)
    sys.exit(f"ERROR:  {why}")


def let_in(account: Path) -> bool:
    """Whether the account has no other agent; if so, it has this one from now on."""
    slow = account / "slow"
    others = [int(file.name) for file in account.glob("[0-9]*")]
    if any(runs(pid) for pid in others):
        return False
    if others and slow.exists() and int(slow.read_text()) > 0:
        slow.write_text(str(int(slow.read_text()) - 1))
        return False
    (account / str(os.getpid())).touch()
    return True


def runs(pid: int) -> bool:
    """Whether a process of this number runs, and does not only wait to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def record(config: Path) -> None:
    """Write down how this process was started."""
    if "FAKE_NGROK_RECORD" in os.environ:
        how = {
            "pid": os.getpid(),
            "argv": sys.argv,
            "config": config.read_text(),
            "config_mode": config.stat().st_mode & 0o777,
            "proxy": os.environ.get("HTTPS_PROXY"),
        }
        with Path(os.environ["FAKE_NGROK_RECORD"]).open("a") as file:
            file.write(json.dumps(how) + "\n")


def main() -> None:
    seconds = float(os.environ.get("FAKE_NGROK_SECONDS", "120"))
    mode = os.environ.get("FAKE_NGROK_MODE", "ok")
    config = Path(sys.argv[sys.argv.index("--config") + 1])
    record(config)
    if mode == "dies":
        sys.exit(1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if mode != "silent":
        start(mode, config)
    time.sleep(seconds)


def be_offline() -> None:
    """Try to reach the service, in vain, until it is ended."""
    log("info", "starting web service", obj="web", addr=f"127.0.0.1:{serve(agent_api(Endpoints()))}")
    while True:
        why = "failed to dial ngrok server: dial tcp: lookup connect.ngrok-agent.com: no such host"
        log("eror", "failed to reconnect session", obj="tunnels.session", err=why)
        time.sleep(0.1)


def lose_and_come_back(endpoints: Endpoints) -> None:
    """By signals: the line to the service is cut, and is there again."""

    def lose(*_: object) -> None:
        log("eror", "session closed, starting reconnect loop", obj="tunnels.session", err="read EOF from remote peer")

    def come_back(*_: object) -> None:
        endpoints.come_back()
        log("info", "client session established", obj="tunnels.session")
        log("info", "tunnel session started", obj="tunnels.session")

    signal.signal(signal.SIGUSR1, lose)
    signal.signal(signal.SIGUSR2, come_back)


def start(mode: str, config: Path) -> None:
    """Start up as far as the mode goes, saying what pyngrok waits for."""
    if mode == "refused":
        found = re.search(r'authtoken: "?([^"\n]+)', config.read_text())
        token = found[1] if found else ""
        refuse(f"This does not look like a proper authtoken. Your authtoken: {token} ERR_NGROK_105")
    if "FAKE_NGROK_ACCOUNT" in os.environ and not let_in(Path(os.environ["FAKE_NGROK_ACCOUNT"])):
        refuse("Your account is limited to 1 simultaneous ngrok agent sessions. ERR_NGROK_108")
    if mode == "offline":
        be_offline()
    endpoints = Endpoints(refusal=REFUSALS.get(mode, ""), forward="FAKE_NGROK_FORWARD" in os.environ)
    if hasattr(signal, "SIGUSR1"):
        lose_and_come_back(endpoints)
    log("info", "starting web service", obj="web", addr=f"127.0.0.1:{serve(agent_api(endpoints))}")
    log("info", "client session established", obj="tunnels.session")
    log("info", "tunnel session started", obj="tunnels.session")


if __name__ == "__main__":
    main()
