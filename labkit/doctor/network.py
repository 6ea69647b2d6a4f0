"""The way outside: proxies, whether Twilio and ngrok can be reached, and this computer's clock by Twilio's."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment

from labkit.account.clock_offset import REMARK_SECONDS, clock_is_off, seconds_ahead
from labkit.doctor.finding import Finding, bad, ok, said_and_remedy, skipped, warn
from labkit.doctor.surroundings import Surroundings
from labkit.errors import SettingsError

NGROK_HOST = "connect.ngrok-agent.com"
"""Where ngrok's agent goes, on port 443 (https://ngrok.com/docs/agent/connect-url)."""
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
SCHEMES = ("http", "https", "socks4", "socks5", "socks5h")
CLOCK_WRONG_SECONDS = 300
_SECONDS = 5.0
_WITHOUT = "The sandbox needs no internet."
_DEFAULT_PORTS = {"http": 80, "https": 443}


def proxies(where: Surroundings) -> Finding:
    """Whether the proxies of the environment are written as they must be, answer, and leave this computer out."""
    set_here = {name: os.environ[name] for name in VARIABLES if os.environ.get(name)}
    for name, value in set_here.items():
        trouble = _not_a_proxy(value) or ("" if where.offline else _silent(value))
        if trouble:
            return bad(
                f"{name} is {value}, {trouble}.", f"Write it as http://host:port, or take the variable {name} away."
            )
    if not set_here:
        return ok("No proxy is set.")
    if any(name.lower() in ("http_proxy", "all_proxy") for name in set_here) and not _leaves_loopback_out():
        return warn(
            "What a notebook asks of 127.0.0.1, such as the sandbox or its own callback server, goes to the proxy too.",
            "Set NO_PROXY=127.0.0.1,localhost beside it, and start Jupyter anew.",
        )
    return ok(f"{', '.join(set_here)}: well written{'' if where.offline else ', and answering'}.")


def _not_a_proxy(value: str) -> str:
    try:
        parts = _split(value)
        _ = parts.port
    except ValueError:
        return "whose port is no number from 0 to 65535"
    if parts.scheme not in SCHEMES:
        return f"and {parts.scheme}:// is no proxy's scheme"
    return "" if parts.hostname else "which names no host"


def _split(value: str) -> SplitResult:
    """A proxy's URL; without a scheme it is a host, as for requests and curl."""
    return urlsplit(value if "://" in value else f"http://{value}")


def _silent(value: str) -> str:
    try:
        socket.create_connection(_address_of(value), timeout=_SECONDS).close()
    except OSError as error:
        return f"and nothing answers there ({error.strerror or error})"
    return ""


def _address_of(value: str) -> tuple[str, int]:
    parts = _split(value)
    return parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 1080)


def _leaves_loopback_out() -> bool:
    from requests.utils import should_bypass_proxies

    return bool(should_bypass_proxies("http://127.0.0.1:8000/", no_proxy=None))


def twilio(where: Surroundings) -> Finding:
    """Whether Twilio's hosts can be reached, by the way that its SDK takes."""
    import requests

    from labkit.taskrouter.no_answer import why_no_answer

    if where.offline:
        return skipped("Not looked at: --offline.")
    hosts = list(twilio_hosts(where))
    for host in hosts:
        try:
            _asked(host)
        except requests.RequestException as error:
            said, remedy = said_and_remedy(why_no_answer(error))
            return _unreachable(f"{host} cannot be reached: {said}", remedy, needed=where.wants_account)
    return ok(f"{' and '.join(hosts)} answer.")


def _unreachable(said: str, remedy: str, *, needed: bool) -> Finding:
    return bad(said, remedy) if needed else warn(said, f"{remedy} {_WITHOUT}".strip())


def twilio_hosts(where: Surroundings) -> Iterator[str]:
    """Those that the SDK asks, in the Region that is set."""
    from labkit.settings import Settings

    try:
        settings: Any = Settings.resolve(where.environ, mode="sandbox", tunnel="loopback")
        place = [each for each in (settings.edge, settings.region) if each]
    except SettingsError:  # which another check says
        place = []
    for product in ("taskrouter", "api"):
        yield ".".join([product, *place, "twilio.com"])


def _asked(host: str) -> Any:
    """The headers of its answer, whatever that is; by a request without credentials."""
    import requests

    with requests.get(f"https://{host}/", timeout=_SECONDS, allow_redirects=False, stream=True) as answer:
        return answer.headers


def clock(where: Surroundings) -> Finding:
    """How far this computer's clock is from Twilio's."""
    import requests

    if where.offline:
        return skipped("Not looked at: --offline.")
    host = list(twilio_hosts(where))[-1]
    try:
        off = seconds_ahead(_asked(host).get("Date"))
    except requests.RequestException:
        return skipped(f"{host} cannot be reached, so there is nothing to compare with.")
    if off is None:
        return skipped(f"{host} did not say what time it is.")
    if abs(off) < REMARK_SECONDS:
        return ok("The clock agrees with Twilio's.")
    said = f"{clock_is_off(off)}, so Worker tokens that are made here may not hold when they should."
    remedy = "Set it right, best by having the system keep it (NTP)."
    return bad(said, remedy) if abs(off) >= CLOCK_WRONG_SECONDS and where.wants_account else warn(said, remedy)


def why_ngrok_is_not_reached() -> str:
    """Why ngrok's service cannot be reached by the way that its agent takes; empty if it can."""
    try:
        _connect(NGROK_HOST)
    except (OSError, HTTPException) as error:
        return f"{NGROK_HOST}, port 443, cannot be reached ({getattr(error, 'strerror', None) or error})"
    return ""


def _connect(host: str) -> None:
    from requests.utils import should_bypass_proxies

    proxy = getproxies_environment().get("https") or getproxies_environment().get("all")
    if not proxy or should_bypass_proxies(f"https://{host}/", no_proxy=None):
        socket.create_connection((host, 443), timeout=_SECONDS).close()
        return
    parts = _split(proxy)
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    headers = {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"} if parts.username else {}
    through = HTTPConnection(*_address_of(proxy), timeout=_SECONDS)
    try:
        through.set_tunnel(host, 443, headers)
        through.connect()
    finally:
        through.close()
