"""Single tasking where data cannot say it: which Activities a TaskQueue gets, and what explain says."""

from __future__ import annotations

import pytest
from engine.world import World

from labkit.engine.diagnosis import explain_task


@pytest.mark.parametrize(("multi", "expected"), [(False, ("Reserved", "Busy")), (True, (None, None))])
def test_a_queue_gets_the_legacy_activities_where_they_are(multi: bool, expected: tuple[str | None, ...]) -> None:
    """By their names, in single tasking only."""
    world = World(multi_task_enabled=multi)
    world.add_activity("Reserved")
    world.add_activity("Busy")
    world.add_queue("Q")
    queue = world.state.task_queues[world.names["Q"]]
    given = (queue.reservation_activity_sid, queue.assignment_activity_sid)
    assert tuple(world.name_of(sid) for sid in given) == expected


def test_activities_that_are_given_win() -> None:
    """The legacy ones are for what is left out."""
    world = World(multi_task_enabled=False)
    for name in ("Reserved", "Busy", "Ringing"):
        world.add_activity(name)
    world.add_queue("Q", reservation_activity_sid=world.names["Ringing"])
    queue = world.state.task_queues[world.names["Q"]]
    assert (queue.reservation_activity_sid, queue.assignment_activity_sid) == (
        world.names["Ringing"],
        world.names["Busy"],
    )


def test_explain_says_that_it_is_one_at_a_time() -> None:
    """Not that a channel is full, which does not count here."""
    world = World(multi_task_enabled=False)
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    world.add_worker("Alice")
    world.create_task("T1", channel="voice")
    waiting = world.create_task("T2", channel="chat")
    found = explain_task(world.state, waiting.sid, world.now)
    assert "in single tasking a Worker has one Task at a time" in str(found)
    assert "on channel" not in str(found)
