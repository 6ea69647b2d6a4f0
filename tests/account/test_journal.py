"""Whatever a lab makes and changes in an account is remembered, also when it is cut off while it does so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox.local import ACCOUNT, LocalSandbox
from twilio_stand_in import StandIn

from labkit.account.journal import AccountJournal, journal_of
from labkit.account.memory import FILE_NAME, AccountMemory
from labkit.account.unfinished import settle_unfinished
from labkit.course.furnishing import FurnishedWorkspace, carry_out, prepare
from labkit.errors import AccountMemoryError, TaskRouterError

NAME, LESSON = "TaskRouter Lab", "TaskRouter Lab: 02 assignment callback"
QUICKSTART = [
    ("Worker", "Alice"),
    ("Worker", "Bob"),
    ("TaskQueue", "Customer Care Requests - Spanish"),
    ("TaskQueue", "Customer Care Requests - English"),
    ("Workflow", "Incoming Customer Care Requests"),
]


@pytest.fixture
def client(sandbox: LocalSandbox) -> Any:
    return sandbox.client()


def furnish(client: Any, memory: AccountMemory, *, lesson: str | None = None) -> FurnishedWorkspace:
    name = LESSON if lesson else NAME
    with journal_of(memory, client, workspace_name=name) as journal:
        return carry_out(prepare(client, workspace_name=name, lesson=lesson), client, journal=journal)


def made(memory: AccountMemory, name: str = NAME) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in memory.workspace(name).made]


def test_of_a_new_workspace_that_alone_is_remembered(client: Any, memory: AccountMemory) -> None:
    """All goes with it; a second time there is nothing more to remember."""
    for _ in range(2):
        found = furnish(client, memory)
        assert made(memory) == [("Workspace", NAME)]
        assert memory.workspace(NAME).is_made(found.workspace_sid)


def test_what_is_made_in_a_workspace_that_was_there_is_remembered_with_its_sid(
    client: Any, memory: AccountMemory, workspaces: Any
) -> None:
    workspace = workspaces(workspaces.create(friendly_name=NAME).sid)
    furnish(client, memory)
    assert made(memory) == QUICKSTART
    there = {
        each.sid for each in (*workspace.workers.list(), *workspace.task_queues.list(), *workspace.workflows.list())
    }
    assert {each.sid for each in memory.workspace(NAME).made} == there


def test_what_is_changed_keeps_the_value_that_was_found(client: Any, memory: AccountMemory, workspaces: Any) -> None:
    """As TaskRouter tells it, not as it is read here. What is the lab's own has none."""
    workspace = workspaces(workspaces.create(friendly_name=LESSON).sid)
    furnish(client, memory, lesson="02_assignment_callback")
    forget(memory)
    workers, workflows = workspace.workers, workspace.workflows
    alice = next(each for each in workers.list() if each.friendly_name == "Alice")
    workers(alice.sid).update(attributes='{"languages":["fr"]}')
    workflow = workflows.list()[0]
    workflows(workflow.sid).update(task_reservation_timeout=7)
    furnish(client, memory, lesson="02_assignment_callback")
    changed = {(each.sid, each.field): each.before for each in memory.workspace(LESSON).changed}
    assert changed == {
        (alice.sid, "attributes"): '{"languages":["fr"]}',
        (workflow.sid, "task_reservation_timeout"): 7,
    }
    assert json.loads(workers(alice.sid).fetch().attributes) == {"languages": ["en", "es"]}


def forget(memory: AccountMemory) -> None:
    memory.path.unlink()


def test_what_is_refused_was_not_made(client: Any, memory: AccountMemory, twilio: StandIn, workspaces: Any) -> None:
    """A 400 or a 429 is certain; without an answer, and after a 500, it may be there."""
    through_tls = AccountJournal(memory, workspace_name=NAME)
    for status, left in ((400, []), (429, []), (500, [("Workspace", NAME)])):
        twilio.plant(status, path="/Workspaces", method="POST", times=1)
        with pytest.raises(TaskRouterError):
            carry_out(prepare(tls_client(), workspace_name=NAME), tls_client(), journal=through_tls)
        assert made(memory) == left
    furnish(client, memory)
    assert len(made(memory)) == len(workspaces.list()) == 1


def tls_client() -> Any:
    from labkit.settings import Settings
    from labkit.taskrouter.client import connect

    settings = Settings.resolve(mode="twilio")
    assert settings.auth_token is not None
    return connect(account_sid=ACCOUNT, auth_token=settings.auth_token)


@pytest.mark.parametrize("kind", ["Workspace", "Worker", "Workflow"])
def test_what_was_made_before_the_end_is_found_by_the_next(
    client: Any, memory: AccountMemory, workspaces: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The process ends between TaskRouter's answer and the note of its SID."""
    if kind != "Workspace":
        workspaces.create(friendly_name=NAME)
    with monkeypatch.context() as patched:
        patched.setattr(AccountMemory, "complete", dying_at(kind, AccountMemory.complete))
        with pytest.raises(KeyboardInterrupt):
            furnish(client, memory)
    left = [each for each in memory.workspace(NAME).made if each.sid is None]
    assert [each.kind for each in left] == [kind]
    furnish(client, memory)
    assert all(each.sid for each in memory.workspace(NAME).made)
    assert made(memory) == ([("Workspace", NAME)] if kind == "Workspace" else QUICKSTART)


def dying_at(kind: str, complete: Any) -> Any:
    def dying(memory: AccountMemory, name: str, number: int, *, sid: str) -> None:
        if next(each.kind for each in memory.workspace(name).made if each.number == number) == kind:
            raise KeyboardInterrupt
        complete(memory, name, number, sid=sid)

    return dying


def test_what_was_not_made_before_the_end_is_forgotten(client: Any, memory: AccountMemory, workspaces: Any) -> None:
    """And what is in a Workspace that is gone."""
    memory.begin(NAME, kind="Workspace", called=NAME, workspace_sid="")
    memory.begin(NAME, kind="Worker", called="Alice", workspace_sid=f"WS{'0' * 32}")
    workspaces.create(friendly_name=NAME.lower())
    assert settle_unfinished(memory, client) == []
    assert made(memory) == []


def test_what_somebody_made_at_another_time_is_not_taken_for_ours(
    client: Any, own_environment: Any, workspaces: Any
) -> None:
    """It is named instead, and the intention stays."""
    yesterday = AccountMemory(own_environment, account_sid=ACCOUNT, now=lambda: datetime.now(UTC) - timedelta(days=1))
    yesterday.begin(NAME, kind="Workspace", called=NAME, workspace_sid="")
    theirs = workspaces.create(friendly_name=NAME)
    doubtful = settle_unfinished(yesterday, client)
    assert [(each.kind, each.name, each.sid) for each in doubtful] == [("Workspace", NAME, theirs.sid)]
    assert [each.sid for each in yesterday.workspace(NAME).made] == [None]


def test_what_cannot_be_remembered_is_not_made(client: Any, memory: AccountMemory, workspaces: Any) -> None:
    (memory.path.parent / FILE_NAME).write_text("{")
    with pytest.raises(AccountMemoryError, match="is damaged"):
        furnish(client, memory)
    assert workspaces.list() == []


def test_of_two_that_begin_at_once_one_waits(memory: AccountMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labkit.account.memory._BUSY_SECONDS", 0.01)
    with (
        memory.exclusively(),
        pytest.raises(AccountMemoryError, match="Another notebook or terminal sets up"),
        memory.exclusively(),
    ):
        pass
