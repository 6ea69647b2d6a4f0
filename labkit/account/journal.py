"""Remembers what is made and changed in a Workspace of an account, before that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from labkit.account.memory import AccountMemory
from labkit.account.remembered import ChangedField
from labkit.account.unfinished import settle_unfinished
from labkit.workspace_file.journal import Journal, ResourcePlace
from labkit.workspace_file.resources import read_field


class AccountJournal(Journal):
    """The journal of one Workspace.

    In a Workspace that the lab has made all is the lab's, and goes with it: of that only the Workspace is remembered.

    Args:
        memory: of the account.
        workspace_name: as it was asked for.

    Its methods raise AccountMemoryError: it cannot be remembered, so it must not be done.
    """

    def __init__(self, memory: AccountMemory, *, workspace_name: str) -> None:
        self._memory = memory
        self._name = workspace_name

    @contextmanager
    def making(self, kind: str, name: str, *, workspace_sid: str) -> Iterator[Callable[[str], None]]:
        """As in `Journal`. What TaskRouter refuses is forgotten; without an answer it may be there."""
        if self._memory.workspace(self._name).is_made(workspace_sid):
            yield lambda _sid: None
            return
        number = self._memory.begin(self._name, kind=kind, called=name, workspace_sid=workspace_sid)
        try:
            yield lambda sid: self._memory.complete(self._name, number, sid=sid)
        except Exception as error:
            if 400 <= (getattr(error, "status", None) or 0) < 500:
                self._memory.drop(self._name, number)
            raise

    def changing(self, place: ResourcePlace, form: Mapping[str, Any], *, read: Callable[[], Any]) -> None:
        """As in `Journal`. What the lab has made itself has no value to go back to."""
        known = self._memory.workspace(self._name)
        if any(map(known.is_made, (place.workspace_sid, place.sid, place.worker_sid))):
            return
        before = read()
        for name, value in form.items():
            field = ChangedField(**asdict(place), field=name, before=read_field(before, name), after=value)
            self._memory.change(self._name, field)


@contextmanager
def journal_of(memory: AccountMemory, client: Any, *, workspace_name: str) -> Iterator[AccountJournal]:
    """A journal, and meanwhile nobody else on this computer sets up or takes down anything in the account.

    What a lab that was cut off has made is found and remembered first.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
        AccountMemoryError: the memory cannot be read or written, or another lab does not finish.
    """
    with memory.exclusively():
        settle_unfinished(memory, client)
        yield AccountJournal(memory, workspace_name=workspace_name)
