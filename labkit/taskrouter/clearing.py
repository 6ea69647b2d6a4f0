"""Ends every open Task of a Workspace: what waits is canceled, what a Worker has accepted is completed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.display import Result, Section
from labkit.errors import TaskRouterError
from labkit.vocabulary import TaskStatus

if TYPE_CHECKING:
    from labkit.taskrouter.workspace_client import WorkspaceClient

REASON = "cleared in the lab"
"""The reason that each of these Tasks has from then on."""
_ORDER = (TaskStatus.PENDING, TaskStatus.RESERVED, TaskStatus.WRAPPING, TaskStatus.ASSIGNED)
_ACCEPTED = (TaskStatus.ASSIGNED, TaskStatus.WRAPPING)
_BAD_REQUEST, _NOT_FOUND = 400, 404


@dataclass(frozen=True, slots=True, repr=False)
class ClearedTasks(Result):
    """How many Tasks were canceled, and how many completed."""

    canceled: int = 0
    completed: int = 0

    def _sections(self) -> tuple[Section]:
        return (Section(self.headline),)

    @property
    def headline(self) -> str:
        """It as a sentence."""
        if not self.canceled and not self.completed:
            return "There was no open Task."
        canceled = f"{self.canceled} that waited {_were(self.canceled)} canceled" if self.canceled else ""
        completed = f"{self.completed} that a Worker had {_were(self.completed)} completed" if self.completed else ""
        return f"Tasks: {', '.join(filter(None, (canceled, completed)))}."


def clear_tasks(client: WorkspaceClient, *, workflow: str | None = None) -> ClearedTasks:
    """End every open Task.

    TaskRouter cancels only a Task that is pending or reserved, and completes only one that is assigned or wrapping
    (docs: /docs/taskrouter/api/task#update-a-task-resource). Those that wait go first, so that no Worker who
    becomes free is offered one of them.

    Args:
        client: of the Workspace.
        workflow: the SID of the Workflow whose Tasks they are; without it those of every Workflow.

    Raises:
        TaskRouterError: TaskRouter refused, or did not answer; what was ended before stays ended.
    """
    tasks = sorted(
        client.open_tasks(workflow=workflow), key=lambda task: _ORDER.index(TaskStatus(task.assignment_status))
    )
    ended = [_end(client, task.sid, status=task.assignment_status) for task in tasks]
    return ClearedTasks(canceled=ended.count(TaskStatus.CANCELED), completed=ended.count(TaskStatus.COMPLETED))


def _end(client: WorkspaceClient, task_sid: str, *, status: str) -> TaskStatus | None:
    """How the Task was ended; None where it had ended by itself meanwhile."""
    accepted = status in _ACCEPTED
    end = client.complete if accepted else client.cancel
    try:
        end(task_sid, reason=REASON)
    except TaskRouterError as error:
        now = _status_now(client, task_sid) if error.status in (_BAD_REQUEST, _NOT_FOUND) else status
        if now == status:
            raise
        return _end(client, task_sid, status=now) if now in _ORDER else None
    return TaskStatus.COMPLETED if accepted else TaskStatus.CANCELED


def _status_now(client: WorkspaceClient, task_sid: str) -> str:
    """Its status; empty where the Task is gone: TaskRouter removes it some minutes after its end."""
    try:
        return client.task(task_sid).assignment_status
    except TaskRouterError as error:
        if error.status == _NOT_FOUND:
            return ""
        raise


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
