"""A TaskRouter of recorded answers: the official SDK runs for real, only its HTTP client is ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twilio.http.response import Response

WORKSPACE = "WS" + "a" * 32


@dataclass
class Request:
    """What the SDK sent; `path` is without host and `/v1`."""

    method: str
    path: str
    params: dict[str, Any]
    form: dict[str, Any]


@dataclass
class Recorded:
    """Plays answers by method and path, and keeps the requests. Stands where the SDK's HttpClient stands."""

    answers: list[tuple[str, str, Callable[[Request], tuple[int, Any]]]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def on(self, method: str, path: str, body: Any, *, status: int | None = None) -> None:
        """Answer requests to a path (a regular expression, matched whole) with `body`, or with what it raises."""
        code = status or {"GET": 200, "POST": 200}[method]

        def answer(_request: Request) -> tuple[int, Any]:
            if isinstance(body, Exception):
                raise body
            return code, body

        self.answers.insert(0, (method, path, answer))

    def on_create(self, path: str, answer: Callable[[Request], Mapping[str, Any]]) -> None:
        """Answer a POST with 201 and what `answer` makes of it."""
        self.answers.insert(0, ("POST", path, lambda request: (201, answer(request))))

    def request(self, method: str, url: str, params: Any = None, data: Any = None, **_options: Any) -> Response:
        path = url.removeprefix("https://taskrouter.twilio.com/v1")
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = Request(method, path, given, dict(data or {}))
        self.requests.append(request)
        for known, pattern, answer in self.answers:
            if known == method and re.fullmatch(pattern, path.split("?")[0]):
                status, body = answer(request)
                return Response(status, json.dumps(body))
        raise AssertionError(f"nothing is recorded for {method} {path}")


def page(key: str, items: list[dict[str, Any]], *, next_page_url: str | None = None) -> dict[str, Any]:
    """A list page as TaskRouter writes it."""
    return {"meta": {"key": key, "page": 0, "page_size": 1000, "next_page_url": next_page_url}, key: items}


def sid(prefix: str, number: int) -> str:
    """A SID that can be told apart from its neighbours."""
    return f"{prefix}{number:032x}"
