"""How a lesson may be called, and what its Workspace is called then."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labkit.course.lesson_names import lesson_named, number_of, workspace_name
from labkit.course.lessons import LESSONS
from labkit.errors import SettingsError

DEFAULT = "TaskRouter Lab"


@pytest.mark.parametrize("given", ["02_assignment_callback", "02", "2", 2, " 02 ", "work/02_assignment_callback.ipynb"])
def test_a_number_does_as_well_as_a_name(given: object) -> None:
    """What a learner reads above the notebook is a number."""
    assert lesson_named(given) == "02_assignment_callback"


@pytest.mark.parametrize("given", ["", "99", "-1", "assignment", True, 2.5, "²", None])
def test_what_names_no_lesson_lists_those_that_there_are(given: object) -> None:
    """Nothing is guessed at."""
    with pytest.raises(SettingsError, match=r"There is no lesson .*00_start_here, .*02_assignment_callback"):
        lesson_named(given)


def test_each_lesson_but_the_first_has_a_workspace_of_its_own() -> None:
    """So that neither its checks nor its Tasks mix with another's."""
    names = {lesson: workspace_name(lesson, beside=DEFAULT) for lesson in LESSONS}
    assert names["00_start_here"] == DEFAULT
    assert names["02_assignment_callback"] == "TaskRouter Lab: 02 assignment callback"
    assert len(set(names.values())) == len(LESSONS)


def test_a_name_that_taskrouter_would_refuse_is_refused_before() -> None:
    """With what to do: another name for the setting `workspace`."""
    with pytest.raises(SettingsError, match="Give a shorter workspace"):
        workspace_name("02_assignment_callback", beside="x" * 60)


def test_the_lessons_stand_in_their_order() -> None:
    """The map and the links between the notebooks go by it; no number is there twice."""
    numbers = [number_of(lesson) for lesson in LESSONS]
    assert numbers == sorted(set(numbers))


def test_to_start_a_lab_takes_no_lesson(tmp_path: Path) -> None:
    """Their modules bring Flask, the engine and the language with them; the first cell shall be quick."""
    code = "import sys, labkit.lab.runtime; print([m for m in sys.modules if m.startswith('labkit.course.lessons.')])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert found.stdout == "[]\n"
