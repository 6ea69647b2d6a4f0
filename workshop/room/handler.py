"""Every request to the room: who asks is settled first, then whether the route's table lets them, then the handler."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, RequestHandler

from labkit.error_codes import ErrorCode
from labkit.errors import LabError, Refusal
from labkit.sandbox.json_text import to_bytes
from workshop.room.people import Asker, RoomAuth
from workshop.room.refusals import NobodyKnown, NoSuchMethod, NotAllowed, NotThere, NotUsable, error_body, error_page
from workshop.room.routes import OpenTo, RoomRoute

if TYPE_CHECKING:
    from workshop.room.state import RoomState

log = logging.getLogger(__name__)

MOST_FIELDS = 100
"""Of a form; a Worker's update has four."""
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class RoomHandler(HubOAuthenticated, RequestHandler):  # type: ignore[misc]  # JupyterHub has no annotations
    """One request.

    Attributes:
        room: everything that the room is.
        asker: who asks; None where the route is for strangers.
        parts: the variable parts of the path, as they were sent.
        when_gone: called when the connection is closed before the answer is whole.
    """

    asker: Asker | None

    def initialize(self, *, room: RoomState, auth: RoomAuth, routes: Mapping[str, RoomRoute]) -> None:
        """What the application gives each request of a path: its methods, none where there is no such path."""
        self.room, self.hub_auth, self._routes = room, auth, routes
        self.asker = None
        self.when_gone: Callable[[], object] = lambda: None

    @property
    def person(self) -> Asker:
        """Who asks, on a route that is not for strangers."""
        if self.asker is None:
            raise NobodyKnown
        return self.asker

    @property
    def parts(self) -> Mapping[str, str]:
        """The variable parts of the path."""
        return {name: value or "" for name, value in self.path_kwargs.items()}

    def set_default_headers(self) -> None:
        """Nothing of the room is kept by a browser, nor framed by another site."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Security-Policy", "frame-ancestors 'self'")
        self.clear_header("Server")

    async def prepare(self) -> None:
        """Settle who asks, before anything else is looked at."""
        route = self._route()
        if route is not None and route.who is OpenTo.STRANGERS:
            return
        try:
            self.asker = await self.hub_auth.asker(self)
        except NobodyKnown:
            if route is None or not route.page:
                raise
            self.redirect(self.get_login_url())
            return
        if route is None:
            raise NoSuchMethod(str(self.request.method)) if self._routes else NotThere(str(self.request.path))
        if route.who is OpenTo.INSTRUCTOR and not self.asker.instructor:
            raise NotAllowed("This is for the instructor of the workshop")
        if route.page:
            _ = self.xsrf_token  # so that the page has one

    async def _handle(self, **_: str) -> None:
        route = self._route()
        if route is None:
            raise NoSuchMethod(str(self.request.method))
        await route.handler(self)

    get = post = put = delete = options = _handle

    def _route(self) -> RoomRoute | None:
        return self._routes.get(str(self.request.method))

    def answer(self, document: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", f"{JSON}; charset=utf-8")
        self.write(to_bytes(document))

    def form(self) -> list[tuple[str, str]]:
        """The fields of the body, as they were sent.

        Raises:
            NotUsable: it is no form, or has too many fields.
        """
        if not self.request.body:
            return []
        if _media_type(self) != FORM:
            raise NotUsable(f"The body must be {FORM}")
        try:
            return parse_qsl(
                self.request.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
        except ValueError:
            raise NotUsable(f"The body is no form, or has more than {MOST_FIELDS} fields") from None

    def json(self) -> dict[str, Any]:
        """The object in the body.

        Raises:
            NotUsable: there is none.
        """
        try:
            document = json.loads(self.request.body)
        except (ValueError, RecursionError):
            document = None
        if _media_type(self) != JSON or not isinstance(document, dict):
            raise NotUsable(f"The body must be {JSON}, an object")
        return document

    def on_connection_close(self) -> None:
        """Whoever asked has gone."""
        self.when_gone()

    def cut_off(self) -> None:
        """Close the connection, whatever was still to be sent."""
        connection: Any = self.request.connection
        connection.stream.close()

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer in Twilio's form, or with a page who opens one, and with nothing of what went wrong inside."""
        error = (details.get("exc_info") or (None, None, None))[1]
        if isinstance(error, Refusal):
            self._say(error.status, error.code, str(error))
            if error.status == 401:
                self.set_header("WWW-Authenticate", 'Basic realm="room"')
        elif isinstance(error, LabError):
            self._say(503, ErrorCode.UNAVAILABLE, str(error))
        elif isinstance(error, HTTPError) and status_code < 500:
            self._say(status_code, ErrorCode.INVALID, self._reason)
        else:
            self._say(500, ErrorCode.INTERNAL_ERROR, "Internal Server Error")
        self.finish()

    def _say(self, status: int, code: ErrorCode, message: str) -> None:
        route = self._route()
        if route is None or not route.page or "text/html" not in self.request.headers.get("Accept", ""):
            self.answer(error_body(status, code=code, message=message), status)
            return
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'")
        self.write(error_page(message, way_on=self.room.settings.prefix if self.asker else ""))

    def log_exception(self, *details: Any) -> None:
        """What is refused on purpose is no failure of ours."""
        if not isinstance(details[1], LabError):
            super().log_exception(*details)


def _media_type(handler: RequestHandler) -> str:
    return handler.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
