"""Known-agent routing: the alerts, and what the Task does meanwhile (reference, 7.8)."""

from __future__ import annotations

from typing import Any

import pytest
from engine.world import ACCOUNT, World

from labkit.engine import commands as c
from labkit.error_codes import ErrorCode

OTHER_ACCOUNT = "AC" + "9" * 32
BY_SID = {"queue": "Q", "known_worker_sid": "task.agent.sid"}
BY_NAME = {"queue": "Q", "known_worker_friendly_name": "task.agent.name"}


def world_with(target: dict[str, Any]) -> World:
    """Alice is in the queue, Bob is not; Tasks ask for one of them."""
    world = World()
    world.add_queue("Q", "level > 1")
    world.add_worker("Alice", attributes={"level": 2})
    world.add_worker("Bob")
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": [target]}])
    return world


def elsewhere(world: World, *, account: str = ACCOUNT) -> str:
    """The SID of a Worker in another Workspace."""
    made = world.engine.handle(c.CreateWorkspace(account_sid=account, friendly_name="Other"), world.now)
    command = c.CreateWorker(workspace_sid=made.result.sid, friendly_name="Carol")
    return str(world.engine.handle(command, world.now).result.sid)


@pytest.mark.parametrize("target", [BY_SID, BY_NAME])
def test_who_is_known_and_in_the_queue_raises_nothing(target: dict[str, Any]) -> None:
    """Alice gets the Task."""
    world = world_with(target)
    world.create_task("T", attributes={"agent": {"sid": world.names["Alice"], "name": "Alice"}})
    assert world.alerts == []
    assert world.describe("T") is not None
    assert world.name_of(world.reservation("T").worker_sid) == "Alice"


@pytest.mark.parametrize("target", [BY_SID, BY_NAME])
def test_who_is_not_in_the_queue_is_40152(target: dict[str, Any]) -> None:
    """And the Task waits."""
    world = world_with(target)
    task = world.create_task("T", attributes={"agent": {"sid": world.names["Bob"], "name": "Bob"}})
    assert [(alert.code, alert.resource_sid) for alert in world.alerts] == [(40152, task.sid)]
    assert world.alerts[0].text == f"{ErrorCode(40152).meaning}: Bob does not match TaskQueue Q"
    assert task.is_pending


@pytest.mark.parametrize(
    ("target", "attributes", "said"),
    [
        (BY_SID, {}, "`task.agent.sid` is not given"),
        (BY_SID, {"agent": {"sid": "WK" + "f" * 32}}, "`task.agent.sid` is 'WKfff"),
        (BY_SID, {"agent": {"sid": ["WK"]}}, "`task.agent.sid` is ['WK']"),
        (BY_SID, {"agent": "Alice"}, "`task.agent.sid` is not given"),
        (BY_NAME, {"agent": {"name": "Nobody"}}, "`task.agent.name` is 'Nobody'"),
        (BY_NAME, {"agent": {"name": 7}}, "`task.agent.name` is 7"),
    ],
)
def test_nobody_is_40154(target: dict[str, Any], attributes: dict[str, Any], said: str) -> None:
    """Missing, of the wrong type, or not there."""
    world = world_with(target)
    task = world.create_task("T", attributes=attributes)
    assert [alert.code for alert in world.alerts] == [40154]
    assert said in world.alerts[0].text
    assert task.is_pending


@pytest.mark.parametrize("target", [BY_SID, BY_NAME])
def test_null_says_on_purpose_that_there_is_nobody(target: dict[str, Any]) -> None:
    """No alert; the Task waits."""
    world = world_with(target)
    task = world.create_task("T", attributes={"agent": {"sid": None, "name": None}})
    assert world.alerts == []
    assert task.is_pending


def test_a_worker_of_another_workspace_is_40155() -> None:
    """Of the same account: of others nothing is told, not even that."""
    world = world_with(BY_SID)
    for account in (ACCOUNT, OTHER_ACCOUNT):
        world.create_task(f"T{account}", attributes={"agent": {"sid": elsewhere(world, account=account)}})
    assert [alert.code for alert in world.alerts] == [40155, 40154]


def test_the_alert_comes_once_for_each_target_that_is_entered() -> None:
    """Not again when a Reservation ends or a Worker comes back."""
    world = World()
    world.add_queue("Q")
    world.add_worker("Alice", activity="Offline")
    first = {"queue": "Q", "known_worker_friendly_name": "task.agent", "timeout": 10}
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": [first, {"queue": "Q"}]}])
    world.create_task("T", attributes={"agent": "Nobody"})
    world.at(5).set_activity("Alice", "Available")
    world.at(20)
    assert [alert.code for alert in world.alerts] == [40154]
    assert world.name_of(world.reservation("T").worker_sid) == "Alice"


# --- what events tell of it (docs: /docs/taskrouter/workflow-configuration/known-agent-routing) ----------------------


def known_in(world: World) -> dict[str, str | None]:
    """The known Worker of each event that is about a Task, by name; the newest of each type."""
    told = [event for event in world.events if "task_sid" in event.data]
    return {str(event.type): world.name_of(event.data.get("known_worker_sid")) for event in told}


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("target", [BY_SID, BY_NAME])
def test_events_of_a_task_for_a_known_worker_name_that_worker(target: dict[str, Any], restarts: bool) -> None:
    """From the target on to the end; by the Worker's SID, whichever of the two the Workflow asks by."""
    world = world_with(target)
    world.create_task("T", attributes={"agent": {"sid": world.names["Alice"], "name": "Alice"}})
    for status in ("accepted", "wrapping", "completed"):
        if restarts:
            world.restart()
        world.answer("T", status)
    told = known_in(world)
    before = {"task.created": None, "workflow.entered": None}
    ways = ("workflow.target-matched", "task-queue.entered")
    reservation = ("created", "accepted", "wrapup", "completed")
    after = (*ways, *(f"reservation.{kind}" for kind in reservation), "task.wrapup", "task.completed")
    assert told == {**before, **dict.fromkeys(after, "Alice")}


@pytest.mark.parametrize("target", [BY_SID, BY_NAME])
@pytest.mark.parametrize("agent", [None, "WK" + "f" * 32, "Nobody", 7])
def test_events_name_no_known_worker_where_there_is_none(target: dict[str, Any], agent: Any) -> None:
    """Null, or nobody of this Workspace."""
    world = world_with(target)
    world.create_task("T", attributes={"agent": {"sid": agent, "name": agent}})
    assert set(known_in(world).values()) == {None}


def test_a_task_that_leaves_the_target_leaves_the_known_worker() -> None:
    """By a timeout, and by another way through the Workflow."""
    world = world_with(BY_SID)
    asked = {**BY_SID, "timeout": 10}
    filters = [{"expression": "free != true", "targets": [asked, {"queue": "Q"}]}]
    world.update_workflow("Main", filters=filters, default_filter={"queue": "Q"})
    attributes = {"agent": {"sid": world.names["Alice"]}}
    world.set_activity("Alice", "Offline")
    for name in ("Late", "Free"):
        world.create_task(name, attributes=attributes)
    world.events.clear()
    world.update_task("Free", attributes={**attributes, "free": True})
    assert known_in(world) == {
        "task.updated": "Alice",
        "workflow.entered": None,
        "workflow.target-matched": None,
    }
    world.events.clear()
    world.at(10)
    assert known_in(world) == {"task-queue.timeout": "Alice", "workflow.target-matched": None}


def test_a_workflow_that_is_evaluated_again_may_ask_for_nobody_any_more() -> None:
    """Be there a place for the Task in it or none."""
    for expression, types in (("1==1", {"workflow.entered", "workflow.target-matched"}), ("1==2", {"task.canceled"})):
        world = world_with(BY_SID)
        never = {"expression": "1==2", "targets": [{"queue": "Q"}]}
        world.update_workflow("Main", filters=[never, {"expression": "1==1", "targets": [BY_SID]}])
        world.set_activity("Alice", "Offline")
        world.create_task("T", attributes={"agent": {"sid": world.names["Alice"]}})
        world.events.clear()
        filters = [{"expression": expression, "targets": [{"queue": "Q"}]}]
        world.update_workflow("Main", filters=filters, re_evaluate=True)
        assert known_in(world) == dict.fromkeys(types)


def test_a_worker_is_known_by_the_name_that_it_has_now() -> None:
    """Also after somebody else has taken the name, and the first one is gone."""
    world = world_with(BY_NAME)
    world.set_activity("Alice", "Offline")
    world.create_task("T", attributes={"agent": {"name": "Alice"}})
    for renames, known in (((("Alice", "Ann"),), None), ((("Bob", "Alice"),), "Bob"), ((), "Bob")):
        for worker, name in renames:
            world.rename(worker, name)
        if not renames:
            world.delete("Alice")
        world.events.clear()
        world.update_task("T", priority=1)
        assert known_in(world)["task.updated"] == known


def test_what_is_done_to_an_ended_task_asks_no_workflow_that_is_gone() -> None:
    """It is deleted after its Workflow was."""
    world = world_with(BY_SID)
    world.create_task("T", attributes={"agent": {"sid": world.names["Alice"]}})
    world.answer("T", "accepted")
    world.update_task("T", status="completed")
    world.delete("Main")
    world.events.clear()
    world.delete("T")
    assert known_in(world) == {"task.deleted": None}
