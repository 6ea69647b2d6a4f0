"""The map of the course: what is done, what comes next, and how a notebook is found."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from labkit.course import course_map as module
from labkit.course import notebooks
from labkit.course.course_map import CourseMap, course_map
from labkit.course.lesson import Lesson, LessonStep
from labkit.course.notebooks import place_of
from labkit.course.progress import LessonProgress

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
DONE = LessonProgress(begun=NOW, ticked={"A": NOW, "B": NOW})
BEGUN = LessonProgress(begun=NOW, ticked={"A": NOW, "No step any more": NOW})


@pytest.fixture(autouse=True)
def three_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two needed steps and one optional each, which take 10, 20 and 30 minutes."""
    steps = tuple(LessonStep(title, lambda _record: False, "Do it.", optional=title == "C") for title in "ABC")
    lessons = {f"0{number}_x": Lesson(f"Lesson {number}", steps, minutes=10 * (number + 1)) for number in range(3)}
    monkeypatch.setattr(module, "LESSONS", lessons)


def drawn(here: str | None = None, **progress: LessonProgress) -> CourseMap:
    """The map for the progress in `l0` to `l2`."""
    return course_map({f"0{name[1]}_x": each for name, each in progress.items()}, here=here)


def test_it_is_read_as_text() -> None:
    """A mark, how long each takes, how far it is, and where to go on."""
    assert str(drawn("01_x", l0=DONE, l1=BEGUN)).splitlines() == [
        "The course: 1 of 3 lessons done; the rest takes about 50 min.",
        "  ✓  00  Lesson 0  10 min  done",
        "  →  01  Lesson 1  20 min  1 of 2 steps  you are here, go on",
        "  ·  02  Lesson 2  30 min  not begun",
    ]


@pytest.mark.parametrize(
    ("here", "progress", "following"),
    [
        (None, {}, "00_x"),
        (None, {"l0": DONE}, "01_x"),
        ("01_x", {}, "01_x"),
        ("01_x", {"l1": DONE}, "02_x"),
        ("02_x", {"l2": DONE, "l0": DONE}, "01_x"),
        ("00_x", {"l0": DONE, "l1": DONE, "l2": DONE}, None),
        ("99_gone", {"l0": DONE}, "01_x"),
    ],
)
def test_what_comes_next(here: str | None, progress: dict[str, LessonProgress], following: str | None) -> None:
    """The present lesson until it is done, then the first after it that is not, then any that was left out."""
    found = drawn(here, **progress)
    assert next((entry.name for entry in found.entries if entry.is_next), None) == following


def test_the_whole_course_can_be_done() -> None:
    """Optional steps are not needed for that."""
    assert drawn(l0=DONE, l1=DONE, l2=DONE).headline == "You have done the whole course. Well done!"


def test_it_says_why_nobody_knows_how_far_one_is() -> None:
    """The lessons are there all the same."""
    assert str(course_map({}, trouble="The disk is full.")).endswith("\nThe disk is full.")


@pytest.fixture
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A Jupyter server with this kernel, in whose folder `mine` is a lesson beside the present notebook."""
    root, runtime = tmp_path / "root", tmp_path / "runtime"
    (root / "mine").mkdir(parents=True)
    runtime.mkdir()
    (root / "mine" / "07 x.ipynb").touch()
    (runtime / "jpserver-17.json").write_text(json.dumps({"root_dir": str(root), "base_url": "/user/ana/"}))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    monkeypatch.setattr(notebooks, "ROOT", tmp_path / "clone")
    return {"JPY_PARENT_PID": "17", "JPY_SESSION_NAME": str(root / "mine" / "00_start_here.ipynb")}


def test_a_notebook_beside_this_one_is_opened_by_jupyter(jupyter: dict[str, str]) -> None:
    """By its path in the server, behind a hub too."""
    place = place_of("07 x", jupyter)
    assert (place.path, place.url) == ("mine/07 x.ipynb", "/user/ana/lab/tree/mine/07%20x.ipynb")
    assert place_of("08_y", jupyter) == ("", "", "")


def test_the_learners_copies_come_before_the_originals(jupyter: dict[str, str], tmp_path: Path) -> None:
    """For a notebook that is somewhere else; outside of what the server shows, only the file can be named."""
    for folder in ("notebooks", "work"):
        (tmp_path / "clone" / folder).mkdir(parents=True)
        (tmp_path / "clone" / folder / "08_y.ipynb").touch()
        assert place_of("08_y", jupyter) == (str(tmp_path / "clone" / folder / "08_y.ipynb"), "", "")


@pytest.mark.parametrize("told", ["", "{", "[]", '{"root_dir": 1}', '{"base_url": "/"}', '{"root_dir": "/nowhere"}'])
def test_without_a_jupyter_server_the_file_is_named(jupyter: dict[str, str], tmp_path: Path, told: str) -> None:
    """As in an editor that runs kernels by itself."""
    (tmp_path / "runtime" / "jpserver-17.json").write_text(told)
    place = place_of("07 x", jupyter)
    assert place == (str(tmp_path / "root" / "mine" / "07 x.ipynb"), "", "")
    assert place_of("07 x", {**jupyter, "JPY_PARENT_PID": ""}).path == ""


def test_every_lesson_of_the_course_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the clone, wherever this kernel's notebook is."""
    from labkit.course.lessons import LESSONS

    places: dict[str, Any] = {lesson: place_of(lesson, {}) for lesson in LESSONS}
    assert all(place.file.endswith(f"{lesson}.ipynb") for lesson, place in places.items())
