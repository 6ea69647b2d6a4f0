"""A sentence for each way in which a comparison can be false."""

from __future__ import annotations

from labkit.expressions.operators import Operator, ValueKind, are_ordered, kind_of

Side = tuple[str | None, object]
"""The name of an attribute (None for a literal), and the value."""

LIST_ON_THE_LEFT = {Operator.HAS}
LIST_ON_THE_RIGHT = {Operator.IN, Operator.NOT_IN}
ORDERS = {Operator.GREATER, Operator.GREATER_OR_EQUAL, Operator.LESS, Operator.LESS_OR_EQUAL}
SHOWN = 40
"""Characters of a value that a reason quotes."""


def why_not(left: Side, operator: Operator, right: Side) -> str:
    """Why `left operator right` is false. Both sides are (name or None, value)."""
    if operator in LIST_ON_THE_LEFT:
        return _why_not_listed(right, operator, left)
    if operator in LIST_ON_THE_RIGHT:
        return _why_not_listed(left, operator, right)
    return _why_not_scalar(left, operator, right)


def why_not_bare(side: Side) -> str:
    """Why a value by itself is not a condition that holds."""
    return f"{_subject(side)}, and by itself only the boolean true counts."


def shortened(text: str) -> str:
    """At most as much of a text as a reason quotes."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _why_not_listed(element: Side, operator: Operator, container: Side) -> str:
    if kind_of(container[1]) is not ValueKind.LIST:
        return f"{_subject(container)}, and {operator} needs a list."
    if not kind_of(element[1]).is_scalar:
        return f"{_subject(element)}, and {operator} looks for a single value."
    found = "is" if operator is Operator.NOT_IN else "is not"
    return f"{_subject(element)}, which {found} in {container[0] or 'the list'}."


def _why_not_scalar(left: Side, operator: Operator, right: Side) -> str:
    for side in (left, right):
        if not kind_of(side[1]).is_scalar and (left[1] is not None and right[1] is not None):
            return f"{_subject(side)}, and {operator} compares single values."
    if operator is Operator.CONTAINS and not kind_of(left[1]) is kind_of(right[1]) is ValueKind.STRING:
        return f"{_both(left, right)}, and CONTAINS needs two strings."
    if operator in ORDERS and not are_ordered(left[1], right[1]):
        return f"{_both(left, right)}, and {operator} needs two numbers or two strings."
    if operator is Operator.EQUAL and kind_of(left[1]) is not kind_of(right[1]):
        return f"{_both(left, right)}, and values of different kinds are not equal."
    return f"{_both(left, right)}, so {operator} does not hold."


def _both(left: Side, right: Side) -> str:
    return f"{_subject(left)} and {_subject(right)}"


def _subject(side: Side) -> str:
    """``languages is a string ("es")``, ``worker.level is missing``, or for a literal ``5 is a number``."""
    name, value = side
    kind = kind_of(value)
    if name is None:
        return "null is NULL" if kind is ValueKind.NULL else f"{_quoted(value)} is {kind}"
    return (
        f"{name} is {kind}" if kind is ValueKind.NULL or not kind.is_scalar else f"{name} is {kind} ({_quoted(value)})"
    )


def _quoted(value: object) -> str:
    """A value, short; lists and objects are never written out, and huge numbers only by their size."""
    match kind_of(value):
        case ValueKind.STRING:
            return f'"{shortened(str(value))}"'
        case ValueKind.BOOLEAN:
            return str(value).lower()
        case ValueKind.NUMBER:
            return _number(value)
        case _:
            return "the list"


def _number(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 128:  # Python refuses to write out very long numbers
        return f"a number of {value.bit_length()} bits"
    return str(value)
