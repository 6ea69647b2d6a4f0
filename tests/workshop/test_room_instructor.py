"""The instructor's wall by lines of Python, against a room's real service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from room_service import RunningRoom, running_room

from labkit.errors import ArgumentError, RoomError
from labkit.room.client import RoomClient
from labkit.room.instructor import RoomInstructor
from labkit.settings import Secret
from workshop.participant_home import ParticipantHome
from workshop.settings import Workshop

LESSON = "07_routing"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    """A room on this machine, with one participant who shares where they are."""
    workshop = Workshop(folder=tmp_path)
    ParticipantHome(workshop, "ana").prepare()
    with running_room(workshop.room_folder, changes=lambda _: {"workshop": workshop}) as running:
        report = {"lesson": LESSON, "lessons": {LESSON: {"ticked": [], "missed": {}}}}
        running.ask("POST", "progress", running.token("ana"), json=report)
        yield running


@pytest.fixture
def instructor(room: RunningRoom) -> RoomInstructor:
    """Whoever leads it."""
    return RoomInstructor(RoomClient(room.url, Secret(room.token("teacher", instructor=True))))


def test_each_line_says_what_came_of_it(instructor: RoomInstructor) -> None:
    """As the wall's buttons do."""
    assert "ana" in str(instructor.participants())
    assert str(instructor.callers("steady", per_minute=1, minutes=10)) == "1 caller a minute for 10 min: coming in."
    assert "No more callers come in" in str(instructor.stop_callers())
    assert str(instructor.message("Lunch!")) == "Sent."
    assert "Task" in str(instructor.set_scene_back())
    assert "New notebooks for ana" in str(instructor.set_back("ana"))
    assert "1 participant;" in str(instructor.set_back(everyone=True))


def test_who_is_where_says_whose_server_runs(room: RunningRoom, instructor: RoomInstructor) -> None:
    """Of whoever the hub knows; and a hub that does not say so any more."""
    room.hub.user("zoe", ready=True, started=(datetime.now(UTC) - timedelta(minutes=25)).isoformat())
    room.hub.may_list = False
    assert "it wants list:users and read:servers; servers are shown as it said last." in str(instructor.participants())

    room.hub.may_list = True
    room.look(partial(setattr, room.state.hub, "_asked_at", float("-inf")))
    found = instructor.participants()

    assert [(each.name, each.server) for each in found] == [("ana", ""), ("zoe", "Server running, 25 min")]
    assert "hub" not in str(found)


def test_the_day_can_be_kept(instructor: RoomInstructor) -> None:
    """In three forms."""
    day = instructor.report()

    assert day.values["participants"][0]["name"] == "ana"
    assert (day.html.startswith("<!doctype html>"), day.csv.startswith("participant,")) == (True, True)
    assert "1 share their progress. 0 of 0 Tasks were accepted." in str(day)


def test_the_wall_is_found_by_the_hubs_own_address(instructor: RoomInstructor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub may be below a path."""
    monkeypatch.setenv("JUPYTERHUB_BASE_URL", "/course/")

    assert 'src="/course/services/room/wall"' in instructor.wall()._repr_html_()


def test_a_participant_is_refused_in_a_sentence(room: RunningRoom) -> None:
    """Each of them."""
    participant = RoomInstructor(RoomClient(room.url, Secret(room.token("ana"))))

    for ask in (participant.participants, participant.callers, participant.stop_callers, participant.report):
        with pytest.raises(RoomError, match="for the instructor"):
            ask()


@pytest.mark.parametrize(("name", "everyone"), [(None, False), ("ana", True)])
def test_whose_notebooks_are_set_back_is_said_once(
    instructor: RoomInstructor, name: str | None, *, everyone: bool
) -> None:
    """Neither is no wish, and both are two."""
    with pytest.raises(ArgumentError, match=r"name or everyone=True: set_back\('ana'\)"):
        instructor.set_back(name, everyone=everyone)


def test_what_is_no_run_says_what_is_possible(instructor: RoomInstructor) -> None:
    """In the cell, without a traceback."""
    with pytest.raises(RoomError, match="number is a whole number from 1 to 500"):
        instructor.callers("burst", number=1_000)
