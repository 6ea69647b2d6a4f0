"""What holds for every test: a home and an environment of its own, and nothing left running afterwards."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, settings
from processes import FOR_THE_SESSION, SELF, end_sandbox

import labkit
import labkit.lab.runtime
from labkit.sandbox import process
from labkit.settings import SETTINGS
from labkit.tunnel import ngrok_agent, ngrok_config

# jsonschema builds 38 grammars of this package as it is imported, which takes 6 s; no test checks those formats.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("rfc3987_syntax", None)

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# Ours and the web server's; threads of libraries (IPython's history, tqdm's monitor) come and go as they like.
OUR_THREADS = ("labkit", "waitress")
GRACE_SECONDS = 3
HOMES = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a lab's home starts a sandbox in it."""
    for item in items:
        if "home" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.process)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Point LABKIT_HOME at a folder of this test's own, and take away every other setting and any .env file."""
    for variable, _ in SETTINGS.values():
        if variable is not None:
            monkeypatch.delenv(variable, raising=False)
    for variable in [name for name in os.environ if name.startswith(("LABKIT_", "TWILIO_", "NGROK_"))]:
        if variable not in ("LABKIT_REQUIRE_BROWSER", "LABKIT_SAVE_SCREENSHOTS"):
            monkeypatch.delenv(variable)
    # Not mktemp(): it reads the names of all the folders before, which is most of what thousands of small tests take.
    home = tmp_path_factory.getbasetemp() / f"labkit-home-{next(HOMES)}"
    home.mkdir()
    monkeypatch.setenv("LABKIT_HOME", str(home))
    monkeypatch.setattr("dotenv.find_dotenv", lambda *_, **__: "")
    monkeypatch.setattr(ngrok_config, "config_path", lambda: home / "ngrok.yml")
    monkeypatch.setattr(ngrok_agent, "ENVIRONMENT", (*ngrok_agent.ENVIRONMENT, "FAKE_NGROK_[A-Z]+"))
    return home


@pytest.fixture(autouse=True)
def no_thread_left_over(own_environment: Path) -> Iterator[None]:
    """Fail a test that leaves a thread of ours behind."""
    before = set(threading.enumerate())
    yield
    _fail_for("test", [f"thread {t.name}" for t in _left_threads(before)])


@pytest.fixture(autouse=True, scope="module")
def no_process_or_socket_left_over() -> Iterator[None]:
    """Fail a module that leaves a child process or a listening socket behind; to look takes too long for each test."""
    children, listening = _children(), _listening()
    yield
    left = [f"process {_describe(p)}" for p in _left_children(children)]
    _fail_for("module", left + [f"listening socket {address}" for address in sorted(_listening() - listening)])


def _fail_for(what: str, left: list[str]) -> None:
    if left:
        pytest.fail(f"left running after the {what}: " + "; ".join(left), pytrace=False)


@pytest.fixture
def home(own_environment: Path) -> Iterator[Path]:
    """The lab's home; whatever runs from it is ended afterwards."""
    yield own_environment
    labkit.stop()
    labkit.lab.runtime._runtime.lab = None
    end_sandbox(own_environment)
    process._reap()


def _left_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    new = [t for t in threading.enumerate() if t not in before and t.name.startswith(OUR_THREADS)]
    for thread in new:
        thread.join(GRACE_SECONDS)
    return [t for t in new if t.is_alive()]


def _left_children(before: set[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(_children() - before - FOR_THE_SESSION, timeout=GRACE_SECONDS)
    return alive


def _children() -> set[psutil.Process]:
    return set(SELF.children())


def _listening() -> set[str]:
    found = SELF.net_connections(kind="inet")
    return {f"{c.laddr.ip}:{c.laddr.port}" for c in found if c.status == psutil.CONN_LISTEN}


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} ({' '.join(process.cmdline()[:6])})"
    except psutil.NoSuchProcess:
        return str(process.pid)
