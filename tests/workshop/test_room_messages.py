"""What the instructor says to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from room_service import RunningRoom, running_room

from labkit.room.client import RoomClient
from labkit.settings import Secret
from workshop.room.messages import LONGEST, MOST_KEPT, RoomMessages


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRoom]:
    folder: Path = tmp_path_factory.mktemp("room")
    with running_room(folder) as running:
        yield running


def test_a_message_goes_to_all_and_to_who_comes_later(room: RunningRoom) -> None:
    """As text, whatever is in it: the reader shows it as text."""
    teacher = RoomClient(room.url, Secret(room.token("teacher", instructor=True)))
    ana, bob = (RoomClient(room.url, Secret(room.token(name))) for name in ("ana", "bob"))
    with closing(ana.stream("stream")) as there:
        lines = iter(there)
        assert "hello" in (next(lines) or {})
        assert teacher.post("messages", {"text": " Let us <b>begin</b> "}) == {"people": 1}
        said = next(line["message"] for line in lines if line and "message" in line)
        there.release()
    with closing(bob.stream("stream")) as later:
        assert next(line for line in later if line and "message" in line) == {"message": said}
        later.release()

    assert (said["from"], said["text"]) == ("teacher", "Let us <b>begin</b>")


def test_half_a_character_holds_up_nobody(tmp_path: Path) -> None:
    """A text that was cut within an emoji is said with a question mark, and whoever comes later is let in."""
    with running_room(tmp_path) as room:
        teacher, ana = (room.token("teacher", instructor=True), room.token("ana"))
        answer = room.ask("POST", "messages", teacher, json={"text": "Well done \ud83d"})
        with closing(RoomClient(room.url, Secret(ana)).stream("stream")) as stream:
            said = next(line["message"] for line in stream if line and "message" in line)
            stream.release()

    assert answer.status_code == 201
    assert said["text"] == "Well done ?"


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "  "}, {"text": 3}, {"text": "x" * (LONGEST + 1)}])
def test_what_is_no_message_is_refused(room: RunningRoom, body: dict[str, Any]) -> None:
    """In a sentence."""
    answer = room.ask("POST", "messages", room.token("teacher", instructor=True), json=body)

    assert answer.status_code == 400
    assert "1 to 1,000 characters" in answer.json()["message"]


def test_it_is_not_said_for_ever() -> None:
    """After an hour it is old, and of many the last ones count."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    messages = RoomMessages(lambda: now)
    for number in range(MOST_KEPT + 5):
        messages.add(str(number), by="teacher")
    lately = messages.lately()
    now += timedelta(hours=1, seconds=1)

    assert [said["text"] for said in lately] == [str(number) for number in range(5, MOST_KEPT + 5)]
    assert messages.lately() == []
