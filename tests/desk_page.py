"""The desk as `make desk` serves it: a process with its kernels, and what a browser would send to it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests
import websocket
from processes import end_sandbox

from workshop.daemon import running_after

START_SECONDS = 60
WAIT_SECONDS = 20
_LINK = re.compile(r"    (http://127\.0\.0\.1:\d+/)(?:\?token=(\w+))?\n")


@dataclass
class DeskPage:
    """A running desk.

    Attributes:
        url: where it is, without the token.
        token: what it asks for.
        server: its process.
        log: all that it has said.
    """

    url: str
    token: str
    server: psutil.Process
    log: Path

    @property
    def link(self) -> str:
        """What `make desk` prints."""
        return f"{self.url}?token={self.token}"

    def kernels(self) -> list[psutil.Process]:
        """The kernels that run now: the first was another interpreter before, which listened nowhere."""
        found = [child for child in self.server.children() if "kernel" in " ".join(_command_of(child))]
        return [each for each in found if "ipykernel" in " ".join(_command_of(each)) or _listens(each)]

    def visitor(self) -> requests.Session:
        """Somebody who has opened the link, and has the cookie."""
        session = requests.Session()
        session.get(f"{self.url}login?token={self.token}", allow_redirects=False, timeout=START_SECONDS)
        return session


@dataclass
class KernelSocket:
    """The websocket of a page's kernel, as somebody has it who writes to it what he likes."""

    socket: websocket.WebSocket
    session: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def of(cls, desk: DeskPage, visitor: requests.Session, kernel: str, **headers: str) -> KernelSocket:
        """Open it with the visitor's cookie."""
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.get_dict().items())
        address = f"{desk.url.replace('http', 'ws', 1)}api/kernels/{kernel}/channels"
        origin = headers.pop("origin", desk.url.rstrip("/"))
        return cls(websocket.create_connection(address, cookie=cookies, origin=origin, timeout=WAIT_SECONDS, **headers))

    def send(self, kind: str, content: dict[str, Any], *, channel: str = "shell") -> str:
        """Send a message; its id."""
        sent = uuid.uuid4().hex
        header = {"msg_id": sent, "msg_type": kind, "session": self.session, "username": "", "version": "5.3"}
        metadata = {"version": "1.0.0"}  # of ipywidgets' protocol, where a comm is opened
        message = {"header": header, "parent_header": {}, "metadata": metadata, "content": content, "channel": channel}
        self.socket.send(json.dumps({**message, "buffers": []}))
        return sent

    def replies(self, sent: str) -> list[dict[str, Any]]:
        """All that comes as an answer to this message: until it is replied to, and the kernel is idle again."""
        found: list[dict[str, Any]] = []
        while not (_idle(found) and any(each["channel"] == "shell" for each in found)):
            found += [each for each in [json.loads(self.socket.recv())] if each["parent_header"].get("msg_id") == sent]
        return found

    def comm_message(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The data of the first message of a comm that is as wanted."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            message = json.loads(self.socket.recv())
            data: dict[str, Any] = message["content"].get("data", {})
            if message["msg_type"] == "comm_msg" and wanted(data):
                return data
        raise AssertionError("no such message came")


def _idle(messages: list[dict[str, Any]]) -> bool:
    states = [each["content"]["execution_state"] for each in messages if each["msg_type"] == "status"]
    return "idle" in states


def kernel_in(page: str) -> str:
    """The kernel's id, as the page has it."""
    found = re.search(r'"kernelId": "([\w-]+)"', page)
    assert found, page[-2000:]
    return found.group(1)


@contextmanager
def serving_desk(home: Path, *arguments: str, own_token: str = "") -> Iterator[DeskPage]:
    """The desk with a sandbox of its own in `home`; all of it is ended afterwards."""
    environment = {"JUPYTER_TOKEN": own_token} if own_token else {}
    log = home / "desk.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "labkit", "desk", "--", "--no-browser", f"--port={_free_port()}", *arguments],
            env={**os.environ, "LABKIT_HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield _page(server, log, own_token)
    finally:
        children = psutil.Process(server.pid).children(recursive=True)
        server.terminate()
        server.wait(20)
        end_sandbox(home)
        for stubborn in running_after(children, seconds=20):
            if "kernel" in " ".join(_command_of(stubborn)):
                stubborn.kill()


def _page(server: subprocess.Popen[bytes], log: Path, own_token: str) -> DeskPage:
    for _ in range(START_SECONDS * 5):
        found = _LINK.search(log.read_text(encoding="utf-8"))
        if found:
            return DeskPage(found.group(1), found.group(2) or own_token, psutil.Process(server.pid), log)
        try:
            server.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"Voilà does not serve:\n{log.read_text(encoding='utf-8')[-2000:]}")


def _free_port() -> int:
    """One that is free now; Voilà takes one of the next ones if it is not any more."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def _listens(process: psutil.Process) -> bool:
    try:
        return any(each.status == psutil.CONN_LISTEN for each in process.net_connections())
    except psutil.Error:
        return False


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
