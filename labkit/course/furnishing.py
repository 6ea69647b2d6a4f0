"""A lesson's Workspace, found or made, with all in it that the lesson needs.

What the lesson needs is put right again whenever its first cell runs: what is missing is made, and what was changed is
set back. What goes on in the Workspace is left: its Tasks, the Activities of its Workers, and what the learner added.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labkit import limits
from labkit.course.lesson_names import FIRST
from labkit.course.lessons import LESSONS
from labkit.taskrouter import quickstart
from labkit.taskrouter.errors import asking
from labkit.workspace_file import Document
from labkit.workspace_file.applying import apply
from labkit.workspace_file.document import Part
from labkit.workspace_file.file import read_text
from labkit.workspace_file.kinds import PartKind
from labkit.workspace_file.plan import Change, PlanStep
from labkit.workspace_file.planning import plan
from labkit.workspace_file.reading import read_first_of_each_name

FIFO = "fifo"
"""The Workspace file of a lesson whose Workspace begins by Twilio's template of that name, and is the learner's then:
nothing in it is set back."""
_FILES = Path(__file__).parent / "workspaces"
_SHOWN = (PartKind.WORKER, PartKind.TASK_QUEUE, PartKind.WORKFLOW)
_MANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FurnishedWorkspace:
    """The Workspace that a lab works in.

    Attributes:
        workspace_sid, workspace_name: of the Workspace.
        workflow_sid, workflow_name: of the Workflow that calls the lab.
        made: what was put back, such as "the Worker Alice"; nothing of a Workspace that is new.
        said: what was prepared, as a sentence; empty where all was there.
    """

    workspace_sid: str
    workspace_name: str
    workflow_sid: str
    workflow_name: str
    made: tuple[str, ...] = ()
    said: str = ""


def furnish(
    client: Any, *, workspace_name: str, lesson: str | None = None, put_right: bool = True
) -> FurnishedWorkspace:
    """Find the Workspace of this name and all that belongs into it, and make what is missing.

    Where all is there, a lesson's own costs eight requests and one for each Worker, the quickstart's five.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_name: friendly name, 1 to 64 characters.
        lesson: whose Workspace it is; that of the first one, and where there is none, has what Twilio's quickstart has.
        put_right: whether in a lesson's own Workspace what was changed is set back; in the quickstart's it is left.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    if lesson is None or lesson == FIRST:
        return _furnish_quickstart(client, workspace_name, lesson)
    wanted, own = document_of(lesson), LESSONS[lesson].workspace == FIFO
    sid, is_new = quickstart.find_or_create_workspace(client, workspace_name, template="FIFO" if own else "NONE")
    workflows = _workflows(client, sid) if own else []
    made = [] if workflows else _put(client, sid, wanted, back=put_right and not own)
    workflow_sid, workflow_name = _first(workflows or _workflows(client, sid), wanted)
    return FurnishedWorkspace(
        workspace_sid=sid,
        workspace_name=workspace_name,
        workflow_sid=workflow_sid,
        workflow_name=workflow_name,
        made=() if is_new else tuple(made),
        said=_said(workspace_name, wanted, made, is_new=is_new),
    )


def document_of(lesson: str) -> Document:
    """What a lesson's Workspace has in it at first."""
    name = LESSONS[lesson].workspace
    if name is None:
        return _quickstart_document()
    return Document.from_text(read_text(_FILES / f"{name}.yaml"))


def _furnish_quickstart(client: Any, workspace_name: str, lesson: str | None) -> FurnishedWorkspace:
    found = quickstart.provision(client, workspace_name=workspace_name)
    is_told = lesson is not None or not found.is_new
    return FurnishedWorkspace(
        workspace_sid=found.workspace_sid,
        workspace_name=workspace_name,
        workflow_sid=found.workflow_sid,
        workflow_name=found.workflow_name,
        made=found.made,
        said=_said(workspace_name, _quickstart_document(), found.made, is_new=found.is_new) if is_told else "",
    )


def _quickstart_document() -> Document:
    """The quickstart's Workspace as a Workspace file would have it."""
    queues = {quickstart.task_queue_name(language): code for language, code in quickstart.LANGUAGES.items()}
    workflow = {
        "friendly_name": quickstart.WORKFLOW_NAME,
        "task_reservation_timeout": quickstart.RESERVATION_TIMEOUT_SECONDS,
        "configuration": quickstart.workflow_configuration({name: name for name in queues}),
    }
    values = {
        "version": 1,
        "activities": [
            {"friendly_name": name, "available": available} for name, available in quickstart.ACTIVITIES.items()
        ],
        "workers": [
            {"friendly_name": name, "activity": "Offline", "attributes": dict(attributes)}
            for name, attributes in quickstart.WORKERS.items()
        ],
        "task_queues": [
            {"friendly_name": name, "target_workers": f'languages HAS "{code}"'} for name, code in queues.items()
        ],
        "workflows": [workflow],
    }
    return Document.from_text(json.dumps(values))  # JSON is YAML as well


def _put(client: Any, workspace_sid: str, wanted: Document, *, back: bool) -> list[str]:
    """Make what is missing, and set back what was changed if `back`; what that was."""
    now = read_first_of_each_name(client, workspace_sid)
    there = {
        key: part for key, part in now.document.parts.items() if key in wanted.parts or part.kind in _NAMED_BY_OTHERS
    }
    changes = plan(Document(there), wanted)
    todo = [each for each in map(_without_activity, changes.changes) if _is_wanted(each, back=back)]
    apply(replace(changes, changes=tuple(todo)), client, workspace_sid, sids=now.sids)
    return [_named(each) for each in todo]


_NAMED_BY_OTHERS = (PartKind.ACTIVITY, PartKind.TASK_CHANNEL, PartKind.WORKSPACE)


def _without_activity(change: Change) -> Change:
    """In which Activity a Worker is, is what goes on, not what the lesson needs."""
    if change.step is not PlanStep.CHANGE or change.part.kind is not PartKind.WORKER:
        return change
    return replace(change, fields=tuple(name for name in change.fields if name != "activity"))


def _is_wanted(change: Change, *, back: bool) -> bool:
    if change.obstacle:
        return False
    return change.step is PlanStep.ADD or (back and change.step is PlanStep.CHANGE and bool(change.fields))


def _named(change: Change) -> str:
    part = change.part
    whole = f"the {part.kind} {part.name}".rstrip()
    return whole if change.step is PlanStep.ADD else f"{' and '.join(change.fields)} of {whole}"


def _workflows(client: Any, workspace_sid: str) -> list[tuple[str, str]]:
    workflows = client.taskrouter.v1.workspaces(workspace_sid).workflows
    with asking("list the Workflows"):
        return [(each.sid, each.friendly_name) for each in workflows.list(page_size=limits.MAX_PAGE_SIZE)]


def _first(workflows: list[tuple[str, str]], wanted: Document) -> tuple[str, str]:
    """SID and name of the Workspace file's first Workflow; of any, where the learner has given it another name."""
    name = next(part.name.casefold() for part in wanted.of(PartKind.WORKFLOW))
    return next((each for each in workflows if each[1].casefold() == name), workflows[0])


def _said(name: str, wanted: Document, made: Sequence[str], *, is_new: bool) -> str:
    if is_new:
        parts = [_counted(kind, list(wanted.of(kind))) for kind in _SHOWN]
        return f'Prepared the Workspace "{name}" with {_listed(list(filter(None, parts)))}.'
    changed = any(not each.startswith("the ") for each in made)
    back = "Put back what was missing or changed" if changed else "Put back what was missing"
    return f"{back}: {', '.join(made)}." if made else ""


def _counted(kind: PartKind, parts: list[Part]) -> str:
    if len(parts) > _MANY:
        return f"{len(parts)} {kind}s"
    return f"the {kind}{'s' if len(parts) > 1 else ''} {_listed([part.name for part in parts])}" if parts else ""


def _listed(texts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))
