"""Tasks that a Worker hands over: asked, waiting, taken, refused, and gone."""

from __future__ import annotations

from engine.world import World
from explain.worlds.base import told

from labkit.vocabulary import TransferMode


def _assigned() -> World:
    """Alice of Support has it, and Bob is of Billing."""
    world = World()
    world.add_queue("Support", "team == 'support'")
    world.add_queue("Billing", "team == 'billing'")
    world.add_workflow("Main", filters=[{"filter_friendly_name": "All", "expression": "1==1", "targets": [
        {"queue": "Support", "timeout": 300}, {"queue": "Billing"},
    ]}])  # fmt: skip
    world.add_worker("Alice", attributes={"team": "support"})
    world.add_worker("Bob", attributes={"team": "billing"})
    world.create_task("T", attributes={"about": "an invoice"})
    world.at(3).answer("T", "accepted")
    return world.at(30)


@told("transfer: a Worker is asked")
def _asked() -> World:
    world = _assigned()
    world.transfer("T", "Alice", "Bob")
    return world.at(40)


@told("transfer: it waits in a TaskQueue, and its only Worker is Offline")
def _waits() -> World:
    world = _assigned()
    world.set_activity("Bob", "Offline")
    world.transfer("T", "Alice", "Billing", mode=TransferMode.COLD)
    return world.at(90)


@told("transfer: a Worker of a TaskQueue is asked")
def _asked_in_queue() -> World:
    world = _assigned()
    world.transfer("T", "Alice", "Billing")
    return world.at(45)


@told("transfer: taken, and both have it")
def _taken() -> World:
    world = _asked()
    world.answer("T", "accepted", worker="Bob")
    return world.at(60)


@told("transfer: taken by way of a TaskQueue, and the first is done")
def _taken_from_queue() -> World:
    world = _asked_in_queue()
    world.answer("T", "accepted", worker="Bob")
    world.at(50).answer("T", "completed", worker="Alice")
    return world.at(60)


@told("transfer: refused")
def _refused() -> World:
    world = _asked()
    world.answer("T", "rejected", worker="Bob")
    return world.at(60)


@told("transfer: refused in a TaskQueue, where it waits for others")
def _refused_in_queue() -> World:
    world = _asked_in_queue()
    world.answer("T", "rejected", worker="Bob", activity="Offline")
    return world.at(60)


@told("transfer: taken back")
def _taken_back() -> World:
    world = _asked()
    world.cancel_transfer("T", "Alice")
    return world.at(60)


@told("transfer: gone, completed by the second")
def _gone() -> World:
    world = _taken()
    world.answer("T", "completed", worker="Alice")
    world.at(80).answer("T", "completed", worker="Bob")
    return world.at(1000)
