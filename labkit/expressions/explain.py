"""Why an expression holds or not: every part of it with its result, the values it read and a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labkit.display import shortened
from labkit.expressions.compiler import Expression, Scope, read_of
from labkit.expressions.false_reasons import why_not, why_not_bare
from labkit.expressions.nodes import AllOf, AnyOf, Bare, Comparison, Condition, Literal, Name, Negation, Value
from labkit.expressions.operators import OPERATIONS

Reads = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What one part of an expression came to.

    Attributes:
        text: the part, as it was written.
        value: its result.
        reads: the attributes read by it and its children, as written, each once, with the values found (None: NULL).
        reason: a sentence why it is false; empty when it is true.
        children: the parts of AND, OR and NOT. All are evaluated, also those that could not change the result.
    """

    text: str
    value: bool
    reads: Reads
    reason: str
    children: tuple[Trace, ...] = ()


def explain(expression: Expression, scope: Mapping[str, Any]) -> Trace:
    """Evaluate an expression part by part; `value` is what `expression.matches(scope)` says. Never raises."""
    if expression.condition is None:
        return Trace(expression.text, value=False, reads=(), reason="an empty expression matches nothing.")
    return _Explainer(expression.text, scope).trace(expression.condition)


class _Explainer:
    """Walks the nodes; the parser has bounded how deep that goes."""

    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self._scope = scope

    def trace(self, condition: Condition) -> Trace:
        match condition:
            case Comparison():
                return self._comparison(condition)
            case Bare():
                return self._bare(condition)
            case Negation(term=term):
                return self._negation(condition, self.trace(term))
            case AllOf(terms=terms):
                return self._all_of(condition, tuple(map(self.trace, terms)))
            case AnyOf(terms=terms):
                return self._any_of(condition, tuple(map(self.trace, terms)))

    def _comparison(self, node: Comparison) -> Trace:
        left, right = self._read(node.left), self._read(node.right)
        value = OPERATIONS[node.operator](left, right)
        sides = (self._side(node.left), left), (self._side(node.right), right)
        return Trace(
            self._slice(node),
            value=value,
            reads=self._reads((node.left, left), (node.right, right)),
            reason="" if value else self._meaningless(node) or why_not(sides[0], node.operator, sides[1]),
        )

    def _bare(self, node: Bare) -> Trace:
        found = self._read(node.value)
        reason = "" if found is True else self._meaningless(node) or why_not_bare((self._side(node.value), found))
        return Trace(self._slice(node), value=found is True, reads=self._reads((node.value, found)), reason=reason)

    def _negation(self, node: Negation, term: Trace) -> Trace:
        reason = f"{shortened(term.text)} holds, which NOT rules out." if term.value else ""
        return Trace(self._slice(node), value=not term.value, reads=term.reads, reason=reason, children=(term,))

    def _all_of(self, node: AllOf, terms: tuple[Trace, ...]) -> Trace:
        reason = next((term.reason for term in terms if not term.value), "")
        value = all(term.value for term in terms)
        return Trace(self._slice(node), value=value, reads=_merged(terms), reason=reason, children=terms)

    def _any_of(self, node: AnyOf, terms: tuple[Trace, ...]) -> Trace:
        value = any(term.value for term in terms)
        reason = "" if value else f"{_none_of(terms)} holds."
        return Trace(self._slice(node), value=value, reads=_merged(terms), reason=reason, children=terms)

    def _read(self, value: Value) -> Any:
        return read_of(value)(self._scope)

    def _slice(self, node: Condition | Value) -> str:
        return self._text[node.start : node.end]

    def _side(self, value: Value) -> str | None:
        """How a reason calls a value: an attribute by its name, a literal by itself."""
        return None if isinstance(value, Literal) else self._slice(value)

    def _meaningless(self, node: Comparison | Bare) -> str:
        """What is wrong with a name that has no attribute behind it; nothing where every name has a meaning."""
        for value in (node.value,) if isinstance(node, Bare) else (node.left, node.right):
            if isinstance(value, Name) and not value.steps:
                name = self._slice(value)
                return f"{name} means nothing here: write {' or '.join(f'{root}.{name}' for root in self._scope)}."
        return ""

    def _reads(self, *found: tuple[Value, Any]) -> Reads:
        return tuple({self._slice(value): read for value, read in found if not isinstance(value, Literal)}.items())


def _none_of(terms: tuple[Trace, ...]) -> str:
    if len(terms) > 2:
        return f"none of the {len(terms)} alternatives"
    return f"neither {shortened(terms[0].text)} nor {shortened(terms[1].text)}"


def _merged(traces: Iterable[Trace]) -> Reads:
    return tuple({name: value for trace in traces for name, value in trace.reads}.items())
