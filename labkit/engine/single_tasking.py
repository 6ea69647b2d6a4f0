"""Single tasking: one Task at a time, and Activities that follow it. A legacy of Workspaces without MultiTaskEnabled.

A Reservation takes the Worker to its TaskQueue's reservation Activity, accepting it to the assignment Activity. After
the Task the Activity is whatever the application, or an instruction's post-work Activity, makes it. Channels and their
capacity do not count. Here is what follows for whom; `lifecycle.py` does it.

Ours, where the documents are silent: a Reservation that comes to nothing and names no Activity takes the Worker back to
where the Reservation found them, unless they have left its Activity since.
Docs: /docs/taskrouter/multitasking, /docs/taskrouter/api/task-queue, /docs/taskrouter/api/reservations.
"""

from __future__ import annotations

from labkit.engine.resources import Reservation, Task, TaskQueue
from labkit.engine.workspace_state import WorkspaceState

LEGACY_NAMES = {"reservation_activity_sid": "Reserved", "assignment_activity_sid": "Busy"}
"""Of the Activities that a new TaskQueue has, if it is given none and the Workspace has these."""


def reserved_activity(state: WorkspaceState, task: Task) -> str | None:
    """Where a Reservation of the Task takes a Worker; None: nowhere."""
    queue = _queue(state, task)
    return queue.reservation_activity_sid if queue else None


def assigned_activity(state: WorkspaceState, task: Task) -> str | None:
    """Where accepting the Task takes a Worker; None: nowhere."""
    queue = _queue(state, task)
    return queue.assignment_activity_sid if queue else None


def activity_before(state: WorkspaceState, reservation: Reservation) -> str | None:
    """Where the Worker goes back to when the Reservation comes to nothing; None: the Activity stays."""
    worker = state.workers[reservation.worker_sid]
    was_moved = reservation.previous_activity_sid in state.activities
    return reservation.previous_activity_sid if was_moved and worker.activity_sid == reservation.activity_sid else None


def default_activities(state: WorkspaceState) -> dict[str, str]:
    """The Activities of a TaskQueue that is given none, by the names of its fields."""
    if state.workspace.multi_task_enabled:
        return {}
    by_name = {activity.friendly_name: activity.sid for activity in state.activities.values()}
    return {field: by_name[name] for field, name in LEGACY_NAMES.items() if name in by_name}


def _queue(state: WorkspaceState, task: Task) -> TaskQueue | None:
    return None if state.workspace.multi_task_enabled else state.task_queues.get(task.task_queue_sid or "")
