"""The path of the public URL (`/labs/ana`), taken off where a proxy in front has left it on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

KEPT = "labkit.kept_prefix"
"""In the WSGI environment of a request: the path that was taken off, as it was sent."""

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class PublicPrefix:
    """Lets an app behind a path of its own see the rest of it, whether the proxy takes the path off or not.

    Args:
        app: a WSGI app.
        public_url: gives the address that TaskRouter was told.
    """

    def __init__(self, app: WsgiApp, *, public_url: Callable[[], str]) -> None:
        self._app = app
        self._public_url = public_url

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        prefix = urlsplit(self._public_url()).path
        if prefix:
            _take_off(environ, prefix)
        return self._app(environ, start_response)


def _take_off(environ: dict[str, Any], prefix: str) -> None:
    path, sent = str(environ.get("PATH_INFO", "")), str(environ.get("REQUEST_URI") or prefix)
    known = unquote(prefix, "latin-1")  # as WSGI has paths
    if not (path == known or path.startswith(f"{known}/")) or not sent.startswith(prefix):
        return
    environ["PATH_INFO"] = path.removeprefix(known) or "/"
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + known
    if environ.get("REQUEST_URI"):
        environ["REQUEST_URI"] = sent.removeprefix(prefix) or "/"
    environ[KEPT] = prefix
