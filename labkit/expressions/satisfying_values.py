"""Which attributes would make an expression hold: the smallest change that we know of, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labkit.attributes import parse_json
from labkit.expressions.compiler import Expression, Scope, read_of, test_of
from labkit.expressions.nodes import AllOf, AnyOf, Bare, Comparison, Condition, Name, Value
from labkit.expressions.operators import OPERATIONS, Operator, ValueKind, has, is_number, kind_of

Wishes = dict[tuple[str, ...], Any]
"""New values by path, root first: ``{("worker", "languages"): ["en", "es"]}``."""

# What a side would have to be; the other side is given. Each is (on the left, on the right).
_STEPS: Mapping[Operator, tuple[int, int]] = {
    Operator.GREATER: (1, -1),
    Operator.GREATER_OR_EQUAL: (0, 0),
    Operator.LESS: (-1, 1),
    Operator.LESS_OR_EQUAL: (0, 0),
}
_LONGEST_NUMBER = 20
"""Characters of a text that may be meant as a number."""
_AS_ELEMENT = {Operator.HAS: "right", Operator.IN: "left"}
"""Which side of the operator is the single value; the other is the list."""


def wishes(expression: Expression, scope: Scope, *, root: str) -> Wishes | None:
    """What would have to be set below `root` for the expression to hold.

    Args:
        expression: compiled.
        scope: the attributes by root, as for `Expression.matches`.
        root: whose attributes may be changed: ``worker`` or ``task``.

    Returns:
        An empty dict when it holds already; None when no way is known (NOT, `!=`, indexes, other roots). A wish may
        contradict another one of the same expression: try before you tell.
    """
    return None if expression.condition is None else _satisfy(expression.condition, scope, root)


def with_wishes(scope: Scope, wanted: Wishes) -> dict[str, Any]:
    """The scope as it would be with the wishes come true, to try an expression on; the scope itself stays as it is."""
    fulfilled = dict(scope)
    for path, value in wanted.items():
        holder = fulfilled
        for step in path[:-1]:
            inner = holder.get(step)
            holder[step] = dict(inner) if isinstance(inner, Mapping) else {}
            holder = holder[step]
        holder[path[-1]] = value
    return fulfilled


def _satisfy(condition: Condition, scope: Scope, root: str) -> Wishes | None:
    if test_of(condition)(scope):
        return {}
    match condition:
        case AllOf(terms=terms):
            return _all([_satisfy(term, scope, root) for term in terms])
        case AnyOf(terms=terms):
            ways = [way for term in terms if (way := _satisfy(term, scope, root)) is not None]
            return min(ways, key=len, default=None)
        case Comparison():
            return next(_compare(condition, scope, root), None)
        case Bare(value=Name() as name) if (path := _settable(name, root)) is not None:
            return {path: True}
    return None


def _all(ways: list[Wishes | None]) -> Wishes | None:
    together: Wishes = {}
    for way in ways:
        if way is None:
            return None
        together |= way
    return together


def _compare(node: Comparison, scope: Scope, root: str) -> Iterator[Wishes]:
    left, right = read_of(node.left)(scope), read_of(node.right)(scope)
    operate = OPERATIONS[node.operator]
    if (path := _settable(node.left, root)) is not None:
        for value in (*_as_kind_of(right, left), _wanted(node.operator, left, right, side="left")):
            if operate(value, right):
                yield {path: value}
    if (path := _settable(node.right, root)) is not None:
        for value in (*_as_kind_of(left, right), _wanted(node.operator, right, left, side="right")):
            if operate(left, value):
                yield {path: value}


def _as_kind_of(other: Any, mine: Any) -> Iterator[Any]:
    """What is written as text and was meant as the other's kind, or the other way round."""
    if isinstance(other, str) and is_number(mine):
        yield str(mine)
    elif isinstance(mine, str) and len(mine) <= _LONGEST_NUMBER and (is_number(other) or isinstance(other, bool)):
        meant = _as_json(mine)
        if kind_of(meant) is kind_of(other):
            yield meant


def _as_json(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError:
        return None


def _settable(value: Value, root: str) -> tuple[str, ...] | None:
    """The path of an attribute below the root that is reached by names alone."""
    if isinstance(value, Name) and value.steps[:1] == (root,) and len(value.path) == len(value.steps) > 1:
        return value.path
    return None


def _wanted(operator: Operator, mine: Any, other: Any, *, side: str) -> Any:
    """What stands on `side` would have to be this, given the other side; whoever asks tries it."""
    if operator in _AS_ELEMENT:
        return _first(other) if _AS_ELEMENT[operator] == side else _with(_as_list(mine), other)
    if operator in _STEPS and is_number(other):
        return other + _STEPS[operator][side == "right"]
    return other


def _with(values: list[Any], element: Any) -> list[Any]:
    return values if has(values, element) else [*values, element]


def _as_list(value: Any) -> list[Any]:
    match kind_of(value):
        case ValueKind.LIST:
            return list(value)
        case ValueKind.NULL | ValueKind.OBJECT:
            return []
        case _:
            return [value]


def _first(values: Any) -> Any:
    return values[0] if kind_of(values) is ValueKind.LIST and values else None
