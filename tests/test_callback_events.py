"""A callback in one shape: from its form, from TaskRouter's log, and from whatever strangers send."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.vocabulary import wire_name

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOON_MS = str(round(NOON.timestamp() * 1000))

TOLD: dict[str, Any] = {
    "task_sid": "WT1", "task_assignment_status": "reserved", "task_attributes": '{"selected_language": "es"}',
    "task_priority": 7, "task_age": 12, "task_date_created": 1772366388, "task_queue_name": "Spanish",
    "workflow_sid": "WW1", "workflow_name": "Care", "task_channel_unique_name": "voice", "reservation_sid": "WR1",
    "worker_sid": "WK1", "worker_name": "Alice", "worker_attributes": '{"languages": ["es"]}',
    "worker_activity_sid": "WA1", "worker_activity_name": "Available", "worker_previous_activity_sid": "WA2",
    "worker_previous_activity_name": "Offline",
    "worker_time_in_previous_activity_ms": 1500, "worker_channel_capacity": 3, "worker_channel_available": True,
    "workspace_sid": "WS1", "reason": "hangup", "task_canceled_reason": "hangup", "task_completed_reason": "done",
    "task_version": 3, "worker_version": 4, "task_transfer_sid": "TT1", "transfer_mode": "WARM", "transfer_to": "WK2",
    "transfer_type": "WORKER", "transfer_status": "failed", "transfer_failed_reason": "Transfer failed because …",
    "transfer_initiating_reservation_sid": "WR1", "transfer_initiating_worker_sid": "WK1",
}  # fmt: skip


def form_of(told: dict[str, Any], **more: str) -> dict[str, str]:
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in told.items()}
    return {**{wire_name(name): text for name, text in texts.items()}, **more}


def test_an_event_reads_alike_from_its_callback_and_from_the_log() -> None:
    """Every field that the one tells, the other tells in another spelling."""
    form = form_of(TOLD, Sid="EV1", EventType="reservation.created", EventDescription="So it was", TimestampMs=NOON_MS)
    logged = EventCallback.from_log(TOLD, at=NOON, sid="EV1", event_type="reservation.created", description="So it was")
    assert EventCallback.from_form(form) == logged
    assert [each.name for each in fields(logged) if not getattr(logged, each.name)] == []
    assert (logged.task_attributes, logged.worker_attributes) == ({"selected_language": "es"}, {"languages": ["es"]})


def test_an_assignment_callback_has_what_both_kinds_tell() -> None:
    """It says nothing of events, and its time is in whole seconds."""
    asked = AssignmentCallback.from_form(form_of(TOLD, Timestamp=str(int(NOON.timestamp()))))
    assert (asked.reservation_sid, asked.task_priority, asked.at, asked.exact) == ("WR1", 7, NOON, False)
    assert not hasattr(asked, "event_type")


@pytest.mark.parametrize("value", ["", "null", "[]", "3", "{", "NaN", "[" * 100_000])
def test_attributes_that_are_no_object_are_none(value: str) -> None:
    """A card shows what was known before, and nothing fails."""
    assert AssignmentCallback.from_form({"TaskAttributes": value}).task_attributes is None


@pytest.mark.parametrize(
    ("form", "at", "exact"),
    [
        ({"TimestampMs": NOON_MS, "Timestamp": "1"}, NOON, True),
        ({"Timestamp": NOON_MS[:-3]}, NOON, False),
        ({"Timestamp": "soon"}, None, False),
        ({"TimestampMs": "9" * 30}, None, True),
        ({}, None, False),
    ],
)
def test_when_it_happened(form: dict[str, str], at: datetime | None, exact: bool) -> None:
    """To the millisecond where TaskRouter says so; without a time it happened when it was heard."""
    event = EventCallback.from_form(form)
    heard = NOON + timedelta(minutes=1)
    assert (event.at, event.exact, event.happened(heard)) == (at, exact, at or heard)


def test_whole_seconds_are_refined_by_when_it_was_heard() -> None:
    """A Reservation's deadline counts from there; what was heard long after stays as TaskRouter said it."""
    asked = AssignmentCallback.from_form({"Timestamp": NOON_MS[:-3]})
    soon, late = NOON + timedelta(seconds=0.7), NOON + timedelta(seconds=5)
    assert (asked.began(soon), asked.began(late)) == (soon, NOON)


@given(st.dictionaries(st.sampled_from([wire_name(name) for name in TOLD] + ["Timestamp", "TimestampMs"]), st.text()))
def test_whatever_a_stranger_sends_is_read(form: dict[str, str]) -> None:
    """Nonsense in a field is as if the field were not there, and never an error."""
    event = EventCallback.from_form(form)
    assert isinstance(event.task_priority, int | None)
    assert event.worker_channel_available in (True, False, None)
