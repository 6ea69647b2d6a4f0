"""The delivery log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from labkit.sandbox import delivery_log
from labkit.sandbox.delivery_log import Delivery, DeliveryLog


def delivery(**given: Any) -> Delivery:
    fields: dict[str, Any] = {
        "at": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "kind": "assignment",
        "account_sid": "AC1",
        "subject_sid": "WR1",
        "url": "http://127.0.0.1/",
        "fields": {"TaskSid": "WT1"},
    }
    return Delivery(**{**fields, **given})


def test_deliveries_are_numbered_as_they_are_kept() -> None:
    """From 1, without gaps, oldest first."""
    log = DeliveryLog()
    for subject in ("WR1", "WR2", "WR3"):
        log.keep(delivery(subject_sid=subject))
    assert [(d.number, d.subject_sid) for d in log.of("AC1")] == [(1, "WR1"), (2, "WR2"), (3, "WR3")]


def test_an_account_sees_its_own_only() -> None:
    """Another account's deliveries are not there for it."""
    log = DeliveryLog()
    log.keep(delivery())
    log.keep(delivery(account_sid="AC2"))
    assert [d.number for d in log.of("AC2")] == [2]
    assert log.of("AC3") == []


def test_old_deliveries_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the oldest are forgotten; numbers are not used again."""
    monkeypatch.setattr(delivery_log, "KEPT", 3)
    log = DeliveryLog()
    for _ in range(5):
        log.keep(delivery())
    assert [d.number for d in log.of("AC1")] == [3, 4, 5]


def test_a_delivery_can_be_written_as_json() -> None:
    """The moment as text, the body as text even where it is not UTF-8."""
    document = json.loads(json.dumps(delivery(body=b"caf\xe9", status=200).as_dict()))
    assert document["at"] == "2026-01-01T12:00:00+00:00"
    assert document["body"] == "caf\N{REPLACEMENT CHARACTER}"
    assert document["fields"] == {"TaskSid": "WT1"}
