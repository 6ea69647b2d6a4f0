"""Who asks: JupyterHub says so, to its own classes, from a token of the hub or from the cookie of its OAuth.

A kernel sends its server's token; the official SDK, which knows Basic alone, sends it as the password. A browser has
the cookie, and with it a request counts only where the XSRF token of a page of ours goes along.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError, RequestHandler

from workshop.room.refusals import NobodyKnown, NotAllowed, NotReachable

BELIEVED_SECONDS = 60
"""For so long the hub's word about a token holds: who is removed asks nothing after it, and hears what their kernel's
open stream still brings until their server ends."""
MOST_HEADER = 2_000
"""Characters of an `Authorization` header; the hub's tokens have 32."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A person of the hub who asks.

    Attributes:
        name: at the hub; their Worker has the same.
        instructor: whether they are an admin of the hub.
    """

    name: str
    instructor: bool


class RoomAuth(HubOAuth):  # type: ignore[misc]  # JupyterHub has no annotations
    """The hub's own class, which takes a token as a Basic password too."""

    def get_token(self, handler: RequestHandler, in_cookie: bool = True) -> str | None:
        """The token that a request brings; never one in its URL, which logs keep."""
        header = handler.request.headers.get("Authorization", "")
        if not header:
            return self._get_token_cookie(handler) if in_cookie else None
        if len(header) > MOST_HEADER or "," in header:  # several headers, joined
            return None
        scheme, _, value = header.partition(" ")
        if scheme.lower() in ("token", "bearer"):
            return value.strip() or None
        return _password(value) if scheme.lower() == "basic" else None

    async def asker(self, handler: RequestHandler) -> Asker:
        """Who asks.

        Raises:
            NobodyKnown: 401: no token, no cookie, or none that the hub knows; or a cookie without the XSRF token.
            NotAllowed: 403: the token is not for this service, or is no person's.
            NotReachable: 503: the hub does not answer.
        """
        try:
            model: dict[str, Any] | None = await self.get_user(handler, sync=False)
        except HTTPError as error:
            if error.status_code >= 500:
                raise NotReachable("The hub does not answer, so nobody can be let in; try again in a moment") from None
            raise NobodyKnown from None
        handler.current_user = model
        if model is None:
            raise NobodyKnown
        if not self.check_scopes(self.access_scopes, model):
            raise NotAllowed("This token of the hub is not for the room; it wants the scope access:services")
        if model.get("kind") != "user":
            raise NotAllowed("Only people take part in the room, and this is a token of a service")
        return Asker(str(model["name"]), bool(model.get("admin")))


def _password(encoded: str) -> str | None:
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")[2] or None
    except (binascii.Error, UnicodeDecodeError):
        return None
