"""A lab in a room: one Worker of a contact centre that all share, by the room's real service and a real sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from room_service import RunningRoom, running_room

from labkit.errors import LabError, RoomError, TaskRouterError
from labkit.lab.lab import Lab
from labkit.settings import Settings


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path / "room") as running:
        yield running


@contextmanager
def lab_of(room: RunningRoom, name: str, *, instructor: bool = False) -> Iterator[Lab]:
    """A lab as it starts in this person's kernel."""
    with ExitStack() as ending:
        patch = ending.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("JUPYTERHUB_API_TOKEN", room.token(name, instructor=instructor))
        yield ending.enter_context(Lab(Settings.resolve({"LABKIT_ROOM_URL": room.url}, mode="room")))


def lines(lab: Lab) -> dict[str, str]:
    """What the status panel says, by the key of the line."""
    return {line["key"]: f"{line['light']}: {line['value']} {line['detail']}" for line in lab._status_lines()}


def test_whoever_starts_in_a_room_is_one_worker_of_it(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana:
        assert (ana.mode, ana.worker) == ("room", "ana")
        assert ana.taskrouter.worker(ana.worker).available
        said = lines(ana)
        assert "ana" in said["worker"]
        assert ana.live.worker(ana._in_room.joined.worker_sid) is not None
    assert [line["value"] for line in ana._status_lines()] == ["stopped"]


def test_only_the_instructor_lets_callers_in(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "teacher", instructor=True) as teacher:
        with pytest.raises(TaskRouterError, match="instructor"):
            ana.create_task({"language": "en"})
        teacher.create_task({"language": "en"})
        assert len(teacher.taskrouter.open_tasks()) == 1
        assert lines(teacher)["worker"].count("instructor") == 1


def test_what_is_not_a_participants_is_refused_in_a_sentence(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "ben"):
        for act, said in (
            (lambda: ana.taskrouter.set_activity("ben", "Break"), "HTTP 404"),
            (lambda: ana.taskrouter.create_worker("eve"), "instructor"),
            (ana.take_callbacks, "nobody's notebook"),
            (ana.set_up, "everybody's"),
            (ana.plan, "everybody's"),
            (ana.teardown, "not this lab's own"),
            (ana.check, "lab of your own"),
            (lambda: ana.agent_page("ben"), "you are ana"),
        ):
            with pytest.raises(LabError, match=said):
                act()
        assert not ana.stopped


def test_without_a_hub_or_a_room_there_is_a_sentence(room: RunningRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    with pytest.raises(RoomError, match="not started by a workshop's hub"):
        Lab(Settings.resolve({"LABKIT_ROOM_URL": room.url}, mode="room"))
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-nobody")
    with pytest.raises(RoomError, match="does not know who asks"):
        Lab(Settings.resolve({"LABKIT_ROOM_URL": room.url}, mode="room"))
