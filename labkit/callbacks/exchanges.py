"""The exchange log: every request that reached the callback server, and its answer, for people to look at.

It holds what strangers sent, so each part has a bound, and what could be a credential is masked.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from heapq import merge
from operator import attrgetter
from typing import Any, Literal

Verdict = Literal["valid", "wrong", "missing"]

MASK = "•••"
BODY_LIMIT = 64 * 1024
"""Characters kept of a body whose signature is right."""
STRANGER_LIMIT = 4 * 1024
"""Characters kept of any other body: the public URL is open to all, the log must stay small."""
STRANGER_LINE = 256
"""Characters kept of a header of a request whose signature is not right."""
LINE_LIMIT = 2 * 1024
"""Characters kept of a URL, or of a header of a request whose signature is right."""
_HEADER_LIMIT = 60  # headers kept
_STRANGERS = 500  # exchanges kept that are not TaskRouter's

_SECRET_NAME = re.compile(r"auth|cookie|token|secret|password|api-?key", re.IGNORECASE)
_SECRET_IN_QUERY = re.compile(
    r"([?&][^=&#\s]*(?:auth|token|secret|password|api_?key)[^=&#\s]*=)[^&#\s]*", re.IGNORECASE
)
_NOT_SECRET = {"i-twilio-idempotency-token"}  # Twilio's number of the request; of use to no one else


@dataclass(slots=True, kw_only=True, eq=False)
class Exchange:
    """One request and its answer. Not changed once the log has numbered it.

    Attributes:
        number: 1 for the first since the server was made; no gaps.
        at: when the request was read, aware UTC.
        method, path: as sent; the path without the query.
        url_seen: the URL as this server sees it, from the Host header and its own scheme.
        signed_url: the URL that TaskRouter was told, which is what `X-Twilio-Signature` is over.
        headers: the request's headers; credentials masked.
        body: the request's body as text, cut to a bound and marked so.
        form: its form fields by their wire names, empty when it is not a form.
        status, response_headers, response_body: the answer.
        milliseconds: from reading the request to having the answer.
        signature: `valid`, `wrong`, `missing`; None where none is asked for.
        error: what was wrong, in a sentence, or None.
    """

    number: int = 0
    at: datetime
    method: str
    path: str
    url_seen: str
    signed_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    status: int
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: str = ""
    milliseconds: float = 0.0
    signature: Verdict | None = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON values; `at` in ISO 8601."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "url_seen": self.url_seen,
            "signed_url": self.signed_url,
            "headers": dict(self.headers),
            "body": self.body,
            "form": dict(self.form),
            "status": self.status,
            "response_headers": dict(self.response_headers),
            "response_body": self.response_body,
            "milliseconds": self.milliseconds,
            "signature": self.signature,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many callbacks came to one route, how many of them were turned away, and when the last came."""

    answered: int = 0
    refused: int = 0
    last: datetime | None = None


class ExchangeLog:
    """The last exchanges, oldest first. Thread-safe.

    Args:
        capacity: how many with a right signature are kept; older ones are forgotten, their numbers are not reused. Of
            all others the last 500 are kept at most, apart: no flood from outside can push TaskRouter's own away.
    """

    def __init__(self, capacity: int = 2_000) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=capacity)
        self._strangers: deque[Exchange] = deque(maxlen=min(capacity, _STRANGERS))
        self._arrivals: dict[str, Arrivals] = {}
        self._last = 0
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> Exchange:
        """Keep an exchange; returns it with its number."""
        with self._lock:
            self._last += 1
            exchange.number = self._last
            (self._exchanges if exchange.signature == "valid" else self._strangers).append(exchange)
            if exchange.signature is not None:
                self._count(exchange)
        return exchange

    def arrivals(self, path: str) -> Arrivals:
        """What has come to this route since the server was made, forgotten exchanges included."""
        with self._lock:
            return self._arrivals.get(path, Arrivals())

    def snapshot(self, *, since: int = 0) -> list[Exchange]:
        """The exchanges still kept with a number above `since`, oldest first."""
        with self._lock:
            both = merge(self._exchanges, self._strangers, key=attrgetter("number"))
            return [exchange for exchange in both if exchange.number > since]

    @property
    def last(self) -> Exchange | None:
        """The newest exchange, or None."""
        with self._lock:
            newest = [each[-1] for each in (self._exchanges, self._strangers) if each]
        return max(newest, key=attrgetter("number"), default=None)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.snapshot())

    def __len__(self) -> int:
        return len(self._exchanges) + len(self._strangers)

    def _count(self, exchange: Exchange) -> None:
        # Only the two callback routes are signed, so no stranger can make this dict grow.
        before = self._arrivals.get(exchange.path, Arrivals())
        refused = exchange.signature != "valid" or exchange.status >= 400
        self._arrivals[exchange.path] = Arrivals(before.answered + (not refused), before.refused + refused, exchange.at)


def shown_headers(headers: Iterable[tuple[str, str]], limit: int = LINE_LIMIT) -> dict[str, str]:
    """Headers as they may be shown: bounded in number and each to `limit` characters, credentials masked."""
    shown: dict[str, str] = {}
    for name, value in headers:
        if len(shown) == _HEADER_LIMIT:
            break
        shown[cut(name, limit)] = MASK if _is_secret(name) else shown_url(value, limit)
    return shown


@lru_cache(maxsize=256)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None and name.lower() not in _NOT_SECRET


def shown_url(url: str, limit: int = LINE_LIMIT) -> str:
    """A URL (or a header that may hold one) as it may be shown: bounded, credentials in its query masked."""
    if "=" in url and ("?" in url or "&" in url):
        url = _SECRET_IN_QUERY.sub(rf"\1{MASK}", url)
    return cut(url, limit)


def shown_form(fields: Mapping[str, str], limit: int) -> dict[str, str]:
    """Form fields cut to about `limit` characters in all."""
    shown: dict[str, str] = {}
    for name, value in fields.items():
        shown[cut(name, limit)] = cut(value, limit)
        limit -= len(name) + len(value)
        if limit <= 0:
            break
    return shown


def cut(text: str, limit: int) -> str:
    """`text`, or its beginning and how long it was."""
    return text if len(text) <= limit else f"{text[:limit]}… (cut: {len(text):,} characters in all)"
