"""Attributes and configurations between the file, where they are mappings, and REST, where they are JSON texts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from labkit import limits
from labkit.errors import WorkspaceFileError
from labkit.workspace_file.node import DocumentNode

_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair has no UTF-8; as an escape it travels."""


def check_attributes(node: DocumentNode) -> dict[str, Any]:
    """A Worker's attributes: a mapping that fits into TaskRouter's limit."""
    values = node.mapping()
    length = len(as_json(values))
    if length > limits.MAX_ATTRIBUTES_CHARACTERS:
        node.refuse(f"as JSON these are {length:,} characters; TaskRouter takes {limits.MAX_ATTRIBUTES_CHARACTERS:,}")
    return values


def as_json(values: Mapping[str, Any]) -> str:
    """The shortest JSON text; `values` came from JSON or from `yaml_text`, which have no other kinds."""
    compact = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return _HALF_PAIR.sub(lambda found: f"\\u{ord(found.group()):04x}", compact)


def from_json(text: str | None, *, whose: str) -> dict[str, Any]:
    """The mapping in a JSON text that TaskRouter gave.

    Args:
        text: the text.
        whose: whose it is, for the message, such as `the attributes of Worker 'Alice'`.

    Raises:
        WorkspaceFileError: it is no JSON object, so it cannot be carried.
    """
    try:
        values = json.loads(text or "{}", parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise WorkspaceFileError(
            f"{whose[0].upper()}{whose[1:]} are no JSON object, so a file cannot hold them. Mend them in the Workspace."
        )
    return values


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; unlike `==`, 1 is not true, and the order of keys is of no matter."""
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text:.40} is too large a number")
    return number
