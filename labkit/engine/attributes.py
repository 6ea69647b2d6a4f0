"""Attributes: a JSON object that travels as text (docs: /docs/taskrouter/api/task, /docs/taskrouter/api/worker)."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from labkit import limits
from labkit.engine.refusals import InvalidParameter

MAX_DEPTH = 64
"""Our choice; deeper documents are refused so that no expression or renderer meets them."""
_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair has no UTF-8; as an escape it travels."""


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
    return write_attributes(values), values


def read_attributes(text: str) -> dict[str, Any]:
    """The values in attributes that `parse_attributes` has given back, which may be longer than what it takes."""
    values: dict[str, Any] = json.loads(text)
    return values


def write_attributes(values: dict[str, Any]) -> str:
    """The attributes as TaskRouter gives them back: without blanks."""
    compact = _ENCODER.encode(values)
    return _HALF_PAIR.sub(lambda found: f"\\u{ord(found.group()):04x}", compact)


def read_json(name: str, text: str) -> Any:
    """The JSON value in `text`, the parameter `name`.

    Raises:
        InvalidParameter: not JSON (the message says where), NaN or infinity, or nested too deep.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidParameter(name, f"not valid JSON at {where}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidParameter(name, f"not valid JSON: {error}") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise InvalidParameter(name, f"nested more than {MAX_DEPTH} levels deep")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text:.40} is too large a number")
    return value


# Made once: json.loads and json.dumps would make new ones for every document.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


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
