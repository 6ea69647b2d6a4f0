"""When a Task is reserved again whose assignment callback fails, and what ends the waiting."""

from __future__ import annotations

import pytest
from engine.world import World, moment, written

from labkit.engine.callback_pauses import LONGEST_SECONDS


@pytest.fixture
def centre(routed: World) -> World:
    """Alice takes one Task at a time, and nobody answers the callbacks."""
    routed.set_activity("Alice", "Available")
    return routed


def attempts(world: World, task: str) -> int:
    return len(world.task(task).reservations)


def fail_until(world: World, seconds: float, *, restarts: bool = False) -> list[float]:
    """Let every callback fail as soon as it is sent; when there was a Reservation, in seconds."""
    moments = []
    while True:
        while pending := next((r for r in world.state.reservations.values() if r.is_pending), None):
            moments.append(world.seconds)
            world.fail_callback(str(world.name_of(pending.task_sid)))
        if restarts:
            before, due = written(world.state), world.engine.next_deadline()
            world.engine = world.reload()
            assert (written(world.state), world.engine.next_deadline()) == (before, due)
        due = world.engine.next_deadline()
        if due is None or due > moment(seconds):
            return moments
        world.at((due - moment(0)).total_seconds())


@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "with restarts"])
def test_the_pauses_of_one_task_grow(centre: World, restarts: bool) -> None:
    """A second, and twice as long each time, up to half a minute; over restarts too."""
    centre.create_task("T")
    assert fail_until(centre, 125, restarts=restarts) == [0, 1, 3, 7, 15, 31, 61, 91, 121]


def test_an_hour_of_failures_is_some_hundred_reservations(centre: World) -> None:
    """It was one each second, so that a Task's 1,000 were used up in a quarter of an hour."""
    centre.create_task("T")
    assert len(fail_until(centre, 3600)) < 3600 / LONGEST_SECONDS + 10


def test_a_task_that_pauses_is_pending_and_holds_up_nobody(centre: World) -> None:
    """Its Reservation is canceled at once, and the Worker free for the next Task."""
    centre.create_task("T")
    centre.fail_callback("T")
    assert centre.describe("T")["reservations"] == ["canceled"]
    assert centre.task("T").is_pending
    centre.create_task("next")
    assert centre.describe("next")["workers"] == ["Alice"]


def test_it_is_for_whoever_is_free_when_the_pause_is_over(centre: World) -> None:
    """Nobody who comes before that has it."""
    centre.create_task("T")
    centre.fail_callback("T")
    centre.at(0.5).add_worker("Bob")
    assert attempts(centre, "T") == 1
    assert centre.at(1).describe("T")["workers"] == ["Bob"]


def test_an_answer_ends_the_growing(centre: World) -> None:
    """Whatever it says: the next failure is the first."""
    centre.create_task("T")
    assert fail_until(centre, 8) == [0, 1, 3, 7]
    centre.at(15).call_back("T", "reject")
    assert centre.task("T").failed_callbacks == 0
    centre.fail_callback("T")
    assert attempts(centre.at(15.9), "T") == 6
    assert attempts(centre.at(16), "T") == 7


def test_an_answer_that_comes_too_late_ends_the_pause_too(centre: World) -> None:
    """As after a callback that was sent once more: the URL answers again."""
    centre.create_task("T")
    fail_until(centre, 10)
    before = attempts(centre, "T")
    centre.call_back("T")
    assert attempts(centre, "T") == before + 1


@pytest.mark.parametrize(
    "changes",
    [{"assignment_callback_url": "http://127.0.0.1/mended"}, {"fallback_assignment_callback_url": ""}],
    ids=str,
)
def test_other_urls_are_asked_at_once(centre: World, changes: dict[str, str]) -> None:
    """Also when they are the same ones, set again; another change of the Workflow has nobody asked."""
    centre.create_task("T")
    fail_until(centre, 10)
    before = attempts(centre, "T")
    centre.update_workflow("Main", task_reservation_timeout=60)
    assert attempts(centre, "T") == before
    centre.update_workflow("Main", **changes)
    assert attempts(centre, "T") == before + 1
    assert centre.task("T").failed_callbacks == 0


def test_a_task_that_is_changed_is_reserved_at_once(centre: World) -> None:
    """What its handler stumbled over may be mended."""
    centre.create_task("T")
    fail_until(centre, 10)
    before = attempts(centre, "T")
    centre.update_task("T", attributes={"mended": True})
    assert attempts(centre, "T") == before + 1


def test_a_task_whose_handling_fails_holds_up_no_other(centre: World) -> None:
    """One Task's failures say nothing of the URL, as long as others are answered; its pauses grow all the same."""
    centre.create_task("bad", priority=9)
    for number in range(5):
        centre.fail_callback("bad")
        centre.create_task(f"T{number}")
        assert centre.describe(f"T{number}")["workers"] == ["Alice"]
        centre.call_back(f"T{number}", "accept")
        centre.update_task(f"T{number}", status="completed")
        centre.at(centre.seconds + 2**number)
    assert centre.task("bad").failed_callbacks == 5


def test_a_broken_url_is_asked_by_few_of_a_thousand_tasks(centre: World) -> None:
    """Two failures of different Tasks in a row: no Task of the Workflow is reserved until its pause is over."""
    for number in range(1000):
        centre.create_task(f"T{number}")
    moments = fail_until(centre, 300)
    assert moments[:2] == [0, 0]
    assert {each for each in moments if 0 < each < 30} <= {1, 3, 7, 15}
    assert len(moments) <= 40


def test_when_the_url_is_mended_all_go_on(centre: World) -> None:
    """The first answer ends the pause for every Task that waits, in the order of their rank."""
    centre.set_channel("Alice", "default", configured_capacity=2)
    for number in range(4):
        centre.create_task(f"T{number}")
    fail_until(centre, 6)
    assert centre.state.paused_workflows
    centre.create_task("urgent", priority=9)
    centre.set_channel("Alice", "default", configured_capacity=9)
    assert all(task.is_pending for task in centre.state.tasks.values())
    centre.at(7)
    assert centre.describe("urgent")["workers"] == ["Alice"]
    centre.call_back("urgent", "accept")
    assert not centre.state.paused_workflows
    assert (centre.at(37).state.workflows[centre.names["Main"]].failed_rounds) == 0
    assert all(not task.is_pending for task in centre.state.tasks.values())


def test_another_workflow_is_asked_meanwhile(centre: World) -> None:
    """Though its Tasks wait in the same TaskQueue."""
    centre.add_workflow("Other", default_filter={"queue": "Everybody"})
    for name in ("A", "B", "C"):
        centre.create_task(name, workflow="Main")
    centre.fail_callback("A")
    centre.fail_callback("B")
    assert [attempts(centre, name) for name in "ABC"] == [1, 1, 0]
    centre.create_task("other", workflow="Other")
    assert centre.describe("other")["workers"] == ["Alice"]


def test_a_target_is_left_in_time_though_its_task_pauses(routed: World) -> None:
    """The next target's Workers are asked when the pause is over, and `skip_if` not before that."""
    routed.add_queue("Second")
    targets = [{"queue": "Everybody", "timeout": 10}, {"queue": "Second", "skip_if": "1==1"}]
    routed.update_workflow("Main", filters=[{"expression": "1==1", "targets": targets}])
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    assert fail_until(routed, 9) == [0, 1, 3, 7]
    assert routed.at(12).describe("T")["queue"] == "Second"
    assert attempts(routed, "T") == 4
    assert attempts(routed.at(15), "T") == 5


def test_a_task_may_end_while_it_pauses(centre: World) -> None:
    """By its own timeout, or because somebody cancels it; nothing is due for it then."""
    centre.create_task("late", timeout=20)
    fail_until(centre, 16)
    assert not centre.task("late").is_final
    assert centre.at(20).task("late").is_final
    centre.create_task("T")
    centre.fail_callback("T")
    centre.update_task("T", status="canceled")
    assert centre.at(400).engine.next_deadline() is None
