"""A sentence for each way in which a comparison can be false, as one would say it: by the values, and by what they are
only where that is the trouble.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labkit.display import shown
from labkit.expressions.operators import LISTS, Operator, ValueKind, are_ordered, kind_of

Side = tuple[str | None, object]
"""The name of an attribute (None for a literal), and the value."""

SHOWN = 60
"""Characters of a value that a reason quotes."""

_ON_THE_OTHER_SIDE: Mapping[Operator, Operator] = {
    Operator.GREATER: Operator.LESS,
    Operator.GREATER_OR_EQUAL: Operator.LESS_OR_EQUAL,
    Operator.LESS: Operator.GREATER,
    Operator.LESS_OR_EQUAL: Operator.GREATER_OR_EQUAL,
}
"""The orders: what each becomes when its sides are exchanged."""
_INSTEAD: Mapping[Operator, str] = {
    Operator.GREATER: "not more than",
    Operator.GREATER_OR_EQUAL: "less than",
    Operator.LESS: "not less than",
    Operator.LESS_OR_EQUAL: "more than",
}
"""What a number is to the other one when the order is false."""
_LOOKED_AT = 100
"""Elements of a list that are looked at for one that is written alike."""


def why_not(left: Side, operator: Operator, right: Side) -> str:
    """Why `left operator right` is false. Both sides are (name or None, value)."""
    match operator:
        case Operator.HAS:
            reason = _why_not_in(right, operator, left)
        case Operator.IN:
            reason = _why_not_in(left, operator, right)
        case Operator.NOT_IN:
            reason = _why_in(left, right)
        case Operator.CONTAINS:
            reason = _why_without(left, right)
        case Operator.EQUAL:
            reason = _why_not_equal(left, right)
        case Operator.NOT_EQUAL:
            reason = _why_equal(left, right)
        case _:
            reason = _why_not_ordered(left, operator, right)
    return f"{reason}."


def why_not_bare(side: Side) -> str:
    """Why a value by itself is not a condition that holds."""
    if side[1] is None or side[1] is False:
        return f"{_is(side)}."
    return f"{_is(side, kind=True)}, and by itself only the boolean true counts."


# --- == and != -------------------------------------------------------------------------------------------------------


def _why_not_equal(left: Side, right: Side) -> str:
    left, right = _name_first(left, right)
    if left[0] is None:
        return f"{_value(left)} is not {_value(right)}"
    if (unset := _not_set(left, right)) is not None:
        return _is(unset)
    for side in (left, right):
        if right[1] is not None and not kind_of(side[1]).is_scalar:
            return f"{_is(side)}, and == compares single values{_hint_at_has(side)}"
    kind = right[1] is not None and kind_of(left[1]) is not kind_of(right[1])
    if right[0] is not None:
        return f"{_is(left, kind=kind)} and {_is(right, kind=kind)}"
    return f"{_is(left, kind=kind)}, not {_value(right, kind=kind)}{_by_case(left[1], right[1])}"


def _hint_at_has(side: Side) -> str:
    return "; HAS looks into a list" if isinstance(side[1], LISTS) else ""


def _by_case(one: object, other: object) -> str:
    alike = isinstance(one, str) and isinstance(other, str) and one.casefold() == other.casefold()
    return ": upper and lower case count" if alike else ""


def _why_equal(left: Side, right: Side) -> str:
    left, right = _name_first(left, right)
    for side in (left, right):
        if not kind_of(side[1]).is_scalar:
            return f"{_is(side)}, and != compares single values"
    if left[1] is None:
        return f"{left[0]} and {right[0]} are both not set" if right[0] else _is(left)
    if right[0] is not None:
        return f"{left[0]} and {right[0]} are both {_value(left)}"
    return f"{_is(left)}, which != rules out"


# --- the orders ------------------------------------------------------------------------------------------------------


def _why_not_ordered(left: Side, operator: Operator, right: Side) -> str:
    if _name_first(left, right) != (left, right):
        left, right, operator = right, left, _ON_THE_OTHER_SIDE[operator]
    if (unset := _not_set(left, right)) is not None:
        return _is(unset)
    if are_ordered(left[1], right[1]):
        beside = f"not {operator}" if isinstance(left[1], str) else _INSTEAD[operator]
        return f"{_subject(left)}, which is {beside} {_named(right)}"
    if right[0] is None and kind_of(right[1]) in (ValueKind.STRING, ValueKind.NUMBER):
        return f"{_is(left, kind=True)}, not {kind_of(right[1])}"
    return f"{_is(left, kind=True)} and {_is(right, kind=True)}, and {operator} compares two numbers or two strings"


# --- lists and parts of strings --------------------------------------------------------------------------------------


def _why_not_in(element: Side, operator: Operator, container: Side) -> str:
    if (unset := _not_set(container, element)) is not None:
        return _is(unset)
    name, values = container
    if not isinstance(values, LISTS):
        return f"{_is(container, kind=True)}, and {operator} needs a list"
    if not kind_of(element[1]).is_scalar:
        return f"{_is(element)}, and {operator} looks for a single value"
    if (alike := _lookalike(values, element[1])) is not None:
        kind = kind_of(alike) is not kind_of(element[1])
        has = f"{name or 'the list'} has {_value((None, alike), kind=kind)}"
        return f"{has}, not {_value((None, element[1]), kind=kind)}{_by_case(element[1], alike)}"
    if name is None:
        return f"{_subject(element)}, not {_one_of(values)}"
    return f"{_is(container)}, without {_named(element)}" if values else _is(container)


def _one_of(values: Sequence[object]) -> str:
    return shown(values[0], most=SHOWN) if len(values) == 1 else f"one of {shown(values, most=SHOWN)}"


def _lookalike(values: Sequence[object], wanted: object) -> object | None:
    """An element that is written alike and is another: a number as text, or a word in other letter case."""
    spelt = _spelling(wanted)
    return next(
        (value for value in values[:_LOOKED_AT] if kind_of(value).is_scalar and _spelling(value) == spelt), None
    )


def _spelling(value: object) -> str:
    return shown(value).strip('"').casefold()


def _why_in(element: Side, container: Side) -> str:
    if not isinstance(container[1], LISTS):
        return f"{_is(container, kind=True)}, and NOT IN needs a list"
    if not kind_of(element[1]).is_scalar:
        return f"{_is(element)}, and NOT IN looks for a single value"
    where = container[0] or "the list"
    return f"{_is(element)}, which is in {where}" if element[0] else f"{where} has {_value(element)} in it"


def _why_without(text: Side, part: Side) -> str:
    if (unset := _not_set(text, part)) is not None:
        return _is(unset)
    for side in (text, part):
        if not isinstance(side[1], str):
            return f"{_is(side, kind=True)}, and CONTAINS needs a string{_hint_at_has(side)}"
    return f"{_subject(text)}, without {_named(part)}"


# --- a side in words -------------------------------------------------------------------------------------------------


def _name_first(left: Side, right: Side) -> tuple[Side, Side]:
    """The two sides, exchanged if only the right one is an attribute."""
    return (right, left) if left[0] is None and right[0] is not None else (left, right)


def _not_set(*sides: Side) -> Side | None:
    """The first attribute that has no value."""
    return next((side for side in sides if side[0] is not None and side[1] is None), None)


def _is(side: Side, *, kind: bool = False) -> str:
    """``languages is ["en"]``, ``level is the string "6"``, ``level is not set``; of a literal what it is."""
    if side[0] is None:
        return "null is no value" if side[1] is None else f"{_value(side)} is {kind_of(side[1])}"
    return f"{side[0]} is {_value(side, kind=kind)}"


def _subject(side: Side) -> str:
    """An attribute with its value, a literal by itself: what goes on with a comma."""
    return _value(side) if side[0] is None else _is(side)


def _named(side: Side) -> str:
    """A literal by itself, an attribute with its value in brackets."""
    return f"{side[0]} ({_value(side)})" if side[0] else _value(side)


def _value(side: Side, *, kind: bool = False) -> str:
    name, value = side
    match kind_of(value):
        case ValueKind.NULL:
            return "null" if name is None else "not set"
        case ValueKind.OBJECT:
            return "an object"
        case ValueKind.LIST if not value:
            return "an empty list"
        case found:
            text = shown(value, most=SHOWN)
            return f"the {found.removeprefix('a ')} {text}" if kind else text
