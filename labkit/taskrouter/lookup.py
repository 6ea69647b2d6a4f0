"""People say names, TaskRouter wants SIDs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from labkit.errors import TaskRouterError
from labkit.vocabulary import Sid, is_sid


class Named(Protocol):
    """A record with a name and a SID."""

    @property
    def sid(self) -> str: ...
    @property
    def name(self) -> str: ...


def sid_of(wanted: str, kind: Sid, *, what: str, known: Callable[[], Iterable[Named]]) -> str:
    """The SID for a name, letter case aside; a SID is taken as it is, without asking.

    Args:
        wanted: a name or a SID.
        kind: the SID's kind.
        what: what it is, for the message, such as `"Worker"`.
        known: gives the records to look in; called only for a name.

    Raises:
        TaskRouterError: nothing has this name; the message lists the names there are.
    """
    if is_sid(wanted, kind):
        return wanted
    records = list(known())
    for record in records:
        if record.name.casefold() == wanted.casefold():
            return record.sid
    names = ", ".join(repr(record.name) for record in records) or "none yet"
    raise TaskRouterError(f"There is no {what} called {wanted!r} in this Workspace. Known: {names}.")
