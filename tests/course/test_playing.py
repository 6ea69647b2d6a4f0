"""How a notebook is played: what is written instead, what is done after a cell, and what a cell that fails says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from course.playing import CellFailed, play, stage

from labkit.course import Report

__all__ = ["play", "stage"]

pytestmark = pytest.mark.process

LESSON = "00_start_here"


def test_a_cell_that_raises_is_named(play: Callable[..., Report]) -> None:
    """By the lesson and its id, with what it raised; the lab is stopped."""
    with pytest.raises(CellFailed, match=r"^00_start_here, cell story: ZeroDivisionError: division by zero"):
        play(LESSON, instead={"story": "1 / 0"})
    with pytest.raises(CellFailed, match=r"cell story \(after it\): NameError"):
        play(LESSON, after={"story": "nobody"})


def test_a_cell_that_is_not_there_is_said(play: Callable[..., Report]) -> None:
    """A notebook whose cell was renamed, and its solved form was not."""
    with pytest.raises(AssertionError, match="has no code cell stoory; it has: start, workers-list"):
        play(LESSON, instead={"stoory": ""})


def test_nothing_of_an_earlier_play_counts(play: Callable[..., Report]) -> None:
    """Neither its Tasks, nor its ticks, nor a clock that it stopped."""
    first = play(LESSON, after={"first-steps": 'lab.create_task({"selected_language": "es"})\nlab.clock.pause()'})
    assert first.steps[0].done
    assert not play(LESSON).steps[0].done
