"""`order_by` of a Workflow target: which of several matching Workers comes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from labkit.expressions.compiler import Read, read_of
from labkit.expressions.parser import parse_order

SortKey = tuple[tuple[bool, int], ...]

Rank = Callable[[Mapping[str, Any]], tuple[bool, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A compiled `order_by` (docs: /docs/taskrouter/workflow-configuration, "Order By").

    Attributes:
        text: what was compiled.
        references: the attributes it reads, root first: ``("worker", "level")``.
    """

    text: str
    references: frozenset[tuple[str, ...]]
    _ranks: tuple[Rank, ...] = field(repr=False)

    def sort_key(self, scope: Mapping[str, Any]) -> SortKey:
        """What to sort Workers by; the smaller key is the better Worker.

        Args:
            scope: ``{"worker": {...}}``.

        Returns:
            One pair for each key of the order, none for a blank one. A Worker whose attribute is missing or is
            not an integer comes after all others, ascending or descending. Never raises.
        """
        return tuple([rank(scope) for rank in self._ranks])


@lru_cache(maxsize=512)
def compile_order(text: str) -> Order:
    """Parse and compile an `order_by`; a blank one orders nothing.

    Raises:
        ExpressionError: the text is not a list of attributes, each with ASC (taken when left out) or DESC.
    """
    keys = parse_order(text) if text.strip() else ()
    ranks = tuple(_rank(read_of(name), -1 if descending else 1) for name, descending in keys)
    return Order(text, frozenset(name.path for name, _ in keys), ranks)


def _rank(read: Read, sign: int) -> Rank:
    def rank(scope: Mapping[str, Any]) -> tuple[bool, int]:
        value = read(scope)
        if isinstance(value, int) and not isinstance(value, bool):
            return False, sign * value
        return True, 0

    return rank
