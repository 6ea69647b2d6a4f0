"""A lesson's Workspace, or the quickstart's, found or made, with all in it that belongs there.

What would be done is found out first (`prepare`), and can be shown; what is done (`carry_out`) is just that.
A lesson's Workspace is put right again whenever its first cell runs: what is missing is made, and what was changed is
set back. What goes on in it is left: its Tasks, the Activities of its Workers, and what the learner added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from labkit import limits
from labkit.course.lesson_names import has_own_workspace
from labkit.course.wanted_workspace import begins_by_template, document_of
from labkit.taskrouter.errors import asking
from labkit.workspace_file import Document, Plan
from labkit.workspace_file.applying import apply
from labkit.workspace_file.document import Part, PartKey
from labkit.workspace_file.journal import Journal
from labkit.workspace_file.kinds import PartKind
from labkit.workspace_file.new_workspace import new_workspace
from labkit.workspace_file.plan import Change, PlanStep
from labkit.workspace_file.planning import plan
from labkit.workspace_file.reading import Standing, read_what_is_wanted

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnishing:
    """What is to be done so that a Workspace has all that belongs into it.

    Attributes:
        workspace_sid: of the Workspace; None where it is to be made.
        workspace_name: its friendly name.
        lesson: whose it is; None for the quickstart's, of no lesson.
        put_right: whether what was changed is set back as well.
        changes: what is to be made and set back in it.
        now: what it has of that; where it is to be made, what a new one has.
    """

    workspace_sid: str | None
    workspace_name: str
    lesson: str | None
    put_right: bool
    changes: Plan
    now: Standing = field(repr=False)

    @property
    def template(self) -> str:
        """What a new Workspace begins with, `NONE` or `FIFO` (docs: /docs/taskrouter/api/workspace)."""
        return "FIFO" if begins_by_template(self.lesson) else "NONE"

    @property
    def workflow(self) -> tuple[str | None, str]:
        """SID and name of the Workflow that calls the lab: the first that belongs there; any where that is the
        learner's and has another name. None where it is to be made."""
        first = next(document_of(self.lesson).of(PartKind.WORKFLOW))
        workflows = {_in_any_letters(key): key for key in self.now.sids if key.kind is PartKind.WORKFLOW}
        key = workflows.get(_in_any_letters(first.key)) or next(iter(workflows.values()), first.key)
        return self.now.sids.get(key), self.now.document.parts.get(key, first).name

    @property
    def named(self) -> tuple[str, ...]:
        """What is to be made and set back in it, such as "the Worker Alice"."""
        return tuple(_named(each) for each in self.changes.changes)

    def __bool__(self) -> bool:
        return self.workspace_sid is None or bool(self.changes)


def furnish(
    client: Any, *, workspace_name: str, lesson: str | None = None, put_right: bool = True
) -> FurnishedWorkspace:
    """Find the Workspace of this name and all that belongs into it, and make what is missing: `prepare`, done.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_name: friendly name, 1 to 64 characters.
        lesson: whose Workspace it is; that of the first one, and where there is none, has what Twilio's quickstart has.
        put_right: whether in a lesson's own Workspace what was changed is set back; in the quickstart's it is left.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    return carry_out(prepare(client, workspace_name=workspace_name, lesson=lesson, put_right=put_right), client)


def prepare(client: Any, *, workspace_name: str, lesson: str | None = None, put_right: bool = True) -> Furnishing:
    """Find out what `furnish` would do, and change nothing. Arguments and errors as there.

    It costs a request for the Workspace, and where there is one, a list for each kind of thing that belongs into it,
    and for lessons that speak of channels one for each Worker: five for the quickstart's.
    """
    with asking(f"find the Workspace {workspace_name!r}"):
        found = client.taskrouter.v1.workspaces.list(friendly_name=workspace_name, page_size=limits.MAX_PAGE_SIZE)
    sid = next((each.sid for each in found if each.friendly_name.casefold() == workspace_name.casefold()), None)
    return _prepared(client, sid, workspace_name=workspace_name, lesson=lesson, put_right=put_right)


def prepared_for_empty_account(*, workspace_name: str, lesson: str | None = None) -> Furnishing:
    """What `furnish` would do where there is no Workspace yet; nobody is asked."""
    return _prepared(None, None, workspace_name=workspace_name, lesson=lesson, put_right=True)


def carry_out(furnishing: Furnishing, client: Any, *, journal: Journal | None = None) -> FurnishedWorkspace:
    """Do what was found out.

    Args:
        furnishing: from `prepare`.
        client: as there.
        journal: hears of everything before it is done; without it nobody does.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
    """
    is_new, name = furnishing.workspace_sid is None, furnishing.workspace_name
    if is_new:
        furnishing = _in_new_workspace(furnishing, client, journal or Journal())
    sid, wanted = str(furnishing.workspace_sid), document_of(furnishing.lesson)
    apply(furnishing.changes, client, sid, sids=furnishing.now.sids, journal=journal)
    workflow_sid, workflow_name = furnishing.workflow
    made = furnishing.named
    is_told = furnishing.lesson is not None or not is_new
    return FurnishedWorkspace(
        workspace_sid=sid,
        workspace_name=name,
        workflow_sid=str(workflow_sid),
        workflow_name=workflow_name,
        made=() if is_new else made,
        said=_said(name, wanted, made, is_new=is_new) if is_told else "",
    )


def _prepared(client: Any, sid: str | None, *, workspace_name: str, lesson: str | None, put_right: bool) -> Furnishing:
    wanted, own = document_of(lesson), begins_by_template(lesson)
    if sid is None:
        now = Standing(new_workspace("FIFO" if own else "NONE"), {})
    else:
        now = _by_wanted_names(read_what_is_wanted(client, sid, wanted), wanted)
    back = put_right and not own and has_own_workspace(lesson)
    is_learners = own and any(now.document.of(PartKind.WORKFLOW))
    return Furnishing(
        workspace_sid=sid,
        workspace_name=workspace_name,
        lesson=lesson,
        put_right=put_right,
        changes=Plan(()) if is_learners else _changes(now.document, wanted, back=back),
        now=now,
    )


def _in_new_workspace(furnishing: Furnishing, client: Any, journal: Journal) -> Furnishing:
    """Make the Workspace; what is to be done in it, now that it can be seen."""
    name = furnishing.workspace_name
    with asking(f"create the Workspace {name!r}"), journal.making("Workspace", name, workspace_sid="") as note:
        made = client.taskrouter.v1.workspaces.create(
            friendly_name=name, multi_task_enabled=True, template=furnishing.template
        )
        note(made.sid)
    return _prepared(client, made.sid, workspace_name=name, lesson=furnishing.lesson, put_right=furnishing.put_right)


_NAMED_BY_OTHERS = (PartKind.ACTIVITY, PartKind.TASK_CHANNEL, PartKind.WORKSPACE)


def _changes(now: Document, wanted: Document, *, back: bool) -> Plan:
    """What is missing, and what was changed if `back`."""
    there = {key: part for key, part in now.parts.items() if key in wanted.parts or part.kind in _NAMED_BY_OTHERS}
    changes = plan(Document(there), wanted)
    todo = (each for each in map(_without_activity, changes.changes) if _is_wanted(each, back=back))
    return replace(changes, changes=tuple(todo))


def _by_wanted_names(now: Standing, wanted: Document) -> Standing:
    """The same, with what has a wanted name in other letters found by that name: it is there, and not made again."""
    parts, sids = dict(now.document.parts), dict(now.sids)
    called = {_in_any_letters(key): key for key in reversed(parts)}
    for key in wanted.parts:
        other = called.get(_in_any_letters(key))
        if key not in parts and other is not None:
            parts[key], sids[key] = parts[other], sids[other]
    return Standing(Document(parts), sids)


def _in_any_letters(key: PartKey) -> PartKey:
    return PartKey(key.kind, key.name.casefold())


def _without_activity(change: Change) -> Change:
    """In which Activity a Worker is, is what goes on, not what the lesson needs."""
    if change.step is not PlanStep.CHANGE or change.part.kind is not PartKind.WORKER:
        return change
    return replace(
        change,
        fields=tuple(name for name in change.fields if name != "activity"),
        differences=tuple(each for each in change.differences if each.path != "activity"),
    )


def _is_wanted(change: Change, *, back: bool) -> bool:
    if change.obstacle:
        return False
    return change.step is PlanStep.ADD or (back and change.step is PlanStep.CHANGE and bool(change.fields))


def _named(change: Change) -> str:
    part = change.part
    whole = f"the {part.kind} {part.name}".rstrip()
    return whole if change.step is PlanStep.ADD else f"{' and '.join(change.fields)} of {whole}"


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


def _listed(texts: Iterable[str]) -> str:
    *others, last = texts
    return " and ".join(filter(None, [", ".join(others), last]))
