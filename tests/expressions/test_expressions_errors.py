"""What is said when an expression does not parse, and what keeps hostile texts harmless."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression, explain
from labkit.expressions.parser import MAX_DEPTH, MAX_DIGITS, MAX_LENGTH


def refusal(text: str) -> ExpressionError:
    """The error that compiling the text ends in."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, Dialect.WORKER)
    return caught.value


def test_message_says_what_was_expected_and_points_there() -> None:
    """The whole message: sentence, the line, a caret below the place."""
    error = refusal("languages HAS")
    assert str(error) == (
        "Expression does not parse at position 13: expected a value after HAS, found end of text.\n"
        "  languages HAS\n"
        "               ^"
    )
    assert error.expected == ("a value",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a-b == 1", "cannot hold hyphens"),
        ("a-5 == 1", "cannot hold hyphens"),
        ('a == "es', "no closing quote"),
        ("a == \u201ces\u201d", "straight quotes"),
        ("a && b", "written AND"),
        ("a || b", "written OR"),
        ("a <> 1", "written !="),
        ("!a", "written NOT"),
        ("a IN ('x')", "square brackets"),
        ("a IN('x')", "square brackets"),
        ("a IS NULL", "!= null"),
        ("a NOT HAS 1", "in front of the whole comparison"),
        ("a + 1 == 2", "no arithmetic"),
        ("a. b", "followed directly by a name"),
        ("a[x]", "an index is a whole number"),
        ("2fa == 1", "cannot begin with a digit"),
        ("(a == 1", "expected a closing )"),
        ("a IN [b]", "expected a literal"),
        ("a b", "expected an operator, AND, OR or the end, found b"),
        ("a == @", "the language has no @"),
    ],
)
def test_habits_from_other_languages_are_answered(text: str, words: str) -> None:
    """The message says what to write instead."""
    assert words in str(refusal(text))


def test_picture_shows_the_line_that_matters() -> None:
    """Of an expression over several lines the one that holds the place is shown."""
    assert str(refusal("a == 1\nAND b == @\nAND c == 2")).endswith("\n  AND b == @\n           ^")


def test_picture_of_a_long_line_is_cut() -> None:
    """A long line is shown around the place, and the caret still points at it."""
    text = "a == 1 AND " * 50 + "@" + " OR b == 2" * 50
    _, line, caret = str(refusal(text)).split("\n")
    assert len(line) < 80
    assert line[caret.index("^")] == "@"


def test_control_characters_are_not_repeated() -> None:
    """A stranger's escape sequences do not reach the terminal through the message."""
    assert "\x1b" not in str(refusal("a == \x1b[31m"))
    assert "\x1b" not in str(refusal("a == 'x' '\x1b[31m'"))


@pytest.mark.parametrize("bracket", ["(", "NOT ", "NOT ("])
def test_nesting_is_bounded(bracket: str) -> None:
    """One level more than allowed is refused, whatever it is made of."""
    levels = MAX_DEPTH // (2 if bracket == "NOT (" else 1)
    closing = ")" if "(" in bracket else ""
    assert compile_expression(bracket * levels + "a" + closing * levels, Dialect.TASK)
    assert "nested" in str(refusal(bracket * (levels + 1) + "a" + closing * (levels + 1)))


def test_deepest_expression_fits_a_modest_stack() -> None:
    """The deepest expression that is allowed compiles, matches and explains with most of the stack in use."""
    text = "a OR b AND (" * MAX_DEPTH + "a" + ")" * MAX_DEPTH
    scope = {"task": {"a": False, "b": True}}

    def after(frames: int) -> bool:
        if frames:
            return after(frames - 1)
        expression = compile_expression(text, Dialect.TASK)
        return expression.matches(scope) or explain(expression, scope).value

    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(after(sys.getrecursionlimit() // 3)))
    thread.start()
    thread.join(30)
    assert results == [False]


@pytest.mark.parametrize(
    "text", ["(" * 9000, "NOT " * 4000, "[" * 9000, "a." * 9000, "'" * 9001, "a[" * 9000, "\\" * 9000]
)
def test_monotonous_text_is_refused(text: str) -> None:
    """Long runs of one thing end in an ExpressionError, not in an exhausted stack."""
    assert refusal(text).text == text


def test_refusing_a_long_text_is_quick() -> None:
    """The message is made from a bounded piece of the text, so that its cost does not grow with the square."""
    started = time.process_time()
    refusal("a IN ['" + "x" * 19_000 + "', b]")
    refusal("a IN ['" + "x" * 9_000 + "'," + " " * 9_000 + "b]")
    assert time.process_time() - started < 1


def test_wide_expressions_are_fine() -> None:
    """Many terms side by side are no nesting."""
    wide = " OR ".join(f"a == {number}" for number in range(1000))
    expression = compile_expression(wide, Dialect.TASK)
    assert expression.matches({"task": {"a": 999}})
    assert len(explain(expression, {"task": {"a": 999}}).children) == 1000


def test_length_is_bounded() -> None:
    """One character more than allowed is refused at the first that is not read."""
    text = "a == '" + "x" * (MAX_LENGTH - 7) + "'"
    assert compile_expression(text, Dialect.TASK).text == text
    assert refusal(text + " ").position == MAX_LENGTH


def test_numbers_are_bounded() -> None:
    """Numbers that Python would refuse to read, or reads as infinite, are refused in words."""
    assert f"at most {MAX_DIGITS} characters" in str(refusal("a == " + "9" * 5000))
    assert "too large" in str(refusal("a == 1e999"))
