"""The room's Workspace: found by its name or made, with all in it that `room.yaml` says. Blocks: for threads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.taskrouter.errors import asking
from labkit.workspace_file import Document
from labkit.workspace_file.applying import apply
from labkit.workspace_file.document import PartKey
from labkit.workspace_file.file import read_text
from labkit.workspace_file.kinds import PartKind
from labkit.workspace_file.plan import PlanStep
from labkit.workspace_file.planning import plan
from labkit.workspace_file.reading import Standing, read_what_is_wanted

if TYPE_CHECKING:
    from twilio.rest import Client

NAME = "The room"
"""The Workspace's, where nobody says another."""
FILE = Path(__file__).with_name("room.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWorkspace:
    """Where everybody works.

    Attributes:
        sid, name: the Workspace's.
        workflow_sid, workflow_name: of the Workflow that callers come in by.
        activities: SID by name.
    """

    sid: str
    name: str
    workflow_sid: str
    workflow_name: str
    activities: dict[str, str]


def found_or_made(client: Client, *, name: str = NAME, events_url: str = "") -> RoomWorkspace:
    """The Workspace of this name, with all that the room needs; what is missing is made.

    Args:
        client: of the account.
        name: friendly name of the Workspace.
        events_url: where TaskRouter tells of its Events; empty leaves that as it is.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    sid = _sid_of(client, name) or _made(client, name)
    wanted = Document.from_text(read_text(FILE))
    now = read_what_is_wanted(client, sid, wanted)
    _complete(client, sid, now=now, wanted=wanted)
    if events_url:
        with asking("have Events told"):
            client.taskrouter.v1.workspaces(sid).update(event_callback_url=events_url, events_filter="")
    workflow = next(wanted.of(PartKind.WORKFLOW))
    activities = {key.name: sid for key, sid in now.sids.items() if key.kind is PartKind.ACTIVITY}
    return RoomWorkspace(
        sid=sid,
        name=name,
        workflow_sid=now.sids[workflow.key],
        workflow_name=workflow.name,
        activities=activities,
    )


def _sid_of(client: Client, name: str) -> str | None:
    with asking(f"find the Workspace {name!r}"):
        found = client.taskrouter.v1.workspaces.list(friendly_name=name)
    return next((str(each.sid) for each in found if each.friendly_name == name), None)


def _made(client: Client, name: str) -> str:
    with asking(f"create the Workspace {name!r}"):
        made = client.taskrouter.v1.workspaces.create(friendly_name=name, multi_task_enabled=True, template="NONE")
    return str(made.sid)


def _complete(client: Client, sid: str, *, now: Standing, wanted: Document) -> None:
    """Make what is missing, and leave what was changed; the SIDs of what is made are added to `now`."""
    changes = plan(now.document, wanted)
    todo = replace(
        changes, changes=tuple(each for each in changes.changes if each.step is PlanStep.ADD and not each.obstacle)
    )
    sids: dict[PartKey, str] = now.sids
    apply(todo, client, sid, sids=sids)
