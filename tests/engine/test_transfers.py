"""Transfers: a Worker hands an assigned Task over to another Worker or to a TaskQueue."""

from __future__ import annotations

from engine.world import World

from labkit.vocabulary import TransferStatus


def assigned() -> World:
    """A World in which Alice has the Task `T` of TaskQueue `Q`; Bob is there too, and is offered nothing."""
    world = World()
    world.add_queue("Q", "name == 'alice'")
    world.add_queue("Other", "name == 'bob'")
    world.add_workflow("Main", default_filter={"queue": "Q"}, reservation_timeout=60)
    world.add_worker("Alice", attributes={"name": "alice"})
    world.add_worker("Bob", attributes={"name": "bob"})
    world.create_task("T", attributes={"number": 1}, priority=3)
    world.answer("T", "accepted")
    world.take_events()
    return world


def test_a_task_is_handed_over_to_a_worker() -> None:
    """The Worker gets a Reservation beside the accepted one; accepting it makes the Task assigned to both."""
    world = assigned()
    transfer = world.transfer("T", "Alice", "Bob")
    assert world.describe("T") | {"workers": ["Alice", "Bob"], "reservations": ["accepted", "pending"]} == (
        world.describe("T")
    )
    assert (world.task("T").assignment_status, world.task("T").transfer) == ("reserved", transfer)
    assert world.reservation("T", "Bob").transfer_sid == transfer.sid
    assert world.take_events() == ["task.transfer-initiated", "reservation.created"]

    world.answer("T", "accepted", worker="Bob")
    assert world.describe("T")["reservations"] == ["accepted", "accepted"]
    assert (world.task("T").assignment_status, world.task("T").transfer) == ("assigned", None)
    assert transfer.transfer_status is TransferStatus.COMPLETE
    assert world.take_events() == ["reservation.accepted", "task.transfer-completed"]


def test_a_transfer_is_canceled() -> None:
    """The other's Reservation is canceled, and the Task is assigned as before."""
    world = assigned()
    transfer = world.transfer("T", "Alice", "Bob")
    world.take_events()
    world.cancel_transfer("T", "Alice")
    assert world.describe("T")["reservations"] == ["accepted", "canceled"]
    assert (world.task("T").assignment_status, transfer.transfer_status) == ("assigned", "canceled")
    assert world.take_events() == ["reservation.canceled", "task.transfer-canceled", "task.updated"]
