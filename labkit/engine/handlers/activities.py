"""Activities (docs: /docs/taskrouter/api/activity)."""

from __future__ import annotations

from labkit import limits
from labkit.engine import commands as c
from labkit.engine import event_payloads
from labkit.engine.handlers.common import assign, find
from labkit.engine.refusals import InUse, InvalidParameter
from labkit.engine.resources import Activity, TaskQueue
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import EventType, Sid


def create(unit: UnitOfWork, command: c.CreateActivity) -> Activity:
    if len(unit.state.activities) >= limits.MAX_ACTIVITIES:
        raise InvalidParameter("FriendlyName", f"a Workspace has at most {limits.MAX_ACTIVITIES} Activities")
    activity = unit.add(
        Activity(
            **unit.new_record_fields(Sid.ACTIVITY), friendly_name=command.friendly_name, available=command.available
        )
    )
    unit.state.activities[activity.sid] = activity
    event_payloads.report_activity(
        unit, EventType.ACTIVITY_CREATED, activity, f"Activity {activity.friendly_name} created"
    )
    return activity


def update(unit: UnitOfWork, command: c.UpdateActivity) -> Activity:
    """Only the name can change: `Available` is fixed at creation, and TaskRouter ignores it here."""
    activity = find(unit.state.activities, command.sid)
    renamed = assign(activity, command.changes, "friendly_name")
    unit.touch(activity)
    if renamed:
        _rename_in_expressions(unit, activity)
    event_payloads.report_activity(
        unit, EventType.ACTIVITY_UPDATED, activity, f"Activity {activity.friendly_name} updated"
    )
    return activity


def _rename_in_expressions(unit: UnitOfWork, activity: Activity) -> None:
    state = unit.state
    by_activity = state.volatile_queues("activity")
    for worker in state.workers.values():
        if worker.activity_sid == activity.sid:
            state.refresh_activity_names(worker)
            state.refresh_worker(worker, only=by_activity)
            unit.free(worker)


def delete(unit: UnitOfWork, command: c.DeleteActivity) -> Activity:
    state = unit.state
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
    event_payloads.report_activity(unit, EventType.ACTIVITY_DELETED, activity, f"{what} deleted")
    del state.activities[activity.sid]
    unit.remove(activity)
    return activity


def _activities_of(queue: TaskQueue) -> tuple[str | None, str | None]:
    return queue.reservation_activity_sid, queue.assignment_activity_sid
