"""By which addresses people come to this machine, and the picture of one for a room's telephones."""

from __future__ import annotations

import io
import ipaddress
import socket

import psutil

ALL = "0.0.0.0"  # noqa: S104  # what somebody has asked for
_ELSEWHERE = "192.0.2.1"
"""Kept for documentation: nobody has it, and nothing is sent there."""


def own_addresses() -> list[str]:
    """This machine's IPv4 addresses, that of its way to other networks first; empty where it has no network."""
    found = [_towards_others(), *_of_interfaces()]
    return list(dict.fromkeys(address for address in found if address and _reaches_people(address)))


def urls(url: str, host: str) -> list[str]:
    """The workshop's URL as people type it: one, or one for each address where it listens on all.

    Args:
        url: the workshop's.
        host: on which it listens.
    """
    if host != ALL:
        return [url]
    return [url.replace(host, address, 1) for address in own_addresses() or ["127.0.0.1"]]


def picture(url: str) -> str:
    """A QR code for a terminal with light letters on dark ground, or for a projector."""
    import qrcode

    code = qrcode.QRCode(border=2)
    code.add_data(url)
    drawn = io.StringIO()
    code.print_ascii(out=drawn, invert=True)
    return drawn.getvalue()


def _towards_others() -> str:
    """The address that a packet to another network would have as its sender; a UDP socket's `connect` sends none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        try:
            unused.connect((_ELSEWHERE, 9))
        except OSError:
            return ""
        return str(unused.getsockname()[0])


def _of_interfaces() -> list[str]:
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        str(each.address)
        for name, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if name in up and each.family == socket.AF_INET
    ]


def _reaches_people(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified)
