"""A lab asks its public URL from outside: over TLS, through a proxy, and through whatever stands in between."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from served import served
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.callbacks import CallbackServer
from labkit.settings import Secret
from labkit.stream import EventStream
from labkit.tunnel.outside_check import check_from_outside

HOST = "lab.example.com"
URL = f"https://{HOST}"


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The world outside, which this process reaches by a proxy."""
    with twilio_stand_in("http://127.0.0.1:9", tmp_path) as stand_in:
        stand_in.lead_here(monkeypatch)
        yield stand_in


@pytest.fixture
def server() -> Iterator[CallbackServer]:
    """A callback server that listens, and the world knows by `URL`."""
    stream = EventStream()
    made = CallbackServer(stream, auth_token=Secret("made-up"))
    made.start()
    made.set_public_url(URL)
    yield made
    made.stop()
    stream.close()


def _port(server: CallbackServer) -> int:
    return int(server.local_url.rpartition(":")[2])


@contextmanager
def _program(answers: Any) -> Iterator[int]:
    """Another program on this computer; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as program:
        yield program.server_port


def test_a_lab_that_is_reached_says_so(outside: StandIn, server: CallbackServer) -> None:
    """The request leaves this computer by the proxy, over TLS, and comes in here."""
    outside.led[HOST] = _port(server)
    found = check_from_outside(URL, server.probes)
    assert (found.reached, found.text) == (True, f"Reached from outside: a request to {URL} came in here.")
    assert [(each.host, each.path.partition("=")[0]) for each in outside.asked] == [(HOST, "/healthz?probe")]


def test_a_path_that_the_proxy_leaves_on_is_said(outside: StandIn, server: CallbackServer) -> None:
    """The server works either way; who sets a proxy up wants to know."""
    outside.led[HOST] = _port(server)
    server.set_public_url(f"{URL}/labs/ana")
    found = check_from_outside(server.public_url, server.probes)
    assert found.reached
    assert "came in here, with the path /labs/ana left on by the proxy." in found.text


def test_another_labs_answer_is_not_this_ones(outside: StandIn, server: CallbackServer) -> None:
    """It says that it is a lab, but the number has not come in here."""
    stream = EventStream()
    other = CallbackServer(stream, auth_token=Secret("made-up"))
    other.start()
    outside.led[HOST] = _port(other)
    found = check_from_outside(URL, server.probes)
    other.stop()
    stream.close()
    assert found.reached is False
    assert "an old answer of this lab" in found.text  # the same process here; another one is told by its number


def test_a_redirect_is_told_and_not_followed(outside: StandIn, server: CallbackServer) -> None:
    """Not even one that leads here."""

    def answers(request: Any) -> None:
        request.send_response(302)
        request.send_header("Location", f"https://other.example.com{request.path}")
        request.send_header("Content-Length", "0")
        request.end_headers()

    outside.led["other.example.com"] = _port(server)
    with _program(answers) as port:
        outside.led[HOST] = port
        found = check_from_outside(URL, server.probes)
    assert (found.reached, "sends on to other.example.com" in found.text) == (False, True)
    assert [each.host for each in outside.asked] == [HOST]


def test_nothing_behind_the_address(outside: StandIn, server: CallbackServer) -> None:
    """The proxy is there, and what it leads to is not."""
    outside.led[HOST] = 9
    found = check_from_outside(URL, server.probes)
    assert (found.reached, "finds nothing behind it (status 502)" in found.text) == (False, True)


def test_a_proxy_that_lets_nothing_out_leaves_it_open(outside: StandIn, server: CallbackServer) -> None:
    """As on a computer of a company, or of a cloud: it cannot be told from here, and the sentence says how else."""
    outside.offline = True
    found = check_from_outside(URL, server.probes)
    assert found.reached is None
    assert "the proxy by which requests leave this computer did not let one through" in found.text
    assert f"Open {URL}/healthz on a phone" in found.text


def test_a_certificate_that_is_not_trusted_is_told(
    outside: StandIn, server: CallbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TaskRouter would not call it either."""
    outside.led[HOST] = _port(server)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name)
    found = check_from_outside(URL, server.probes)
    assert (found.reached, f"The certificate of {HOST} is not trusted" in found.text) == (False, True)


def _without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("labkit.tunnel.outside_check.getproxies", dict)


@pytest.mark.parametrize(("online", "reached", "words"), [(True, False, "no host"), (False, None, "it is offline")])
def test_a_name_that_is_not_there_is_told_from_being_offline(
    server: CallbackServer, monkeypatch: pytest.MonkeyPatch, online: bool, reached: bool | None, words: str
) -> None:
    """By whether any other name has an address."""
    _without_proxy(monkeypatch)
    monkeypatch.setattr(socket, "getaddrinfo", _no_such_name)
    found = check_from_outside("https://no-such-name.invalid", server.probes, resolves=lambda name: online)
    assert (found.reached, words in found.text) == (reached, True)


def _no_such_name(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_closed_port_is_told(server: CallbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there."""
    _without_proxy(monkeypatch)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = check_from_outside(f"http://127.0.0.1:{taken.getsockname()[1]}", server.probes)
    assert (found.reached, "the connection was refused" in found.text) == (False, True)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nslow"])
def test_who_answers_too_slowly_is_given_up(
    server: CallbackServer, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """Also one that has begun to answer; the line is cut."""
    _without_proxy(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        held: list[socket.socket] = []

        def hold() -> None:
            held.append(silent.accept()[0])
            held[0].sendall(answer)

        thread = threading.Thread(target=hold)
        thread.start()
        found = check_from_outside(url, server.probes, all_seconds=0.3)
        thread.join(5)
        held[0].close()
    assert found.reached is False
    assert "did not answer in HTTP or not in time" in found.text


def test_an_answer_that_is_replaced_is_told(server: CallbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request came in, and what came back is not the lab's."""
    _without_proxy(monkeypatch)

    def answers(request: Any) -> None:
        server.probes.take(request.path.partition("=")[2], way="")
        request.send_error(500)

    with _program(answers) as port:
        found = check_from_outside(f"http://127.0.0.1:{port}", server.probes)
    assert (found.reached, "put another answer in place of the lab's (status 500)" in found.text) == (False, True)


def test_who_does_not_speak_tls_is_told(server: CallbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port is one of plain http."""
    _without_proxy(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            with plain.accept()[0] as line:
                line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found = check_from_outside(f"https://127.0.0.1:{plain.getsockname()[1]}", server.probes)
        thread.join(5)
    assert (found.reached, "127.0.0.1 does not speak https there" in found.text) == (False, True)


def test_a_name_that_is_looked_for_too_long_is_given_up(
    server: CallbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lab that starts does not wait for a name server that is away."""
    _without_proxy(monkeypatch)
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(10) and _no_such_name())
    monkeypatch.setattr("labkit.tunnel.outside_check.CONNECT_SECONDS", 0.1)
    found = check_from_outside("https://slow.example.com", server.probes, all_seconds=0.1)
    answered.set()
    assert (found.reached, "nothing answered in time" in found.text) == (None, True)
