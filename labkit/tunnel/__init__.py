"""How TaskRouter reaches the callback server: on this computer, or through a public address.

tunnel = choose(settings)
server.set_public_url(tunnel.open(port))
"""

from __future__ import annotations

from typing import Protocol

from labkit.settings import Settings
from labkit.tunnel.loopback import Loopback
from labkit.tunnel.ngrok import Ngrok
from labkit.tunnel.public_url import PublicUrl

__all__ = ["Loopback", "Ngrok", "PublicUrl", "Tunnel", "choose"]


class Tunnel(Protocol):
    """A way to a port of 127.0.0.1. Opening twice gives the same URL; closing twice is no error."""

    @property
    def name(self) -> str:
        """`loopback`, `ngrok` or `public_url`, as in the setting `tunnel`."""
        ...

    @property
    def url(self) -> str | None:
        """The address outside, without a slash at its end; None while closed."""
        ...

    @property
    def trouble(self) -> str:
        """Why nothing may come in although it is open, in a sentence; empty while all is well."""
        ...

    @property
    def note(self) -> str:
        """What a person who opens the address in a browser should know, in sentences; mostly empty."""
        ...

    def look(self) -> None:
        """See what has become of it, within two seconds: `url` and `trouble` say it. Never raises."""
        ...

    def open(self, port: int) -> str:
        """Lead a public address to `port` of 127.0.0.1, and return it.

        Raises:
            TunnelError: there is none; says why and what to do.
        """
        ...

    def close(self) -> None:
        """End it, and leave no process."""
        ...

    def describe(self) -> str:
        """Its state in a line, for people."""
        ...


def choose(settings: Settings) -> Tunnel:
    """The tunnel that the settings ask for, not yet open."""
    if settings.tunnel == "loopback":
        return Loopback()
    if settings.public_url is not None:
        return PublicUrl(settings.public_url, port=settings.port)
    return Ngrok(settings.ngrok_authtoken, path=settings.ngrok_path, domain=settings.ngrok_domain)
