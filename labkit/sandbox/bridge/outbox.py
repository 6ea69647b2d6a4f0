"""What a session is to hear, in its order and not too early.

Twilio's client has two sockets, one for its calls and one for events, which race: whoever awaits `accept()` and then
listens for `accepted` must get the answer first. And it is deaf from `init` until it has loaded what there is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

ANSWER_LEAD_SECONDS = 0.1
"""From the last byte of an answer to what the call has caused. A browser on a machine with ten busy processes comes to
read both only after some 60 ms, and then in either order."""
OTHERS_LEAD_SECONDS = 0.008
"""From a call to what other Workers' sessions hear of it, once it is written. One program may have the clients of both:
whoever is offered a Task there takes up what the other one's call has answered, such as the transfer."""
LOADED_LEAD_SECONDS = 0.3
"""From the last answer of the loading to the first event: the client goes through what it got."""
MOST_HELD_SECONDS = 2.0
"""Whatever an event waits for, it waits no longer: a client that never loads hears of it all the same."""


@dataclass(slots=True, eq=False)
class Call:
    """A request of the bridge that is under way, or that was answered.

    Attributes:
        worker_sid: whose it is.
        answered_at: when the last byte of its answer left; None while it is under way.
    """

    worker_sid: str
    answered_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Message:
    body: bytes
    made_at: float
    after: Call | None

    @property
    def due_at(self) -> float:
        """The last moment for which it waits; a call that is answered may make it an earlier one."""
        if self.after is None:
            return self.made_at
        latest = self.made_at + MOST_HELD_SECONDS
        answered = self.after.answered_at
        return latest if answered is None else min(latest, answered + ANSWER_LEAD_SECONDS)


class Outbox:
    """The messages of one session that wait. Times are those of the loop, in seconds.

    Args:
        now: when the session got its `init`.

    Attributes:
        size: bytes that wait.
    """

    def __init__(self, *, now: float) -> None:
        self.size = 0
        self._opens_at = now + MOST_HELD_SECONDS
        self._messages: deque[_Message] = deque()

    def add(self, body: bytes, *, now: float, after: Call | None = None) -> None:
        """One more message; `after` is the call that has caused it, if the session is of the Worker who called."""
        self._messages.append(_Message(body, now, after))
        self.size += len(body)

    def note_loaded(self, now: float) -> None:
        """The client has got all that it loads."""
        self._opens_at = min(self._opens_at, now + LOADED_LEAD_SECONDS)

    def take(self, now: float) -> list[bytes]:
        """What may be sent now: a message never goes before the one that was added before it."""
        taken = []
        while (due_at := self.due_at()) is not None and due_at <= now:
            message = self._messages.popleft()
            self.size -= len(message.body)
            taken.append(message.body)
        return taken

    def due_at(self) -> float | None:
        """When the next message may go, if nothing makes that earlier; None if there is none."""
        return max(self._opens_at, self._messages[0].due_at) if self._messages else None
