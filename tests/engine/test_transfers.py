"""Transfers: a Worker hands an assigned Task over to another Worker or to a TaskQueue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from engine.world import World, written

from labkit import limits
from labkit.engine import commands as c
from labkit.errors import Refusal
from labkit.vocabulary import TransferMode

OFFERED = ["task.transfer-initiated", "reservation.created"]
WAITING = ["task.transfer-initiated", "task-queue.moved", "task-queue.entered"]


def assigned(**workspace: Any) -> World:
    """A World in which Alice has the Task `T` of TaskQueue `Q`; Bob and Carol are in `Other`, and have nothing."""
    world = World(**workspace)
    world.add_queue("Q", "name == 'alice'")
    world.add_queue("Other", "name != 'alice'")
    world.add_workflow("Main", default_filter={"queue": "Q"}, reservation_timeout=60)
    for name in ("Alice", "Bob", "Carol"):
        world.add_worker(name, attributes={"name": name.lower()})
    world.create_task("T", attributes={"number": 1}, priority=3)
    world.answer("T", "accepted")
    world.take_events()
    return world


def assigned_and_transferred(to: str, **fields: Any) -> World:
    """The same after Alice has begun to hand the Task over."""
    world = assigned()
    world.transfer("T", "Alice", to, **fields)
    world.take_events()
    return world


def standing(world: World) -> tuple[str, list[str], str]:
    """The status of the Task, of its Reservations, and of its latest transfer."""
    task = world.task("T")
    return (
        str(task.assignment_status),
        [str(r.reservation_status) for r in task.reservations],
        str(task.transfers[-1].transfer_status),
    )


# --- to a Worker ------------------------------------------------------------------------------------------------------


def test_a_task_is_handed_over_to_a_worker() -> None:
    """The Worker gets a Reservation beside the accepted one; accepting it makes the Task assigned to both."""
    world = assigned()
    transfer = world.transfer("T", "Alice", "Bob")
    assert standing(world) == ("reserved", ["accepted", "pending"], "initiated")
    assert world.task("T").transfer is transfer
    assert world.reservation("T", "Bob").transfer_sid == transfer.sid
    assert world.take_events() == OFFERED

    world.answer("T", "accepted", worker="Bob")
    assert standing(world) == ("assigned", ["accepted", "accepted"], "complete")
    assert world.task("T").transfer is None
    assert world.take_events() == ["reservation.accepted", "task.transfer-completed"]


def test_a_transfer_says_what_it_is() -> None:
    """By the names of the browser SDK."""
    world = assigned()
    transfer = world.transfer("T", "Alice", "Bob")
    assert transfer.sid.startswith("TT")
    named = {name: world.name_of(getattr(transfer, name)) for name in transfer.__slots__ if name.endswith("_sid")}
    assert named == {
        "task_sid": "T",
        "initiating_reservation_sid": world.reservation("T", "Alice").sid,
        "initiating_worker_sid": "Alice",
        "initiating_queue_sid": "Q",
        "initiating_workflow_sid": "Main",
    }
    assert (transfer.transfer_mode, transfer.transfer_type, transfer.transfer_to) == (
        "WARM",
        "WORKER",
        world.names["Bob"],
    )
    assert transfer.transfer_failed_reason is None


@pytest.mark.parametrize("leaves_first", ["Alice", "Bob"])
def test_both_wrap_up_and_complete_for_themselves(leaves_first: str) -> None:
    """The Task is wrapping once nobody has it accepted, and completed with the last of them."""
    world = assigned_and_transferred("Bob")
    world.answer("T", "accepted", worker="Bob")
    world.take_events()
    other = "Bob" if leaves_first == "Alice" else "Alice"
    seen = []
    for worker, status in ((leaves_first, "wrapping"), (other, "wrapping"), (other, "completed")):
        world.answer("T", status, worker=worker)
        seen.append((str(world.task("T").assignment_status), *world.take_events()))
    world.answer("T", "completed", worker=leaves_first)
    seen.append((str(world.task("T").assignment_status), *world.take_events()))
    assert seen == [
        ("assigned", "reservation.wrapup"),
        ("wrapping", "reservation.wrapup", "task.wrapup"),
        ("wrapping", "reservation.completed"),
        ("completed", "reservation.completed", "task.completed"),
    ]


def test_one_who_completes_leaves_the_task_to_the_other() -> None:
    """Its status stays as it is, also where the other is wrapping up."""
    world = assigned_and_transferred("Bob")
    world.answer("T", "accepted", worker="Bob")
    world.answer("T", "wrapping", worker="Bob")
    world.answer("T", "completed", worker="Alice")
    assert standing(world) == ("assigned", ["completed", "wrapping"], "complete")
    world.answer("T", "completed", worker="Bob")
    assert standing(world) == ("completed", ["completed", "completed"], "complete")


@pytest.mark.parametrize("status", ["wrapping", "completed"])
def test_the_task_of_both_ends_for_both(status: str) -> None:
    """What is asked of the Task itself goes for each Reservation."""
    world = assigned_and_transferred("Bob")
    world.answer("T", "accepted", worker="Bob")
    world.update_task("T", status=status)
    assert standing(world) == (status, [status, status], "complete")


def reject_pending(world: World) -> None:
    world.set_activity("Bob", "Offline", reject_pending=True)


REJECTED = "Transfer failed because the reservation was rejected"
TIMED_OUT = "Transfer failed because the reservation timed out"
CANCELED = "Transfer failed because the reservation was canceled"
REFUSALS: dict[str, tuple[Callable[[World], object], str, str]] = {
    "rejected": (lambda world: world.answer("T", "rejected", worker="Bob"), "rejected", REJECTED),
    "rejected with the Activity": (reject_pending, "rejected", REJECTED),
    "rejected by the callback": (lambda world: world.call_back("T", "reject"), "rejected", REJECTED),
    "timed out": (lambda world: world.at(60), "timeout", TIMED_OUT),
    "canceled": (lambda world: world.answer("T", "canceled", worker="Bob"), "canceled", CANCELED),
    "no callback": (lambda world: world.fail_callback("T"), "canceled", CANCELED),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_worker_who_does_not_take_it_fails_the_transfer(refusal: str) -> None:
    """The Task stays with who has it, and the transfer says why."""
    world = assigned_and_transferred("Bob")
    refuse, status, reason = REFUSALS[refusal]
    refuse(world)
    assert standing(world) == ("assigned", ["accepted", status], "failed")
    assert world.task("T").transfers[0].transfer_failed_reason == reason
    events = [type_ for type_ in world.take_events() if not type_.startswith("worker.")]
    assert events == [f"reservation.{status}", "task.transfer-failed", "task.updated"]


def test_another_transfer_may_follow() -> None:
    """After one that failed, after one that was canceled, and from whoever has taken the Task over."""
    world = assigned_and_transferred("Bob")
    world.answer("T", "rejected", worker="Bob")
    world.transfer("T", "Alice", "Bob")
    world.cancel_transfer("T", "Alice")
    world.transfer("T", "Alice", "Bob")
    world.answer("T", "accepted", worker="Bob")
    world.transfer("T", "Bob", "Carol")
    world.answer("T", "accepted", worker="Carol")
    assert [str(t.transfer_status) for t in world.task("T").transfers] == ["failed", "canceled", "complete", "complete"]
    assert len({t.sid for t in world.task("T").transfers}) == 4
    assert world.describe("T")["workers"] == ["Alice", "Bob", "Carol"]


# --- to a TaskQueue ---------------------------------------------------------------------------------------------------


def test_a_task_is_handed_over_to_a_queue() -> None:
    """It waits there until somebody fits, as any Task does, and is the queue's from then on."""
    world = assigned()
    for name in ("Bob", "Carol"):
        world.set_activity(name, "Offline")
    world.take_events()
    transfer = world.transfer("T", "Alice", "Other")
    assert standing(world) == ("pending", ["accepted"], "initiated")
    assert (transfer.transfer_type, world.name_of(transfer.transfer_to)) == ("QUEUE", "Other")
    assert world.describe("T")["queue"] == "Other"
    assert world.take_events() == WAITING

    world.at(5).set_activity("Bob", "Available")
    assert standing(world) == ("reserved", ["accepted", "pending"], "initiated")
    assert world.take_events() == ["worker.activity.update", "reservation.created"]
    world.answer("T", "accepted", worker="Bob")
    assert standing(world) == ("assigned", ["accepted", "accepted"], "complete")
    assert world.describe("T")["queue"] == "Other"


def test_it_waits_in_line() -> None:
    """By its priority among the others of the queue, and as one for which capacity counts."""
    world = assigned()
    for name in ("Bob", "Carol"):
        world.set_activity(name, "Offline")
    for number, priority in enumerate((5, 4, 1)):
        world.create_task(f"W{number}", to="Other", priority=priority)
    world.transfer("T", "Alice", "Other", priority=4)
    taken = []
    world.set_activity("Bob", "Available")
    for _ in range(4):
        open_to_bob = next(iter(world.state.open_reservations[world.names["Bob"]].values()))
        name = world.name_of(open_to_bob.task_sid)
        taken.append(name)
        world.answer(str(name), "accepted", worker="Bob")
        world.answer(str(name), "completed", worker="Bob")
    assert taken == ["W0", "T", "W1", "W2"]  # T is older than W1, which has its priority


ATTEMPTS: dict[str, tuple[Callable[[World], object], str]] = {
    "reject": (lambda world: world.answer("T", "rejected", worker="Bob", activity="Offline"), "rejected"),
    "timeout": (lambda world: world.at(60), "timeout"),
}


@pytest.mark.parametrize("how", ATTEMPTS)
def test_the_next_worker_of_the_queue_is_asked(how: str) -> None:
    """The attempt has failed, the transfer goes on."""
    world = assigned_and_transferred("Other")
    assert world.describe("T")["workers"] == ["Alice", "Bob"]
    refuse, status = ATTEMPTS[how]
    refuse(world)
    assert world.describe("T")["workers"] == ["Alice", "Carol"]
    assert standing(world) == ("reserved", ["accepted", status, "pending"], "initiated")
    assert world.take_events() == [
        f"reservation.{status}",
        "worker.activity.update",
        "task.transfer-attempt-failed",
        "task.updated",
        "reservation.created",
    ]
    reason = f"Transfer attempt failed on reservation {how} because there are no more pending reservations"
    assert world.task("T").transfer is not None
    assert world.task("T").transfer.transfer_failed_reason == reason

    world.answer("T", "accepted", worker="Carol")
    assert standing(world)[::2] == ("assigned", "complete")
    assert world.task("T").transfers[0].transfer_failed_reason is None


def test_a_queue_may_ask_several_at_once() -> None:
    """The attempt fails with the last who does not take it; who accepts takes it from the others."""
    world = assigned()
    world.update_queue("Other", max_reserved_workers=2)
    world.transfer("T", "Alice", "Other")
    world.take_events()
    world.answer("T", "rejected", worker="Bob", activity="Offline")
    assert world.take_events() == ["reservation.rejected", "worker.activity.update"]
    world.answer("T", "rejected", worker="Carol", activity="Offline")
    assert "task.transfer-attempt-failed" in world.take_events()
    world.set_activity("Bob", "Available")
    world.answer("T", "accepted", worker="Bob")
    assert standing(world) == ("assigned", ["accepted", "rejected", "rejected", "accepted"], "complete")


def test_two_who_were_asked_and_one_who_accepts() -> None:
    """The other's Reservation is rescinded, and that of who hands the Task over is not."""
    world = assigned()
    world.update_queue("Other", max_reserved_workers=2)
    world.transfer("T", "Alice", "Other")
    world.take_events()
    world.answer("T", "accepted", worker="Carol")
    assert standing(world) == ("assigned", ["accepted", "rescinded", "accepted"], "complete")
    assert world.take_events() == ["reservation.accepted", "reservation.rescinded", "task.transfer-completed"]


@pytest.mark.parametrize(("capacity", "status"), [(1, "pending"), (2, "reserved")])
def test_who_hands_over_may_be_offered_it_back(capacity: int, status: str) -> None:
    """If she is in the queue, and has capacity besides."""
    world = assigned()
    world.set_channel("Alice", "default", configured_capacity=capacity)
    world.transfer("T", "Alice", "Q")
    assert standing(world)[0] == status
    assert world.describe("T")["workers"] == (["Alice", "Alice"] if capacity == 2 else ["Alice"])


def test_it_is_offered_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of a Task holds in a transfer too: it fails, and the Task is where it was."""
    monkeypatch.setattr(limits, "MAX_ASSIGNMENTS", 4)
    world = assigned_and_transferred("Other")
    for worker in ("Bob", "Carol", "Bob"):
        world.answer("T", "rejected", worker=worker)
    assert standing(world) == ("assigned", ["accepted", "rejected", "rejected", "rejected"], "failed")
    assert "max assignment count" in str(world.task("T").transfers[0].transfer_failed_reason)
    assert world.describe("T")["queue"] == "Q"


# --- cold -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "events"),
    [
        ("Bob", ["task.transfer-initiated", "reservation.wrapup", "reservation.created"]),
        ("Other", ["task.transfer-initiated", "reservation.wrapup", *WAITING[1:], "reservation.created"]),
    ],
)
def test_in_a_cold_one_who_hands_over_wraps_up_at_once(to: str, events: list[str]) -> None:
    """Completing is hers, before or after the other has accepted; the Task goes on with the other."""
    world = assigned()
    world.transfer("T", "Alice", to, mode=TransferMode.COLD)
    assert standing(world) == ("reserved", ["wrapping", "pending"], "initiated")
    assert world.take_events() == events
    world.answer("T", "completed", worker="Alice")
    assert standing(world) == ("reserved", ["completed", "pending"], "initiated")
    world.answer("T", "accepted", worker="Bob")
    assert standing(world) == ("assigned", ["completed", "accepted"], "complete")
    world.answer("T", "completed", worker="Bob")
    assert standing(world)[0] == "completed"


def refuse(world: World) -> None:
    world.answer("T", "rejected", worker="Bob")


def take_back(world: World) -> None:
    world.cancel_transfer("T", "Alice")


@pytest.mark.parametrize(("fail", "ended"), [(refuse, "failed"), (take_back, "canceled")])
@pytest.mark.parametrize(("completed", "status"), [(False, "assigned"), (True, "completed")])
def test_a_cold_one_that_nobody_takes(fail: Callable[[World], None], ended: str, completed: bool, status: str) -> None:
    """The Task is assigned again while she wraps up, and completed if she has completed."""
    world = assigned_and_transferred("Bob", mode=TransferMode.COLD)
    if completed:
        world.answer("T", "completed", worker="Alice")
    world.take_events()
    fail(world)
    assert (standing(world)[0], standing(world)[2]) == (status, ended)
    events = world.take_events()
    assert events[1:] == [f"task.transfer-{ended}", "task.completed" if completed else "task.updated"]
    if not completed:
        world.answer("T", "completed", worker="Alice")
        assert standing(world)[0] == "completed"


def test_a_cold_one_goes_on_in_its_queue() -> None:
    """Also to who has handed it over, when nobody else is left and she has completed."""
    world = assigned()
    world.add_queue("All")
    world.transfer("T", "Alice", "All", mode=TransferMode.COLD)
    world.answer("T", "completed", worker="Alice")
    for worker in ("Bob", "Carol"):
        world.answer("T", "rejected", worker=worker, activity="Offline")
    assert world.describe("T")["workers"] == ["Alice"]
    world.answer("T", "accepted")
    assert standing(world) == ("assigned", ["completed", "rejected", "rejected", "accepted"], "complete")


# --- taken back -------------------------------------------------------------------------------------------------------


def test_a_transfer_is_canceled() -> None:
    """The other's Reservation is canceled, and the Task is assigned as before."""
    world = assigned_and_transferred("Bob")
    take_back(world)
    assert standing(world) == ("assigned", ["accepted", "canceled"], "canceled")
    assert world.take_events() == ["reservation.canceled", "task.transfer-canceled", "task.updated"]


def test_a_task_comes_back_from_a_queue() -> None:
    """Nobody is asked any more, and it is of the TaskQueue from which it came."""
    world = assigned()
    for name in ("Bob", "Carol"):
        world.set_activity(name, "Offline")
    world.transfer("T", "Alice", "Other")
    take_back(world)
    assert standing(world) == ("assigned", ["accepted"], "canceled")
    world.set_activity("Bob", "Available")
    assert world.describe("T") | {"queue": "Q", "workers": ["Alice"]} == world.describe("T")


# --- refused ----------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[World], object], dict[str, str], str]] = {
    "not available": (lambda w: w.set_activity("Bob", "Offline"), {}, "Worker Bob is in Activity Offline"),
    "no capacity": (
        lambda w: w.create_task("B", to="Bob"),
        {},
        "Worker Bob has no capacity left for TaskChannel default",
    ),
    "no channel": (
        lambda w: w.set_channel("Bob", "default", available=False),
        {},
        "Worker Bob has no capacity left for TaskChannel default",
    ),
    "under way": (lambda w: w.transfer("T", "Alice", "Carol"), {}, "is under way"),
    "wrapping": (lambda w: w.answer("T", "wrapping"), {}, "is wrapping, not accepted"),
    "another's": (lambda _: None, {"worker_sid": "Bob"}, "is not of Worker WK"),
    "no Reservation": (lambda _: None, {"reservation_sid": "WR0"}, "Invalid ReservationSid: 'WR0' is not in this"),
    "no Task": (lambda _: None, {"task_sid": "WT0"}, "Invalid TaskSid: 'WT0' is not in this Workspace"),
    "another Task": (lambda w: w.create_task("Two"), {"task_sid": "Two"}, "is not of Task WT"),
    "neither": (lambda _: None, {"to": "Main"}, "is not the SID of a Worker or a TaskQueue"),
    "no Worker": (lambda _: None, {"to": "WK0"}, "Invalid To: 'WK0' is not in this Workspace"),
    "no TaskQueue": (lambda _: None, {"to": "WQ0"}, "Invalid To: 'WQ0' is not in this Workspace"),
    "attributes": (lambda _: None, {"attributes": "{"}, "Attributes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_handed_over_is_refused(case: str) -> None:
    """With 400 and a sentence that says who and why; nothing changes."""
    world = assigned()
    prepare, given, words = REFUSED[case]
    prepare(world)
    before = written(world.state)
    asked = {"worker_sid": "Alice", "task_sid": "T", "to": "Bob", **given}
    fields = {name: world.names.get(value, value) for name, value in asked.items()}
    with pytest.raises(Refusal, match=words) as refused:
        world.run(c.TransferTask, **{"reservation_sid": world.reservation("T", "Alice").sid, **fields})
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert written(world.state) == before


@pytest.mark.parametrize(
    ("end", "word"),
    [
        (take_back, "canceled"),
        (refuse, "failed"),
        (lambda world: world.answer("T", "accepted", worker="Bob"), "complete"),
    ],
)
def test_a_transfer_that_is_over_is_not_canceled(end: Callable[[World], None], word: str) -> None:
    """In the words of the real service."""
    world = assigned_and_transferred("Bob")
    end(world)
    with pytest.raises(Refusal) as refused:
        take_back(world)
    sid = world.task("T").transfers[0].sid
    assert str(refused.value) == f"Transfer {sid} is already {word} . Cannot cancel transfer."
    assert refused.value.status == 400


def test_only_who_has_begun_it_cancels_it() -> None:
    """And only as the transfer of its Task; a SID that is not there is 404."""
    world = assigned_and_transferred("Bob")
    transfer = world.task("T").transfers[0]
    given = {"worker_sid": world.names["Alice"], "sid": transfer.sid, "task_sid": transfer.task_sid}
    statuses = []
    for wrong in ({"worker_sid": world.names["Bob"]}, {"task_sid": "WT0"}, {"sid": "TT0"}):
        with pytest.raises(Refusal) as refused:
            world.run(c.CancelTransfer, **{**given, **wrong})
        statuses.append(refused.value.status)
    assert statuses == [400, 400, 404]
    assert transfer.transfer_status == "initiated"


@pytest.mark.parametrize(("status", "words"), [("wrapping", "it's not"), ("completed", "it is not")])
def test_the_task_itself_waits_for_the_transfer(status: str, words: str) -> None:
    """It is not currently assigned, says the usual sentence; the Reservation is hers to end."""
    world = assigned_and_transferred("Bob")
    with pytest.raises(Refusal, match=f"because {words} currently assigned"):
        world.update_task("T", status=status)
    world.answer("T", status, worker="Alice")
    assert standing(world) == ("reserved", [status, "pending"], "initiated")


# --- what else happens meanwhile --------------------------------------------------------------------------------------


def test_attributes_and_priority_are_the_tasks() -> None:
    """The attributes replace those that there were, as an update does."""
    world = assigned()
    world.transfer("T", "Alice", "Bob", attributes={"why": "billing"}, priority=7)
    task = world.task("T")
    assert (json.loads(task.attributes), task.scope, task.priority) == ({"why": "billing"}, {"why": "billing"}, 7)
    assert [json.loads(event.data["task_attributes"]) for event in world.events] == [{"why": "billing"}] * 2


def test_attributes_that_name_a_call_bring_the_caller() -> None:
    """As those of an update do."""
    world = assigned()
    call_sid = f"CA{'a' * 32}"
    world.transfer("T", "Alice", "Bob", attributes={"call_sid": call_sid})
    assert [(leg.call_sid, str(leg.status)) for leg in world.task("T").legs] == [(call_sid, "in-progress")]


def test_versions_grow_by_one_for_each_change() -> None:
    """Of the Task, of the Reservations and of the transfer."""
    world = assigned()
    task, alices = world.task("T"), world.reservation("T", "Alice")
    before = (task.version, alices.version)
    world.transfer("T", "Alice", "Bob", attributes={"a": 1}, priority=7)
    bobs = world.reservation("T", "Bob")
    assert (task.version, alices.version, bobs.version) == (before[0] + 1, before[1], 0)
    world.answer("T", "accepted", worker="Bob")
    assert (task.version, alices.version, bobs.version) == (before[0] + 2, before[1], 1)
    assert task.transfers[0].version == 1


@pytest.mark.parametrize("to", ["Bob", "Other"])
def test_a_task_that_is_canceled_takes_all_with_it(to: str) -> None:
    """The pending Reservation is canceled, the accepted one completed, and the transfer failed."""
    world = assigned_and_transferred(to)
    world.update_task("T", status="canceled", reason="gone")
    assert standing(world) == ("canceled", ["completed", "canceled"], "failed")
    assert world.take_events() == [
        "reservation.completed",
        "reservation.canceled",
        "task.transfer-failed",
        "task.canceled",
    ]


def test_a_task_that_is_deleted_takes_its_transfers_with_it() -> None:
    """They are reported as failed, and are gone."""
    world = assigned_and_transferred("Bob")
    transfer = world.task("T").transfers[0]
    world.delete("T")
    assert world.take_events() == [
        "reservation.completed",
        "reservation.canceled",
        "task.transfer-failed",
        "task.deleted",
    ]
    assert transfer.transfer_status == "failed"
    assert not world.state.transfers
    assert transfer.sid not in world.kept


def test_a_caller_who_hangs_up_ends_it() -> None:
    """The Task is canceled, as any that waits."""
    call_sid = f"CA{'a' * 32}"
    world = assigned()
    world.update_task("T", attributes={"call_sid": call_sid})
    world.transfer("T", "Alice", "Bob")
    world.run(c.HangUp, sid=call_sid)
    assert standing(world) == ("canceled", ["completed", "canceled"], "failed")


def test_its_time_to_live_does_not_end_it() -> None:
    """Nor the day after which an assigned Task is removed: it is somebody's, and is being handed over."""
    world = World()
    world.add_queue("Q")
    world.add_queue("Nobody", "1==2")
    world.add_workflow("Main", default_filter={"queue": "Q", "timeout": 50})
    world.add_worker("Alice")
    world.create_task("T", timeout=100)
    world.answer("T", "accepted")
    world.transfer("T", "Alice", "Nobody")
    world.at(2 * limits.MAX_ASSIGNED_SECONDS)
    assert standing(world) == ("pending", ["accepted"], "initiated")
    take_back(world)
    world.at(world.seconds + limits.MAX_ASSIGNED_SECONDS - 1)
    assert standing(world)[0] == "assigned"
    world.at(world.seconds + 1)
    assert world.describe("T") is None


@pytest.mark.parametrize("to", ["Bob", "Nobody"])
def test_its_workflow_leaves_it_alone(to: str) -> None:
    """An update of its attributes, and another configuration, lead Tasks elsewhere; not this one."""
    world = assigned()
    world.add_queue("Nobody", "1==2")
    world.transfer("T", "Alice", to)
    before = standing(world)
    filters = [{"expression": "number == 2", "targets": [{"queue": "Other"}]}]
    world.update_workflow("Main", filters=filters, default_filter={"queue": "Q"}, re_evaluate=True)
    world.take_events()
    world.update_task("T", attributes={"number": 2}, priority=9)
    assert world.take_events() == ["task.updated"]
    assert standing(world) == before
    assert world.describe("T") | {"queue": "Q" if to == "Bob" else "Nobody", "priority": 9} == world.describe("T")


def test_what_a_transfer_needs_is_not_deleted() -> None:
    """Neither TaskQueue, nor the Workflow, nor a Worker who holds the Task."""
    world = assigned()
    world.add_queue("First")
    world.transfer("T", "Alice", "First")
    world.answer("T", "accepted", worker="Bob")
    world.transfer("T", "Bob", "Other")
    refused = []
    for name in ("First", "Other", "Main", "Alice", "Bob", "Carol"):
        with pytest.raises(Refusal, match="Cannot delete"):
            world.delete(name)
        refused.append(name)
    assert len(refused) == 6
    world.run(c.DeleteWorkspace, sid=world.sid)
    assert world.kept == {}


def direct(**fields: Any) -> World:
    """A Task that was sent straight to Alice, who has it."""
    world = assigned()
    world.set_channel("Alice", "default", configured_capacity=2)
    world.create_task("D", to="Alice", **fields)
    world.answer("D", "accepted")
    world.names["T"] = world.names["D"]
    return world


@pytest.mark.parametrize("to", ["Bob", "Other"])
def test_a_task_for_one_worker_is_handed_over_like_any_other(to: str) -> None:
    """Who does not take it is not its RoutingTarget: it is not canceled."""
    world = direct()
    assert world.task("D").ignore_capacity
    world.transfer("D", "Alice", to)
    world.answer("D", "rejected", worker="Bob", activity="Offline")
    assert standing(world)[0] == ("assigned" if to == "Bob" else "reserved")
    if to == "Other":
        world.answer("D", "accepted", worker="Carol")
        assert standing(world) == ("assigned", ["accepted", "rejected", "accepted"], "complete")
    assert world.task("D").routing_target == world.names["Alice"]


def test_a_task_that_ignores_capacity_respects_it_in_a_transfer() -> None:
    """Nobody of the TaskQueue who is busy or away is asked."""
    world = direct()
    world.set_activity("Carol", "Offline")
    world.create_task("B", to="Bob")
    world.transfer("D", "Alice", "Other")
    assert standing(world)[0] == "pending"
    world.answer("B", "rejected")
    assert world.describe("D")["workers"] == ["Alice", "Bob"]


def test_single_tasking_moves_the_other_worker() -> None:
    """To the reservation Activity, to the assignment Activity, or back."""
    world = World(multi_task_enabled=False)
    for name in ("Reserved", "Busy"):
        world.add_activity(name)
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    for name in ("Alice", "Bob"):
        world.add_worker(name)
    world.create_task("T")
    world.answer("T", "accepted")
    activities = []
    for answer in ("rejected", "accepted"):
        world.transfer("T", "Alice", "Bob")
        activities.append(world.name_of(world.worker("Bob").activity_sid))
        world.answer("T", answer, worker="Bob")
        activities.append(world.name_of(world.worker("Bob").activity_sid))
    assert activities == ["Reserved", "Available", "Reserved", "Busy"]


def test_the_callback_of_the_second_reservation_is_asked_for() -> None:
    """As of any: with the TaskQueue of the transfer, and its answer counts."""
    world = assigned_and_transferred("Other")
    effect = world.effects[-1]
    assert effect.reservation_sid == world.reservation("T", "Bob").sid
    assert effect.fields["task_queue_sid"] == world.names["Other"]
    world.call_back("T", "accept")
    assert standing(world) == ("assigned", ["accepted", "accepted"], "complete")


def test_a_failing_callback_does_not_hold_the_next_transfer_back() -> None:
    """The Task pauses while its queue waits for another attempt, and not once it is where it was."""
    world = assigned_and_transferred("Other")
    world.fail_callback("T")
    assert standing(world) == ("pending", ["accepted", "canceled"], "initiated")
    take_back(world)
    world.transfer("T", "Alice", "Other")
    assert standing(world)[0] == "reserved"


# --- kept -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["Bob", "Other", "Nobody"])
@pytest.mark.parametrize("mode", TransferMode)
def test_a_restart_forgets_nothing(to: str, mode: TransferMode) -> None:
    """The offer, its time and the way back are there again; whoever waits is served."""
    world = assigned()
    world.add_queue("Nobody", "name == 'dora'")
    world.transfer("T", "Alice", to, mode=mode)
    before = standing(world)
    world.restart()
    assert standing(world) == before
    assert world.task("T").transfer is world.state.transfers[world.task("T").transfer_sid or ""]
    if to == "Nobody":
        world.add_worker("Bobby", attributes={"name": "dora"})
        assert standing(world)[0] == "reserved"
    else:
        world.at(60)
        assert "timeout" in standing(world)[1]
    take_back(world) if world.task("T").transfer else None
    assert standing(world)[0] == "assigned"


@pytest.mark.parametrize("accepted", [False, True])
def test_records_without_their_transfer_do_not_fit_together(accepted: bool) -> None:
    """Neither a Task that is being handed over, nor a Reservation that was made by it."""
    world = assigned_and_transferred("Bob")
    if accepted:
        world.answer("T", "accepted", worker="Bob")
    del world.kept[world.task("T").transfers[0].sid]
    with pytest.raises(ValueError, match=r"^(Reservation|Task) W\w+ names TT\w+, which is not there$"):
        world.reload()


def test_who_has_completed_may_go_before_the_other_accepts() -> None:
    """A cold transfer needs nobody who began it, also after a restart."""
    world = assigned_and_transferred("Bob", mode=TransferMode.COLD)
    world.answer("T", "completed", worker="Alice")
    world.delete("Alice")
    world.restart()
    world.answer("T", "rejected", worker="Bob")
    assert standing(world) == ("completed", ["completed", "rejected"], "failed")
    assert world.describe("T") | {"reason": "All reservations were completed"} == world.describe("T")


def test_the_callback_of_a_transfer_is_asked_for_again_after_a_restart() -> None:
    """If nobody has answered it yet."""
    world = assigned_and_transferred("Bob")
    pending = world.reservation("T", "Bob").sid
    assert [effect.reservation_sid for effect in world.reload().resume(world.now)] == [pending]


def test_a_second_capacity_is_taken_as_any_other() -> None:
    """Pending, accepted and wrapping: until the Worker has completed."""
    world = assigned_and_transferred("Bob")
    world.create_task("Next", to="Bob", ignore_capacity=False)
    seen = [world.describe("Next")["status"]]
    for status in ("accepted", "wrapping", "completed"):
        world.answer("T", status, worker="Bob")
        seen.append(world.describe("Next")["status"])
    assert seen == ["pending", "pending", "pending", "reserved"]
