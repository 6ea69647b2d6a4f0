"""The address of one's own by which Twilio reaches the callback server: read, cleaned, or refused in a sentence. Pure.

public_address("https://Bücher.example/labs/ana/", mode="twilio")  # https://xn--bcher-kva.example/labs/ana
"""

from __future__ import annotations

import ipaddress
import re
from typing import NoReturn
from urllib.parse import SplitResult, quote, urlsplit

from labkit.errors import SettingsError

_LONGEST = 500  # characters
_SHOWN = 100  # of them, in a message
_UNUSUAL = re.compile(r"[\x00-\x20\x7f\\<>\"'`{}|^]")
_BEFORE_AN_AT = re.compile(r"^([a-z][a-z0-9+.-]*:/+)?.*@", re.DOTALL | re.IGNORECASE)  # a password may hold a / as well
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_ONLY_HERE = ("localhost", "local", "internal", "lan", "home.arpa", "test", "invalid", "onion")
_PATH_SIGNS = "/%:@!$&()*+,;=-._~"
_JUPYTERHUB = re.compile(r"/user/[^/]+(/[^/]+)?/proxy/(absolute/)?\d+$")
_PORT_IN_URL = re.compile(r"/proxy/(?:absolute/)?(\d+)$|-(\d+)\.(?:[a-z0-9]+\.)?(?:app\.github\.dev|devtunnels\.ms)$")

_FORM = "give https://, a host that the internet can reach, and a port or a path where need be"


def public_address(text: object, *, mode: str) -> str:
    """A public URL as the lab uses it: the host in small letters and as IDNA has it, no slash at the end.

    Args:
        text: what was given.
        mode: `twilio`, for which it is https and no address of this computer or of a network inside; or `sandbox`,
            which runs on this computer and may call it, by http as well.

    Raises:
        SettingsError: it cannot be used; says why, and never shows a password in it.
    """
    url = str(text).strip()
    if not url or len(url) > _LONGEST or _UNUSUAL.search(url):
        _refuse(url, "is not a URL", _FORM)
    if not url.lower().startswith(("https://", "http://")):
        rest = url.rpartition("://")[2].lstrip("/")
        _refuse(url, "does not begin with https://", _FORM if "@" in rest else f"{_FORM}, such as https://{rest}")
    try:
        parts = urlsplit(url)
        host, port = _host(parts), parts.port
    except (ValueError, UnicodeError):
        _refuse(url, "has a host or a port that cannot be read", _FORM)
    _check_parts(parts, url)
    if parts.scheme == "http" and not (mode == "sandbox" and is_inside(host)):
        _refuse(url, "begins with http://, by which anybody on the way can read callbacks", "give https://")
    if mode != "sandbox" and is_inside(host):
        _refuse(url, "is an address of this computer or of a network inside, where Twilio cannot come", _FORM)
    if mode != "sandbox" and _JUPYTERHUB.search(parts.path):
        _refuse(url, f"is a JupyterHub's proxy. {JUPYTER_LETS_THROUGH}", JUPYTER_INSTEAD)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{quote(parts.path, safe=_PATH_SIGNS).rstrip('/')}"


JUPYTER_LETS_THROUGH = (
    "It lets in only who is logged in: a POST without Jupyter's token is refused, and that token is the right to run "
    "any code here, so it must never be given to Twilio"
)
JUPYTER_INSTEAD = "use tunnel='ngrok' where this computer may reach it, or run the lab where you have an address"


def port_in(url: str) -> int | None:
    """The port of this computer that a URL names as Jupyter's and Codespaces' proxies do; None where it names none."""
    parts = urlsplit(url)
    found = _PORT_IN_URL.search(parts.path) or _PORT_IN_URL.search(parts.hostname or "")
    return int(found[1] or found[2]) if found else None


def is_inside(host: str) -> bool:
    """Whether a host, without its port, is this computer or in a network inside, as far as its name tells."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or any(host == name or host.endswith(f".{name}") for name in _ONLY_HERE)


def _check_parts(parts: SplitResult, url: str) -> None:
    if parts.username is not None or parts.password is not None:
        _refuse(
            url,
            "holds a name or a password",
            "leave them out: the lab knows Twilio by its signature, so POSTs have to come through without one; the "
            "pages that people open can have a password of their own, LABKIT_PAGES_PASSWORD",
        )
    if parts.query or parts.fragment or "?" in url or "#" in url:
        _refuse(url, "holds a ? or a #", "leave out what begins there: the lab adds its own paths")
    if any(part in ("", ".", "..") for part in parts.path.rstrip("/").split("/")[1:]):
        _refuse(url, "has a path with //, /./ or /../ in it", "give the path that the proxy leads on")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if parts.port == 0:
        raise ValueError("no port")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return _name_of_host(host)


def _name_of_host(host: str) -> str:
    """As IDNA has it. Python's own codec follows the older standard, which makes ss of ß: that would be another host.

    Raises:
        ValueError: it is none.
    """
    name = host.encode("idna").decode("ascii") if host else ""
    if not host.isascii() and name.encode("ascii").decode("idna") != host:
        raise ValueError("written another way by newer rules")
    last = name.rpartition(".")[2]
    if not _HOST_NAME.fullmatch(name) or last.isdigit() or last.startswith("0x"):
        raise ValueError("not a host")
    return name


def _refuse(url: str, what: str, remedy: str) -> NoReturn:
    """Say what is wrong with it. Whatever stands before an @ may be a password, or half of one."""
    shown = _BEFORE_AN_AT.sub(r"\1•••@", url)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    raise SettingsError(f"public_url {shown!r} {what}; {remedy}.")
