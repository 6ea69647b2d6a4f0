"""What comes out of one command or one moment, for whoever commits it and tells of it."""

from __future__ import annotations

from engine.world import World

from labkit.engine import commands as c


def test_what_is_removed_is_there_once_more_as_it_last_was(routed: World) -> None:
    """An event of a Task that is gone is told with the whole Task."""
    routed.set_activity("Alice", "Available")
    task = routed.create_task("T")
    routed.answer("T", "accepted")
    reservation = routed.reservation("T")
    outcome = routed.engine.handle(c.DeleteTask(workspace_sid=routed.sid, sid=task.sid), routed.now)
    assert outcome.removed == {task.sid: task, reservation.sid: reservation}
    assert (task.assignment_status, reservation.reservation_status) == ("assigned", "completed")
    assert not outcome.removed.keys() & outcome.changed.keys()
