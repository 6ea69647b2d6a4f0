"""Sockets that write down what they are sent, and a loop's time that is moved by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from labkit.sandbox.bridge.access_tokens import Grant
from labkit.vocabulary import Role

ACCOUNT, WORKSPACE, WORKER = f"AC{'1' * 32}", f"WS{'1' * 32}", f"WK{'1' * 32}"


class HandTimers:
    """The time of a loop, which stands still until it is moved; what is due then happens, in its order.

    Attributes:
        now: the loop's time, in seconds.
        unix_at_start: what the real clock said when the loop's was 0.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.unix_at_start = time.time()
        self._waiting: list[HandTimer] = []

    def time(self) -> float:
        return self.now

    def unix_time(self) -> float:
        """The real clock, which goes as fast."""
        return self.unix_at_start + self.now

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> HandTimer:
        timer = HandTimer(when, lambda: callback(*args))
        self._waiting.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Move on, and let happen what falls due on the way."""
        end = self.now + seconds
        while due := [timer for timer in self._waiting if timer.when <= end and not timer.is_over]:
            first = min(due, key=lambda timer: timer.when)
            self._waiting = [timer for timer in self._waiting if timer is not first and not timer.is_over]
            self.now = max(self.now, first.when)
            first.callback()
        self.now = end

    def count(self) -> int:
        """How much is still to happen."""
        return sum(not timer.is_over for timer in self._waiting)


class HandTimer:
    """Something that is to happen."""

    def __init__(self, when: float, callback: Callable[[], object]) -> None:
        self.when, self.callback = when, callback
        self.is_over = False

    def cancel(self) -> None:
        self.is_over = True


class HandSocket:
    """A client's socket.

    Attributes:
        waiting: bytes that it has not taken.
        closed: the code and the reason with which it was closed.
        is_aborted: whether it was let go without a word.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.bodies: list[bytes] = []
        self.closed: tuple[int, str] | None = None
        self.is_aborted = False

    def send(self, body: bytes) -> None:
        assert self.closed is None
        self.bodies.append(body)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def abort(self) -> None:
        self.is_aborted = True

    def take(self) -> list[str]:
        """The types of the messages since this was last asked; a heartbeat has none."""
        bodies, self.bodies = self.bodies, []
        return [json.loads(body)["event_type"] if body.strip() else "" for body in bodies]


def grant(*, expires_at: float, worker_sid: str = WORKER, workspace_sid: str = WORKSPACE) -> Grant:
    """What a Worker's token grants."""
    return Grant(
        account_sid=ACCOUNT,
        workspace_sid=workspace_sid,
        worker_sid=worker_sid,
        role=Role.WORKER,
        expires_at=expires_at,
    )
