"""Over every route of the room: nobody gets in, and a participant no further than a table says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from room_service import RunningRoom, running_room

from workshop.room.routes import OpenTo, RoomRoute, pattern
from workshop.room.service import routes

ROUTES = routes()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRoom]:
    """One room for all of these: nothing that is refused changes it."""
    folder: Path = tmp_path_factory.mktemp("room")
    with running_room(folder) as running:
        yield running


def path_of(route: RoomRoute) -> str:
    """A path that is this route's, with something that is nobody's in each variable part."""
    return route.path.replace("{rest...}", "Workspaces").replace("{", "").replace("}", "")


def named(route: RoomRoute) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_nobody_gets_in(room: RunningRoom, route: RoomRoute) -> None:
    """Without a token there is a 401; a page leads to the hub. What is for strangers wants a proof of its own."""
    if route.who is OpenTo.STRANGERS:
        pytest.skip("proves itself otherwise")

    answer = room.ask(route.method, path_of(route))

    if route.page:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/hub/api/oauth2/authorize?")
    else:
        assert answer.status_code == 401
        assert answer.json()["code"] == 20003


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_token_for_something_else_is_refused(room: RunningRoom, route: RoomRoute) -> None:
    """Whoever may use a server of the hub may not for that reason use the room."""
    if route.who is OpenTo.STRANGERS:
        pytest.skip("proves itself otherwise")
    token = room.hub.token("eve", scopes=("access:servers",))

    answer = room.ask(route.method, path_of(route), token)

    assert (answer.status_code, answer.json()["code"]) == (403, 20403)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.who is OpenTo.INSTRUCTOR], ids=named)
def test_what_is_the_instructors_is_closed_to_participants(room: RunningRoom, route: RoomRoute) -> None:
    """That is every route which does not say anything else."""
    answer = room.ask(route.method, path_of(route), room.token("ana"))

    assert (answer.status_code, answer.json()["code"]) == (403, 20403)


def test_who_is_meant_by_a_route_that_says_nothing() -> None:
    """The instructor alone: a new route is closed until somebody opens it."""

    async def nothing(_: object) -> None: ...

    assert RoomRoute(method="GET", path="new", handler=nothing).who is OpenTo.INSTRUCTOR


def test_strangers_are_let_in_by_name_only() -> None:
    """What wants no token of the hub is listed here, each for a reason of its own."""
    assert {route.path for route in ROUTES if route.who is OpenTo.STRANGERS} == {"events", "bridge/v1/wschannels"}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.who is OpenTo.STRANGERS], ids=named)
def test_what_strangers_reach_wants_a_proof_of_its_own(room: RunningRoom, route: RoomRoute) -> None:
    """And a hub's token is none there; only what a browser asks beforehand is answered to all, with nothing in it."""
    answer = room.ask(route.method, path_of(route), room.token("teacher", instructor=True))

    if route.method == "OPTIONS":
        assert (answer.status_code, answer.content) == (204, b"")
    else:
        assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("path", ["nothing", "v2/Workspaces", "join/again", "..%2fhub", "V1/Workspaces"])
def test_a_path_that_is_none_says_nothing_to_strangers(room: RunningRoom, path: str) -> None:
    """They get the 401 that every path gives; who has signed in gets a 404."""
    assert room.ask("GET", path).status_code == 401
    assert room.ask("GET", path, room.token("ana")).status_code == 404


def test_the_rooms_own_address_leads_each_to_the_page_that_is_for_them(room: RunningRoom) -> None:
    """It is what the hub's menu Services has: the wall for the instructor, for all others the room's notebook."""
    for_instructor = room.ask("GET", "", room.token("teacher", instructor=True))
    for_ana = room.ask("GET", "", room.token("ana"))

    assert (for_instructor.status_code, for_ana.status_code) == (302, 302)
    assert for_instructor.headers["Location"] == "/services/room/wall"
    assert for_ana.headers["Location"].startswith("/hub/user-redirect/lab/tree/")
    assert for_ana.headers["Location"].endswith("room.ipynb")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "HEAD", "DELETE"])
def test_a_method_that_a_path_has_not_is_refused(room: RunningRoom, method: str) -> None:
    """For all, signed in or not, and never as a failure of ours."""
    assert room.ask(method, "join", room.token("ana")).status_code == 405


def test_a_pattern_takes_its_variable_parts_and_no_more() -> None:
    """A part has no slash in it, and the rest may be nothing."""
    assert pattern("wall/{name}") == r"wall/(?P<name>[^/]+)"
    assert pattern("v1/{rest...}") == r"v1(?:/(?P<rest>.*))?"
