"""What in an expression works and is probably not meant: silent in TaskRouter, which checks the syntax only.

Knows nothing of TaskRouter: what attributes there are is told by the scopes that were seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from labkit.expressions.compiler import Expression
from labkit.expressions.nodes import AllOf, AnyOf, Bare, Comparison, Condition, Literal, Name, Negation, Value, names_in
from labkit.expressions.operators import Operator, ValueKind, kind_of

_LIST_SIDE = {Operator.HAS: "left", Operator.IN: "right", Operator.NOT_IN: "right"}
_MOST_PATHS = 2_000
"""Attribute paths that are told apart in one set of scopes; strangers write them."""
_MOST_COMPARED = 2_000
"""Pairs of names that are compared letter by letter in one set of scopes."""
_ALIKE = 0.75
"""From which share of common letters on two names are taken for one that was misspelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something in an expression that is probably not meant.

    Attributes:
        rule: its kind, such as ``has-on-string``.
        what: what was found, as a sentence.
        why: what TaskRouter makes of it, as a sentence.
        fix: what to write or do instead, as a sentence.
    """

    rule: str
    what: str
    why: str
    fix: str


class Seen:
    """Which attributes there are, and of which kinds, over many scopes.

    Args:
        scopes: by root, the attributes of everybody seen: ``{"worker": [{...}, {...}]}``. A root that is missing or
            has none is one that nothing is known about.
        read: the attributes that some expression reads, root first.
    """

    def __init__(
        self, scopes: Mapping[str, Iterable[Mapping[str, Any]]], *, read: Iterable[tuple[str, ...]] = ()
    ) -> None:
        self._read = frozenset(read)
        self._compared = 0
        self._kinds: dict[tuple[str, ...], set[ValueKind]] = defaultdict(set)
        self.roots: set[str] = set()
        self.is_partial = False
        """More attributes than are told apart: then nothing is said about any."""
        for root, all_attributes in scopes.items():
            for attributes in all_attributes:
                self.roots.add(root)
                self._note((root,), attributes)

    def kinds(self, path: tuple[str, ...]) -> set[ValueKind]:
        """The kinds of value seen there, NULL aside; through a list, of its elements."""
        return set() if self.is_partial else self._kinds.get(path, set()) - {ValueKind.NULL}

    def knows(self, path: tuple[str, ...]) -> bool:
        """Whether anybody has this attribute; True when nothing is known."""
        return self.is_partial or path[0] not in self.roots or path in self._kinds

    def written_otherwise(self, path: tuple[str, ...]) -> str | None:
        """The same name in other letter case, if somebody has that."""
        wanted = tuple(step.casefold() for step in path)
        found = (each for each in self._kinds if tuple(step.casefold() for step in each) == wanted)
        return next((".".join(each[1:]) for each in found), None)

    def misspelled(self, path: tuple[str, ...]) -> str | None:
        """An attribute beside it that has nearly this name, and that nothing reads: probably this one is meant."""
        beside = (each for each in self._kinds if each[:-1] == path[:-1] and each not in self._read)
        for each in islice(beside, max(0, _MOST_COMPARED - self._compared)):
            self._compared += 1
            if _are_alike(each[-1], path[-1]):
                return ".".join(each[1:])
        return None

    def _note(self, path: tuple[str, ...], value: Any) -> None:
        waiting = [(path, value)]
        while waiting and not self.is_partial:
            path, value = waiting.pop()
            self.is_partial = path not in self._kinds and len(self._kinds) >= _MOST_PATHS
            self._kinds[path].add(kind_of(value))
            match kind_of(value):
                case ValueKind.OBJECT:
                    waiting += [((*path, str(name)), child) for name, child in value.items()]
                case ValueKind.LIST:
                    waiting += [(path, child) for child in value if kind_of(child) is ValueKind.OBJECT]


def _are_alike(name: str, other: str) -> bool:
    shorter, longer = sorted((name, other), key=len)
    if len(longer) > 64:
        return False
    begins = len(shorter) > 2 and longer.startswith(shorter)
    return begins or SequenceMatcher(a=name, b=other, autojunk=False).ratio() >= _ALIKE


def lint(expression: Expression, seen: Seen) -> list[Remark]:
    """What is probably not meant, in the order of the text; each thing once.

    Args:
        expression: compiled; a blank one has no remarks here.
        seen: the attributes there are.
    """
    if expression.condition is None:
        return []
    linter = _Linter(expression.text, seen, optional=frozenset(_optional(expression.condition)))
    remarks = [remark for term in _terms(expression.condition) for remark in linter.remarks(term)]
    return list(dict.fromkeys(remarks))


def is_constant(expression: Expression) -> bool:
    """Whether it reads no attribute, such as ``1==1`` for everybody and ``1==0`` for nobody."""
    return expression.condition is not None and not any(names_in(expression.condition))


def holds_always(expression: Expression) -> bool:
    """Whether it is a comparison of literals that holds, such as ``1==1``."""
    return is_constant(expression) and expression.matches({})


def _terms(condition: Condition) -> Iterator[Comparison | Bare]:
    """The comparisons and bare values in it, in the order of the text."""
    match condition:
        case AllOf(terms=terms) | AnyOf(terms=terms):
            for term in terms:
                yield from _terms(term)
        case Negation(term=term):
            yield from _terms(term)
        case _:
            yield condition


def _optional(condition: Condition) -> Iterator[tuple[str, ...]]:
    """The attributes that somebody may well not have: flags, and what is asked for with `!=` or compared with null."""
    for term in _terms(condition):
        values: tuple[Value, ...] = (term.value,) if isinstance(term, Bare) else (term.left, term.right)
        flags = any(isinstance(each, Literal) and isinstance(each.value, bool | None) for each in values)
        if flags or isinstance(term, Bare) or term.operator in (Operator.NOT_EQUAL, Operator.NOT_IN):
            yield from (each.path for each in values if isinstance(each, Name))


class _Linter:
    def __init__(self, text: str, seen: Seen, *, optional: frozenset[tuple[str, ...]]) -> None:
        self._text = text
        self._seen = seen
        self._optional = optional

    def remarks(self, term: Comparison | Bare) -> Iterator[Remark]:
        if isinstance(term, Bare):
            yield from self._names(term.value)
            return
        bare = self._unquoted(term)
        if bare is not None:
            yield self._about_bare_word(term, bare)
        for value in (term.left, term.right):
            if value is not bare:
                yield from self._names(value)
        yield from self._list_operator(term)
        yield from self._scalar_operator(term)

    def _slice(self, node: Condition | Value) -> str:
        return self._text[node.start : node.end]

    def _unquoted(self, term: Comparison) -> Name | None:
        """A word on the right that nobody has as an attribute, where a string was meant."""
        right = term.right
        if not isinstance(right, Name) or not isinstance(term.left, Name) or "." in self._slice(right):
            return None
        missing = not right.steps or not self._seen.knows(right.path)
        return right if missing and not (right.steps and self._seen.written_otherwise(right.path)) else None

    def _about_bare_word(self, term: Comparison, bare: Name) -> Remark:
        word = self._slice(bare)
        return Remark(
            rule="unquoted-string",
            what=f"{self._slice(term)} compares with {word}, which has no quotes.",
            why=f"TaskRouter reads {word} as the name of an attribute, and nothing has one: its value is NULL.",
            fix=f'If the text is meant, write "{word}".',
        )

    def _names(self, value: Value) -> Iterator[Remark]:
        if not isinstance(value, Name):
            return
        if not value.steps:
            yield Remark(
                rule="name-without-meaning",
                what=f"{self._slice(value)} means nothing here.",
                why="Without one of the prefixes that belong here, the name is NULL: the comparison fails silently.",
                fix="Write task. or worker. in front of it in a target's expression, workers. in skip_if.",
            )
        elif not self._seen.knows(value.path):
            yield from self._about_unknown(value)

    def _about_unknown(self, name: Name) -> Iterator[Remark]:
        """Of Tasks only those are seen that came so far, so that one lacks an attribute says nothing by itself."""
        who, written = name.path[0].capitalize(), self._slice(name)
        other = self._seen.written_otherwise(name.path)
        if other is not None:
            yield Remark(
                rule="letter-case",
                what=f"No {who} seen here has {written}; there is {other}.",
                why="Attribute names are case-sensitive: a name that is written otherwise is NULL.",
                fix=f"Write {other}, here or in the attributes.",
            )
            return
        unread = self._seen.misspelled(name.path)
        if unread is None and (name.path[0] != "worker" or name.path in self._optional):
            return
        meant = f"; there is {unread}, which nothing reads" if unread else ""
        yield Remark(
            rule="unknown-attribute",
            what=f"No {who} seen here has {written}{meant}.",
            why="TaskRouter checks the syntax only: a name that leads nowhere is NULL, and nothing is said about it.",
            fix=f"Look for a misspelling, or give the attribute to the {who}s that are meant.",
        )

    def _list_operator(self, term: Comparison) -> Iterator[Remark]:
        side = _LIST_SIDE.get(term.operator)
        value = {"left": term.left, "right": term.right}.get(side or "")
        if value is None or not self._is_never(value, ValueKind.LIST):
            return
        found = f"{self._slice(value)} is {self._kinds(value)} wherever it was seen"
        yield Remark(
            rule="has-on-string" if term.operator is Operator.HAS else "in-on-string",
            what=f"{found}, and {term.operator} needs a list.",
            why=f"{term.operator} on anything but a list is false, silently: nobody will ever match.",
            fix=f'Make it a list, as in ["es"], or compare with == (or CONTAINS for a part): {self._slice(term)}.',
        )

    def _scalar_operator(self, term: Comparison) -> Iterator[Remark]:
        for value, other in ((term.left, term.right), (term.right, term.left)):
            asks_for_null = isinstance(other, Literal) and other.value is None
            if term.operator in _LIST_SIDE or isinstance(value, Literal) or asks_for_null:
                continue
            if self._kinds_of(value) == {ValueKind.LIST}:
                found = f"{self._slice(value)} is a list wherever it was seen"
                yield Remark(
                    rule="contains-on-list" if term.operator is Operator.CONTAINS else "scalar-on-list",
                    what=f"{found}, and {term.operator} needs a single value.",
                    why=f"{term.operator} on a list is false, silently.",
                    fix="Write HAS (list on the left) or IN (list on the right).",
                )

    def _is_never(self, value: Value, kind: ValueKind) -> bool:
        kinds = self._kinds_of(value)
        return bool(kinds) and kind not in kinds

    def _kinds_of(self, value: Value) -> set[ValueKind]:
        if isinstance(value, Literal):
            return {kind_of(value.value)}
        reached_by_names = value.steps and len(value.path) == len(value.steps)
        return self._seen.kinds(value.path) if reached_by_names else set()

    def _kinds(self, value: Value) -> str:
        return " or ".join(sorted(str(kind) for kind in self._kinds_of(value)))
