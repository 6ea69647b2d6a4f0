"""Each lesson as it is, solved, and done wrongly: what its check says then.

`tests/course/solved/lesson_<number>.py` has for a lesson:

- `INSTEAD` and `AFTER`: what a learner writes and does (`playing.play`);
- `BY_RUNNING`: the numbers of the required steps that whoever runs all cells has done without doing anything;
- `WRONG`: what a learner may do instead, and the hint meant for that.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from course.playing import WrongAttempt, play, stage

from labkit.course import Report
from labkit.course.lesson_names import lesson_named

__all__ = ["play", "stage"]

pytestmark = pytest.mark.process

Play = Callable[..., Report]

SOLVED: dict[str, ModuleType] = {
    lesson_named(path.stem.removeprefix("lesson_")): import_module(f"course.solved.{path.stem}")
    for path in sorted((Path(__file__).parent / "solved").glob("lesson_*.py"))
}
WRONG = [
    pytest.param(lesson, attempt, id=f"{lesson}-{number}-step-{attempt.step}")
    for lesson, module in SOLVED.items()
    for number, attempt in enumerate(module.WRONG, start=1)
]
each_lesson = pytest.mark.parametrize("lesson", SOLVED)


@each_lesson
def test_who_only_runs_the_cells_is_told_what_to_do(play: Play, lesson: str) -> None:
    """No step is ticked that only a learner can do, and each has its hint."""
    steps = play(lesson).steps
    by_running = SOLVED[lesson].BY_RUNNING
    done = {number for number, step in enumerate(steps, start=1) if step.done and not step.optional}
    assert done == by_running
    assert [step.title for step in steps if not (step.done or step.advice)] == []


@each_lesson
def test_who_does_all_of_it_has_all_ticks(play: Play, lesson: str) -> None:
    """Optional steps too."""
    report = play(lesson, instead=SOLVED[lesson].INSTEAD, after=SOLVED[lesson].AFTER)
    assert [step.title for step in report.steps if not step.done] == []


@pytest.mark.parametrize(("lesson", "attempt"), WRONG)
def test_a_wrong_attempt_gets_the_hint_meant_for_it(play: Play, lesson: str, attempt: WrongAttempt) -> None:
    """The check says what is different from what was wanted."""
    report = play(lesson, instead=attempt.instead, after=attempt.after, until_step=attempt.step)
    step = next(each for each in report.steps if each.number == attempt.step)
    assert not step.done
    assert attempt.hint in " ".join(step.advice)
