"""The server itself: ports, threads, stopping and starting, and many callbacks at once."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests
from served import served

from labkit.callbacks import CallbackServer
from labkit.errors import CallbackServerError
from labkit.settings import Secret
from labkit.stream import EventStream, Kind

pytestmark = pytest.mark.timeout(30)
FIELDS = {"ReservationSid": "WR1", "TaskAttributes": "{}"}


def _port(server: CallbackServer) -> int:
    return int(server.local_url.rsplit(":", 1)[1])


def _accepts(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_it_answers_over_a_socket(server: CallbackServer, tools: dict[str, Any]) -> None:
    """A signed callback to the assignment URL gets the policy's answer."""
    server.policy.answer_with("accept")
    answer = tools["post_signed"](server, FIELDS)
    assert answer.json() == {"instruction": "accept"}
    event = tools["post_signed"](server, {"EventType": "task.created"}, url=server.event_url)
    assert (event.status_code, event.headers["Content-Type"]) == (204, "application/json")


def test_a_hundred_callbacks_at_once_are_all_answered(
    server: CallbackServer, stream: EventStream, tools: dict[str, Any]
) -> None:
    """A burst loses nothing: each is answered, in the log and in the stream, once."""
    sids = [f"WR{n}" for n in range(100)]
    barrier = threading.Barrier(len(sids))

    def call(sid: str) -> int:
        barrier.wait(20)
        return int(tools["post_signed"](server, {**FIELDS, "ReservationSid": sid}).status_code)

    with ThreadPoolExecutor(len(sids)) as pool:
        assert set(pool.map(call, sids)) == {200}
    assert sorted(e.form["ReservationSid"] for e in server.exchanges) == sorted(sids)
    assert {e.signature for e in server.exchanges} == {"valid"}
    published = [entry.data.reservation_sid for entry in stream.entries(kind=Kind.ASSIGNMENT)]
    assert sorted(published) == sorted(sids)


def test_stopping_leaves_no_thread_and_no_socket(server: CallbackServer) -> None:
    """After stop nothing of it listens or runs; stopping again is no error."""
    requests.get(server.local_url, timeout=5)
    port = _port(server)
    server.stop()
    server.stop()
    assert not server.running
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("labkit-callbacks")]
    assert not _accepts(port)


def test_it_stops_with_connections_open(server: CallbackServer) -> None:
    """Idle connections and half a request do not hold it up."""
    with socket.create_connection(("127.0.0.1", _port(server))) as idle:
        idle.sendall(b"POST /assignment_callback HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
        with requests.Session() as session:
            session.get(server.local_url, timeout=5)
            started = time.monotonic()
            server.stop()
            assert time.monotonic() - started < 4


def test_it_starts_again_where_it_was(server: CallbackServer, tools: dict[str, Any]) -> None:
    """Started twice it is one server; after a stop it takes the same port, so a tunnel to it stays right."""
    server.set_public_url("https://lab.example.com")
    url = server.local_url
    server.start()
    assert server.local_url == url
    server.stop()
    server.start()
    assert (server.local_url, server.public_url) == (url, "https://lab.example.com")
    assert requests.get(server.local_url + "/healthz", timeout=5).json()["app"] == "labkit"


def test_a_public_url_is_forgotten_with_its_port(server: CallbackServer) -> None:
    """When the old port is taken meanwhile, the tunnel's URL leads elsewhere and is dropped."""
    server.set_public_url("https://lab.example.com")
    server.stop()
    with _occupied(_port(server)):
        server.start()
    assert server.public_url == server.local_url


@contextmanager
def _occupied(port: int = 0, app: dict[str, Any] | None = None) -> Iterator[int]:
    """A port of another program, which says of itself what `app` holds."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(app).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with served(HTTPServer(("127.0.0.1", port), Answer)) as other:
        yield other.server_port


@pytest.mark.parametrize(
    ("app", "says"),
    [
        ({"app": "labkit", "pid": 1, "notebook": "02_x.ipynb"}, "the lab in notebook 02_x.ipynb (process 1)"),
        ({"app": "labkit", "pid": 1}, "another lab (process 1)"),
        ({"app": "other"}, "another program"),
        (None, "another program"),
    ],
)
def test_a_busy_port_is_replaced_and_its_holder_named(
    stream: EventStream, app: dict[str, Any] | None, says: str
) -> None:
    """The wished port being taken, a free one is used and a notice says who has the other."""
    with _occupied(app=app) as port:
        server = CallbackServer(stream, auth_token=Secret("t"), port=port)
        server.start()
        server.stop()
    (notice,) = stream.entries(kind=Kind.NOTICE)
    assert _port(server) != port
    assert notice.data["level"] == "warning"
    assert notice.data["text"] == f"Port {port} is held by {says}, so callbacks come in on port {_port(server)}."


def test_two_servers_of_one_kernel_know_each_other(server: CallbackServer, stream: EventStream) -> None:
    """The same port wished twice in a kernel is told as such."""
    second = CallbackServer(stream, auth_token=Secret("t"), port=_port(server))
    second.start()
    second.stop()
    assert "this notebook's kernel" in stream.entries(kind=Kind.NOTICE)[0].data["text"]


def test_a_port_that_cannot_be_is_an_error_without_leftovers(stream: EventStream) -> None:
    """Where nothing can be bound the error names the port, and no thread is left."""
    before = set(threading.enumerate())
    with pytest.raises(CallbackServerError, match="port 70000"):
        CallbackServer(stream, auth_token=Secret("t"), port=70_000).start()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://x", "https://", "https://a:b@x", "https://x?a=1", "https://x:y", "https://["]
)
def test_only_an_address_can_be_the_public_url(stream: EventStream, url: str) -> None:
    """What TaskRouter could not be told is refused, and the URL stays as it was."""
    server = CallbackServer(stream, auth_token=Secret("t"))
    server.set_public_url("https://x.example/lab/")
    with pytest.raises(CallbackServerError):
        server.set_public_url(url)
    assert server.assignment_url == "https://x.example/lab/assignment_callback"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"POST /assignment_callback HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST /assignment_callback HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /assignment_callback HTTP/1.1\r\nTransfer-Encoding: strange\r\n\r\n", 400),
    ],
)
def test_what_is_not_http_is_answered_and_logged(server: CallbackServer, sent: bytes, status: int) -> None:
    """Even what never reaches the app gets a 4xx in JSON and is in the log, and the server goes on."""
    with socket.create_connection(("127.0.0.1", _port(server)), timeout=5) as sock:
        sock.sendall(sent)
        answer = b"".join(iter(lambda: sock.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert "The request cannot be read" in json.loads(body)["error"]
    assert server.exchanges.last.response_body == body.decode()
    assert requests.get(server.local_url, timeout=5).ok


def test_the_notebook_stays_quiet(
    server: CallbackServer, tools: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither callbacks, nor refusals, nor failures print anything, even where logging is set up."""
    handler = logging.StreamHandler()
    logging.getLogger().addHandler(handler)
    try:
        server.policy.answer_with(lambda fields: 1 / 0)
        tools["post_signed"](server, FIELDS)
        requests.post(server.assignment_url, data=b"x", timeout=5)
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda _: requests.get(server.local_url, timeout=5), range(40)))
    finally:
        logging.getLogger().removeHandler(handler)
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_a_function_that_hangs_does_not_hold_up_the_others(server: CallbackServer, tools: dict[str, Any]) -> None:
    """While one answer is being thought about, the next callback and the page are served, and stop is bounded."""
    entered, release = threading.Event(), threading.Event()

    def think(fields: Any) -> None:
        entered.set()
        release.wait(20)

    server.policy.answer_with(think)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(tools["post_signed"], server, FIELDS)
        assert entered.wait(5)
        server.policy.answer_with("accept")
        assert tools["post_signed"](server, FIELDS).json() == {"instruction": "accept"}
        release.set()
        assert hanging.result(5).json() == {}
