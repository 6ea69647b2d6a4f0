"""Activities and TaskChannels through the SDK (docs: /docs/taskrouter/api/activity, …/api/task-channel)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.refused import refused

Ask = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "available"),
    [("true", True), ("TRUE", True), ("1", True), ("yes", True), ("false", False), ("on", False), ("", False)],
)
def test_available_is_true_in_three_words(ask: Ask, centre: CallCentre, text: str, available: bool) -> None:
    """`true`, `1` and `yes`; everything else is false."""
    path = f"/v1/Workspaces/{centre.sid}/Activities"
    assert ask("POST", path, {"FriendlyName": "A", "Available": text}).json["available"] is available
    listed = ask("GET", f"{path}?Available={text}").json["activities"]
    assert {a["available"] for a in listed} == ({available} if text else {True, False})


def test_an_activity_is_unavailable_unless_told(centre: CallCentre) -> None:
    """Its name can change later, whether it is available cannot."""
    made = centre.workspace.activities.create(friendly_name="Lunch")
    assert made.available is False
    assert made.links == {"workspace": centre.workspace.fetch().url}
    assert centre.workspace.activities(made.sid).update(friendly_name="Dinner").friendly_name == "Dinner"
    assert [a.sid for a in centre.workspace.activities.list(friendly_name="Dinner")] == [made.sid]


def test_available_on_an_update_is_ignored(ask: Ask, centre: CallCentre) -> None:
    """200, and nothing changes, as observed."""
    path = f"/v1/Workspaces/{centre.sid}/Activities/{centre.activities['Offline']}"
    answer = ask("POST", path, {"Available": "true"})
    assert (answer.status, answer.json["available"]) == (200, False)


@pytest.mark.parametrize(("name", "user"), [("Offline", "Workspace Tests"), ("Available", "Worker Alice")])
def test_an_activity_in_use_stays(centre: CallCentre, name: str, user: str) -> None:
    """The Workspace's default, and the one that a Worker is in; the sentence names who needs it."""
    centre.switch(centre.alice_sid, "Available")
    with refused(400, 20001, f"Cannot delete Activity {name} because it is used by {user}"):
        centre.workspace.activities(centre.activities[name]).delete()
    assert centre.workspace.activities(centre.activities[name]).fetch().friendly_name == name


def test_a_task_channel_goes_by_sid_or_unique_name(centre: CallCentre) -> None:
    """In fetch, update and delete, and as the channel of a Task."""
    channels = centre.workspace.task_channels
    made = channels.create(friendly_name="Fax", unique_name="fax", channel_optimized_routing=True)
    assert (made.unique_name, made.channel_optimized_routing) == ("fax", True)
    assert channels("fax").fetch().sid == channels(made.sid).fetch().sid == made.sid
    assert channels("fax").update(friendly_name="Telefax").friendly_name == "Telefax"
    assert made.url.endswith(f"/TaskChannels/{made.sid}")
    task = centre.add_task(task_channel="fax")
    assert (task.task_channel_sid, task.task_channel_unique_name) == (made.sid, "fax")
    with refused(400, 20001, f"Cannot delete TaskChannel fax because it is used by Task {task.sid}"):
        channels("fax").delete()
    centre.workspace.tasks(task.sid).delete()
    assert channels("fax").delete() is True


def test_every_worker_gets_a_channel_for_a_new_task_channel(centre: CallCentre) -> None:
    """Those who are there already and those who come later."""
    centre.workspace.task_channels.create(friendly_name="Fax", unique_name="fax")
    bob = centre.add_worker("Bob")
    for sid in (centre.alice_sid, bob.sid):
        channel = centre.workspace.workers(sid).worker_channels("fax").fetch()
        assert (channel.configured_capacity, channel.available, channel.assigned_tasks) == (1, True, 0)


@pytest.mark.parametrize("name", ["has space", "has-hyphen", "1st", "ümlaut", "default", "x" * 65, ""])
def test_unique_names_that_expressions_cannot_use(centre: CallCentre, name: str) -> None:
    """Letters, digits, _ and $, not beginning with a digit, and not taken."""
    with refused(400, 20001, "UniqueName"):
        centre.workspace.task_channels.create(friendly_name="A", unique_name=name)


def test_a_unique_name_is_taken_once(centre: CallCentre) -> None:
    """The FriendlyName may be another's."""
    made = centre.workspace.task_channels.create(friendly_name="Voice", unique_name="email")
    with refused(400, 20001, "there is a TaskChannel email already"):
        centre.workspace.task_channels.create(friendly_name="Email", unique_name="email")
    assert made.friendly_name == "Voice"


def test_built_in_channels_stay(centre: CallCentre) -> None:
    """Every Workspace needs them."""
    with refused(400, 20001, "Cannot delete TaskChannel voice"):
        centre.workspace.task_channels("voice").delete()
