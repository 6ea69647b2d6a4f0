"""Each notebook runs after any other, on whatever state that has left."""

from __future__ import annotations

import random

import pytest
from course.playing import Stage, stage

from labkit.course.lessons import LESSONS

__all__ = ["stage"]

pytestmark = pytest.mark.process

SEED = 14
"""Of the order; another one is as good."""


@pytest.mark.timeout(300)
def test_all_of_them_run_in_an_order_that_is_drawn(stage: Stage) -> None:
    """From an empty state, one after the other, and the first of them once more at the end."""
    order = random.Random(SEED).sample(list(LESSONS), len(LESSONS))
    stage.clear()
    for lesson in [*order, order[0]]:
        assert [each.name for each in stage.play(lesson, clear=False).lessons] == [lesson]
