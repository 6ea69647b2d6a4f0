"""Workflows as people deploy them, read from tests/conformance/deployed_workflows.json, which says what it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_DOCUMENT: Json = json.loads(
    Path(__file__).with_name("conformance").joinpath("deployed_workflows.json").read_text(encoding="utf-8")
)
DEPLOYED: list[Json] = _DOCUMENT["workflows"]


def written(value: Any, sids: Mapping[str, str], key: str = "") -> Any:
    """The value with SIDs in the place of names, and with the shared texts."""
    if isinstance(value, dict):
        return {name: written(child, sids, name) for name, child in value.items()}
    if isinstance(value, list):
        return [written(child, sids, key) for child in value]
    if not isinstance(value, str):
        return value
    if key == "queue" and value in sids:
        return sids[value]
    for name, text in _DOCUMENT["texts"].items():
        value = value.replace(f"${name}", text)
    for name, sid in sids.items():
        value = value.replace(f"{{{name}}}", sid)
    return value
