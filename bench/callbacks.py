"""A burst: how long the slowest of 500 callbacks waits that all come at once, each over a connection of its own.

``python -m bench.callbacks`` reads ``{"url", "auth_token", "count"}`` from its input, sends one burst and prints
``{"statuses", "slowest_s"}``.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped, unused-ignore]  # no annotations

from bench.children import on_core, serving
from bench.load import Request, is_answered
from bench.measurement import Measurement, Say
from labkit.errors import LabError

COUNT = 500
ROUNDS = 5
PATIENCE_SECONDS = 60.0
_FORM = "application/x-www-form-urlencoded"


def callback_burst_slowest_s(say: Say) -> Measurement:
    """Seconds until the last of 500 signed callbacks is answered that come at once; to the same at a bare route."""
    with tempfile.TemporaryDirectory(prefix="labkit-bench-") as folder, ExitStack() as stack:
        home = Path(folder)
        ours = stack.enter_context(serving("bench.servers", "callbacks", home=home))
        bare = stack.enter_context(serving("bench.servers", "flask", home=home))
        found, ratios = [], []
        with on_core(1):
            for number in range(ROUNDS):
                say(f"  round {number + 1} of {ROUNDS}")
                slowest = burst(ours["url"], auth_token=ours["auth_token"]).slowest
                found.append(slowest)
                ratios.append(slowest / burst(bare["url"], auth_token=ours["auth_token"]).slowest)
        return Measurement(median(found), "s", "bare Flask on waitress", median(ratios))


@dataclass(frozen=True, slots=True)
class Burst:
    """What became of a burst: the status and the seconds of each callback, in the order of their answers."""

    answers: tuple[tuple[int, float], ...]

    @property
    def slowest(self) -> float:
        """Seconds from the first byte of the burst to the last answer."""
        return max(seconds for _, seconds in self.answers)


def burst(url: str, *, auth_token: str, count: int = COUNT) -> Burst:
    """Send so many assignment callbacks at once, each for a Reservation of its own.

    Args:
        url: where to, `http://127.0.0.1:port/path`.
        auth_token: what they are signed with.
        count: how many; the server's connections and this process's files are the limit.

    Raises:
        LabError: one was not answered, or its connection was closed.
    """
    allow_files(count)
    validator = RequestValidator(auth_token)
    waiting = [_Waiting.make(url, fields(number), validator) for number in range(count)]
    try:
        with selectors.DefaultSelector() as selector:
            for each in waiting:
                each.open()
                selector.register(each.socket, selectors.EVENT_READ, each)
            begun = time.perf_counter()
            for each in waiting:
                each.socket.sendall(each.request.wire)
            return Burst(tuple(_answers(selector, count, begun)))
    finally:
        for each in waiting:
            each.socket.close()


def fields(number: int) -> dict[str, str]:
    """The form of an assignment callback; those of two numbers have nothing in common."""
    return {
        "AccountSid": f"AC{0:032x}",
        "ReservationSid": f"WR{number:032x}",
        "TaskSid": f"WT{number:032x}",
        "WorkerSid": f"WK{number:032x}",
        "WorkerName": f"Worker {number}",
        "WorkerAttributes": '{"languages": ["en", "es"]}',
        "TaskAttributes": '{"selected_language": "es"}',
    }


@dataclass(slots=True, eq=False)
class _Waiting:
    """One callback, and what has come back."""

    request: Request
    socket: socket.socket
    received: bytes = b""

    @classmethod
    def make(cls, url: str, form: dict[str, str], validator: Any) -> _Waiting:
        headers = {"Content-Type": _FORM, "X-Twilio-Signature": validator.compute_signature(url, form)}
        request = Request.make("POST", url, body=urlencode(form).encode(), headers=headers)
        return cls(request, socket.socket(socket.AF_INET, socket.SOCK_STREAM))

    def open(self) -> None:
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect((self.request.host, self.request.port))


def _answers(selector: selectors.BaseSelector, count: int, begun: float) -> list[tuple[int, float]]:
    answers: list[tuple[int, float]] = []
    while len(answers) < count:
        ready = selector.select(PATIENCE_SECONDS)
        if not ready:
            raise LabError(f"{count - len(answers)} of {count} callbacks were not answered in {PATIENCE_SECONDS:g} s.")
        for key, _ in ready:
            each: _Waiting = key.data
            chunk = each.socket.recv(65536)
            if not chunk:
                raise LabError("The server closed the connection of a callback without an answer.")
            each.received += chunk
            if is_answered(each.received):
                answers.append((int(each.received.split(None, 2)[1]), time.perf_counter() - begun))
                selector.unregister(each.socket)
                each.socket.close()  # a server with fewer connections than callbacks takes the next
    return answers


def allow_files(count: int) -> None:
    """Let this process open as many sockets as it needs, where the system asks to be told."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + 100
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    done = burst(asked["url"], auth_token=asked["auth_token"], count=asked["count"])
    sys.stdout.write(json.dumps({"statuses": [status for status, _ in done.answers], "slowest_s": done.slowest}))
