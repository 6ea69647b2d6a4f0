"""order_by: which Worker comes first (section 9.3)."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.errors import ExpressionError
from labkit.expressions import compile_order

WORKERS: dict[str, dict[str, Any]] = {
    "low": {"level": 1, "rank": 2},
    "high": {"level": 9, "rank": 2},
    "high, first": {"level": 9, "rank": 1},
    "none": {"rank": 1},
    "text": {"level": "10", "rank": 2},
}


def sorted_by(text: str, names: tuple[str, ...] = tuple(WORKERS)) -> list[str]:
    """The Workers' names, best first."""
    order = compile_order(text)
    return sorted(names, key=lambda name: order.sort_key({"worker": WORKERS[name]}))


@pytest.mark.parametrize("text", ["worker.level", "worker.level ASC", "worker.level asc", "level"])
def test_ascending_is_the_default(text: str) -> None:
    """Without a direction the smaller number is better; the prefix may be left out."""
    assert sorted_by(text, ("high", "low")) == ["low", "high"]


def test_descending_puts_the_largest_first() -> None:
    """With DESC the larger number is better."""
    assert sorted_by("worker.level DESC", ("low", "high")) == ["high", "low"]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_workers_without_an_integer_come_last(direction: str) -> None:
    """Whether the attribute is missing or is a string, in either direction."""
    assert set(sorted_by(f"worker.level {direction}")[-2:]) == {"none", "text"}


@pytest.mark.parametrize("value", [True, 1.0, None, [1], "1"])
def test_only_integers_count(value: object) -> None:
    """Booleans and floats are no integers."""
    order = compile_order("worker.level DESC")
    assert order.sort_key({"worker": {"level": value}}) == order.sort_key({})


def test_later_keys_decide_ties() -> None:
    """Several keys, separated by commas, each with its own direction."""
    assert sorted_by("worker.level DESC, worker.rank ASC")[:3] == ["high, first", "high", "low"]
    assert sorted_by("worker.level DESC, worker.rank DESC")[:2] == ["high", "high, first"]


def test_blank_order_orders_nothing() -> None:
    """An empty order_by gives every Worker the same key."""
    assert compile_order(" ").sort_key({"worker": {"level": 1}}) == ()


def test_attributes_may_be_called_as_directions_are() -> None:
    """ASC and DESC are told from names by their place."""
    order = compile_order("worker.desc DESC, asc")
    assert order.references == {("worker", "desc"), ("worker", "asc")}


def test_a_part_of_a_name_may_begin_with_a_digit() -> None:
    """After a dot, as in a crisis line's Workflow, whose skills are called by its telephone number."""
    order = compile_order("worker.levels.988north DESC, worker.levels.988 ASC")
    assert order.references == {("worker", "levels", "988north"), ("worker", "levels", "988")}
    assert order.sort_key({"worker": {"levels": {"988north": 3, "988": 1}}}) == ((False, -3), (False, 1))


@pytest.mark.parametrize(
    ("text", "position"),
    [("worker.level UP", 13), ("worker.level,", 13), ("worker.level DESC ASC", 18), ("5", 0), ("a-b", 1), (",", 0)],
)
def test_what_is_no_order_is_refused(text: str, position: int) -> None:
    """The error names the place."""
    with pytest.raises(ExpressionError) as caught:
        compile_order(text)
    assert caught.value.position == position
