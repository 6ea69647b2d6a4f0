"""What each command does, one module for each resource.

A handler looks at everything that could forbid the command first, and changes the state only then: a refused command
changes nothing. It gets the unit of work and the command, and returns the record that the command was about; for the
answer to an assignment callback, the alert that it raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labkit.engine import commands as c
from labkit.engine.handlers import (
    activities,
    calls,
    participants,
    reservations,
    task_channels,
    task_queues,
    tasks,
    transfers,
    worker_channels,
    workers,
    workflows,
    workspaces,
)
from labkit.engine.unit_of_work import UnitOfWork

HANDLERS: dict[type[c.Command], Callable[[UnitOfWork, Any], Any]] = {
    c.CreateWorkspace: workspaces.create,
    c.UpdateWorkspace: workspaces.update,
    c.DeleteWorkspace: workspaces.delete,
    c.CreateActivity: activities.create,
    c.UpdateActivity: activities.update,
    c.DeleteActivity: activities.delete,
    c.CreateTaskChannel: task_channels.create,
    c.UpdateTaskChannel: task_channels.update,
    c.DeleteTaskChannel: task_channels.delete,
    c.CreateTaskQueue: task_queues.create,
    c.UpdateTaskQueue: task_queues.update,
    c.DeleteTaskQueue: task_queues.delete,
    c.CreateWorker: workers.create,
    c.UpdateWorker: workers.update,
    c.DeleteWorker: workers.delete,
    c.UpdateWorkerChannel: worker_channels.update,
    c.CreateWorkflow: workflows.create,
    c.UpdateWorkflow: workflows.update,
    c.DeleteWorkflow: workflows.delete,
    c.CreateTask: tasks.create,
    c.UpdateTask: tasks.update,
    c.DeleteTask: tasks.delete,
    c.UpdateReservation: reservations.update,
    c.InstructReservation: reservations.instruct,
    c.TransferTask: transfers.begin,
    c.CancelTransfer: transfers.cancel,
    c.SetCallRule: calls.set_rule,
    c.HangUp: calls.hang_up,
    c.UpdateParticipant: participants.update,
    c.KickParticipant: participants.kick,
    c.AssignmentAnswered: reservations.answered,
    c.AssignmentFailed: reservations.failed,
}
