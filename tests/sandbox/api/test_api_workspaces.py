"""Workspaces through the SDK (docs: /docs/taskrouter/api/workspace)."""

from __future__ import annotations

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import ACCOUNT, START, LocalSandbox
from sandbox.refused import refused
from twilio.rest import Client

URL = "https://lab.example/events"


def test_a_new_workspace_with_its_defaults(sandbox: LocalSandbox, client: Client) -> None:
    """Every field that the documentation names, dates in whole seconds."""
    made = client.taskrouter.v1.workspaces.create(friendly_name="Support")
    assert (made.account_sid, made.friendly_name) == (ACCOUNT, "Support")
    assert made.date_created == made.date_updated == START
    assert (made.event_callback_url, made.events_filter) == ("", None)
    assert (made.multi_task_enabled, made.prioritize_queue_order) == (True, "FIFO")
    assert made.default_activity_name == made.timeout_activity_name == "Offline"
    assert made.default_activity_sid == made.timeout_activity_sid
    assert made.url == f"{sandbox.url}/v1/Workspaces/{made.sid}"
    assert made.links["workers"] == f"{made.url}/Workers"
    assert vars(client.taskrouter.v1.workspaces(made.sid).fetch())["links"] == made.links


def test_what_a_new_workspace_contains(client: Client) -> None:
    """Three Activities, five TaskChannels, no queue and no Workflow."""
    workspace = client.taskrouter.v1.workspaces(client.taskrouter.v1.workspaces.create(friendly_name="A").sid)
    assert {a.friendly_name: a.available for a in workspace.activities.list()} == {
        "Offline": False,
        "Unavailable": False,
        "Available": True,
    }
    assert {c.unique_name for c in workspace.task_channels.list()} == {"default", "voice", "chat", "sms", "video"}
    assert (workspace.task_queues.list(), workspace.workflows.list(), workspace.workers.list()) == ([], [], [])


def test_the_fifo_template_sends_every_task_to_one_queue(client: Client) -> None:
    """A queue for everybody and a Workflow that leads there: a Task can be made at once."""
    made = client.taskrouter.v1.workspaces.create(friendly_name="A", template="FIFO")
    workspace = client.taskrouter.v1.workspaces(made.sid)
    (queue,) = workspace.task_queues.list()
    (workflow,) = workspace.workflows.list()
    assert (queue.friendly_name, queue.target_workers) == ("Sample Queue", "1==1")
    assert workflow.friendly_name == "Default Fifo Workflow"
    assert workspace.tasks.create(attributes="{}").task_queue_sid == queue.sid


def test_everything_can_be_given_at_once(client: Client) -> None:
    """And comes back as given."""
    made = client.taskrouter.v1.workspaces.create(
        friendly_name="A",
        event_callback_url=URL,
        events_filter="task.created, task.canceled",
        multi_task_enabled=False,
        prioritize_queue_order="LIFO",
        template="NONE",
    )
    assert (made.event_callback_url, made.events_filter) == (URL, "task.created, task.canceled")
    assert (made.multi_task_enabled, made.prioritize_queue_order) == (False, "LIFO")


def test_an_update_changes_what_is_given(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """And nothing else; the date follows."""
    sandbox.advance(90)
    away = centre.activities["Unavailable"]
    updated = centre.workspace.update(default_activity_sid=away, timeout_activity_sid=away, event_callback_url=URL)
    assert updated.default_activity_name == updated.timeout_activity_name == "Unavailable"
    assert (updated.friendly_name, updated.event_callback_url) == ("Tests", URL)
    assert (updated.date_updated - updated.date_created).total_seconds() == 90
    assert centre.workspace.workers.create(friendly_name="Bob").activity_sid == away


def test_an_empty_text_clears_what_is_optional(centre: CallCentre) -> None:
    """The URL becomes empty, the filter null."""
    centre.workspace.update(event_callback_url=URL, events_filter="task.created")
    cleared = centre.workspace.update(event_callback_url="", events_filter="")
    assert (cleared.event_callback_url, cleared.events_filter) == ("", None)


def test_workspaces_are_listed_in_the_order_of_their_making(client: Client) -> None:
    """All, or those with exactly this name."""
    made = [client.taskrouter.v1.workspaces.create(friendly_name=name).sid for name in ("A", "B", "A")]
    assert [w.sid for w in client.taskrouter.v1.workspaces.list()] == made
    assert [w.sid for w in client.taskrouter.v1.workspaces.list(friendly_name="A")] == [made[0], made[2]]
    assert client.taskrouter.v1.workspaces.list(friendly_name="a") == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"friendly_name": "x" * 65}, "Invalid FriendlyName: 65 characters; the maximum is 64"),
        ({"friendly_name": ""}, "Missing required parameter FriendlyName"),
        ({"event_callback_url": "lab.example/events"}, "Invalid EventCallbackUrl"),
        ({"event_callback_url": "ftp://lab.example/"}, "Invalid EventCallbackUrl"),
        ({"prioritize_queue_order": "RANDOM"}, "Invalid PrioritizeQueueOrder: 'RANDOM' is not one of FIFO, LIFO"),
        ({"template": "LIFO"}, "Invalid Template"),
    ],
)
def test_what_cannot_be_created(client: Client, fields: dict[str, str], words: str) -> None:
    """400 with the parameter's name; no Workspace is made."""
    with refused(400, 20001, words):
        client.taskrouter.v1.workspaces.create(**{"friendly_name": "A", **fields})
    assert client.taskrouter.v1.workspaces.list() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"friendly_name": ""}, "FriendlyName"),
        ({"multi_task_enabled": False}, "MultiTaskEnabled: .* cannot go back"),
        ({"default_activity_sid": "WA0"}, "Invalid DefaultActivitySid"),
        ({"timeout_activity_sid": ""}, "Invalid TimeoutActivitySid"),
    ],
)
def test_what_cannot_be_updated(centre: CallCentre, fields: dict[str, object], words: str) -> None:
    """400, and the Workspace is as it was."""
    before = vars(centre.workspace.fetch())
    with refused(400, 20001, words):
        centre.workspace.update(**fields)
    after = vars(centre.workspace.fetch())
    assert {k: v for k, v in after.items() if not k.startswith("_")} == {
        k: v for k, v in before.items() if not k.startswith("_")
    }
