"""The language by example: every row of tests/conformance/expressions.json, each with the section it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labkit.errors import ExpressionError
from labkit.expressions import Dialect, compile_expression, explain

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "conformance" / "expressions.json").read_text(encoding="utf-8")
)
ROOTS = ("task", "worker", "workers")


def _id(case: dict[str, Any]) -> str:
    return f"{case['source']}: {case['expression']}"


@pytest.mark.parametrize("case", [case for case in CASES if "matches" in case], ids=_id)
def test_case_matches_as_written(case: dict[str, Any]) -> None:
    """The expression gives the result on the row, and its explanation agrees."""
    expression = compile_expression(case["expression"], Dialect(case["dialect"]))
    scope = {root: case[root] for root in ROOTS if root in case}
    assert expression.matches(scope) is case["matches"]
    assert explain(expression, scope).value is case["matches"]


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=_id)
def test_case_is_refused_at_its_position(case: dict[str, Any]) -> None:
    """The expression is refused at the position on the row, in a sentence with a picture of the place."""
    with pytest.raises(ExpressionError) as caught:
        compile_expression(case["expression"], Dialect(case["dialect"]))
    position = case["error"]["position"]
    sentence, line, caret = str(caught.value).split("\n")
    assert (caught.value.position, caught.value.text) == (position, case["expression"])
    assert sentence.startswith(f"Expression does not parse at position {position}: ")
    assert sentence.endswith(".")
    assert len(caret) <= len(line) + 1
    assert caret.strip() == "^"


def test_every_documented_row_is_there() -> None:
    """No row of the documented truth table is missing, and every case names its source."""
    rows = {case["source"] for case in CASES}
    assert {f"8.5 row {number}" for number in range(1, 31)} <= rows
    assert all(rows)
