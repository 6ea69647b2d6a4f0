"""What a Worker's page hears of what happened: which messages, for whom, in which order, and of which state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engine.world import World

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.engine.workspace_state import WorkspaceState
from labkit.sandbox.bridge.event_messages import messages
from labkit.vocabulary import TransferMode

NAMES = ("Alice", "Bob")


class Told(World):
    """A small TaskRouter, two of whose Workers have pages.

    Attributes:
        heard: name of the Worker, type of the event, payload.
    """

    def __init__(self, **workspace: Any) -> None:
        self.heard: list[tuple[str, str, dict[str, Any]]] = []
        super().__init__(**workspace)

    def run(self, kind: type[c.Command], **fields: Any) -> Any:
        outcome = self.engine.handle(kind(workspace_sid=self.sid, **fields), self.now, tell=self._tell)
        return self._note(outcome).result

    def at(self, seconds: float) -> Told:
        self.seconds = seconds
        self._note(self.engine.tick(self.now, tell=self._tell))
        return self

    def _tell(self, outcome: Outcome, state: WorkspaceState) -> None:
        listening = {sid for name, sid in self.names.items() if name in NAMES}
        for message in messages(outcome, state, listening=listening):
            content = json.loads(message.body)
            names = [str(self.name_of(sid)) for sid in message.worker_sids]
            self.heard += ((name, content["event_type"], content["payload"]) for name in names)

    def take(self) -> list[tuple[str, str]]:
        """Who has heard of what since this was last asked."""
        return [(name, type_) for name, type_, _ in self.take_whole()]

    def take_whole(self) -> list[tuple[str, str, dict[str, Any]]]:
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture
def told() -> Told:
    """Alice, who is Available, a queue for everybody, and a Workflow that leads there."""
    world = Told()
    world.add_queue("Everybody")
    world.add_workflow("Main", default_filter={"queue": "Everybody"})
    world.add_worker("Alice")
    world.take()
    return world


def accepted(told: Told) -> Told:
    """With a Task that Alice has accepted."""
    told.create_task("T")
    told.answer("T", "accepted")
    told.take()
    return told


def test_an_offer_and_what_becomes_of_it(told: Told) -> None:
    """Each step in the words of the browser's SDK, in this order, for the Worker alone whose it is."""
    told.add_worker("Bob", activity="Offline")
    told.create_task("T")
    assert told.take() == [("Alice", "reservation.created")]
    told.answer("T", "accepted")
    assert told.take() == [("Alice", "reservation.accepted")]
    told.answer("T", "wrapping")
    assert told.take() == [("Alice", "reservation.wrapup"), ("Alice", "task.wrapup")]
    told.answer("T", "completed")
    assert told.take() == [("Alice", "reservation.completed"), ("Alice", "task.completed")]


@pytest.mark.parametrize("by", ["reservation", "task"])
def test_a_payload_is_the_state_after_the_whole_change(told: Told, by: str) -> None:
    """With reservation.completed the Task is completed already, whichever of the two was updated."""
    told.create_task("T")
    told.answer("T", "accepted")
    if by == "reservation":
        told.answer("T", "completed")
    else:
        told.update_task("T", status="completed", reason="done")
    seen = [(type_, (payload.get("task") or payload)["assignment_status"]) for _, type_, payload in told.take_whole()]
    assert seen == [
        ("reservation.created", "reserved"),
        ("reservation.accepted", "assigned"),
        ("reservation.completed", "completed"),
        ("task.completed", "completed"),
    ]


def test_a_workers_version_is_the_one_from_which_the_page_counts(told: Told) -> None:
    """Who comes to an Activity and is offered a Task at once is at the Worker's version after both."""
    told.set_activity("Alice", "Offline")
    told.create_task("T1", channel="chat")
    told.create_task("T2", channel="sms")
    told.take()
    told.set_activity("Alice", "Available")
    (_, first, worker), *offers = told.take_whole()
    assert (first, [type_ for _, type_, _ in offers]) == ("worker.activity.update", ["reservation.created"] * 2)
    assert worker["version"] + len(offers) == told.worker("Alice").version


def test_a_rejected_task_is_pending_again_before_it_is_the_next_ones(told: Told) -> None:
    """Though the next Worker has it in the same unit of work: the page hears what the command did before routing."""
    told.create_task("T")
    told.take()
    told.answer("T", "rejected", activity="Offline")
    (_, first, rejected), (_, second, worker) = told.take_whole()
    assert (first, rejected["reservation_status"], rejected["task"]["assignment_status"]) == (
        "reservation.rejected",
        "rejected",
        "pending",
    )
    assert (second, worker["activity_name"], worker["available"]) == ("worker.activity.update", "Offline", False)
    told.add_worker("Bob")
    told.take()
    told.set_activity("Alice", "Available")
    told.answer("T", "rejected", activity="Offline")
    heard = told.take_whole()
    assert [(name, type_) for name, type_, _ in heard] == [
        ("Alice", "worker.activity.update"),
        ("Bob", "reservation.rejected"),
        ("Bob", "worker.activity.update"),
        ("Alice", "reservation.created"),
    ]
    assert [payload["task"]["assignment_status"] for _, type_, payload in heard if "reservation" in type_] == [
        "pending",
        "reserved",
    ]


def test_a_reservation_that_times_out_moves_the_worker(told: Told) -> None:
    told.create_task("T")
    told.take()
    told.at(120)
    (_, first, reservation), (_, second, _) = told.take_whole()
    assert (first, second) == ("reservation.timeout", "worker.activity.update")
    assert (reservation["reservation_status"], reservation["task"]["assignment_status"]) == ("timeout", "pending")


def test_a_jump_in_time_shows_each_moment_as_it_was(told: Told) -> None:
    """The Task is canceled half a minute after the Reservation has timed out; at that it was pending."""
    told.create_task("T", timeout=150)
    told.take()
    told.at(600)
    assert [(type_, payload.get("task", payload).get("assignment_status")) for _, type_, payload in told.heard] == [
        ("reservation.timeout", "pending"),
        ("worker.activity.update", None),
    ]


def test_reservations_that_go_with_an_activity_come_after_it(told: Told) -> None:
    told.create_task("T")
    told.take()
    told.set_activity("Alice", "Offline", reject_pending=True)
    assert told.take() == [("Alice", "worker.activity.update"), ("Alice", "reservation.rejected")]


def test_a_task_that_is_canceled_says_why_in_both_events(told: Told) -> None:
    told.create_task("T")
    told.take()
    told.update_task("T", status="canceled", reason="hung up")
    (_, first, reservation), (_, second, task) = told.take_whole()
    assert (first, second) == ("reservation.canceled", "task.canceled")
    assert (reservation["task"]["reason"], task["reason"]) == ("hung up", "hung up")
    assert "canceled_reason_code" not in reservation


@pytest.mark.parametrize(
    ("is_accepted", "heard"),
    [(True, ("reservation.completed", "assigned")), (False, ("reservation.canceled", "reserved"))],
)
def test_a_task_that_is_deleted_is_shown_as_it_last_was(told: Told, is_accepted: bool, heard: tuple[str, str]) -> None:
    """Its page has nothing else to show at the end."""
    told.create_task("T", attributes={"selected_language": "es"})
    if is_accepted:
        told.answer("T", "accepted")
    told.take()
    told.delete("T")
    ((_, type_, reservation),) = told.take_whole()
    assert (type_, reservation["task"]["assignment_status"]) == heard
    assert json.loads(reservation["task"]["attributes"]) == {"selected_language": "es"}


def test_a_task_that_is_deleted_after_a_day_says_so_too(told: Told) -> None:
    accepted(told).at(100_000)
    assert ("Alice", "reservation.completed") in told.take()


def test_a_change_of_the_task_is_for_whoever_has_it(told: Told) -> None:
    """While it is reserved already; and for who had it until a moment ago."""
    told.add_worker("Bob", activity="Offline")
    told.create_task("T")
    told.take()
    told.update_task("T", attributes={"n": 1})
    ((name, type_, task),) = told.take_whole()
    assert (name, type_, task["attributes"], task["assignment_status"]) == (
        "Alice",
        "task.updated",
        '{"n":1}',
        "reserved",
    )
    told.answer("T", "rejected", activity="Offline")
    told.take()
    told.at(5).update_task("T", attributes={"n": 2})
    assert told.take() == [("Alice", "task.updated")]
    told.at(6).update_task("T", attributes={"n": 3})
    assert told.take() == []


def test_what_changes_a_worker(told: Told) -> None:
    """A Worker's own changes, and those of their channels."""
    told.set_activity("Alice", "Offline")
    told.set_attributes("Alice", {"languages": ["en"]})
    told.set_channel("Alice", "chat", configured_capacity=3)
    told.set_channel("Alice", "chat", available=False)
    shown = told.take_whole()
    assert [type_ for _, type_, _ in shown] == [
        "worker.activity.update",
        "worker.attributes.update",
        "worker.capacity.update",
        "worker.channel.availability.update",
    ]
    assert (shown[0][2]["activity_name"], shown[1][2]["attributes"]) == ("Offline", '{"languages":["en"]}')
    assert (shown[2][2]["task_channel_unique_name"], shown[2][2]["configured_capacity"]) == ("chat", 3)
    assert shown[3][2]["available"] is False


def test_reservations_that_are_rescinded_are_told_to_each_who_had_one(told: Told) -> None:
    told.add_worker("Bob")
    told.update_queue("Everybody", max_reserved_workers=2)
    told.create_task("T")
    assert told.take() == [("Alice", "reservation.created"), ("Bob", "reservation.created")]
    told.answer("T", "accepted", worker="Bob")
    assert told.take() == [("Bob", "reservation.accepted"), ("Alice", "reservation.rescinded")]


def test_a_reservation_that_failed_shows_its_task(told: Told) -> None:
    """The client has no Reservation in this one."""
    task = told.create_task("T")
    told.take()
    told.call_back("T", "dequeue")
    ((name, type_, payload),) = told.take_whole()
    assert (name, type_, payload["sid"], payload["age"]) == ("Alice", "reservation.failed", task.sid, 0)


def test_what_nobody_hears_is_not_rendered(told: Told) -> None:
    """A Worker without a page, and events that no page knows."""
    told.add_worker("Carol")
    told.set_activity("Alice", "Offline")
    told.take()
    told.create_task("T")
    told.answer("T", "accepted")
    told.add_activity("Lunch")
    told.rename("Alice", "Alicia")
    assert told.take() == []


# --- transfers --------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(told: Told) -> Told:
    """Alice has accepted a Task, and Bob has time."""
    accepted(told)
    told.add_worker("Bob")
    told.take()
    return told


def test_a_transfer_that_is_taken(shared: Told) -> None:
    """It is told to who hands over, and a Reservation to who gets it."""
    shared.transfer("T", "Alice", "Bob")
    heard = shared.take_whole()
    assert [each[:2] for each in heard] == [("Alice", "task.transfer-initiated"), ("Bob", "reservation.created")]
    begun, created = heard[0][2], heard[1][2]
    assert (begun["transfer_status"], begun["initiating_worker_sid"]) == ("initiated", shared.names["Alice"])
    assert (created["task_transfer"], created["task"]["assignment_status"]) == (begun, "reserved")
    shared.answer("T", "accepted", worker="Bob")
    heard = shared.take_whole()
    assert sorted(each[:2] for each in heard) == [("Alice", "task.transfer-completed"), ("Bob", "reservation.accepted")]
    by_type = {type_: payload for _, type_, payload in heard}
    assert by_type["task.transfer-completed"]["transfer_status"] == "complete"
    assert by_type["reservation.accepted"]["task_transfer"]["transfer_status"] == "complete"
    assert by_type["reservation.accepted"]["task"]["assignment_status"] == "assigned"


@pytest.mark.parametrize(
    ("end", "transfer", "reservation"),
    [("rejected", "failed", "rejected"), ("timeout", "failed", "timeout"), ("cancel", "canceled", "canceled")],
)
def test_a_transfer_that_comes_to_nothing(shared: Told, end: str, transfer: str, reservation: str) -> None:
    """The Task is the first Worker's again, and both hear so."""
    shared.transfer("T", "Alice", "Bob")
    shared.take()
    if end == "rejected":
        shared.answer("T", "rejected", worker="Bob", activity="Offline")
    elif end == "timeout":
        shared.at(120)
    else:
        shared.cancel_transfer("T", "Alice")
    heard = shared.take_whole()
    alice = [(type_, payload) for name, type_, payload in heard if name == "Alice"]
    assert [type_ for type_, _ in alice] == [f"task.transfer-{transfer}", "task.updated"]
    assert (alice[0][1]["transfer_status"], alice[1][1]["assignment_status"]) == (transfer, "assigned")
    ended = next(payload for name, type_, payload in heard if (name, type_) == ("Bob", f"reservation.{reservation}"))
    assert (ended["task_transfer"]["transfer_status"], ended["task"]["assignment_status"]) == (transfer, "assigned")


@pytest.mark.parametrize("goes_to", ["Offline", None])
def test_a_queue_goes_on_to_the_next_worker(shared: Told, goes_to: str | None) -> None:
    """Who hands over hears of each attempt, with a Task that waits, though the same Worker may be asked again at once.

    So has it Twilio's Worker SDK, twilio-taskrouter, in its own tests.
    """
    shared.transfer("T", "Alice", "Everybody")
    assert ("Bob", "reservation.created") in shared.take()
    shared.answer("T", "rejected", worker="Bob", activity=goes_to)
    heard = shared.take_whole()
    assert (heard[-1][:2] == ("Bob", "reservation.created")) == (goes_to is None)
    alice = [(type_, payload) for name, type_, payload in heard if name == "Alice"]
    assert [type_ for type_, _ in alice] == ["task.transfer-attempt-failed", "task.updated"]
    assert (alice[0][1]["transfer_status"], "reject" in alice[0][1]["transfer_failed_reason"]) == ("initiated", True)
    assert alice[1][1]["assignment_status"] == "pending"


def test_a_cold_transfer_wraps_up_who_hands_over(shared: Told) -> None:
    shared.transfer("T", "Alice", "Bob", mode=TransferMode.COLD)
    assert [each for each in shared.take() if each[0] == "Alice"] == [
        ("Alice", "task.transfer-initiated"),
        ("Alice", "reservation.wrapup"),
    ]
