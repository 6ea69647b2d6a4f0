"""What the instructor's page says of each lesson is the lesson's."""

from __future__ import annotations

import re

import pytest
from tracked import ROOT

from labkit.course.lessons import LESSONS

PAGE = (ROOT / "docs" / "facilitator.md").read_text(encoding="utf-8")


def part(lesson: str) -> str:
    """What the page has about a lesson."""
    heading = f"## {lesson[:2]} {LESSONS[lesson].title}\n"
    assert heading in PAGE
    return PAGE.partition(heading)[2].partition("\n## ")[0]


@pytest.mark.parametrize("lesson", LESSONS)
def test_its_sections_take_as_long_as_the_lesson(lesson: str) -> None:
    """The lesson's minutes are those of its sections; a row without any is one more question of the row above."""
    minutes = LESSONS[lesson].minutes
    about = part(lesson)
    rows = re.findall(r"^\| \d[^|]*\| (\d+) \|", about, re.MULTILINE)
    assert sum(map(int, rows)) == minutes
    assert f"{minutes} minutes" in about


@pytest.mark.parametrize("lesson", LESSONS)
def test_it_speaks_of_steps_that_there_are(lesson: str) -> None:
    """In a list as `(step 3)`, in a table as the first column."""
    steps = re.findall(r"\(steps? (\d+)|^\| (\d+) \| [^\d|]", part(lesson), re.MULTILINE)
    numbers = {int(number) for found in steps for number in found if number}
    assert numbers
    assert numbers <= set(range(1, len(LESSONS[lesson].steps) + 1))


def test_its_minutes_are_said_to_be_estimates() -> None:
    """Before the first of them."""
    assert "estimates" in PAGE.partition("\n## ")[0]
