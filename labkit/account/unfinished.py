"""What a lab was about to make when it was cut off: whether it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from labkit import limits
from labkit.account.memory import AccountMemory
from labkit.account.remembered import MadeResource, RememberedWorkspace
from labkit.taskrouter.errors import asking, unless_gone
from labkit.workspace_file.kinds import SHAPES, PartKind
from labkit.workspace_file.resources import resources_of

TOLERANCE = timedelta(minutes=10)
"""How far TaskRouter's date of creation may be from when it was about to be made: this computer's clock may be wrong,
and somebody may have made something of the same name since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulResource:
    """Something that is there by the name of what was about to be made, and made at another time."""

    kind: str
    name: str
    sid: str
    created: datetime | None


def settle_unfinished(memory: AccountMemory, client: Any) -> list[DoubtfulResource]:
    """Find what labs that were cut off have made, and remember its SID; forget what was not made.

    Nothing is asked where nothing was cut off. To be called within `memory.exclusively()`: another lab may be about to
    make something just now.

    Args:
        memory: of the account.
        client: from `labkit.taskrouter.client.connect`.

    Returns:
        What may be the lab's or somebody else's; its intention stays.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
        AccountMemoryError: it cannot be read or written.
    """
    doubtful: list[DoubtfulResource] = []
    for known in memory.workspaces():
        for made in known.made:
            if made.sid is None:
                doubtful += _settle(memory, known, made, client)
    return doubtful


def _settle(
    memory: AccountMemory, known: RememberedWorkspace, made: MadeResource, client: Any
) -> list[DoubtfulResource]:
    there = [each for each in _of_this_name(client, made) if not known.is_made(each.sid)]
    ours = [each for each in there if each.date_created and abs(each.date_created - made.at) <= TOLERANCE]
    if ours:
        memory.complete(known.name, made.number, sid=ours[0].sid)
    elif not there:
        memory.drop(known.name, made.number)
    return [
        DoubtfulResource(kind=made.kind, name=made.name, sid=each.sid, created=each.date_created)
        for each in (there if not ours else ())
    ]


def _of_this_name(client: Any, made: MadeResource) -> Iterator[Any]:
    kind = PartKind(made.kind)
    if kind is PartKind.WORKSPACE:
        with asking(f"find the Workspace {made.name!r}"):
            yield from client.taskrouter.v1.workspaces.list(friendly_name=made.name, page_size=limits.MAX_PAGE_SIZE)
        return
    resource = resources_of(client.taskrouter.v1.workspaces(made.workspace_sid))[kind]
    found = unless_gone(lambda: resource.list(page_size=limits.MAX_PAGE_SIZE), f"list all of kind {kind}")
    in_it = found or ()  # where the Workspace is gone, all that was in it is
    yield from (each for each in in_it if getattr(each, SHAPES[kind].name) == made.name)
