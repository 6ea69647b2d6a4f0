"""Joining: whoever comes in becomes a Worker of the room's Workspace, by their name at the hub, and stays the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from labkit.errors import TaskRouterError
from labkit.taskrouter.errors import asking
from labkit.vocabulary import EventType
from labkit.workspace_file.journal import Journal
from labkit.workspace_file.kinds import PartKind
from workshop.room.events import Fields
from workshop.room.people import Asker
from workshop.room.refusals import NotAllowed, NotUsable
from workshop.room.upstream import Upstream
from workshop.room.workspace import NAME, RoomWorkspace, found_or_made

LANGUAGES = (("en",), ("en", "es"))
"""What Workers speak, in turn, so that each TaskQueue has somebody."""
MOST_NAME = 64
"""Characters of a Worker's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMember:
    """Somebody who has joined: the Worker that they are, and whether they are an instructor."""

    name: str
    worker_sid: str
    instructor: bool = False


class Membership:
    """Who has joined, and the Workspace that they are in.

    Args:
        upstream: the account.
        workspace_name: of the Workspace, which is found or made when it is first needed.
        events_url: where its Events are told; empty leaves that as it is.
        journal: opens what hears of everything that is made, before it is.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        workspace_name: str = NAME,
        events_url: str = "",
        journal: Callable[[], AbstractContextManager[Journal]] = lambda: nullcontext(Journal()),
    ) -> None:
        self._upstream = upstream
        self._workspace_name = workspace_name
        self._events_url = events_url
        self._journal = journal
        self._workspace: RoomWorkspace | None = None
        self._members: dict[str, RoomMember] = {}
        self._lock = asyncio.Lock()

    @property
    def members(self) -> Mapping[str, RoomMember]:
        """Who has joined, by name."""
        return self._members

    @property
    def known_workspace(self) -> RoomWorkspace | None:
        """The room's Workspace, if it has been looked for already."""
        return self._workspace

    @property
    def participants(self) -> frozenset[str]:
        """The names of those who have joined since the service was started, instructors aside."""
        return frozenset(name for name, member in self._members.items() if not member.instructor)

    async def workspace(self) -> RoomWorkspace:
        """The room's Workspace.

        Raises:
            TaskRouterError: it cannot be found or made.
        """
        async with self._lock:
            return await self._found()

    async def joined(self, person: Asker) -> RoomMember:
        """The Worker of this person, made where there is none. A second time it is the same one.

        Raises:
            NotUsable: their name cannot be a Worker's.
            TaskRouterError: TaskRouter refused, or did not answer.
        """
        if not 1 <= len(person.name) <= MOST_NAME:
            raise NotUsable(f"A name of 1 to {MOST_NAME} characters can be a Worker's, and this one has more")
        async with self._lock:
            workspace = await self._found()
            if person.name not in self._members:
                worker_sid = await asyncio.to_thread(self._worker, workspace, person)
                self._members[person.name] = RoomMember(
                    name=person.name, worker_sid=worker_sid, instructor=person.instructor
                )
            return self._members[person.name]

    async def member(self, person: Asker) -> RoomMember:
        """The Worker of somebody who has joined, also before the service was started.

        Raises:
            NotAllowed: they have not.
        """
        known = self._members.get(person.name)
        if known is not None:
            return known
        async with self._lock:
            workspace = await self._found()
            found = await asyncio.to_thread(self._worker_of, workspace, person.name)
            if found is None:
                raise NotAllowed("You have not joined the room yet: POST to join first")
            self._members[person.name] = RoomMember(name=person.name, worker_sid=found, instructor=person.instructor)
            return self._members[person.name]

    def note(self, fields: Fields) -> None:
        """An Event: a Worker who is deleted is nobody's, and whoever it was joins again."""
        if fields.get("EventType") == EventType.WORKER_DELETED:
            gone = [name for name, member in self._members.items() if member.worker_sid == fields.get("WorkerSid")]
            for name in gone:
                del self._members[name]

    def forget(self) -> None:
        """The Workspace is another one from now on, or its Workers are: who is there joins again."""
        self._workspace = None
        self._members.clear()

    async def _found(self) -> RoomWorkspace:
        if self._workspace is None:
            self._workspace = await asyncio.to_thread(self._found_or_made)
        return self._workspace

    def _found_or_made(self) -> RoomWorkspace:
        with self._journal() as journal:
            return found_or_made(
                self._upstream.client, name=self._workspace_name, events_url=self._events_url, journal=journal
            )

    def _worker(self, workspace: RoomWorkspace, person: Asker) -> str:
        found = self._worker_of(workspace, person.name)
        return found or self._made(workspace, person)

    def _worker_of(self, workspace: RoomWorkspace, name: str) -> str | None:
        with asking(f"find the Worker {name!r}"):
            listed = self._workers(workspace).list(friendly_name=name)
        return next((str(each.sid) for each in listed if each.friendly_name == name), None)

    def _made(self, workspace: RoomWorkspace, person: Asker) -> str:
        """A Worker who can be asked at once; an instructor looks on until they say otherwise."""
        activity = "Offline" if person.instructor else "Available"
        attributes = {"languages": list(LANGUAGES[len(self._members) % len(LANGUAGES)])}
        try:
            with (
                self._journal() as journal,
                asking(f"make the Worker {person.name!r}"),
                journal.making(PartKind.WORKER, person.name, workspace_sid=workspace.sid) as note,
            ):
                made = self._workers(workspace).create(
                    friendly_name=person.name,
                    attributes=json.dumps(attributes),
                    activity_sid=workspace.activities[activity],
                )
                note(str(made.sid))
        except TaskRouterError:
            found = self._worker_of(workspace, person.name)  # somebody else made it meanwhile
            if found is None:
                raise
            return found
        return str(made.sid)

    def _workers(self, workspace: RoomWorkspace) -> Any:
        return self._upstream.client.taskrouter.v1.workspaces(workspace.sid).workers
