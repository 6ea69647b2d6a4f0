"""Activities (docs: /docs/taskrouter/api/activity)."""

from __future__ import annotations

from labkit.engine import commands as c
from labkit.engine import event_payloads
from labkit.engine.handlers.common import assign, find
from labkit.engine.refusals import InUse, InvalidParameter
from labkit.engine.resources import Activity, TaskQueue
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import EventType, Sid

MAX_ACTIVITIES = 100
"""Per Workspace (docs: /docs/taskrouter/limits)."""


def create(turn: UnitOfWork, command: c.CreateActivity) -> Activity:
    if len(turn.state.activities) >= MAX_ACTIVITIES:
        raise InvalidParameter("FriendlyName", f"a Workspace has at most {MAX_ACTIVITIES} Activities")
    activity = turn.add(
        Activity(**turn.birth(Sid.ACTIVITY), friendly_name=command.friendly_name, available=command.available)
    )
    turn.state.activities[activity.sid] = activity
    event_payloads.report_activity(
        turn, EventType.ACTIVITY_CREATED, activity, f"Activity {activity.friendly_name} created"
    )
    return activity


def update(turn: UnitOfWork, command: c.UpdateActivity) -> Activity:
    """Only the name can change: `Available` is fixed at creation, and TaskRouter ignores it here."""
    activity = find(turn.state.activities, command.sid)
    renamed = assign(activity, command.changes, "friendly_name")
    turn.touch(activity)
    if renamed:
        _rename_in_expressions(turn, activity)
    event_payloads.report_activity(
        turn, EventType.ACTIVITY_UPDATED, activity, f"Activity {activity.friendly_name} updated"
    )
    return activity


def _rename_in_expressions(turn: UnitOfWork, activity: Activity) -> None:
    state = turn.state
    by_activity = state.volatile_queues("activity")
    for worker in state.workers.values():
        if worker.activity_sid == activity.sid:
            state.refresh_activity_names(worker)
            state.refresh_worker(worker, only=by_activity)
            turn.free(worker)


def delete(turn: UnitOfWork, command: c.DeleteActivity) -> Activity:
    state = turn.state
    activity = find(state.activities, command.sid)
    what = f"Activity {activity.friendly_name}"
    if activity.sid in (state.workspace.default_activity_sid, state.workspace.timeout_activity_sid):
        raise InUse(what, f"Workspace {state.workspace.friendly_name}")
    worker = next((w for w in state.workers.values() if w.activity_sid == activity.sid), None)
    if worker is not None:
        raise InUse(what, f"Worker {worker.friendly_name}")
    queue = next((q for q in state.task_queues.values() if activity.sid in _activities_of(q)), None)
    if queue is not None:
        raise InUse(what, f"TaskQueue {queue.friendly_name}")
    event_payloads.report_activity(turn, EventType.ACTIVITY_DELETED, activity, f"{what} deleted")
    del state.activities[activity.sid]
    turn.remove(activity)
    return activity


def _activities_of(queue: TaskQueue) -> tuple[str | None, str | None]:
    return queue.reservation_activity_sid, queue.assignment_activity_sid
