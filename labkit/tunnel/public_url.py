"""An address of one's own that leads here: a domain, a company's proxy, cloudflared, a port of Codespaces."""

from __future__ import annotations

from labkit.errors import TunnelError
from labkit.tunnel.outside_check import ProbeOffice, check_from_outside
from labkit.tunnel.outside_failures import OutsideCheck


class PublicUrl:
    """The address that the settings give, which somebody else has made to lead to a port of this computer.

    Nothing is opened and nothing is ended here.

    Args:
        url: as `public_address` gives it.
        port: which port of 127.0.0.1 it leads to, 1 to 65535.

    Attributes:
        outside: what came of the last check; None before the first, and after `close`.
    """

    name = "public_url"

    def __init__(self, url: str, *, port: int) -> None:
        self.url: str | None = None
        self._address = url
        self._port = port
        self.outside: OutsideCheck | None = None

    def __repr__(self) -> str:
        return f"<PublicUrl: {self.url or 'closed'}>"

    def look(self) -> None:
        """What is before it is somebody else's, and does not say what becomes of it."""

    @property
    def trouble(self) -> str:
        """Why nothing comes in, or may not, as the last check found it."""
        return self.outside.text if self.outside and not self.outside.reached else ""

    @property
    def note(self) -> str:
        """That it is reached, and how."""
        return self.outside.text if self.outside and self.outside.reached else ""

    def check(self, probes: ProbeOffice) -> OutsideCheck:
        """Ask it from outside whether it leads to the server of these probes; within ten seconds."""
        self.outside = check_from_outside(self._address, probes)
        return self.outside

    def open(self, port: int) -> str:
        """The address, if the callback server listens where it leads.

        Raises:
            TunnelError: it listens on another port, because something else has the right one.
        """
        if port != self._port:
            raise TunnelError(
                f"{self._address} leads to port {self._port} of this computer, which another program has, perhaps "
                f"another notebook's lab. End that and start again, or take another port, to which it leads then."
            )
        self.url = self._address
        return self.url

    def close(self) -> None:
        """Forget that it is used; it goes on leading here."""
        self.url = self.outside = None

    def describe(self) -> str:
        """Its state in a line, for people."""
        return f"public URL: {self.url or self._address} → port {self._port}{'' if self.url else ' (not used)'}"
