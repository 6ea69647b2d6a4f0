"""Attributes and configurations between the file, where they are mappings, and REST, where they are JSON texts."""

from __future__ import annotations

import json
from typing import Any

from labkit import limits
from labkit.attributes import compact_json, parse_object
from labkit.errors import WorkspaceFileError
from labkit.workspace_file.node import DocumentNode


def check_attributes(node: DocumentNode) -> dict[str, Any]:
    """A Worker's attributes: a mapping that fits into TaskRouter's limit."""
    values = node.mapping()
    length = len(compact_json(values))
    if length > limits.MAX_ATTRIBUTES_CHARACTERS:
        node.refuse(f"as JSON these are {length:,} characters; TaskRouter takes {limits.MAX_ATTRIBUTES_CHARACTERS:,}")
    return values


def from_json(text: str | None, *, whose: str) -> dict[str, Any]:
    """The mapping in a JSON text that TaskRouter gave.

    Args:
        text: the text.
        whose: whose it is, for the message, such as `the attributes of Worker 'Alice'`.

    Raises:
        WorkspaceFileError: it is no JSON object, so it cannot be carried.
    """
    values = parse_object(text or "{}")
    if values is None:
        raise WorkspaceFileError(
            f"{whose[0].upper()}{whose[1:]} are no JSON object, so a file cannot hold them. Mend them in the Workspace."
        )
    return values


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same; unlike `==`, 1 is not true, and the order of keys is of no matter."""
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
