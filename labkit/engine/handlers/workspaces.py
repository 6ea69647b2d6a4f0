"""Workspaces (docs: /docs/taskrouter/api/workspace)."""

from __future__ import annotations

import json

from labkit.engine import commands as c
from labkit.engine import event_payloads
from labkit.engine.handlers import activities, task_channels, task_queues, workflows
from labkit.engine.handlers.common import assign, find_activity
from labkit.engine.refusals import InvalidParameter
from labkit.engine.resources import Workspace
from labkit.engine.unit_of_work import UnitOfWork, check_version
from labkit.vocabulary import EventType, wire_name

ACTIVITIES = (("Offline", False), ("Unavailable", False), ("Available", True))
"""Of a new Workspace; the first is where new Workers begin and timed-out ones go."""
TASK_CHANNELS = (
    ("Default", "default"),
    ("Programmable Chat", "chat"),
    ("SMS", "sms"),
    ("Video", "video"),
    ("Voice", "voice"),
)
FIFO_TASK_QUEUE, FIFO_WORKFLOW = "Sample Queue", "Default Fifo Workflow"
"""What the template FIFO brings."""


def create(unit: UnitOfWork, command: c.CreateWorkspace) -> Workspace:
    """Furnish the new Workspace, whose record the engine has just made."""
    workspace = unit.add(unit.state.workspace)
    event_payloads.report_workspace(unit, EventType.WORKSPACE_CREATED, f"Workspace {workspace.sid} created")
    for name, available in ACTIVITIES:
        activity = activities.create(unit, c.CreateActivity(friendly_name=name, available=available))
        workspace.default_activity_sid = workspace.default_activity_sid or activity.sid
    workspace.timeout_activity_sid = workspace.default_activity_sid
    for name, unique_name in TASK_CHANNELS:
        task_channels.create(unit, c.CreateTaskChannel(friendly_name=name, unique_name=unique_name))
    if command.template == "FIFO":
        _add_fifo(unit)
    return workspace


def _add_fifo(unit: UnitOfWork) -> None:
    queue = task_queues.create(unit, c.CreateTaskQueue(friendly_name=FIFO_TASK_QUEUE))
    routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}
    workflows.create(unit, c.CreateWorkflow(friendly_name=FIFO_WORKFLOW, configuration=json.dumps(routing)))


def update(unit: UnitOfWork, command: c.UpdateWorkspace) -> Workspace:
    workspace = unit.state.workspace
    check_version(workspace, command.if_match)
    for name in ("default_activity_sid", "timeout_activity_sid"):
        if name in command.changes:
            find_activity(unit, command.changes[name], parameter=wire_name(name))
    if workspace.multi_task_enabled and command.changes.get("multi_task_enabled") is False:
        raise InvalidParameter("MultiTaskEnabled", "a Workspace that is multitasking cannot go back to single tasking")
    changed = assign(
        workspace,
        command.changes,
        "friendly_name",
        "event_callback_url",
        "events_filter",
        "multi_task_enabled",
        "prioritize_queue_order",
        "default_activity_sid",
        "timeout_activity_sid",
    )
    unit.touch(workspace)
    if "prioritize_queue_order" in changed:
        task_queues.rank_again(unit, {*unit.state.task_queues, None})
    if "multi_task_enabled" in changed:
        for worker in unit.state.workers.values():
            unit.state.refresh_ready(worker)
            unit.free(worker)
    event_payloads.report_workspace(unit, EventType.WORKSPACE_UPDATED, f"Workspace {workspace.sid} updated")
    return workspace


def delete(unit: UnitOfWork, command: c.DeleteWorkspace) -> Workspace:
    """All that is in the Workspace goes with it."""
    state = unit.state
    check_version(state.workspace, command.if_match)
    event_payloads.report_workspace(unit, EventType.WORKSPACE_DELETED, f"Workspace {state.workspace.sid} deleted")
    for records in (
        state.activities,
        state.task_channels,
        state.task_queues,
        state.workers,
        state.workflows,
        state.revisions,
        state.tasks,
        state.reservations,
        state.transfers,
        state.call_legs,
        state.call_rules,
    ):
        for record in records.values():
            unit.remove(record)
    for worker in state.workers.values():
        for channel in worker.channels.values():
            unit.remove(channel)
    unit.remove(state.workspace)
    return state.workspace
