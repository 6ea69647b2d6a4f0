"""A Workspace file as a Workspace that days can be played in."""

from __future__ import annotations

import os
from typing import Any

from labkit.arguments import expanded
from labkit.attributes import compact_json
from labkit.engine import commands as c
from labkit.errors import Refusal, WorkspaceFileError
from labkit.simulation.furnishing import Furnished, Furnisher
from labkit.workspace_file import references
from labkit.workspace_file.document import Document, Part, PartKey
from labkit.workspace_file.file import read_text
from labkit.workspace_file.kinds import ACTIVITY_FIELDS, PartKind, key_of

_ORDER = (PartKind.ACTIVITY, PartKind.TASK_CHANNEL, PartKind.WORKER, PartKind.TASK_QUEUE, PartKind.WORKFLOW)
"""What is named comes before what names it."""


def furnish(
    path: str | os.PathLike[str], *, workers: int, workflow: str | None = None, task_channel: str = "default"
) -> Furnished:
    """The Workspace that a file says, with all of its Workers at work.

    Args:
        path: of the file.
        workers: how many Workers without attributes there are, if the file has none.
        workflow: the name of the Workflow that the calls come to; the file's first one if it is not given.
        task_channel: the unique name of the TaskChannel that they come by.

    Raises:
        WorkspaceFileError: the file cannot be used; it has no such Workflow, or no such TaskChannel.
    """
    document = Document.from_text(read_text(expanded(path, name="workspace", error=WorkspaceFileError)))
    try:
        return _WorkspaceBuilder(document).build(workers=workers, workflow=workflow, task_channel=task_channel)
    except Refusal as refusal:
        raise WorkspaceFileError(f"{path} is no Workspace that TaskRouter would take: {refusal}") from refusal


class _WorkspaceBuilder:
    def __init__(self, document: Document) -> None:
        self._document = document
        settings = next(iter(document.of(PartKind.WORKSPACE)), None)
        fields = dict(settings.fields) if settings else {}
        self._settings = {name: fields.pop(name) for name in ACTIVITY_FIELDS & fields.keys()}
        self._furnisher = Furnisher(**fields)
        self._sids: dict[PartKey, str] = {}
        state = self._furnisher.state
        for kind, records, name in (
            (PartKind.ACTIVITY, state.activities, "friendly_name"),
            (PartKind.TASK_CHANNEL, state.task_channels, "unique_name"),
        ):
            self._sids.update((PartKey(kind, getattr(each, name)), each.sid) for each in records.values())

    def build(self, *, workers: int, workflow: str | None, task_channel: str) -> Furnished:
        for kind in _ORDER:
            for part in self._document.of(kind):
                self._make(part)
            if kind is PartKind.WORKER and not self._furnisher.state.workers:
                self._furnisher.make_workers(workers)
        changes = {f"{name}_sid": self._sid(PartKind.ACTIVITY, value) for name, value in self._settings.items()}
        self._furnisher.make(c.UpdateWorkspace, sid=self._furnisher.workspace_sid, changes=changes)
        self._sid(PartKind.TASK_CHANNEL, task_channel)
        return self._furnisher.furnished(workflow_sid=self._workflow(workflow), task_channel=task_channel)

    def _workflow(self, name: str | None) -> str:
        first = next((part.name for part in self._document.of(PartKind.WORKFLOW)), None)
        if first is None:
            raise WorkspaceFileError("The file has no Workflow, so no call would come to anybody. Give it one.")
        return self._sid(PartKind.WORKFLOW, name or first)

    def _make(self, part: Part) -> None:
        if part.key in self._sids:
            return  # one of those that every Workspace has
        made = self._furnisher.make(_CREATE[part.kind], **self._arguments(part))
        self._sids[part.key] = made.sid
        if part.kind is PartKind.WORKER:
            self._set_channels(made.sid, part.fields.get("channels", {}))

    def _arguments(self, part: Part) -> dict[str, Any]:
        fields = {name: value for name, value in part.fields.items() if name not in ("channels", "activity")}
        if part.kind is PartKind.TASK_CHANNEL:
            fields.update(unique_name=part.name, friendly_name=fields.get("friendly_name", part.name))
        else:
            fields["friendly_name"] = part.name
        return dict(self._argument(name, value) for name, value in fields.items())

    def _argument(self, name: str, value: Any) -> tuple[str, Any]:
        if name in ACTIVITY_FIELDS:
            return f"{name}_sid", None if value is None else self._sid(PartKind.ACTIVITY, value)
        if name == "attributes":
            return name, compact_json(value)
        if name == "configuration":
            return name, compact_json(references.rebuilt(value, queue=self._queue, text=self._text))
        return name, self._text(value) if name == "target_workers" else value

    def _set_channels(self, worker_sid: str, channels: dict[str, dict[str, Any]]) -> None:
        state = self._furnisher.state
        for name, settings in channels.items():
            channel = state.workers[worker_sid].channels[self._sid(PartKind.TASK_CHANNEL, name)]
            changes = {{"capacity": "configured_capacity"}.get(key, key): value for key, value in settings.items()}
            self._furnisher.make(c.UpdateWorkerChannel, worker_sid=worker_sid, sid=channel.sid, changes=changes)

    def _queue(self, name: str) -> str:
        return self._sid(PartKind.TASK_QUEUE, name)

    def _text(self, text: str) -> str:
        return references.unnamed(text, lambda key: self._sid(key.kind, key.name))

    def _sid(self, kind: PartKind, name: str) -> str:
        found = self._sids.get(PartKey(kind, key_of(kind, name)))
        if found is None:
            known = ", ".join(sorted(key.name for key in self._sids if key.kind is kind)) or "none"
            raise WorkspaceFileError(f"There is no {kind} {name!r} in this Workspace; there are: {known}.")
        return found


_CREATE: dict[PartKind, type[c.Command]] = {
    PartKind.ACTIVITY: c.CreateActivity,
    PartKind.TASK_CHANNEL: c.CreateTaskChannel,
    PartKind.WORKER: c.CreateWorker,
    PartKind.TASK_QUEUE: c.CreateTaskQueue,
    PartKind.WORKFLOW: c.CreateWorkflow,
}
