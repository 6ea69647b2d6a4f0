"""What happens when a deadline falls due, and whether it still holds.

Docs: /docs/taskrouter/limits, /docs/taskrouter/lifecycle-task-workflows-and-assignment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from labkit.engine import call_instructions, callback_pauses, event_payloads, lifecycle
from labkit.engine.deadlines import Deadline, Due
from labkit.engine.resources import Reservation, Task
from labkit.engine.states import ReservationStep, TaskStep
from labkit.engine.unit_of_work import UnitOfWork
from labkit.engine.workspace_state import WorkspaceState
from labkit.vocabulary import EventType


def reservation_timeout(unit: UnitOfWork, sid: str) -> None:
    """The Worker did not answer: off to the Workspace's timeout Activity, and on to the next Worker."""
    reservation = unit.state.reservations[sid]
    activity_sid = unit.state.workspace.timeout_activity_sid
    lifecycle.end_unaccepted(unit, reservation, ReservationStep.EXPIRE, activity_sid=activity_sid)


def target_timeout(unit: UnitOfWork, sid: str) -> None:
    """The Task has waited long enough in its target; routing moves it on."""
    unit.route(unit.state.tasks[sid])


def task_timeout(unit: UnitOfWork, sid: str) -> None:
    """The Task's time to live is over before anybody took it."""
    lifecycle.finish_task(unit, unit.state.tasks[sid], TaskStep.CANCEL, reason=lifecycle.REASON_TTL)


def assigned_too_long(unit: UnitOfWork, sid: str) -> None:
    """Assigned for a day: TaskRouter removes the Task."""
    task = unit.state.tasks[sid]
    lifecycle.end_reservations(unit, task)
    event_payloads.report_task(unit, EventType.TASK_SYSTEM_DELETED, task, f"Task {task.sid} deleted by TaskRouter")
    lifecycle.remove_task(unit, task)


def task_removal(unit: UnitOfWork, sid: str) -> None:
    """Five minutes after its end a Task is gone."""
    lifecycle.remove_task(unit, unit.state.tasks[sid])


def call(unit: UnitOfWork, sid: str) -> None:
    """A call is answered or not, or has gone on for long enough."""
    call_instructions.call_due(unit, unit.state.call_legs[sid])


HANDLERS: dict[Due, Callable[[UnitOfWork, str], None]] = {
    Due.RESERVATION_TIMEOUT: reservation_timeout,
    Due.TARGET_TIMEOUT: target_timeout,
    Due.TASK_TIMEOUT: task_timeout,
    Due.ASSIGNED_TOO_LONG: assigned_too_long,
    Due.TASK_REMOVAL: task_removal,
    Due.CALL: call,
    Due.WORKFLOW_PAUSE: callback_pauses.workflow_is_due,
    Due.TASK_PAUSE: callback_pauses.task_is_due,
}


def is_live(state: WorkspaceState, deadline: Deadline) -> bool:
    """Whether the record still has this deadline."""
    if deadline.due is Due.RESERVATION_TIMEOUT:
        reservation = state.reservations.get(deadline.sid)
        return reservation is not None and reservation.is_pending and _is_running(reservation, deadline)
    if deadline.due is Due.CALL:
        leg = state.call_legs.get(deadline.sid)
        return leg is not None and leg.due_at == deadline.when
    if deadline.due is Due.WORKFLOW_PAUSE:
        workflow = state.workflows.get(deadline.sid)
        return workflow is not None and workflow.paused_until == deadline.when
    task = state.tasks.get(deadline.sid)
    return task is not None and _TASK_DEADLINES[deadline.due](task, deadline)


def _is_running(reservation: Reservation, deadline: Deadline) -> bool:
    return reservation.held_at is None and reservation.expires_at == deadline.when


_TASK_DEADLINES: dict[Due, Callable[[Task, Deadline], bool]] = {
    Due.TARGET_TIMEOUT: lambda task, deadline: task.is_pending and task.target_deadline == deadline.when,
    Due.TASK_TIMEOUT: lambda task, _: lifecycle.is_waiting_for_worker(task) and task.transfer_sid is None,
    Due.ASSIGNED_TOO_LONG: lambda task, deadline: task.assigned_deadline == deadline.when,
    Due.TASK_REMOVAL: lambda task, deadline: task.removal_deadline == deadline.when,
    Due.TASK_PAUSE: lambda task, deadline: task.paused_until == deadline.when,
}


def of_task(task: Task) -> list[tuple[Due, datetime]]:
    """Every deadline that the Task's fields name, for a Workspace that was just loaded."""
    found = [
        (Due.TARGET_TIMEOUT, task.target_deadline),
        (Due.ASSIGNED_TOO_LONG, task.assigned_deadline),
        (Due.TASK_REMOVAL, task.removal_deadline),
        (Due.TASK_PAUSE, task.paused_until),
        (Due.TASK_TIMEOUT, task.date_created + timedelta(seconds=task.timeout)),
    ]
    return [(kind, when) for kind, when in found if when is not None]
