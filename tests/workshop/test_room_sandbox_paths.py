"""What the room's sandbox has besides TaskRouter, by way of the room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from room_service import RunningRoom, running_room

from labkit.sandbox.api.sandbox_paths.registry import declared
from workshop.room.sandbox_proxy import CLOSED

OPEN_TO_PARTICIPANTS = {("GET", "/_sandbox/pulse"), ("GET", "/_sandbox/clock"), ("GET", "/_sandbox/faults")}
PATHS = sorted({(route.method, route.path) for route in declared()})


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRoom]:
    folder: Path = tmp_path_factory.mktemp("room")
    with running_room(folder) as running:
        yield running


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_participant_looks_at_the_time_and_no_more(room: RunningRoom, method: str, path: str) -> None:
    """Over every path that a sandbox has: a new one is closed."""
    token = room.token("ana")
    room.join(token)

    answer = room.ask(method, path.removeprefix("/").replace("{", "").replace("}", ""), token)

    assert answer.status_code == (200 if (method, path) in OPEN_TO_PARTICIPANTS else 403), answer.text


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_the_room_keeps_its_sandbox_and_its_keys(room: RunningRoom, name: str) -> None:
    """From an instructor too: a credential of the account would be one that the room cannot take back."""
    for path in (f"_sandbox/{name}", f"_sandbox/{name}/x"):
        assert room.ask("POST", path, room.token("teacher", instructor=True)).status_code == 403
    assert not room.sandbox.look(room.sandbox.stop_asked.is_set)


def test_an_instructor_moves_the_clock(room: RunningRoom) -> None:
    """For everybody."""
    teacher = room.token("teacher", instructor=True)
    before = room.ask("GET", "_sandbox/clock", teacher).json()["now"]

    moved = room.ask("POST", "_sandbox/clock", teacher, data={"Action": "advance", "Seconds": "60"})

    assert moved.status_code == 200, moved.text
    assert moved.json()["now"] > before


@pytest.mark.parametrize(
    "path", ["_sandbox/../_sandbox/stop", "_sandbox/%73top", "_sandbox//stop", "_sandbox/stop/", "_sandbox"]
)
def test_a_path_that_could_be_read_in_two_ways_goes_nowhere(room: RunningRoom, path: str) -> None:
    """The instructor's too."""
    answer = room.ask("POST", path, room.token("teacher", instructor=True))

    assert answer.status_code in (403, 404)
    assert not room.sandbox.look(room.sandbox.stop_asked.is_set)
