"""labkit.progress_file: what is noted is added to what is there, and nothing that is there is lost."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit.progress_file import ProgressFile

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
LESSON = "07_routing"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of the file, whose folder is not there yet."""
    return tmp_path / "home" / "progress.json"


def test_what_is_noted_is_there(path: Path) -> None:
    """Also for whoever opens the file later; each account sees its own."""
    ProgressFile(path).note("AC1", LESSON, at=NINE, ticked=["First"], missed=["Second"])
    assert ProgressFile(path).lessons("AC1") == {
        LESSON: {"begun": NINE.isoformat(), "ticked": {"First": NINE.isoformat()}, "missed": {"Second": 1}}
    }
    assert ProgressFile(path).lessons("AC2") == {}


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_was_noted_first_keeps_its_time(path: Path, in_memory: bool) -> None:
    """A tick stays, and how often something was missing is counted."""
    progress = ProgressFile(None if in_memory else path)
    progress.note("AC1", LESSON, at=NINE, ticked=["First"], missed=["Second"])
    found = progress.note("AC1", LESSON, at=TEN, ticked=["First", "Second"], missed=["Second"])[LESSON]
    assert found["begun"] == NINE.isoformat()
    assert found["ticked"] == {"First": NINE.isoformat(), "Second": TEN.isoformat()}
    assert found["missed"] == {"Second": 2}
    found["ticked"].clear()
    assert progress.lessons("AC1")[LESSON]["ticked"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"[1]",
        b"\xff",
        b"[" * 100_000,
        b'{"accounts": 1}',
        b'{"accounts": {"AC1": []}}',
        b'{"accounts": {"AC1": {"lessons": {"07_routing": 1}}}}',
        b'{"accounts": {"AC1": {"lessons": {"07_routing": {"ticked": []}}}}}',
    ],
)
def test_a_file_that_cannot_be_read_is_set_aside(path: Path, content: bytes) -> None:
    """What was in it is there for whoever can make something of it; twice too."""
    path.parent.mkdir()
    for number in (1, 2):
        path.write_bytes(content)
        assert ProgressFile(path).lessons("AC1") == {}
        ProgressFile(path).note("AC1", LESSON, at=NINE, ticked=["First"])
        assert list(ProgressFile(path).lessons("AC1")[LESSON]["ticked"]) == ["First"]
        assert (path.parent / f"progress-broken-{number}.json").read_bytes() == content


def test_what_another_version_wrote_stays(path: Path) -> None:
    """Whatever is beside what this one knows, and a lesson that it does not have."""
    path.parent.mkdir()
    lessons: dict[str, Any] = {LESSON: {"stars": 5, "missed": {"Second": "often"}}, "99_later": {"ticked": {"A": "x"}}}
    path.write_text(json.dumps({"version": 2, "accounts": {"AC1": {"lessons": lessons, "name": "Ana"}}, "more": 1}))
    ProgressFile(path).note("AC1", LESSON, at=NINE, missed=["Second"])
    kept = json.loads(path.read_text("utf-8"))
    assert (kept["version"], kept["more"], kept["accounts"]["AC1"]["name"]) == (2, 1, "Ana")
    assert kept["accounts"]["AC1"]["lessons"]["99_later"] == {"ticked": {"A": "x"}}
    assert kept["accounts"]["AC1"]["lessons"][LESSON]["stars"] == 5
    assert kept["accounts"]["AC1"]["lessons"][LESSON]["missed"] == {"Second": 1}


def test_half_a_character_in_the_file_stops_nobody(path: Path) -> None:
    """JSON can say it, and UTF-8 cannot."""
    path.parent.mkdir()
    path.write_text('{"accounts": {"AC1": {"lessons": {"\\ud800": {"ticked": {}}}}}}')
    for number in (1, 2):
        ProgressFile(path).note("AC1", LESSON, at=NINE, missed=["Second"])
        lessons = ProgressFile(path).lessons("AC1")
        assert (list(lessons), lessons[LESSON]["missed"]) == (["\ud800", LESSON], {"Second": number})


def test_who_writes_at_once_loses_nothing(path: Path) -> None:
    """Several kernels with one account each have their own object for the same file."""

    def work(number: int) -> None:
        for step in range(5):
            ProgressFile(path).note("AC1", LESSON, at=NINE, ticked=[f"{number}.{step}"], missed=["Common"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    found = ProgressFile(path).lessons("AC1")[LESSON]
    assert (len(found["ticked"]), found["missed"]) == (20, {"Common": 20})


def test_a_draft_that_was_left_is_no_progress(path: Path) -> None:
    """A process that is killed while it writes leaves the file as it was."""
    ProgressFile(path).note("AC1", LESSON, at=NINE, ticked=["First"])
    (path.parent / f".{path.name}.1").write_text("{")
    assert list(ProgressFile(path).lessons("AC1")[LESSON]["ticked"]) == ["First"]
