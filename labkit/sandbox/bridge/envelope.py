"""A request to the bridge: a POST whose body says what is asked of TaskRouter, and by whom.

`{"url": "Workspaces/WS…/Workers/WK…", "method": "GET", "params": {…}, "token": "…"}`, as JSON whatever the
`Content-Type` says: a browser spares a question beforehand when that is none of JSON's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from labkit.attributes import NotJson, compact_json, parse_json
from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.resource import read_body

MAX_URL = 1_000
MAX_PARAMS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is asked.

    Attributes:
        url: the path after `/v1/`.
        method: as REST would have it.
        form: the parameters, as REST reads them.
        token: who asks; empty if nobody says so.
        version: of the answer's form, 1 or 2.
        if_match: the version that the caller wants to change, or None.
    """

    url: str
    method: str
    form: Mapping[str, Sequence[str]] = field(repr=False)
    token: str = field(repr=False)
    version: int
    if_match: str | None


async def read_envelope(request: web.Request) -> Envelope:
    """The request's.

    Raises:
        InvalidParameter: the body is no JSON object, or one of its fields is of the wrong kind.
        web.RequestPayloadError, web.HTTPRequestEntityTooLarge: the body cannot be read.
    """
    body = _object(await read_body(request))
    params = body.get("params")
    if params is None:
        params = {}
    if not isinstance(params, dict) or len(params) > MAX_PARAMS:
        raise InvalidParameter("params", f"an object of at most {MAX_PARAMS} parameters is needed")
    token = body.get("token")
    return Envelope(
        url=_text(body, "url"),
        method=_text(body, "method").upper(),
        form=_form(params),
        token=token if isinstance(token, str) else "",
        version=2 if request.headers.get("apiVersion", "").strip().lower() == "v2" else 1,
        if_match=request.headers.get("If-Match"),
    )


def _object(body: bytes) -> dict[str, Any]:
    """A wrong body is not quoted: the token is in it."""
    try:
        value = parse_json(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidParameter("body", "it is not UTF-8") from None
    except NotJson as problem:
        where = f" at line {problem.line}, column {problem.column}" if problem.line else ""
        raise InvalidParameter("body", f"it is not valid JSON{where}") from None
    if not isinstance(value, dict):
        raise InvalidParameter("body", "a JSON object with url, method, params and token is needed")
    return value


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > MAX_URL:
        raise InvalidParameter(name, f"a text of 1 to {MAX_URL} characters is needed")
    return value


def _form(params: Mapping[str, Any]) -> dict[str, list[str]]:
    """Parameters of any JSON kind, as the texts that a form would have; null is not given."""
    return {name: _texts(value) for name, value in params.items() if value is not None}


def _texts(value: Any) -> list[str]:
    """A list of plain values is a parameter that is given several times, as `StatusCallbackEvent` may be."""
    if isinstance(value, list) and value and not any(isinstance(each, dict | list) for each in value):
        return [_written(each) for each in value]
    return [_written(value)]


def _written(value: Any) -> str:
    return value if isinstance(value, str) else compact_json(value)
