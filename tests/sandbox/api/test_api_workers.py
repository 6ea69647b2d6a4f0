"""Workers and their channels through the SDK (docs: /docs/taskrouter/api/worker, …/api/worker-channel)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import START, LocalSandbox
from sandbox.refused import refused

Ask = Callable[..., Any]


def test_a_new_worker_with_its_defaults(centre: CallCentre) -> None:
    """In the Workspace's default Activity, without attributes."""
    bob = centre.workspace.workers.create(friendly_name="Bob")
    assert (bob.activity_name, bob.activity_sid, bob.available) == ("Offline", centre.activities["Offline"], False)
    assert bob.attributes == "{}"
    assert bob.date_status_changed == START
    assert bob.links["worker_channels"] == bob.links["channels"] == f"{bob.url}/Channels"
    assert bob.links["statistics"].endswith("/Workers/Statistics")
    assert bob.links["worker_statistics"] == f"{bob.url}/Statistics"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('{"languages": ["en", "es"], "level": 3}', '{"languages":["en","es"],"level":3}'),
        ('  {\n"a" : {"b": [ ] } }\n', '{"a":{"b":[]}}'),
        ('{"name": "Zoë 😀", "x": "\\u00e9"}', '{"name":"Zoë 😀","x":"é"}'),
        ('{"n": 1.50, "big": 12345678901234567890}', '{"n":1.5,"big":12345678901234567890}'),
        ('{"half": "\\ud83d"}', '{"half":"\\ud83d"}'),
        ('{"a": 1, "a": 2}', '{"a":2}'),
        ("", "{}"),
    ],
)
def test_attributes_come_back_without_blanks(centre: CallCentre, given: str, kept: str) -> None:
    """The same JSON, written compactly, for Workers and for Tasks."""
    assert centre.workspace.workers.create(friendly_name="Bob", attributes=given).attributes == kept
    assert centre.add_task(attributes=given).attributes == kept
    assert centre.workspace.workers(centre.alice_sid).update(attributes=given).attributes == kept


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ("{", "not valid JSON at line 1, column 2"),
        ("{'a': 1}", "not valid JSON"),
        ("[]", "a JSON object is needed, and this is a list"),
        ('"text"', "this is a string"),
        ("null", "this is null"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1e999}', "too large"),
        (json.dumps({"a": "x" * 4096}), "the maximum is 4096"),
        ("{}" + " " * 4095, "4097 characters"),
        ('{"a":' * 100 + "1" + "}" * 100, "nested more than 64 levels deep"),
    ],
)
def test_attributes_that_are_refused(centre: CallCentre, attributes: str, words: str) -> None:
    """For Workers and for Tasks, at creation and on updates; nothing changes."""
    alice, task = centre.workspace.workers(centre.alice_sid), centre.add_task()
    for change in (
        lambda: centre.workspace.workers.create(friendly_name="Bob", attributes=attributes),
        lambda: alice.update(friendly_name="Changed", attributes=attributes),
        lambda: centre.add_task(attributes=attributes),
        lambda: centre.workspace.tasks(task.sid).update(priority=1, attributes=attributes),
    ):
        with refused(400, 20001, f"Invalid Attributes: .*{words}"):
            change()
    assert [w.friendly_name for w in centre.workspace.workers.list()] == ["Alice"]
    assert [t.priority for t in centre.workspace.tasks.list()] == [0]


def test_names_are_unique_whatever_the_case(centre: CallCentre) -> None:
    """At creation and on a rename; a Worker may keep its own name in other letters."""
    with refused(400, 20001, "there is a Worker Alice already"):
        centre.add_worker("ALICE")
    bob = centre.add_worker("Bob")
    with refused(400, 20001, "there is a Worker Alice already"):
        centre.workspace.workers(bob.sid).update(friendly_name="alice")
    assert centre.workspace.workers(bob.sid).update(friendly_name="BOB").friendly_name == "BOB"


def test_a_change_of_activity(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """Name, availability and the moment of the change follow; the same Activity again is no change."""
    alice = centre.workspace.workers(centre.alice_sid)
    sandbox.advance(60)
    updated = alice.update(activity_sid=centre.activities["Available"])
    assert (updated.activity_name, updated.available) == ("Available", True)
    changed = updated.date_status_changed
    assert (changed - START).total_seconds() == 60
    sandbox.advance(60)
    assert alice.update(activity_sid=centre.activities["Available"]).date_status_changed == changed
    with refused(400, 20001, "Invalid ActivitySid: 'WA0' is not in this Workspace"):
        alice.update(activity_sid="WA0")


def test_pending_reservations_can_be_rejected_on_leaving(centre: CallCentre) -> None:
    """Only together with an Activity that is not available; without it they stay."""
    task, _ = centre.reserved_task()
    alice = centre.workspace.workers(centre.alice_sid)
    with refused(400, 20001, "RejectPendingReservations"):
        alice.update(activity_sid=centre.activities["Available"], reject_pending_reservations=True)
    alice.update(activity_sid=centre.activities["Unavailable"])
    assert centre.reservation_status(task.sid) == ["pending"]
    alice.update(activity_sid=centre.activities["Offline"], reject_pending_reservations=True)
    assert centre.reservation_status(task.sid) == ["rejected"]


def test_workers_are_found(centre: CallCentre) -> None:
    """By name, Activity, availability, expression and queue."""
    bob = centre.add_worker("Bob", available=True, attributes={"languages": ["en"], "level": 2})
    spanish = centre.workspace.task_queues.create(friendly_name="Spanish", target_workers='languages HAS "es"')

    def found(**query: Any) -> list[str]:
        return [w.friendly_name for w in centre.workspace.workers.list(**query)]

    assert found() == ["Alice", "Bob"]
    assert found(friendly_name="Bob") == ["Bob"]
    assert found(activity_sid=centre.activities["Offline"]) == found(activity_name="Offline") == ["Alice"]
    assert found(available="true") == ["Bob"]
    assert found(available="no") == ["Alice"]
    assert found(target_workers_expression='languages HAS "es"') == ["Alice"]
    assert found(target_workers_expression=f'level > 1 AND sid == "{bob.sid}"') == ["Bob"]
    assert found(target_workers_expression='activity_name == "Available"') == ["Bob"]
    assert found(task_queue_sid=spanish.sid) == found(task_queue_name="Spanish") == ["Alice"]
    assert found(task_queue_sid="WQ0") == []
    assert found(ordering="FriendlyName:desc") == ["Bob", "Alice"]
    assert found(friendly_name="Bob", available="no") == []


def test_a_list_by_an_expression_lets_others_in_between(
    sandbox: LocalSandbox, centre: CallCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks each Worker, of whom there may be thousands, with nobody waiting for all; its pages are the same."""
    names = [centre.add_worker(f"W{number}", attributes={"level": number % 2}).friendly_name for number in range(6)]
    turns = []

    async def written() -> None:
        turns.append("others")

    monkeypatch.setattr("labkit.sandbox.api.resource.SLICE_SECONDS", -1)
    monkeypatch.setattr(sandbox.service, "written", written)
    found = centre.workspace.workers.list(target_workers_expression="level == 1", page_size=2)
    assert [worker.friendly_name for worker in found] == names[1::2]
    assert len(turns) == 2 * (1 + len(names))  # two pages, each asked of Alice too


@pytest.mark.parametrize("query", ["TargetWorkersExpression=languages+HAS", "Ordering=Age", "Ordering=FriendlyName:up"])
def test_a_filter_that_makes_no_sense_is_refused(ask: Ask, centre: CallCentre, query: str) -> None:
    """With the parameter's name."""
    answer = ask("GET", f"/v1/Workspaces/{centre.sid}/Workers?{query}")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert f"Invalid {query.partition('=')[0]}" in answer.json["message"]


def test_a_worker_who_holds_a_reservation_stays(centre: CallCentre) -> None:
    """Once it is over, the Worker can go, and the Task still shows its Reservations."""
    task, reservation = centre.reserved_task()
    with refused(400, 20001, f"Cannot delete Worker Alice because it is used by Reservation {reservation.sid}"):
        centre.workspace.workers(centre.alice_sid).delete()
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(
        reservation_status="rejected", worker_activity_sid=centre.activities["Offline"]
    )
    centre.workspace.workers(centre.alice_sid).delete()
    (shown,) = centre.reservations(task.sid)
    assert (shown.reservation_status, shown.worker_sid, shown.worker_name) == ("rejected", centre.alice_sid, None)


# --- channels ---------------------------------------------------------------------------------------------------------


def test_a_workers_channels(centre: CallCentre) -> None:
    """One for each TaskChannel, by SID or by the TaskChannel's unique name."""
    alice = centre.workspace.workers(centre.alice_sid)
    channels = {c.task_channel_unique_name: c for c in alice.worker_channels.list()}
    assert set(channels) == {"default", "voice", "chat", "sms", "video"}
    voice = alice.worker_channels("voice").fetch()
    assert voice.sid == channels["voice"].sid == alice.worker_channels(voice.sid).fetch().sid
    assert voice.task_channel_sid == centre.workspace.task_channels("voice").fetch().sid
    assert (voice.configured_capacity, voice.available, voice.available_capacity_percentage) == (1, True, 100)
    assert voice.url.endswith(f"/Workers/{centre.alice_sid}/Channels/{voice.sid}")


def test_capacity_counts_what_is_taken(centre: CallCentre) -> None:
    """A third of three is 66 percent left, rounded down; of what is taken, only what is accepted is assigned."""
    channel = centre.workspace.workers(centre.alice_sid).worker_channels("default")
    assert channel.update(capacity=3).configured_capacity == 3
    task, reservation = centre.reserved_task()
    taken = channel.fetch()
    assert (taken.available_capacity_percentage, taken.assigned_tasks) == (66, 0)
    for status, assigned in (("accepted", 1), ("wrapping", 0)):
        centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status=status)
        taken = channel.fetch()
        assert (taken.available_capacity_percentage, taken.assigned_tasks) == (66, assigned)
    assert channel.update(capacity=0).available_capacity_percentage == 0


def test_a_channel_that_is_not_available_gets_nothing(centre: CallCentre) -> None:
    """The Task waits until it is; the other channels go on."""
    channel = centre.workspace.workers(centre.alice_sid).worker_channels("default")
    assert channel.update(available=False).available is False
    centre.switch(centre.alice_sid, "Available")
    waiting, chat = centre.add_task(), centre.add_task(task_channel="chat")
    assert (centre.task_status(waiting.sid), centre.task_status(chat.sid)) == ("pending", "reserved")
    channel.update(available=True)
    assert centre.task_status(waiting.sid) == "reserved"


@pytest.mark.parametrize("capacity", ["-1", "many", "1.5", "99999999999"])
def test_a_capacity_that_cannot_be(centre: CallCentre, capacity: str) -> None:
    """A whole number from 0 on."""
    channel = centre.workspace.workers(centre.alice_sid).worker_channels("default")
    with refused(400, 20001, "Invalid Capacity"):
        channel.update(capacity=capacity)
    assert channel.fetch().configured_capacity == 1


def test_an_unknown_channel_is_404(centre: CallCentre) -> None:
    """By its name as by a SID."""
    for name in ("fax", "WC0"):
        with refused(404, 20404, f"/Workers/{centre.alice_sid}/Channels/{name} was not found"):
            centre.workspace.workers(centre.alice_sid).worker_channels(name).fetch()
