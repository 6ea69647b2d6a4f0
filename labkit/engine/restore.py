"""From records to the state of a Workspace: what the store kept, and everything that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from labkit.engine import expiry, known_worker, lifecycle
from labkit.engine.deadlines import Deadlines, Due
from labkit.engine.effects import CallAssignmentUrl
from labkit.engine.json_parameters import read_scope
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import (
    Activity,
    CallbackState,
    CallLeg,
    CallRule,
    Record,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    WorkflowRevision,
    Workspace,
)
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import ReservationStatus

_SHELVES: dict[type[Record], str] = {
    Activity: "activities",
    TaskChannel: "task_channels",
    TaskQueue: "task_queues",
    Worker: "workers",
    Workflow: "workflows",
    WorkflowRevision: "revisions",
    Task: "tasks",
    Reservation: "reservations",
    Transfer: "transfers",
    CallLeg: "call_legs",
    CallRule: "call_rules",
}


def load(states: dict[str, WorkspaceState], records: Iterable[Record], *, deadlines: Deadlines) -> int:
    """Fill `states` and `deadlines`; the highest number ever given to a record that still matters, 0 if none does.

    Raises:
        KeyError, ValueError: the records do not fit together.
    """
    ordered = sorted(records, key=lambda r: r.number)
    for record in ordered:
        if isinstance(record, Workspace):
            states[record.sid] = WorkspaceState(record)
    for record in ordered:
        _shelve(states[record.workspace_sid], record)
    for state in states.values():
        _restore(state, deadlines)
    last_reserved = (w.last_reserved for state in states.values() for w in state.workers.values())
    return max((*(r.number for r in ordered[-1:]), *last_reserved), default=0)


def check(state: WorkspaceState) -> None:
    """What every command takes for granted: that what a record names is there.

    Raises:
        ValueError: something is not.
    """
    for worker in state.workers.values():
        _expect(worker, worker.activity_sid, state.activities)
    for task in state.tasks.values():
        _expect(task, task.task_channel_sid, state.task_channels)
        _expect(task, task.transfer_sid, state.transfers)
        if not task.is_final:
            _expect(task, task.workflow_sid, state.workflows)
            _expect(task, task.task_queue_sid, state.task_queues)
    for reservation in state.reservations.values():
        _expect(reservation, reservation.transfer_sid, state.transfers)


def _expect(record: Record, sid: str | None, there: Mapping[str, Record]) -> None:
    if sid and sid not in there:
        raise ValueError(f"{type(record).__name__} {record.sid} names {sid}, which is not there")


def _shelve(state: WorkspaceState, record: Record) -> None:
    if isinstance(record, WorkerChannel):
        state.workers[record.worker_sid].channels[record.task_channel_sid] = record
    elif type(record) in _SHELVES:
        getattr(state, _SHELVES[type(record)])[record.sid] = record


def _restore(state: WorkspaceState, deadlines: Deadlines) -> None:
    for workflow in state.workflows.values():
        _restore_workflow(state, workflow, deadlines)
    for transfer in state.transfers.values():
        state.tasks[transfer.task_sid].transfers.append(transfer)
    for task in state.tasks.values():
        _restore_task(state, task, deadlines)
    for reservation in state.reservations.values():
        _restore_reservation(state, reservation, deadlines)
    for leg in state.call_legs.values():
        state.tasks[leg.task_sid].legs.append(leg)
        if leg.due_at is not None:
            deadlines.add(leg.due_at, Due.CALL, leg)
    for worker in state.workers.values():
        state.rebuild_scope(worker, read_scope(worker.attributes))
        state.refresh_worker(worker)
        state.refresh_ready(worker)
    for task in state.tasks.values():
        if task.is_pending and not task.is_moving and task.paused_until is None:
            state.wait(task)


def _restore_workflow(state: WorkspaceState, workflow: Workflow, deadlines: Deadlines) -> None:
    with suppress(InvalidParameter):  # what an older version took; the Tasks that follow it will say so
        state.plan(workflow.sid, workflow.revision)  # a long one takes a second, and no request shall wait for it
    if workflow.paused_until is not None:
        state.paused_workflows.add(workflow.sid)
        deadlines.add(workflow.paused_until, Due.WORKFLOW_PAUSE, workflow)


def _restore_task(state: WorkspaceState, task: Task, deadlines: Deadlines) -> None:
    task.scope = read_scope(task.attributes)
    state.in_flight += not task.is_final
    task.asks_for_worker = not task.is_final and _asks_for_worker(state, task)
    for kind, when in expiry.of_task(task):
        deadlines.add(when, kind, task)


def _asks_for_worker(state: WorkspaceState, task: Task) -> bool:
    with suppress(InvalidParameter, KeyError):  # as above: a Task that still looks for a Worker will say so
        return known_worker.is_asked_for(state, task)
    return False


def _restore_reservation(state: WorkspaceState, reservation: Reservation, deadlines: Deadlines) -> None:
    state.tasks[reservation.task_sid].reservations.append(reservation)
    if not reservation.is_open:
        return
    state.open_reservations[reservation.worker_sid][reservation.sid] = reservation
    channel = state.workers[reservation.worker_sid].channels.get(reservation.task_channel_sid)
    if channel is not None:
        channel.taken += 1
        channel.assigned += reservation.reservation_status is ReservationStatus.ACCEPTED
    if reservation.is_pending:
        deadlines.add(reservation.expires_at, Due.RESERVATION_TIMEOUT, reservation)


def callbacks_due(unit: UnitOfWork) -> list[CallAssignmentUrl]:
    """The assignment callbacks of pending Reservations that nobody has answered yet."""
    state = unit.state
    return [
        lifecycle.assignment_call(unit, state.tasks[r.task_sid], state.workers[r.worker_sid], r)
        for r in state.reservations.values()
        if r.is_pending and r.callback is CallbackState.DUE
    ]
