"""Every operation of the bridge, asked for as the Worker SDK asks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.bridge.conftest import Enter
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import CallCentre

from labkit.sandbox.bridge.operations import OPERATIONS

BAD_TARGET = (
    "Value 'WWx' provided for WorkflowSid as RoutingTarget has an invalid format. "
    "WorkspaceSid: {workspace}, AccountSid: {account}"
)


def test_what_a_client_loads_at_first(centre: CallCentre, alice: BridgeClient) -> None:
    """Its Worker, then Activities, WorkerChannels and open Reservations, all of which must be there."""
    task, held = centre.reserved_task()
    worker = alice.get(alice.me).payload
    activities = alice.get(f"{alice.all}/Activities", PageSize=1000).payload
    channels = alice.get(f"{alice.me}/WorkerChannels", PageSize=1000).payload
    reservations = alice.get(f"{alice.me}/Reservations", version="v2", Active="true", PageSize=1000).payload

    assert (worker["sid"], worker["friendly_name"], worker["activity_name"]) == (centre.alice_sid, "Alice", "Available")
    assert worker["activity_sid"] in {each["sid"] for each in activities["contents"]}
    assert len(channels["contents"]) == 5
    assert {(each["configured_capacity"], each["available"]) for each in channels["contents"]} == {(1, True)}
    [reservation] = reservations["contents"]
    assert (reservation["sid"], reservation["task"]["sid"]) == (held.sid, task.sid)
    assert (reservation["reservation_status"], reservation["reservation_timeout"]) == ("pending", 60)
    assert reservations["after_sid"] is None


def test_the_activity_is_changed(centre: CallCentre, alice: BridgeClient) -> None:
    """The answer is the Worker as they are now, one version up."""
    before = alice.get(alice.me).payload["version"]
    changed = alice.post(alice.me, if_match=before, ActivitySid=centre.activities["Available"]).payload
    assert (changed["activity_name"], changed["available"], changed["version"]) == ("Available", True, before + 1)


def test_pending_reservations_are_rejected_with_the_activity(centre: CallCentre, alice: BridgeClient) -> None:
    """`RejectPendingReservations` comes as a JSON boolean."""
    task, _ = centre.reserved_task()
    answered = alice.post(alice.me, ActivitySid=centre.activities["Offline"], RejectPendingReservations=True)
    assert answered.payload["activity_name"] == "Offline"
    assert centre.reservation_status(task.sid) == ["rejected"]


def test_attributes_come_as_an_object_and_go_as_a_text(centre: CallCentre, alice: BridgeClient) -> None:
    """In the shortest spelling; REST shows the same."""
    changed = alice.post(alice.me, Attributes={"languages": ["é", "en"], "level": 3, "on": True, "off": None}).payload
    assert changed["attributes"] == '{"languages":["é","en"],"level":3,"on":true,"off":null}'
    assert centre.workspace.workers(centre.alice_sid).fetch().attributes == changed["attributes"]


def test_a_reservation_is_accepted_wrapped_up_and_completed(centre: CallCentre, alice: BridgeClient) -> None:
    """Each answer in version 1, without the Task, one version up."""
    task, held = centre.reserved_task()
    seen = [alice.answer(held.sid, word) for word in ("accepted", "wrapping", "completed")]

    assert [each["reservation_status"] for each in seen] == ["accepted", "wrapping", "completed"]
    assert [each["version"] for each in seen] == [1, 2, 3]
    assert {each["task_sid"] for each in seen} == {task.sid}
    assert not [each for each in seen if "task" in each]
    assert centre.task_status(task.sid) == "completed"


def test_a_reservation_is_rejected_with_an_activity(centre: CallCentre, alice: BridgeClient) -> None:
    """Where the Worker goes then."""
    _, held = centre.reserved_task()
    answered = alice.post(
        f"{alice.me}/Reservations/{held.sid}",
        ReservationStatus="rejected",
        WorkerActivitySid=centre.activities["Offline"],
    )
    assert answered.payload["reservation_status"] == "rejected"
    assert alice.get(alice.me).payload["activity_name"] == "Offline"


def test_a_reservation_is_fetched_with_its_task_in_both_versions(centre: CallCentre, alice: BridgeClient) -> None:
    """Without it the client cannot take in the newest version."""
    task, held = centre.reserved_task()
    first = alice.get(f"{alice.me}/Reservations/{held.sid}").payload
    second = alice.get(f"{alice.me}/Reservations/{held.sid}", version="v2").payload
    assert first["task"]["sid"] == second["task"]["sid"] == first["task_sid"] == task.sid
    assert "task_sid" not in second


def test_ended_reservations_are_listed_unless_the_active_ones_are_asked_for(
    centre: CallCentre, alice: BridgeClient
) -> None:
    """Pending, accepted and wrapping ones are active."""
    _, held = centre.reserved_task()
    for word, active in (("accepted", 1), ("wrapping", 1), ("completed", 0)):
        alice.answer(held.sid, word)
        found = alice.get(f"{alice.me}/Reservations", version="v2", Active="true").payload["contents"]
        assert len(found) == active
    [ended] = alice.get(f"{alice.me}/Reservations", version="v2").payload["contents"]
    assert (ended["sid"], ended["reservation_status"]) == (held.sid, "completed")


def test_a_task_is_changed_wrapped_up_and_completed(centre: CallCentre, alice: BridgeClient) -> None:
    """Attributes as an object, the reason, the VirtualStartTime; a version up each time."""
    task, held = centre.reserved_task()
    path = f"{alice.all}/Tasks/{task.sid}"
    before = alice.get(path).payload["version"]
    assert alice.post(path, if_match=before, Attributes={"a": 1}).payload["version"] == before + 1
    started = alice.post(path, VirtualStartTime="2025-12-31T23:00:00Z").payload
    assert started["virtual_start_time"] == started["date_created"] - 3600
    alice.answer(held.sid, "accepted")
    wrapping = alice.post(path, AssignmentStatus="wrapping", Reason="nearly").payload
    assert (wrapping["assignment_status"], wrapping["reason"], wrapping["attributes"]) == (
        "wrapping",
        "nearly",
        '{"a":1}',
    )
    completed = alice.post(path, AssignmentStatus="completed", Reason="done").payload
    assert (completed["assignment_status"], completed["reason"]) == ("completed", "done")


def test_a_worker_makes_a_task_for_themself(centre: CallCentre, alice: BridgeClient) -> None:
    """With the SDK's names for the TaskChannel; the Reservation comes although the Worker is offline."""
    made = alice.post(
        f"{alice.all}/Tasks",
        WorkflowSid=centre.workflow_sid,
        TaskQueueSid=centre.queue_sid,
        RoutingTarget=alice.worker_sid,
        Attributes={"outbound_to": "+15550100", "from": "+15550101"},
        TaskChannelUniqueName="voice",
        VirtualStartTime="2025-12-31T23:59:59Z",
    ).payload

    assert (made["assignment_status"], made["routing_target"]) == ("pending", alice.worker_sid)
    assert (made["task_channel_unique_name"], made["queue_sid"]) == ("voice", centre.queue_sid)
    assert json.loads(made["attributes"]) == {"outbound_to": "+15550100", "from": "+15550101"}
    assert made["virtual_start_time"] == made["date_created"] - 1
    [offered] = alice.get(f"{alice.me}/Reservations", version="v2", Active="true").payload["contents"]
    assert (offered["task"]["sid"], alice.get(alice.me).payload["available"]) == (made["sid"], False)
    by_sid = alice.post(
        f"{alice.all}/Tasks", WorkflowSid=centre.workflow_sid, Attributes={}, TaskChannelSid=made["task_channel_sid"]
    )
    assert by_sid.payload["task_channel_unique_name"] == "voice"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"WorkflowSid": "WWx"},
            BAD_TARGET,
        ),
        ({"TaskQueueSid": "here"}, "Value 'here' provided for TaskQueueSid"),
        ({"WorkflowSid": f"WW{'0' * 32}"}, "is not in this Workspace"),
        ({"VirtualStartTime": "2126-01-01T00:00:00Z"}, "future"),
        ({"TaskChannelUniqueName": "smoke"}, "there is no TaskChannel 'smoke'"),
    ],
)
def test_a_task_that_cannot_be_made_says_why(
    centre: CallCentre, alice: BridgeClient, given: dict[str, str], text: str
) -> None:
    """A 400 with what was given in its text."""
    params = {"WorkflowSid": centre.workflow_sid, "RoutingTarget": alice.worker_sid, "Attributes": {}, **given}
    status, said = alice.post(f"{alice.all}/Tasks", **params).refusal
    assert status == 400
    assert text.format(workspace=centre.sid, account=centre.workspace.fetch().account_sid) in said


def test_an_unknown_activity_is_named(alice: BridgeClient) -> None:
    """The page shows the text to a person."""
    status, said = alice.post(alice.me, ActivitySid="WAnowhere").refusal
    assert status == 400
    assert "WAnowhere" in said


def test_a_channel_has_another_capacity_and_is_closed(alice: BridgeClient) -> None:
    """A number and a boolean, as JSON has them."""
    [voice] = [
        each
        for each in alice.get(f"{alice.me}/WorkerChannels").payload["contents"]
        if each["task_channel_unique_name"] == "voice"
    ]
    path = f"{alice.me}/WorkerChannels/{voice['sid']}"
    changed = alice.post(path, Capacity=4, Available=False).payload
    assert (changed["configured_capacity"], changed["available"]) == (4, False)
    assert alice.get(path).payload == changed


def test_a_workspace_client_fetches_all_kinds(centre: CallCentre, enter: Enter) -> None:
    """Workers, TaskQueues and Tasks, by their SIDs."""
    admin = enter(role="admin")
    task = centre.add_task()
    assert admin.get(f"{admin.all}/Workers/{centre.alice_sid}").payload["friendly_name"] == "Alice"
    assert admin.get(f"{admin.all}/TaskQueues/{centre.queue_sid}").payload["friendly_name"] == "Everybody"
    assert admin.get(f"{admin.all}/Tasks/{task.sid}").payload["sid"] == task.sid


@pytest.mark.parametrize("kind", ["Workers/WK", "TaskQueues/WQ", "Tasks/WT"])
@pytest.mark.parametrize("end", ["0" * 32, "0", "0" * 31 + "x", "é"])
def test_what_is_not_there_is_a_404_that_names_the_path(alice: BridgeClient, kind: str, end: str) -> None:
    """Whatever is wrong with the SID."""
    path = f"{alice.all}/{kind}{end}"
    assert alice.get(path).refusal == (404, f"The requested resource /{path} was not found")


def test_a_supervisor_changes_another_worker(centre: CallCentre, enter: Enter) -> None:
    """Their attributes and their Activity; the client sends its own Worker's version, which does not count."""
    bob = centre.add_worker("Bob")
    boss = enter(centre.alice_sid, role="supervisor")
    path = f"{boss.all}/Workers/{bob.sid}"
    assert boss.post(path, if_match=999, Attributes={"a": 1}).payload["attributes"] == '{"a":1}'
    moved = boss.post(path, if_match=999, ActivitySid=centre.activities["Available"]).payload
    assert (moved["sid"], moved["activity_name"]) == (bob.sid, "Available")
    assert boss.post(f"{boss.all}/Workers/WK{'0' * 32}", ActivitySid=centre.activities["Available"]).status == 404
    status, said = boss.post(path, ActivitySid="WAunknown").refusal
    assert status == 400
    assert "WAunknown" in said


@pytest.mark.parametrize("path", ["{me}", "{me}/Reservations/{reservation}", "{all}/Tasks/{task}"])
def test_an_old_version_is_refused_and_changes_nothing(centre: CallCentre, alice: BridgeClient, path: str) -> None:
    """With the option `enableVersionCheck` the client sends the bare number."""
    task, held = centre.reserved_task()
    path = path.format(me=alice.me, all=alice.all, reservation=held.sid, task=task.sid)
    before = alice.get(path).payload
    given: dict[str, Any] = {"ReservationStatus": "accepted"} if "Reservations" in path else {"Attributes": {"new": 1}}
    status, said = alice.post(path, if_match=before["version"] + 7, **given).refusal

    assert status == 412
    assert str(before["version"]) in said
    assert alice.get(path).payload == before
    assert alice.post(path, if_match=before["version"], **given).status == 200


def test_a_task_is_handed_to_a_colleague_and_taken_back(centre: CallCentre, alice: BridgeClient, enter: Enter) -> None:
    """Both see it in their Reservations; the transfer is canceled once."""
    task, held = centre.reserved_task()
    bob = enter(centre.add_worker("Bob", available=True).sid)
    alice.answer(held.sid, "accepted")
    begun = alice.post(
        f"{alice.me}/Transfers",
        version="v2",
        ReservationSid=held.sid,
        TaskSid=task.sid,
        To=bob.worker_sid,
        Mode="WARM",
        Attributes={"note": "é"},
        Priority=7,
    ).payload

    assert (begun["transfer_status"], begun["transfer_mode"], begun["transfer_type"]) == ("initiated", "WARM", "WORKER")
    assert (begun["task_sid"], begun["initiating_worker_sid"]) == (task.sid, alice.worker_sid)
    shown = alice.get(f"{alice.all}/Tasks/{task.sid}").payload
    assert (shown["attributes"], shown["priority"]) == ('{"note":"é"}', 7)
    [hers] = alice.get(f"{alice.me}/Reservations", version="v2", Active="true").payload["contents"]
    [his] = bob.get(f"{bob.me}/Reservations", version="v2", Active="true").payload["contents"]
    assert (hers["active_outgoing_task_transfer"], "task_transfer" in hers) == (begun, False)
    assert (his["task_transfer"], "active_outgoing_task_transfer" in his) == (begun, False)
    first = bob.get(f"{bob.me}/Reservations/{his['sid']}").payload
    assert not [name for name in first if "transfer" in name]

    path, given = f"{alice.me}/Transfers/{begun['sid']}", {"TaskSid": task.sid, "TransferStatus": "canceled"}
    assert bob.post(f"{bob.me}/Transfers/{begun['sid']}", version="v2", **given).status == 404
    assert alice.post(path, version="v2", **given).payload["transfer_status"] == "canceled"
    assert alice.post(path, version="v2", **given).refusal == (
        400,
        f"Transfer {begun['sid']} is already canceled . Cannot cancel transfer.",
    )
    assert alice.post(path, **{**given, "TransferStatus": "complete"}).status == 400


def test_a_task_is_handed_to_a_queue_by_default_warm(centre: CallCentre, alice: BridgeClient) -> None:
    """Without anybody there it waits; a wrong address is refused."""
    task, held = centre.reserved_task()
    alice.answer(held.sid, "accepted")
    given = {"ReservationSid": held.sid, "TaskSid": task.sid}
    assert alice.post(f"{alice.me}/Transfers", version="v2", **given, To="nobody").status == 400
    assert alice.post(f"{alice.me}/Transfers", version="v2", **given).status == 400
    begun = alice.post(f"{alice.me}/Transfers", version="v2", **given, To=centre.queue_sid).payload
    assert (begun["transfer_mode"], begun["transfer_type"]) == ("WARM", "QUEUE")
    assert alice.get(f"{alice.all}/Tasks/{task.sid}").payload["assignment_status"] == "pending"


def test_no_two_operations_have_one_path() -> None:
    """Whoever reads the table finds each once, and every path can be told from the others."""
    asked = [(each.method, each.path) for each in OPERATIONS]
    assert len(asked) == len(set(asked))
