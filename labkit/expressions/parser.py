"""From text to nodes.

The grammar is LALR, so parsing keeps its own stack and no text can exhaust Python's. The nodes are built while
parsing, and the bound on their depth holds for everything that later walks them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import isfinite
from typing import Any, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from labkit.expressions.dialect import Dialect, Steps, resolve
from labkit.expressions.error_messages import complaint, from_lark
from labkit.expressions.nodes import AllOf, AnyOf, Bare, Comparison, Condition, Literal, Name, Negation, Scalar, Value
from labkit.expressions.operators import ALIASES, Operator

MAX_LENGTH = 20_000
"""Characters in an expression. Ours: TaskRouter documents no limit for one expression."""
MAX_DEPTH = 100
"""Levels of parentheses and NOT. Ours, well inside what Python's stack bears."""
MAX_DIGITS = 300
"""Characters in a number: more than any 64-bit value needs, fewer than `int` refuses to read."""

_STEP = re.compile(r"(?:\A|\.)([\w$]+)|\[([0-9]+)\]")
"""A name or, in brackets, an index: `levels.988` asks for the name 988, `levels[988]` for an element."""

WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

OrderKey = tuple[Name, bool]


def parse_expression(text: str, dialect: Dialect) -> Condition:
    """The nodes of an expression that is not blank.

    Raises:
        ExpressionError: it is too long, too deep, or not in the language.
    """
    return cast(Condition, _parse(text, dialect, start="expression"))


def parse_order(text: str) -> tuple[OrderKey, ...]:
    """The keys of an `order_by` that is not blank: each a Worker attribute, and whether it is descending.

    Raises:
        ExpressionError: it is too long, or not a list of names with ASC or DESC.
    """
    return cast(tuple[OrderKey, ...], _parse(text, Dialect.WORKER, start="order"))


def _parse(text: str, dialect: Dialect, *, start: str) -> Any:
    if len(text) > MAX_LENGTH:
        what = f"it is {len(text):,} characters long, and at most {MAX_LENGTH:,} are read"
        raise complaint(text, MAX_LENGTH, what)
    try:
        return _parser(dialect).parse(text, start=start)
    except UnexpectedInput as error:
        raise from_lark(error, text) from None
    except _Unfit as unfit:
        raise complaint(text, unfit.position, unfit.what, expected=unfit.expected) from None


@cache
def _parser(dialect: Dialect) -> Lark:
    return Lark.open_from_package(
        __package__,
        "grammar.lark",
        parser="lalr",
        lexer="basic",
        start=["expression", "order"],
        maybe_placeholders=False,
        transformer=_NodeBuilder(dialect),
    )


class _Unfit(Exception):
    """The grammar takes it, the language does not; the parser adds the text."""

    def __init__(self, position: int, what: str, expected: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.position, self.what, self.expected = position, what, expected


class _NodeBuilder(Transformer[Token, Any]):
    """One method for each rule of the grammar, given the nodes and tokens that the rule is made of."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def any_of(self, children: list[Any]) -> AnyOf:
        terms = tuple(children[::2])
        return AnyOf(start=terms[0].start, end=terms[-1].end, depth=_deepest(terms), terms=terms)

    def all_of(self, children: list[Any]) -> AllOf:
        terms = tuple(children[::2])
        return AllOf(start=terms[0].start, end=terms[-1].end, depth=_deepest(terms), terms=terms)

    def negation(self, children: tuple[Token, Condition]) -> Negation:
        word, term = children
        return Negation(start=_start(word), end=term.end, depth=_deeper(term, word), term=term)

    def group(self, children: tuple[Token, Condition, Token]) -> Condition:
        opening, inner, closing = children
        return replace(inner, start=_start(opening), end=_end(closing), depth=_deeper(inner, opening))

    def comparison(self, children: tuple[Value, Token, Value]) -> Comparison:
        left, token, right = children
        return Comparison(start=left.start, end=right.end, left=left, operator=_operator(token), right=right)

    def bare(self, children: tuple[Value]) -> Bare:
        (value,) = children
        return Bare(start=value.start, end=value.end, value=value)

    def name(self, children: tuple[Token]) -> Name:
        (token,) = children
        return Name(start=_start(token), end=_end(token), steps=resolve(_steps(token), self._dialect))

    def literal(self, children: tuple[Token]) -> Literal:
        (token,) = children
        return Literal(start=_start(token), end=_end(token), value=_scalar(token))

    def literals(self, children: list[Any]) -> Literal:
        opening, *elements, closing = children
        return Literal(start=_start(opening), end=_end(closing), value=tuple(each.value for each in elements))

    def order(self, children: Sequence[OrderKey]) -> tuple[OrderKey, ...]:
        return tuple(children)

    def key(self, children: list[Token]) -> OrderKey:
        direction = children[1].lower() if len(children) > 1 else "asc"
        if direction not in {"asc", "desc"}:
            raise _Unfit(_start(children[1]), f"expected ASC or DESC, found {children[1][:40]}", ("ASC", "DESC"))
        return self.name((children[0],)), direction == "desc"


def _start(token: Token) -> int:
    return cast(int, token.start_pos)


def _end(token: Token) -> int:
    return cast(int, token.end_pos)


def _deepest(terms: Sequence[Condition]) -> int:
    return max(term.depth for term in terms)


def _deeper(inner: Condition, opening: Token) -> int:
    if inner.depth >= MAX_DEPTH:
        raise _Unfit(_start(opening), f"parentheses and NOT are nested more than {MAX_DEPTH} levels deep")
    return inner.depth + 1


def _operator(token: Token) -> Operator:
    written = " ".join(token.upper().split())
    return ALIASES.get(written) or Operator(written)


def _steps(token: Token) -> Steps:
    return tuple(name or int(index) for name, index in _STEP.findall(token))


def _scalar(token: Token) -> Scalar:
    match token.type:
        case "STRING":
            return re.sub(r"""\\(["'\\])""", r"\1", token[1:-1])
        case "WORD":
            return WORDS[token.lower()]
        case _:
            return _number(token)


def _number(token: Token) -> int | float:
    if len(token) > MAX_DIGITS:
        raise _Unfit(_start(token), f"a number may have at most {MAX_DIGITS} characters")
    number = int(token) if token.lstrip("-").isdecimal() else float(token)
    if not isfinite(number):
        raise _Unfit(_start(token), f"the number {token} is too large")
    return number
