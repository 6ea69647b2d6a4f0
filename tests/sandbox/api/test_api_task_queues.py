"""TaskQueues through the SDK (docs: /docs/taskrouter/api/task-queue)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.refused import refused

from labkit.expressions import Dialect, Expression, compile_expression
from labkit.sandbox.api.task_queues import LONG


def test_a_new_queue_with_its_defaults(centre: CallCentre) -> None:
    """Everybody may have its Tasks, one at a time, the oldest first."""
    made = centre.workspace.task_queues.create(friendly_name="Support")
    assert (made.target_workers, made.max_reserved_workers, made.task_order) == ("1==1", 1, "FIFO")
    assert (made.reservation_activity_sid, made.assignment_activity_name) == (None, None)
    assert made.links["reservation_activity"] is None
    assert made.links["list_statistics"] == made.url.replace(made.sid, "Statistics")


def test_everything_can_be_given_and_changed(centre: CallCentre) -> None:
    """The Activities of single tasking are stored and shown."""
    lunch = centre.workspace.activities.create(friendly_name="Lunch")
    made = centre.workspace.task_queues.create(
        friendly_name="Spanish",
        target_workers='languages HAS "es"',
        max_reserved_workers=5,
        task_order="LIFO",
        reservation_activity_sid=lunch.sid,
        assignment_activity_sid=lunch.sid,
    )
    assert (made.max_reserved_workers, made.task_order, made.assignment_activity_name) == (5, "LIFO", "Lunch")
    assert made.links["assignment_activity"].endswith(f"/Activities/{lunch.sid}")
    updated = centre.workspace.task_queues(made.sid).update(max_reserved_workers=50, task_order="FIFO")
    assert (updated.max_reserved_workers, updated.target_workers) == (50, 'languages HAS "es"')


def test_an_empty_expression_is_for_nobody(centre: CallCentre) -> None:
    """Tasks wait there."""
    made = centre.workspace.task_queues.create(friendly_name="Nobody", target_workers="")
    assert made.target_workers == ""
    assert centre.workspace.workers.list(task_queue_sid=made.sid) == []
    assert len(centre.workspace.workers.list(task_queue_sid=centre.queue_sid)) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"target_workers": "languages HAS"}, "Invalid TargetWorkers"),
        ({"max_reserved_workers": 0}, "Invalid MaxReservedWorkers: '0' is not a whole number from 1 to 50"),
        ({"max_reserved_workers": 51}, "Invalid MaxReservedWorkers"),
        ({"max_reserved_workers": "1_0"}, "Invalid MaxReservedWorkers"),
        ({"max_reserved_workers": "٣"}, "Invalid MaxReservedWorkers"),
        ({"task_order": "fifo"}, "Invalid TaskOrder"),
        ({"reservation_activity_sid": "WA0"}, "Invalid ReservationActivitySid"),
    ],
)
def test_what_a_queue_cannot_be(centre: CallCentre, fields: dict[str, object], words: str) -> None:
    """Refused at creation and on an update, which changes nothing."""
    with refused(400, 20001, words):
        centre.workspace.task_queues.create(friendly_name="A", **fields)
    with refused(400, 20001, words):
        centre.workspace.task_queues(centre.queue_sid).update(friendly_name="Changed", **fields)
    assert [q.friendly_name for q in centre.workspace.task_queues.list()] == ["Everybody"]


def test_a_name_is_taken_once(centre: CallCentre) -> None:
    """Said with Twilio's sentence, on a creation and on an update; letter case tells names apart."""
    queues = centre.workspace.task_queues
    words = f"Queue named Everybody already exists for workspace {centre.sid} for account AC"
    with refused(400, 20001, words):
        queues.create(friendly_name="Everybody")
    other = queues.create(friendly_name="everybody")
    with refused(400, 20001, words):
        queues(other.sid).update(friendly_name="Everybody", max_reserved_workers=2)
    assert queues(centre.queue_sid).update(friendly_name="Everybody", max_reserved_workers=3).max_reserved_workers == 3
    assert queues(other.sid).fetch().max_reserved_workers == 1


def test_other_names_may_be_taken_twice(centre: CallCentre) -> None:
    """Workflows, Activities and Workspaces, of which nothing else is known."""
    workflow = centre.workspace.workflows(centre.workflow_sid).fetch()
    again = centre.workspace.workflows.create(friendly_name="Main", configuration=workflow.configuration)
    activities = [centre.workspace.activities.create(friendly_name="Lunch") for _ in range(2)]
    workspaces = [centre.client.taskrouter.v1.workspaces.create(friendly_name="Twin") for _ in range(2)]
    assert again.sid != workflow.sid
    assert activities[0].sid != activities[1].sid
    assert workspaces[0].sid != workspaces[1].sid


def test_queues_are_found_by_who_is_eligible(centre: CallCentre) -> None:
    """By name, by a Worker, or by the attributes that a Worker might have."""
    queues = centre.workspace.task_queues
    spanish = queues.create(friendly_name="Spanish", target_workers='languages HAS "es"')
    french = queues.create(friendly_name="French", target_workers='languages HAS "fr"')
    assert [q.sid for q in queues.list(friendly_name="French")] == [french.sid]
    assert {q.sid for q in queues.list(worker_sid=centre.alice_sid)} == {centre.queue_sid, spanish.sid}
    assert {q.sid for q in queues.list(evaluate_worker_attributes='{"languages": ["fr"]}')} == {
        centre.queue_sid,
        french.sid,
    }
    assert [q.friendly_name for q in queues.list(ordering="FriendlyName:desc")] == ["Spanish", "French", "Everybody"]


def test_a_text_is_no_number(centre: CallCentre) -> None:
    """Though an example of /docs/taskrouter/api/task-queue takes "6" for more than 5: that is our choice."""
    queues = centre.workspace.task_queues
    skilled = queues.create(friendly_name="Skilled", target_workers="tech_support_skill > 5")
    found = {
        skill: skilled.sid
        in [q.sid for q in queues.list(evaluate_worker_attributes=f'{{"tech_support_skill": {skill}}}')]
        for skill in ("6", '"6"')
    }
    assert found == {"6": True, '"6"': False}


def test_attributes_to_evaluate_must_be_json(ask: Callable[..., Any], centre: CallCentre) -> None:
    """Else 400, with the place of the mistake."""
    answer = ask("GET", f"/v1/Workspaces/{centre.sid}/TaskQueues?EvaluateWorkerAttributes=%7B")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert "Invalid EvaluateWorkerAttributes: not valid JSON at line 1, column 2" in answer.json["message"]


def test_a_queue_in_use_stays(centre: CallCentre) -> None:
    """A Workflow leads to it."""
    with refused(400, 20001, "Cannot delete TaskQueue Everybody because it is used by Workflow Main"):
        centre.workspace.task_queues(centre.queue_sid).delete()


def test_a_long_expression_is_compiled_beside_the_loop(centre: CallCentre, monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest takes a tenth of a second; what is wrong in it is said as always."""
    threads = []

    def compile_there(text: str, dialect: Dialect) -> Expression:
        threads.append(threading.current_thread().name)
        return compile_expression(text, dialect)

    monkeypatch.setattr("labkit.sandbox.api.task_queues.compile_expression", compile_there)
    queues = centre.workspace.task_queues
    text = " OR ".join(f"level == {number}" for number in range(LONG // 10))
    assert queues.create(friendly_name="Long", target_workers=text).target_workers == text
    with refused(400, 20001, "TargetWorkers"):
        queues.create(friendly_name="Wrong", target_workers=f"{text} OR")
    queues.create(friendly_name="Short", target_workers="level == 1")
    assert len(threads) == 2
    assert "labkit-test-sandbox" not in threads
