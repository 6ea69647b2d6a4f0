"""Filters by the time of day (docs: /docs/taskrouter/time-of-day-routing). A world begins on a Thursday at midnight."""

from __future__ import annotations

import pytest
from engine.world import World

from labkit.engine.diagnosis import explain_task
from labkit.engine.diagnosis.findings import FilterState
from labkit.engine.lint import lint_workspace

HOUR, DAY = 3600, 24 * 3600


@pytest.mark.parametrize(
    ("expression", "opens", "closes"),
    [
        ("taskrouter.currentTime > 0800 AND taskrouter.currentTime < 1830", 8 * HOUR + 60, 18 * HOUR + 1800),
        ("taskrouter.currentHour > 8 AND taskrouter.currentHour < 18", 9 * HOUR, 18 * HOUR),
        ("taskrouter.currentMin > 10 AND taskrouter.currentMin < 50", 11 * 60, 50 * 60),
        ("taskrouter.dayOfWeek IN ['Fri', 'Sat']", DAY, 3 * DAY),
    ],
)
def test_a_filter_knows_the_time(world: World, expression: str, opens: int, closes: int) -> None:
    """To the second before and at the moment at which it begins and ends."""
    world.add_queue("Open")
    world.add_queue("Closed")
    world.add_workflow(
        "W", filters=[{"expression": expression, "targets": [{"queue": "Open"}]}], default_filter={"queue": "Closed"}
    )
    for name, seconds, queue in (
        ("early", opens - 1, "Closed"),
        ("first", opens, "Open"),
        ("last", closes - 1, "Open"),
        ("late", closes, "Closed"),
    ):
        world.at(seconds).create_task(name, workflow="W")
        assert world.describe(name)["queue"] == queue  # type: ignore[index]


def test_the_explanation_has_the_time_at_which_the_task_was_made(world: World) -> None:
    """However late it is asked; an attribute of the Task that is called so is hidden."""
    world.add_queue("Open")
    world.add_workflow(
        "W",
        filters=[{"expression": "taskrouter.currentTime < 900", "targets": [{"queue": "Open"}]}],
        default_filter={"queue": "Open"},
    )
    task = world.create_task("T", workflow="W", attributes={"taskrouter": {"currentTime": 1200}})
    world.at(10 * HOUR)
    first, default = explain_task(world.state, task.sid, now=world.now).filters

    assert (first.state, default.state) == (FilterState.TAKEN, FilterState.NOT_LOOKED_AT)
    assert lint_workspace(world.state) == ()
