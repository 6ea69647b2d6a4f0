"""Workflows whose assignment callbacks fail, in sentences: `/_sandbox/pulse` has them, and a lab's status says them.

Docs: /docs/taskrouter/handle-assignment-callbacks; the pauses are ours (`engine/callback_pauses.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from labkit.engine import callback_pauses
from labkit.engine.resources import Workflow
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.delivery_log import DeliveryLog
from labkit.settings import hide_passwords


def failing_callbacks(states: Iterable[WorkspaceState], deliveries: DeliveryLog) -> dict[str, str]:
    """A sentence for each Workflow whose last assignment callback failed, by its SID, while that Task waits.

    Args:
        states: the Workspaces to look at.
        deliveries: the last one that failed says why, if it is still known.
    """
    return {
        workflow.sid: _sentence(state, workflow, deliveries)
        for state in states
        for workflow in state.workflows.values()
        if workflow.failed_task_sid and _waits(state, workflow)
    }


def _waits(state: WorkspaceState, workflow: Workflow) -> bool:
    task = state.tasks.get(workflow.failed_task_sid)
    return task is not None and bool(task.failed_callbacks) and not task.is_final


def _sentence(state: WorkspaceState, workflow: Workflow, deliveries: DeliveryLog) -> str:
    failed = (
        each.remark
        for each in reversed(deliveries.of(state.workspace.account_sid))
        if each.kind == "assignment" and each.error and each.fields.get("WorkflowSid") == workflow.sid
    )
    why = next(failed, None)
    until = callback_pauses.paused_until(state, state.tasks[workflow.failed_task_sid])
    return (
        f"Assignment callbacks of Workflow {workflow.friendly_name} fail{f': {hide_passwords(why)}' if why else ''}. "
        "Reservations are canceled, and the URL is "
        f"{'being asked again' if until is None else f'asked again at {until:%H:%M:%S} UTC'}."
    )
