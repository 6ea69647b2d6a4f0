"""`POST messages`: the instructor says something to everybody, also to those who come within the hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotUsable
from workshop.room.routes import RoomRoute

LONGEST = 1_000
"""Characters."""
MOST_KEPT, KEPT_FOR = 20, timedelta(hours=1)


def _now() -> datetime:
    return datetime.now(UTC)


class RoomMessages:
    """What was said lately.

    Args:
        now: the time.
    """

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now
        self._kept: deque[tuple[datetime, dict[str, Any]]] = deque(maxlen=MOST_KEPT)

    def add(self, text: str, *, by: str) -> dict[str, Any]:
        """Keep something that was said; it as a line of a stream has it."""
        at = self._now()
        said = {"from": by, "text": text, "at": at.isoformat(timespec="milliseconds")}
        self._kept.append((at, said))
        return said

    def lately(self) -> list[dict[str, Any]]:
        """What was said within the hour, oldest first."""
        return [said for at, said in self._kept if self._now() - at <= KEPT_FOR]


async def post_message(handler: RoomHandler) -> None:
    """Send `{"text"}` to all; answers with how many people it went to at once."""
    text = handler.json().get("text")
    if not isinstance(text, str) or not 1 <= len(text.strip()) <= LONGEST:
        raise NotUsable(f"text must be 1 to {LONGEST:,} characters")
    said = handler.room.messages.add(text.strip(), by=handler.person.name)
    handler.room.streams.broadcast({"message": said})
    handler.answer({"people": len(handler.room.streams.names)}, 201)


ROUTES = (RoomRoute(method="POST", path="messages", handler=post_message),)
