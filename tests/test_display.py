"""How results look: columns that are straight, lengths of time, numbers of things."""

from __future__ import annotations

import pytest

from labkit.display import as_text, counted, duration


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


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("Zoë", 3),
        ("Zoe\N{COMBINING DIAERESIS}", 3),
        ("张伟", 4),
        ("한국어", 6),
        ("ｶﾞ", 2),
        ("☎\N{VARIATION SELECTOR-16}", 2),
        ("\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", 2),
        ("\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}", 2),
        ("\N{REGIONAL INDICATOR SYMBOL LETTER C}\N{REGIONAL INDICATOR SYMBOL LETTER H}", 2),
        ("ก็", 1),
        ("", 0),
    ],
)
def test_columns_are_straight(name: str, places: int) -> None:
    """Letters that take two places, none, or one together, are counted by what they take in a terminal."""
    _, first, second = as_text("Workers:", [(name, "here"), ("Alice Wong", "there")]).splitlines()
    assert first == f"  {name}{' ' * (len('Alice Wong') - places)}  here"
    assert second == "  Alice Wong  there"


def test_the_widest_cell_makes_the_column() -> None:
    """Also where it has fewer characters than others."""
    _, first, second = as_text("Workers:", [("张伟张伟", "here"), ("Alice", "there")]).splitlines()
    assert (first, second) == ("  张伟张伟  here", "  Alice     there")


def test_a_row_is_a_line_and_does_nothing_to_the_terminal() -> None:
    """Escape sequences, bells and what turns the writing round are shown as what cannot be shown."""
    _, row = as_text("Answer:", [('{"a":\r\n\t1,  "b": 2}', "\x1b[2J\a\N{RIGHT-TO-LEFT OVERRIDE}x")]).splitlines()
    assert row == '  {"a": 1,  "b": 2}  �[2J��x'
