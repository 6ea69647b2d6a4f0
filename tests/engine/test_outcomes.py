"""What comes out of one command or one moment, for whoever commits it and tells of it."""

from __future__ import annotations

from engine.world import World, moment

from labkit.engine import commands as c
from labkit.engine.effects import Outcome
from labkit.engine.workspace_state import WorkspaceState


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


def test_what_a_command_does_is_told_before_it_is_routed(routed: World) -> None:
    """As the answer shows it: the Task that is rejected is pending, though she has it again in the same unit of work.

    The outcome is that of both, and the result that of the command.
    """
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    told: list[tuple[list[str], str]] = []

    def look(outcome: Outcome, state: WorkspaceState) -> None:
        told.append(([event.type for event in outcome.events], state.tasks[routed.names["T"]].assignment_status))

    rejected = routed.reservation("T")
    command = c.UpdateReservation(
        workspace_sid=routed.sid, sid=rejected.sid, changes={"reservation_status": "rejected"}
    )
    outcome = routed.engine.handle(command, routed.now, tell=look)
    assert told == [(["reservation.rejected"], "pending"), (["reservation.created"], "reserved")]
    assert [event.type for event in outcome.events] == ["reservation.rejected", "reservation.created"]
    assert outcome.result is rejected


def test_each_deadline_is_told_before_the_next_one_is_played(routed: World) -> None:
    """Whoever looks at the records then sees them as this deadline has left them."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T", timeout=150)
    told: list[tuple[list[str], str, float]] = []

    def look(outcome: Outcome, _: WorkspaceState) -> None:
        seen = (routed.task("T").assignment_status, routed.worker("Alice").date_status_changed.timestamp())
        if outcome.events:
            told.append(([event.type for event in outcome.events], *seen))

    outcome = routed.engine.tick(moment(200), tell=look)
    assert told == [
        (["reservation.timeout", "worker.activity.update"], "pending", moment(120).timestamp()),
        (["task.canceled"], "canceled", moment(120).timestamp()),
    ]
    assert [event.type for event in outcome.events] == [type_ for types, *_ in told for type_ in types]
