"""Which handler a path is for; and url-encoded fields, read our own way."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.resource import MAX_FIELDS, _fields
from labkit.sandbox.api.router import PARTS, Router

ROUTES = ["/v1/Tasks", "/v1/Tasks/{sid}", "/v1/Tasks/Statistics", "/v1/Tasks/{task_sid}/Reservations/{sid}", "/"]


def saying(name: str) -> Handler:
    """A handler that says its name and the variable parts."""

    async def handler(request: web.Request) -> web.StreamResponse:
        parts = ", ".join(f"{name}={value}" for name, value in request[PARTS].items())
        return web.Response(text=f"{name} {parts}".strip())

    return handler


@pytest.fixture
def router() -> Router:
    """With a route for GET on each path, and one more for POST."""
    made = Router(other_path=saying("no path"), other_method=saying("no method"))
    made.add(("GET", path, saying(path)) for path in ROUTES)
    made.add([("POST", "/v1/Tasks/{name}", saying("update"))])
    return made


def said(router: Router, path: str, method: str = "GET") -> str:
    answer = asyncio.run(router.handle(make_mocked_request(method, path)))
    assert isinstance(answer, web.Response)
    return answer.text or ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "/"),
        ("/v1/Tasks", "/v1/Tasks"),
        ("/v1/Tasks?PageSize=1", "/v1/Tasks"),
        ("/v1/Tasks/WT1", "/v1/Tasks/{sid} sid=WT1"),
        ("/v1/Tasks/Statistics", "/v1/Tasks/Statistics"),
        ("/v1/Tasks/WT1/Reservations/WR1", "/v1/Tasks/{task_sid}/Reservations/{sid} task_sid=WT1, sid=WR1"),
        ("/v1/Tasks/Zo%C3%AB%20B", "/v1/Tasks/{sid} sid=Zoë B"),
        ("/v1/Tasks/a%2Fb%25c", "/v1/Tasks/{sid} sid=a/b%c"),
    ],
)
def test_a_path_leads_to_its_handler(router: Router, path: str, expected: str) -> None:
    """With its variable parts decoded; a name of its own goes before a variable part."""
    assert said(router, path) == expected


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/", "/v1/Tasks/", "/v1/Tasks//Reservations/WR1", "/v1/Tasks/WT1/Reservations", "/V1/Tasks", "//"],
)
def test_any_other_path_is_told_so(router: Router, path: str) -> None:
    """Part of a route is none, nor is one with an empty part."""
    assert said(router, path) == "no path"


def test_methods_of_one_path_may_name_its_parts_differently(router: Router) -> None:
    """And a method that none of them has is told so."""
    assert said(router, "/v1/Tasks/WT1", "POST") == "update name=WT1"
    assert said(router, "/v1/Tasks/WT1", "DELETE") == "no method"


@given(st.text(st.sampled_from("ab=&+%25C3ABé;\x00\ufffd"), max_size=40))
def test_fields_are_those_of_the_standard_library(text: str) -> None:
    """Names without a value, empty names, broken escapes, and whatever else can stand there."""
    assert _fields("post body", text) == parse_qsl(text, keep_blank_values=True)


def test_too_many_fields_are_refused() -> None:
    """So that a body of a few megabytes does not become a million fields."""
    assert len(_fields("post body", "&".join(["a=1"] * MAX_FIELDS))) == MAX_FIELDS
    with pytest.raises(InvalidParameter, match="Max number of fields exceeded"):
        _fields("post body", "&".join(["a=1"] * (MAX_FIELDS + 1)))
