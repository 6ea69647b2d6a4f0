"""`_sandbox/…`: what the room's sandbox has besides TaskRouter. A room that stands on an account has none of it."""

from __future__ import annotations

import re

from workshop.room.handler import RoomHandler
from workshop.room.refusals import NotAllowed, NotThere
from workshop.room.routes import OpenTo, RoomRoute
from workshop.room.taskrouter_proxy import METHODS, as_member, pass_back, understood

_PLAIN = re.compile(r"/_sandbox(/([A-Za-z0-9_-]|%20)+)+")
"""A snapshot's name has spaces in it."""
CLOSED = frozenset({"stop", "accounts", "keys", "members"})
"""The service's own: it ends its sandbox itself, and nobody gets a credential out of it."""


async def sandbox_path(handler: RoomHandler) -> None:
    """Pass a request on to the sandbox; a participant's, if the table of members opens it."""
    room, path = handler.room, f"/_sandbox/{handler.parts['rest']}"
    if room.upstream.kind != "sandbox":
        raise NotThere(path)
    request = understood(handler, path, plain=_PLAIN)
    if not handler.person.instructor:
        await as_member(handler, request)
        return
    if path.split("/")[2] in CLOSED:
        raise NotAllowed("The room keeps this to itself: it starts and ends its sandbox, and alone holds its keys")
    pass_back(handler, await room.upstream.ask(request, room.upstream.own))


ROUTES = tuple(
    RoomRoute(method=method, path="_sandbox/{rest...}", handler=sandbox_path, who=OpenTo.PARTICIPANTS)
    for method in METHODS
)
