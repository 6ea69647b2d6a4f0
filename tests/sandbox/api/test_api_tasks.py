"""Tasks through the SDK (docs: /docs/taskrouter/api/task)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, START, LocalSandbox
from sandbox.refused import refused

Ask = Callable[..., Any]


def test_a_new_task_with_its_defaults(centre: CallCentre) -> None:
    """Every field; the only Workflow need not be named."""
    task = centre.workspace.tasks.create()
    assert (task.assignment_status, task.attributes, task.addons) == ("pending", "{}", "{}")
    assert (task.priority, task.timeout, task.age, task.reason) == (0, 86_400, 0, None)
    assert (task.workflow_sid, task.workflow_friendly_name) == (centre.workflow_sid, "Main")
    assert (task.task_queue_sid, task.task_queue_friendly_name) == (centre.queue_sid, "Everybody")
    assert task.task_queue_entered_date == task.date_created == task.virtual_start_time == START
    assert task.task_channel_unique_name == "default"
    assert (task.ignore_capacity, task.routing_target) == (False, None)
    assert task.links["reservations"] == f"{task.url}/Reservations"
    assert task.links["task_queue"].endswith(f"/TaskQueues/{centre.queue_sid}")


def test_a_task_answers_pending_and_is_reserved_at_once(centre: CallCentre) -> None:
    """TaskRouter answers before it routes."""
    centre.switch(centre.alice_sid, "Available")
    task = centre.add_task()
    assert task.assignment_status == "pending"
    assert centre.task_status(task.sid) == "reserved"


def test_the_age_grows_with_the_clock(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """In whole seconds since the creation."""
    task = centre.add_task()
    sandbox.advance(90.9)
    assert centre.workspace.tasks(task.sid).fetch().age == 90


def test_everything_can_be_given(centre: CallCentre) -> None:
    """And comes back; a start with another zone is turned into UTC."""
    noon = datetime(2025, 12, 24, 14, tzinfo=timezone(timedelta(hours=2)))
    task = centre.add_task(
        timeout=1_209_600, priority=2_147_483_647, task_channel="chat", virtual_start_time=noon.isoformat()
    )
    assert (task.timeout, task.priority, task.task_channel_unique_name) == (1_209_600, 2_147_483_647, "chat")
    assert task.virtual_start_time == noon.astimezone(UTC)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"workflow_sid": "WW0"}, "Invalid WorkflowSid: 'WW0' is not in this Workspace"),
        ({"timeout": 0}, "Invalid Timeout"),
        ({"timeout": 1_209_601}, "Invalid Timeout: '1209601' is not a whole number from 1 to 1209600"),
        ({"priority": -1}, "Invalid Priority"),
        ({"priority": 2_147_483_648}, "Invalid Priority"),
        ({"task_channel": "fax"}, "Invalid TaskChannel: there is no TaskChannel 'fax' here; there are default"),
        ({"virtual_start_time": "2026-01-01T00:00:01Z"}, "Invalid VirtualStartTime: .* is in the future"),
        ({"virtual_start_time": "1899-12-31T23:59:59Z"}, "Invalid VirtualStartTime: .* is before 1900"),
        ({"virtual_start_time": "yesterday"}, "Invalid VirtualStartTime: 'yesterday' is not a date"),
        ({"routing_target": "AC0"}, "Invalid RoutingTarget"),
        ({"routing_target": "WK0"}, "Invalid RoutingTarget"),
        ({"ignore_capacity": "true"}, "Invalid IgnoreCapacity"),
    ],
)
def test_what_a_task_cannot_be(centre: CallCentre, fields: dict[str, Any], words: str) -> None:
    """400 with the parameter's name, and no Task."""
    with refused(400, 20001, words):
        centre.add_task(**fields)
    assert centre.workspace.tasks.list() == []


def test_with_two_workflows_one_must_be_named(centre: CallCentre) -> None:
    """The page's rule: optional only where there is exactly one."""
    text = centre.workspace.workflows(centre.workflow_sid).fetch().configuration
    centre.workspace.workflows.create(friendly_name="Other", configuration=text)
    with refused(400, 20001, "Missing required parameter WorkflowSid"):
        centre.workspace.tasks.create(attributes="{}")


def test_direct_routing(centre: CallCentre) -> None:
    """To a Worker, whose capacity is then ignored, to a queue and to a Workflow."""
    to_alice = centre.workspace.tasks.create(routing_target=centre.alice_sid)
    assert (to_alice.routing_target, to_alice.ignore_capacity) == (centre.alice_sid, True)
    to_queue = centre.workspace.tasks.create(routing_target=centre.queue_sid)
    assert to_queue.task_queue_sid == centre.queue_sid
    to_workflow = centre.workspace.tasks.create(routing_target=centre.workflow_sid)
    assert to_workflow.workflow_sid == centre.workflow_sid
    found = centre.workspace.tasks.list(routing_target=centre.alice_sid)
    assert [task.sid for task in found] == [to_alice.sid]


def test_an_update_changes_what_is_given(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """Attributes are replaced, not merged; they may come with a cancellation."""
    task = centre.workspace.tasks(centre.add_task(attributes='{"a": 1, "b": 2}').sid)
    sandbox.advance(5)
    updated = task.update(attributes='{"b": 3}', priority=4, virtual_start_time="2025-12-31T00:00:00Z")
    assert (updated.attributes, updated.priority) == ('{"b":3}', 4)
    assert updated.virtual_start_time == datetime(2025, 12, 31, tzinfo=UTC)
    assert (updated.date_updated - updated.date_created).total_seconds() == 5
    canceled = task.update(assignment_status="canceled", reason="hangup", attributes='{"c": 4}')
    assert (canceled.assignment_status, canceled.reason, canceled.attributes) == ("canceled", "hangup", '{"c":4}')


@pytest.mark.parametrize("by", ["task", "reservation"])
def test_the_reason_that_came_with_wrapping_is_kept(centre: CallCentre, by: str) -> None:
    """Until another is given, whether the Task or its Reservation is completed; docs: /docs/taskrouter/api/task."""
    task, reservation = centre.reserved_task()
    of_task = centre.workspace.tasks(task.sid)
    of_task.reservations(reservation.sid).update(reservation_status="accepted")
    wrapping = of_task.update(assignment_status="wrapping", reason="hung up")
    assert (wrapping.assignment_status, wrapping.reason) == ("wrapping", "hung up")
    if by == "task":
        of_task.update(assignment_status="completed")
    else:
        of_task.reservations(reservation.sid).update(reservation_status="completed")
    done = of_task.fetch()
    assert (done.assignment_status, done.reason) == ("completed", "hung up")


@pytest.mark.parametrize("status", ["wrapping", "completed"])
def test_attributes_and_the_end_of_the_work_take_two_requests(centre: CallCentre, status: str) -> None:
    """In one they are refused, and nothing changes. Docs: /docs/taskrouter/api/task."""
    task, reservation = centre.reserved_task()
    of_task = centre.workspace.tasks(task.sid)
    of_task.reservations(reservation.sid).update(reservation_status="accepted")
    before = of_task.fetch().attributes
    with refused(400, 20001, f"Send two requests: the Attributes first, then AssignmentStatus={status}"):
        of_task.update(assignment_status=status, attributes='{"outcome": "sold"}')
    assert (of_task.fetch().attributes, of_task.fetch().assignment_status) == (before, "assigned")
    of_task.update(attributes='{"outcome": "sold"}')
    assert of_task.update(assignment_status=status).assignment_status == status


def test_a_task_that_no_filter_matches_is_refused_in_twilios_words(centre: CallCentre) -> None:
    """Without a default filter there is no TaskQueue for it, and it is not made."""
    only = {"expression": "vip == true", "targets": [{"queue": centre.queue_sid}]}
    configuration = json.dumps({"task_routing": {"filters": [only]}})
    workflow = centre.workspace.workflows.create(friendly_name="VIP", configuration=configuration)
    with refused(400, 20001, f"^.*: Couldn't match task to queue in workspace {centre.sid} for account {ACCOUNT}$"):
        centre.add_task(workflow_sid=workflow.sid)
    assert centre.workspace.tasks.list() == []
    assert centre.workspace.events.list(event_type="task.created") == []


def test_the_life_of_a_task(centre: CallCentre) -> None:
    """Reserved, assigned, wrapping, completed with its reason."""
    task, reservation = centre.reserved_task()
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    assert centre.task_status(task.sid) == "assigned"
    assert centre.workspace.tasks(task.sid).update(assignment_status="wrapping").assignment_status == "wrapping"
    done = centre.workspace.tasks(task.sid).update(assignment_status="completed", reason="solved")
    assert (done.assignment_status, done.reason) == ("completed", "solved")
    assert centre.reservation_status(task.sid) == ["completed"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("completed", "Cannot complete task {} in workspace {} for account {} because it is not currently assigned."),
        ("wrapping", "Cannot wrap up a task {} in workspace {} for account {} because it's not currently assigned"),
    ],
)
def test_steps_that_a_pending_task_cannot_take(centre: CallCentre, status: str, words: str) -> None:
    """With the observed sentences."""
    task = centre.add_task()
    with refused(400, 20001, words.format(task.sid, centre.sid, task.account_sid)):
        centre.workspace.tasks(task.sid).update(assignment_status=status)
    assert centre.task_status(task.sid) == "pending"


def test_an_assigned_task_cannot_be_canceled(centre: CallCentre) -> None:
    """It can be completed."""
    task, reservation = centre.reserved_task()
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    words = f"Cannot cancel task {task.sid} in workspace {centre.sid} for account {task.account_sid}"
    with refused(400, 20001, f"{words} because it is not pending or reserved."):
        centre.workspace.tasks(task.sid).update(assignment_status="canceled")


@pytest.mark.parametrize("status", ["pending", "reserved", "assigned", "done"])
def test_statuses_that_cannot_be_asked_for(centre: CallCentre, status: str) -> None:
    """Only canceled, completed and wrapping can."""
    task = centre.add_task()
    with refused(400, 20001, "Invalid AssignmentStatus"):
        centre.workspace.tasks(task.sid).update(assignment_status=status, priority=9)
    assert centre.workspace.tasks(task.sid).fetch().priority == 0


def test_an_ended_task_goes_after_five_minutes(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """With its Reservations: then it is 404."""
    task, reservation = centre.reserved_task()
    centre.workspace.tasks(task.sid).update(assignment_status="canceled")
    sandbox.advance(299)
    assert centre.task_status(task.sid) == "canceled"
    sandbox.advance(1)
    for gone in (centre.workspace.tasks(task.sid), centre.workspace.tasks(task.sid).reservations(reservation.sid)):
        with refused(404, 20404, f"/Tasks/{task.sid}.* was not found"):
            gone.fetch()


def test_an_old_task_is_canceled(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """When its time to live is over before anybody took it."""
    task = centre.add_task(timeout=60)
    sandbox.advance(60)
    ended = centre.workspace.tasks(task.sid).fetch()
    assert ended.assignment_status == "canceled"
    assert ended.reason == "Task TTL Exceeded or Max assignment count exceeded"


@pytest.fixture
def three(centre: CallCentre) -> dict[str, str]:
    """Three Tasks by name: one reserved, one pending, one canceled."""
    centre.switch(centre.alice_sid, "Available")
    made = {
        "reserved": centre.add_task(attributes='{"language": "es"}', priority=5).sid,
        "pending": centre.add_task(attributes='{"language": "en"}', priority=1).sid,
        "canceled": centre.add_task(attributes="{}", priority=5).sid,
    }
    centre.workspace.tasks(made["canceled"]).update(assignment_status="canceled")
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["reserved", "pending", "canceled"]),
        ({"assignment_status": "pending"}, ["pending"]),
        ({"assignment_status": ["pending", "reserved"]}, ["reserved", "pending"]),
        ({"assignment_status": "pending,canceled"}, ["pending", "canceled"]),
        ({"assignment_status": "pending, canceled"}, ["pending", "canceled"]),
        ({"assignment_status": ["pending,canceled", "reserved"]}, ["reserved", "pending", "canceled"]),
        ({"assignment_status": "assigned"}, []),
        ({"priority": 5}, ["reserved", "canceled"]),
        ({"priority": 5, "assignment_status": "canceled"}, ["canceled"]),
        ({"workflow_name": "Main"}, ["reserved", "pending", "canceled"]),
        ({"workflow_name": "main"}, []),
        ({"task_queue_name": "Everybody"}, ["reserved", "pending", "canceled"]),
        ({"task_queue_sid": "WQ0"}, []),
        ({"workflow_sid": "WW0"}, []),
        ({"evaluate_task_attributes": 'language == "es"'}, ["reserved"]),
        ({"evaluate_task_attributes": 'language IN ["es", "en"]'}, ["reserved", "pending"]),
        ({"has_addons": False}, ["reserved", "pending", "canceled"]),
        ({"has_addons": True}, []),
        ({"ordering": "Priority:asc"}, ["pending", "reserved", "canceled"]),
        ({"ordering": "Priority:desc,DateCreated:asc"}, ["reserved", "canceled", "pending"]),
        ({"ordering": "Priority:desc, DateCreated:desc"}, ["reserved", "canceled", "pending"]),
        ({"ordering": "VirtualStartTime"}, ["reserved", "pending", "canceled"]),
    ],
    ids=str,
)
def test_tasks_are_found(
    sandbox: LocalSandbox, centre: CallCentre, three: dict[str, str], query: dict[str, Any], found: list[str]
) -> None:
    """By every filter of the documentation, in the order asked for."""
    names = {sid: name for name, sid in three.items()}
    assert [names[task.sid] for task in centre.workspace.tasks.list(**query)] == found


@pytest.mark.parametrize(
    "query",
    [
        "Priority=high",
        "EvaluateTaskAttributes=language+==",
        "Ordering=Age:asc",
        "Ordering=Priority:sideways",
        "Ordering=DateCreated,VirtualStartTime",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(ask: Ask, centre: CallCentre, query: str) -> None:
    """With the parameter's name."""
    answer = ask("GET", f"/v1/Workspaces/{centre.sid}/Tasks?{query}")
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert f"Invalid {query.partition('=')[0]}" in answer.json["message"]


def test_deleting_a_task_ends_what_it_holds(centre: CallCentre) -> None:
    """The Worker is free again for the next one."""
    task, _ = centre.reserved_task()
    waiting = centre.add_task()
    assert centre.task_status(waiting.sid) == "pending"
    assert centre.workspace.tasks(task.sid).delete() is True
    assert centre.task_status(waiting.sid) == "reserved"
