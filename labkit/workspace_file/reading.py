"""A Workspace read over REST into a document. Lists come in pages of 1,000; Workers' channels cost a request each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from labkit import limits
from labkit.taskrouter.errors import asking
from labkit.workspace_file import references
from labkit.workspace_file.attributes import from_json
from labkit.workspace_file.document import Document, Part, PartKey, as_data, of_workspace
from labkit.workspace_file.kinds import PartKind


@dataclass(frozen=True, slots=True)
class Standing:
    """What a Workspace holds now.

    Attributes:
        document: all of it, by name.
        sids: the SID of everything in it.
    """

    document: Document
    sids: dict[PartKey, str]


def read_workspace(client: Any, workspace_sid: str) -> Standing:
    """Read a Workspace: six lists or more, and one request for each Worker.

    Args:
        client: from `labkit.taskrouter.client.connect`.
        workspace_sid: the Workspace.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer.
        WorkspaceFileError: the Workspace holds what a file cannot, such as two Workflows of one name.
    """
    reader = _Reader(client.taskrouter.v1.workspaces(workspace_sid))
    parts = list(reader.parts())
    return Standing(of_workspace(parts), {part.key: sid for sid, part in reader.by_sid.items()})


def read_what_is_wanted(client: Any, workspace_sid: str, wanted: Document) -> Standing:
    """As `read_workspace`, but only what a document speaks of, and of two of one name the one that is listed first.

    It costs a list for each kind of thing in the document, one for the Activities, and where the document speaks of
    Workers' channels, one request more for each Worker.
    """
    channels = any("channels" in part.fields for part in wanted.of(PartKind.WORKER))
    kinds = {part.kind for part in wanted.parts.values()} | {PartKind.ACTIVITY}
    kinds |= {PartKind.TASK_CHANNEL} if channels else set()
    reader = _Reader(client.taskrouter.v1.workspaces(workspace_sid), kinds=kinds, channels=channels)
    parts: dict[PartKey, Part] = {}
    sids: dict[PartKey, str] = {}
    for part in reader.parts():
        parts.setdefault(part.key, part)
    for sid, part in reader.by_sid.items():
        sids.setdefault(part.key, sid)
    return Standing(Document(parts), sids)


def read_data(client: Any, workspace_sid: str) -> dict[str, Any]:
    """Read a Workspace as the values that a file of it would hold, whatever is in it; two of one name stand there.

    It costs as many requests as `read_workspace`, and raises the same, but for names.
    """
    return as_data(list(_Reader(client.taskrouter.v1.workspaces(workspace_sid)).parts()))


class _Reader:
    def __init__(self, workspace: Any, *, kinds: Collection[PartKind] = tuple(PartKind), channels: bool = True) -> None:
        self._workspace = workspace
        self._kinds = kinds
        self._channels = channels
        self.by_sid: dict[str, Part] = {}

    def parts(self) -> Iterator[Part]:
        """Everything of these kinds; what is named before whatever names it."""
        yield from self._listed(PartKind.ACTIVITY, self._workspace.activities, _activity)
        yield from self._listed(PartKind.TASK_CHANNEL, self._workspace.task_channels, _task_channel)
        if PartKind.WORKSPACE in self._kinds:
            yield self._settings()
        yield from self._listed(PartKind.WORKER, self._workspace.workers, self._worker)
        yield from self._listed(PartKind.TASK_QUEUE, self._workspace.task_queues, self._task_queue)
        yield from self._listed(PartKind.WORKFLOW, self._workspace.workflows, self._workflow)

    def _listed(self, kind: PartKind, resource: Any, read: Callable[[Any], Part]) -> Iterator[Part]:
        if kind not in self._kinds:
            return
        with asking(f"list all of kind {kind}"):
            found = resource.list(page_size=limits.MAX_PAGE_SIZE)
        for instance in found:
            part = read(instance)
            self.by_sid[instance.sid] = part
            yield part

    def _settings(self) -> Part:
        with asking("fetch the Workspace"):
            found = self._workspace.fetch()
        fields = {
            "multi_task_enabled": bool(found.multi_task_enabled),
            "prioritize_queue_order": str(found.prioritize_queue_order or "FIFO"),
            "default_activity": self._name(found.default_activity_sid),
            "timeout_activity": self._name(found.timeout_activity_sid),
        }
        return Part(kind=PartKind.WORKSPACE, fields=fields)

    def _worker(self, instance: Any) -> Part:
        name = instance.friendly_name
        fields = {
            "activity": self._name(instance.activity_sid),
            "attributes": from_json(instance.attributes, whose=f"the attributes of Worker {name!r}"),
            **({"channels": self._worker_channels(instance)} if self._channels else {}),
        }
        return Part(kind=PartKind.WORKER, name=name, fields=fields)

    def _worker_channels(self, worker: Any) -> dict[str, dict[str, Any]]:
        with asking(f"list the channels of Worker {worker.friendly_name}"):
            channels = self._workspace.workers(worker.sid).worker_channels.list(page_size=limits.MAX_PAGE_SIZE)
        return {
            each.task_channel_unique_name: {
                "capacity": int(each.configured_capacity or 0),
                "available": bool(each.available),
            }
            for each in channels
        }

    def _task_queue(self, instance: Any) -> Part:
        fields = {
            "target_workers": references.named(instance.target_workers or "", self.by_sid),
            "max_reserved_workers": int(instance.max_reserved_workers or 1),
            "task_order": str(instance.task_order or "FIFO"),
            "reservation_activity": self._name(instance.reservation_activity_sid),
            "assignment_activity": self._name(instance.assignment_activity_sid),
        }
        return Part(kind=PartKind.TASK_QUEUE, name=instance.friendly_name, fields=fields)

    def _workflow(self, instance: Any) -> Part:
        name = instance.friendly_name
        configuration = from_json(instance.configuration, whose=f"the configuration of Workflow {name!r}")
        fields = {
            "task_reservation_timeout": int(instance.task_reservation_timeout or 0),
            "configuration": references.rebuilt(
                configuration,
                queue=lambda sid: self._name(sid) or sid,
                text=lambda text: references.named(text, self.by_sid),
            ),
        }
        return Part(kind=PartKind.WORKFLOW, name=name, fields=fields)

    def _name(self, sid: str | None) -> str | None:
        part = self.by_sid.get(sid or "")
        return part.name if part else None


def _activity(instance: Any) -> Part:
    return Part(kind=PartKind.ACTIVITY, name=instance.friendly_name, fields={"available": bool(instance.available)})


def _task_channel(instance: Any) -> Part:
    fields = {
        "friendly_name": instance.friendly_name or instance.unique_name,
        "channel_optimized_routing": bool(instance.channel_optimized_routing),
    }
    return Part(kind=PartKind.TASK_CHANNEL, name=instance.unique_name, fields=fields)
