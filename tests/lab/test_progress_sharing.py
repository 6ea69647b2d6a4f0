"""In a workshop the first cell says what the instructor sees; one line switches it off and has it deleted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from served import served

import labkit
from labkit.course.lessons import LESSONS
from labkit.errors import ArgumentError
from labkit.lab.lab import Lab
from labkit.lab.progress_sharing import NOT_SHARED, ROOM_URL, SHARED, as_report, reporter_for
from labkit.room.client import HUB_TOKEN
from labkit.room.sharing_choice import SharingChoice

LESSON = "00_start_here"
PATIENCE_SECONDS = 10


class ProgressRoom(ThreadingHTTPServer):
    """Keeps the last report, as a workshop's room does for each participant."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.asked: list[tuple[str, str, str]] = []
        self.kept: dict[str, Any] | None = None
        self.news = threading.Condition()

    def wait_until_it_has(self, number: int) -> list[str]:
        """The methods of the requests so far, once there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.asked) >= number, PATIENCE_SECONDS), self.asked
            return [method for method, *_ in self.asked]


class _Requests(BaseHTTPRequestHandler):
    server: ProgressRoom

    def do_POST(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(document)

    def do_DELETE(self) -> None:
        self._answer(None)

    def _answer(self, kept: dict[str, Any] | None) -> None:
        self.send_response(204)
        self.end_headers()
        with self.server.news:
            self.server.kept = kept
            self.server.asked.append((self.command, self.path, self.headers["Authorization"]))
            self.server.news.notify_all()

    def log_message(self, *_: Any) -> None:
        """Nothing: the test looks for itself."""


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProgressRoom]:
    """A workshop's, of which the hub has told this process."""
    with served(ProgressRoom()) as server:
        monkeypatch.setenv(ROOM_URL, f"http://127.0.0.1:{server.server_address[1]}/services/room")
        monkeypatch.setenv(HUB_TOKEN, "the-hub-gave-this")
        yield server


def wait_until_sent(lab: Lab) -> None:
    """A no that comes before a report has ended deletes once more, since the report may have arrived after it."""
    end = time.monotonic() + PATIENCE_SECONDS
    while lab._course.reporter._sending:
        assert time.monotonic() < end, "the report did not end"
        time.sleep(0.01)


def test_a_lab_says_what_it_shares_and_reports_after_it_began_and_after_a_check(
    home: Path, room: ProgressRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks is known by the hub's token."""
    lab = labkit.start(lesson=LESSON, panel=False)
    assert SHARED in capsys.readouterr().out
    room.wait_until_it_has(1)
    assert room.kept == {"lesson": LESSON, "lessons": {LESSON: {"ticked": [], "missed": {}}}}

    report = lab.check()
    room.wait_until_it_has(2)

    next_step = report.lessons[0].next_step
    assert next_step is not None
    assert room.kept["lessons"][LESSON]["missed"] == {next_step.title: 1}
    assert set(room.asked) == {("POST", "/services/room/progress", "token the-hub-gave-this")}


def test_one_line_switches_it_off_and_deletes_what_was_sent(
    home: Path, room: ProgressRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """A later kernel of the same home sends nothing either, and says so."""
    lab = labkit.start(lesson=LESSON, panel=False)
    room.wait_until_it_has(1)
    wait_until_sent(lab)

    answer = labkit.share_progress(False)
    lab.check()
    labkit.stop()
    capsys.readouterr()
    labkit.start(lesson=LESSON, panel=False)
    labkit.stop()

    assert str(answer).startswith("Nothing more is sent. What was sent is deleted.")
    assert [method for method, *_ in room.asked] == ["POST", "DELETE"]
    assert capsys.readouterr().out.strip() == NOT_SHARED


def test_it_is_shared_again_by_the_same_line(home: Path, room: ProgressRoom) -> None:
    """At once, where a lab runs."""
    labkit.share_progress(False)
    labkit.start(lesson=LESSON, panel=False)

    assert str(labkit.share_progress(True)) == SHARED
    assert room.wait_until_it_has(2) == ["DELETE", "POST"]


def test_without_a_workshop_nothing_is_said_or_sent(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever works alone hears nothing of instructors."""
    labkit.start(lesson=LESSON, panel=False)

    assert "instructor" not in capsys.readouterr().out
    assert "in no workshop" in str(labkit.share_progress(False))


def test_a_room_that_is_gone_is_in_nobodys_way(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lesson goes on, and a no is kept to be made good later."""
    monkeypatch.setenv(ROOM_URL, "http://127.0.0.1:1/services/room")
    monkeypatch.setenv(HUB_TOKEN, "the-hub-gave-this")

    lab = labkit.start(lesson=LESSON, panel=False)
    assert not lab.check().complete

    assert "deleted later" in str(labkit.share_progress(False))
    assert SharingChoice.in_home(home) == SharingChoice(shares=False, to_delete=True)


@pytest.mark.parametrize("environ", [{}, {ROOM_URL: "http://h/services/room"}, {ROOM_URL: "nowhere", HUB_TOKEN: "t"}])
def test_without_an_address_and_a_token_there_is_no_room(tmp_path: Path, environ: dict[str, str]) -> None:
    """An address that is none is the status panel's to tell."""
    assert reporter_for(tmp_path, submit=lambda work: work(), environ=environ) is None


def test_a_choice_is_yes_or_no() -> None:
    """`share_progress("no")` would be a yes to Python."""
    with pytest.raises(ArgumentError, match="takes True or False; it is 'no'"):
        labkit.share_progress("no")  # type: ignore[arg-type]


def test_a_report_has_titles_and_counts_and_nothing_else() -> None:
    """No moment, no text of a learner's."""
    from labkit.course.progress import LessonProgress

    step = LESSONS[LESSON].steps[0].title

    found = as_report(None, {LESSON: LessonProgress(missed={step: 2})})

    assert found == {"lesson": None, "lessons": {LESSON: {"ticked": [], "missed": {step: 2}}}}
