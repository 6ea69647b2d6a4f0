"""DeskServer: Voilà as the lab runs it. Nobody enters without the token, by whichever route."""

from __future__ import annotations

import ipaddress
import os
import threading
import webbrowser
from pathlib import Path
from typing import Any, ClassVar

from jupyter_server.log import log_request
from jupyter_server.utils import url_path_join
from tornado.ioloop import IOLoop
from traitlets import Any as Any_
from traitlets import Bool
from voila.app import Voila

from labkit.app.guard import Login, guarded
from labkit.app.kernels import PING_INTERVAL_MS, DeskKernels
from labkit.errors import LabError

_OPENS = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={{ link }}">'


class DeskServer(Voila):  # type: ignore[misc]  # Voilà has no types
    """Voilà for the desk. Its settings are Voilà's own."""

    name = "voila"  # so that a file of settings for Voilà is one for the desk
    flags: ClassVar = {**Voila.flags, "look-only": ({"DeskServer": {"look_only": True}}, "Let nobody act.")}
    look_only = Bool(False, help="Whether the desk only shows: see `labkit.start(look_only=True)`.").tag(config=True)
    warm_kernel = Any_(None, allow_none=True, help="A `WarmKernel`, of which the first kernel is made.")
    auto_token = Bool(True, help="Whether a token is made where none is given.").tag(config=True)

    @property
    def display_url(self) -> str:
        """The address as Voilà logs it: without the token, for a log may be a file."""
        return str(super().display_url).partition("?")[0]

    @property
    def link(self) -> str:
        """The address with the token."""
        return f"{self.display_url}?token={self.identity_provider.token}"

    def init_settings(self) -> dict[str, Any]:
        """Voilà's settings of the server, with Jupyter's checks switched on.

        Raises:
            LabError: the token was switched off.
        """
        self.voila_configuration.multi_kernel_manager_class = DeskKernels
        settings: dict[str, Any] = super().init_settings()
        self.kernel_manager.look_only = self.look_only
        self.kernel_manager.warm = self.warm_kernel
        if not self.identity_provider.auth_enabled:
            raise LabError("The desk is not opened without a token. Leave the setting out, and one is made.")
        os.environ.pop("JUPYTER_TOKEN", None)  # read by now, and nothing to kernels and what they start
        self.identity_provider.login_handler_class = Login
        self.identity_provider.allow_password_change = False  # it would be written to a file
        allow = not _is_loopback(self.ip)
        # Under a hub its proxy stands before us, and the name in Host is the hub's.
        allow = allow or bool(os.environ.get("JUPYTERHUB_SERVICE_PREFIX"))
        ours = {"allow_remote_access": allow, "log_function": log_request, "ws_ping_interval": PING_INTERVAL_MS}
        return {**settings, **ours}

    def init_handlers(self) -> list[Any]:
        """Voilà's routes, each behind the guard, whatever it is and whichever come with a newer Voilà."""
        routes = []
        for pattern, handler, *options in super().init_handlers():
            if pattern == "/logout":  # its page wants files that Voilà does not have
                continue
            at = url_path_join(self.server_url, pattern) if pattern == "/login" else pattern
            routes.append((at, guarded(handler), *options))
        return routes

    def start(self) -> None:
        """Serve until it is stopped; the link is printed when there is something to open."""
        IOLoop.current().add_callback(self._welcome)
        super().start()

    def launch_browser(self) -> None:
        """Open the link by way of a file that only this user can read: a command line can be read by everybody."""
        page = Path(self.connection_dir) / "open.html"
        template = self.app.settings["voila_jinja2_env"].from_string(_OPENS)
        page.write_text(template.render(link=self.link), encoding="utf-8")
        opener = webbrowser.get(self.browser or None)
        threading.Thread(target=opener.open, args=(page.as_uri(), self.webbrowser_open_new), daemon=True).start()

    def _welcome(self) -> None:
        where = self.link if self.identity_provider.token_generated else self.display_url
        text = f"\nThe desk is ready. Open this address in your browser:\n\n    {where}\n\nStop it with Ctrl-C.\n"
        print(text, flush=True)  # noqa: T201  # also where it goes into a pipe or a file


def _is_loopback(ip: str) -> bool:
    if ip == "localhost":
        return True
    try:
        return ipaddress.ip_address(ip).is_loopback
    except ValueError:
        return False
