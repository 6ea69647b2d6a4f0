"""`/_sandbox/explain/{TaskSid}` and `/_sandbox/lint/{WorkspaceSid}`, as a client meets them."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sandbox.call_centre import CallCentre
from sandbox.conftest import Ask
from sandbox.local import OTHER_ACCOUNT, OTHER_TOKEN, LocalSandbox

NOBODY = f"WT{'0' * 32}"


def test_a_waiting_task_is_explained(centre: CallCentre, ask: Ask) -> None:
    """As JSON, with the headline, the Workers, and what would have to change."""
    task = centre.add_task()
    answer = ask("GET", f"/_sandbox/explain/{task.sid}")

    assert answer.status == 200
    found = answer.json
    assert found["headline"].startswith("Waiting: Alice is the only Worker of Everybody, and is Offline")
    assert found["task"]["status"] == "pending"
    assert [worker["name"] for worker in found["workers"]] == ["Alice"]
    assert found["suggestions"][0]["changes"][0]["value"] == centre.activities["Available"]
    assert datetime.fromisoformat(found["at"]).utcoffset() is not None


def test_a_suggestion_does_what_it_says(centre: CallCentre, ask: Ask) -> None:
    """Made over REST, it lets the Task be reserved."""
    task = centre.add_task()
    [change] = ask("GET", f"/_sandbox/explain/{task.sid}").json["suggestions"][0]["changes"]
    centre.workspace.workers(change["sid"]).update(activity_sid=change["value"])

    assert centre.task_status(task.sid) == "reserved"


def test_a_task_that_is_gone_is_told_from_its_events(sandbox: LocalSandbox, centre: CallCentre, ask: Ask) -> None:
    """Twilio answers 404 five minutes after the end; the history is still there."""
    task, reservation = centre.reserved_task()
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    centre.workspace.tasks(task.sid).update(assignment_status="completed", reason="solved")
    sandbox.advance(1000)
    found = ask("GET", f"/_sandbox/explain/{task.sid}").json

    assert found["headline"].startswith("This Task is gone")
    assert "Completed: solved." in [step["text"] for step in found["history"]]
    assert found["choices"][0]["outcome"] == "accepted"


@pytest.mark.parametrize("path", [f"explain/{NOBODY}", "explain/nonsense", f"lint/WS{'0' * 32}"])
def test_what_is_not_there_is_404(centre: CallCentre, ask: Ask, path: str) -> None:
    """In Twilio's own form."""
    answer = ask("GET", f"/_sandbox/{path}")

    assert (answer.status, answer.json["code"]) == (404, 20404)


def test_the_same_credentials_are_needed(centre: CallCentre, ask: Ask) -> None:
    """None is 401; another account's see nothing of this one's."""
    paths = [f"/_sandbox/explain/{centre.add_task().sid}", f"/_sandbox/lint/{centre.sid}"]

    assert [ask("GET", path, credentials=None).status for path in paths] == [401, 401]
    assert [ask("GET", path, credentials=(OTHER_ACCOUNT, OTHER_TOKEN)).status for path in paths] == [404, 404]
    assert [ask("POST", path, {}).status for path in paths] == [405, 405]


def test_a_workspace_is_looked_through(centre: CallCentre, ask: Ask) -> None:
    """Each warning says where, what, why and what to do."""
    centre.workspace.task_queues.create(friendly_name="Spanish", target_workers='languages = "es"')
    answer = ask("GET", f"/_sandbox/lint/{centre.sid}")

    assert answer.status == 200
    warnings = answer.json["warnings"]
    assert [w["rule"] for w in warnings] == ["no-worker-matches", "scalar-on-list"]
    assert all(set(w) == {"where", "rule", "what", "why", "fix"} for w in warnings)


def test_attributes_of_strangers_are_only_text(centre: CallCentre, ask: Ask) -> None:
    """Whatever stands in them comes back as JSON text."""
    nasty = {"selected": "<script>alert(1)</script>", "deep": [[[{"a": "\u2028 \x1b[31m"}]]]}
    task = centre.add_task(attributes=json.dumps(nasty))

    assert ask("GET", f"/_sandbox/explain/{task.sid}").json["task"]["attributes"] == nasty
