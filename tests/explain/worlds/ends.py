"""Tasks that do not wait: reserved, assigned, wrapping, completed, canceled in every way, and gone."""

from __future__ import annotations

from typing import Any

from engine.world import World, quickstart
from explain.worlds.base import one_queue, told

from labkit.engine.commands import HangUp

CALL = {"call_sid": f"CA{'a' * 32}", "from": "+15550123", "to": "+15550199"}


def _with_alice() -> World:
    world = one_queue()
    world.add_worker("Alice")
    return world


@told("reserved, 1 s left to answer")
def _reserved() -> World:
    world = _with_alice()
    world.create_task("T")
    return world.at(119)


@told("assigned")
def _assigned() -> World:
    world = _with_alice()
    world.create_task("T", attributes={"name": "Mrs. Smith", "vip": True})
    world.at(3).answer("T", "accepted")
    return world.at(65)


@told("assigned after a Reservation was rescinded")
def _rescinded() -> World:
    world = one_queue()
    world.update_queue("Support", max_reserved_workers=2)
    for name in ("Alice", "Bob"):
        world.add_worker(name)
    world.create_task("T")
    world.at(2).answer("T", "accepted", worker="Bob")
    return world


@told("wrapping")
def _wrapping() -> World:
    world = _assigned()
    world.update_task("T", status="wrapping", reason="the customer hung up")
    return world.at(70)


@told("completed")
def _completed() -> World:
    world = _assigned()
    world.update_task("T", status="completed")
    return world


@told("completed, with a reason")
def _completed_reason() -> World:
    world = _assigned()
    world.update_task("T", status="completed", reason="Solved.")
    return world


@told("completed, and the Worker was deleted")
def _worker_gone() -> World:
    world = _completed()
    world.set_activity("Alice", "Offline")
    world.delete("Alice")
    return world


@told("canceled over REST")
def _canceled() -> World:
    world = _with_alice()
    world.create_task("T")
    world.at(7).update_task("T", status="canceled")
    return world


@told("canceled over REST, with a reason")
def _canceled_reason() -> World:
    world = one_queue("1==2")
    world.create_task("T")
    world.at(7).update_task("T", status="canceled", reason="the customer left")
    return world


@told("canceled: its own time was up")
def _expired() -> World:
    world = one_queue("1==2")
    world.create_task("T", timeout=60)
    return world.at(61)


@told("canceled: the last target's time was up")
def _workflow_timeout() -> World:
    world = one_queue("1==2", target={"timeout": 5})
    world.create_task("T")
    return world.at(6)


@told("canceled: the last target was skipped")
def _workflow_skipped() -> World:
    world = World()
    for name in ("First", "Second"):
        world.add_queue(name, "1==2")
    targets: list[dict[str, Any]] = [
        {"queue": "First", "timeout": 5},
        {"queue": "Second", "skip_if": "workers.available == 0"},
    ]
    world.add_workflow("Steps", filters=[{"expression": "1==1", "targets": targets}])
    world.create_task("T")
    return world.at(6)


@told("canceled: evaluated again, and no filter takes it")
def _fell_out() -> World:
    world = quickstart()
    world.create_task("T", attributes={"selected_language": "es"})
    filters = [
        {
            "filter_friendly_name": code,
            "expression": f"selected_language == '{code}'",
            "targets": [{"queue": "English"}],
        }
        for code in ("en", "de", "fr", "it", "pt")
    ]
    world.update_workflow("Incoming", filters=filters, re_evaluate=True)
    return world


@told("canceled: rejected a thousand times")
def _too_often() -> World:
    world = _with_alice()
    world.create_task("T")
    world.answer_often("T", "rejected", 1000)
    return world


@told("canceled: the customer hung up")
def _hung_up() -> World:
    world = one_queue("1==2")
    world.create_task("T", channel="voice", attributes=CALL)
    [leg] = world.task("T").legs
    world.run(HangUp, sid=leg.sid)
    return world


@told("a voice Task that waits")
def _voice() -> World:
    world = _with_alice()
    world.set_activity("Alice", "Offline")
    world.create_task("T", channel="voice", attributes=CALL)
    return world


@told("the Workflow was deleted")
def _workflow_gone() -> World:
    world = _completed()
    world.delete("Main")
    return world


@told("the TaskQueue was deleted")
def _queue_gone() -> World:
    world = _completed()
    world.delete("Main")
    world.delete("Support")
    return world


@told("gone: completed long ago")
def _gone() -> World:
    world = _completed_reason()
    return world.at(1000)


@told("gone: canceled long ago")
def _gone_canceled() -> World:
    world = _expired()
    return world.at(1000)


@told("gone: deleted over REST")
def _deleted() -> World:
    world = one_queue("1==2")
    world.create_task("T")
    world.at(5).delete("T")
    return world


@told("gone: assigned for too long")
def _too_long() -> World:
    world = _assigned()
    return world.at(10_000_000)
