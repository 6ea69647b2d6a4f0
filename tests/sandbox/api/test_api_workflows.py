"""Workflows through the SDK (docs: /docs/taskrouter/api/workflow)."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.refused import refused

from labkit.engine.workflow import RoutingPlan, parse_configuration
from labkit.sandbox.api.workflows import LONG

URL, FALLBACK = "https://lab.example/assign?x=1", "http://127.0.0.1:8080/fallback"
PATIENCE_SECONDS = 10


def configuration(queue_sid: str, *filters: dict[str, Any]) -> str:
    return json.dumps({"task_routing": {"filters": list(filters), "default_filter": {"queue": queue_sid}}})


def test_a_new_workflow_with_its_defaults(centre: CallCentre) -> None:
    """The configuration comes back as the text that was given, to the letter."""
    text = configuration(centre.queue_sid).replace(":", " :  ")
    made = centre.workspace.workflows.create(friendly_name="W", configuration=text)
    assert made.configuration == text
    assert (made.assignment_callback_url, made.fallback_assignment_callback_url) == ("", "")
    assert (made.task_reservation_timeout, made.document_content_type) == (120, None)
    assert set(made.links) == {"statistics", "real_time_statistics", "cumulative_statistics"}
    assert [w.sid for w in centre.workspace.workflows.list(friendly_name="W")] == [made.sid]


def test_urls_and_timeout_can_be_set_and_cleared(centre: CallCentre) -> None:
    """An update changes what is given; an empty text clears a URL."""
    workflow = centre.workspace.workflows(centre.workflow_sid)
    updated = workflow.update(
        assignment_callback_url=URL, fallback_assignment_callback_url=FALLBACK, task_reservation_timeout=86_400
    )
    assert (updated.assignment_callback_url, updated.fallback_assignment_callback_url) == (URL, FALLBACK)
    assert (updated.task_reservation_timeout, updated.friendly_name) == (86_400, "Main")
    assert workflow.update(assignment_callback_url="").assignment_callback_url == ""
    assert workflow.fetch().fallback_assignment_callback_url == FALLBACK


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"configuration": "{"}, "Invalid Configuration: not valid JSON"),
        ({"configuration": "[]"}, "Invalid Configuration"),
        ({"configuration": "{}"}, r"Invalid Configuration: \$\.task_routing: this key is required"),
        ({"configuration": '{"task_routing": {"default_filter": {"queue": "WQ0"}}}'}, "'WQ0' is not in this Workspace"),
        (
            {"configuration": '{"task_routing": {"filters": [{"expression": "a =="}]}}'},
            r"\$\.task_routing\.filters\[0\]",
        ),
        ({"task_reservation_timeout": 0}, "Invalid TaskReservationTimeout"),
        ({"task_reservation_timeout": 86_401}, "Invalid TaskReservationTimeout"),
        ({"assignment_callback_url": "callback"}, "Invalid AssignmentCallbackUrl"),
        ({"assignment_callback_url": "http://lab example/"}, "Invalid AssignmentCallbackUrl"),
        ({"fallback_assignment_callback_url": "file:///etc/passwd"}, "Invalid FallbackAssignmentCallbackUrl"),
    ],
)
def test_what_a_workflow_cannot_be(centre: CallCentre, fields: dict[str, Any], words: str) -> None:
    """Refused at creation and on an update, which changes nothing."""
    with refused(400, 20001, words):
        centre.workspace.workflows.create(
            **{"friendly_name": "W", "configuration": configuration(centre.queue_sid), **fields}
        )
    before = centre.workspace.workflows(centre.workflow_sid).fetch()
    with refused(400, 20001, words):
        centre.workspace.workflows(centre.workflow_sid).update(friendly_name="Changed", **fields)
    (after,) = centre.workspace.workflows.list()
    assert (after.friendly_name, after.configuration) == ("Main", before.configuration)


def test_a_new_configuration_is_for_new_tasks(centre: CallCentre) -> None:
    """Unless ReEvaluateTasks asks for the waiting ones too."""
    other = centre.workspace.task_queues.create(friendly_name="Other")
    old = centre.add_task()
    workflow = centre.workspace.workflows(centre.workflow_sid)
    workflow.update(configuration=configuration(other.sid))
    new = centre.add_task()
    assert centre.workspace.tasks(old.sid).fetch().task_queue_sid == centre.queue_sid
    assert centre.workspace.tasks(new.sid).fetch().task_queue_sid == other.sid
    workflow.update(configuration=configuration(other.sid), re_evaluate_tasks="true")
    assert centre.workspace.tasks(old.sid).fetch().task_queue_sid == other.sid


def test_a_workflow_in_use_stays(centre: CallCentre) -> None:
    """Until its Tasks have ended; those still show, though their Workflow is gone."""
    task = centre.add_task()
    workflow = centre.workspace.workflows(centre.workflow_sid)
    with refused(400, 20001, f"Cannot delete Workflow Main because it is used by Task {task.sid}, which is pending"):
        workflow.delete()
    centre.workspace.tasks(task.sid).update(assignment_status="canceled")
    assert workflow.delete() is True
    shown = centre.workspace.tasks(task.sid).fetch()
    assert (shown.workflow_sid, shown.workflow_friendly_name) == (centre.workflow_sid, None)
    assert [t.sid for t in centre.workspace.tasks.list()] == [task.sid]


def test_a_long_configuration_holds_nobody_up(centre: CallCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest takes a second to parse: others are answered meanwhile."""
    begun, answered = threading.Event(), threading.Event()

    def parse(text: str) -> RoutingPlan:
        begun.set()
        assert answered.wait(PATIENCE_SECONDS), "nobody else was answered"
        return parse_configuration(text)

    monkeypatch.setattr("labkit.sandbox.api.workflows.parse_configuration", parse)
    queue = centre.workspace.task_queues.list()[0].sid
    filters = [{"expression": f"level == {n}", "targets": [{"queue": queue}]} for n in range(LONG // 80)]
    configuration = json.dumps({"task_routing": {"filters": filters}})
    with ThreadPoolExecutor(1) as pool:
        creating = pool.submit(
            lambda: centre.workspace.workflows.create(friendly_name="Long", configuration=configuration)
        )
        assert begun.wait(PATIENCE_SECONDS)
        assert centre.workspace.fetch().sid == centre.sid
        answered.set()
        assert creating.result(PATIENCE_SECONDS).configuration == configuration
