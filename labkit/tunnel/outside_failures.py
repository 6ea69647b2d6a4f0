"""What it means that a public URL could not be asked: does nobody reach it, or can that not be told from here? Pure."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

PHONE = "Open {url}/healthz on a phone without Wi-Fi: where it says labkit, TaskRouter comes through as well"
_ANY_NAME = "taskrouter.twilio.com"


@dataclass(frozen=True, slots=True)
class OutsideCheck:
    """What came of it.

    Attributes:
        reached: whether the lab is reached from outside; None where that cannot be told from here.
        text: that in a sentence, with what to do.
        ngrok_code: of ngrok's service, where that has answered in the lab's place; empty otherwise.
    """

    reached: bool | None
    text: str
    ngrok_code: str = ""


def failed_check(url: str, error: Exception, resolves: Callable[[str], bool]) -> OutsideCheck:
    """What an error says of whether this computer is reached at `url`.

    Args:
        url: the public URL.
        error: that asking it came to.
        resolves: whether a name has an address, by which being offline is told from a name that is not there.
    """
    host = urlsplit(url).hostname
    if isinstance(error, ssl.SSLError):
        no_trust = isinstance(error, ssl.SSLCertVerificationError)
        return OutsideCheck(False, _not_trusted(host, error) if no_trust else _no_tls(host, error))
    if isinstance(error, socket.gaierror):
        return _no_address(url, online=resolves(_ANY_NAME))
    if isinstance(error, ConnectionRefusedError):
        return OutsideCheck(False, f"Nobody listens at {host}: the connection was refused. Start what shall lead here.")
    if isinstance(error, TimeoutError):
        return _cannot_be_told(
            url,
            "nothing answered in time. Requests may not be let out of here, or a router does not lead its own address "
            "back in, or nothing is there.",
        )
    said = f"{type(error).__name__}: {str(error)[:80]}"
    text = f"{url} was connected to, and did not answer in HTTP or not in time ({said}). {_phone(url)}."
    return OutsideCheck(False, text)


def _no_address(url: str, *, online: bool) -> OutsideCheck:
    if not online:
        return _cannot_be_told(
            url, "this computer finds the address of no name outside, so it is offline or not let out."
        )
    host = urlsplit(url).hostname
    return OutsideCheck(False, f"There is no host {host}: its name has no address. Look for a mistake in public_url.")


def _cannot_be_told(url: str, why: str) -> OutsideCheck:
    return OutsideCheck(None, f"It cannot be told from here whether {url} leads here: {why} {_phone(url)}.")


def _phone(url: str) -> str:
    return PHONE.format(url=url)


def _not_trusted(host: str | None, error: ssl.SSLError) -> str:
    reason = str(getattr(error, "verify_message", "") or error.reason or error)[:100]
    return (
        f"The certificate of {host} is not trusted ({reason}), so TaskRouter would not call it either. It needs one of "
        "a public authority, for this very name, and not out of date."
    )


def _no_tls(host: str | None, error: ssl.SSLError) -> str:
    return (
        f"{host} does not speak https there ({str(error.reason or error)[:100]}). TaskRouter needs it: look at the "
        "port in public_url, and at what answers there."
    )
