"""Workers (docs: /docs/taskrouter/api/worker)."""

from __future__ import annotations

from typing import Any

from labkit.engine import commands as c
from labkit.engine import event_payloads, lifecycle
from labkit.engine.attributes import parse_attributes, read_attributes
from labkit.engine.handlers import task_channels
from labkit.engine.handlers.common import assign, find, find_activity
from labkit.engine.refusals import InUse, InvalidParameter
from labkit.engine.resources import Worker
from labkit.engine.states import ReservationStep, TaskStep
from labkit.engine.unit_of_work import UnitOfWork, check_version
from labkit.vocabulary import EventType, Sid

MAX_WORKERS = 15_000
"""Per Workspace (docs: /docs/taskrouter/limits)."""


def create(turn: UnitOfWork, command: c.CreateWorker) -> Worker:
    """A new Worker, in the Workspace's default Activity if none is given, with one channel per TaskChannel."""
    state = turn.state
    activity_sid = command.activity_sid or state.workspace.default_activity_sid
    find_activity(turn, activity_sid, parameter="ActivitySid")
    attributes, values = parse_attributes(command.attributes)
    _check_name(turn, command.friendly_name)
    if len(state.workers) >= MAX_WORKERS:
        raise InvalidParameter("FriendlyName", f"a Workspace has at most {MAX_WORKERS} Workers")
    worker = turn.add(
        Worker(
            **turn.birth(Sid.WORKER),
            friendly_name=command.friendly_name,
            activity_sid=activity_sid,
            attributes=attributes,
            date_status_changed=turn.now,
        )
    )
    state.workers[worker.sid] = worker
    state.rebuild_scope(worker, values)
    for channel in state.task_channels.values():
        task_channels.open_channel(turn, worker, channel)
    state.refresh_worker(worker)
    state.refresh_ready(worker)
    event_payloads.report_worker(turn, EventType.WORKER_CREATED, worker, f"Worker {worker.friendly_name} created")
    turn.free(worker)
    return worker


def update(turn: UnitOfWork, command: c.UpdateWorker) -> Worker:
    worker = find(turn.state.workers, command.sid)
    check_version(worker, command.if_match)
    activity_sid = command.changes.get("activity_sid")
    _check_update(turn, worker, command, activity_sid)
    parsed = parse_attributes(command.changes["attributes"]) if "attributes" in command.changes else None
    if parsed is not None or "friendly_name" in command.changes:
        _describe(turn, worker, command, parsed)
    if activity_sid:
        lifecycle.change_activity(turn, worker, activity_sid)
    if command.reject_pending_reservations:
        for reservation in list(turn.state.open_reservations[worker.sid].values()):
            if reservation.is_pending:
                lifecycle.let_go(turn, reservation, ReservationStep.REJECT)
    return worker


def _check_update(turn: UnitOfWork, worker: Worker, command: c.UpdateWorker, activity_sid: str | None) -> None:
    if "friendly_name" in command.changes:
        _check_name(turn, command.changes["friendly_name"], but=worker)
    activity = find_activity(turn, activity_sid, parameter="ActivitySid") if activity_sid else None
    if command.reject_pending_reservations and (activity is None or activity.available):
        raise InvalidParameter(
            "RejectPendingReservations", "it goes with an ActivitySid that is not available to take Tasks"
        )


def _describe(
    turn: UnitOfWork, worker: Worker, command: c.UpdateWorker, parsed: tuple[str, dict[str, Any]] | None
) -> None:
    state = turn.state
    values = parsed[1] if parsed else read_attributes(worker.attributes)
    assign(worker, command.changes, "friendly_name")
    worker.attributes = parsed[0] if parsed else worker.attributes
    turn.touch(worker)
    state.rebuild_scope(worker, values)
    state.refresh_worker(worker)
    turn.free(worker)
    if parsed is not None:
        sentence = f"Worker {worker.friendly_name} updated attributes to {worker.attributes}"
        event_payloads.report_worker(turn, EventType.WORKER_ATTRIBUTES_UPDATE, worker, sentence)


def delete(turn: UnitOfWork, command: c.DeleteWorker) -> Worker:
    """Refused while the Worker holds a Reservation: Twilio does not document this case, and nothing may get lost.

    Tasks that were routed straight to this Worker and wait are canceled, as is any that its RoutingTarget cannot take.
    """
    state = turn.state
    worker = find(state.workers, command.sid)
    check_version(worker, command.if_match)
    held = next(iter(state.open_reservations[worker.sid].values()), None)
    if held is not None:
        raise InUse(f"Worker {worker.friendly_name}", f"Reservation {held.sid}, which is {held.reservation_status}")
    for task in [t for lane in state.lanes[worker.sid].values() for t in lane.tasks.values()]:
        lifecycle.finish_task(turn, task, TaskStep.CANCEL, reason=lifecycle.REASON_TARGET_GONE)
    event_payloads.report_worker(turn, EventType.WORKER_DELETED, worker, f"Worker {worker.friendly_name} deleted")
    state.forget_worker(worker)
    turn.freed.pop(worker.sid, None)
    for channel in worker.channels.values():
        turn.remove(channel)
    del state.workers[worker.sid]
    turn.remove(worker)
    return worker


def _check_name(turn: UnitOfWork, name: str, *, but: Worker | None = None) -> None:
    """A Worker's name is unique in its Workspace, whatever the case."""
    wanted = name.casefold()
    for worker in turn.state.workers.values():
        if worker is not but and worker.friendly_name.casefold() == wanted:
            raise InvalidParameter("FriendlyName", f"there is a Worker {worker.friendly_name} already")
