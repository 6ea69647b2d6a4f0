"""A participant's own progress in the room: told, seen and deleted by nobody but them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from room_service import RunningRoom, running_room

from labkit.lab.progress_sharing import ROOM_URL, reporter_for
from labkit.room.client import HUB_TOKEN
from workshop.room.progress import FILE

LESSON = "07_routing"
REPORT: dict[str, Any] = {"lesson": LESSON, "lessons": {LESSON: {"ticked": [], "missed": {}}}}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    """A room that keeps what it is told below this folder."""
    with running_room(tmp_path / "room") as running:
        yield running


def test_a_report_is_its_senders_and_nobody_elses(room: RunningRoom) -> None:
    """Whose it is says the hub, whatever stands in it."""
    ana, ben = room.token("ana"), room.token("ben")

    assert room.ask("POST", "progress", ana, json={**REPORT, "name": "ben"}).status_code == 204

    assert room.ask("GET", "progress", ana).json()["lesson"] == LESSON
    assert room.ask("GET", "progress", ben).json() == {}


def test_it_is_kept_and_deleted_in_the_file_too(room: RunningRoom, tmp_path: Path) -> None:
    """Of whoever asks, and of no other."""
    for name in ("ana", "ben"):
        room.ask("POST", "progress", room.token(name), json=REPORT)

    assert room.ask("DELETE", "progress", room.token("ana")).status_code == 204

    kept = (tmp_path / "room" / FILE).read_text(encoding="utf-8")
    assert ("ana" in kept, "ben" in kept) == (False, True)
    assert room.ask("GET", "progress", room.token("ana")).json() == {}


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"'])
def test_what_is_no_report_is_refused(room: RunningRoom, body: str) -> None:
    """With a sentence, and nothing is kept."""
    headers = {"Content-Type": "application/json"}

    assert room.ask("POST", "progress", room.token("ana"), data=body, headers=headers).status_code == 400
    assert room.ask("GET", "progress", room.token("ana")).json() == {}


def test_a_room_that_is_closed_keeps_what_it_was_told(tmp_path: Path) -> None:
    """Whoever opens it again finds everybody where they were."""
    with running_room(tmp_path) as first:
        for name in ("ana", "ben"):
            first.ask("POST", "progress", first.token(name), json=REPORT)
    with running_room(tmp_path) as second:
        assert second.ask("GET", "progress", second.token("ben")).json()["lesson"] == LESSON


def test_a_lab_and_the_room_understand_each_other(room: RunningRoom, tmp_path: Path) -> None:
    """The kernel's reporter tells, and deletes."""
    token = room.token("ana")
    reporter = reporter_for(tmp_path, submit=lambda work: work(), environ={ROOM_URL: room.url, HUB_TOKEN: token})
    assert reporter is not None

    reporter.report(lambda: REPORT)
    assert room.ask("GET", "progress", token).json()["lesson"] == LESSON

    assert reporter.choose(shares=False) is True
    assert room.ask("GET", "progress", token).json() == {}


def test_a_disk_that_is_full_is_no_deletion(room: RunningRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lab asks again later, because it was told so."""
    token = room.token("ana")
    room.ask("POST", "progress", token, json=REPORT)
    reporter = reporter_for(tmp_path, submit=lambda work: work(), environ={ROOM_URL: room.url, HUB_TOKEN: token})
    assert reporter is not None

    def full() -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(room.state.progress, "save", full)
        assert room.ask("DELETE", "progress", token).status_code == 503
        assert reporter.choose(shares=False) is False
    reporter.report(lambda: REPORT)

    assert reporter.choice.to_delete is False
    assert room.ask("GET", "progress", token).json() == {}
