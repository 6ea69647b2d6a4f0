"""What is remembered of an account, and the JSON of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from labkit.callback_events import leads_to
from labkit.workspace_file.kinds import PartKind

_KINDS = frozenset(PartKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeResource:
    """Something that the lab made, or was about to make.

    Attributes:
        number: what tells it from the others of its Workspace's name; from 1.
        kind: in TaskRouter's words: `Workspace`, `Activity`, `TaskChannel`, `Worker`, `TaskQueue` or `Workflow`.
        name: its friendly name, or a TaskChannel's unique name.
        workspace_sid: what it is in; empty for a Workspace.
        at: when it was about to be made.
        sid: its own; None while TaskRouter has not given it: then it may be there or not.
    """

    number: int
    kind: str
    name: str
    workspace_sid: str
    at: datetime
    sid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedField:
    """A field that the lab has changed, or was about to.

    Attributes:
        kind, name, sid: of what it belongs to, such as a `Worker` or a `WorkerChannel`; `name` for people.
        workspace_sid: what that is in, or is.
        worker_sid: whose it is; for a WorkerChannel only.
        field: by the SDK's name, such as `attributes`.
        before: its value as it was found, as the SDK takes it.
        after: the value that the lab gave it.
    """

    kind: str
    name: str
    sid: str
    workspace_sid: str
    field: str
    before: Any
    after: Any
    worker_sid: str = ""

    def is_ours(self, value: Any) -> bool:
        """Whether a value is what the lab gave it; JSON may be written differently, and what was emptied is null."""
        emptied = value is None and self.after == ""
        return bool(emptied or value == self.after or _read(value) == _read(self.after))


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRecord:
    """A callback URL that the lab has taken, or was about to.

    Attributes:
        kind: `Workflow` for its assignment callback URL, `Workspace` for its event callback URL.
        sid: of that.
        workspace_sid: what it is in, or is.
        found: the URL that was there before any lab of ours; empty for none.
        ours: those that labs have set since, the newest last.
    """

    kind: str
    sid: str
    workspace_sid: str
    found: str
    ours: tuple[str, ...]

    def is_ours(self, url: str) -> bool:
        """Whether a URL leads to a lab that has set it."""
        return any(leads_to(url, own) for own in self.ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedWorkspace:
    """All that is remembered of the Workspace of one name.

    Attributes:
        name: its friendly name, as it was asked for.
        yes: when the lab was allowed to work in it; None where it was not.
        made, changed, callbacks: in the order in which that was done.
    """

    name: str
    yes: datetime | None = None
    made: tuple[MadeResource, ...] = ()
    changed: tuple[ChangedField, ...] = ()
    callbacks: tuple[CallbackRecord, ...] = ()

    @property
    def is_in_account(self) -> bool:
        """Whether anything was made or changed, or was about to be; a yes alone leaves nothing there."""
        return bool(self.made or self.changed or self.callbacks)

    def is_made(self, sid: str) -> bool:
        """Whether the lab made what has this SID."""
        return any(each.sid == sid for each in self.made)


def _read(value: Any) -> Any:
    """A text that is JSON as what it says; anything else as a tuple, which no JSON is."""
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return (value,)


def as_json(accounts: Mapping[str, Mapping[str, RememberedWorkspace]]) -> dict[str, Any]:
    return {
        account: {
            name: {
                "yes": known.yes.isoformat() if known.yes else None,
                "made": [{**asdict(each), "at": each.at.isoformat()} for each in known.made],
                "changed": [asdict(each) for each in known.changed],
                "callbacks": [asdict(each) for each in known.callbacks],
            }
            for name, known in workspaces.items()
        }
        for account, workspaces in accounts.items()
    }


def from_json(document: dict[str, Any]) -> dict[str, dict[str, RememberedWorkspace]]:
    """What a file says; raises what a form that is none leads to."""
    return {
        account: {name: _workspace(name, said) for name, said in workspaces.items()}
        for account, workspaces in document["accounts"].items()
    }


def _workspace(name: str, said: dict[str, Any]) -> RememberedWorkspace:
    return RememberedWorkspace(
        name=name,
        yes=_time(said["yes"]) if said["yes"] is not None else None,
        made=tuple(_sound(MadeResource(**{**each, "at": _time(each["at"])})) for each in said["made"]),
        changed=tuple(_sound(ChangedField(**each)) for each in said["changed"]),
        callbacks=tuple(_sound(CallbackRecord(**{**each, "ours": tuple(each["ours"])})) for each in said["callbacks"]),
    )


_T = TypeVar("_T", MadeResource, ChangedField, CallbackRecord)


def _sound(record: _T) -> _T:
    """The record itself.

    Raises:
        TypeError: a text or a number in it is none.
        ValueError: it is of a kind that the lab neither makes nor changes.
    """
    for each in fields(record):
        allowed = {"str": (str,), "int": (int,), "str | None": (str, type(None))}.get(str(each.type), (object,))
        if not isinstance(getattr(record, each.name), allowed):
            raise TypeError(each.name)
    of_worker = isinstance(record, ChangedField) and record.worker_sid  # a WorkerChannel, which is no part of a file
    if record.kind not in _KINDS and not of_worker:
        raise ValueError(record.kind)
    return record


def _time(text: str) -> datetime:
    """Raises ValueError: it is none, or does not say how far from UTC."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(text)
    return time
