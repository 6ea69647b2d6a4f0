"""A process that makes copies of itself, and who asks it for one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from tracked import ROOT

from workshop.settings import Workshop
from workshop.warm import entrance
from workshop.warm.addresses import short
from workshop.warm.copies import Copy, copy_of
from workshop.warm.copy_request import CopyRequest

pytestmark = pytest.mark.process

SOURCE = """
import sys
from pathlib import Path
from workshop.warm import running
from workshop.warm.copy_request import CopyRequest
from workshop.warm.fork_server import ForkServer

server = ForkServer(Path(sys.argv[1]))
print("listens", flush=True)
visitor = server.serve()
request, files = CopyRequest.receive(visitor)
visitor.close()
running.use_files(files)
running.use_environment(request.environ, request.folder)
running.run(request)
"""


FULL_AT_FIRST = """
import os

fork = os.fork

def full():
    os.fork = fork
    raise BlockingIOError("there may be no more processes")

os.fork = full
"""


@contextmanager
def listening(folder: Path, code: str) -> Iterator[Path]:
    """Where copies are asked for, of a process that runs this; the name is longer than a Unix socket's may be."""
    folder = folder / ("long" * 30)
    folder.mkdir()
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OF_THE_SOURCE": "a secret", "ROOM": "-" * 512}
    command = [sys.executable, "-c", code, str(folder / "socket")]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as source:
        assert source.stdout is not None
        assert source.stdout.readline() == b"listens\n"
        yield folder / "socket"
        source.kill()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of one for all tests."""
    with listening(tmp_path_factory.mktemp("copies"), SOURCE) as address:
        yield address


def asked(module: str, *arguments: str, **environ: str) -> CopyRequest:
    return CopyRequest(module=module, arguments=list(arguments), environ=environ, folder="/")


def said(copy: Copy) -> str:
    """All that it writes, until its end."""
    assert copy.stdout is not None
    with copy.stdout:
        return copy.stdout.read().decode()


def test_a_copy_runs_a_module_as_python_does(address: Path) -> None:
    """With its arguments, to its end."""
    copy = Copy(address, asked("calendar", "2026", "11"), stdout=subprocess.PIPE, stderr=None)

    assert said(copy).startswith("   November 2026\n")
    assert (copy.wait(10), copy.poll()) == (0, 0)


def test_how_a_copy_ends_is_told(address: Path) -> None:
    """A module that ends itself with a number, one that raises, and one that is killed."""
    with Path(os.devnull).open("w") as nowhere:
        refused = Copy(address, asked("calendar", "--nonsense"), stdout=None, stderr=nowhere.fileno())
        missing = Copy(address, asked("no_module_of_this_name"), stdout=None, stderr=nowhere.fileno())

    assert (refused.wait(10), missing.wait(10)) == (2, 1)


def test_a_copy_that_runs_is_waited_for_and_killed(address: Path) -> None:
    """As one of `subprocess`."""
    copy = Copy(address, asked("http.server", "--bind", "127.0.0.1", "0"), stdout=subprocess.PIPE, stderr=None)

    assert copy.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        copy.wait(0.01)
    assert os.getpgid(copy.pid) == copy.pid, "a signal to its group is for nobody else"
    copy.kill()
    assert copy.wait(10) == -signal.SIGKILL
    said(copy)


def test_a_copy_has_the_environment_that_was_asked_for(address: Path) -> None:
    """Nothing of the source's, to itself and to whoever looks from outside; others see no more than whose it is."""
    request = asked("http.server", "--bind", "127.0.0.1", "0", HOME="/home/ada", TOKEN="ada's")
    copy = Copy(address, request, stdout=subprocess.PIPE, stderr=None)
    shown = {"environ": b""}  # which is written last, so it is read first
    deadline = time.monotonic() + 10
    while b"ada" not in shown["environ"] and time.monotonic() < deadline:
        shown = {name: Path(f"/proc/{copy.pid}/{name}").read_bytes().strip(b"\0") for name in ("environ", "cmdline")}
    copy.kill()
    copy.wait(10)
    said(copy)

    assert shown["environ"] == b"HOME=/home/ada"
    assert shown["cmdline"].split(b"\0")[1:3] == [b"-m", b"http.server"]


def test_whoever_finds_nobody_starts_it_as_usual(address: Path) -> None:
    """No copy of what the source has not read, and none where there is no source."""
    kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", "nowhere"]

    assert copy_of(["sh", "-c", "true"], address, environ={}) is None
    assert copy_of(kernel, address.with_name("nobody"), environ={}) is None


def test_whoever_is_told_nothing_starts_it_as_usual(tmp_path: Path) -> None:
    """The source ends, or may not fork, just as somebody comes: a kernel, a sandbox, a server."""
    kernel, workshop = [sys.executable, "-m", "ipykernel_launcher"], Workshop(folder=tmp_path)
    workshop.hub_folder.mkdir()
    address = entrance.socket_beside(workshop.hub_folder / f"{entrance.NAME}.pid")
    with ThreadPoolExecutor() as pool, socket.socket(socket.AF_UNIX) as listener, short(address) as name:
        listener.bind(name)
        listener.listen()
        for ask in (
            lambda: copy_of(kernel, address, environ={}, stdout=subprocess.PIPE),
            lambda: entrance.ask(workshop, asked("jupyterhub.singleuser"), limits={}),
        ):
            answer = pool.submit(ask)
            with listener.accept()[0] as source:
                source.shutdown(socket.SHUT_WR)
                assert not answer.result(10)


def test_a_request_that_is_none_harms_nobody(address: Path) -> None:
    """Who sends nonsense gets no copy, and the next one gets theirs."""

    with socket.socket(socket.AF_UNIX) as stranger, short(address) as name:
        stranger.connect(name)
        stranger.sendall(b"\xff" * 64)
        stranger.settimeout(10)
        assert stranger.recv(100).endswith(b"\n")
    copy = Copy(address, asked("calendar", "2026", "11"), stdout=subprocess.PIPE, stderr=None)
    assert "November" in said(copy)
    assert copy.wait(10) == 0


def test_who_cannot_fork_now_makes_the_next_copy(tmp_path: Path) -> None:
    """A participant who has as many processes as may be keeps the server and all that runs."""
    request = asked("calendar", "2026", "11")
    with listening(tmp_path, FULL_AT_FIRST + SOURCE) as address:
        with pytest.raises(ConnectionError):
            Copy(address, request, stdout=None, stderr=None)
        copy = Copy(address, request, stdout=subprocess.PIPE, stderr=None)

        assert "November" in said(copy)
        assert copy.wait(10) == 0
