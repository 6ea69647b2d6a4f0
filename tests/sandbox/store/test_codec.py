"""Records and events as text, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from sandbox.store.records import events, records, stored

from labkit.engine.effects import Event
from labkit.engine.resources import KINDS, Activity, Record, Task
from labkit.sandbox.store.codec import (
    KIND_OF,
    decode_event,
    decode_record,
    encode_event,
    encode_record,
)
from labkit.vocabulary import TaskStatus

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@given(records())
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    """Every stored field of every kind has the same value and type again; derived ones are empty."""
    again = decode_record(KIND_OF[type(record)], encode_record(record))
    assert stored(again) == stored(record)
    assert {n: type(v) for n, v in stored(again).items()} == {n: type(v) for n, v in stored(record).items()}


@given(events())
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    """Also the free values: text, numbers, flags, moments and None."""
    assert decode_event(encode_event(event)) == event


def test_every_kind_of_record_has_a_name() -> None:
    """KIND_OF is KINDS the other way round."""
    assert {name: cls for cls, name in KIND_OF.items()} == KINDS


def test_derived_fields_are_not_written() -> None:
    """They follow from the others when a record is loaded."""
    task = Task(
        sid="WT1",
        workspace_sid="WS1",
        number=1,
        date_created=NOON,
        date_updated=NOON,
        task_channel_sid="TC1",
        virtual_start_time=NOON,
        scope={"language": "es"},
    )
    written = json.loads(encode_record(task))
    assert "scope" not in written
    assert "reservations" not in written
    assert written["assignment_status"] == TaskStatus.PENDING


def test_a_field_that_this_version_does_not_know_is_ignored() -> None:
    """A file of a lab with one field more can still be read."""
    activity = Activity(
        sid="WA1", workspace_sid="WS1", number=1, date_created=NOON, date_updated=NOON, friendly_name="Lunch"
    )
    text = json.dumps({**json.loads(encode_record(activity)), "mood": "sunny"})
    assert stored(decode_record("activity", text)) == stored(activity)


def test_what_cannot_be_written_is_a_mistake_of_ours() -> None:
    """A value of a type that no record has is an error, not a silent text."""
    activity = Activity(
        sid="WA1", workspace_sid="WS1", number=1, date_created=NOON, date_updated=NOON, friendly_name={"a", "set"}
    )
    with pytest.raises(TypeError, match="set has no form in JSON"):
        encode_record(activity)
