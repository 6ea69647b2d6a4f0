"""The ngrok tunnel, through pyngrok, with an agent that needs no internet."""

from __future__ import annotations

import getpass
import io
import logging
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyngrok import installer, ngrok
from pyngrok.conf import PyngrokConfig
from pyngrok.exception import PyngrokNgrokInstallError

from labkit.errors import TunnelError
from labkit.settings import Secret
from labkit.tunnel import Ngrok, ngrok_config
from labkit.tunnel.ngrok import ask_privately

pytestmark = [pytest.mark.timeout(30), pytest.mark.process]


def test_it_opens_once_and_closes_without_a_trace(fake: Any) -> None:
    """Opening twice gives one URL from one process; closing twice leaves no process and no thread."""
    before = set(threading.enumerate())
    tunnel = fake.tunnel()
    url = tunnel.open(8123)
    assert url.startswith("https://")
    assert tunnel.open(8123) == url == tunnel.url
    assert url in tunnel.describe()
    assert len(fake.running()) == 1
    tunnel.close()
    tunnel.close()
    assert fake.running() == []
    assert set(threading.enumerate()) <= before
    assert (tunnel.url, tunnel.describe()) == (None, "ngrok: closed")


def test_another_port_gets_another_tunnel(fake: Any) -> None:
    """A tunnel leads to one port: for another, the first agent is ended before the second starts."""
    tunnel = fake.tunnel()
    first = tunnel.open(8123)
    assert tunnel.open(8124) != first
    assert len(fake.running()) == 1
    tunnel.close()


def test_an_agent_that_died_is_replaced(fake: Any) -> None:
    """When the agent was killed from outside, opening again starts another."""
    tunnel = fake.tunnel()
    tunnel.open(8123)
    os.kill(fake.starts()[0]["pid"], signal.SIGKILL)
    tunnel._agent._process.wait(5)
    assert tunnel.open(8123) == tunnel.url
    assert len(fake.starts()) == 2
    tunnel.close()


@pytest.mark.parametrize(("domain", "first"), [(None, True), ("name.ngrok-free.dev", True), ("lab.example.com", False)])
def test_the_page_that_ngrok_shows_to_browsers_is_announced(fake: Any, domain: str | None, first: bool) -> None:
    """The free plan's domains have one; a domain of one's own has not."""
    tunnel = fake.tunnel(domain=domain)
    assert tunnel.note == ""
    tunnel.open(8123)
    assert ("press 'Visit Site'" in tunnel.note) is first
    assert ("callbacks never see it" in tunnel.note) is first
    tunnel.close()


def test_a_proxy_is_for_the_agent_and_not_for_the_way_to_it(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's proxy leads the agent to ngrok; on 127.0.0.1, where the agent is asked, nobody goes through it."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    tunnel = fake.tunnel(deadline_seconds=5)
    assert tunnel.open(8123).startswith("https://")
    tunnel.close()
    assert [start["proxy"] for start in fake.starts()] == ["http://127.0.0.1:9"]


def test_the_domain_is_asked_for(fake: Any) -> None:
    """A reserved domain becomes the URL."""
    tunnel = fake.tunnel(domain="lab.example.com")
    assert tunnel.open(8123) == "https://lab.example.com"
    tunnel.close()


@pytest.mark.parametrize(
    ("mode", "code", "remedy"),
    [
        ("refused", "ERR_NGROK_105", "NGROK_AUTHTOKEN"),
        ("already-online", "ERR_NGROK_334", "dashboard.ngrok.com/agents"),
        ("not-yours", "ERR_NGROK_320", "dashboard.ngrok.com/domains"),
        ("silent", None, "port 443"),
        ("dies", None, "loopback"),
    ],
)
def test_each_failure_says_what_to_do(fake: Any, mode: str, code: str | None, remedy: str) -> None:
    """Each way to fail is a TunnelError with code and remedy, and no process or thread is left."""
    fake.behave(mode)
    before = set(threading.enumerate())
    with pytest.raises(TunnelError) as caught:
        fake.tunnel(deadline_seconds=1.0 if mode == "silent" else 10.0).open(8123)
    assert caught.value.ngrok_code == code
    assert remedy in str(caught.value)
    assert len(fake.starts()) == 1
    assert fake.running() == []
    assert set(threading.enumerate()) <= before


def test_a_refused_token_is_shown_nowhere(
    fake: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """ngrok repeats the token in its log and on stderr; neither the cell, nor a log, nor the exception does."""
    caplog.set_level(logging.DEBUG)
    fake.behave("refused")
    tunnel = fake.tunnel()
    with pytest.raises(TunnelError) as caught:
        tunnel.open(8123)
    assert caught.value.__cause__ is caught.value.__context__ is None
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
    assert fake.token.reveal() not in f"{caught.value!r} {caplog.text} {tunnel!r}"


def test_a_silent_agent_is_given_up_at_the_deadline(fake: Any) -> None:
    """The deadline is ours: pyngrok alone would wait for the agent's next word."""
    fake.behave("silent")
    waited = threading.Event()
    watch = threading.Timer(10, waited.set)
    watch.start()
    with pytest.raises(TunnelError, match=r"within 0\.5 s"):
        fake.tunnel(deadline_seconds=0.5).open(8123)
    assert not waited.is_set()
    watch.cancel()


def test_the_token_stands_in_a_private_file_only(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command line holds the token, not even when the environment does; the file is for its owner alone."""
    monkeypatch.setenv("NGROK_AUTHTOKEN", fake.token.reveal())
    tunnel = fake.tunnel()
    tunnel.open(8123)
    (start,) = fake.starts()
    tunnel.close()
    assert fake.token.reveal() not in " ".join(start["argv"])
    assert fake.token.reveal() in start["config"]
    assert start["config_mode"] == 0o600


@pytest.mark.skipif(os.name != "posix", reason="signals to a thread are a POSIX thing")
def test_an_interrupt_leaves_nothing_running(fake: Any) -> None:
    """Interrupting the cell while ngrok is being waited for ends the agent too."""
    fake.behave("silent")
    stop = threading.Event()

    def interrupt_once_started() -> None:
        while not fake.starts() and not stop.wait(0.01):
            pass
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    watcher = threading.Thread(target=interrupt_once_started)
    watcher.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            fake.tunnel().open(8123)
    finally:
        stop.set()
        watcher.join()
    assert fake.running() == []


def test_somebody_elses_agent_is_left_alone(fake: Any, tmp_path: Path) -> None:
    """An agent that the learner started with pyngrok is neither used nor ended."""
    config_file = tmp_path / "own.yml"
    config_file.write_text("version: 3\n")
    theirs = PyngrokConfig(ngrok_path=str(fake.path), config_path=str(config_file))
    ngrok.connect("8000", pyngrok_config=theirs)
    try:
        with pytest.raises(TunnelError, match="already runs in this notebook"):
            fake.tunnel().open(8123)
        assert len(fake.running()) == 1
    finally:
        ngrok.kill(theirs)


def test_a_missing_token_is_asked_for_once(fake: Any) -> None:
    """The asked-for token reaches ngrok, and is asked for no second time."""
    questions: list[str] = []

    def ask(prompt: str) -> str:
        questions.append(prompt)
        return f" {fake.token.reveal()}\n"

    tunnel = fake.tunnel(authtoken=None, ask=ask)
    for port in (8123, 8124):
        tunnel.open(port)
    tunnel.close()
    assert len(questions) == 1
    assert "dashboard.ngrok.com" in questions[0]
    assert all(f'"{fake.token.reveal()}"' in start["config"] for start in fake.starts())


def test_the_token_of_ngroks_own_file_is_used_before_anybody_is_asked(fake: Any) -> None:
    """Whoever has set ngrok up on this computer starts without a question; a token that was given wins."""
    ngrok_config.keep_authtoken(Secret("of_the_file"))
    for given, used in ((None, "of_the_file"), (fake.token, fake.token.reveal())):
        tunnel = fake.tunnel(authtoken=given, ask=_cannot(AssertionError))
        tunnel.open(8123)
        tunnel.close()
        assert f'"{used}"' in fake.starts()[-1]["config"]


def test_a_token_that_is_refused_is_told_with_its_file(fake: Any) -> None:
    """It is not one that the learner gave, so the sentence says where it stands."""
    fake.behave("refused")
    path = ngrok_config.keep_authtoken(Secret("of_the_file"))
    with pytest.raises(TunnelError, match="ERR_NGROK_105") as caught:
        fake.tunnel(authtoken=None).open(8123)
    assert f"stands in {path}" in str(caught.value)
    with pytest.raises(TunnelError) as caught:
        fake.tunnel().open(8123)
    assert "stands in" not in str(caught.value)


def test_a_refused_token_is_asked_for_anew(fake: Any) -> None:
    """After a typing mistake the next attempt asks again."""
    questions: list[str] = []
    fake.behave("refused")
    tunnel = fake.tunnel(authtoken=None, ask=lambda prompt: questions.append(prompt) or "mistyped")
    for _ in range(2):
        with pytest.raises(TunnelError):
            tunnel.open(8123)
    assert len(questions) == 2


def _cannot(error: type[Exception]) -> Callable[[str], str]:
    def ask(prompt: str) -> str:
        raise error(prompt)

    return ask


@pytest.mark.parametrize("ask", [None, _cannot(NotImplementedError), _cannot(EOFError), lambda prompt: "  "])
def test_a_missing_token_that_nobody_gives_is_an_error(fake: Any, ask: Callable[[str], str] | None) -> None:
    """Where nobody can be asked, or nothing is answered, the error says which variable to set."""
    with pytest.raises(TunnelError, match="NGROK_AUTHTOKEN"):
        fake.tunnel(authtoken=None, ask=ask).open(8123)
    assert fake.starts() == []


def test_asking_uses_what_the_kernel_puts_in_getpasss_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel replaces getpass.getpass while a cell runs; that one is asked, although stdin is no terminal."""
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f"answer to {prompt}")
    assert ask_privately("this") == "answer to this"


def test_asking_without_a_terminal_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no kernel and no terminal nobody can answer, so nobody is waited for."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(EOFError):
        ask_privately("this")


def test_a_missing_program_is_named(fake: Any) -> None:
    """A wrong NGROK_PATH is an error that names the path; nothing is downloaded to it."""
    fake.path.unlink()
    with pytest.raises(TunnelError, match="NGROK_PATH") as caught:
        fake.tunnel().open(8123)
    assert str(fake.path) in str(caught.value)
    assert not fake.path.exists()


@pytest.mark.usefixtures("temporary")
def test_a_failed_download_says_how_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without a program and without a network the error says how to get one; no progress is written to the cell."""

    def download(url: str, **options: Any) -> str:
        installer._print_progress("Downloading ngrok ...")
        raise PyngrokNgrokInstallError("no network")

    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(tmp_path / "bin" / "ngrok"))
    monkeypatch.setattr(installer, "_download_file", download)
    with pytest.raises(TunnelError, match=r"no network.*ngrok\.com/download.*NGROK_PATH"):
        Ngrok(Secret("t"), path=None).open(8123)
    assert capfd.readouterr().out == ""


@pytest.mark.usefixtures("temporary")
def test_without_a_network_the_download_fails_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By pyngrok as it is: the way out, which is a proxy that is not there, is tried once."""
    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(tmp_path / "bin" / "ngrok"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it remembers the proxies of its first use
    began = time.monotonic()
    with pytest.raises(TunnelError, match=r"could not be downloaded .*refused.*NGROK_PATH.*loopback"):
        Ngrok(Secret("t")).open(8123)
    assert time.monotonic() - began < 10


@pytest.mark.usefixtures("temporary")
def test_a_download_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline holds for the download too, and what was given up starts no agent afterwards."""
    release = threading.Event()
    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(tmp_path / "ngrok"))
    monkeypatch.setattr(installer, "install_ngrok", lambda *a, **k: release.wait(10))
    timer = threading.Timer(0.8, release.set)
    timer.start()
    with pytest.raises(TunnelError, match="could not be downloaded"):
        Ngrok(Secret("t"), deadline_seconds=0.3).open(8123)
    timer.join()
