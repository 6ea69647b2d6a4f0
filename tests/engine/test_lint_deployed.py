"""What the linter says of Workflows as people deploy them: every remark stands in the file, and was read there."""

from __future__ import annotations

from contextlib import suppress

import pytest
from deployed_workflows import DEPLOYED, Json, written
from engine.world import World

from labkit.engine.lint import lint_workspace
from labkit.errors import Refusal


def furnish(world: World, case: Json) -> None:
    """The case's Workspace, with each of its Tasks that a filter takes."""
    for name in case.get("channels", []):
        world.add_channel(name)
    for name, text in case["queues"].items():
        world.add_queue(name, text)
    for name, attributes in case["workers"].items():
        world.add_worker(name, attributes=attributes)
    world.add_workflow("W", **written(case["configuration"], world.names)["task_routing"])
    for number, task in enumerate(case["tasks"]):
        with suppress(Refusal):
            attributes = written(task["attributes"], world.names)
            world.create_task(f"Task {number}", attributes=attributes, channel=task.get("channel", "default"))


@pytest.mark.parametrize("case", DEPLOYED, ids=lambda case: case["name"])
def test_the_remarks_are_those_that_were_read(world: World, case: Json) -> None:
    """No others, and none is missing: whoever changes a rule reads what it now says of these."""
    furnish(world, case)
    assert [[warned.where, warned.rule] for warned in lint_workspace(world.state)] == case["lint"]
