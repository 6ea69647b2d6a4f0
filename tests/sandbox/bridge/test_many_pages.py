"""Five hundred pages at once, of a sandbox that is a process of its own."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from bench.callbacks import allow_files
from bench.sockets import connected, tokens
from bench.throughput import FORM, Sandbox, servers

pytestmark = pytest.mark.alone
PAGES = 500


def test_five_hundred_pages_hear_of_one_change() -> None:
    """And whoever asks over HTTP is answered."""
    allow_files(PAGES)
    with servers() as start, ExitStack() as stack:
        sandbox = Sandbox(start)
        worker_sid = sandbox.add_worker("Alice")
        (token,) = tokens(sandbox, [worker_sid])
        pages = [stack.enter_context(connected(sandbox, token)) for _ in range(PAGES)]
        change(sandbox, worker_sid)
        assert [b"worker.attributes.update" in heard(page) for page in pages] == [True] * PAGES


def change(sandbox: Sandbox, worker_sid: str) -> None:
    url = urlsplit(sandbox.url(f"Workers/{worker_sid}"))
    connection = HTTPConnection(url.netloc, timeout=10)
    connection.request("POST", url.path, "Attributes=%7B%22n%22%3A1%7D", {**FORM, **sandbox.credentials})
    assert connection.getresponse().status == 200
    connection.close()


def heard(page: socket.socket) -> bytes:
    """The first that is no heartbeat."""
    received = b""
    while b"event_type" not in received:
        some = page.recv(65536)
        assert some, "the page was closed"
        received += some
    return received
