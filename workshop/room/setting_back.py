"""What the instructor sets back: the scene in the room's Workspace, and participants' notebooks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labkit.display import counted
from labkit.taskrouter.clearing import clear_tasks
from labkit.taskrouter.errors import asking
from labkit.taskrouter.workspace_client import WorkspaceClient
from workshop.participant_home import ParticipantHome
from workshop.room.refusals import NotReachable, NotThere, NotUsable
from workshop.room.workspace import RoomWorkspace
from workshop.settings import Workshop, WorkshopError

if TYPE_CHECKING:
    from twilio.rest import Client

    from workshop.room.state import RoomState

ELSEWHERE = (
    "The participants' notebooks are on another machine than the room's service. On a cluster each participant deletes "
    "theirs, and the next start of their server lays new ones."
)


async def scene(room: RoomState) -> str:
    """End every Task, and have every participant who is there Available, and all others Offline, as when they came in.

    Returns:
        What was done, in a sentence.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer; what was done before stays done.
    """
    workspace = await room.membership.workspace()
    present = frozenset(stream.name for stream in room.streams if not stream.instructor)
    return await asyncio.to_thread(_scene, room.upstream.client, workspace, present)


async def people(room: RoomState, asked: Mapping[str, Any]) -> str:
    """Give one or all new copies of the notebooks; what was there is renamed. What was done, in a sentence.

    Args:
        room: whose.
        asked: `{"name": …}` or `{"everyone": true}`.

    Raises:
        NotUsable: the machine is another one.
        NotThere: nobody is called so, or no name was given.
        NotReachable: a folder cannot be used; the message says whose and why.
    """
    workshop = room.settings.workshop
    if workshop is None:
        raise NotUsable(ELSEWHERE)
    everyone = asked.get("everyone") is True
    names, name = _names(workshop), asked.get("name")
    if not everyone:
        if name not in names:
            raise NotThere(f"participant {name!r}")
        names = [str(name)]
    try:
        for each in names:
            await asyncio.to_thread(ParticipantHome(workshop, each).set_back)
    except WorkshopError as error:
        raise NotReachable(str(error)) from None
    who = counted(len(names), "participant") if everyone else names[0]
    return (
        f"New notebooks for {who}; the old ones are kept beside them. What was ticked stays ticked. "
        "Whoever has one open reloads the page, or chooses Revert when JupyterLab asks."
    )


def _names(workshop: Workshop) -> list[str]:
    """Whoever has a folder; one that begins with a dot is nobody's."""
    if not workshop.people.is_dir():
        return []
    return sorted(path.name for path in workshop.people.iterdir() if path.is_dir() and not path.name.startswith("."))


def _scene(client: Client, workspace: RoomWorkspace, present: frozenset[str]) -> str:
    cleared = clear_tasks(WorkspaceClient(client, workspace.sid))
    workers = client.taskrouter.v1.workspaces(workspace.sid).workers
    with asking("list the Workers"):
        listed = workers.list()
    moved = 0
    for worker in listed:
        wanted = workspace.activities["Available" if worker.friendly_name in present else "Offline"]
        if worker.activity_sid != wanted:
            with asking(f"set the Activity of {worker.friendly_name!r}"):
                workers(worker.sid).update(activity_sid=wanted)
            moved += 1
    return f"{cleared.headline} {counted(moved, 'Worker')} {'has' if moved == 1 else 'have'} another Activity again."
