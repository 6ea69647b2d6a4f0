"""Workshops for the tests: opened as an ordinary user, whoever runs the tests, and visited over HTTP."""

from __future__ import annotations

import http.cookiejar
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock
from npm_packages import program
from ordinary_user import OrdinaryUser, ordinary_user
from tracked import ROOT

from workshop import proxy, setting_up, walls
from workshop.daemon import Daemon, is_running
from workshop.free_ports import free_ports
from workshop.participants import processes_of, services_of
from workshop.settings import Workshop


@dataclass(frozen=True, slots=True)
class Room:
    """A workshop, who runs it, and what stands in their shell besides the usual."""

    workshop: Workshop
    user: OrdinaryUser
    environ: dict[str, str] = field(default_factory=dict)

    def call(self, method: str) -> subprocess.CompletedProcess[str]:
        """`start` or `stop` it by the command that people type; what it refuses is in `stderr`."""
        folder = ["--folder", str(self.workshop.folder)]
        if method == "stop":
            return self.run("-m", "workshop", "end", *folder)
        options = ["--host", self.workshop.host, "--port", str(self.workshop.port)]
        options += ["--idle-hours", str(self.workshop.idle_seconds / 3600)]
        options += [] if self.workshop.walls else ["--without-walls"]
        options += [] if self.workshop.warm else ["--cold"]
        options += [] if self.workshop.room else ["--without-room"]
        options += ["--room-mode", "twilio", "--yes"] if self.workshop.room_mode == "twilio" else []
        return self.run("-m", "workshop", "open", *folder, *options)

    def running(self) -> list[psutil.Process]:
        """The hub, the proxy, the services, and all that participants have started."""
        folder = self.workshop.hub_folder
        found = [Daemon(folder, file.stem).find() for file in folder.glob("*.pid")]
        return [*filter(None, found), *services_of(self.workshop), *processes_of(self.workshop)]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python as this user, with the workshop to be imported."""
        packages = self.user.environ.get("PYTHONPATH", "")
        environ = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.workshop.folder.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.user.environ,
            **self.environ,
            "PYTHONPATH": f"{ROOT}:{packages}" if packages else str(ROOT),
        }
        command = [self.user.python, *arguments]
        return subprocess.run(
            command, cwd="/", env=environ, capture_output=True, text=True, timeout=90, check=False, **self.user.options
        )


@contextmanager
def room(**settings: Any) -> Iterator[Room]:
    """A workshop of an ordinary user's on free ports, with walls where there can be some; it is not opened yet.

    It is ended afterwards, and one whose end leaves a process of it fails whatever test it was for.
    """
    install_the_proxy()
    user = ordinary_user()
    settings = {"walls": not walls.trouble(), **settings}
    with user.folder() as folder:
        user.give(folder)
        made = Room(Workshop(folder=folder / "workshop", port=free_ports(), **settings), user)
        try:
            yield made
        finally:
            if made.workshop.folder.exists():
                running = made.running()
                ended = made.call("stop")
                assert ended.returncode == 0, ended.stderr
                assert [process for process in running if is_running(process)] == []


def install_the_proxy() -> None:
    """Once for all tests; skips the test where there is no Node.js, but not in CI."""
    program("npm")
    with FileLock(proxy.PACKAGES / "proxy.lock"):
        if not proxy.script().exists():
            setting_up.install_the_proxy()


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, workshop: Workshop) -> None:
        self._url = workshop.url.rstrip("/")
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, path at the end of all redirections, and text."""
        return self._open(urllib.request.Request(self._url + path))

    def log_in(self, name: str, password: str) -> tuple[int, str, str]:
        """Fill in the login page, and go on to the own server."""
        self.get("/hub/login")
        token = next(cookie.value for cookie in self._cookies if cookie.name == "_xsrf")
        form = urllib.parse.urlencode({"username": name, "password": password, "_xsrf": token}).encode()
        return self._open(urllib.request.Request(self._url + "/hub/login?next=/hub/spawn", form))

    def wait_for_server(self, name: str, *, within_seconds: float = 60) -> str:
        """The page of JupyterLab, once it is there."""
        deadline = time.monotonic() + within_seconds
        while time.monotonic() < deadline:
            status, path, text = self.get(f"/user/{name}/lab")
            if status == 200 and path.startswith(f"/user/{name}/lab"):
                return text
            time.sleep(0.2)
        raise AssertionError(f"no server of {name} within {within_seconds} s: {status} {path} {text[-2000:]}")

    def _open(self, request: urllib.request.Request) -> tuple[int, str, str]:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, urllib.parse.urlsplit(answer.url).path, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, urllib.parse.urlsplit(error.url).path, error.read().decode()


def pid_of(file: Path) -> int:
    """The number that stands in a file."""
    return int(file.read_text(encoding="utf-8"))
