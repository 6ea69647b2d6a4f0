"""Workers who match and may not have the Task: Activities, capacity, channels, known Workers, orders, names."""

from __future__ import annotations

from engine.world import World
from explain.worlds.base import one_queue, told


@told("no Worker at all")
def _nobody() -> World:
    world = one_queue()
    world.create_task("T")
    return world


@told("an empty TargetWorkers")
def _empty() -> World:
    world = one_queue("")
    world.add_worker("Alice")
    world.create_task("T")
    return world


@told("one Worker, Offline")
def _offline() -> World:
    world = one_queue()
    world.add_worker("Alice", activity="Offline")
    world.create_task("T")
    return world


@told("three Workers, all away")
def _away() -> World:
    world = one_queue()
    world.add_activity("Lunch")
    for name, activity in (("Alice", "Offline"), ("Bob", "Lunch"), ("Carol", "Unavailable")):
        world.add_worker(name, activity=activity)
    world.create_task("T")
    return world


@told("many Workers, all away")
def _many_away() -> World:
    world = one_queue()
    for number in range(60):
        world.add_worker(f"Worker {number}", activity="Offline" if number % 3 else "Unavailable")
    world.create_task("T")
    return world


@told("no Activity takes Tasks")
def _no_activity() -> World:
    world = one_queue()
    world.add_worker("Alice", activity="Offline")
    world.delete("Available")
    world.create_task("T")
    return world


@told("full: one Task is reserved")
def _full_reserved() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.create_task("first")
    world.at(5).create_task("T")
    return world


@told("full: one Task is assigned")
def _full_assigned() -> World:
    world = _full_reserved()
    world.answer("first", "accepted")
    return world


@told("full: one Task is wrapping")
def _full_wrapping() -> World:
    world = _full_assigned()
    world.at(30).update_task("first", status="wrapping")
    return world


@told("full: three of three, on chat")
def _full_three() -> World:
    world = one_queue()
    world.add_worker("Alice", capacity={"chat": 3})
    for number in range(3):
        world.create_task(f"chat {number}", channel="chat")
        world.answer(f"chat {number}", "accepted")
    world.at(60).update_task("chat 1", status="wrapping")
    world.create_task("T", channel="chat")
    return world


@told("full: five of five, on chat, and one of them only reserved")
def _full_five() -> World:
    world = one_queue()
    world.add_worker("Alice", capacity={"chat": 5})
    for number in range(5):
        world.create_task(f"chat {number}", channel="chat")
        if number:
            world.answer(f"chat {number}", "accepted")
    world.create_task("T", channel="chat")
    return world


@told("full on voice, free on chat")
def _other_channel() -> World:
    world = one_queue()
    world.add_worker("Alice", capacity={"chat": 2})
    world.create_task("call", channel="voice")
    world.answer("call", "accepted")
    world.create_task("T", channel="voice")
    return world


@told("full, and Offline")
def _full_offline() -> World:
    world = _full_assigned()
    world.set_activity("Alice", "Offline")
    return world


@told("full: two Workers with one Task each, one away")
def _two_full() -> World:
    world = one_queue()
    for name in ("Alice", "Bob", "Carol"):
        world.add_worker(name, activity="Offline" if name == "Carol" else "Available")
    for task in ("first", "second"):
        world.create_task(task)
        world.answer(task, "accepted")
    world.create_task("T")
    return world


@told("a capacity that was lowered under what is taken")
def _lowered() -> World:
    world = one_queue()
    world.add_worker("Alice", capacity={"chat": 2})
    for number in range(2):
        world.create_task(f"chat {number}", channel="chat")
        world.answer(f"chat {number}", "accepted")
    world.set_channel("Alice", "chat", configured_capacity=1)
    world.create_task("T", channel="chat")
    return world


@told("a capacity of 0")
def _no_capacity() -> World:
    world = one_queue()
    world.add_worker("Alice", capacity={"sms": 0})
    world.create_task("T", channel="sms")
    return world


@told("a channel that is not available")
def _closed() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.set_channel("Alice", "voice", available=False)
    world.create_task("T", channel="voice")
    return world


@told("a channel that is not available, and full")
def _closed_full() -> World:
    world = _other_channel()
    world.set_channel("Alice", "voice", available=False)
    return world


@told("single tasking: a Worker with a Task")
def _single() -> World:
    world = one_queue(multi_task_enabled=False)
    world.add_worker("Alice")
    world.create_task("first")
    world.answer("first", "accepted")
    world.create_task("T", channel="chat")
    return world


@told("single tasking: a Worker with a reserved Task")
def _single_reserved() -> World:
    world = one_queue(multi_task_enabled=False)
    world.add_worker("Alice")
    world.create_task("first")
    world.create_task("T", channel="chat")
    return world


@told("known Worker: Offline")
def _known_offline() -> World:
    world = one_queue(target={"known_worker_friendly_name": "task.agent", "timeout": 30})
    world.add_worker("Alice", activity="Offline")
    world.add_worker("Bob")
    world.create_task("T", attributes={"agent": "Alice"})
    return world


@told("known Worker: nobody is called so")
def _known_nobody() -> World:
    world = one_queue(target={"known_worker_friendly_name": "task.agent"})
    world.add_worker("Alice")
    world.create_task("T", attributes={"agent": "Zoe"})
    return world


@told("known Worker: the attribute is missing")
def _known_missing() -> World:
    world = one_queue(target={"known_worker_sid": "task.agent.sid"})
    world.add_worker("Alice")
    world.add_worker("Bob")
    world.create_task("T", attributes={"agent": {}})
    return world


@told("known Worker: a number")
def _known_number() -> World:
    world = one_queue(target={"known_worker_friendly_name": "task.agent"})
    world.add_worker("Alice")
    world.create_task("T", attributes={"agent": 7})
    return world


@told("known Worker: does not match the TaskQueue")
def _known_outside() -> World:
    world = one_queue("level > 3", target={"known_worker_friendly_name": "task.agent"})
    world.add_worker("Alice", attributes={"level": 2})
    world.add_worker("Bob", attributes={"level": 5})
    world.create_task("T", attributes={"agent": "Alice"})
    return world


@told("known Worker: full")
def _known_full() -> World:
    world = one_queue(target={"known_worker_friendly_name": "task.agent"})
    world.add_worker("Alice")
    world.add_worker("Bob")
    world.create_task("first", attributes={"agent": "Alice"})
    world.answer("first", "accepted")
    world.create_task("T", attributes={"agent": "Alice"})
    return world


@told("target expression: nobody fits")
def _no_fit() -> World:
    world = one_queue(target={"expression": "task.lang IN worker.langs"})
    world.add_worker("Alice", attributes={"langs": ["en"]})
    world.add_worker("Bob", attributes={"langs": "es"})
    world.add_worker("Carol")
    world.create_task("T", attributes={"lang": "es"})
    return world


@told("target expression: one Worker, a level too low")
def _too_low() -> World:
    world = one_queue(target={"expression": "worker.level >= task.level"})
    world.add_worker("Alice", attributes={"level": 2})
    world.create_task("T", attributes={"level": 4})
    return world


@told("target expression: the same Worker not again")
def _not_again() -> World:
    world = one_queue(target={"expression": "worker.sid NOT IN task.refused"})
    world.add_worker("Alice")
    world.create_task("T", attributes={"refused": [world.names["Alice"]]})
    return world


@told("target expression: without a prefix")
def _no_prefix() -> World:
    world = one_queue(target={"expression": "lang == 'es'"})
    world.add_worker("Alice", attributes={"lang": "es"})
    world.create_task("T", attributes={"lang": "es"})
    return world


@told("not matching, Offline and full at once")
def _everything() -> World:
    world = one_queue("level > 3")
    world.add_worker("Alice", attributes={"level": 5})
    world.create_task("first")
    world.answer("first", "accepted")
    world.set_attributes("Alice", {"level": 1})
    world.set_activity("Alice", "Offline")
    world.create_task("T")
    return world


@told("several Workers, each for another reason")
def _each_another() -> World:
    world = one_queue("languages HAS 'es'")
    es = {"languages": ["es"]}
    for name in ("Alice", "Bob", "Carol"):
        world.add_worker(name, attributes=es)
    world.create_task("first")
    world.answer("first", "accepted")
    world.set_activity("Bob", "Offline")
    world.set_channel("Carol", "default", available=False)
    world.add_worker("Dave", attributes={"languages": ["en"]})
    world.add_worker("Erin", activity="Offline")
    world.create_task("T")
    return world


@told("names with quotes and other signs")
def _names() -> World:
    world = one_queue('skills HAS "o\'brien"')
    world.add_worker('Al "the pal" O\'Hara', activity="Offline", attributes={"skills": ["o'brien"]})
    world.add_worker("<b>Zoë</b>", attributes={"skills": []})
    world.create_task("T", attributes={"note": 'He said "hello".'})
    return world


@told("a missing skill, among many Workers")
def _skill() -> World:
    world = one_queue("skills HAS 'tax'")
    for number in range(12):
        world.add_worker(f"Worker {number}", attributes={"skills": ["vat", "audit"][: number % 3]})
    world.create_task("T")
    return world


@told("RoutingTarget: a Worker who is Offline")
def _sent_offline() -> World:
    world = one_queue()
    world.add_worker("Alice", activity="Offline")
    world.add_worker("Bob")
    world.create_task("T", to="Alice", ignore_capacity=False)
    return world


@told("RoutingTarget: a Worker who is full")
def _sent_full() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.create_task("first")
    world.answer("first", "accepted")
    world.create_task("T", to="Alice", ignore_capacity=False)
    return world


@told("RoutingTarget: a Worker who has it")
def _sent() -> World:
    world = one_queue()
    world.add_worker("Alice")
    world.create_task("T", to="Alice")
    return world


@told("RoutingTarget: a TaskQueue without Workers")
def _sent_queue() -> World:
    world = one_queue("1==2")
    world.add_worker("Alice")
    world.create_task("T", to="Support")
    return world


@told("an Activity is asked for by the TaskQueue")
def _by_activity() -> World:
    world = one_queue('activity_name == "Break"')
    world.add_activity("Break")
    world.add_worker("Alice")
    world.create_task("T")
    return world
