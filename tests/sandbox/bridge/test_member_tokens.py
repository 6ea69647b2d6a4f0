"""A Worker's token that a member's key has signed opens on the bridge what that key opens over REST, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import CallCentre
from sandbox.conftest import Ask
from sandbox.local import ACCOUNT, LocalSandbox
from sandbox.members import SharedCentre, TestedMember, share
from sandbox.worker_tokens import ApiKey, worker_token

from labkit.member_routes import EVENT_BRIDGE_ROUTES, Rule, match
from labkit.sandbox.bridge.operations import OPERATIONS


@pytest.fixture
def shared(sandbox: LocalSandbox) -> SharedCentre:
    """Ann and Bob, both Available."""
    made = share(sandbox, ["Ann", "Bob"])
    for member in made.members:
        made.centre.switch(member.worker_sid, "Available")
    return made


def page_of(sandbox: LocalSandbox, centre: CallCentre, member: TestedMember, **more: Any) -> BridgeClient:
    """A member's page; `worker_sid`, `workspace_sid` and `role` as a forger would have them."""
    worker_sid, workspace_sid = more.pop("worker_sid", member.worker_sid), more.pop("workspace_sid", centre.sid)
    token = worker_token(ApiKey(ACCOUNT, *member.key), workspace_sid, worker_sid, **more)
    return BridgeClient(sandbox.url, centre.sid, token, worker_sid or "")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_every_operation_of_the_bridge_is_closed_or_ones_own(
    sandbox: LocalSandbox, shared: SharedCentre, operation: Any
) -> None:
    """Asked by Ann with what is Bob's: 403 or 404 wherever it is not the configuration."""
    centre, (ann, bob) = shared.centre, shared.members
    tasks = [centre.add_task().sid for _ in shared.members]
    [bobs] = bob.worker.reservations.list()
    sids = {"Workers": bob.worker_sid, "Reservations": bobs.sid, "TaskQueues": centre.queue_sid, "Tasks": bobs.task_sid}
    sids |= {"WorkerChannels": bob.worker.worker_channels.list()[0].sid, "Transfers": f"TT{'0' * 32}"}
    kind = operation.path.split("/")[-2]
    path = operation.path.format(
        workspace_sid=centre.sid, worker_sid=bob.worker_sid, task_sid=bobs.task_sid, sid=sids.get(kind, "")
    )
    page = page_of(sandbox, centre, ann)
    answered = page.get(path) if operation.method == "GET" else page.post(path, Attributes="{}")
    found = match(operation.method, f"/v1/{path}", on_bridge=True)
    if found is not None and found.route.rule is Rule.ANYONE:
        assert answered.status == 200
    else:
        assert answered.status in (403, 404)
    assert [centre.reservation_status(each) for each in tasks] == [["pending"], ["pending"]]


def test_a_page_works_as_its_worker(sandbox: LocalSandbox, shared: SharedCentre) -> None:
    """Accept, hand over to another, and complete."""
    centre, (ann, bob) = shared.centre, shared.members
    centre.switch(bob.worker_sid, "Offline")
    task = centre.add_task().sid
    page = page_of(sandbox, centre, ann)
    assert [each["sid"] for each in page.get(f"{page.all}/Workers").payload["contents"]]
    [held] = page.get(f"{page.me}/Reservations", Active=True).payload["contents"]
    assert page.get(f"{page.me}/WorkerChannels").payload["contents"]
    assert page.answer(held["sid"], "accepted")["reservation_status"] == "accepted"
    page.post(f"{page.all}/Workers/{ann.worker_sid}", ActivitySid=centre.activities["Unavailable"])
    centre.switch(bob.worker_sid, "Available")
    handed = page.post(f"{page.me}/Transfers", TaskSid=task, ReservationSid=held["sid"], To=bob.worker_sid, Mode="COLD")
    assert handed.payload["transfer_to"] == bob.worker_sid
    [offered] = bob.worker.reservations.list()
    theirs = page_of(sandbox, centre, bob)
    theirs.answer(offered.sid, "accepted")
    done = theirs.post(f"{theirs.all}/Tasks/{task}", AssignmentStatus="completed", Reason="done")
    assert done.payload["assignment_status"] == "completed"


@pytest.mark.parametrize(
    "attempt",
    [
        lambda page, _: page.post(f"{page.all}/Tasks", Attributes="{}"),
        lambda page, _: page.post(f"{page.all}/Workers/{page.worker_sid}", Attributes='{"skill": "all"}'),
        lambda page, task: page.post(f"{page.all}/Tasks/{task}", Attributes="{}"),
        lambda page, task: page.post(f"{page.all}/Tasks/{task}", AssignmentStatus="canceled"),
        lambda page, task: page.post(f"{page.all}/Tasks/{task}?AssignmentStatus=completed"),
    ],
)
def test_what_is_closed_over_rest_is_closed_here(
    sandbox: LocalSandbox, shared: SharedCentre, attempt: Callable[[BridgeClient, str], Any]
) -> None:
    """Though a token that an API key has signed may do these, as Twilio's does."""
    ann = shared.members[0]
    task = shared.centre.add_task().sid
    ann.answer(task, "accepted")
    assert attempt(page_of(sandbox, shared.centre, ann), task).refusal[0] == 403
    assert shared.centre.task_status(task) == "assigned"


@pytest.mark.parametrize("role", ["supervisor", "admin", "worker"])
def test_a_members_key_signs_for_that_member_alone(sandbox: LocalSandbox, shared: SharedCentre, role: str) -> None:
    """Nobody makes themself a supervisor, an admin, or somebody else."""
    centre, (ann, bob) = shared.centre, shared.members
    worker_sid = bob.worker_sid if role == "worker" else ann.worker_sid
    forged = page_of(sandbox, centre, ann, worker_sid=worker_sid, role=role)
    assert forged.get(f"{forged.all}/Workers").refusal[0] == 403
    nobody = page_of(sandbox, centre, ann, worker_sid=None)
    assert nobody.get(f"{nobody.all}/Workers").refusal[0] == 403


def test_a_token_ends_with_the_key_that_signed_it(sandbox: LocalSandbox, shared: SharedCentre, ask: Ask) -> None:
    """A key that was taken back has signed nothing, though the token was good a moment ago."""
    ann = shared.members[0]
    page = page_of(sandbox, shared.centre, ann)
    assert page.get(f"{page.all}/Activities").status == 200
    assert ask("DELETE", f"/_sandbox/members/{ann.key[0]}").status == 204
    assert page.get(f"{page.all}/Activities").refusal[0] == 401


def test_every_route_of_the_table_is_the_bridges() -> None:
    """What is open on the bridge alone is an operation of it."""
    shapes = {(each.method, f"/v1/{each.path}".count("/"), each.path.split("/")[-2]) for each in OPERATIONS}
    assert all((each.method, each.path.count("/"), each.path.split("/")[-2]) in shapes for each in EVENT_BRIDGE_ROUTES)
