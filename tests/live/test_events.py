"""The table of Events: one row for each type, and everything that shows an Event follows it."""

from __future__ import annotations

import ast
from datetime import UTC, datetime

import pytest
from tracked import ROOT

from labkit.callback_events import EventCallback
from labkit.live.events import EVENTS, EventMeaning
from labkit.live.state import WorkspaceView
from labkit.live.story import Story
from labkit.live.timeline_events import of_event
from labkit.live.timelines import TaskLane
from labkit.vocabulary import EventType, ReservationStatus, TaskStatus

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_every_type_has_a_row() -> None:
    """A type that TaskRouter reports and the table does not have would be told in its own words without a reason."""
    assert set(EVENTS) == set(EventType)


def test_a_new_type_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Story, timeline and views take its sentence, mark, statuses and milestone from there, and from nowhere else."""
    row = EventMeaning(
        sentence="{worker} parked {task}",
        task_status=TaskStatus.WRAPPING,
        reservation_status=ReservationStatus.WRAPPING,
        mark="refused",
        milestone=True,
    )
    monkeypatch.setitem(EVENTS, "reservation.parked", row)
    event = EventCallback(
        sid="EV1", event_type="reservation.parked", at=NOON, exact=True,
        task_sid="WT1", reservation_sid="WR1", worker_sid="WK1", worker_name="Alice",
    )  # fmt: skip

    story, lane, view = Story(), TaskLane("WT1"), WorkspaceView()
    story.add(event, number=1, at=NOON, worker=None)
    lane.add(of_event(event, at=NOON))
    view.apply(event, at=NOON, created=NOON)

    [line] = story.lines()
    assert (line.text, line.topic, line.milestone) == ("Alice parked Task WT1", "reservation", True)
    assert (lane.state, lane.marks()[0][0]) == ("wrapping", "refused")
    assert view.reservations["WR1"].status == "wrapping"


def test_no_other_table_of_events() -> None:
    """Whoever draws Events keeps no dict or set that is keyed by their types."""
    tables = []
    for room in ("live", "widgets", "lab", "callbacks", "taskrouter"):
        for path in (ROOT / "labkit" / room).rglob("*.py"):
            if path.name == "events.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                keys = node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Set) else []
                of_events = [key for key in keys if key is not None and ast.unparse(key).startswith("EventType.")]
                tables += [f"{path.relative_to(ROOT)}:{node.lineno}" for _ in of_events]
    assert tables == []
