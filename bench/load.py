"""A client that is not the bottleneck: the same request, again and again, over a few kept connections.

It does not parse what it gets beyond the status and the length, so that one core of it keeps one core of any
Python server busy.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from labkit.errors import LabError

CONNECTIONS = 8
PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Request:
    """A request to repeat: where to, its bytes as they go over the wire, and the status that is right."""

    host: str
    port: int
    wire: bytes
    status: int

    @classmethod
    def make(
        cls,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        status: int = 200,
    ) -> Request:
        """A request to an ``http://host:port/path`` URL."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        wire = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        return cls(parts.hostname or "", parts.port or 80, wire, status)


@dataclass(slots=True, eq=False)
class _Connection:
    socket: socket.socket
    received: bytes = b""
    answered: int = field(default=0)


def requests_per_second(request: Request, *, seconds: float) -> float:
    """How many answers a second `CONNECTIONS` kept connections get, each asking anew when it is answered.

    Raises:
        LabError: an answer of another status, a closed connection, or silence.
    """
    connections = [_open(request) for _ in range(CONNECTIONS)]
    try:
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                connection.socket.sendall(request.wire)
            begun = time.perf_counter()
            while time.perf_counter() - begun < seconds:
                _turn(selector, request)
            elapsed = time.perf_counter() - begun
    finally:
        for connection in connections:
            connection.socket.close()
    return sum(c.answered for c in connections) / elapsed


def _open(request: Request) -> _Connection:
    sock = socket.create_connection((request.host, request.port), timeout=PATIENCE_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(sock)


def _turn(selector: selectors.BaseSelector, request: Request) -> None:
    ready = selector.select(PATIENCE_SECONDS)
    if not ready:
        raise LabError(f"The server on port {request.port} has not answered for {PATIENCE_SECONDS} s.")
    for key, _ in ready:
        connection: _Connection = key.data
        chunk = connection.socket.recv(65536)
        if not chunk:
            raise LabError(f"The server on port {request.port} closed a connection that should be kept.")
        connection.received += chunk
        if _is_whole(connection.received, request):
            connection.received = b""
            connection.answered += 1
            connection.socket.sendall(request.wire)


def _is_whole(received: bytes, request: Request) -> bool:
    if not is_answered(received):
        return False
    line = received.partition(b"\r\n")[0]
    if int(line.split()[1]) != request.status:
        raise LabError(f"Port {request.port} answered {line.decode('latin-1')}; expected {request.status}.")
    return True


def is_answered(received: bytes) -> bool:
    """Whether these bytes hold a whole answer, which says its length."""
    head, found, body = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n") if found else []
    lengths = [line.partition(b":")[2] for line in lines if line.startswith(b"content-length:")]
    return len(body) >= int(lengths[0]) if lengths else False
