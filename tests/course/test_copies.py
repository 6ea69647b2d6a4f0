"""labkit.course.copies: what is renewed, what is left, and what is laid beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.course.copies import renew_copies
from labkit.errors import LabError

NAME = "00_start_here.ipynb"
NEWER = "00_start_here-newer.ipynb"


class Course:
    """A folder of originals with one lesson, and one of copies."""

    def __init__(self, folder: Path) -> None:
        self.originals = folder / "notebooks"
        self.work = folder / "work"
        self.originals.mkdir()

    def publish(self, text: str) -> None:
        """The project has this lesson now."""
        _write(self.originals / NAME, text)

    def renew(self) -> list[str]:
        """What is told: the newer lessons beside changed ones."""
        return [path.name for path in renew_copies(self.originals, into=self.work)]

    def text(self, name: str = NAME) -> str:
        """What stands in a copy."""
        return "".join(_read(self.work / name)["cells"][0]["source"])

    def files(self) -> list[str]:
        """What a person sees in the folder of the copies."""
        return sorted(path.name for path in self.work.iterdir() if not path.name.startswith("."))


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, text: str | list[str], **more: Any) -> None:
    cell = {"cell_type": "code", "source": text, "metadata": {}, "outputs": [], "execution_count": None, **more}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A lesson, and the learner's copy of it."""
    course = Course(tmp_path)
    course.publish("first")
    assert course.renew() == []
    assert course.text() == "first"
    return course


def test_a_copy_that_was_only_run_is_renewed(course: Course) -> None:
    """Outputs, counters and the form in which Jupyter saves the text are nobody's writing."""
    _write(course.work / NAME, ["first"], outputs=[{"output_type": "stream", "text": "1"}], execution_count=3)
    course.publish("second")

    assert course.renew() == []
    assert course.text() == "second"
    assert course.files() == [NAME]


def test_a_run_copy_keeps_its_outputs_while_the_lesson_is_the_same(course: Course) -> None:
    """A start does not touch what is as it should be."""
    _write(course.work / NAME, "first", execution_count=3)
    course.renew()

    assert _read(course.work / NAME)["cells"][0]["execution_count"] == 3


def test_a_changed_copy_stays_as_it_is(course: Course) -> None:
    """As long as there is no newer lesson, nothing is said."""
    _write(course.work / NAME, "mine")

    assert course.renew() == []
    assert course.text() == "mine"
    assert course.files() == [NAME]


def test_a_newer_lesson_is_laid_beside_a_changed_copy(course: Course) -> None:
    """It is told at each start while it lies there, and is renewed itself."""
    _write(course.work / NAME, "mine")
    course.publish("second")

    assert course.renew() == course.renew() == [NEWER]
    course.publish("third")
    assert course.renew() == [NEWER]
    assert (course.text(), course.text(NEWER)) == ("mine", "third")


def test_nothing_that_was_written_is_overwritten_ever(course: Course) -> None:
    """A newer one that was changed as well has the next beside it."""
    _write(course.work / NAME, "mine")
    course.publish("second")
    course.renew()
    _write(course.work / NEWER, "mine too")
    assert course.renew() == []
    course.publish("third")

    assert course.renew() == ["00_start_here-newer-2.ipynb"]
    assert [course.text(name) for name in course.files()] == ["third", "mine too", "mine"]


def test_a_newer_lesson_that_was_taken_away_stays_away(course: Course) -> None:
    """Until there is one that is newer still; and whoever takes away the copy begins again."""
    _write(course.work / NAME, "mine")
    course.publish("second")
    course.renew()
    (course.work / NEWER).unlink()
    assert course.renew() == []
    assert course.files() == [NAME]
    (course.work / NAME).unlink()
    course.renew()

    assert course.text() == "second"


@pytest.mark.parametrize("record", [None, "", "[]", '{"00_start_here.ipynb": 1}'])
def test_without_its_record_every_copy_that_differs_counts_as_changed(course: Course, record: str | None) -> None:
    """What was copied when is not known then."""
    [path] = course.work.glob(".*")
    path.unlink() if record is None else path.write_text(record, encoding="utf-8")
    course.publish("second")

    assert course.renew() == [NEWER]
    assert course.text() == "first"


@pytest.mark.parametrize("content", ["", "no notebook", "[]", '{"cells": [{"cell_type": "code"}]}'])
def test_what_is_no_notebook_any_more_is_kept(course: Course, content: str) -> None:
    """Somebody wrote it."""
    (course.work / NAME).write_text(content, encoding="utf-8")
    course.publish("second")

    assert course.renew() == [NEWER]
    assert (course.work / NAME).read_text(encoding="utf-8") == content


def test_a_folder_that_cannot_be_written_is_named(course: Course, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").write_text("", encoding="utf-8")

    with pytest.raises(LabError, match="taken"):
        renew_copies(course.originals, into=tmp_path / "taken")
