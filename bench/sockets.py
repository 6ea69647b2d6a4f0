"""Websockets of Workers' pages: how soon one hears of a change, and what five hundred that hear of nothing cost.

``python -m bench.sockets <file> sandbox …`` is a sandbox that writes into the file, as a line of seconds of the
computer's one clock, when it has committed something.
"""

from __future__ import annotations

import functools
import socket
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

from bench.callbacks import allow_files
from bench.children import on_core
from bench.load import PATIENCE_SECONDS, Request, is_answered
from bench.measurement import Measurement, Say
from bench.throughput import FORM, Sandbox, in_turns, servers
from labkit.errors import LabError
from labkit.settings import Secret
from labkit.taskrouter.access_token import ApiKey, TokenRequest, access_token

CHANGES = 300
WARM_UP = 20
SOCKETS = 500
WORKERS = 50
TOKEN_SECONDS = 3600
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def socket_event_ms(say: Say) -> Measurement:
    """Milliseconds from the commit of a change to its message at a page that has loaded: the 95th of a hundred; to the
    50th."""
    with servers() as start, ExitStack() as stack:
        commits = start.home / "commits.txt"
        sandbox = Sandbox(start, program=("bench.sockets", str(commits), "sandbox"))
        stack.enter_context(on_core(1))
        worker_sid = sandbox.add_worker("Alice")
        page = stack.enter_context(connected(sandbox, tokens(sandbox, [worker_sid])[0]))
        requests = stack.enter_context(_opened(sandbox))
        heard = [_change(sandbox, worker_sid, number, page=page, requests=requests) for number in range(CHANGES)]
        found = _milliseconds(heard[min(WARM_UP, CHANGES // 2) :], commits)
    p50, p95 = median(found), quantiles(found, n=20)[-1]
    say(f"  p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    return Measurement(p95, "ms", "its median", p95 / p50)


def sockets_500_rest_ratio(say: Say) -> Measurement:
    """Tasks created a second while 500 pages are connected; to the same without one."""
    allow_files(SOCKETS)
    with servers() as start, ExitStack() as stack:
        sandbox = Sandbox(start)
        pages = stack.enter_context(ExitStack())

        def alone() -> Request:
            pages.close()
            return sandbox.creation()

        def with_pages() -> Request:
            pages.close()
            created = sandbox.creation()
            workers = [sandbox.add_worker(f"Worker {number}") for number in range(WORKERS)]
            made = tokens(sandbox, workers)
            for number in range(SOCKETS):
                pages.enter_context(connected(sandbox, made[number % WORKERS]))
            return created

        return in_turns(with_pages, alone, say=say, ratio_to=f"without the {SOCKETS} sockets")


def tokens(sandbox: Sandbox, worker_sids: list[str]) -> list[str]:
    """One for each of these Workers."""
    sid, secret = sandbox.key()
    asked = functools.partial(
        TokenRequest, workspace_sid=sandbox.workspace_sid, role="worker", lifetime_seconds=TOKEN_SECONDS
    )
    made = functools.partial(access_token, account_sid=sandbox.account_sid, key=ApiKey(sid, Secret(secret)))
    return [made(asked(worker_sid=each, identity=each)).reveal() for each in worker_sids]


@contextmanager
def connected(sandbox: Sandbox, token: str) -> Iterator[socket.socket]:
    """A page's socket, which has heard `init`."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": _KEY,
    }
    url = f"{sandbox.address}/v1/wschannels?token={token}&closeExistingSessions=false&clientVersion=2.1.1"
    with _opened(sandbox) as opened:
        opened.sendall(Request.make("GET", url, headers=upgrade).wire)
        _read_until(opened, b'"init"')
        yield opened


@contextmanager
def _opened(sandbox: Sandbox) -> Iterator[socket.socket]:
    parts = urlsplit(sandbox.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_SECONDS) as opened:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield opened


def _change(sandbox: Sandbox, worker_sid: str, number: int, *, page: socket.socket, requests: socket.socket) -> float:
    """Change the Worker by somebody else's request; when the page has heard of it."""
    body = f"Attributes=%7B%22n%22%3A{number}%7D".encode()
    url = sandbox.url(f"Workers/{worker_sid}")
    requests.sendall(Request.make("POST", url, body=body, headers={**FORM, **sandbox.credentials}).wire)
    _read_until(page, b"worker.attributes.update")
    heard = time.perf_counter()
    received = b""
    while not is_answered(received):
        received += _received(requests)
    return heard


def _read_until(opened: socket.socket, words: bytes) -> None:
    received = b""
    while words not in received:
        received += _received(opened)


def _received(opened: socket.socket) -> bytes:
    some = opened.recv(65536)
    if not some:
        raise LabError("The sandbox closed a socket that should stay.")
    return some


def _milliseconds(heard: list[float], commits: Path) -> list[float]:
    """From the last commit before each was heard."""
    moments = [float(line) for line in commits.read_text(encoding="ascii").splitlines()]
    return [1000 * (each - moments[bisect_right(moments, each) - 1]) for each in heard]


def _serve(commits: Path, arguments: list[str]) -> int:
    from labkit.cli.parser import main
    from labkit.sandbox.bridge.sessions import Sessions

    publish = Sessions.publish
    with commits.open("a", buffering=1, encoding="ascii") as file:

        def noting(sessions: Sessions) -> None:
            file.write(f"{time.perf_counter():.6f}\n")
            publish(sessions)

        Sessions.publish = noting  # type: ignore[method-assign, assignment]
        return main(arguments)


if __name__ == "__main__":
    sys.exit(_serve(Path(sys.argv[1]), sys.argv[2:]))
