"""RoomClient: asks the room's service, as whoever the hub's token is of."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from labkit.authorities import trusted
from labkit.errors import RoomError
from labkit.settings import Secret, hide_passwords

HUB_TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - the name of a variable
SECONDS = 10.0
"""For one answer, from the first byte to the last."""
SILENCE_SECONDS = 45.0
"""After so long without a line a stream is lost: the room sends an empty one every 15 seconds."""
MOST_BYTES = 16 * 1024 * 1024
"""Of one answer. A day of a room as a report is some hundred KiB."""
MOST_LINE_BYTES = 1024 * 1024
"""Of one line of a stream; an Event's attributes alone may have 4 KiB for each Task and Worker."""

LINES = "application/x-ndjson"
"""The form of a stream: a JSON object in each line."""

_MOST_SAID = 300
_NOBODY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)
"""What a hub answers to nobody: no, or the way to its login page."""
_AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""What the hub's proxy answers while the room's service is down."""


def hub_token(environ: Mapping[str, str] = os.environ) -> Secret:
    """The token by which the hub knows this server, and the room whoever it belongs to.

    Raises:
        RoomError: there is none.
    """
    found = environ.get(HUB_TOKEN)
    if not found:
        raise RoomError(
            "The room knows people by the token of their server at the hub, and this notebook has none: it was not "
            "started by a workshop's hub. labkit.start() without mode='room' gives you a lab of your own."
        )
    return Secret(found)


class RoomClient:
    """Asks the room. Keeps no state and no connection; may be used from any thread.

    It follows no redirect and asks no proxy that the environment names, so the token goes to this address alone.

    Args:
        url: where the room is, such as `http://127.0.0.1:8000/services/room`.
        token: the one that the hub has given to this server.

    Raises:
        RoomError: the address is none.
    """

    def __init__(self, url: str, token: Secret) -> None:
        self.url = _checked(url)
        self._token = token

    def get(self, path: str, query: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> Any:
        """The JSON that stands at this path.

        Args:
            path: below the room's address, such as `wall/state`.
            query: what stands behind the question mark.
            seconds: for the whole of it.

        Raises:
            RoomError: the room refused, or did not answer.
        """
        return _document(self._ask("GET", path, query=query, seconds=seconds))

    def get_text(self, path: str, query: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> str:
        """The text that stands at this path; otherwise as `get`."""
        return self._ask("GET", path, query=query, seconds=seconds).decode("utf-8", "replace")

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, seconds: float = SECONDS) -> Any:
        """What the room answers to this JSON object; otherwise as `get`. An empty answer is None."""
        return _document(self._ask("POST", path, body=body or {}, seconds=seconds))

    def delete(self, path: str, *, seconds: float = SECONDS) -> Any:
        """What the room answers to a DELETE; otherwise as `post`."""
        return _document(self._ask("DELETE", path, seconds=seconds))

    def stream(self, path: str, query: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> RoomStream:
        """An answer that the room keeps open and writes lines of JSON into.

        Args:
            path, query: as for `get`.
            seconds: until it begins.

        Raises:
            RoomError: the room refused, or did not answer.
        """
        with ExitStack() as undo:
            connection = undo.enter_context(closing(self._connection(seconds)))
            try:
                connection.connect()
                line = connection.sock  # http.client lets go of it where the server says that it will close
                response = self._begun(connection, "GET", _target(path, query), accept=LINES)
                answer = b"" if response.status == HTTPStatus.OK else response.read(_MOST_SAID * 10)
            except (OSError, HTTPException) as error:
                raise self._no_answer(error) from None
            if response.status != HTTPStatus.OK:
                raise self._refusal(response.status, answer)
            undo.pop_all()
        return RoomStream(connection, response, line=line)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        seconds: float,
    ) -> bytes:
        until = time.monotonic() + seconds
        with closing(self._connection(seconds)) as connection:
            try:
                response = self._begun(connection, method, _target(path, query), body=body)
                answer = _read(response, until)
            except (OSError, HTTPException) as error:
                raise self._no_answer(error) from None
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise self._refusal(response.status, answer)
        return answer

    def _connection(self, seconds: float) -> HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            return HTTPSConnection(parts.hostname or "", parts.port, timeout=seconds, context=trusted())
        return HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)

    def _begun(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        *,
        body: Mapping[str, Any] | None = None,
        accept: str = "application/json",
    ) -> HTTPResponse:
        headers = {"Authorization": f"token {self._token.reveal()}", "Accept": accept}
        sent = None
        if body is not None:
            headers["Content-Type"], sent = "application/json", json.dumps(body).encode()
        connection.request(method, f"{urlsplit(self.url).path}/{target}", sent, headers)
        return connection.getresponse()

    def _refusal(self, status: int, answer: bytes) -> RoomError:
        said, code = _said(answer)
        if status in _NOBODY:
            text = (
                "The room does not know who asks: the token that the hub gave to this server is void. On the hub's "
                "page (File, Hub Control Panel) stop your server and start it again."
            )
        elif status in _AWAY and not said:
            text = f"The room is closed at this moment ({self.url} answered HTTP {status}); it opens by itself."
        elif status == HTTPStatus.FORBIDDEN:
            text = said or "The room does not let you do that; the instructor may."
        else:
            text = f"The room answered HTTP {status}" + (f': "{said.rstrip(".")}".' if said else ".")
        return RoomError(text, status=status, code=code)

    def _no_answer(self, error: Exception) -> RoomError:
        why = (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
        return RoomError(
            f"The room at {self.url} does not answer: {why}. It may be starting, or closed; ask the instructor."
        )


class RoomStream:
    """Lines of JSON that come in while the room keeps its answer open. Iterated by one thread, closed by any.

    Each turn gives the next JSON object, or None for the empty line by which the room says that it is there. It ends
    when the room ends it, when the way to it is lost, and when it was silent for `SILENCE_SECONDS`.
    """

    def __init__(self, connection: HTTPConnection, response: HTTPResponse, *, line: socket.socket) -> None:
        self._connection, self._response, self._socket = connection, response, line
        line.settimeout(SILENCE_SECONDS)

    def __iter__(self) -> Iterator[dict[str, Any] | None]:
        with suppress(OSError, HTTPException, ValueError):  # a ValueError: it was closed meanwhile
            while line := self._response.readline(MOST_LINE_BYTES):
                if not line.endswith(b"\n"):
                    return  # cut off, or longer than any line of a room
                yield _line(line)

    def close(self) -> None:
        """End it. Whoever waits for a line is woken. May be called twice."""
        with suppress(OSError):
            # The plain socket's: a TLS socket's own would take its state away from the thread that reads.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def release(self) -> None:
        """Let go of the connection; by the thread that has iterated."""
        with suppress(OSError):
            self._response.close()
        self._connection.close()


def _checked(url: str) -> str:
    with suppress(ValueError):
        parts = urlsplit(url)
        can_be_sent = parts.path.isascii() and not re.search(r"\s", url)  # anything else stands in a path as %xx
        place = can_be_sent and parts.hostname and parts.port != 0
        if place and parts.scheme in ("http", "https") and not (parts.username or parts.query or parts.fragment):
            return url.rstrip("/")
    raise RoomError(
        f"The room's address is {hide_passwords(url)!r}; it is one of http or https, such as "
        "http://127.0.0.1:8000/services/room, and a workshop's hub gives it to every server as LABKIT_ROOM_URL."
    )


def _target(path: str, query: Mapping[str, str] | None) -> str:
    return quote(path) + (f"?{urlencode(query)}" if query else "")


def _read(response: HTTPResponse, until: float) -> bytes:
    """All of it, by that moment of the monotonic clock."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise HTTPException(f"its answer is longer than {MOST_BYTES // 1024 // 1024} MiB")
        if time.monotonic() > until:
            raise TimeoutError("its answer did not end")
    return b"".join(parts)


def _document(answer: bytes) -> Any:
    if not answer:
        return None
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        raise RoomError("The room answered something that is no JSON; is its address that of the room?") from None


def _said(answer: bytes) -> tuple[str, int | None]:
    """The sentence and the code of a refusal in Twilio's shape; nothing of what is no such thing, such as a page."""
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError):
        return "", None
    if not isinstance(document, dict):
        return "", None
    code = document.get("code")
    return str(document.get("message") or "")[:_MOST_SAID], code if isinstance(code, int) else None


def _line(line: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(line) if line.strip() else None
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
