"""Each event becomes a sentence that a learner can read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labkit.callback_events import EventCallback
from labkit.live.events import topic_of
from labkit.live.sentences import assigned_sentence, sentence
from labkit.vocabulary import EventType


@pytest.mark.parametrize("event_type", list(EventType))
def test_no_event_is_told_as_its_bare_type(event_type: EventType) -> None:
    """Every type has a sentence, or TaskRouter's own description."""
    told = sentence(EventCallback(event_type=event_type, event_description="In TaskRouter's own words"))
    assert event_type not in told
    assert " " in told


def test_names_are_used_where_they_are_known() -> None:
    """The event's name wins, then the name that is known, then the SID."""
    event = EventCallback(event_type="reservation.created", task_sid="WT" + "0" * 32, worker_sid="WK" + "1" * 32)
    assert sentence(replace(event, worker_name="Alice"), named=lambda _: "Bob").startswith("Alice was reserved")
    assert sentence(event, named=lambda _: "Bob").startswith("Bob was reserved")
    assert sentence(event) == "Worker WK…1111 was reserved for Task WT…0000"


def test_a_reason_is_told() -> None:
    """Why a Task was canceled belongs into the sentence."""
    told = sentence(EventCallback(event_type="task.canceled", task_sid="WT1", task_canceled_reason="hangup"))
    assert told == "Task WT1 was canceled: hangup"


@pytest.mark.parametrize(
    ("event_type", "told"),
    [
        ("task.transfer-initiated", "Alice hands Task WT1 over to Bob (warm)"),
        ("task.transfer-attempt-failed", "Nobody of Bob has taken Task WT1 over yet"),
        ("task.transfer-failed", "Task WT1 was not handed over to Bob: the reservation was rejected"),
        ("task.transfer-canceled", "Alice took Task WT1 back before Bob had it"),
        ("task.transfer-completed", "Task WT1 was handed over to Bob"),
        ("reservation.created", "Bob was reserved for Task WT1, handed over by Alice"),
    ],
)
def test_a_transfer_is_told_with_names(event_type: str, told: str) -> None:
    """The Event has SIDs only; of a Reservation that a transfer makes it is said from whom the Task comes."""
    event = EventCallback(
        event_type=event_type, task_sid="WT1", worker_sid="WK2", task_transfer_sid="TT1", transfer_mode="WARM",
        transfer_to="WK2", transfer_initiating_worker_sid="WK1",
        transfer_failed_reason="Transfer failed because the reservation was rejected",
    )  # fmt: skip
    assert sentence(event, named=lambda sid: {"WK1": "Alice", "WK2": "Bob"}[sid]) == told


def test_a_transfer_is_told_where_nobody_is_known() -> None:
    """With what the Event has; one that says hardly anything is a sentence all the same."""
    event = EventCallback(event_type="task.transfer-initiated", task_sid="WT1", transfer_to="WK" + "2" * 32)
    assert sentence(event) == "A Worker hands Task WT1 over to WK…2222"
    bare = EventCallback(event_type="reservation.created", task_sid="WT1", worker_name="Bob", transfer_mode="COLD")
    assert sentence(bare) == "Bob was reserved for Task WT1, handed over by another Worker"


@pytest.mark.parametrize(
    ("event_type", "status", "told"),
    [
        ("reservation.accepted", "assigned", True),
        ("reservation.accepted", "reserved", False),
        ("reservation.created", "assigned", False),
    ],
)
def test_assigned_is_derived_from_the_acceptance_only(event_type: str, status: str, told: bool) -> None:
    """TaskRouter has no event for it: `reservation.accepted` with an assigned Task is the moment."""
    event = EventCallback(event_type=event_type, task_assignment_status=status, task_sid="WT1", worker_name="Alice")
    assert (assigned_sentence(event) == "Task WT1 is assigned to Alice") is told


def test_attributes_with_braces_are_not_a_format() -> None:
    """A name from outside is never read as a template."""
    assert sentence(EventCallback(event_type="worker.created", worker_name="{task}")) == "The Worker {task} was created"


@pytest.mark.parametrize(
    ("event_type", "topic"),
    [("task-queue.entered", "queue"), ("task.created", "task"), ("activity.created", "other"), ("", "other")],
)
def test_topics(event_type: str, topic: str) -> None:
    """What an event is about, for its mark in the story."""
    assert topic_of(event_type) == topic
