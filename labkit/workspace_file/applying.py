"""A plan carried out through the SDK, one request after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from labkit.attributes import compact_json
from labkit.errors import TaskRouterError, WorkspaceFileError
from labkit.taskrouter.errors import asking
from labkit.workspace_file import references
from labkit.workspace_file.document import Part, PartKey
from labkit.workspace_file.journal import Journal, ResourcePlace
from labkit.workspace_file.kinds import ACTIVITY_FIELDS, SHAPES, PartKind
from labkit.workspace_file.plan import Change, Plan, PlanStep
from labkit.workspace_file.resources import resources_of

_DOING = {PlanStep.ADD: "create", PlanStep.CHANGE: "update", PlanStep.REMOVE: "delete"}


def apply(
    plan: Plan, client: Any, workspace_sid: str, *, sids: dict[PartKey, str], journal: Journal | None = None
) -> Plan:
    """Make the changes of a plan.

    Args:
        plan: from `planning.plan`.
        client: from `labkit.taskrouter.client.connect`.
        workspace_sid: the Workspace that was planned for.
        sids: the SID of everything that is in it; what is made is added.
        journal: hears of each change before it is made; without it nobody does.

    Returns:
        The plan, done.

    Raises:
        WorkspaceFileError: there is an obstacle; nothing was changed.
        TaskRouterError: TaskRouter refused one of the changes, or did not answer; says how many had been made.
    """
    if plan.obstacles:
        raise WorkspaceFileError(f"Nothing was changed. {' '.join(plan.obstacles)}")
    doing = _Doing(client.taskrouter.v1.workspaces(workspace_sid), sids, workspace_sid, journal or Journal())
    todo = [change for change in plan.changes if change.step is not PlanStep.KEEP]
    for number, change in enumerate(todo):
        try:
            with asking(f"{_DOING[change.step]} {change.part}"):
                doing.make(change)
        except TaskRouterError as error:
            raise _stopped(error, number, len(todo)) from error
    return replace(plan, done=True)


def _stopped(error: TaskRouterError, made: int, of: int) -> TaskRouterError:
    told = (
        f"{error} {made} of {of} changes had been made by then. Mend the file or the Workspace and load it again: "
        "what is done already is not done twice."
    )
    return TaskRouterError(told, status=error.status, code=error.code)


class _Doing:
    def __init__(self, workspace: Any, sids: dict[PartKey, str], workspace_sid: str, journal: Journal) -> None:
        self._workspace = workspace
        self._sids = sids
        self._workspace_sid = workspace_sid
        self._journal = journal
        self._resources = resources_of(workspace)

    def make(self, change: Change) -> None:
        """Make one change."""
        part = change.part
        if part.kind is PartKind.WORKSPACE:
            self._set(self._workspace, self._form(part, change.fields), self._place(part, self._workspace_sid))
        elif change.step is PlanStep.ADD:
            self._add(part)
        elif change.step is PlanStep.CHANGE:
            self._update(part, change.fields)
        else:
            self._resources[part.kind](self._sids[part.key]).delete()

    def _add(self, part: Part) -> None:
        fields = list(part.fields)
        if part.kind is PartKind.WORKER:
            fields = [name for name in fields if name not in ("channels", "activity")]
        given = self._form(part, [SHAPES[part.kind].name, *fields])
        given.setdefault("friendly_name", part.name)  # a TaskChannel wants both names
        with self._journal.making(part.kind, part.name, workspace_sid=self._workspace_sid) as note:
            made = self._resources[part.kind].create(**given)
            note(made.sid)
        self._sids[part.key] = made.sid
        if part.kind is PartKind.WORKER:
            # Its channels before its Activity: an available Worker may be offered Tasks at once.
            self._set_channels(part)
            if part.fields.get("activity") not in (None, made.activity_name):
                self._update(part, ("activity",))

    def _update(self, part: Part, fields: Iterable[str]) -> None:
        if "channels" in fields:
            self._set_channels(part)
        form = self._form(part, [name for name in fields if name != "channels"])
        if form:
            sid = self._sids[part.key]
            self._set(self._resources[part.kind](sid), form, self._place(part, sid))

    def _set(self, resource: Any, form: Mapping[str, Any], place: ResourcePlace) -> None:
        self._journal.changing(place, form, read=resource.fetch)
        resource.update(**form)

    def _place(self, part: Part, sid: str) -> ResourcePlace:
        return ResourcePlace(kind=part.kind, name=part.name, sid=sid, workspace_sid=self._workspace_sid)

    def _set_channels(self, part: Part) -> None:
        wanted = part.fields.get("channels", {})
        channels = self._workspace.workers(self._sids[part.key]).worker_channels
        for each in channels.list() if wanted else ():
            settings = wanted.get(each.task_channel_unique_name, {})
            now = {"capacity": each.configured_capacity, "available": each.available}
            changed = {name: value for name, value in settings.items() if value != now[name]}
            if changed:
                self._set(channels(each.sid), changed, self._channel_place(part, each))

    def _channel_place(self, worker: Part, channel: Any) -> ResourcePlace:
        return ResourcePlace(
            kind="WorkerChannel",
            name=f"{channel.task_channel_unique_name} of {worker.name}",
            sid=channel.sid,
            workspace_sid=self._workspace_sid,
            worker_sid=self._sids[worker.key],
        )

    def _form(self, part: Part, fields: Iterable[str]) -> dict[str, Any]:
        """The SDK's arguments for these fields."""
        own = {**part.fields, SHAPES[part.kind].name: part.name}
        return dict(self._argument(name, own[name]) for name in fields)

    def _argument(self, name: str, value: Any) -> tuple[str, Any]:
        if name in ACTIVITY_FIELDS:
            return f"{name}_sid", "" if value is None else self._sids[PartKey(PartKind.ACTIVITY, value)]
        if name == "attributes":
            return name, compact_json(value)
        if name == "configuration":
            return name, compact_json(references.rebuilt(value, queue=self._queue, text=self._text))
        return name, self._text(value) if name == "target_workers" else value

    def _queue(self, name: str) -> str:
        return self._sids[PartKey(PartKind.TASK_QUEUE, name)]

    def _text(self, text: str) -> str:
        sid_of: Callable[[PartKey], str] = self._sids.__getitem__
        return references.unnamed(text, sid_of)
