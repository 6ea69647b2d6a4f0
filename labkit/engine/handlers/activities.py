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
    if len(turn.floor.activities) >= MAX_ACTIVITIES:
        raise InvalidParameter("FriendlyName", f"a Workspace has at most {MAX_ACTIVITIES} Activities")
    activity = turn.add(
        Activity(**turn.birth(Sid.ACTIVITY), friendly_name=command.friendly_name, available=command.available)
    )
    turn.floor.activities[activity.sid] = activity
    event_payloads.report_activity(
        turn, EventType.ACTIVITY_CREATED, activity, f"Activity {activity.friendly_name} created"
    )
    return activity


def update(turn: UnitOfWork, command: c.UpdateActivity) -> Activity:
    """Only the name can change: `Available` is fixed at creation, and TaskRouter ignores it here."""
    activity = find(turn.floor.activities, command.sid)
    renamed = assign(activity, command.changes, "friendly_name")
    turn.touch(activity)
    if renamed:
        _rename_in_expressions(turn, activity)
    event_payloads.report_activity(
        turn, EventType.ACTIVITY_UPDATED, activity, f"Activity {activity.friendly_name} updated"
    )
    return activity


def _rename_in_expressions(turn: UnitOfWork, activity: Activity) -> None:
    floor = turn.floor
    by_activity = floor.volatile_queues("activity")
    for worker in floor.workers.values():
        if worker.activity_sid == activity.sid:
            floor.refresh_activity_names(worker)
            floor.refresh_worker(worker, only=by_activity)
            turn.free(worker)


def delete(turn: UnitOfWork, command: c.DeleteActivity) -> Activity:
    floor = turn.floor
    activity = find(floor.activities, command.sid)
    what = f"Activity {activity.friendly_name}"
    if activity.sid in (floor.workspace.default_activity_sid, floor.workspace.timeout_activity_sid):
        raise InUse(what, f"Workspace {floor.workspace.friendly_name}")
    worker = next((w for w in floor.workers.values() if w.activity_sid == activity.sid), None)
    if worker is not None:
        raise InUse(what, f"Worker {worker.friendly_name}")
    queue = next((q for q in floor.task_queues.values() if activity.sid in _activities_of(q)), None)
    if queue is not None:
        raise InUse(what, f"TaskQueue {queue.friendly_name}")
    event_payloads.report_activity(turn, EventType.ACTIVITY_DELETED, activity, f"{what} deleted")
    del floor.activities[activity.sid]
    turn.remove(activity)
    return activity


def _activities_of(queue: TaskQueue) -> tuple[str | None, str | None]:
    return queue.reservation_activity_sid, queue.assignment_activity_sid
