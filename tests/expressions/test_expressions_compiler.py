"""What a compiled expression knows about itself, and attributes that are not what they should be."""

from __future__ import annotations

from collections import ChainMap
from types import MappingProxyType
from typing import Any

import pytest

from labkit.expressions import Dialect, compile_expression, explain

ODD = {
    "very large": 10**5000,
    "very small": -(10**5000),
    "not a number": float("nan"),
    "infinite": float("inf"),
    "long": "x" * 10**6,
    "lone surrogate": "\ud800",
    "no JSON": object(),
    "a set": {1},
}


@pytest.mark.parametrize(
    ("dialect", "text", "references"),
    [
        (Dialect.WORKER, 'languages HAS "es" AND worker.level > 1', {("worker", "languages"), ("worker", "level")}),
        (Dialect.WORKER, "channel.voice.assigned_tasks == 0", {("worker", "channel", "voice", "assigned_tasks")}),
        (Dialect.TASK, "a[2].b == 1 OR NOT a[0].b", {("task", "a", "b")}),
        (Dialect.TARGET, "task.lang IN worker.languages", {("task", "lang"), ("worker", "languages")}),
        (Dialect.TARGET, "lang == 'es' OR worker.a", {("worker", "a")}),
        (Dialect.COUNTS, "workers.available == 0 AND task.a == 1", {("workers", "available")}),
        (Dialect.TASK, "1 == 1", set()),
        (Dialect.TASK, " ", set()),
    ],
)
def test_references_are_full_paths(dialect: Dialect, text: str, references: set[tuple[str, ...]]) -> None:
    """References start at the root, leave indexes out, and hold only names that mean something."""
    assert compile_expression(text, dialect).references == references


def test_same_text_is_compiled_once() -> None:
    """The compiled expression is remembered by text and dialect."""
    first = compile_expression("a == 1", Dialect.TASK)
    assert compile_expression("a == 1", Dialect.TASK) is first
    assert compile_expression("a == 1", Dialect.WORKER) is not first


@pytest.mark.parametrize("attributes", [MappingProxyType({"a": 1}), ChainMap({}, {"a": 1})])
def test_any_mapping_will_do(attributes: Any) -> None:
    """Attributes may come as any mapping, so that built-in names can be laid over custom ones."""
    assert compile_expression("a == 1", Dialect.WORKER).matches({"worker": attributes})
    assert compile_expression("x.a == 1", Dialect.WORKER).matches({"worker": {"x": attributes}})


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "text", ["a == 1", "a != 'x'", "a < 1.5", "a >= b", "a IN [1]", "a HAS 1", "a CONTAINS 'x'", "a"]
)
def test_odd_values_neither_raise_nor_flood(text: str, name: str) -> None:
    """Huge numbers, surrogates and things that are not JSON give a bool and a short reason."""
    scope = {"task": {"a": ODD[name], "b": 1.0}}
    expression = compile_expression(text, Dialect.TASK)
    trace = explain(expression, scope)
    assert trace.value is expression.matches(scope)
    assert len(trace.reason) < 300


def test_deeply_nested_attributes_do_not_exhaust_the_stack() -> None:
    """Attributes nested deeper than Python's stack are only ever looked at from outside."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    scope = {"task": {"a": deep, "b": deep}}
    for text in ("a == b", "a HAS 1", "a IN b", "a[0][0] != null", "a"):
        expression = compile_expression(text, Dialect.TASK)
        assert explain(expression, scope).value is expression.matches(scope)
    while deep:  # taken apart by hand: freeing it in one go would be the one deep recursion here
        deep = deep.pop()


def test_missing_roots_are_null() -> None:
    """A scope may lack a root, or hold what is no object there."""
    expression = compile_expression("task.a == null AND worker.b == null", Dialect.TARGET)
    for scope in ({}, {"task": None}, {"task": [1], "worker": "text"}):
        assert expression.matches(scope)
