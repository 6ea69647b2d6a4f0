"""Each lesson solved: its check finds all of it. (`tests/test_notebooks.py` has each as it is.)

`tests/course/solved/lesson_<number>.py` has for a lesson:

- `INSTEAD` and `AFTER`: what a learner writes and does (`playing.play`);
- `BY_RUNNING`: the numbers of the required steps that whoever runs all cells has done without doing anything;
- `AROUND`, where it is played in something else than the sandbox alone;
- `WRONG`: what a learner may do instead, and the hint meant for that.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from course.playing import play, stage
from course.solved.by_name import SOLVED, around

from labkit.course import Report

__all__ = ["play", "stage"]

pytestmark = pytest.mark.process

Play = Callable[..., Report]


@pytest.mark.parametrize("lesson", SOLVED)
def test_who_does_all_of_it_has_all_ticks(play: Play, lesson: str) -> None:
    """Optional steps too."""
    solved = SOLVED[lesson]
    report = play(lesson, instead=solved.INSTEAD, after=solved.AFTER, around=around(lesson))
    assert [step.title for step in report.steps if not step.done] == []
