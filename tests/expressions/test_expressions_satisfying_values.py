"""Wishes: what would have to be set for an expression to hold."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.expressions import Dialect, compile_expression
from labkit.expressions.satisfying_values import wishes

SCOPE = {
    "worker": {"langs": ["en"], "level": 3, "name": "Al", "one": "es", "text": "6", "yes": "true"},
    "task": {"lang": "es", "need": 5, "any": []},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("level == 3", {}),
        ("level == 4", {"level": 4}),
        ("level > 3", {"level": 4}),
        ("level >= 7", {"level": 7}),
        ("level < 3", {"level": 2}),
        ("5 < level", {"level": 6}),
        ('langs HAS "es"', {"langs": ["en", "es"]}),
        ('one HAS "fr"', {"one": ["es", "fr"]}),
        ('new HAS "es"', {"new": ["es"]}),
        ('"es" IN langs', {"langs": ["en", "es"]}),
        ('level IN ["a", "b"]', {"level": "a"}),
        ("level IN []", None),
        ('name CONTAINS "Bo"', {"name": "Bo"}),
        ("vip", {"vip": True}),
        ('langs HAS "es" AND level > 5', {"langs": ["en", "es"], "level": 6}),
        ('langs HAS "es" OR level > 5', {"langs": ["en", "es"]}),
        ("(vip AND level > 5) OR level == 9", {"level": 9}),
        ("text >= 4", {"text": 6}),
        ("text == 6", {"text": 6}),
        ("text >= 7", {"text": 7}),
        ("name >= 7", {"name": 7}),
        ("yes == true", {"yes": True}),
        ('level == "3"', {"level": "3"}),
        ('level CONTAINS "3"', {"level": "3"}),
        ('one NOT IN ["es"]', None),
        ("NOT level == 3", None),
        ("level != 3", None),
        ("items[0] == 1", None),
        ("deep.er == 1", {"deep.er": 1}),
        ("1 == 2", None),
        ("", None),
    ],
)
def test_the_smallest_change_is_found(text: str, expected: dict[str, Any] | None) -> None:
    """For each operator on either side; None where no way is known."""
    found = wishes(compile_expression(text, Dialect.WORKER), SCOPE, root="worker")

    by_name = None if found is None else {".".join(path[1:]): value for path, value in found.items()}
    assert by_name == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("worker.level >= task.need", {("worker", "level"): 5}),
        ("task.need < worker.level", {("worker", "level"): 6}),
        ("task.lang IN worker.langs", {("worker", "langs"): ["en", "es"]}),
        ("worker.id IN task.any", None),
        ("task.need == 6", None),
    ],
)
def test_the_other_side_may_be_an_attribute(text: str, expected: object) -> None:
    """Only what is below the root is changed."""
    assert wishes(compile_expression(text, Dialect.TARGET), SCOPE, root="worker") == expected
