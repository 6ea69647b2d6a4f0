"""labkit.taskrouter.no_answer: what is in the way to Twilio is told apart, over a real proxy and real TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sandbox.local import ACCOUNT, TOKEN
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.errors import TaskRouterError
from labkit.settings import Secret
from labkit.taskrouter.client import connect
from labkit.taskrouter.errors import asking


@pytest.fixture
def twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with twilio_stand_in("http://127.0.0.1:1", tmp_path) as stand_in:
        stand_in.lead_here(monkeypatch)
        yield stand_in


def said() -> str:
    """What somebody reads who asks Twilio for the Workspaces now."""
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), timeout_seconds=2)
    with pytest.raises(TaskRouterError) as failed, asking("list the Workspaces"):
        client.taskrouter.v1.workspaces.list()
    assert (failed.value.status, failed.value.code) == (None, None)
    text = str(failed.value)
    assert TOKEN not in text
    client.http_client.session.close()
    return text.removeprefix("Asked to list the Workspaces, TaskRouter did not answer: ")


def test_a_proxy_that_wants_a_password(twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    twilio.proxy_password = True
    proxy = twilio.proxy_url.replace("://", "://me:planted-password@")
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("https_proxy", proxy)
    text = said()
    shown = proxy.replace("planted-password", "•••")
    assert text.startswith(f"the proxy in HTTPS_PROXY, {shown}, wants a password. Put it into HTTPS_PROXY:")


def test_a_proxy_that_does_not_let_through(twilio: StandIn) -> None:
    twilio.offline = True
    assert "did not let the connection through (502" in said()


@pytest.mark.usefixtures("twilio")
def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert said() == (
        "the proxy in HTTPS_PROXY, http://127.0.0.1:1, cannot be reached. Check the variable; without a proxy in "
        "between, take it away."
    )


@pytest.mark.usefixtures("twilio")
def test_a_company_that_looks_into_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name)
    text = said()
    assert "taskrouter.twilio.com is from nobody whom Python trusts" in text
    assert "REQUESTS_CA_BUNDLE" in text


def test_a_clock_that_is_wrong(twilio: StandIn) -> None:
    """The certificate is from another time, as it looks where this computer's clock has gone wrong."""
    twilio.expired = True
    text = said()
    assert "does not hold at this time. This computer's clock shows 20" in text
    assert "set it right" in text


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_proxy")
def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert said().startswith("nobody here knows the name taskrouter.twilio.com: this computer is offline, or its DNS ")


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout(), "it was silent for too long. Check this computer's connection to the internet"),
        (requests.ConnectionError(), "no connection could be made. Check this computer's connection to the internet"),
        (requests.exceptions.SSLError("EOF occurred"), "no TLS connection to taskrouter.twilio.com could be made"),
    ],
)
def test_silence(monkeypatch: pytest.MonkeyPatch, error: requests.RequestException, words: str) -> None:
    def failing(_session: requests.Session, request: requests.PreparedRequest, **_: object) -> None:
        error.request = request
        raise error

    monkeypatch.setattr(requests.Session, "send", failing)
    assert said().startswith(words)
