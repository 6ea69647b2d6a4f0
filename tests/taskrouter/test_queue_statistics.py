"""What the pictures ask of TaskRouter: open Tasks, the newest Events, and how the TaskQueues stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from taskrouter.recorded import WORKSPACE, Recorded, page, sid

from labkit.taskrouter.workspace_client import WorkspaceClient

NOON = "2026-03-01T12:00:00Z"
HERE = f"/Workspaces/{WORKSPACE}"


@pytest.fixture
def desk(client: Any) -> WorkspaceClient:
    """A Desk in the recorded Workspace."""
    return WorkspaceClient(client, WORKSPACE)


def test_every_queue_stands_in_one_request(desk: WorkspaceClient, recorded: Recorded) -> None:
    """TaskRouter's own count of Workers and Tasks; what it leaves out is nobody."""
    full = {
        "longest_task_waiting_age": 12,
        "tasks_by_status": {"pending": 2},
        "total_available_workers": 1,
        "total_eligible_workers": 3,
    }
    rows = [
        {"task_queue_sid": sid("WQ", 1), "realtime": full, "cumulative": {}},
        {"task_queue_sid": sid("WQ", 2), "realtime": {}, "cumulative": {}},
    ]
    recorded.on("GET", f"{HERE}/TaskQueues/Statistics", page("task_queues_statistics", rows))
    first, second = desk.queue_statistics()
    assert (first.task_queue_sid, first.eligible_workers, first.available_workers) == (sid("WQ", 1), 3, 1)
    assert (first.longest_waiting_age, first.tasks_by_status) == (12, {"pending": 2})
    assert (second.eligible_workers, second.available_workers, second.tasks_by_status) == (0, 0, {})
    assert len(recorded.requests) == 1


def test_open_tasks_are_asked_for_by_their_statuses(desk: WorkspaceClient, recorded: Recorded) -> None:
    """Four statuses are open; TaskRouter is asked for these and no others."""
    recorded.on("GET", f"{HERE}/Tasks", page("tasks", [{"sid": sid("WT", 1), "assignment_status": "pending"}]))
    [task] = desk.open_tasks()
    assert (task.sid, task.assignment_status) == (sid("WT", 1), "pending")
    asked = recorded.requests[-1].params["AssignmentStatus"]
    assert set(asked if isinstance(asked, list) else asked.split(",")) == {
        "pending",
        "reserved",
        "assigned",
        "wrapping",
    }


def test_only_so_many_events_are_read(desk: WorkspaceClient, recorded: Recorded) -> None:
    """They come newest first, so a limit keeps the newest."""
    rows = [
        {"sid": sid("EV", n), "event_type": "task.updated", "event_date_ms": n, "event_data": {}, "description": ""}
        for n in (3, 2, 1)
    ]
    recorded.on("GET", f"{HERE}/Events", page("events", rows))
    assert [each.sid for each in desk.events(minutes=15, limit=2)] == [sid("EV", 2), sid("EV", 3)]
    assert recorded.requests[-1].params["Minutes"] == 15


def test_the_newest_event_is_looked_for_since_a_moment(desk: WorkspaceClient, recorded: Recorded) -> None:
    """Without one TaskRouter goes back a quarter of an hour, and what was missed before would stay so."""
    recorded.on("GET", f"{HERE}/Events", page("events", [{"sid": sid("EV", 3)}]))
    assert desk.newest_event_sid(since=datetime(2026, 3, 1, 12, tzinfo=UTC)) == sid("EV", 3)
    assert recorded.requests[-1].params == {"StartDate": NOON, "PageSize": 1}


def test_a_task_that_is_handed_over_and_waits_is_asked_for_its_reservations(
    desk: WorkspaceClient, recorded: Recorded
) -> None:
    """It is pending, and somebody has it still: the log says so, asked once for the type, since the first such Task."""
    waiting, handed = sid("WT", 1), sid("WT", 2)
    rows = [{"sid": each, "assignment_status": "pending", "date_created": NOON} for each in (waiting, handed)]
    begun = {"event_type": "task.transfer-initiated", "event_date_ms": 1, "description": ""}
    events = [
        {**begun, "sid": sid("EV", n), "event_data": {"task_sid": task}}
        for n, task in enumerate((handed, sid("WT", 9)))
    ]
    held = {"sid": sid("WR", 1), "reservation_status": "accepted", "task_sid": handed, "worker_sid": sid("WK", 1)}
    recorded.on("GET", f"{HERE}/Tasks", page("tasks", rows))
    recorded.on("GET", f"{HERE}/Events", page("events", events))
    recorded.on("GET", f"{HERE}/Tasks/{handed}/Reservations", page("reservations", [held]))
    assert [(each.task_sid, each.status) for each in desk.open_reservations()] == [(handed, "accepted")]
    asked = next(each.params for each in recorded.requests if each.path.endswith("/Events"))
    assert (asked["EventType"], asked["StartDate"]) == ("task.transfer-initiated", NOON)


def test_no_log_is_read_where_no_task_waits(desk: WorkspaceClient, recorded: Recorded) -> None:
    """A Task that is assigned is not being handed over."""
    recorded.on("GET", f"{HERE}/Tasks", page("tasks", [{"sid": sid("WT", 1), "assignment_status": "assigned"}]))
    recorded.on("GET", f"{HERE}/Tasks/.*/Reservations", page("reservations", []))
    assert desk.open_reservations() == []
    assert [each.path for each in recorded.requests] == [f"{HERE}/Tasks", f"{HERE}/Tasks/{sid('WT', 1)}/Reservations"]
