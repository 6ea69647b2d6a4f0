"""The Task's way: filters, targets with time limits, skip_if, what is served before it, changed configurations."""

from __future__ import annotations

from typing import Any

from engine.world import World, quickstart
from explain.worlds.base import one_queue, told

Json = dict[str, Any]


def _targets(*targets: Json, queues: tuple[str, ...] = ("First", "Second", "Third")) -> World:
    world = World()
    for name in queues:
        world.add_queue(name, "1==2")
    world.add_workflow(
        "Steps", filters=[{"filter_friendly_name": "All", "expression": "1==1", "targets": list(targets)}]
    )
    return world


@told("targets: in the first, 1 s left")
def _first() -> World:
    world = _targets({"queue": "First", "timeout": 10}, {"queue": "Second"})
    world.add_worker("Alice")
    world.create_task("T")
    return world.at(9)


@told("targets: in the second of three")
def _second() -> World:
    world = _targets(
        {"queue": "First", "timeout": 10},
        {"queue": "Second", "timeout": 20, "priority": 7, "skip_if": "workers.available > 5"},
        {"queue": "Third"},
    )
    world.create_task("T")
    return world.at(14)


@told("targets: the first was skipped")
def _skipped() -> World:
    world = _targets(
        {"queue": "First", "timeout": 10, "skip_if": "workers.available == 0"},
        {"queue": "Second", "timeout": 1},
        {"queue": "Third"},
    )
    world.create_task("T")
    return world


@told("targets: the last has a time limit")
def _last() -> World:
    world = _targets({"queue": "First", "timeout": 10}, {"queue": "Second", "timeout": 3600})
    world.create_task("T")
    return world.at(100)


@told("targets: wider and wider, with an order")
def _wider() -> World:
    world = one_queue(
        target={"expression": "worker.level >= 5", "order_by": "worker.level DESC", "timeout": 60, "priority": 5}
    )
    world.add_worker("Alice", attributes={"level": 2})
    world.add_worker("Bob", attributes={"level": 9}, activity="Offline")
    world.create_task("T")
    return world.at(1)


@told("the Task's own timeout is near")
def _near() -> World:
    world = one_queue("1==2")
    world.create_task("T", timeout=60)
    return world.at(59)


@told("one Task is served before it")
def _one_ahead() -> World:
    world = one_queue()
    world.add_worker("Alice", activity="Offline")
    world.create_task("urgent", priority=10)
    world.create_task("T")
    return world


@told("many Tasks are served before it")
def _many_ahead() -> World:
    world = one_queue()
    world.add_worker("Alice", activity="Offline")
    for number in range(9):
        world.create_task(f"task {number}", priority=number % 3)
        world.at(world.seconds + 40)
    world.create_task("T")
    return world


@told("the last Task is served first (LIFO)")
def _lifo() -> World:
    world = one_queue()
    world.update_queue("Support", task_order="LIFO")
    world.add_worker("Alice", activity="Offline")
    world.create_task("T")
    world.at(10).create_task("later")
    return world


@told("the Workflow was changed since")
def _changed() -> World:
    world = quickstart()
    world.create_task("T", attributes={"selected_language": "es"})
    world.update_workflow("Incoming", default_filter={"queue": "English"})
    return world


@told("the Workflow was changed and the Tasks evaluated again")
def _re_evaluated() -> World:
    world = quickstart()
    world.create_task("T", attributes={"selected_language": "es"})
    world.update_workflow("Incoming", default_filter={"queue": "English"}, re_evaluate=True)
    return world


@told("the default filter takes it")
def _default() -> World:
    world = World()
    world.add_queue("Everybody")
    world.add_worker("Alice", activity="Offline")
    world.add_workflow("Main", default_filter={"queue": "Everybody"})
    world.create_task("T")
    return world


@told("a filter without a name")
def _no_name() -> World:
    world = World()
    world.add_queue("Everybody")
    world.add_worker("Alice", activity="Offline")
    world.add_workflow("Main", filters=[{"expression": "kind == 1", "targets": [{"queue": "Everybody"}]}])
    world.create_task("T", attributes={"kind": 1})
    return world


@told("three filters, the second takes it")
def _three() -> World:
    world = World()
    for name in ("Sales", "Support", "Rest"):
        world.add_queue(name, f"team == '{name.lower()}'")
    filters = [
        {
            "filter_friendly_name": name,
            "expression": f"topic == '{name.lower()}' AND urgent != true",
            "targets": [{"queue": name}],
        }
        for name in ("Sales", "Support")
    ]
    world.add_workflow("Main", filters=filters, default_filter={"queue": "Rest"})
    world.add_worker("Alice", attributes={"team": "sales"})
    world.create_task("T", attributes={"topic": "support"})
    return world


@told("rejected once, and nobody else")
def _rejected_once() -> World:
    world = one_queue()
    world.add_activity("Break")
    world.add_worker("Alice")
    world.create_task("T")
    world.at(4).set_activity("Alice", "Break", reject_pending=True)
    return world


@told("rejected several times, and free again")
def _rejected() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.create_task("T")
    world.answer_often("T", "rejected", 3)
    return world


@told("rejected by Alice, now with Bob")
def _rejected_then() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.add_worker("Bob")
    world.create_task("T")
    world.at(3).answer("T", "rejected")
    return world


@told("timed out, and the Worker is Offline now")
def _timed_out() -> World:
    world = one_queue()
    world.update_workspace(timeout_activity_sid="Offline")
    world.add_worker("Alice")
    world.create_task("T")
    return world.at(125)


@told("timed out twice, with two Workers")
def _timed_out_twice() -> World:
    world = one_queue()
    world.update_workspace(timeout_activity_sid="Offline")
    world.add_worker("Alice")
    world.add_worker("Bob")
    world.create_task("T")
    return world.at(250)


@told("reserved for three Workers at once")
def _three_reserved() -> World:
    world = one_queue()
    world.update_queue("Support", max_reserved_workers=3)
    for name in ("Alice", "Bob", "Carol"):
        world.add_worker(name)
    world.create_task("T")
    return world.at(50)


@told("reserved for two at once, one has rejected")
def _two_reserved() -> World:
    world = one_queue()
    world.update_queue("Support", max_reserved_workers=2)
    for name in ("Alice", "Bob"):
        world.add_worker(name)
    world.create_task("T")
    world.at(10).answer("T", "rejected", worker="Alice")
    return world


@told("the callback fails again and again")
def _failing() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.create_task("T")
    for _ in range(3):
        world.fail_callback("T")
        world.at(world.seconds + 2)
    return world
