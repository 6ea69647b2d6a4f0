"""Work that is too long for one command goes on in slices: all rules hold in between, and it outlives a restart."""

from __future__ import annotations

from typing import Any

import pytest
from engine import invariants
from engine.random_world import COMMANDS, build, pick, world_shape
from engine.world import World, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_sizes import sized

from labkit.engine import unfinished
from labkit.errors import Refusal

EXAMPLES = sized(40, ci=40, soak=400)
GO_ON = "go_on"
LONG = ("change_workflow", "change_queue", "create_task", "restart")
"""What begins long work, asked more often than the rest."""
steps = st.lists(
    st.tuples(st.sampled_from([GO_ON, *LONG, *LONG, *sorted(COMMANDS)]), pick, pick, pick),
    min_size=20,
    max_size=40,
)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """One Task, one move, one Worker at a time."""
    for name in ("RE_EVALUATED_AT_ONCE", "MOVES_AT_ONCE", "JUDGED_AT_ONCE"):
        monkeypatch.setattr(unfinished, name, 1)


def finish(world: World) -> int:
    """Play all unfinished work; in how many slices."""
    slices = 0
    while world.go_on():
        slices += 1
    return slices


@pytest.mark.chance
@pytest.mark.timeout(600)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(shape=world_shape, steps=steps)
def test_the_rules_hold_between_slices(shape: Any, steps: list[tuple[str, int, int, int]]) -> None:
    """Whatever is asked in between, killed or not; and when all is done, nothing of it is left."""
    world = build(shape)
    history = invariants.History()
    for name, *numbers in steps:
        if name == GO_ON:
            world.go_on()
        else:
            try:
                COMMANDS[name](world, *numbers)
            except Refusal:
                continue
        invariants.check(world, history)
    finish(world)
    invariants.check(world, history)
    state = world.state
    assert not any(task.is_moving and task.is_pending for task in state.tasks.values())
    assert not any(queue.judged_through is not None for queue in state.task_queues.values())
    assert not any(workflow.re_evaluating is not None for workflow in state.workflows.values())
    assert written(world.reload().states[world.sid]) == written(state)


@pytest.mark.parametrize("is_killed", [False, True])
def test_waiting_tasks_are_evaluated_again_in_the_order_of_their_rank(routed: World, is_killed: bool) -> None:
    """The first slice is the command's own; then one Task after the other moves, the most urgent first."""
    routed.add_queue("Other")
    for number in range(4):
        routed.create_task(f"T{number}", priority=number)
    routed.update_workflow("Main", default_filter={"queue": "Other"}, re_evaluate=True)
    for done in range(1, 5):
        moved = [number for number in range(4) if routed.describe(f"T{number}")["queue"] == "Other"]
        assert moved == list(range(4 - done, 4))
        if is_killed:
            routed.restart()
        routed.go_on()
    assert finish(routed) == 0
    assert routed.state.revisions == {}


def test_a_task_that_comes_meanwhile_follows_the_new_configuration(routed: World) -> None:
    """It has it from the start, and nobody evaluates it again."""
    routed.add_queue("Other")
    routed.create_task("Old")
    routed.create_task("Older")
    routed.update_workflow("Main", default_filter={"queue": "Other"}, re_evaluate=True)
    routed.create_task("New")
    routed.take_events()
    finish(routed)
    moved = [event.data["task_sid"] for event in routed.events if event.type == "task-queue.moved"]
    assert moved == [routed.names["Older"]]


def test_a_change_meanwhile_that_asks_for_nothing_leaves_the_rest_to_the_one_before(routed: World) -> None:
    """Tasks are led to the configuration that they were to be evaluated by, and no further."""
    for name in ("Second", "Third"):
        routed.add_queue(name)
    for number in range(3):
        routed.create_task(f"T{number}")
    routed.update_workflow("Main", default_filter={"queue": "Second"}, re_evaluate=True)
    routed.update_workflow("Main", default_filter={"queue": "Third"})
    finish(routed)
    assert {routed.describe(f"T{number}")["queue"] for number in range(3)} == {"Second"}


@pytest.mark.parametrize("is_killed", [False, True])
def test_workers_are_asked_a_queues_expression_one_after_the_other(routed: World, is_killed: bool) -> None:
    """Who was asked is a member, and takes what waits; who was not is what they were before."""
    for name in ("Bob", "Carol"):
        routed.add_worker(name, attributes={"level": 1})
    routed.update_queue("Everybody", target_workers="level == 1")
    finish(routed)
    for number in range(3):
        routed.create_task(f"T{number}")
    held = [routed.describe(f"T{number}")["workers"] for number in range(3)]
    assert held == [["Bob"], ["Carol"], []]
    routed.set_activity("Alice", "Available")
    routed.update_queue("Everybody", target_workers="1 == 1")
    if is_killed:
        routed.restart()
    finish(routed)
    assert routed.describe("T2")["workers"] == ["Alice"]
    routed.update_queue("Everybody", target_workers="level == 2")
    assert len(routed.state.members[routed.names["Everybody"]]) == 2
    finish(routed)
    assert routed.state.members[routed.names["Everybody"]] == set()


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_task_goes_through_a_thousand_targets_and_others_come_in_between(routed: World, is_killed: bool) -> None:
    """It waits nowhere meanwhile, and can be canceled; at the end it waits in the last one."""
    skipped = {"queue": "Everybody", "skip_if": "workers.available == 0"}
    filters = [{"expression": "1 == 1", "targets": [*([skipped] * 20), {"queue": "Everybody"}]}]
    routed.update_workflow("Main", filters=filters)
    for name in ("T", "Canceled"):
        routed.create_task(name)
    assert (routed.describe("T")["target"], routed.task("T").is_moving) == (1, True)
    routed.update_task("Canceled", status="canceled")
    if is_killed:
        routed.restart()
    finish(routed)
    assert (routed.describe("T")["target"], routed.task("T").is_moving) == (20, False)
    assert routed.describe("Canceled")["target"] == 1
    routed.set_activity("Alice", "Available")
    assert routed.describe("T")["workers"] == ["Alice"]
