"""Every open Task is ended: against recorded answers, also where its status changes meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from taskrouter.recorded import WORKSPACE, Recorded, Request, page, sid

from labkit.errors import TaskRouterError
from labkit.taskrouter.clearing import REASON, ClearedTasks, clear_tasks
from labkit.taskrouter.workspace_client import WorkspaceClient

HERE = f"/Workspaces/{WORKSPACE}/Tasks"
CANNOT_CANCEL = {"code": 20001, "message": "Task is not pending or reserved", "status": 400}
GONE = {"code": 20404, "message": "The requested resource was not found", "status": 404}
NOT_ALLOWED = {"code": 20003, "message": "Authenticate", "status": 401}


def task(number: int, status: str) -> dict[str, Any]:
    return {"sid": sid("WT", number), "attributes": "{}", "assignment_status": status, "age": 1, "priority": 0}


@pytest.fixture
def workspace(client: Any) -> WorkspaceClient:
    """The recorded Workspace."""
    return WorkspaceClient(client, WORKSPACE)


def updates(recorded: Recorded) -> list[Request]:
    return [each for each in recorded.requests if each.method == "POST"]


def test_what_waits_goes_first_and_what_was_accepted_is_completed(
    workspace: WorkspaceClient, recorded: Recorded
) -> None:
    """TaskRouter refuses the other way round; and nobody is offered a Task that is about to be canceled."""
    statuses = ["assigned", "reserved", "wrapping", "pending"]
    recorded.on("GET", HERE, page("tasks", [task(number, status) for number, status in enumerate(statuses)]))
    recorded.on("POST", f"{HERE}/WT.*", task(0, "completed"))
    assert clear_tasks(workspace) == ClearedTasks(canceled=2, completed=2)
    sent = [(each.path[-1], each.form["AssignmentStatus"], each.form["Reason"]) for each in updates(recorded)]
    assert sent == [
        (number, status, REASON) for number, status in zip("3120", ["canceled"] * 2 + ["completed"] * 2, strict=True)
    ]


def test_a_task_accepted_meanwhile_is_completed(workspace: WorkspaceClient, recorded: Recorded) -> None:
    """Between the list and the request a Worker may accept it."""
    recorded.on("GET", HERE, page("tasks", [task(1, "reserved")]))
    recorded.on("GET", f"{HERE}/WT.*", task(1, "assigned"))
    recorded.on("POST", f"{HERE}/WT.*", task(1, "completed"))
    refused_once = iter([(400, CANNOT_CANCEL)])
    play = recorded.answers[0][2]
    recorded.answers.insert(0, ("POST", f"{HERE}/WT.*", lambda request: next(refused_once, None) or play(request)))
    assert clear_tasks(workspace) == ClearedTasks(completed=1)
    assert [each.form["AssignmentStatus"] for each in updates(recorded)] == ["canceled", "completed"]


@pytest.mark.parametrize("now", [(200, task(1, "completed")), (404, GONE)])
def test_a_task_that_ended_by_itself_counts_as_neither(
    workspace: WorkspaceClient, recorded: Recorded, now: tuple[int, dict[str, Any]]
) -> None:
    """It may still be there for some minutes, or be removed."""
    recorded.on("GET", HERE, page("tasks", [task(1, "pending")]))
    recorded.on("GET", f"{HERE}/WT.*", now[1], status=now[0])
    recorded.on("POST", f"{HERE}/WT.*", CANNOT_CANCEL, status=400)
    assert clear_tasks(workspace) == ClearedTasks()


@pytest.mark.parametrize("refusal", [CANNOT_CANCEL, NOT_ALLOWED])
def test_a_refusal_for_another_reason_is_told(
    workspace: WorkspaceClient, recorded: Recorded, refusal: dict[str, Any]
) -> None:
    """It is not asked again and again."""
    recorded.on("GET", HERE, page("tasks", [task(1, "pending")]))
    recorded.on("GET", f"{HERE}/WT.*", task(1, "pending"))
    recorded.on("POST", f"{HERE}/WT.*", refusal, status=refusal["status"])
    with pytest.raises(TaskRouterError, match=refusal["message"]):
        clear_tasks(workspace)
    assert len(updates(recorded)) == 1


def test_only_the_tasks_of_a_workflow_are_asked_for(workspace: WorkspaceClient, recorded: Recorded) -> None:
    """In an account others may work in the same Workspace."""
    recorded.on("GET", HERE, page("tasks", []))
    clear_tasks(workspace, workflow=sid("WW", 7))
    assert recorded.requests[0].params["WorkflowSid"] == sid("WW", 7)


@pytest.mark.parametrize(
    ("cleared", "sentence"),
    [
        (ClearedTasks(), "There was no open Task."),
        (ClearedTasks(canceled=1), "Tasks: 1 that waited was canceled."),
        (
            ClearedTasks(canceled=2, completed=1),
            "Tasks: 2 that waited were canceled, 1 that a Worker had was completed.",
        ),
    ],
)
def test_it_shows_itself_as_a_sentence(cleared: ClearedTasks, sentence: str) -> None:
    """In a notebook it is a cell's last line."""
    assert repr(cleared) == sentence
