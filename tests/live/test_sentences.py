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
    assert sentence(replace(event, worker_name="Alice"), worker="Bob").startswith("Alice was reserved")
    assert sentence(event, worker="Bob").startswith("Bob was reserved")
    assert sentence(event) == "Worker WK…1111 was reserved for Task WT…0000"


def test_a_reason_is_told() -> None:
    """Why a Task was canceled belongs into the sentence."""
    told = sentence(EventCallback(event_type="task.canceled", task_sid="WT1", task_canceled_reason="hangup"))
    assert told == "Task WT1 was canceled: hangup"


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
