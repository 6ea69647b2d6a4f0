"""Each lesson as learners get it wrong: its check names the difference between what was done and what was meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from course.playing import WrongAttempt, play, stage
from course.solved.by_name import SOLVED, around

from labkit.course import Report

__all__ = ["play", "stage"]

pytestmark = pytest.mark.process

WRONG = [
    pytest.param(lesson, attempt, id=f"{lesson}-{number}-step-{attempt.step}")
    for lesson, module in SOLVED.items()
    for number, attempt in enumerate(module.WRONG, start=1)
]


@pytest.mark.parametrize(("lesson", "attempt"), WRONG)
def test_a_wrong_attempt_gets_the_hint_meant_for_it(
    play: Callable[..., Report], lesson: str, attempt: WrongAttempt
) -> None:
    """The check says what is different from what was wanted."""
    report = play(lesson, instead=attempt.instead, after=attempt.after, until_step=attempt.step, around=around(lesson))
    step = next(each for each in report.steps if each.number == attempt.step)
    assert not step.done
    assert attempt.hint in " ".join(step.advice)
