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
