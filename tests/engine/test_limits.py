"""How many of each a Workspace holds (docs: /docs/taskrouter/limits)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from engine.world import World

from labkit import limits
from labkit.engine.refusals import InvalidParameter

ROOM = 3


def add_task(world: World, name: str) -> Any:
    return world.create_task(name, to="Q")


@pytest.mark.parametrize(
    ("limit", "documented", "add", "held"),
    [
        ("MAX_ACTIVITIES", 100, World.add_activity, "activities"),
        ("MAX_TASK_QUEUES", 5000, World.add_queue, "task_queues"),
        ("MAX_WORKERS", 15_000, World.add_worker, "workers"),
        ("MAX_TASKS_IN_FLIGHT", 25_000, add_task, "tasks"),
    ],
)
def test_a_workspace_holds_so_many_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
    *,
    limit: str,
    documented: int,
    add: Callable[[World, str], object],
    held: str,
) -> None:
    """Up to the documented limit, which the test lowers; the next one is refused with its number, and is not there."""
    assert getattr(limits, limit) == documented
    world = World()
    world.add_queue("Q")
    there = len(getattr(world.state, held))
    monkeypatch.setattr(limits, limit, there + ROOM)
    for number in range(ROOM):
        add(world, f"New {number}")
    with pytest.raises(InvalidParameter, match=str(there + ROOM)):
        add(world, "One too many")
    assert len(getattr(world.state, held)) == there + ROOM


def test_a_task_that_has_ended_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only Tasks in flight count."""
    world = World()
    world.add_queue("Q")
    monkeypatch.setattr(limits, "MAX_TASKS_IN_FLIGHT", 1)
    add_task(world, "First")
    with pytest.raises(InvalidParameter):
        add_task(world, "Second")
    world.update_task("First", status="canceled")
    assert add_task(world, "Second").is_pending
