"""One session: a websocket of a Worker's page, from its `init` to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from labkit.sandbox.bridge.access_tokens import Grant
from labkit.sandbox.bridge.outbox import OTHERS_LEAD_SECONDS, Call, Outbox
from labkit.sandbox.json_text import to_bytes

HEARTBEAT_SECONDS = 15.0
"""The client looks every 30 s, and drops a socket that was silent for as long."""
HEARTBEAT = b" "
EXPIRY_GRACE_SECONDS = 10.0
"""From a token's end to that of its session: who renews it a little late sees no break."""
MOST_WAITING = 4 * 1024 * 1024
"""Bytes for a client that does not take them, beyond what the system keeps for it; then it is let go."""
MOST_LIFETIME_MS = 86_400_000
"""The client sets a timer by it, and one beyond 2^31 milliseconds fires at once."""
LOADING = frozenset({"Activities", "WorkerChannels", "Reservations"})
"""The lists that a client asks for after each `init`, besides its Worker."""

GOING_AWAY, NORMAL, POLICY_VIOLATION = 1001, 1000, 1008
"""Of RFC 6455, section 7.4.1."""


class Socket(Protocol):
    """What a session is sent through."""

    @property
    def waiting(self) -> int: ...

    def send(self, body: bytes) -> None: ...

    def close(self, code: int, reason: str) -> None: ...

    def abort(self) -> None: ...


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None: ...


class Timers(Protocol):
    """What an asyncio loop can do with time."""

    def time(self) -> float: ...

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> Timer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """How a session wants to join.

    Attributes:
        grant: what its token grants.
        token: what tells this token from others, and is not the token.
        closes_others: whether the Worker's other sessions are to be closed (`closeExistingSessions`).
        goes_offline: whether the Worker is to be Offline once no session is left
            (`setWorkerOfflineIfDisconnected`); None where the page has not said it.
        goes_to: the SID of the Activity that the Worker is to have then, where it is another one; empty for Offline.
    """

    grant: Grant
    token: str
    closes_others: bool = False
    goes_offline: bool | None = None
    goes_to: str = ""


class Session:
    """One that has joined.

    Args:
        socket: its websocket.
        joining: how it has joined.
        timers: the loop's time.
        unix_time: the time by which tokens expire.
        on_expiry: called when its token has run out for long enough.

    Attributes:
        lists: what its client has loaded, of `LOADING`.
    """

    def __init__(
        self,
        socket: Socket,
        joining: Joining,
        *,
        timers: Timers,
        unix_time: Callable[[], float],
        on_expiry: Callable[[Session], None],
    ) -> None:
        self.joining = joining
        self.lists: set[str] = set()
        self._socket = socket
        self._timers = timers
        self._unix_time = unix_time
        self._on_expiry = on_expiry
        self._outbox = Outbox(now=timers.time())
        self._next_look: Timer | None = None
        self._next_beat: Timer | None = None
        self._is_over = False
        socket.send(to_bytes({"event_type": "init", "payload": self._init()}))
        self._await_beat()

    @property
    def worker_sid(self) -> str:
        """Whose it is."""
        return self.joining.grant.worker_sid

    def push(self, body: bytes, *, after: Call | None = None) -> None:
        """Let the client have a message, in its turn; `after` is the bridge's call that has caused it."""
        if self._is_over:
            return
        now = self._timers.time()
        if after is None or after.worker_sid == self.worker_sid:
            self._outbox.add(body, now=now, after=after)
        else:
            self._outbox.add(body, now=now + OTHERS_LEAD_SECONDS)
        if self._outbox.size + self._socket.waiting > MOST_WAITING:
            self.stop()
            self._socket.abort()
        else:
            self.look()

    def look(self) -> None:
        """Send what may be sent by now, and look again when more may be."""
        if self._is_over:
            return
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        for body in self._outbox.take(self._timers.time()):
            self._socket.send(body)
        due_at = self._outbox.due_at()
        if due_at is not None:
            self._next_look = self._timers.call_at(due_at, self.look)

    def note_list(self, name: str) -> None:
        """The client has got one of the lists that it loads; with the last of them it begins to hear."""
        self.lists.add(name)
        if self.lists >= LOADING:
            self._outbox.note_loaded(self._timers.time())
            self.look()

    def close(self, code: int, reason: str) -> None:
        """Close the websocket."""
        self.stop()
        self._socket.close(code, reason)

    def stop(self) -> None:
        """Send nothing more."""
        self._is_over = True
        for timer in (self._next_look, self._next_beat):
            if timer is not None:
                timer.cancel()

    def _init(self) -> dict[str, Any]:
        grant = self.joining.grant
        lifetime = max(0, int((grant.expires_at - self._unix_time()) * 1000))
        return {
            "channel_id": grant.worker_sid,
            "account_sid": grant.account_sid,
            "workspace_sid": grant.workspace_sid,
            "token_lifetime": min(lifetime, MOST_LIFETIME_MS),
        }

    def _seconds_left(self) -> float:
        return self.joining.grant.expires_at + EXPIRY_GRACE_SECONDS - self._unix_time()

    def _await_beat(self) -> None:
        seconds = min(HEARTBEAT_SECONDS, max(0.0, self._seconds_left()))
        self._next_beat = self._timers.call_at(self._timers.time() + seconds, self._beat)

    def _beat(self) -> None:
        if self._seconds_left() <= 0:
            self._on_expiry(self)
            return
        if not self._socket.waiting:
            self._socket.send(HEARTBEAT)
        self._await_beat()
