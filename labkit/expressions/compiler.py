"""From nodes to closures: parsed once, asked many thousand times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from labkit.expressions.dialect import Dialect
from labkit.expressions.nodes import AllOf, AnyOf, Bare, Comparison, Condition, Literal, Name, Negation, Value, names_in
from labkit.expressions.operators import OPERATIONS, Operation, member, searchable
from labkit.expressions.parser import parse_expression

Scope = Mapping[str, Any]
Test = Callable[[Scope], bool]
Read = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression. Stateless, so any thread may ask it.

    Attributes:
        text: what was compiled.
        dialect: what its names mean.
        references: the attributes it reads, root first, without indexes: ``("worker", "channel", "voice")``.
        condition: its nodes, or None when the text is blank.
    """

    text: str
    dialect: Dialect
    references: frozenset[tuple[str, ...]]
    condition: Condition | None = field(repr=False)
    _test: Test = field(repr=False)

    def matches(self, scope: Scope) -> bool:
        """Whether the expression holds.

        Args:
            scope: the attributes by root: ``{"task": {...}, "worker": {...}, "workers": {...}}``. What is not
                there is NULL.

        Returns:
            True or False; never raises, whatever the attributes are. A blank expression matches nothing.
        """
        return self._test(scope)


@lru_cache(maxsize=2048)
def compile_expression(text: str, dialect: Dialect) -> Expression:
    """Parse and compile an expression; the latest are remembered.

    Raises:
        ExpressionError: the text is not in the language; carries the position.
    """
    if not text.strip():
        return Expression(text, dialect, frozenset(), None, _never)
    condition = parse_expression(text, dialect)
    references = frozenset(name.path for name in names_in(condition) if name.steps)
    return Expression(text, dialect, references, condition, test_of(condition))


def _never(_: Scope) -> bool:
    return False


def test_of(condition: Condition) -> Test:
    """How to ask a condition of a scope."""
    match condition:
        case Comparison():
            return _comparison(condition)
        case Bare(value=value):
            return _bare(value)
        case Negation(term=term):
            return _negation(test_of(term))
        case AllOf(terms=terms):
            return _all_of(tuple(map(test_of, terms)))
        case AnyOf(terms=terms):
            return _any_of(tuple(map(test_of, terms)))


def _comparison(comparison: Comparison) -> Test:
    match comparison.left, comparison.right:
        case Name(steps=(str(root), str(name))), Literal(value=literal):
            return _attribute_with_literal((root, name), OPERATIONS[comparison.operator], searchable(literal))
    operate = OPERATIONS[comparison.operator]
    left, right = read_of(comparison.left), read_of(comparison.right)
    return lambda scope: operate(left(scope), right(scope))


def _attribute_with_literal(path: tuple[str, str], operate: Operation, literal: object) -> Test:
    """The shape of nearly every term in practice, in one call instead of three."""
    root, name = path

    def test(scope: Scope) -> bool:
        attributes = scope.get(root)
        if type(attributes) is dict:
            return operate(attributes.get(name), literal)
        return operate(member(attributes, name), literal)

    return test


def _bare(value: Value) -> Test:
    read = read_of(value)
    return lambda scope: read(scope) is True


def _negation(test: Test) -> Test:
    return lambda scope: not test(scope)


def _all_of(tests: tuple[Test, ...]) -> Test:
    def test(scope: Scope) -> bool:
        for each in tests:  # noqa: SIM110 - all() would cost a generator and, nested, a frame more per level
            if not each(scope):
                return False
        return True

    return test


def _any_of(tests: tuple[Test, ...]) -> Test:
    def test(scope: Scope) -> bool:
        for each in tests:  # noqa: SIM110 - as in _all_of
            if each(scope):
                return True
        return False

    return test


def read_of(value: Literal | Name) -> Read:
    """How to get a value out of a scope."""
    if isinstance(value, Literal):
        literal = searchable(value.value)
        return lambda _: literal
    if not value.steps:
        return lambda _: None
    return _walk(value.steps)


def _walk(steps: tuple[str | int, ...]) -> Read:
    def read(scope: Scope) -> Any:
        value: Any = scope
        for step in steps:
            value = member(value, step)
        return value

    return read
