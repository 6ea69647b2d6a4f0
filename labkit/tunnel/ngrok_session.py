"""How an ngrok agent's session with its service stands, by what the agent says of it in its log.

The agent runs on without a session, and tries to have one again for ever: its process says nothing of this.
"""

from __future__ import annotations

import re
import threading
import time
from typing import Protocol

from labkit.tunnel import ngrok_errors

_LOST = re.compile(r"session closed|failed to reconnect session|failed to (dial|auth)", re.IGNORECASE)
_HAD = re.compile(r"client session established|tunnel session started", re.IGNORECASE)


class LogLine(Protocol):
    """A line of the log as pyngrok reads it: what happened, and the error if it is one."""

    msg: str | None
    err: str | None


class NgrokSession:
    """The session of one agent. Hears from one thread, is asked from any.

    Args:
        secret: the authtoken, which the agent repeats where it was refused.
    """

    def __init__(self, *, secret: str) -> None:
        self._secret = secret
        self._lock = threading.Lock()
        self._lost_at: float | None = None
        self._reason = ""
        self._had = 0

    def hear(self, line: LogLine) -> None:
        """Take in a line of the log."""
        said = line.msg or ""
        with self._lock:
            if _HAD.search(said):
                self._lost_at, self._reason = None, ""
                self._had += 1
            elif _LOST.search(said):
                self._lost_at = self._lost_at or time.monotonic()
                self._reason = line.err or self._reason

    @property
    def times_had(self) -> int:
        """How often there was one: grows with each reconnection, after which the address may be another one."""
        return self._had

    @property
    def lost_seconds(self) -> float:
        """For how long there has been none although the agent tries; 0.0 while there is one, or it has yet to try."""
        lost_at = self._lost_at
        return 0.0 if lost_at is None else time.monotonic() - lost_at

    @property
    def trouble(self) -> str:
        """Why there is none, in a sentence; empty while there is one."""
        with self._lock:
            return "" if self._lost_at is None else ngrok_errors.disconnected(self._reason, secret=self._secret)

    @property
    def reason(self) -> str:
        """ngrok's own words for it, in which the authtoken may stand."""
        return self._reason
