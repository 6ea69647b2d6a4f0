"""Finds what there is to take back in an account: what the lab has made and changed there, as it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from labkit import limits
from labkit.account.memory import AccountMemory
from labkit.account.remembered import CallbackRecord, ChangedField, MadeResource, RememberedWorkspace
from labkit.display import shown
from labkit.settings import hide_passwords
from labkit.taskrouter.errors import asking, unless_gone
from labkit.workspace_file.kinds import SHAPES, PartKind
from labkit.workspace_file.planning import ORDER
from labkit.workspace_file.resources import read_field, resources_of

_NOTHING = "nothing"


class TeardownAction(StrEnum):
    """What is done with one thing; the value is the mark that it has in the list."""

    REMOVE = "-"
    SET_BACK = "~"
    LEAVE = "·"
    """somebody has changed it since"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeardownStep:
    """One thing that is taken back.

    Attributes:
        action: what is done with it.
        what: it in words, such as "Worker 'Alice'".
        sid: its SID; empty where several things go at once.
        remembered: the name under which its Workspace is remembered.
        workspace: the Workspace that it is in, in words; empty where it is one itself.
        old, new: the value that it has and the one that it will have, for eyes; for SET_BACK.
        do: does it.
        forget: has it remembered no longer.
    """

    action: TeardownAction
    what: str
    remembered: str
    sid: str = ""
    workspace: str = ""
    old: str = ""
    new: str = ""
    do: Callable[[], object] = field(repr=False, compare=False, default=lambda: None)
    forget: Callable[[], object] = field(repr=False, compare=False, default=lambda: None)


def find_steps(memory: AccountMemory, client: Any) -> Iterator[TeardownStep]:
    """Everything that there is to take back, in an order that TaskRouter accepts. What is gone already is left out.

    Args:
        memory: of the account.
        client: from `labkit.taskrouter.client.connect`.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
        AccountMemoryError: the memory cannot be read.
    """
    for known in memory.workspaces():
        own = [each for each in known.made if each.kind == PartKind.WORKSPACE and each.sid]
        for sid in _found_workspaces(known, {str(each.sid) for each in own}):
            workspace = client.taskrouter.v1.workspaces(sid)
            there = unless_gone(workspace.fetch, f"fetch the Workspace {sid}")
            if there is not None:
                yield from _InFoundWorkspace(memory, known, workspace, there).steps()
        for each in own:
            yield from _own_workspace(memory, known, client.taskrouter.v1.workspaces(each.sid))


def _found_workspaces(known: RememberedWorkspace, own: set[str]) -> list[str]:
    """The SIDs of those that were there before the lab, and in which it did something."""
    sids = [each.workspace_sid for each in known.callbacks]
    sids += [each.workspace_sid for each in known.changed]
    sids += [each.workspace_sid for each in known.made]
    return [each for each in dict.fromkeys(sids) if each and each not in own]


def _own_workspace(memory: AccountMemory, known: RememberedWorkspace, workspace: Any) -> Iterator[TeardownStep]:
    found = unless_gone(workspace.fetch, f"fetch the Workspace {known.name!r}")
    if found is not None:
        yield TeardownStep(
            action=TeardownAction.REMOVE,
            what=f"Workspace {found.friendly_name!r}",
            remembered=known.name,
            sid=found.sid,
            do=workspace.delete,
            forget=lambda: memory.forget(known.name, sid=found.sid),
        )


class _InFoundWorkspace:
    """A Workspace that was there before the lab, where only what the lab did is taken back."""

    def __init__(self, memory: AccountMemory, known: RememberedWorkspace, workspace: Any, found: Any) -> None:
        self._memory = memory
        self._known = known
        self._workspace = workspace
        self._sid = found.sid
        self._name = f"Workspace {found.friendly_name!r}"
        self._lists = resources_of(workspace)

    def steps(self) -> Iterator[TeardownStep]:
        """Values first, for they may name what goes; then what names others before what it names."""
        for callback in self._known.callbacks:
            if callback.workspace_sid == self._sid and not self._known.is_made(callback.sid):
                yield from self._callback(callback)
        for change in self._known.changed:
            if change.workspace_sid == self._sid:
                yield from self._field(change)
        made = [each for each in self._known.made if each.workspace_sid == self._sid and each.sid]
        for kind in reversed(ORDER):
            yield from self._made(kind, {str(each.sid): each for each in made if each.kind == kind})

    def _callback(self, known: CallbackRecord) -> Iterator[TeardownStep]:
        is_workflow = known.kind == PartKind.WORKFLOW
        field_name = "assignment_callback_url" if is_workflow else "event_callback_url"
        resource = self._workspace.workflows(known.sid) if is_workflow else self._workspace
        found = unless_gone(resource.fetch, f"fetch the {known.kind} {known.sid}")
        now = getattr(found, field_name, None) or ""
        if found is not None and known.is_ours(now):
            what = (
                f"assignment callback URL of Workflow {found.friendly_name!r}" if is_workflow else "event callback URL"
            )
            yield self._step(
                TeardownAction.SET_BACK,
                what,
                sid=known.sid,
                old=hide_passwords(now),
                new=hide_passwords(known.found) or _NOTHING,
                do=lambda: resource.update(**{field_name: known.found}),
                forget=lambda: self._memory.forget_callback(self._known.name, sid=known.sid),
            )

    def _field(self, change: ChangedField) -> Iterator[TeardownStep]:
        resource = self._resource(change)
        found = unless_gone(resource.fetch, f"fetch {change.kind} {change.name}")
        now = read_field(found, change.field) if found is not None else change.before
        if now == change.before:
            return
        yield self._step(
            TeardownAction.SET_BACK if change.is_ours(now) else TeardownAction.LEAVE,
            f"{change.field} of {change.kind} {change.name!r}" if change.name else change.field,
            sid=change.sid,
            old=_told(now),
            new=_told(change.before),
            do=lambda: resource.update(**{change.field: "" if change.before is None else change.before}),
            forget=lambda: self._memory.forget_change(self._known.name, change),
        )

    def _resource(self, change: ChangedField) -> Any:
        if change.worker_sid:
            return self._workspace.workers(change.worker_sid).worker_channels(change.sid)
        kind = PartKind(change.kind)
        return self._workspace if kind is PartKind.WORKSPACE else self._lists[kind](change.sid)

    def _made(self, kind: PartKind, made: dict[str, MadeResource]) -> Iterator[TeardownStep]:
        if not made or kind is PartKind.WORKSPACE:
            return
        with asking(f"list all of kind {kind}"):
            there = {each.sid: each for each in self._lists[kind].list(page_size=limits.MAX_PAGE_SIZE)}
        for each in (there[sid] for sid in reversed(made) if sid in there):
            what = f"{kind} {getattr(each, SHAPES[kind].name)!r}"
            if kind is PartKind.WORKFLOW:
                yield from self._tasks(each.sid, what)
            yield self._removal(kind, what, each.sid)

    def _removal(self, kind: PartKind, what: str, sid: str) -> TeardownStep:
        return self._step(
            TeardownAction.REMOVE,
            what,
            sid=sid,
            do=self._lists[kind](sid).delete,
            forget=lambda: self._memory.forget(self._known.name, sid=sid),
        )

    def _tasks(self, workflow_sid: str, workflow: str) -> Iterator[TeardownStep]:
        """A Workflow that Tasks follow cannot go; those of the lab's Workflow came by it."""
        with asking(f"list the Tasks of {workflow}"):
            tasks = self._workspace.tasks.list(workflow_sid=workflow_sid, page_size=limits.MAX_PAGE_SIZE)
        if tasks:
            what = f"the Task of {workflow}" if len(tasks) == 1 else f"the {len(tasks)} Tasks of {workflow}"
            yield self._step(TeardownAction.REMOVE, what, do=lambda: self._remove_tasks([each.sid for each in tasks]))

    def _remove_tasks(self, sids: list[str]) -> None:
        for sid in sids:
            unless_gone(self._workspace.tasks(sid).delete, f"delete Task {sid}")

    def _step(self, action: TeardownAction, what: str, **more: Any) -> TeardownStep:
        workspace = f"{self._name} ({self._sid})"
        return TeardownStep(action=action, what=what, remembered=self._known.name, workspace=workspace, **more)


def _told(value: Any) -> str:
    return _NOTHING if value in (None, "") else hide_passwords(shown(value, most=100))
