"""Processes that outlive the command: found again by their file, and never taken for somebody else's."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import trustme
from workshop_rooms import install_the_proxy

from workshop import daemon as daemons
from workshop import proxy
from workshop.daemon import Daemon
from workshop.free_ports import free_ports
from workshop.settings import Workshop, WorkshopError
from workshop.warm.warming import Warming

pytestmark = pytest.mark.process
LIMIT_SECONDS = 60.0
WAIT = "import sys; sys.stdin.read()"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)

CARELESS = (
    "import subprocess, sys; child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); sys.stdin.read()"
)
LEADERLESS = """
import ctypes, sys, threading
threading.Thread(target=sys.stdin.read).start()
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's program, which has the number that a daemon had."""
    process = subprocess.Popen([sys.executable, "-c", WAIT], stdin=subprocess.PIPE)
    yield process
    process.communicate(timeout=10)


def started(daemon: Daemon, code: str) -> Daemon:
    """Have it run this Python, with its file's name among the arguments."""
    daemon.start([sys.executable, "-c", code, str(daemon.pid_file)], environ=dict(os.environ))
    return daemon


def test_it_is_found_by_whoever_looks_into_its_folder(tmp_path: Path) -> None:
    """Also by another command than the one that has started it; once ended it is not there."""
    first = started(Daemon(tmp_path, "hub"), "import time; time.sleep(60)")
    try:
        while (found := Daemon(tmp_path, "hub").find()) is None:
            assert not first.has_ended(within_seconds=0.05)
        assert found.pid == int(first.pid_file.read_text(encoding="utf-8"))
    finally:
        assert first.end()
    assert Daemon(tmp_path, "hub").find() is None
    assert not first.end()


def test_a_number_that_is_somebody_elses_by_now_is_not_ended(tmp_path: Path, stranger: subprocess.Popen[bytes]) -> None:
    """The machine was restarted, say, and numbers begin anew."""
    daemon = Daemon(tmp_path, "hub")
    daemon.pid_file.write_text(str(stranger.pid), encoding="utf-8")

    assert daemon.find() is None
    assert not daemon.end()
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "no number", "999999999", "-1"])
def test_a_file_that_says_nothing_is_nobody(tmp_path: Path, text: str) -> None:
    """It was cut off on a full disk, or edited."""
    daemon = Daemon(tmp_path, "hub")
    daemon.pid_file.write_text(text, encoding="utf-8")

    assert daemon.find() is None


def test_one_that_does_not_hear_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time."""
    monkeypatch.setattr(daemons, "END_SECONDS", 0.3)
    daemon = started(Daemon(tmp_path, "hub"), STUBBORN)
    process = daemon.find()
    while "ready" not in daemon.last_words():
        assert not daemon.has_ended(within_seconds=0.05), daemon.last_words()

    assert daemon.end()
    assert process is not None
    assert not daemons.is_running(process)


def test_one_that_nobody_takes_away_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parent waits for something else, as the first process of many a container does."""
    monkeypatch.setattr(daemons, "END_SECONDS", 30.0)
    with subprocess.Popen(
        [sys.executable, "-c", CARELESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        began = time.monotonic()
        daemons.end_processes([orphan])
        took, status = time.monotonic() - began, orphan.status()
        parent.communicate(timeout=10)

    assert status == psutil.STATUS_ZOMBIE
    assert took < 15


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process is no zombie before its last thread has ended")
def test_one_whose_first_thread_has_ended_runs_until_the_last_one_has() -> None:
    """A hub at its end: its port is free when its last thread is gone, and a new hub needs that port."""
    with subprocess.Popen([sys.executable, "-c", LEADERLESS], stdin=subprocess.PIPE) as leaderless:
        process = psutil.Process(leaderless.pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            assert leaderless.poll() is None
        assert daemons.is_running(process)
        leaderless.kill()
        while process.num_threads() > 1:
            pass
        assert not daemons.is_running(process)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_a_zombie_is_not_waited_for() -> None:
    """Nobody asks for its status here before it was found to have ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        process = psutil.Process(ended.pid)

        assert daemons.running_after([process], seconds=LIMIT_SECONDS) == []
        assert ended.returncode is None
        assert process.status() == psutil.STATUS_ZOMBIE


def test_one_that_runs_is_told() -> None:
    """When the time is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        process = psutil.Process(running.pid)

        assert daemons.running_after([process], seconds=0) == [process]


def test_a_program_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """It was installed when the workshop was set up, and is gone."""
    with pytest.raises(WorkshopError, match="The hub cannot be started"):
        Daemon(tmp_path, "hub").start([str(tmp_path / "nowhere")], environ={})


def test_it_is_waited_for_until_it_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it runs, and there is time."""
    monkeypatch.setattr(daemons, "START_SECONDS", 0.3)
    daemon = started(Daemon(tmp_path, "hub"), "import time; time.sleep(60)")
    looks = iter([False, True])
    try:
        daemon.wait_until(lambda: next(looks))
        with pytest.raises(WorkshopError, match=r"The hub does not answer after 0 s\. The end of .*hub\.log"):
            daemon.wait_until(lambda: False)
    finally:
        daemon.end()
    with pytest.raises(WorkshopError, match="The hub did not start"):
        daemon.wait_until(lambda: False)


def test_where_no_copies_can_be_made_it_is_said_how_a_workshop_opens_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words, and what to do."""
    workshop = Workshop(folder=tmp_path)
    workshop.hub_folder.mkdir()
    warming = Warming(workshop)
    monkeypatch.setattr(sys, "executable", "false")
    warming.begin()

    with pytest.raises(WorkshopError, match=r"(?s)The copier did not start\..*`make workshop-end`.*--cold"):
        warming.wait()
    warming.end()


def test_what_it_said_last_is_kept(tmp_path: Path) -> None:
    """For the sentence about why it did not start."""
    daemon = started(Daemon(tmp_path, "hub"), "import sys; sys.exit('one\\nthe port is taken')")

    assert daemon.has_ended(within_seconds=20)
    assert daemon.last_words() == "one\nthe port is taken"
    daemon.end()


def test_a_long_log_is_set_aside_at_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of the one before; a short one goes on, and last words are always this start's."""
    monkeypatch.setattr(daemons, "MOST_LOG_BYTES", 40)
    daemon, aside = Daemon(tmp_path, "hub"), tmp_path / "hub.log.1"
    aside.write_text("last month", encoding="utf-8")
    daemon.log.write_text("yesterday\n" * 5, encoding="utf-8")

    for said in ("first", "second", ""):
        started(daemon, f"import sys; sys.exit({said!r} or 0)")
        assert daemon.has_ended(within_seconds=20)
        assert daemon.last_words() == said
        daemon.end()

    assert daemon.log.read_text(encoding="utf-8").split() == ["first", "second"]
    assert aside.read_text(encoding="utf-8").split() == ["yesterday"] * 5


def test_of_a_long_log_the_end_is_read(tmp_path: Path) -> None:
    """Five lines at most, of whatever length."""
    daemon = started(Daemon(tmp_path, "hub"), "print('x' * 9_000_000); print(*range(9), sep='\\n')")

    assert daemon.has_ended(within_seconds=20)
    assert daemon.last_words() == "4\n5\n6\n7\n8"
    daemon.end()


def test_the_proxy_speaks_https_where_there_is_a_certificate(tmp_path: Path) -> None:
    """A page finds it by that, though there is no hub behind it yet."""
    install_the_proxy()
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    issued.private_key_pem.write_to_path(key)
    issued.cert_chain_pems[0].write_to_path(cert)
    workshop = Workshop(folder=tmp_path, port=free_ports(), tls_key=key, tls_cert=cert)
    workshop.hub_folder.mkdir()
    before = Daemon(workshop.hub_folder, "proxy")
    environ = {**os.environ, proxy.TOKEN_VARIABLE: proxy.token(workshop)}
    before.start(proxy.command(workshop, before.pid_file), environ=environ)
    try:
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        assert _status(workshop.url, trusting, before) in {404, 503}
        assert not proxy.leads_to_the_hub(workshop)
    finally:
        before.end()


def _status(url: str, trusting: ssl.SSLContext, process: Daemon) -> int:
    while True:
        try:
            with urllib.request.urlopen(url, context=trusting, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except urllib.error.URLError:
            assert not process.has_ended(within_seconds=0.1), process.last_words()
