"""What values are, and what the operators make of them. Total: no pair of values raises.

The kinds are JSON's. NULL stands for a missing attribute as well. Booleans are not numbers; 1 and 1.0 are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Any

Operation = Callable[[Any, Any], bool]

NUMBERS = (int, float)
PLAIN_NUMBERS = frozenset(NUMBERS)
LISTS = (list, tuple)


SEARCHED_FROM = 16
"""Elements, from which a set is quicker than a look at each."""


class SearchableList(list[Any]):
    """A list that is not changed any more, and knows at once whether it has a value. Made by `searchable`."""

    __slots__ = ("_members",)

    def __init__(self, elements: Iterable[Any]) -> None:
        super().__init__(elements)
        self._members = frozenset(_key(each) for each in self if kind_of(each).is_scalar)

    def has(self, value: object) -> bool:
        """Whether an element `==` this value."""
        if isinstance(value, str):
            return value in self._members
        return kind_of(value).is_scalar and _key(value) in self._members


def searchable(value: Any) -> Any:
    """The value, or for a long list the same as a `SearchableList`; in an object, every such list that it has."""
    if isinstance(value, LISTS):
        return SearchableList(value) if len(value) >= SEARCHED_FROM else value
    holders = [value] if isinstance(value, dict) else []
    while holders:
        holder = holders.pop()
        for name, each in holder.items():
            if isinstance(each, dict):
                holders.append(each)
            elif isinstance(each, LISTS) and len(each) >= SEARCHED_FROM:
                holder[name] = SearchableList(each)
    return value


def _key(value: object) -> object:
    """What two scalars that are `==` share, and no others: to Python True is 1."""
    return (value,) if isinstance(value, bool) else value


class Operator(StrEnum):
    """The operators by the name that TaskRouter's documentation gives them."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    CONTAINS = "CONTAINS"
    HAS = "HAS"
    IN = "IN"
    NOT_IN = "NOT IN"


ALIASES = {"=": Operator.EQUAL, ">-": Operator.HAS, "<-": Operator.IN}


class ValueKind(StrEnum):
    """The kinds of value, in words for people."""

    NULL = "missing or null"
    STRING = "a string"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    LIST = "a list"
    OBJECT = "an object"

    @property
    def is_scalar(self) -> bool:
        """True for all but lists and objects."""
        return self is not ValueKind.LIST and self is not ValueKind.OBJECT


def kind_of(value: object) -> ValueKind:
    """What a value is; whatever is not JSON counts as an object, which fits no operator."""
    if value is None:
        return ValueKind.NULL
    if isinstance(value, str):
        return ValueKind.STRING
    if isinstance(value, bool):  # before int: in Python a bool is one
        return ValueKind.BOOLEAN
    if isinstance(value, NUMBERS):
        return ValueKind.NUMBER
    return ValueKind.LIST if isinstance(value, LISTS) else ValueKind.OBJECT


def member(holder: Any, step: str | int) -> Any:
    """One step into an object (by name) or a list (by index, from 0); None where there is nothing."""
    if isinstance(step, str):
        is_object = type(holder) is dict or isinstance(holder, Mapping)  # the first is much quicker to ask
        return holder.get(step) if is_object else None
    return holder[step] if isinstance(holder, LISTS) and step < len(holder) else None


def equal(left: object, right: object) -> bool:
    """`==`: the same kind and the same value; NULL equals NULL; lists and objects equal nothing."""
    if isinstance(left, str):
        return isinstance(right, str) and left == right
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return isinstance(left, NUMBERS) and isinstance(right, NUMBERS) and left == right


def not_equal(left: object, right: object) -> bool:
    """`!=`: the opposite of `==`, but false when a list or object meets anything other than NULL."""
    if left is None or right is None:
        return left is not right
    return kind_of(left).is_scalar and kind_of(right).is_scalar and not equal(left, right)


def is_number(value: object) -> bool:
    """Integers and floats; in Python a bool is an int, in the language it is not."""
    return isinstance(value, NUMBERS) and not isinstance(value, bool)


def are_ordered(left: object, right: object) -> bool:
    """Whether `<` and its relatives mean anything: two numbers, or two strings."""
    if isinstance(left, str):
        return isinstance(right, str)
    return is_number(left) and is_number(right)


def _order(holds: Callable[[Any, Any], bool]) -> Operation:
    """`>`, `>=`, `<` or `<=`: numbers by size, strings by code point, all else false."""

    def compare(left: Any, right: Any) -> bool:
        if type(left) in PLAIN_NUMBERS and type(right) in PLAIN_NUMBERS:  # nearly always, and quick to ask
            return holds(left, right)
        return are_ordered(left, right) and holds(left, right)

    return compare


def contains(left: object, right: object) -> bool:
    """`CONTAINS`: the string on the left holds the string on the right."""
    return isinstance(left, str) and isinstance(right, str) and right in left


def has(left: object, right: object) -> bool:
    """`HAS`: the list on the left has an element that `==` the single value on the right."""
    if type(left) is SearchableList:
        return left.has(right)
    if not isinstance(left, LISTS):
        return False
    for element in left:  # noqa: SIM110 - any() would cost a generator on the path of every HAS
        if equal(element, right):
            return True
    return False


def is_in(left: object, right: object) -> bool:
    """`IN`: `HAS` with its sides exchanged."""
    return has(right, left)


def is_not_in(left: object, right: object) -> bool:
    """`NOT IN`: a single value on the left, a list on the right that does not have it."""
    return isinstance(right, LISTS) and kind_of(left).is_scalar and not has(right, left)


OPERATIONS: dict[Operator, Operation] = {
    Operator.EQUAL: equal,
    Operator.NOT_EQUAL: not_equal,
    Operator.GREATER: _order(gt),
    Operator.GREATER_OR_EQUAL: _order(ge),
    Operator.LESS: _order(lt),
    Operator.LESS_OR_EQUAL: _order(le),
    Operator.CONTAINS: contains,
    Operator.HAS: has,
    Operator.IN: is_in,
    Operator.NOT_IN: is_not_in,
}
