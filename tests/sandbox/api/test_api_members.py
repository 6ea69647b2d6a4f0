"""Members of a shared Workspace: their credentials, and what each sees of Tasks, Reservations, Events and the pulse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sandbox.call_centre import build
from sandbox.conftest import Ask
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, LocalSandbox, local_sandbox
from sandbox.members import SharedCentre, make_member, share
from sandbox.refused import list_refused, refused

from labkit.member_routes import Member
from labkit.sandbox.api import events
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.member_keys import MemberKeys
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.store import MemoryStore, SqliteStore, StoreError

PATH = "/_sandbox/members"
SOMEBODY = Member(workspace_sid=f"WS{'1' * 32}", worker_sid=f"WK{'1' * 32}")


@pytest.fixture
def shared(sandbox: LocalSandbox) -> SharedCentre:
    """Ann and Bob, Offline."""
    return share(sandbox, ["Ann", "Bob"])


def asked_for(shared: SharedCentre, ask: Ask, **more: Any) -> Any:
    """Ask once more for Ann's credentials."""
    ann = shared.members[0]
    return ask(
        "POST", PATH, {"WorkspaceSid": shared.centre.sid, "WorkerSid": ann.worker_sid, **more.pop("form", {})}, **more
    )


# --- credentials ------------------------------------------------------------------------------------------------------


def test_a_worker_has_one_key_until_it_is_renewed(ask: Ask, shared: SharedCentre) -> None:
    """The same again, and with `Renew` another one: the former proves nothing from then on."""
    ann = shared.members[0]
    again = asked_for(shared, ask)
    assert (again.status, again.json) == (
        200,
        {
            "sid": ann.key[0],
            "secret": ann.key[1],
            "account_sid": ACCOUNT,
            "workspace_sid": shared.centre.sid,
            "worker_sid": ann.worker_sid,
        },
    )
    assert ann.worker.fetch().friendly_name == "Ann"
    renewed = asked_for(shared, ask, form={"Renew": "true"})
    assert renewed.status == 201
    assert renewed.json["sid"].startswith("SK")
    assert renewed.json["sid"] != ann.key[0]
    with refused(401, 20003, "Authenticate"):
        ann.worker.fetch()
    path = f"/v1/Workspaces/{shared.centre.sid}"
    assert ask("GET", path, credentials=(renewed.json["sid"], renewed.json["secret"])).status == 200
    assert ask("GET", path, credentials=(renewed.json["sid"], ann.key[1])).status == 401


def test_a_key_is_taken_back(ask: Ask, shared: SharedCentre) -> None:
    """By its account alone."""
    ann, bob = shared.members
    path = f"{PATH}/{ann.key[0]}"
    assert ask("DELETE", path, credentials=(OTHER_ACCOUNT, OTHER_TOKEN)).status == 404
    assert ask("DELETE", path, credentials=bob.key).status == 403
    assert ann.worker.fetch().friendly_name == "Ann"
    assert ask("DELETE", path).status == 204
    assert ask("DELETE", path).status == 404
    with refused(401, 20003, "Authenticate"):
        ann.worker.fetch()
    assert bob.worker.fetch().friendly_name == "Bob"


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ({}, "WorkspaceSid"),
        ({"WorkerSid": ""}, "WorkerSid"),
        ({"WorkerSid": f"WK{'0' * 32}"}, "WorkerSid"),
        ({"WorkspaceSid": f"WS{'0' * 32}"}, "WorkspaceSid"),
    ],
)
def test_a_worker_must_be_there(ask: Ask, shared: SharedCentre, form: dict[str, str], name: str) -> None:
    """A sentence says which parameter is wrong."""
    whole = {"WorkspaceSid": shared.centre.sid, "WorkerSid": shared.members[0].worker_sid, **form} if form else {}
    answer = ask("POST", PATH, whole)
    assert answer.status == 400
    assert name in answer.json["message"]


def test_another_account_makes_none_for_this_workspace(shared: SharedCentre, ask: Ask) -> None:
    """Nor does a member, for themself or for others."""
    assert asked_for(shared, ask, credentials=(OTHER_ACCOUNT, OTHER_TOKEN)).status == 400
    assert asked_for(shared, ask, credentials=shared.members[0].key).status == 403
    assert asked_for(shared, ask, credentials=None).status == 401


def test_who_is_no_worker_any_more_is_nobody(shared: SharedCentre) -> None:
    """The key proves nothing once the Worker is deleted, and nothing once the Workspace is."""
    ann, bob = shared.members
    shared.centre.workspace.workers(ann.worker_sid).delete()
    with refused(401, 20003, "Authenticate"):
        ann.workspace.fetch()
    with list_refused(401, 20003):
        ann.workspace.activities.list()
    assert bob.workspace.fetch().sid == shared.centre.sid
    shared.centre.workspace.delete()
    with refused(401, 20003, "Authenticate"):
        bob.workspace.fetch()


def test_keys_of_those_who_are_gone_are_forgotten(sandbox: LocalSandbox, shared: SharedCentre) -> None:
    """Once somebody new gets one: as many resets as you like leave no more keys than there are Workers."""
    ann, bob = shared.members
    shared.centre.workspace.workers(ann.worker_sid).delete()
    carol = make_member(sandbox, shared.centre, shared.centre.add_worker("Carol").sid)
    kept = MemberKeys(sandbox.service.store)
    assert [kept.get(each.key[0]) is not None for each in (ann, bob, carol)] == [False, True, True]
    assert bob.worker.fetch().friendly_name == "Bob"


# --- what a member sees -----------------------------------------------------------------------------------------------


def test_each_sees_their_own_tasks_and_reservations(shared: SharedCentre) -> None:
    """In lists, one by one, and by way of the Worker; what is another's is not there."""
    centre, (ann, bob) = shared.centre, shared.members
    tasks = []
    for member in (ann, bob):
        centre.switch(member.worker_sid, "Available")
        tasks.append(centre.add_task().sid)
    waiting = centre.add_task().sid
    for member, own, others in ((ann, *tasks), (bob, *reversed(tasks))):
        assert [task.sid for task in member.workspace.tasks.list()] == [own]
        assert member.workspace.tasks(own).fetch().assignment_status == "reserved"
        [reservation] = member.worker.reservations.list()
        assert reservation.task_sid == own
        assert [each.sid for each in member.workspace.tasks(own).reservations.list()] == [reservation.sid]
        for missing in (others, waiting):
            with refused(404, 20404, "was not found"):
                member.workspace.tasks(missing).fetch()
            with list_refused(404, 20404):
                member.workspace.tasks(missing).reservations.list()
    [bobs] = bob.worker.reservations.list()
    with list_refused(404, 20404):
        ann.workspace.workers(bob.worker_sid).reservations.list()
    for attempt in (
        lambda: ann.worker.reservations(bobs.sid).fetch(),
        lambda: ann.workspace.tasks(tasks[1]).reservations(bobs.sid).update(reservation_status="accepted"),
        lambda: ann.workspace.tasks(tasks[0]).reservations(bobs.sid).update(reservation_status="accepted"),
    ):
        with refused(404, 20404, "was not found"):
            attempt()
    assert centre.reservation_status(tasks[1]) == ["pending"]


def test_a_worker_works(shared: SharedCentre) -> None:
    """Accept, wrap up, complete, reject, and go on a break, all as oneself."""
    centre, (ann, bob) = shared.centre, shared.members
    ann.worker.update(activity_sid=centre.activities["Available"])
    task = centre.add_task().sid
    with refused(404, 20404, "was not found"):  # it is not in hand yet
        ann.workspace.tasks(task).update(assignment_status="completed", reason="too soon")
    assert ann.answer(task, "accepted").reservation_status == "accepted"
    with refused(404, 20404, "was not found"):
        bob.workspace.tasks(task).update(assignment_status="completed", reason="not mine")
    ann.workspace.tasks(task).update(assignment_status="wrapping", reason="said goodbye")
    ended = ann.workspace.tasks(task).update(assignment_status="completed", reason="done")
    assert (ended.assignment_status, ended.reason) == ("completed", "done")
    second = centre.add_task().sid
    ann.answer(second, "rejected", worker_activity_sid=centre.activities["Unavailable"])
    assert ann.worker.fetch().activity_name == "Unavailable"
    assert centre.task_status(second) == "pending"


@pytest.mark.parametrize(
    "attempt",
    [
        lambda ann, _: ann.worker.update(attributes='{"skill": "everything"}'),
        lambda ann, _: ann.worker.update(friendly_name="Boss"),
        lambda ann, _: ann.workspace.update(friendly_name="Mine"),
        lambda ann, _: ann.workspace.delete(),
        lambda ann, _: ann.worker.delete(),
        lambda ann, _: ann.workspace.tasks.create(attributes="{}"),
        lambda ann, _: ann.client.taskrouter.v1.workspaces.create(friendly_name="Mine"),
        lambda ann, _: ann.worker.worker_channels("default").update(capacity=50),
        lambda ann, task: ann.workspace.tasks(task).delete(),
        lambda ann, task: ann.workspace.tasks(task).update(priority=9),
        lambda ann, task: ann.reservation(task).update(instruction="call", call_to="+15550100", call_from="+15550101"),
        lambda ann, task: ann.reservation(task).update(reservation_status="rescinded"),
    ],
)
def test_what_is_closed_is_refused_in_a_sentence(shared: SharedCentre, attempt: Callable[[Any, str], Any]) -> None:
    """403 with 20403; nothing is changed."""
    ann, centre = shared.members[0], shared.centre
    centre.switch(ann.worker_sid, "Available")
    task = centre.add_task().sid
    with refused(403, 20403, "closed to a member|A member may not set"):
        attempt(ann, task)
    assert centre.reservation_status(task) == ["pending"]


def test_the_configuration_is_shown_but_for_whom_taskrouter_calls(shared: SharedCentre) -> None:
    """A callback URL may have a password in it."""
    centre, ann = shared.centre, shared.members[0]
    url = "http://user:word@127.0.0.1:9/there"
    centre.set_callback(url, fallback=url)
    centre.workspace.update(event_callback_url=url)
    asked = [ann.workspace.fetch(), ann.workspace.workflows(centre.workflow_sid).fetch()]
    asked += ann.workspace.workflows.list()
    shown = [value for record in asked for name, value in vars(record).items() if name.endswith("callback_url")]
    assert shown == [None] * 5
    assert json.loads(str(asked[1].configuration))["task_routing"]["default_filter"]
    names = {each.friendly_name for each in ann.workspace.workers.list()}
    assert names == {"Alice", "Ann", "Bob"}
    with list_refused(403, 20403):
        ann.client.taskrouter.v1.workspaces.list()
    assert json.loads(ann.workspace.workers(centre.alice_sid).fetch().attributes) == {"languages": ["en", "es"]}
    assert centre.workspace.fetch().event_callback_url == url


def test_events_are_those_of_ones_own_and_of_the_configuration(shared: SharedCentre) -> None:
    """Nothing of another's Task or Worker is in the log."""
    centre, (ann, bob) = shared.centre, shared.members
    tasks = []
    for member in (ann, bob):
        centre.switch(member.worker_sid, "Available")
        tasks.append(centre.add_task().sid)
        member.answer(tasks[-1], "accepted")
    heard = ann.workspace.events.list()
    about = {(each.event_data.get("worker_sid"), each.event_data.get("task_sid")) for each in heard}
    assert about == {(None, None), (ann.worker_sid, None), (None, tasks[0]), (ann.worker_sid, tasks[0])}
    kinds = {each.event_type for each in heard}
    assert {"workflow.created", "worker.activity.update", "task.created", "reservation.accepted"} <= kinds
    assert len(centre.workspace.events.list()) > len(heard)
    paged = [each.sid for page in ann.workspace.events.stream(page_size=2) for each in [page]]
    assert paged == [each.sid for each in heard]
    [bobs] = [each.sid for each in bob.workspace.events.list(event_type="reservation.accepted")]
    with list_refused(400, 21481):
        ann.workspace.events.page(page_token=f"PA{bobs}")
    with refused(403, 20403, "closed to a member"):
        ann.workspace.events(bobs).fetch()


def test_a_members_events_are_looked_for_among_the_newest(
    shared: SharedCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look takes time that is everybody's."""
    ann = shared.members[0]
    shared.centre.switch(ann.worker_sid, "Available")
    shared.centre.switch(shared.members[1].worker_sid, "Available")
    assert {each.event_type for each in ann.workspace.events.list()} > {"worker.activity.update"}
    monkeypatch.setattr(events, "MOST_LOOKED_AT", 2)
    assert [each.event_type for each in ann.workspace.events.list()] == ["worker.activity.update"]


def test_the_pulse_tells_a_member_of_their_workspace_alone(
    sandbox: LocalSandbox, ask: Ask, shared: SharedCentre
) -> None:
    """The time and the faults are everybody's; whose callbacks fail, and what is due in it, is the owner's to know."""
    build(sandbox.client())
    shared.centre.set_callback("http://127.0.0.1:9/refuses")
    shared.centre.reserved_task()
    sandbox.settle()
    owners, members = (
        ask("GET", "/_sandbox/pulse", **who).json for who in ({}, {"credentials": shared.members[0].key})
    )
    assert len(owners["workspaces"]) == 2
    assert list(members["workspaces"]) == [shared.centre.sid]
    assert owners["failing_callbacks"]
    assert (members["failing_callbacks"], members["notices"]) == ({}, [])
    assert owners["clock"]["next"]["sid"]
    assert members["clock"] == {**owners["clock"], "next": {**members["clock"]["next"], "sid": None, "kind": None}}
    assert (members["generation"], members["faults"]) == (owners["generation"], [])
    assert ask("POST", "/_sandbox/clock", {"Action": "pause"}, credentials=shared.members[0].key).status == 403


# --- afterwards -------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "state.sqlite")) as made:
        yield made


def test_members_outlive_the_process(store: SqliteStore) -> None:
    """Beside the accounts and the API keys."""
    accounts = Accounts({}, facts=store)
    sid, _ = accounts.create()
    key = accounts.member_keys.create(SOMEBODY, account_sid=sid)
    again = Accounts({}, facts=store).member_keys
    assert again.get(key.sid) == key
    assert again.of(SOMEBODY, account_sid=sid) == key
    assert again.of(SOMEBODY, account_sid=OTHER_ACCOUNT) is None
    again.delete(key)
    assert MemberKeys(store).get(key.sid) is None


def test_members_work_after_a_restart(tmp_path: Path) -> None:
    """With the same credentials."""
    with local_sandbox(SqliteStore(tmp_path / "two.sqlite")) as sandbox:
        before = share(sandbox, ["Ann"])
    with local_sandbox(SqliteStore(tmp_path / "two.sqlite")) as sandbox:
        [ann] = before.members
        workspace = sandbox.client(*ann.key).taskrouter.v1.workspaces(before.centre.sid)
        assert workspace.workers(ann.worker_sid).fetch().friendly_name == "Ann"
        with refused(403, 20403, "closed to a member"):
            workspace.delete()


def test_what_cannot_be_kept_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: no key that the next start would not know, and the former one holds."""

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    keys = MemberKeys(MemoryStore())
    first = keys.create(SOMEBODY, account_sid=ACCOUNT)
    monkeypatch.setattr(MemoryStore, "keep_fact", full)
    for change in (lambda: keys.create(SOMEBODY, account_sid=ACCOUNT), lambda: keys.delete(first)):
        with pytest.raises(Unavailable, match="the disk is full"):
            change()
    assert keys.of(SOMEBODY, account_sid=ACCOUNT) == first


def test_a_secret_is_not_shown() -> None:
    """Not even where a key is printed by mistake."""
    key = MemberKeys().create(SOMEBODY, account_sid=ACCOUNT)
    assert key.secret not in repr(key)
