"""How results look: lengths of time, numbers of things."""

from __future__ import annotations

import pytest

from labkit.display import counted, duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7859, "2 h 10 min"),
        (86_399, "23 h 59 min"),
        (4 * 86_400 + 3 * 3600 + 59, "4 d 3 h"),
    ],
)
def test_how_long(seconds: float, said: str) -> None:
    """To the second, in two units at most; what is nothing is not said."""
    assert duration(seconds) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 Tasks"), (1, "1 Task"), (2, "2 Tasks"), (12_345, "12,345 Tasks")])
def test_how_many(number: int, said: str) -> None:
    """One is one, and all others are many."""
    assert counted(number, "Task") == said
