"""The room's own address, which the hub lists under Services: it leads each to the page that is for them."""

from __future__ import annotations

from workshop.room.handler import RoomHandler
from workshop.room.routes import OpenTo, RoomRoute

_NOTEBOOKS = "user-redirect/lab/tree/"
"""Below the hub's own address: whoever asks is led to the server of their own."""
_ON_A_CLUSTER = "notebooks/"
"""There a home has the notebooks in a folder, on one machine it is that folder."""


async def lead_on(handler: RoomHandler) -> None:
    """The instructor to the wall, a participant to the room's notebook."""
    settings = handler.room.settings
    if handler.person.instructor:
        handler.redirect(f"{settings.prefix}wall")
    else:
        folder = _ON_A_CLUSTER if settings.workshop is None else ""
        handler.redirect(f"{handler.hub_auth.hub_prefix}{_NOTEBOOKS}{folder}room.ipynb")


ROUTES = (RoomRoute(method="GET", path="", handler=lead_on, who=OpenTo.PARTICIPANTS, page=True),)
