"""The shape of a parsed expression: a tree of small frozen records.

Every node knows which slice of the text it stands for, so that `explain` can quote it,
and how deeply parentheses and NOT are nested within it, so that the parser can refuse what would exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labkit.expressions.operators import Operator

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`text[start:end]` is what the node was written as; `depth` counts the levels of nesting inside it."""

    start: int
    end: int
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A string, number, boolean or null as written; a list literal is a tuple of these."""

    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """An attribute. `steps` lead to it from the scope: names, and numbers for `[n]`; no steps means always NULL."""

    steps: tuple[str | int, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """The names alone, root first: ``("worker", "languages")``."""
        return tuple(step for step in self.steps if isinstance(step, str))


Value = Literal | Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Node):
    """Two values and what is asked of them."""

    left: Value
    operator: Operator
    right: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare(Node):
    """A value standing as a condition by itself: `vip`."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation(Node):
    """NOT in front of a condition."""

    term: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(Node):
    """Two or more conditions joined by AND."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(Node):
    """Two or more conditions joined by OR."""

    terms: tuple[Condition, ...]


Condition = Comparison | Bare | Negation | AllOf | AnyOf


def names_in(condition: Condition) -> Iterator[Name]:
    """Every attribute that a condition reads; in no particular order, repeats included."""
    waiting: list[Condition | Value] = [condition]
    while waiting:
        match waiting.pop():
            case Name() as name:
                yield name
            case Comparison(left=left, right=right):
                waiting += (left, right)
            case Bare(value=value):
                waiting.append(value)
            case Negation(term=term):
                waiting.append(term)
            case AllOf(terms=terms) | AnyOf(terms=terms):
                waiting += terms
            case Literal():
                pass
