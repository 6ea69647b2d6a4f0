"""A lab in a Workspace of the user's own, whose name they gave: what is theirs is theirs afterwards, to the byte."""

from __future__ import annotations

from typing import Any

import pytest
from account.whole_account import whole_account
from sandbox.local import LocalSandbox

import labkit
from labkit.account.memory import AccountMemory

pytestmark = pytest.mark.usefixtures("yes")
NAME = "Support desk"
LANGUAGES = {"selected_language": "es"}


@pytest.fixture
def desk(sandbox: LocalSandbox) -> Any:
    """Theirs: Workers who are Available and on a break, an Activity, a TaskChannel, a TaskQueue and a Workflow that
    calls somebody, a Task that is assigned and one that waits, an event callback URL with a filter."""
    workspaces = sandbox.client().taskrouter.v1.workspaces
    made = workspaces.create(friendly_name=NAME, multi_task_enabled=True, event_callback_url="https://theirs.example/")
    inside = workspaces(made.sid)
    inside.update(events_filter="task.created,task.canceled")
    activities = {each.friendly_name: each.sid for each in inside.activities.list()}
    activities["Break"] = inside.activities.create(friendly_name="Break").sid
    inside.task_channels.create(friendly_name="Fax", unique_name="fax")
    queue = inside.task_queues.create(friendly_name="Chess", target_workers='skill == "chess"').sid
    workflow = inside.workflows.create(
        friendly_name="Theirs",
        configuration=f'{{"task_routing":{{"default_filter":{{"queue":"{queue}"}}}}}}',
    )
    inside.workers.create(friendly_name="Zoe", attributes='{"skill":"chess"}', activity_sid=activities["Available"])
    inside.workers.create(friendly_name="Yan", activity_sid=activities["Break"])
    task = inside.tasks.create(attributes='{"number":1}', workflow_sid=workflow.sid)
    [reservation] = inside.tasks(task.sid).reservations.list()
    inside.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    inside.tasks.create(attributes='{"number":2}', workflow_sid=workflow.sid)
    inside.workflows(workflow.sid).update(assignment_callback_url="https://theirs.example/assign")
    return inside


def test_what_is_theirs_is_theirs_afterwards(desk: Any, sandbox: LocalSandbox, memory: AccountMemory) -> None:
    """After a lab with a Task of its own, and two lessons beside it."""
    sid = desk.fetch().sid
    before = whole_account(sandbox.client(), but=(sid,))
    lab = labkit.start(mode="twilio", workspace=NAME)
    assert lab.workspace_sid == sid
    lab.taskrouter.set_activity("Alice", "Available")
    lab.answer_with("accept")
    lab.create_task(LANGUAGES)
    for lesson in ("02", "07"):
        labkit.start(mode="twilio", workspace=NAME, lesson=lesson)
    report: Any = labkit.start(mode="twilio", workspace=NAME).teardown()
    assert whole_account(sandbox.client(), but=(sid,)) == before
    assert [each.what for each in report.steps] == [
        "the Task of Workflow 'Incoming Customer Care Requests'",
        "Workflow 'Incoming Customer Care Requests'",
        "TaskQueue 'Customer Care Requests - English'",
        "TaskQueue 'Customer Care Requests - Spanish'",
        "Worker 'Bob'",
        "Worker 'Alice'",
        "Workspace 'Support desk: 02 assignment callback'",
        "Workspace 'Support desk: 07 routing'",
    ]
    assert report.left == ()
    assert memory.workspaces() == ()
