"""Provisioning against recorded answers: what is made in an empty account, and what is left alone in a full one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from taskrouter.recorded import WORKSPACE, Recorded, Request, page, sid

from labkit.taskrouter.quickstart import ACTIVITIES, WORKERS, provision

HERE = f"/Workspaces/{WORKSPACE}"
SPANISH, ENGLISH = "Customer Care Requests - Spanish", "Customer Care Requests - English"


def rows(prefix: str, *names: str) -> list[dict[str, Any]]:
    """Resources of these names, numbered from 1."""
    return [{"sid": sid(prefix, n), "friendly_name": name} for n, name in enumerate(names, 1)]


def fill(recorded: Recorded, **names: tuple[str, ...]) -> None:
    """Record a Workspace called Lab that holds what `names` says."""
    lists = {
        "activities": ("Activities", "WA"),
        "workers": ("Workers", "WK"),
        "task_queues": ("TaskQueues", "WQ"),
        "workflows": ("Workflows", "WW"),
    }
    for key, (path, prefix) in lists.items():
        recorded.on("GET", f"{HERE}/{path}", page(key, rows(prefix, *names.get(key, ()))))
        recorded.on_create(f"{HERE}/{path}", lambda request, prefix=prefix: _created(request, prefix))
    recorded.on("GET", "/Workspaces", page("workspaces", [{"sid": WORKSPACE, "friendly_name": "Lab"}]))


def _created(request: Request, prefix: str) -> dict[str, Any]:
    return {"sid": sid(prefix, sum(request.form["FriendlyName"].encode())), **request.form}


@pytest.fixture
def full(recorded: Recorded) -> Recorded:
    """All of the quickstart is there already."""
    fill(
        recorded,
        activities=tuple(ACTIVITIES),
        workers=tuple(WORKERS),
        task_queues=(SPANISH, ENGLISH),
        workflows=("Incoming Customer Care Requests",),
    )
    return recorded


def made(recorded: Recorded) -> dict[str, dict[str, Any]]:
    """What was created, by name."""
    return {each.form["FriendlyName"]: each.form for each in recorded.requests if each.method == "POST"}


def test_nothing_is_touched_where_all_is_there(client: Any, full: Recorded) -> None:
    """Five lists, no change, and the SIDs that were found."""
    found = provision(client, workspace_name="Lab")
    assert [each.method for each in full.requests] == ["GET"] * 5
    assert found.workspace_sid == WORKSPACE
    assert found.workers == {"Alice": sid("WK", 1), "Bob": sid("WK", 2)}
    assert found.task_queues == {SPANISH: sid("WQ", 1), ENGLISH: sid("WQ", 2)}
    assert found.workflow_sid == sid("WW", 1)


def test_an_empty_account_gets_the_whole_quickstart(client: Any, recorded: Recorded) -> None:
    """The new Workspace brings its own Activities; the rest is made as the quickstart says."""
    fill(recorded, activities=tuple(ACTIVITIES))
    recorded.on("GET", "/Workspaces", page("workspaces", []))
    recorded.on_create("/Workspaces", lambda _: {"sid": WORKSPACE, "friendly_name": "Lab"})
    provision(client, workspace_name="Lab")
    forms = made(recorded)
    assert list(forms) == ["Lab", SPANISH, ENGLISH, "Incoming Customer Care Requests", "Alice", "Bob"]
    assert forms[SPANISH]["TargetWorkers"] == 'languages HAS "es"'
    assert json.loads(forms["Alice"]["Attributes"]) == {"languages": ["en", "es"]}
    assert forms["Bob"]["ActivitySid"] == sid("WA", list(ACTIVITIES).index("Offline") + 1)
    assert forms["Incoming Customer Care Requests"]["TaskReservationTimeout"] == 1200


def test_the_workflow_has_a_filter_for_each_language_and_no_default(client: Any, recorded: Recorded) -> None:
    """Each filter leads to the TaskQueue of its language."""
    fill(recorded, activities=tuple(ACTIVITIES), workers=tuple(WORKERS), task_queues=(SPANISH, ENGLISH))
    provision(client, workspace_name="Lab")
    routing = json.loads(made(recorded)["Incoming Customer Care Requests"]["Configuration"])["task_routing"]
    assert "default_filter" not in routing
    routes = {each["expression"]: each["targets"][0]["queue"] for each in routing["filters"]}
    assert routes == {'selected_language == "es"': sid("WQ", 1), 'selected_language == "en"': sid("WQ", 2)}


def test_only_what_is_missing_is_made(client: Any, full: Recorded) -> None:
    """A deleted Bob comes back; an Alice in other letters is Alice; what else a person added stays unseen."""
    full.on("GET", f"{HERE}/Workers", page("workers", rows("WK", "alice", "Carol")))
    found = provision(client, workspace_name="Lab")
    assert list(made(full)) == ["Bob"]
    assert found.workers["Alice"] == sid("WK", 1)
    assert "Carol" not in found.workers


def test_a_missing_activity_is_made_as_available_as_it_should_be(client: Any, full: Recorded) -> None:
    """An older Workspace has Idle and Busy; the lab's own three are added beside them."""
    full.on("GET", f"{HERE}/Activities", page("activities", rows("WA", "Offline", "Idle", "Busy")))
    provision(client, workspace_name="Lab")
    forms = made(full)
    assert {name: forms[name]["Available"] for name in forms} == {"Unavailable": "false", "Available": "true"}
