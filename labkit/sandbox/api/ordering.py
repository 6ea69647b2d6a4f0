"""`Ordering` of lists: `Priority:desc,DateCreated:asc` (docs: /docs/taskrouter/api/task).

Twilio gives the grammar for Tasks only; Workers and TaskQueues take the same one here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labkit.engine.refusals import InvalidParameter

BY_NAME: Mapping[str, Callable[[Any], Any]] = {
    "DateCreated": lambda record: record.date_created,
    "DateUpdated": lambda record: record.date_updated,
    "FriendlyName": lambda record: record.friendly_name.casefold(),
}


def by(fields: Mapping[str, Callable[[Any], Any]]) -> Callable[[list[Any], str], list[Any]]:
    """A sorter of records that understands these field names."""

    def order(records: list[Any], ordering: str) -> list[Any]:
        steps = [_step(part, fields) for part in ordering.split(",") if part.strip()]
        names = {name for name, _ in steps}
        if {"DateCreated", "VirtualStartTime"} <= names:
            raise InvalidParameter("Ordering", "DateCreated and VirtualStartTime do not go together")
        for name, descending in reversed(steps):
            records = sorted(records, key=fields[name], reverse=descending)
        return records

    return order


def _step(part: str, fields: Mapping[str, Callable[[Any], Any]]) -> tuple[str, bool]:
    name, _, direction = part.strip().partition(":")
    if name not in fields or direction.lower() not in ("", "asc", "desc"):
        allowed = ", ".join(fields)
        raise InvalidParameter("Ordering", f"{part.strip()[:60]!r}; give one of {allowed} with :asc or :desc")
    return name, direction.lower() == "desc"
