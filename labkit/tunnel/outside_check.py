"""Does a public URL lead here? The lab asks it, by way of the world outside, and sees whether that comes in."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from labkit.authorities import trusted
from labkit.tunnel.outside_answers import OutsideAnswer, explained
from labkit.tunnel.outside_failures import PHONE, OutsideCheck, failed_check

CONNECT_SECONDS = 3.0
ALL_SECONDS = 7.0
"""From the first byte to the last."""
_BODY_BYTES = 32 * 1024


class ProbeOffice(Protocol):
    """Hands out the numbers that are sent, and knows which have come in."""

    def issue(self) -> str:
        """A new one."""
        ...

    def way_of(self, number: str) -> str | None:
        """How the request with this number came in, in words; None where it did not."""
        ...


def check_from_outside(
    url: str,
    probes: ProbeOffice,
    *,
    all_seconds: float = ALL_SECONDS,
    resolves: Callable[[str], bool] | None = None,
) -> OutsideCheck:
    """Ask `url` for `/healthz` once, and see whether the request came in here. Follows no redirect.

    Args:
        url: the public URL, without a slash at its end.
        probes: of the callback server to which it should lead.
        all_seconds: after this long it is given up.
        resolves: whether a name has an address, by which being offline is told from a name that is not there.
    """
    number = probes.issue()
    try:
        answer = _ask_within(urlsplit(f"{url}/healthz?probe={number}"), all_seconds)
    except _Unreachable as trouble:
        answer, said = None, OutsideCheck(trouble.reached, str(trouble).format(url=url))
    except (OSError, HTTPException, ValueError) as error:
        answer, said = None, failed_check(url, error, resolves or _resolves)
    way = probes.way_of(number)
    if answer is None:
        return said if way is None else OutsideCheck(False, _came_without_answer(url))
    if way is None:
        return OutsideCheck(False, explained(answer, url=url, own_pid=os.getpid()), answer.ngrok_code)
    if answer.is_of_lab:
        return OutsideCheck(True, f"Reached from outside: a request to {url} came in here{way}.")
    return OutsideCheck(False, _answer_replaced(url, answer))


class _Unreachable(Exception):
    """The world outside was not reached at all; the text has a place for the URL."""

    def __init__(self, text: str, *, reached: bool | None = None) -> None:
        super().__init__(text)
        self.reached = reached


def _ask_within(url: SplitResult, seconds: float) -> OutsideAnswer:
    """Ask in a thread, for nobody can cut a look for a name's address short, which may take half a minute."""
    found: list[OutsideAnswer | Exception] = []

    def work() -> None:
        try:
            found.append(_ask(url, seconds))
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            found.append(error)

    thread = threading.Thread(target=work, name="labkit-outside-check", daemon=True)
    thread.start()
    thread.join(seconds + CONNECT_SECONDS)
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _ask(url: SplitResult, seconds: float) -> OutsideAnswer:
    connection = _connection(url)
    with _given_up_after(seconds, connection):
        _connect(connection)
        # A page for browsers is what some proxies give to browsers; TaskRouter is none, and gets none.
        headers = {"Accept": "application/json", "User-Agent": "TaskRouterLab", "Cache-Control": "no-cache"}
        connection.request("GET", f"{url.path}?{url.query}", headers=headers)
        response = connection.getresponse()
        body = response.read(_BODY_BYTES)
        if response.length and len(body) < _BODY_BYTES:
            raise IncompleteRead(body, response.length)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return OutsideAnswer(status=response.status, headers=headers, body=body.decode("utf-8", "replace"))


def _connection(url: SplitResult) -> HTTPConnection:
    """To the host, or to the proxy that the environment names for it."""
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    proxy = urlsplit(getproxies().get(url.scheme) or "")
    if url.scheme == "http":
        return HTTPConnection(host, port, timeout=CONNECT_SECONDS)  # on this computer only, where no proxy is
    if not proxy.hostname or proxy_bypass(host):
        return HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=trusted())
    if proxy.scheme != "http":
        raise _Unreachable(
            f"It cannot be told from here whether {{url}} leads here: requests leave this computer by a proxy of the "
            f"kind {proxy.scheme!r}, which the lab does not speak. {PHONE}."
        )
    through = HTTPSConnection(proxy.hostname, proxy.port or 8080, timeout=CONNECT_SECONDS, context=trusted())
    through.set_tunnel(host, port, headers=_proxy_password(proxy))
    return through


def _proxy_password(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _connect(connection: HTTPConnection) -> None:
    through = getattr(connection, "_tunnel_host", None)
    try:
        connection.connect()
    except ssl.SSLError:
        raise
    except OSError as error:
        if through is None:
            raise
        # http.client says of a proxy's refusal only this, in an OSError of its own.
        raise _Unreachable(
            f"It cannot be told from here whether {{url}} leads here: the proxy by which requests leave this computer "
            f"did not let one through ({str(error)[:80]}). {PHONE}."
        ) from error


@contextmanager
def _given_up_after(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Cut the line after so long, for whoever answers a byte at a time would hold it for ever."""

    def cut() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        connection.close()


def _came_without_answer(url: str) -> str:
    return (
        f"A request to {url} came in here, and its answer did not come back. What stands in between has to let answers "
        "out too, within 5 seconds."
    )


def _answer_replaced(url: str, answer: OutsideAnswer) -> str:
    return (
        f"A request to {url} came in here, and something in between put another answer in place of the lab's (status "
        f"{answer.status}), so TaskRouter's callbacks would go wrong."
    )


def _resolves(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, 443))
    except OSError:
        return False
