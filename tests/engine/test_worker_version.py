"""A Worker's version: one up for each change that Twilio's Worker SDK counts along with, and for nothing else."""

from __future__ import annotations

import pytest
from engine.world import World

from labkit.engine import commands as c


@pytest.fixture
def alice(routed: World) -> World:
    """Alice takes one Task at a time, and T is reserved for her."""
    routed.set_activity("Alice", "Available")
    routed.create_task("T", channel="chat")
    return routed


def version(world: World) -> int:
    return world.worker("Alice").version


def test_a_new_reservation_is_one_version(alice: World) -> None:
    """The event of it has the new one already."""
    assert version(alice) == 2  # she came to Available, and was reserved
    (created,) = (event for event in alice.events if event.type == "reservation.created")
    assert created.data["worker_version"] == 2


ENDS = {
    "accepted, wrapped up and completed": ("accepted", "wrapping", "completed"),
    "accepted and completed": ("accepted", "completed"),
    "rejected": ("rejected",),
    "canceled": ("canceled",),
}


@pytest.mark.parametrize("steps", ENDS.values(), ids=ENDS)
def test_what_becomes_of_a_reservation_is_no_version(alice: World, steps: tuple[str, ...]) -> None:
    """Each step by itself; nor is the Worker written, of whom nothing that is kept has changed."""
    alice.set_channel("Alice", "chat", configured_capacity=0)  # so that a rejected Task is not offered again
    before, written = version(alice), alice.kept[alice.names["Alice"]]
    for step in steps:
        alice.answer("T", step)
        assert version(alice) == before
    assert alice.kept[alice.names["Alice"]] == written


def test_a_timeout_is_one_version_for_the_activity(alice: World) -> None:
    """The Worker goes Offline; the Reservation itself counts for nothing."""
    before = version(alice)
    alice.at(120)
    assert alice.name_of(alice.worker("Alice").activity_sid) == "Offline"
    assert version(alice) == before + 1


def test_each_kind_of_change_is_one_version(routed: World) -> None:
    """Activity, attributes with the name, capacity, availability; several in one request count each."""
    one = {"attributes": '{"a": 1}', "friendly_name": "Alicia"}
    both = {"attributes": "{}", "activity_sid": routed.names["Unavailable"]}
    for changes, grown in ((one, 1), (both, 2)):
        before = version(routed)
        routed.run(c.UpdateWorker, sid=routed.names["Alice"], changes=changes)
        assert version(routed) == before + grown


@pytest.mark.parametrize(
    ("changes", "grown"),
    [
        ({"configured_capacity": 3}, 1),
        ({"available": False}, 1),
        ({"configured_capacity": 3, "available": False}, 2),
        ({"configured_capacity": 1, "available": True}, 0),
    ],
)
def test_a_channel_is_as_many_versions_as_events(routed: World, changes: dict[str, object], grown: int) -> None:
    """The SDK adds one for each of them, and hears nothing of a channel that is set to what it is."""
    before = version(routed)
    routed.set_channel("Alice", "chat", **changes)
    assert version(routed) == before + grown
    assert [event.data["worker_version"] for event in routed.events] == [before + n + 1 for n in range(grown)]


def test_the_activity_that_it_is_in_is_told_again(routed: World) -> None:
    """Who sets it waits for the event. Nothing has changed: no version, and the time in it goes on."""
    before = version(routed), routed.worker("Alice").date_status_changed
    routed.at(40).set_activity("Alice", "Offline")
    (event,) = routed.events
    told = [event.data[f"worker_{name}"] for name in ("activity_name", "previous_activity_name", "version")]
    assert (event.type, told) == ("worker.activity.update", ["Offline", "Offline", before[0]])
    assert event.data["worker_time_in_previous_activity"] == 40
    assert (version(routed), routed.worker("Alice").date_status_changed) == before
