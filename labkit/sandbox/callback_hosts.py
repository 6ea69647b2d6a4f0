"""Where the sandbox may send callbacks: this computer, and hosts that somebody with the credentials has named.

A Workflow's callback URL is text from outside. Without this, whoever can write one could have the sandbox call any
address that this computer reaches.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit


class CallbackHosts:
    """The hosts that may be called. Loopback always; others by exact name, in lower case."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = {host.lower() for host in allowed}

    def allow(self, host: str) -> None:
        """Allow callbacks to this host name or address, on any port."""
        self._allowed.add(host.strip().lower())

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed)

    def objection(self, url: str) -> str | None:
        """Why this URL may not be called, in words; None if it may."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            return f"the URL is malformed: {error}"
        if parts.scheme not in ("http", "https") or not host:
            return "only http:// and https:// URLs with a host can be called"
        if parts.username is not None or parts.password is not None:
            return "a callback URL must not hold a user name or a password"
        if parts.netloc.lower() not in _spellings(host, port):
            return "the URL is malformed: there is more between // and the path than a host and a port"
        if is_loopback(host) or host in self._allowed:
            return None
        return f"the sandbox calls only this computer; allow {host} with --allow-callback-host to call it too"


def _spellings(host: str, port: int | None) -> tuple[str, str]:
    """How a URL writes this host and port. What can be read in another way too is not called."""
    name = f"[{host}]" if ":" in host else host
    return name, f"{name}:{port}"


def is_loopback(host: str) -> bool:
    """Whether this is `localhost` or a loopback address, written plainly."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
