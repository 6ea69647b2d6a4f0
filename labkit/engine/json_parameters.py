"""Parameters that are JSON texts: attributes, a Workflow's configuration, the body of a bulk request."""

from __future__ import annotations

from typing import Any

from labkit import limits
from labkit.attributes import NotJson, compact_json, parse_json
from labkit.engine.refusals import InvalidParameter
from labkit.expressions import searchable

MAX_DEPTH = 64
"""Our choice; deeper documents are refused so that no expression or renderer meets them."""


def parse_attributes(text: str) -> tuple[str, dict[str, Any]]:
    """The attributes as TaskRouter gives them back (without blanks), and as values.

    Raises:
        InvalidParameter: over 4,096 characters, not JSON, not an object, or nested too deep.
    """
    if len(text) > limits.MAX_ATTRIBUTES_CHARACTERS:
        raise InvalidParameter(
            "Attributes", f"{len(text)} characters; the maximum is {limits.MAX_ATTRIBUTES_CHARACTERS}"
        )
    values = read_json("Attributes", text)
    if not isinstance(values, dict):
        raise InvalidParameter("Attributes", f"a JSON object is needed, and this is {_kind(values)}")
    return compact_json(values), searchable(values)


def read_scope(attributes: str) -> dict[str, Any]:
    """Attributes that were taken before, as expressions read them: a long list is searched quickly."""
    scope: dict[str, Any] = searchable(parse_json(attributes))
    return scope


def read_json(name: str, text: str) -> Any:
    """The JSON value in `text`, the parameter `name`.

    Raises:
        InvalidParameter: not JSON (the message says where), NaN or infinity, or nested too deep.
    """
    try:
        value = parse_json(text)
    except NotJson as problem:
        where = f" at line {problem.line}, column {problem.column}" if problem.line else ""
        raise InvalidParameter(name, f"not valid JSON{where}: {problem.reason}") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise InvalidParameter(name, f"nested more than {MAX_DEPTH} levels deep")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [child for parent in level for child in _children(parent)]
    return depth


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")
