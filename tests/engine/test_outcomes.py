"""What comes out of one command or one moment, for whoever commits it and tells of it."""

from __future__ import annotations

from engine.world import World, moment

from labkit.engine import commands as c
from labkit.engine.effects import Outcome


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


def test_each_deadline_is_told_before_the_next_one_is_played(routed: World) -> None:
    """Whoever looks at the records then sees them as this deadline has left them."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T", timeout=150)
    told: list[tuple[list[str], str, float]] = []

    def look(outcome: Outcome) -> None:
        seen = (routed.task("T").assignment_status, routed.worker("Alice").date_status_changed.timestamp())
        told.append(([event.type for event in outcome.events], *seen))

    outcome = routed.engine.tick(moment(200), tell=look)
    assert told == [
        (["reservation.timeout", "worker.activity.update"], "pending", moment(120).timestamp()),
        (["task.canceled"], "canceled", moment(120).timestamp()),
    ]
    assert [event.type for event in outcome.events] == [type_ for types, *_ in told for type_ in types]
