"""Where the sandbox may send callbacks: this computer, and hosts that somebody with the credentials has named.

A Workflow's callback URL is text from outside. Without this, whoever can write one could have the sandbox call any
address that this computer reaches. A URL is looked at twice: by how it is written, and again by the addresses that its
name turns out to have. A name that was allowed leads to public addresses only; a private or otherwise special one has
to be allowed itself. Link-local addresses, and those at which a cloud tells its machines their secrets, are never
called, whoever allows them.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.callback_auth import is_user_info


class CallbackHosts:
    """The hosts that may be called. Loopback always; others by exact name, in lower case.

    Raises:
        InvalidParameter: one of them is never called.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed: set[str] = set()
        for host in allowed:
            self.allow(host)

    def allow(self, host: str) -> None:
        """Allow callbacks to this host name or address, on any port.

        Raises:
            InvalidParameter: it is never called.
        """
        name = host.strip().lower()
        why = why_never(name)
        if why:
            raise InvalidParameter("Host", why)
        self._allowed.add(name)

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed)

    def may_reach(self, host: str, address: str) -> bool:
        """Whether an address that the name `host` turned out to have may be called."""
        if is_loopback(address):
            return True
        if why_never(address):
            return False
        return host.lower() in self._allowed and (address in self._allowed or is_public(address))

    def objection(self, url: str) -> str | None:
        """Why this URL may not be called, in words; None if it may."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            return f"the URL is malformed: {error}"
        if parts.scheme not in ("http", "https") or not host:
            return "only http:// and https:// URLs with a host can be called"
        user_info, separator, place = parts.netloc.rpartition("@")
        if separator and not is_user_info(user_info):
            return "the URL is malformed: before the @ stand a name, a colon and a password, with escapes such as %40"
        if place.lower() not in _spellings(host, port):
            return "the URL is malformed: there is more between // and the path than a host and a port"
        if is_loopback(host) or host in self._allowed:
            return None
        only = f"the sandbox calls only this computer; allow {host} with --allow-callback-host to call it too"
        return why_never(host) or only


def _spellings(host: str, port: int | None) -> tuple[str, str]:
    """How a URL writes this host and port. What can be read in another way too is not called."""
    name = f"[{host}]" if ":" in host else host
    return name, f"{name}:{port}"


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_INSIDE = tuple(
    ipaddress.ip_network(network) for network in ("192.0.0.0/24", "fec0::/10", "64:ff9b:1::/48", "2001::/23")
)
"""Special ones that not every version of Python knows as such (IANA's special-purpose address registries)."""


_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",  # Amazon
        "fd20:ce::254/128",  # Google
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle
    )
)
_METADATA = frozenset(
    {
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "instance-data",
        "instance-data.ec2.internal",
        "metadata.tencentyun.com",
    }
)


def why_never(host: str) -> str | None:
    """Why this name or address, in lower case, is never called; None if it may be allowed."""
    name = host.strip("[]").rstrip(".")
    if name not in _METADATA and not any(each in network for each in _readings(name) for network in _NEVER):
        return None
    return f"{host} is never called: from such an address a cloud tells its secrets to whoever asks from inside"


def _readings(host: str) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address that this is, in whatever spelling, and those of IPv4 to which one of IPv6 may lead."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        with suppress(OSError, ValueError):  # as whoever connects would read 0xa9fea9fe, 2852039166 and 169.254.43518
            yield ipaddress.IPv4Address(socket.inet_aton(host))
        return
    yield found
    if isinstance(found, ipaddress.IPv6Address):
        yield from filter(None, (found.sixtofour, *(found.teredo or ())))
        yield ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)  # mapped, compatible, translated (NAT64, ISATAP)


def is_public(address: str) -> bool:
    """Whether this is an address of the open internet, also if it is one of IPv4 within one of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        within = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            within = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        found = within or found
    special = found.is_multicast or found.is_reserved or any(found in network for network in _INSIDE)
    return found.is_global and not special


def is_loopback(host: str) -> bool:
    """Whether this is `localhost` or a loopback address, written plainly."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
