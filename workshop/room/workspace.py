"""The room's Workspace: found by its name or made, with all in it that `room.yaml` says. Blocks: for threads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from labkit.taskrouter.errors import asking
from labkit.workspace_file import Document
from labkit.workspace_file.applying import apply
from labkit.workspace_file.file import read_text
from labkit.workspace_file.journal import Journal, ResourcePlace
from labkit.workspace_file.kinds import PartKind
from labkit.workspace_file.new_workspace import new_workspace
from labkit.workspace_file.plan import Plan, PlanStep
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNeeds:
    """What a Workspace lacks of what the room needs.

    Attributes:
        sid, name: the Workspace's; no SID where it is to be made.
        changes: what is to be made in it; what somebody has changed is left.
        now: what it has; where it is to be made, what a new one has.
    """

    sid: str | None
    name: str
    changes: Plan
    now: Standing


def look_for(client: Client, *, name: str = NAME) -> RoomNeeds:
    """Find out what `found_or_made` would make, and change nothing. Arguments and errors as there."""
    return _needs(client, _sid_of(client, name), name=name)


def found_or_made(
    client: Client, *, name: str = NAME, events_url: str = "", journal: Journal | None = None
) -> RoomWorkspace:
    """The Workspace of this name, with all that the room needs; what is missing is made.

    Args:
        client: of the account.
        name: friendly name of the Workspace.
        events_url: where TaskRouter tells of its Events; empty leaves that as it is.
        journal: hears of everything before it is done; without it nobody does.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    journal = journal or Journal()
    needs = look_for(client, name=name)
    if needs.sid is None:
        needs = _needs(client, _made(client, name, journal), name=name)
    sid, sids = str(needs.sid), needs.now.sids
    apply(needs.changes, client, sid, sids=sids, journal=journal)
    if events_url:
        _have_events_told(client, needs, url=events_url, journal=journal)
    workflow = next(_wanted().of(PartKind.WORKFLOW))
    activities = {key.name: sid for key, sid in sids.items() if key.kind is PartKind.ACTIVITY}
    return RoomWorkspace(
        sid=sid,
        name=name,
        workflow_sid=sids[workflow.key],
        workflow_name=workflow.name,
        activities=activities,
    )


def _wanted() -> Document:
    return Document.from_text(read_text(FILE))


def _needs(client: Client, sid: str | None, *, name: str) -> RoomNeeds:
    wanted = _wanted()
    now = read_what_is_wanted(client, sid, wanted) if sid else Standing(new_workspace(), {})
    changes = plan(now.document, wanted)
    missing = (each for each in changes.changes if each.step is PlanStep.ADD and not each.obstacle)
    return RoomNeeds(sid=sid, name=name, changes=replace(changes, changes=tuple(missing)), now=now)


def _have_events_told(client: Client, needs: RoomNeeds, *, url: str, journal: Journal) -> None:
    workspace = client.taskrouter.v1.workspaces(str(needs.sid))
    place = ResourcePlace(kind=PartKind.WORKSPACE, name=needs.name, sid=str(needs.sid), workspace_sid=str(needs.sid))
    form = {"event_callback_url": url, "events_filter": ""}
    with asking("have Events told"):
        journal.changing(place, form, read=workspace.fetch)
        workspace.update(event_callback_url=url, events_filter="")


def _sid_of(client: Client, name: str) -> str | None:
    with asking(f"find the Workspace {name!r}"):
        found = client.taskrouter.v1.workspaces.list(friendly_name=name)
    return next((str(each.sid) for each in found if each.friendly_name == name), None)


def _made(client: Client, name: str, journal: Journal) -> str:
    with (
        asking(f"create the Workspace {name!r}"),
        journal.making(PartKind.WORKSPACE, name, workspace_sid="") as note,
    ):
        made = client.taskrouter.v1.workspaces.create(friendly_name=name, multi_task_enabled=True, template="NONE")
        note(str(made.sid))
    return str(made.sid)
