"""Workers (docs: /docs/taskrouter/api/worker)."""

from __future__ import annotations

from typing import Any

from labkit import limits
from labkit.engine import commands as c
from labkit.engine import event_payloads, lifecycle, worker_activity
from labkit.engine.handlers import task_channels
from labkit.engine.handlers.common import assign, find, find_activity
from labkit.engine.json_parameters import parse_attributes, read_scope
from labkit.engine.refusals import InUse, InvalidParameter
from labkit.engine.resources import Worker
from labkit.engine.states import ReservationStep
from labkit.engine.unit_of_work import UnitOfWork, check_version
from labkit.vocabulary import EventType, Sid


def create(unit: UnitOfWork, command: c.CreateWorker) -> Worker:
    """A new Worker, in the Workspace's default Activity if none is given, with one channel per TaskChannel."""
    state = unit.state
    activity_sid = command.activity_sid or state.workspace.default_activity_sid
    find_activity(unit, activity_sid, parameter="ActivitySid")
    attributes, values = parse_attributes(command.attributes)
    _check_name(unit, command.friendly_name)
    if len(state.workers) >= limits.MAX_WORKERS:
        raise InvalidParameter("FriendlyName", f"a Workspace has at most {limits.MAX_WORKERS} Workers")
    worker = unit.add(
        Worker(
            **unit.new_record_fields(Sid.WORKER),
            friendly_name=command.friendly_name,
            activity_sid=activity_sid,
            attributes=attributes,
            date_status_changed=unit.now,
        )
    )
    state.workers[worker.sid] = worker
    state.rebuild_scope(worker, values)
    for channel in state.task_channels.values():
        task_channels.open_channel(unit, worker, channel)
    state.refresh_worker(worker)
    state.refresh_ready(worker)
    event_payloads.report_worker(unit, EventType.WORKER_CREATED, worker, f"Worker {worker.friendly_name} created")
    unit.free(worker)
    return worker


def update(unit: UnitOfWork, command: c.UpdateWorker) -> Worker:
    worker = find(unit.state.workers, command.sid)
    check_version(worker, command.if_match)
    activity_sid = command.changes.get("activity_sid")
    _check_update(unit, worker, command, activity_sid)
    parsed = parse_attributes(command.changes["attributes"]) if "attributes" in command.changes else None
    if parsed is not None or "friendly_name" in command.changes:
        _describe(unit, worker, command, parsed)
    if activity_sid:
        worker_activity.set_activity(unit, worker, activity_sid)
    if command.reject_pending_reservations:
        for reservation in list(unit.state.open_reservations[worker.sid].values()):
            if reservation.is_pending:
                lifecycle.end_unaccepted(unit, reservation, ReservationStep.REJECT)
    return worker


def _check_update(unit: UnitOfWork, worker: Worker, command: c.UpdateWorker, activity_sid: str | None) -> None:
    if "friendly_name" in command.changes:
        _check_name(unit, command.changes["friendly_name"], but=worker)
    activity = find_activity(unit, activity_sid, parameter="ActivitySid") if activity_sid else None
    if command.reject_pending_reservations and (activity is None or activity.available):
        raise InvalidParameter(
            "RejectPendingReservations", "it goes with an ActivitySid that is not available to take Tasks"
        )


def _describe(
    unit: UnitOfWork, worker: Worker, command: c.UpdateWorker, parsed: tuple[str, dict[str, Any]] | None
) -> None:
    state = unit.state
    values = parsed[1] if parsed else read_scope(worker.attributes)
    assign(worker, command.changes, "friendly_name")
    worker.attributes = parsed[0] if parsed else worker.attributes
    unit.touch(worker)
    state.rebuild_scope(worker, values)
    state.refresh_worker(worker)
    unit.free(worker)
    if parsed is not None:
        sentence = f"Worker {worker.friendly_name} updated attributes to {worker.attributes}"
        event_payloads.report_worker(unit, EventType.WORKER_ATTRIBUTES_UPDATE, worker, sentence)


def delete(unit: UnitOfWork, command: c.DeleteWorker) -> Worker:
    """Refused while the Worker holds a Reservation: Twilio does not document this case, and nothing may get lost.

    Tasks that were routed straight to this Worker and wait are canceled, as is any that its RoutingTarget cannot take.
    """
    state = unit.state
    worker = find(state.workers, command.sid)
    check_version(worker, command.if_match)
    held = next(iter(state.open_reservations[worker.sid].values()), None)
    if held is not None:
        raise InUse(f"Worker {worker.friendly_name}", f"Reservation {held.sid}, which is {held.reservation_status}")
    for task in [t for lane in state.lanes[worker.sid].values() for t in lane.tasks.values()]:
        lifecycle.give_up_target(unit, task)
    event_payloads.report_worker(unit, EventType.WORKER_DELETED, worker, f"Worker {worker.friendly_name} deleted")
    state.forget_worker(worker)
    unit.freed.pop(worker.sid, None)
    for channel in worker.channels.values():
        unit.remove(channel)
    del state.workers[worker.sid]
    unit.remove(worker)
    return worker


def _check_name(unit: UnitOfWork, name: str, *, but: Worker | None = None) -> None:
    """A Worker's name is unique in its Workspace, whatever the case."""
    wanted = name.casefold()
    for worker in unit.state.workers.values():
        if worker is not but and worker.friendly_name.casefold() == wanted:
            raise InvalidParameter("FriendlyName", f"there is a Worker {worker.friendly_name} already")
