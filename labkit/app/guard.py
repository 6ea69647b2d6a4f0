"""Guarded: what stands before every route of the desk, whatever the route itself looks at.

Voilà checks nobody by itself: any Host passes, and its files are given to whoever asks.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.httputil import HTTPServerRequest
from voila.tornado.handler import TornadoVoilaHandler

_SENTENCES = {
    403: "This is refused: the desk is for whoever opens the link that `make desk` printed in the terminal.",
    404: "There is nothing here.",
    405: "This is not a way to ask the desk.",
    503: "As many pages of the desk are open as may be; close one, wait two minutes, and open this one again.",
}


class Guarded(JupyterHandler):
    """Host, Origin, and the token or its cookie are looked at before the handler that this is put in front of.

    Host and Origin go by Jupyter's own settings (`allow_remote_access`, `local_hostnames`, `allow_origin`), which
    `Voila.tornado_settings` takes.
    """

    asks_who_it_is = True

    async def prepare(self, **options: Any) -> None:
        """Refuse a foreign Origin here; a foreign Host, and whoever has no token, in Jupyter's `prepare`.

        Raises:
            HTTPError: 403.
        """
        _forget_token(self.request)
        if not self.check_origin():
            raise web.HTTPError(403)
        await super().prepare(**options)
        if self.asks_who_it_is and self.current_user is None and not self._finished:
            raise web.HTTPError(403)  # Jupyter lets everybody have some of its files

    def skip_check_origin(self) -> bool:
        """Never: Jupyter would let a page from elsewhere in that has learned the token."""
        return False

    def write_error(self, status_code: int, **_: Any) -> None:
        """One sentence: Jupyter's own pages need files that are for others than who is refused."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_SENTENCES.get(status_code, "The desk could not answer this.") + "\n")


class Page(Guarded, TornadoVoilaHandler):  # type: ignore[misc]  # Voilà has no types
    """The desk itself. Whoever comes with the token in the link gets a cookie, and the link without it."""

    async def prepare(self, **options: Any) -> None:
        """Send on whoever came with the token: what stands in the address bar is shown to a room.

        Raises:
            HTTPError: 403.
        """
        await super().prepare(**options)
        if not self._finished and "token" in self.request.query_arguments:
            self.redirect(self.base_url + (f"?{self.request.query}" if self.request.query else ""))


class Login(Guarded, LoginFormHandler):
    """Where one comes without the token: a page that asks for it and needs no other file."""

    asks_who_it_is = False

    def _render(self, message: object = None) -> None:
        template = self.settings["voila_jinja2_env"].get_template("login.html.j2")
        self.finish(template.render(action=self.request.uri, xsrf=self.xsrf_form_html(), refused=message is not None))


_OWN = {"TornadoVoilaHandler": Page}


def guarded(handler: type[web.RequestHandler]) -> type[web.RequestHandler]:
    """The handler with `Guarded` in front of it."""
    if issubclass(handler, Guarded):
        return handler
    return _OWN.get(handler.__name__) or type(handler.__name__, (Guarded, handler), {})


def _forget_token(request: HTTPServerRequest) -> None:
    """Take the token out of the address, which is logged, and which the kernel has in its environment."""
    path, _, query = (request.uri or "").partition("?")
    rest = [part for part in query.split("&") if unquote_plus(part.partition("=")[0]) != "token"]
    request.query = "&".join(filter(None, rest))
    request.uri = f"{path}?{request.query}" if request.query else path
