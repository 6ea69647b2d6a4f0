"""`POST join`: somebody comes in."""

from __future__ import annotations

from workshop.room.handler import RoomHandler
from workshop.room.routes import OpenTo, RoomRoute


async def join(handler: RoomHandler) -> None:
    """Make the person a Worker, and say where; a second time it is the same Worker."""
    member = await handler.room.membership.joined(handler.person)
    handler.room.streams.now_is(member.name, member.worker_sid)
    handler.answer(await handler.room.described(handler.person, member))


ROUTES = (RoomRoute(method="POST", path="join", handler=join, who=OpenTo.PARTICIPANTS),)
