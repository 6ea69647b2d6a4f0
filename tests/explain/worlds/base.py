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


def quickstart() -> World:
    """Twilio's: Alice speaks both languages and is Offline, Bob speaks English and is Available."""
    world = World()
    world.add_queue("Spanish", 'languages HAS "es"')
    world.add_queue("English", 'languages HAS "en"')
    filters = [
        {"filter_friendly_name": name, "expression": f'selected_language == "{code}"', "targets": [{"queue": name}]}
        for name, code in (("Spanish", "es"), ("English", "en"))
    ]
    world.add_workflow("Incoming", filters=filters)
    world.add_worker("Alice", activity="Offline", attributes={"languages": ["en", "es"]})
    world.add_worker("Bob", attributes={"languages": ["en"]})
    return world
