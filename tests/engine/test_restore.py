"""From what a store keeps to the same state: nothing that follows from the records is lost, and life goes on."""

from __future__ import annotations

import pytest
from engine.world import World, moment, written

from labkit.engine import Engine
from labkit.engine import commands as c
from labkit.engine.effects import CallAssignmentUrl
from labkit.engine.resources import CallbackState
from labkit.sandbox.store.codec import decode_record


def test_nothing_kept_gives_an_empty_engine() -> None:
    """A new store has no Workspaces and nothing due."""
    engine = Engine(sids=lambda prefix: prefix)
    assert engine.states == {}
    assert engine.next_deadline() is None
    assert engine.resume(moment(0)) == []


def test_order_of_the_records_does_not_matter(routed: World) -> None:
    """A store gives its records in any order."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    records = [decode_record(kind, text) for kind, text in reversed(routed.kept.values())]
    engine = Engine(sids=routed.new_sid, records=records)
    assert written(engine.states[routed.sid]) == written(routed.state)
    assert engine.next_deadline() == routed.engine.next_deadline()


def test_waiting_task_gets_its_worker_after_a_restart(routed: World) -> None:
    """A Task that waited before the restart is found when Alice comes."""
    routed.create_task("Old", attributes={"n": 1})
    routed.create_task("New", attributes={"n": 2}, priority=1)
    routed.restart()
    routed.set_activity("Alice", "Available")
    assert [routed.task(name).assignment_status for name in ("Old", "New")] == ["pending", "reserved"]


def test_load_is_counted_after_a_restart(routed: World) -> None:
    """What Alice holds takes her capacity after a restart as before."""
    routed.set_activity("Alice", "Available")
    routed.create_task("Held")
    routed.answer("Held", "accepted")
    routed.restart()
    routed.create_task("Waits")
    assert routed.task("Waits").assignment_status == "pending"
    routed.update_task("Held", status="completed")
    assert routed.task("Waits").assignment_status == "reserved"


def test_timers_go_on_after_a_restart(routed: World) -> None:
    """A Reservation made before the restart times out at its moment, though nobody looked for an hour."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    routed.restart()
    assert routed.engine.next_deadline() == moment(120)
    routed.take_events()
    routed.at(3600)
    assert [(str(event.type), event.at) for event in routed.events] == [
        ("reservation.timeout", moment(120)),
        ("worker.activity.update", moment(120)),
    ]


def test_removal_goes_on_after_a_restart(routed: World) -> None:
    """A canceled Task is removed five minutes after its end, restart or not."""
    routed.create_task("T")
    routed.update_task("T", status="canceled")
    routed.restart()
    assert routed.at(299).describe("T") is not None
    assert routed.at(300).describe("T") is None


def test_idle_order_survives_though_the_reservations_are_gone(routed: World) -> None:
    """Who was reserved last goes last, even when the store knows the older Reservations no more."""
    routed.add_worker("Bob", activity="Offline")
    routed.set_activity("Alice", "Available")
    for name in ("T1", "T2", "T3", "T4"):
        routed.create_task(name)
        routed.delete(name)
    routed.restart()
    routed.set_activity("Alice", "Offline")
    routed.set_activity("Bob", "Available")
    routed.create_task("Bob's")
    routed.delete("Bob's")
    routed.set_activity("Alice", "Available")
    routed.create_task("Next")
    assert routed.describe("Next") == routed.describe("Next") | {"workers": ["Alice"]}


def test_old_configuration_is_followed_after_a_restart(world: World) -> None:
    """A Task in flight goes on by the configuration that it met, restart or not."""
    world.add_queue("Q1")
    world.add_queue("Q2")
    targets = [{"queue": "Q1", "timeout": 10}, {"queue": "Q2"}]
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": targets}])
    world.create_task("T")
    world.update_workflow("Main", default_filter={"queue": "Q1"})
    world.restart()
    world.at(10)
    assert world.describe("T") == world.describe("T") | {"status": "pending", "queue": "Q2"}


def test_old_configuration_is_forgotten_when_nobody_follows_it(world: World) -> None:
    """With its last Task a configuration goes from the state and from the store."""
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    world.create_task("T")
    world.update_workflow("Main", default_filter={"queue": "Q"}, re_evaluate=False)
    assert len(world.state.revisions) == 1
    world.update_workflow("Main", re_evaluate=True)
    assert world.state.revisions == {}
    assert not [kind for kind, _ in world.kept.values() if kind == "workflow_revision"]


def test_unanswered_callbacks_are_asked_for_again(routed: World) -> None:
    """After a restart the callbacks that nobody answered are called again, and only those."""
    routed.add_worker("Bob")
    routed.set_activity("Alice", "Available")
    routed.create_task("Open")
    routed.create_task("Answered")
    routed.call_back("Answered")
    routed.restart()
    again = routed.engine.resume(moment(30))
    assert [effect.reservation_sid for effect in again] == [routed.reservation("Open").sid]
    effect = again[0]
    assert isinstance(effect, CallAssignmentUrl)
    first = next(e for e in routed.effects if e.reservation_sid == effect.reservation_sid)
    assert effect.fields["task_age"] == 30
    of_the_moment = {"task_age", "timestamp"}
    assert {k: v for k, v in effect.fields.items() if k not in of_the_moment} == {
        k: v for k, v in first.fields.items() if k not in of_the_moment
    }
    assert (effect.url, effect.fallback_url) == (first.url, first.fallback_url)


@pytest.mark.parametrize("end", ["rejected", "canceled", "accepted"])
def test_callback_of_an_ended_reservation_is_not_asked_for(routed: World, end: str) -> None:
    """Once a Reservation is answered over REST its callback is done with."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    routed.set_activity("Alice", "Offline")
    routed.answer("T", end)
    assert routed.reservation("T").callback is CallbackState.DONE
    routed.restart()
    assert routed.engine.resume(moment(0)) == []


def test_task_for_one_worker_waits_on_after_a_restart(routed: World) -> None:
    """A directly routed Task is still meant for its Worker, and for nobody else."""
    routed.add_worker("Bob", activity="Offline")
    routed.create_task("T", to="Alice", queue="Everybody", ignore_capacity=False)
    routed.restart()
    routed.set_activity("Bob", "Available")
    assert routed.task("T").assignment_status == "pending"
    routed.set_activity("Alice", "Available")
    assert routed.describe("T") == routed.describe("T") | {"workers": ["Alice"]}


def test_long_attributes_are_read_again(routed: World) -> None:
    """Attributes that grew when written anew, beyond what a request may have, do not stop a restart."""
    numbers = "[" + ",".join(["1e9"] * 1000) + "]"
    task = routed.run(c.CreateTask, attributes='{"n":' + numbers + "}")
    routed.restart()
    assert routed.state.tasks[task.sid].scope == {"n": [1e9] * 1000}


def test_what_is_given_up_goes_piece_by_piece(world: World) -> None:
    """The engine has nothing left; whoever still reads the Workspace finds all of it."""
    world.add_queue("Everybody")
    world.add_workflow("Main", default_filter={"queue": "Everybody"})
    world.add_worker("Alice")
    task = world.create_task("T1", timeout=60)
    state = world.state
    pieces = world.engine.take_apart()
    assert (world.engine.states, world.engine.next_deadline()) == ({}, None)
    records = (task, *state.workers.values(), *state.task_queues.values())
    assert {id(record) for record in records} <= set(map(id, pieces))
    assert list(state.tasks.values()) == [task]
    while pieces:
        pieces.pop()
    assert list(state.tasks.values()) == [task]
