"""The instructor's wall over HTTP: what it shows, what its buttons do, and that nobody else may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from room_service import SECONDS, RunningRoom, running_room

from labkit.course.lessons import LESSONS
from workshop.participant_home import ParticipantHome
from workshop.room.keeper import Keeper
from workshop.room.participant_rows import STUCK_AFTER
from workshop.room.setting_back import ELSEWHERE
from workshop.room.streams import OpenStream
from workshop.room.wall import utc_now
from workshop.settings import Workshop

LESSON = "07_routing"
FIRST = next(step.title for step in LESSONS[LESSON].steps if not step.optional)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """One on this machine."""
    return Workshop(folder=tmp_path)


@pytest.fixture
def room(workshop: Workshop) -> Iterator[RunningRoom]:
    """Its room."""
    with running_room(workshop.room_folder, changes=lambda _: {"workshop": workshop}) as running:
        yield running


@pytest.fixture
def teacher(room: RunningRoom) -> str:
    """The instructor's token."""
    return room.token("teacher", instructor=True)


def tell(room: RunningRoom, name: str, *, told: int = 0) -> None:
    """A participant's lab says that the hint of the first step was told so often."""
    report = {"lesson": LESSON, "lessons": {LESSON: {"ticked": [], "missed": {FIRST: told}}}}
    room.ask("POST", "progress", room.token(name), json=report)


def test_the_wall_says_who_is_where_and_who_is_stuck(room: RunningRoom, teacher: str) -> None:
    """Who has joined and shares nothing has a row that says no more; the instructor is no participant."""
    tell(room, "ana", told=3)
    tell(room, "ben")
    room.join(room.token("cem"))
    room.join(teacher)

    state = room.ask("GET", "wall/state", teacher).json()

    assert [(row["name"], row["stuck"], row["shares"]) for row in state["people"]] == [
        ("ana", "Was told the same hint 3 times", True),
        ("ben", "", True),
        ("cem", "", False),
    ]
    assert (state["stuck"], state["joined"], state["kind"], state["set_back"]) == (1, 2, "sandbox", "")
    assert {"title": "07 Routing", "people": 2} in state["lessons"]
    assert room.ask("GET", "wall/report", teacher).json()["without_a_name"] == 1


def test_whoever_the_hub_knows_is_on_the_wall(room: RunningRoom, teacher: str) -> None:
    """By their name and how their server stands, and nothing more; an admin is no participant."""
    tell(room, "ana")
    room.hub.user("ana", ready=True, started="2026-11-28T09:00:00Z")
    room.hub.user("zoe", ready=True, started="2026-11-28T09:20:00Z")
    room.hub.user("ida")
    room.hub.user("teacher", admin=True, ready=True, started="2026-11-28T08:00:00Z")

    state = room.ask("GET", "wall/state", teacher).json()

    assert [(row["name"], row["shares"], row["server"], row["server_since"]) for row in state["people"]] == [
        ("ana", True, "Server running", 1795856400000),
        ("zoe", False, "Server running", 1795857600000),
        ("ida", False, "No server so far", None),
    ]
    assert {key for key, value in state["people"][1].items() if value} == {"name", "lesson", "server", "server_since"}
    assert (state["hub"]["running"], state["hub"]["trouble"], state["hub"]["at"] > 0) == (2, "", True)
    assert room.ask("GET", "wall/report", teacher).json()["without_a_name"] == 1


def test_looks_at_the_wall_ask_the_hub_once_in_a_while(room: RunningRoom, teacher: str) -> None:
    """However many look; a hub that does not let itself be asked is said on the wall."""
    room.hub.may_list = False
    for _ in range(3):
        state = room.ask("GET", "wall/state", teacher).json()

    assert "list:users and read:servers" in state["hub"]["trouble"]
    assert (state["hub"]["running"], state["hub"]["at"]) == (None, None)
    assert len(room.hub.listed) == 1


def test_what_the_room_hears_stands_in_its_queues(room: RunningRoom, teacher: str) -> None:
    """As the Events come in."""
    fields = {"EventType": "task.created", "TaskSid": "WT1", "TaskQueueName": "English", "Timestamp": "1795856400"}
    room.look(lambda: room.state.wall.hear(fields))

    [queue] = room.ask("GET", "wall/state", teacher).json()["queues"]
    assert (queue["name"], queue["waiting"], queue["oldest"]) == ("English", 1, 1795856400000)


def test_waits_go_by_the_sandboxs_clock(room: RunningRoom, teacher: str) -> None:
    """An instructor may move it on, and whoever waits has waited so much longer; it is held here, and then runs."""

    def taskrouter(**form: Any) -> dict[str, Any]:
        if form:
            room.ask("POST", "_sandbox/clock", teacher, data=form).raise_for_status()
        room.do(Keeper(room.state).look())
        return room.ask("GET", "wall/state", teacher).json()["taskrouter"]

    before = taskrouter()
    moved = taskrouter(Action="advance", Seconds=3600)

    assert moved == {"at": before["at"] + 3_600_000, "speed": 0}
    assert taskrouter(Action="resume")["speed"] == 1


def test_who_answers_callers_is_at_work_by_the_sandboxs_clock(room: RunningRoom, teacher: str) -> None:
    """It is months behind this computer's here, and what happens there now happens now."""
    report = {"lesson": LESSON, "lessons": {LESSON: {"ticked": [], "missed": {FIRST: 1}}}}
    room.look(lambda: room.state.progress.note("ana", report, now=utc_now() - 2 * STUCK_AFTER))
    room.do(Keeper(room.state).look())

    def stuck() -> int:
        return room.ask("GET", "wall/state", teacher).json()["stuck"]

    assert stuck() == 1
    at = str(int(room.state.time().timestamp()))
    accepted = {"EventType": "reservation.accepted", "TaskSid": "WT1", "WorkerName": "ana", "Timestamp": at}
    room.look(lambda: room.state.wall.hear(accepted))
    assert stuck() == 0


def test_the_stream_tells_what_has_changed(room: RunningRoom, teacher: str) -> None:
    """Without being asked again; and it ends with the room."""
    headers = {"Authorization": f"token {teacher}"}
    with requests.get(f"{room.url}/wall/stream", headers=headers, stream=True, timeout=SECONDS) as answer:
        lines = (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith(b"data: "))
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert next(lines)["people"] == []
        tell(room, "ana")
        assert [row["name"] for row in next(lines)["people"]] == ["ana"]
        room.do(room.state.wall.close())
        assert list(lines) == []


def test_a_room_that_ends_while_a_wall_is_open_has_nothing_to_complain_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever still watches is let go, and its log is for what went wrong."""
    with ExitStack() as watching, running_room(tmp_path) as room:
        headers = {"Authorization": f"token {room.token('teacher', instructor=True)}"}
        url = f"{room.url}/wall/stream"
        answer = watching.enter_context(requests.get(url, headers=headers, stream=True, timeout=SECONDS))
        assert next(answer.iter_lines()).startswith(b"data: ")

    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []


def test_callers_come_in_and_are_stopped(room: RunningRoom, teacher: str) -> None:
    """What is no run is refused with what is possible."""
    asked = {"kind": "steady", "per_minute": 1, "minutes": 30}

    assert room.ask("POST", "wall/callers", teacher, json=asked).json()["running"] is True
    assert room.ask("POST", "wall/callers", teacher, json=asked).status_code == 400
    assert room.ask("DELETE", "wall/callers", teacher).json()["running"] is False
    refused = room.ask("POST", "wall/callers", teacher, json={"kind": "burst", "number": 501})
    assert (refused.status_code, "from 1 to 500" in refused.json()["message"]) == (400, True)


def test_one_caller_after_the_other_is_never_too_soon(room: RunningRoom, teacher: str) -> None:
    """Who clicks twice lets two in."""
    for _ in range(5):
        answer = room.ask("POST", "wall/callers", teacher, json={"kind": "single"})
        assert answer.status_code == 200, answer.text


def test_the_scene_is_as_it_was_at_first(room: RunningRoom, teacher: str) -> None:
    """No Task is open, and whoever is there is Available; the instructor looks on, and ben has left."""
    joined = {name: room.join(room.token(name)) for name in ("ana", "ben")}
    for name, member in {**joined, "teacher": room.join(teacher)}.items():
        opened = OpenStream(name=name, worker_sid=member["worker_sid"], instructor=name == "teacher")
        if name != "ben":
            room.look(lambda opened=opened: room.state.streams.add(opened))
    workspace = room.sandbox.client().taskrouter.v1.workspaces(joined["ana"]["workspace_sid"])
    away = next(each.sid for each in workspace.activities.list() if each.friendly_name == "Break")
    workspace.workers(joined["ana"]["worker_sid"]).update(activity_sid=away)
    for _ in range(3):
        workspace.tasks.create(workflow_sid=joined["ana"]["workflow_sid"], attributes='{"selected_language": "en"}')

    said = room.ask("POST", "wall/scene", teacher, json={}).json()["said"]

    assert said == "Tasks: 3 that waited were canceled. 2 Workers have another Activity again."
    assert {each.friendly_name: each.activity_name for each in workspace.workers.list()} == {
        "ana": "Available", "ben": "Offline", "teacher": "Offline",
    }  # fmt: skip
    assert {each.assignment_status for each in workspace.tasks.list()} == {"canceled"}


def test_one_or_all_get_their_notebooks_anew(room: RunningRoom, workshop: Workshop, teacher: str) -> None:
    """What was there is kept."""
    notebooks = {}
    for name in ("ana", "ben"):
        home = ParticipantHome(workshop, name)
        home.prepare()
        notebooks[name] = home.path / "notebooks" / "00_start_here.ipynb"
        notebooks[name].write_text("spoilt", encoding="utf-8")

    one = room.ask("POST", "wall/set-back", teacher, json={"name": "ana"})
    assert one.json()["said"].startswith("New notebooks for ana;")
    assert "chooses Revert when JupyterLab asks" in one.json()["said"]
    assert [notebooks[name].read_text(encoding="utf-8") == "spoilt" for name in ("ana", "ben")] == [False, True]

    everyone = room.ask("POST", "wall/set-back", teacher, json={"everyone": True})
    assert everyone.json()["said"].startswith("New notebooks for 2 participants;")
    assert notebooks["ben"].read_text(encoding="utf-8") != "spoilt"


@pytest.mark.parametrize("asked", [{"name": "zoe"}, {"name": "../hub"}, {"name": ".before"}, {"name": None}, {}])
def test_nobody_who_is_not_there_is_set_back(room: RunningRoom, teacher: str, asked: dict[str, Any]) -> None:
    """A name is looked up and never a path."""
    assert room.ask("POST", "wall/set-back", teacher, json=asked).status_code == 404


def test_where_the_notebooks_are_elsewhere_it_is_said(tmp_path: Path) -> None:
    """A service on a cluster has no participants' folders."""
    with running_room(tmp_path) as room:
        teacher = room.token("teacher", instructor=True)

        assert room.ask("GET", "wall/state", teacher).json()["set_back"] == ELSEWHERE
        assert room.ask("POST", "wall/set-back", teacher, json={"everyone": True}).json()["message"] == ELSEWHERE


def test_the_page_loads_its_own_files_and_no_others(room: RunningRoom, teacher: str) -> None:
    """Its script is one, and no path leads to another file."""
    page = room.ask("GET", "wall", teacher)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<!-- xsrf -->" not in page.text

    for name in ("wall.js", "wall.css"):
        answer = room.ask("GET", f"wall/files/{name}", teacher)
        assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff")
    for name in ("wall.html", "../wall", "__init__.py", ""):
        assert room.ask("GET", f"wall/files/{name}", teacher).status_code == 404
