"""A Workspace for a test of the engine."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("engine.invariants")  # so that a broken rule shows its values

from engine.world import World  # noqa: E402 - after the line above


@pytest.fixture
def world() -> World:
    """A new Workspace with what TaskRouter puts into it: three Activities, five TaskChannels."""
    return World()


@pytest.fixture
def routed(world: World) -> World:
    """One queue for everybody, one Workflow that leads there, and Alice, who is Offline."""
    world.add_queue("Everybody")
    world.add_workflow("Main", default_filter={"queue": "Everybody"})
    world.add_worker("Alice", activity="Offline")
    world.take_events()
    return world
