"""`progress`: a lab tells how far its participant is, who sees and deletes what is kept; always their own."""

from __future__ import annotations

from datetime import UTC, datetime

from workshop.room.handler import RoomHandler
from workshop.room.progress import as_values
from workshop.room.refusals import NotReachable
from workshop.room.routes import OpenTo, RoomRoute


async def post_progress(handler: RoomHandler) -> None:
    """Take a report in, in the place of the last; answers with nothing."""
    now, book = datetime.now(UTC), handler.room.progress
    book.note(handler.person.name, handler.json(), now=now)
    book.save_now_and_then(now)
    handler.room.wall.changed()
    handler.set_status(204)


async def get_progress(handler: RoomHandler) -> None:
    """All that is kept of whoever asks; an empty object is nothing."""
    standing = handler.room.progress.people.get(handler.person.name)
    handler.answer(as_values(standing) if standing else {})


async def delete_progress(handler: RoomHandler) -> None:
    """Forget whoever asks, in the file too."""
    try:
        handler.room.progress.forget(handler.person.name)
    except OSError:
        raise NotReachable("The room cannot write its file now; ask it again to forget you") from None
    handler.room.wall.changed()
    handler.set_status(204)


ROUTES = tuple(
    RoomRoute(method=method, path="progress", handler=handler, who=OpenTo.PARTICIPANTS)
    for method, handler in (("POST", post_progress), ("GET", get_progress), ("DELETE", delete_progress))
)
