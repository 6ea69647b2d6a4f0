"""How a Workspace for an explanation is made: a function with a title, which returns a world with a Task named `T`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.world import World

Make = Callable[[], World]
EVERY: dict[str, Make] = {}
"""Each Workspace by its title, in the order in which they are read."""


def told(title: str) -> Callable[[Make], Make]:
    """Add a Workspace under a title that says what it shows."""

    def keep(make: Make) -> Make:
        if title in EVERY:
            raise AssertionError(f"two Workspaces are called {title!r}")
        EVERY[title] = make
        return make

    return keep


def one_queue(target_workers: str = "1==1", *, target: dict[str, Any] | None = None, **workspace: Any) -> World:
    """TaskQueue Support, and Workflow Main, all of whose Tasks go there."""
    world = World(**workspace)
    world.add_queue("Support", target_workers)
    filters = [
        {
            "filter_friendly_name": "Everything",
            "expression": "1==1",
            "targets": [{"queue": "Support", **(target or {})}],
        }
    ]
    world.add_workflow("Main", filters=filters)
    return world
