"""What is reported: which events in which order along each way of a Task, and with which fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from engine.world import ACCOUNT, CALLBACK_URL, START, World, moment

from labkit.engine import commands as c
from labkit.engine.effects import Event
from labkit.engine.resources import CallOutcome
from labkit.errors import Refusal
from labkit.vocabulary import EventType, TransferMode

# The groups of fields, as the page of events names them, with what was observed beside them.
TASK = {"task_sid", "task_attributes", "task_age", "task_priority", "task_assignment_status", "task_version"}
TASK |= {"task_date_created", "task_channel_sid", "task_channel_unique_name", "task_virtual_start_time"}
TASK |= {"task_ignore_capacity"}
QUEUE = {"task_queue_sid", "task_queue_name", "task_queue_target_expression"}
WORKFLOW = {"workflow_sid", "workflow_name"}
WORKER = {"worker_sid", "worker_name", "worker_attributes", "worker_activity_sid", "worker_activity_name"}
WORKER |= {"worker_version"}
RESERVATION = {"reservation_sid", "reservation_version"}
TRANSFER = {"task_transfer_sid", "transfer_mode", "transfer_type", "transfer_to", "transfer_status", "transfer_started"}
TRANSFER |= {"transfer_initiating_reservation_sid", "transfer_initiating_worker_sid"}
ACTIVITY_CHANGE = {"worker_previous_activity_sid", "worker_previous_activity_name", "worker_time_in_previous_activity"}
ACTIVITY_CHANGE |= {"worker_time_in_previous_activity_ms"}
CHANNEL = {"task_channel_sid", "task_channel_unique_name", "worker_channel_available"}
CHANNEL |= {"worker_channel_available_capacity", "worker_channel_previous_capacity", "worker_channel_task_count"}
CHANNEL |= {"worker_channel_capacity", "worker_channel_consumed_capacity"}
ACTIVITY = {"activity_sid", "activity_name", "activity_available"}
TASK_CHANNEL = {"task_channel_sid", "task_channel_name", "task_channel_unique_name", "task_channel_optimized_routing"}

OF_TASK = TASK | QUEUE | WORKFLOW
OF_RESERVATION = OF_TASK | RESERVATION | WORKER

DOCUMENTED: dict[EventType, set[str]] = {
    EventType.ACTIVITY_CREATED: ACTIVITY,
    EventType.ACTIVITY_UPDATED: ACTIVITY,
    EventType.ACTIVITY_DELETED: ACTIVITY,
    EventType.RESERVATION_CREATED: OF_RESERVATION,
    EventType.RESERVATION_ACCEPTED: OF_RESERVATION,
    EventType.RESERVATION_REJECTED: OF_RESERVATION,
    EventType.RESERVATION_TIMEOUT: OF_RESERVATION,
    EventType.RESERVATION_CANCELED: OF_RESERVATION,
    EventType.RESERVATION_RESCINDED: OF_RESERVATION,
    EventType.RESERVATION_COMPLETED: OF_RESERVATION,
    EventType.RESERVATION_FAILED: OF_TASK | RESERVATION,
    EventType.RESERVATION_WRAPUP: OF_RESERVATION,
    EventType.TASK_CREATED: TASK | WORKFLOW,
    EventType.TASK_UPDATED: OF_TASK,
    EventType.TASK_CANCELED: OF_TASK | {"task_canceled_reason"},
    EventType.TASK_WRAPUP: OF_TASK,
    EventType.TASK_COMPLETED: OF_TASK | {"task_completed_reason"},
    EventType.TASK_DELETED: OF_TASK,
    EventType.TASK_SYSTEM_DELETED: OF_TASK,
    EventType.TASK_TRANSFER_INITIATED: OF_TASK,
    EventType.TASK_TRANSFER_ATTEMPT_FAILED: OF_TASK,
    EventType.TASK_TRANSFER_FAILED: OF_TASK,
    EventType.TASK_TRANSFER_CANCELED: OF_TASK,
    EventType.TASK_TRANSFER_COMPLETED: OF_TASK,
    EventType.TASK_CHANNEL_CREATED: TASK_CHANNEL,
    EventType.TASK_CHANNEL_UPDATED: TASK_CHANNEL,
    EventType.TASK_CHANNEL_DELETED: TASK_CHANNEL,
    EventType.TASK_QUEUE_CREATED: QUEUE,
    EventType.TASK_QUEUE_DELETED: QUEUE,
    EventType.TASK_QUEUE_EXPRESSION_UPDATED: QUEUE,
    EventType.TASK_QUEUE_ENTERED: OF_TASK,
    EventType.TASK_QUEUE_TIMEOUT: OF_TASK,
    EventType.TASK_QUEUE_MOVED: OF_TASK,
    EventType.WORKER_CREATED: WORKER,
    EventType.WORKER_DELETED: WORKER,
    EventType.WORKER_ACTIVITY_UPDATE: WORKER | ACTIVITY_CHANGE,
    EventType.WORKER_ATTRIBUTES_UPDATE: WORKER,
    EventType.WORKER_CAPACITY_UPDATE: WORKER | CHANNEL,
    EventType.WORKER_CHANNEL_AVAILABILITY_UPDATE: WORKER | CHANNEL,
    EventType.WORKFLOW_CREATED: WORKFLOW,
    EventType.WORKFLOW_UPDATED: WORKFLOW,
    EventType.WORKFLOW_DELETED: WORKFLOW,
    EventType.WORKFLOW_ENTERED: TASK | WORKFLOW,
    EventType.WORKFLOW_TARGET_MATCHED: TASK | WORKFLOW,
    EventType.WORKFLOW_TIMEOUT: TASK | WORKFLOW,
    EventType.WORKFLOW_SKIPPED: TASK | WORKFLOW,
    EventType.WORKSPACE_CREATED: set(),
    EventType.WORKSPACE_UPDATED: set(),
    EventType.WORKSPACE_DELETED: set(),
}
"""Of each type its groups, by the page (/docs/taskrouter/api/event/reference). It names a Workspace, a TaskQueue and a
Workflow by their SIDs alone; their names stand beside them in what was recorded of the real service, and here."""

TARGET = {"workflow_filter_name", "workflow_filter_expression", "workflow_filter_target_name"}
TARGET |= {"workflow_filter_target_expression"}
SOMETIMES = {"task_queue_entered_date", "known_worker_sid", *TRANSFER}
"""While a Task is in a TaskQueue; while its target asks for a Worker (/docs/taskrouter/workflow-configuration/…); of
a Reservation that a transfer has made, with reservation.created."""

BEYOND: dict[EventType, tuple[set[str], str]] = {
    EventType.RESERVATION_FAILED: (WORKER, "ours: the Worker of every other event of a Reservation"),
    EventType.TASK_CANCELED: ({"reason"}, "recordings of the real service"),
    EventType.TASK_CREATED: (QUEUE, "recordings of the real service: the TaskQueue that the Task is led to"),
    EventType.TASK_COMPLETED: (WORKER | {"reason"}, "/docs/flex/developer/insights/real-time-adherence; recordings"),
    EventType.TASK_QUEUE_MOVED: ({"previous_task_queue_sid"}, "/docs/events/event-types/taskrouter/task-queue"),
    EventType.TASK_TRANSFER_INITIATED: (TRANSFER, "/docs/events/event-types/taskrouter/task"),
    EventType.TASK_TRANSFER_COMPLETED: (TRANSFER, "/docs/events/event-types/taskrouter/task"),
    EventType.TASK_TRANSFER_CANCELED: (TRANSFER, "/docs/events/event-types/taskrouter/task"),
    EventType.TASK_TRANSFER_FAILED: (TRANSFER | {"transfer_failed_reason"}, "/docs/events/event-types/taskrouter/task"),
    EventType.TASK_TRANSFER_ATTEMPT_FAILED: (
        TRANSFER | {"transfer_failed_reason"},
        "/docs/events/event-types/taskrouter/task",
    ),
    EventType.TASK_WRAPUP: (WORKER, "recordings of the real service, and public programs that read it"),
    EventType.WORKFLOW_ENTERED: (QUEUE, "recordings of the real service: the TaskQueue that the Task is led to"),
    EventType.WORKFLOW_TARGET_MATCHED: (QUEUE | TARGET, "/docs/events/event-types/taskrouter/workflow"),
    EventType.WORKFLOW_TIMEOUT: (QUEUE, "ours: the TaskQueue that the Task was in"),
    EventType.WORKFLOW_SKIPPED: (QUEUE, "ours: the TaskQueue that the Task was in"),
}
"""Of some types what they have beyond the page, and where that is from."""

RESOURCES = {
    "activity": "WA",
    "reservation": "WR",
    "task": "WT",
    "task-channel": "TC",
    "taskqueue": "WQ",
    "transfer": "TT",
    "worker": "WK",
    "workflow": "WW",
    "workspace": "WS",
}


def busy_world() -> list[Event]:
    """Everything that can happen in a Workspace, at least once; what was reported of it."""
    world = World()
    world.add_activity("Break")
    world.add_channel("fax")
    for name, fields in (("Q1", {"max_reserved_workers": 2}), ("Q2", {}), ("Gone", {})):
        world.add_queue(name, **fields)
    skip = {"queue": "Q2", "skip_if": "1==1"}
    world.add_workflow(
        "Main",
        filters=[
            {"expression": "skip", "targets": [skip]},
            {
                "expression": "skip != true",
                "targets": [{"queue": "Q1", "timeout": 200}, {"queue": "Q2", "timeout": 200}],
            },
        ],
    )
    world.add_workflow("Gone too", default_filter={"queue": "Q1"})
    for name in ("Alice", "Bob", "Carol"):
        world.add_worker(name, activity="Available" if name == "Alice" else "Offline")
    _live_lives(world)
    _hand_over(world)
    _call_in_vain(world)
    _change_everything(world)
    return world.events


def _live_lives(world: World) -> None:
    world.create_task("Skipped", workflow="Main", attributes={"skip": True}, channel="fax")
    world.create_task("T1", workflow="Main", attributes={"n": 1})
    world.answer("T1", "rejected", activity="Offline")
    world.set_activity("Bob", "Available")
    world.at(120)
    world.set_activity("Alice", "Available")
    world.fail_callback("T1")
    world.at(121)
    world.answer("T1", "canceled")
    world.set_activity("Alice", "Offline")
    world.at(1000)
    world.set_activity("Alice", "Available")
    world.set_activity("Bob", "Available")
    world.create_task("T2", workflow="Main")
    world.answer("T2", "accepted", worker="Alice")
    world.update_task("T2", attributes={"n": 2})
    world.update_task("T2", status="wrapping")
    world.answer("T2", "completed", worker="Alice")
    for number, name in enumerate(("Deleted", "Forgotten")):
        world.create_task(name, workflow="Main")
        world.answer(name, "accepted", worker=world.name_of(world.reservation(name).worker_sid))
        if number == 0:
            world.delete(name)
    world.at(100_000)


def _hand_over(world: World) -> None:
    for worker in ("Alice", "Bob"):
        world.set_activity(worker, "Available")
    world.create_task("Handed over", workflow="Main")
    world.answer("Handed over", "accepted", worker="Alice")
    world.transfer("Handed over", "Alice", "Bob")
    world.answer("Handed over", "rejected", worker="Bob")
    world.transfer("Handed over", "Alice", "Q2", mode=TransferMode.COLD)
    world.answer("Handed over", "rejected", worker="Bob")
    world.cancel_transfer("Handed over", "Alice")
    world.answer("Handed over", "completed", worker="Alice")
    world.create_task("Kept by two", workflow="Main")
    world.answer("Kept by two", "accepted", worker="Alice")
    world.transfer("Kept by two", "Alice", "Bob")
    world.answer("Kept by two", "accepted", worker="Bob")
    world.update_task("Kept by two", status="completed")


def _call_in_vain(world: World) -> None:
    world.run(c.SetCallRule, to="", outcome=CallOutcome.BUSY)
    for worker in ("Alice", "Bob"):
        world.set_attributes(worker, {"contact_uri": "+15550100"})
        world.set_activity(worker, "Available")
    world.create_task("Unheard", workflow="Main", attributes={"from": "+15550123"})
    assert world.call_back("Unheard", "call", url="https://twiml.test/") is None
    world.at(world.seconds + 10)
    world.update_task("Unheard", status="canceled")


def _change_everything(world: World) -> None:
    world.set_attributes("Carol", {"level": 3})
    world.set_channel("Carol", "fax", configured_capacity=4, available=False)
    world.update_queue("Gone", target_workers="level > 2")
    world.update_workflow("Main", task_reservation_timeout=30)
    world.update_workspace(friendly_name="New name")
    for kind, name, changes in (
        ("UpdateActivity", "Break", {"friendly_name": "Pause"}),
        ("UpdateTaskChannel", "fax", {"friendly_name": "Fax"}),
    ):
        world.run(getattr(c, kind), sid=world.names[name], changes=changes)
    for name in ("Gone", "Gone too", "Carol", "Break", "fax"):
        world.delete(name)
    world.run(c.DeleteWorkspace, sid=world.sid)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """A busy Workspace's events."""
    return busy_world()


def test_every_event_that_the_engine_reports_is_seen(events: list[Event]) -> None:
    """The busy Workspace shows each type of the list."""
    assert {event.type for event in events} | {EventType.WORKSPACE_CREATED} == set(EventType)


def test_every_event_has_its_groups_of_fields(events: list[Event]) -> None:
    """Each event has the fields of its groups, no others, and none whose value is anything but plain."""
    for event in events:
        more, _ = BEYOND.get(event.type, (set(), ""))
        also = SOMETIMES & set(event.data) if "task_sid" in event.data else set()
        assert set(event.data) == DOCUMENTED[event.type] | more | also, event.type
        assert not [name for name, value in event.data.items() if isinstance(value, (dict, list, tuple, set))]


def test_every_type_of_event_has_its_groups() -> None:
    """What the page says of it, and what is beyond that with its source."""
    assert set(DOCUMENTED) == set(EventType)
    for type_, (more, source) in BEYOND.items():
        assert more - DOCUMENTED[type_], type_
        assert source


def test_every_event_names_its_resource(events: list[Event]) -> None:
    """Each event says about what it is, whose it is and when it was, in a sentence and with a SID of its own."""
    for event in events:
        assert event.resource_sid.startswith(RESOURCES[event.resource_type])
        assert event.account_sid == ACCOUNT
        assert event.workspace_sid.startswith("WS")
        assert event.description
    assert len({event.sid for event in events}) == len(events)
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_a_matched_target_is_named_by_its_queue() -> None:
    """With the expressions of the filter and of the target, where they have one."""
    world = World()
    world.add_queue("Sales")
    narrow = {"queue": "Sales", "expression": "worker.level > 1", "timeout": 10}
    condition = {"filter_friendly_name": "Buyers", "expression": "1==1", "targets": [narrow, {"queue": "Sales"}]}
    world.add_workflow("Main", filters=[condition])
    world.create_task("T")
    world.at(10)
    matched = [e.data for e in world.events if e.type is EventType.WORKFLOW_TARGET_MATCHED]
    names = [{name: data[name] for name in sorted(TARGET)} for data in matched]
    of_filter = {"workflow_filter_name": "Buyers", "workflow_filter_expression": "1==1"}
    assert names == [
        {**of_filter, "workflow_filter_target_name": "Sales", "workflow_filter_target_expression": expression}
        for expression in ("worker.level > 1", None)
    ]


def queues_told(world: World, *types: EventType) -> list[tuple[str, Any]]:
    """The TaskQueue that each event of these types names, and when the Task entered it, in seconds."""
    told = [event for event in world.events if event.type in types]
    entered = [event.data.get("task_queue_entered_date") for event in told]
    seconds = [moment and (moment - START).total_seconds() for moment in entered]
    return [(world.name_of(e.data.get("task_queue_sid")) or "", at) for e, at in zip(told, seconds, strict=True)]


def test_a_new_task_tells_where_it_is_led() -> None:
    """The queue that it enters in the same turn, also where it is skipped on from there; the rest is as it was made."""
    world = World()
    world.add_queue("Q1", "level > 1")
    world.add_queue("Q2")
    targets = [{"queue": "Q1", "skip_if": "workers.available == 0", "priority": 7}, {"queue": "Q2"}]
    world.add_workflow("Main", filters=[{"expression": "1==1", "targets": targets}])
    world.at(5).create_task("T")
    assert queues_told(world, EventType.TASK_CREATED, EventType.WORKFLOW_ENTERED) == [("Q1", 5), ("Q1", 5)]
    (created,) = [event.data for event in world.events if event.type is EventType.TASK_CREATED]
    assert created["task_queue_target_expression"] == "level > 1"
    assert (created["task_queue_name"], created["task_version"], created["task_priority"]) == ("Q1", 0, 0)
    assert world.describe("T")["queue"] == "Q2"


def test_a_task_that_is_sent_past_the_workflow_tells_its_queue_or_none(routed: World) -> None:
    """A RoutingTarget that is a TaskQueue is one; a Worker is none."""
    routed.events.clear()
    routed.create_task("T1", to="Everybody")
    routed.create_task("T2", to="Alice")
    assert queues_told(routed, EventType.TASK_CREATED) == [("Everybody", 0), ("", None)]


def test_a_task_that_comes_in_again_tells_where_it_is_led_now() -> None:
    """After an update of its attributes and of the Workflow: the new queue, and since when the Task is in it."""
    world = World()
    world.add_queue("Q1")
    world.add_queue("Q2")
    world.add_workflow(
        "Main", filters=[{"expression": "n == 1", "targets": [{"queue": "Q1"}]}], default_filter={"queue": "Q2"}
    )
    world.create_task("T", attributes={"n": 1})
    world.events.clear()
    world.at(5).update_task("T", attributes={"n": 2})
    world.at(9).update_workflow("Main", default_filter={"queue": "Q1"}, re_evaluate=True)
    world.at(12).update_workflow("Main", default_filter={"queue": "Q1"}, re_evaluate=True)
    assert queues_told(world, EventType.WORKFLOW_ENTERED) == [("Q2", 5), ("Q1", 9), ("Q1", 9)]


def test_whoever_accepted_the_task_is_told_when_it_ends() -> None:
    """As this moment has it: not who was asked, nor what the Worker was when the Task came."""
    world = World()
    world.add_queue("Q", max_reserved_workers=2)
    world.add_workflow("Main", default_filter={"queue": "Q"})
    for name in ("Alice", "Bob", "Carol"):
        world.add_worker(name)
    world.create_task("T")
    world.answer("T", "rejected", worker="Alice")
    world.answer("T", "accepted", worker="Bob")
    world.set_attributes("Bob", {"level": 2})
    world.update_task("T", status="wrapping")
    world.set_activity("Bob", "Offline")
    world.update_task("T", status="completed")
    ends = [e.data for e in world.events if e.type in (EventType.TASK_WRAPUP, EventType.TASK_COMPLETED)]
    told = [(d["worker_name"], d["worker_attributes"], d["worker_activity_name"]) for d in ends]
    assert told == [("Bob", '{"level":2}', "Available"), ("Bob", '{"level":2}', "Offline")]
    assert [d["worker_sid"] for d in ends] == [world.names["Bob"]] * 2


def test_a_task_that_nobody_accepted_ends_without_a_worker(routed: World) -> None:
    """Canceled while it was reserved; the Reservation's own event says for whom it was."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T")
    routed.events.clear()
    routed.update_task("T", status="canceled")
    named = {str(event.type): event.data.get("worker_name") for event in routed.events}
    assert named == {"reservation.canceled": "Alice", "task.canceled": None}


# --- the ways of a Task, in time order (reference, 10.5) -------------------------------------------------------------

ARRIVAL = ["task.created", "workflow.entered", "workflow.target-matched", "task-queue.entered", "reservation.created"]


def happy(world: World) -> list[str]:
    world.answer("T", "accepted")
    world.update_task("T", attributes={"worker_call_sid": "CA1"})
    world.answer("T", "wrapping")
    world.answer("T", "completed")
    return [
        "reservation.accepted",
        "task.updated",
        "reservation.wrapup",
        "task.wrapup",
        "reservation.completed",
        "task.completed",
    ]


def short(world: World) -> list[str]:
    world.answer("T", "accepted")
    world.update_task("T", status="completed")
    return ["reservation.accepted", "reservation.completed", "task.completed"]


def timed_out(world: World) -> list[str]:
    world.at(120)
    return ["reservation.timeout", "worker.activity.update", "reservation.created"]


def rejected(world: World) -> list[str]:
    world.answer("T", "rejected", activity="Unavailable")
    return ["reservation.rejected", "worker.activity.update", "reservation.created"]


def canceled(world: World) -> list[str]:
    world.update_task("T", status="canceled")
    return ["reservation.canceled", "task.canceled"]


@pytest.mark.parametrize("path", [happy, short, timed_out, rejected, canceled])
def test_events_come_in_time_order(world: World, path: Callable[[World], list[str]]) -> None:
    """Each way of a Task reports its steps in the order of the reference."""
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    world.add_worker("Alice")
    world.add_worker("Bob")
    world.take_events()
    world.create_task("T")
    expected = path(world)
    assert world.take_events() == ARRIVAL + expected


def test_events_have_the_values_of_their_moment(routed: World) -> None:
    """An event goes on saying what was so when it happened, whatever comes after."""
    routed.set_activity("Alice", "Available")
    routed.take_events()
    routed.at(10).create_task("T", priority=3)
    routed.at(15).answer("T", "accepted")
    said = [(str(e.type), e.data["task_assignment_status"], e.data["task_age"]) for e in routed.events]
    assert said[0] == ("task.created", "pending", 0)
    assert said[-2:] == [("reservation.created", "reserved", 0), ("reservation.accepted", "assigned", 5)]


def test_activity_event_tells_the_time_before(routed: World) -> None:
    """A change of Activity says from where and after how long, in whole seconds and in milliseconds."""
    routed.take_events()
    routed.at(61.25).set_activity("Alice", "Available")
    data = routed.events[0].data
    assert data["worker_previous_activity_name"] == "Offline"
    assert data["worker_activity_name"] == "Available"
    assert (data["worker_time_in_previous_activity"], data["worker_time_in_previous_activity_ms"]) == (61, 61250)
    assert routed.events[0].description == "Worker Alice updated to Available Activity"


def test_time_to_live_is_told_in_both_wordings(routed: World) -> None:
    """The description is the documented text, the reason the longer one that was seen in the field (4.3)."""
    routed.create_task("T", timeout=60)
    routed.take_events()
    routed.at(60)
    event = routed.events[0]
    assert event.description == "Task TTL Exceeded"
    assert event.data["task_canceled_reason"] == "Task TTL Exceeded or Max assignment count exceeded"


def test_assignment_callback_has_the_reservation_in_it(routed: World) -> None:
    """The effect of a Reservation names URL, Task, Worker and queue, with the attributes of that moment."""
    routed.set_attributes("Alice", {"languages": ["es"]})
    routed.set_activity("Alice", "Available")
    routed.at(5).create_task("T", attributes={"selected_language": "es"}, priority=2)
    (call,) = routed.effects
    reservation = routed.reservation("T")
    assert (call.url, call.fallback_url, call.reservation_sid) == (CALLBACK_URL, "", reservation.sid)
    assert call.fields["task_sid"] == routed.names["T"]
    assert call.fields["worker_sid"] == routed.names["Alice"]
    assert call.fields["task_queue_sid"] == routed.names["Everybody"]
    assert json.loads(call.fields["task_attributes"]) == {"selected_language": "es"}
    assert json.loads(call.fields["worker_attributes"]) == {"languages": ["es"]}
    assert (call.fields["task_priority"], call.fields["task_age"]) == (2, 0)
    assert reservation.expires_at == moment(125)


def test_refused_command_reports_nothing(routed: World) -> None:
    """Nothing is reported, asked for or kept of what was refused."""
    kept, effects = dict(routed.kept), len(routed.effects)
    for wrong in ({"workflow": None, "to": "nowhere"}, {"channel": "pigeon"}, {"start": 10}):
        with pytest.raises(Refusal):
            routed.create_task("T", **wrong)
    assert routed.take_events() == []
    assert (routed.kept, len(routed.effects)) == (kept, effects)


# --- transfers --------------------------------------------------------------------------------------------------------


def handed_over(*, to: str = "Bob", mode: TransferMode = TransferMode.WARM) -> World:
    """Alice hands the Task `T` of TaskQueue Q1 over; Bob is in Q2 too."""
    world = World()
    world.add_queue("Q1", "name == 'alice'")
    world.add_queue("Q2", "name == 'bob'")
    world.add_workflow("Main", default_filter={"queue": "Q1"}, reservation_timeout=60)
    for name in ("Alice", "Bob"):
        world.add_worker(name, attributes={"name": name.lower()})
    world.create_task("T")
    world.answer("T", "accepted")
    world.take_events()
    world.at(7).transfer("T", "Alice", to, mode=mode)
    return world


def test_a_transfer_tells_all_of_itself() -> None:
    """With the Task's group, as it stands once it is handed over."""
    world = handed_over(mode=TransferMode.COLD)
    begun = world.events[0]
    transfer = world.task("T").transfers[0]
    assert (begun.type, begun.resource_type, begun.resource_sid) == (
        EventType.TASK_TRANSFER_INITIATED,
        "transfer",
        transfer.sid,
    )
    assert {name: begun.data[name] for name in sorted(TRANSFER)} == {
        "task_transfer_sid": transfer.sid,
        "transfer_initiating_reservation_sid": world.reservation("T", "Alice").sid,
        "transfer_initiating_worker_sid": world.names["Alice"],
        "transfer_mode": "COLD",
        "transfer_started": moment(7),
        "transfer_status": "initiated",
        "transfer_to": world.names["Bob"],
        "transfer_type": "WORKER",
    }
    assert begun.data["task_assignment_status"] == "reserved"


def test_a_transfer_to_a_queue_names_it_from_the_beginning() -> None:
    """Public programs read the TaskQueue that was chosen from the first event."""
    world = handed_over(to="Q2")
    types = (EventType.TASK_TRANSFER_INITIATED, EventType.TASK_QUEUE_ENTERED, EventType.RESERVATION_CREATED)
    assert queues_told(world, *types) == [("Q2", 7)] * 3
    moved = next(event for event in world.events if event.type is EventType.TASK_QUEUE_MOVED)
    assert world.name_of(moved.data["previous_task_queue_sid"]) == "Q1"


@pytest.mark.parametrize("mode", TransferMode)
def test_a_reservation_that_a_transfer_makes_tells_how(mode: TransferMode) -> None:
    """When it is created, and no other does."""
    world = handed_over(mode=mode)
    world.create_task("Another", to="Bob")
    created = [event.data.get("transfer_mode") for event in world.events if event.type is EventType.RESERVATION_CREATED]
    assert created == [mode, None]


def test_an_end_of_a_transfer_tells_why() -> None:
    """A failure and an attempt that failed have a reason; the others have none."""
    world = handed_over()
    world.answer("T", "rejected", worker="Bob")
    world.transfer("T", "Alice", "Q2")
    world.answer("T", "rejected", worker="Bob")
    world.cancel_transfer("T", "Alice")
    ends = [event.data for event in world.events if event.resource_type == "transfer"]
    assert [(data["transfer_status"], data.get("transfer_failed_reason")) for data in ends] == [
        ("initiated", None),
        ("failed", "Transfer failed because the reservation was rejected"),
        ("initiated", None),
        (
            "initiated",
            "Transfer attempt failed on reservation reject because there are no more pending reservations",
        ),
        ("canceled", None),
    ]
    assert [data["task_assignment_status"] for data in ends] == [
        "reserved",
        "assigned",
        "pending",
        "pending",
        "assigned",
    ]


def test_a_reservation_of_a_transfer_says_by_which_it_was_made() -> None:
    """Mode, SID and who hands the Task over; that of a Task which just came in says nothing of it."""
    world = World()
    world.add_queue("Q", "name == 'alice'")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    for name in ("Alice", "Bob"):
        world.add_worker(name, attributes={"name": name.lower()})
    world.create_task("T")
    world.answer("T", "accepted")
    transfer = world.transfer("T", "Alice", "Bob")
    first, second = (event.data for event in world.events if event.type == "reservation.created")
    assert "transfer_mode" not in first
    assert (second["task_transfer_sid"], second["transfer_mode"]) == (transfer.sid, "WARM")
    assert second["transfer_initiating_worker_sid"] == world.names["Alice"]
