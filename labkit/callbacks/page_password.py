"""A password for the pages that people open, where the callback server's address is open to the world.

Callbacks have none: TaskRouter proves itself by its signature.
"""

from __future__ import annotations

import hmac

from flask import Response, request

from labkit.callbacks.agent_page.routes import AgentPageRoutes
from labkit.settings import Secret

REALM = "TaskRouter Lab"


class PagePassword:
    """Asks for it, by HTTP's Basic authentication; any user name will do.

    Args:
        password: what is wanted; None to ask for nothing.
    """

    def __init__(self, password: Secret | None) -> None:
        self._password = password

    def check(self) -> Response | None:
        """The answer to a request for a page without the right password; None for whoever may pass."""
        if self._password is None or not (request.path == "/" or AgentPageRoutes.serves(request.path)):
            return None
        given = request.authorization
        sent = given.password or "" if given is not None and given.type == "basic" else ""
        if hmac.compare_digest(sent.encode("utf-8", "replace"), self._password.reveal().encode()):
            return None
        # Not a page of ours in any way, so nothing is told but that a password is wanted.
        answer = Response("This page wants the password that the lab was started with.", status=401)
        answer.headers["WWW-Authenticate"] = f'Basic realm="{REALM}", charset="UTF-8"'
        answer.headers["Cache-Control"] = "no-store"
        answer.content_type = "text/plain; charset=utf-8"
        return answer
