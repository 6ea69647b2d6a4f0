"""What several resources share: finding a record, and setting the fields of an update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from labkit.engine.refusals import InvalidParameter, NotFound
from labkit.engine.resources import Activity, Record
from labkit.engine.unit_of_work import UnitOfWork

R = TypeVar("R", bound=Record)


def find(records: Mapping[str, R], sid: str) -> R:
    """The record with this SID.

    Raises:
        NotFound: there is none.
    """
    record = records.get(sid)
    if record is None:
        raise NotFound(sid)
    return record


def find_named(records: Mapping[str, R], sid: str, *, parameter: str) -> R:
    """The record that a parameter names by its SID.

    Raises:
        InvalidParameter: there is none in this Workspace.
    """
    record = records.get(sid)
    if record is None:
        raise InvalidParameter(parameter, f"{sid[:64]!r} is not in this Workspace")
    return record


def find_activity(unit: UnitOfWork, sid: str, *, parameter: str) -> Activity:
    """The Activity that a parameter names.

    Raises:
        InvalidParameter: there is none in this Workspace.
    """
    return find_named(unit.state.activities, sid, parameter=parameter)


def assign(record: Record, changes: Mapping[str, Any], *names: str) -> set[str]:
    """Set those of `names` that `changes` gives; the names of the fields whose value is now another."""
    changed = {name for name in names if name in changes and getattr(record, name) != changes[name]}
    for name in changed:
        setattr(record, name, changes[name])
    return changed
