"""What a check may know of a Workspace as it is now, read through the official SDK from a sandbox in this process."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from sandbox.local import START, LocalSandbox

from labkit.course import LessonRecord, observe
from labkit.course.furnishing import FurnishedWorkspace, furnish
from labkit.taskrouter.quickstart import WORKFLOW_NAME
from labkit.taskrouter.workspace_client import WorkspaceClient


@pytest.fixture
def place(sdk: Any, request: pytest.FixtureRequest) -> FurnishedWorkspace:
    """A Workspace of this test's own."""
    return furnish(sdk, workspace_name=request.node.name[:64])


def record_of(sdk: Any, place: FurnishedWorkspace, calls: tuple[Any, ...] = ()) -> LessonRecord:
    """What a check gets."""
    client, server = WorkspaceClient(sdk, place.workspace_sid), SimpleNamespace(exchanges=[])
    return observe(client=client, sdk=sdk, exchanges=server.exchanges, answers=(), calls=calls, now=START)  # type: ignore[arg-type]


def test_the_workspace_is_known_by_names(sdk: Any, place: FurnishedWorkspace) -> None:
    """As its file would say it, and without a SID."""
    seen = record_of(sdk, place).workspace
    alice = next(worker for worker in seen["workers"] if worker["friendly_name"] == "Alice")
    assert (alice["activity"], alice["attributes"]) == ("Offline", {"languages": ["en", "es"]})
    [workflow] = seen["workflows"]
    assert workflow["configuration"]["task_routing"]["filters"][0]["targets"] == [
        {"queue": "Customer Care Requests - Spanish"}
    ]
    assert place.workspace_sid not in str(dict(seen))


def test_two_of_one_name_are_both_there(sdk: Any, place: FurnishedWorkspace) -> None:
    """TaskRouter allows it, and a learner may have done it."""
    again = json.dumps({"task_routing": {"filters": []}})
    sdk.taskrouter.v1.workspaces(place.workspace_sid).workflows.create(friendly_name=WORKFLOW_NAME, configuration=again)
    names = [workflow["friendly_name"] for workflow in record_of(sdk, place).workspace["workflows"]]
    assert names == [WORKFLOW_NAME, WORKFLOW_NAME]


def test_whom_the_workflows_call_is_known(sdk: Any, place: FurnishedWorkspace) -> None:
    """By the Workflow's name; the timeout is the quickstart's."""
    workflow = sdk.taskrouter.v1.workspaces(place.workspace_sid).workflows(place.workflow_sid)
    workflow.update(fallback_assignment_callback_url="http://127.0.0.1:9/fallback")
    assert record_of(sdk, place).callback_urls == {WORKFLOW_NAME: ("", "http://127.0.0.1:9/fallback", 1200)}


def test_what_is_open_is_known(sdk: Any, place: FurnishedWorkspace) -> None:
    """A Task that was canceled is not among them."""
    client = WorkspaceClient(sdk, place.workspace_sid)
    made = [client.create_task({"selected_language": language}) for language in ("en", "es")]
    client.cancel(made[0].sid)
    assert [task.sid for task in record_of(sdk, place).tasks] == [made[1].sid]


def test_what_no_step_looks_at_is_not_asked_for(sandbox: LocalSandbox, sdk: Any, place: FurnishedWorkspace) -> None:
    """A real account counts requests; and what is looked at twice is asked for once."""
    before = len(sandbox.calls)
    record = record_of(sdk, place)
    assert len(sandbox.calls) - before == 1  # the log
    assert [len(record.tasks), len(record.tasks)] == [0, 0]
    assert len(sandbox.calls) - before == 2


def test_the_calls_of_the_kernel_are_handed_on(sdk: Any, place: FurnishedWorkspace) -> None:
    """As the stream has them."""
    call = {"method": "POST", "path": "/v1/Workspaces", "status": 201}
    assert record_of(sdk, place, (call,)).calls == (call,)
