"""What follows from a Worker's change of Activity (docs: /docs/taskrouter/worker-presence)."""

from __future__ import annotations

from datetime import timedelta

from labkit.engine import event_payloads
from labkit.engine.resources import Activity, Worker
from labkit.engine.unit_of_work import UnitOfWork
from labkit.vocabulary import EventType


def set_activity(unit: UnitOfWork, worker: Worker, activity_sid: str) -> None:
    """Move a Worker as somebody has asked by name. The Activity that it has already is told again, and changes nothing.

    A page that sets it waits for the event (Twilio's Worker SDK: `activityUpdated`).
    """
    before = unit.state.activities[worker.activity_sid]
    if before.sid == activity_sid:
        _report_activity(unit, worker, before, unit.now - worker.date_status_changed)
    else:
        change_activity(unit, worker, activity_sid)


def change_activity(unit: UnitOfWork, worker: Worker, activity_sid: str) -> None:
    """Move a Worker to another Activity. To the one that it has already: nothing happens."""
    state = unit.state
    before = state.activities[worker.activity_sid]
    if before.sid == activity_sid:
        return
    spent = unit.now - worker.date_status_changed
    worker.activity_sid = activity_sid
    worker.date_status_changed = unit.now
    unit.touch(worker)
    state.refresh_activity_names(worker)
    state.refresh_worker(worker, only=state.volatile_queues("activity"))
    state.refresh_ready(worker)
    unit.free(worker)
    _report_activity(unit, worker, before, spent)


def _report_activity(unit: UnitOfWork, worker: Worker, before: Activity, spent: timedelta) -> None:
    name = unit.state.activities[worker.activity_sid].friendly_name
    event_payloads.report_worker(
        unit,
        EventType.WORKER_ACTIVITY_UPDATE,
        worker,
        f"Worker {worker.friendly_name} updated to {name} Activity",
        worker_previous_activity_sid=before.sid,
        worker_previous_activity_name=before.friendly_name,
        worker_time_in_previous_activity=int(spent.total_seconds()),
        worker_time_in_previous_activity_ms=int(spent.total_seconds() * 1000),
    )
