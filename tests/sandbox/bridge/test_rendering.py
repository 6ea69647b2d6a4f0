"""How the Worker SDK is shown what there is: every key that it needs, with the kind of value that it can read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from engine.world import World

from labkit import limits
from labkit.engine import commands as c
from labkit.sandbox.bridge import rendering
from labkit.vocabulary import TaskOrder

SECONDS = 1_767_225_600
"""The world's first moment."""

COMMON = {"sid": str, "account_sid": str, "workspace_sid": str, "date_created": int, "date_updated": int}
WORKER = {
    **COMMON,
    "friendly_name": str,
    "activity_sid": str,
    "activity_name": str,
    "attributes": str,
    "available": bool,
    "date_status_changed": int,
    "version": int,
}
ACTIVITY = {**COMMON, "friendly_name": str, "available": bool}
CHANNEL = {
    **COMMON,
    "worker_sid": str,
    "task_channel_sid": str,
    "task_channel_unique_name": str,
    "configured_capacity": int,
    "assigned_tasks": int,
    "available_capacity_percentage": int,
    "available": bool,
    "last_reserved_time": int,
}
RESERVATION = {
    **COMMON,
    "worker_sid": str,
    "worker_name": str,
    "reservation_status": str,
    "worker_previous_activity_sid": str,
    "version": int,
}
FIRST = {**RESERVATION, "task_sid": str, "task_channel_sid": str}
SECOND = {**RESERVATION, "reservation_timeout": int, "task": dict}
MAYBE = (str, type(None))
TASK = {
    **COMMON,
    "assignment_status": str,
    "attributes": str,
    "addons": str,
    "age": int,
    "virtual_start_time": int,
    "priority": int,
    "timeout": int,
    "reason": MAYBE,
    "queue_sid": MAYBE,
    "queue_name": MAYBE,
    "workflow_sid": MAYBE,
    "workflow_name": MAYBE,
    "task_channel_sid": str,
    "task_channel_unique_name": str,
    "routing_target": MAYBE,
    "version": int,
}
QUEUE = {
    **COMMON,
    "friendly_name": str,
    "target_workers": str,
    "max_reserved_workers": int,
    "task_order": str,
    "lifo_queue": bool,
    "assignment_activity_sid": MAYBE,
    "assignment_activity_name": MAYBE,
    "reservation_activity_sid": MAYBE,
    "reservation_activity_name": MAYBE,
}


def fits(shown: dict[str, Any], keys: dict[str, Any]) -> bool:
    """Exactly these keys, each with a value of its kind."""
    return shown.keys() == keys.keys() and all(isinstance(shown[name], kind) for name, kind in keys.items())


@pytest.fixture
def world() -> World:
    """A Task that waits for Alice's answer."""
    made = World()
    made.add_queue("Everybody")
    made.add_workflow("Main", default_filter={"queue": "Everybody"}, reservation_timeout=77)
    made.add_worker("Alice", attributes={"languages": ["en", "é"]})
    made.at(10).create_task("Hello", attributes={"a": 1})
    return made.at(12)


def test_a_worker(world: World) -> None:
    """With the version, which REST has in the ETag, and attributes as a text."""
    alice = world.worker("Alice")
    shown = rendering.worker(world.state, alice)

    assert fits(shown, WORKER)
    assert (shown["sid"], shown["friendly_name"], shown["version"]) == (alice.sid, "Alice", alice.version)
    assert (shown["activity_name"], shown["available"]) == ("Available", True)
    assert (shown["attributes"], shown["date_created"]) == ('{"languages":["en","é"]}', SECONDS)


def test_an_activity(world: World) -> None:
    """Both kinds."""
    shown = [rendering.activity(world.state, each) for each in world.state.activities.values()]
    assert all(fits(each, ACTIVITY) for each in shown)
    assert {each["available"] for each in shown} == {True, False}


def test_a_worker_channel(world: World) -> None:
    """When it was last reserved is told in milliseconds: of one that never was, its creation."""
    channels = world.worker("Alice").channels.values()
    shown = {each["task_channel_unique_name"]: each for each in _channels(world)}

    assert len(shown) == len(channels) == 5
    assert all(fits(each, CHANNEL) for each in shown.values())
    assert {each["configured_capacity"] for each in shown.values()} == {limits.DEFAULT_CAPACITY}
    assert shown["default"]["last_reserved_time"] == (SECONDS + 10) * 1000
    assert shown["voice"]["last_reserved_time"] == SECONDS * 1000
    assert shown["default"]["available_capacity_percentage"] == 0


def test_when_a_channel_was_last_reserved_outlives_its_tasks_and_a_restart(world: World) -> None:
    """And a change of the capacity is no reservation."""
    world.run(c.DeleteTask, sid=world.names["Hello"])
    world.at(20).set_channel("Alice", "default", configured_capacity=3)
    world.restart()

    assert {each["last_reserved_time"] for each in _channels(world)} == {SECONDS * 1000, (SECONDS + 10) * 1000}


def _channels(world: World) -> list[dict[str, Any]]:
    return [rendering.worker_channel(world.state, each) for each in world.worker("Alice").channels.values()]


def test_a_task(world: World) -> None:
    """With the names of its TaskQueue and its Workflow; null where there is nothing."""
    shown = rendering.task(world.state, world.task("Hello"), now=world.now)

    assert fits(shown, TASK)
    assert (shown["age"], shown["attributes"], shown["addons"]) == (2, '{"a":1}', "{}")
    assert (shown["queue_name"], shown["workflow_name"]) == ("Everybody", "Main")
    assert (shown["reason"], shown["routing_target"]) == (None, None)
    assert shown["virtual_start_time"] == shown["date_created"] == SECONDS + 10


def test_a_task_for_one_worker_has_no_queue(world: World) -> None:
    """Its routing target says whom it is for."""
    world.create_task("Direct", to="Alice")
    shown = rendering.task(world.state, world.task("Direct"), now=world.now)
    assert fits(shown, TASK)
    assert (shown["queue_sid"], shown["queue_name"]) == (None, None)
    assert shown["routing_target"] == world.worker("Alice").sid


def test_a_reservation_in_both_versions(world: World) -> None:
    """The second, in lists and events, has the whole Task; the first has it when it is asked for."""
    held = world.reservation("Hello")
    first = rendering.reservation(world.state, held, now=world.now, version=1)
    second = rendering.reservation(world.state, held, now=world.now)

    assert fits(first, FIRST)
    assert fits(second, SECOND)
    assert fits(second["task"], TASK)
    assert (second["reservation_timeout"], second["reservation_status"]) == (77, "pending")
    assert second["worker_previous_activity_sid"] == world.worker("Alice").activity_sid
    asked = rendering.reservation(world.state, held, now=world.now, version=1, with_task=True)
    assert fits(asked, {**FIRST, **SECOND})


def test_no_version_says_anything_of_a_transfer_where_there_is_none(world: World) -> None:
    """The client throws at a null."""
    held = world.reservation("Hello")
    shown = [rendering.reservation(world.state, held, now=world.now, version=version) for version in (1, 2)]
    assert not [name for each in shown for name in each if re.search("transfer|canceled_reason_code", name)]


def test_a_reservation_of_a_task_and_a_worker_that_are_gone(world: World) -> None:
    """Their last state is shown, if whoever asks has kept it."""
    held, task, alice = world.reservation("Hello"), world.task("Hello"), world.worker("Alice")
    world.run(c.DeleteTask, sid=task.sid)
    world.run(c.DeleteWorker, sid=alice.sid)
    shown = rendering.reservation(world.state, held, now=world.now, removed={task.sid: task, alice.sid: alice})

    assert fits(shown, SECOND)
    assert (shown["reservation_status"], shown["worker_name"]) == ("canceled", "Alice")
    assert shown["task"]["sid"] == task.sid
    assert "task" not in rendering.reservation(world.state, held, now=world.now)


def test_single_tasking_tells_where_the_worker_was_before() -> None:
    """A reservation Activity has moved them."""
    world = World(multi_task_enabled=False)
    world.add_activity("On the telephone")
    world.add_queue("Everybody", reservation_activity_sid=world.names["On the telephone"])
    world.add_workflow("Main", default_filter={"queue": "Everybody"})
    world.add_worker("Alice")
    world.create_task("Hello")
    held = world.reservation("Hello")

    assert world.worker("Alice").activity_sid == world.names["On the telephone"]
    shown = rendering.reservation(world.state, held, now=world.now)
    assert shown["worker_previous_activity_sid"] == world.names["Available"]


def test_a_task_queue(world: World) -> None:
    """Both orders; an Activity with its name."""
    world.add_queue("Late first", task_order=TaskOrder.LIFO, assignment_activity_sid=world.names["Offline"])
    first, second = [rendering.task_queue(world.state, each) for each in world.state.task_queues.values()]

    assert fits(first, QUEUE)
    assert fits(second, QUEUE)
    assert (first["task_order"], first["lifo_queue"], first["assignment_activity_name"]) == ("FIFO", False, None)
    assert (second["task_order"], second["lifo_queue"], second["assignment_activity_name"]) == ("LIFO", True, "Offline")


TRANSFER = {
    **COMMON,
    "task_sid": str,
    "transfer_type": str,
    "transfer_mode": str,
    "transfer_to": str,
    "transfer_status": str,
    "initiating_reservation_sid": str,
    "initiating_worker_sid": str,
    "initiating_queue_sid": MAYBE,
    "initiating_workflow_sid": MAYBE,
}


@pytest.fixture
def handed_over(world: World) -> World:
    """Alice has handed her Task over to Bob, who has not answered."""
    world.add_worker("Bob")
    held = world.reservation("Hello")
    world.answer("Hello", "accepted")
    task, bob = world.task("Hello"), world.worker("Bob")
    world.run(c.TransferTask, worker_sid=held.worker_sid, reservation_sid=held.sid, task_sid=task.sid, to=bob.sid)
    return world


def test_a_transfer_is_in_the_reservations_of_both(handed_over: World) -> None:
    """The one that it has made, for as long as that lives, and the one that began it, while it is under way."""
    world = handed_over
    [transfer] = world.state.transfers.values()
    shown = rendering.transfer(world.state, transfer)
    assert fits(shown, TRANSFER)
    assert (shown["transfer_type"], shown["transfer_mode"], shown["transfer_status"]) == ("WORKER", "WARM", "initiated")
    hers, his = (rendering.reservation(world.state, each, now=world.now) for each in world.task("Hello").reservations)
    assert fits(hers, {**SECOND, "active_outgoing_task_transfer": dict})
    assert fits(his, {**SECOND, "task_transfer": dict})
    assert hers["active_outgoing_task_transfer"] == his["task_transfer"] == shown
    for each in world.task("Hello").reservations:
        assert fits(rendering.reservation(world.state, each, now=world.now, version=1), FIRST)


def test_a_transfer_that_is_over_is_in_the_reservation_that_it_made_alone(handed_over: World) -> None:
    """With the reason, as it failed; also when the Task is gone, if whoever asks has kept it."""
    world = handed_over
    world.answer("Hello", "rejected", worker="Bob")
    hers, his = world.task("Hello").reservations
    [transfer] = world.state.transfers.values()
    shown = rendering.transfer(world.state, transfer)
    assert fits(shown, {**TRANSFER, "transfer_failed_reason": str})
    assert fits(rendering.reservation(world.state, hers, now=world.now), SECOND)
    assert rendering.reservation(world.state, his, now=world.now)["task_transfer"] == shown
    task = world.task("Hello")
    world.run(c.DeleteTask, sid=task.sid)
    gone = rendering.reservation(world.state, his, now=world.now, removed={task.sid: task, transfer.sid: transfer})
    assert gone["task_transfer"]["transfer_status"] == "failed"
