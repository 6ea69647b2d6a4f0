"""What falls due: when, in which order, at which moment it is played, and when it has lapsed."""

from __future__ import annotations

import pytest
from engine.world import World, moment

from labkit.engine import commands as c
from labkit.engine import expiry
from labkit.engine.deadlines import Deadline, Due
from labkit.vocabulary import EventType


def test_next_deadline_is_the_earliest_that_holds(routed: World) -> None:
    """A Task's life goes from one deadline to the next, and `next_deadline` names each of them."""
    assert routed.engine.next_deadline() is None
    routed.create_task("T", timeout=500)
    assert routed.engine.next_deadline() == moment(500)
    routed.at(10).set_activity("Alice", "Available")
    assert routed.engine.next_deadline() == moment(130)
    routed.at(20).answer("T", "accepted")
    assert routed.engine.next_deadline() == moment(20 + 86_400)
    routed.at(30).update_task("T", status="completed")
    assert routed.engine.next_deadline() == moment(330)
    routed.at(330)
    assert routed.engine.next_deadline() is None
    assert routed.describe("T") is None


def test_late_tick_plays_everything_at_its_own_moment(world: World) -> None:
    """After a long sleep each thing happens when it was due, and the next one counts from there."""
    world.add_queue("Q1")
    world.add_queue("Q2")
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": [_target("Q1", 10), _target("Q2", 10)]}])
    world.create_task("T")
    world.take_events()
    world.at(1000)
    assert [(event.type, event.at) for event in world.events] == [
        (EventType.TASK_QUEUE_TIMEOUT, moment(10)),
        (EventType.WORKFLOW_TARGET_MATCHED, moment(10)),
        (EventType.TASK_QUEUE_MOVED, moment(10)),
        (EventType.TASK_QUEUE_ENTERED, moment(10)),
        (EventType.TASK_QUEUE_TIMEOUT, moment(20)),
        (EventType.WORKFLOW_TIMEOUT, moment(20)),
        (EventType.TASK_CANCELED, moment(20)),
    ]
    assert world.describe("T") is None


def _target(queue: str, timeout: int) -> dict[str, object]:
    return {"queue": queue, "timeout": timeout}


def test_late_tick_is_as_good_as_many_ticks() -> None:
    """Looking each second or once at the end: the same events at the same moments."""
    often, once = World(), World()
    for world in (often, once):
        world.add_queue("Q")
        world.add_workflow("Main", default_filter={"queue": "Q"}, reservation_timeout=7)
        world.update_workspace(timeout_activity_sid="Available")
        for name in ("Alice", "Bob"):
            world.add_worker(name)
        for number in range(4):
            world.create_task(f"T{number}", timeout=40 + 5 * number)
    for second in range(400):
        often.at(second)
    once.at(399)
    assert often.events == once.events
    assert often.kept == once.kept


@pytest.mark.parametrize("kind", list(Due))
def test_every_kind_has_a_handler(kind: Due) -> None:
    """No kind of deadline is without something that happens, or without a rule for when it holds."""
    assert kind in expiry.HANDLERS
    assert kind in (Due.RESERVATION_TIMEOUT, Due.CALL, Due.WORKFLOW_PAUSE) or kind in expiry._TASK_DEADLINES


@pytest.mark.parametrize("kind", list(Due))
def test_deadline_of_something_removed_has_lapsed(world: World, kind: Due) -> None:
    """What is not there any more is not due."""
    assert not expiry.is_live(world.state, Deadline(moment(0), kind, 1, world.sid, "WT-gone"))


def test_answered_reservation_is_not_timed_out(routed: World) -> None:
    """A Reservation that was accepted in time does not time out afterwards."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    routed.at(119).answer("T", "accepted")
    routed.take_events()
    routed.at(121)
    assert routed.take_events() == []


def test_target_timeout_of_an_earlier_target_has_lapsed(world: World) -> None:
    """A Task that was routed elsewhere does not leave its new place at the old one's moment."""
    world.add_queue("Q1")
    world.add_queue("Q2")
    world.add_workflow(
        "Main",
        filters=[
            {"expression": "a == 1", "targets": [_target("Q1", 10)]},
            {"expression": "a == 2", "targets": [_target("Q2", 30)]},
        ],
    )
    world.create_task("T", attributes={"a": 1})
    world.at(5).update_task("T", attributes={"a": 2})
    world.at(10)
    assert world.describe("T") == world.describe("T") | {"status": "pending", "queue": "Q2"}
    world.at(30)
    assert world.describe("T") == world.describe("T") | {"status": "canceled"}


def test_a_removed_workspace_has_no_deadlines(routed: World) -> None:
    """With its Workspace everything that was to come is gone."""
    routed.create_task("T")
    routed.run(c.DeleteWorkspace, sid=routed.sid)
    assert routed.engine.next_deadline() is None
    assert routed.kept == {}
    assert routed.engine.tick(moment(10**6)).events == []


def test_tasks_due_together_go_in_the_order_of_their_creation(world: World) -> None:
    """At one moment the older Task leaves its target first, and so gets the Worker of the next one."""
    world.add_queue("Nobody", "1==2")
    world.add_queue("Everybody")
    targets = [_target("Nobody", 10), {"queue": "Everybody"}]
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": targets}])
    world.create_task("Old")
    world.create_task("New")
    world.add_worker("Alice")
    world.at(10)
    assert [world.task(name).assignment_status for name in ("Old", "New")] == ["reserved", "pending"]


def test_target_timeout_holds_for_a_task_that_was_reserved_meanwhile(world: World) -> None:
    """Reserved and rejected before the time is up, however often anybody looked at the clock: it moves on in time."""
    world.add_queue("Q1")
    world.add_queue("Q2")
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": [_target("Q1", 10), _target("Q2", 10)]}])
    world.add_worker("Alice")
    world.create_task("T")
    assert world.engine.next_deadline() == moment(120), "while it is reserved the Reservation's timer counts"
    world.at(5).answer("T", "rejected", activity="Offline")
    assert world.engine.next_deadline() == moment(10)
    assert world.at(10).describe("T") == world.describe("T") | {"status": "pending", "queue": "Q2"}
