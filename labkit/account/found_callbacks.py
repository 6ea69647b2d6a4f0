"""Whom an account's TaskRouter called before the lab took its callbacks, so that they are called again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from labkit.account.memory import AccountMemory
from labkit.account.remembered import CallbackRecord
from labkit.callback_events import leads_to

Urls = tuple[str, str]
"""The assignment and the event callback URL; an empty text for none."""


class CallbackPlace(NamedTuple):
    """Whose callback URLs they are: a Workspace and one Workflow in it."""

    workspace_name: str
    workspace_sid: str
    workflow_sid: str


class FoundCallbacks:
    """The callback URLs that one lab has found, and has set.

    Args:
        memory: of the account.

    Every method raises AccountMemoryError: they cannot be noted.
    """

    def __init__(self, memory: AccountMemory) -> None:
        self._memory = memory
        self._own: set[str] = set()
        """What this lab has set; other labs of ours may run beside it."""

    def note(self, place: CallbackPlace, now: Urls, *, own: Urls) -> None:
        """These URLs are there, and those of this lab are about to be set."""
        self._own |= {*own}
        for taken in _records(place, now, own):
            self._memory.take_callback(place.workspace_name, taken)

    def give_back(
        self, place: CallbackPlace, now: Urls, *, own: Urls, set_urls: Callable[[str | None, str | None], object]
    ) -> None:
        """Have those called again who were called before, wherever TaskRouter still calls this lab.

        Args:
            place: whose URLs they are.
            now: the URLs that are there.
            own: those of this lab; a reserved domain may have been there before it.
            set_urls: sets them; None leaves one as it is. What it raises goes out, and what was found stays noted.
        """
        self._own |= {*own}
        known = {each.sid: each for each in self._memory.workspace(place.workspace_name).callbacks}
        sids = (place.workflow_sid, place.workspace_sid)
        back = [self._before(known.get(sid), url) for sid, url in zip(sids, now, strict=True)]
        if back != [None, None]:
            set_urls(*back)
        for sid, url in zip(sids, back, strict=True):
            if url is not None:
                self._memory.forget_callback(place.workspace_name, sid=sid)

    def _before(self, known: CallbackRecord | None, url: str) -> str | None:
        """The URL to be set; None where this lab is not called."""
        if not any(leads_to(url, own) for own in self._own):
            return None
        return known.found if known is not None else ""


def _records(place: CallbackPlace, now: Urls, own: Urls) -> Iterator[CallbackRecord]:
    kinds, sids = ("Workflow", "Workspace"), (place.workflow_sid, place.workspace_sid)
    for kind, sid, found, ours in zip(kinds, sids, now, own, strict=True):
        yield CallbackRecord(kind=kind, sid=sid, workspace_sid=place.workspace_sid, found=found, ours=(ours,))
