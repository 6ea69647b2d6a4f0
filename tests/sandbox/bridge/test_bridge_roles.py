"""Nobody acts as somebody else: what each role may ask, and which tokens the bridge takes at all."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from sandbox.bridge.conftest import Enter, new_key
from sandbox.bridge_client import BridgeClient, post
from sandbox.call_centre import CallCentre, build
from sandbox.local import OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, LocalSandbox
from sandbox.worker_tokens import ApiKey, worker_token
from twilio.rest import Client

from labkit.sandbox.bridge.operations import OPERATIONS

ROLES = ("worker", "supervisor", "admin")
ALL, WORKER, WORKERS = "Workspaces/{workspace_sid}", "/Workers/{worker_sid}", "/Workers/{sid}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path.removeprefix(ALL)}")
@pytest.mark.parametrize("role", ROLES)
def test_who_may_ask_what_about_another_worker(centre: CallCentre, enter: Enter, operation: Any, role: str) -> None:
    """A Worker reads who is there, and changes nothing of others; a supervisor changes them; an admin may do all."""
    bob = centre.add_worker("Bob", available=True)
    task = centre.add_task()
    [held] = centre.reservations(task.sid)
    asked = enter(None if role == "admin" else centre.alice_sid, role=role)
    sids = {"Workers": bob.sid, "Reservations": held.sid, "TaskQueues": centre.queue_sid, "Tasks": task.sid}
    *_, kind, last = operation.path.split("/")
    path = operation.path.format(
        workspace_sid=centre.sid, worker_sid=bob.sid, task_sid=task.sid, sid=sids.get(kind, "WCx"), last=last
    )
    answered = asked.get(path) if operation.method == "GET" else asked.post(path)

    short = (operation.method, operation.path.removeprefix(ALL))
    is_others = short[1].startswith(f"{WORKER}/") or short == ("POST", WORKERS)
    is_supervised = short in (("POST", WORKERS), ("POST", "/Tasks/{task_sid}/Reservations/{sid}"))
    refused = {
        "worker": is_others or is_supervised,
        "supervisor": is_others and not is_supervised,
        "admin": False,
    }[role]
    assert (answered.status == 403) is refused, answered.body
    if refused:
        assert f"the role {role}" in answered.refusal[1]
        assert centre.reservation_status(task.sid) == ["pending"]


def test_a_worker_cannot_answer_for_another(centre: CallCentre, enter: Enter) -> None:
    """Neither by the other's path nor by their own."""
    bob = centre.add_worker("Bob", available=True)
    task = centre.add_task()
    [held] = centre.reservations(task.sid)
    alice = enter(centre.alice_sid)
    for path in (f"{alice.all}/Workers/{bob.sid}", alice.me):
        for answered in (
            alice.get(f"{path}/Reservations/{held.sid}"),
            alice.post(f"{path}/Reservations/{held.sid}", ReservationStatus="accepted"),
        ):
            assert answered.status == (404 if path == alice.me else 403)
    assert centre.reservation_status(task.sid) == ["pending"]


def test_a_worker_cannot_hand_over_what_is_anothers(centre: CallCentre, enter: Enter) -> None:
    """Not by the own path with somebody else's Reservation."""
    bob = enter(centre.add_worker("Bob", available=True).sid)
    task = centre.add_task()
    [held] = centre.reservations(task.sid)
    bob.answer(held.sid, "accepted")
    alice = enter(centre.alice_sid)
    given = {"ReservationSid": held.sid, "TaskSid": task.sid, "To": centre.queue_sid}
    assert alice.post(f"{alice.me}/Transfers", **given).status == 400
    assert centre.task_status(task.sid) == "assigned"


def test_a_supervisor_sends_nobody_else(centre: CallCentre, enter: Enter) -> None:
    """As the Supervisor of a conversation they name themself."""
    bob = centre.add_worker("Bob", available=True)
    task = centre.add_task()
    [held] = centre.reservations(task.sid)
    boss = enter(centre.alice_sid, role="supervisor")
    path = f"{boss.all}/Tasks/{task.sid}/Reservations/{held.sid}"
    given = {"Instruction": "supervise", "SupervisorMode": "monitor"}
    status, said = boss.post(path, **given, Supervisor=bob.sid).refusal
    assert status == 403
    assert "another Worker" in said
    status, said = boss.post(path, **given, Supervisor=boss.worker_sid).refusal
    assert status == 400
    assert "not accepted" in said


def test_a_workspace_is_closed_to_tokens_of_another(client: Client, centre: CallCentre, enter: Enter) -> None:
    """Of the same account, too; nothing there is read or changed."""
    alice, other = enter(centre.alice_sid), build(client)
    for answered in (
        alice.get(f"Workspaces/{other.sid}/Activities"),
        alice.get(f"Workspaces/{other.sid}/Workers/{other.alice_sid}"),
        alice.post(f"Workspaces/{other.sid}/Tasks", WorkflowSid=other.workflow_sid),
    ):
        assert answered.refusal == (403, f"The token is for Workspace {centre.sid}")
    assert list(other.workspace.tasks.list()) == []


def test_a_workspace_that_is_not_the_accounts_is_refused(
    sandbox: LocalSandbox, ask: Any, centre: CallCentre, key: ApiKey
) -> None:
    """One of another account, one that never was, and one that was deleted."""
    theirs = new_key(ask, (OTHER_ACCOUNT, OTHER_TOKEN))
    nowhere = f"WS{'0' * 32}"
    for signed_by, workspace_sid in ((theirs, centre.sid), (key, nowhere)):
        token = worker_token(signed_by, workspace_sid, centre.alice_sid)
        client = BridgeClient(sandbox.url, workspace_sid, token)
        assert client.get(f"{client.all}/Activities").refusal == (
            403,
            f"The account of this token has no Workspace {workspace_sid}",
        )
    mine = BridgeClient(sandbox.url, centre.sid, worker_token(key, centre.sid, centre.alice_sid))
    centre.client.taskrouter.v1.workspaces(centre.sid).delete()
    assert mine.get(f"{mine.all}/Activities").status == 403


def test_a_worker_who_is_not_there_is_a_404(centre: CallCentre, enter: Enter) -> None:
    """Deleted, or none at all in the token."""
    bob = centre.add_worker("Bob")
    gone = enter(bob.sid)
    centre.workspace.workers(bob.sid).delete()
    assert gone.get(gone.me).status == 404
    nobody = enter(None)
    assert nobody.get(f"{nobody.all}/Workers/undefined").status == 404


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda token, key: "", 401),
        (lambda token, key: "nonsense", 401),
        (lambda token, key: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), 401),
        (lambda token, key: token.rpartition(".")[0] + ".", 401),
        (lambda token, key: None, 401),
        (lambda token, key: {"token": token}, 401),
        (lambda token, key: 7, 401),
    ],
)
def test_a_spoilt_token_changes_nothing(
    sandbox: LocalSandbox, centre: CallCentre, key: ApiKey, spoil: Any, status: int
) -> None:
    """It is refused before the path is looked at."""
    token = spoil(worker_token(key, centre.sid, centre.alice_sid), key)
    for path in (f"Workspaces/{centre.sid}/Workers/{centre.alice_sid}", "nowhere"):
        body = {"url": path, "method": "POST", "params": {"Attributes": {"a": 1}}, "token": token}
        assert post(sandbox.url, json.dumps(body).encode()).refusal[0] == status
    assert centre.workspace.workers(centre.alice_sid).fetch().attributes == '{"languages":["en","es"]}'


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_token_signed_with_the_auth_token_is_refused(
    sandbox: LocalSandbox, centre: CallCentre, key: ApiKey, enter: Enter
) -> None:
    """That is how the older capability tokens are made."""
    for wrong in (replace(key, secret=TOKEN), ApiKey(key.account_sid, key.account_sid, TOKEN)):
        client = BridgeClient(sandbox.url, centre.sid, worker_token(wrong, centre.sid, centre.alice_sid))
        assert client.get(f"{client.all}/Activities").refusal[0] == 401


def test_a_token_expires_by_the_real_clock(sandbox: LocalSandbox, centre: CallCentre, enter: Enter) -> None:
    """Whatever the sandbox's own clock says."""
    alice = enter(centre.alice_sid)
    sandbox.advance(10 * 86_400)
    assert alice.get(alice.me).status == 200
    expired = enter(centre.alice_sid, ttl=-5)
    status, said = expired.get(expired.me).refusal
    assert status == 401
    assert "expired" in said


def test_a_refused_token_is_logged_once_and_not_shown(
    centre: CallCentre, enter: Enter, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when what is wrong is the Workspace; the refusal does not show it either."""
    expired = enter(centre.alice_sid, ttl=-5)
    centre.client.taskrouter.v1.workspaces(centre.sid).delete()
    gone = enter(centre.alice_sid)
    answers = [client.get(f"{client.all}/Activities") for client in (expired, expired, gone, gone)]

    lines = [line for line in caplog.messages if "token was refused" in line]
    assert [line.split(":")[0] for line in lines] == [
        "a Worker token was refused (401)",
        "a Worker token was refused (403)",
    ]
    shown = caplog.text + "".join(each.body.decode() for each in answers)
    assert not [part for client in (expired, gone) for part in client.token.split(".")[1:] if part in shown]


def test_what_happens_in_one_second_has_one_token(key: ApiKey, centre: CallCentre) -> None:
    """The library's tokens are equal then, so a token is not a name for a page."""
    begun = time.time()
    first, second = (worker_token(key, centre.sid, centre.alice_sid) for _ in range(2))
    assert first == second or int(begun) != int(time.time())
