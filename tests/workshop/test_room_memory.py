"""What a room makes in an account of Twilio's is in its folder's memory, so that it can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from room_on_account import AccountForRoom, room_on_account
from room_service import running_room
from sandbox.local import ACCOUNT

from labkit.account.memory import FILE_NAME, AccountMemory
from labkit.account.remembered import RememberedWorkspace
from workshop.room.workspace import NAME, look_for

PUBLIC = "https://lab.example.org/services/room"


def remembered(folder: Path) -> RememberedWorkspace:
    """What the room in this folder remembers."""
    return AccountMemory(folder, account_sid=ACCOUNT).workspace(NAME)


def test_a_workspace_of_its_own_is_remembered_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes with all that is in it, so who joined is not written down."""
    with room_on_account(tmp_path, monkeypatch) as room:
        joined = room.join(room.token("ana"))

    [made] = remembered(tmp_path).made
    assert (made.kind, made.name, made.sid) == ("Workspace", NAME, joined["workspace_sid"])


def test_in_a_workspace_that_was_there_each_thing_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also its Workers, and whom TaskRouter told of Events before."""

    def there_before(account: AccountForRoom) -> None:
        account.changes["public_url"] = PUBLIC
        account.sandbox.client().taskrouter.v1.workspaces.create(
            friendly_name=NAME, event_callback_url="https://somebody.example.org/events", events_filter="task.created"
        )

    with room_on_account(tmp_path, monkeypatch, prepare=there_before) as room:
        joined = room.join(room.token("ana"))
        found = room.sandbox.client().taskrouter.v1.workspaces(joined["workspace_sid"]).fetch()

    known = remembered(tmp_path)
    made = {(each.kind, each.name): each.sid for each in known.made}
    assert ("Workspace", NAME) not in made
    assert made["Worker", "ana"] == joined["worker_sid"]
    assert made["Workflow", "Incoming Customer Care Requests"] == joined["workflow_sid"]
    assert ("TaskQueue", "Everyone") in made
    assert found.event_callback_url == f"{PUBLIC}/events"
    assert {each.field: each.before for each in known.changed} == {
        "event_callback_url": "https://somebody.example.org/events",
        "events_filter": "task.created",
    }


def test_what_cannot_be_written_down_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that somebody has damaged."""
    (tmp_path / FILE_NAME).write_text("{", encoding="utf-8")
    with room_on_account(tmp_path, monkeypatch) as room:
        answer = room.ask("POST", "join", room.token("ana"))

        assert answer.status_code >= 400
        assert f"{FILE_NAME} is damaged" in answer.text
        assert room.sandbox.client().taskrouter.v1.workspaces.list() == []


def test_a_sandbox_is_the_rooms_own(tmp_path: Path) -> None:
    """Nothing is to be taken back there."""
    with running_room(tmp_path) as room:
        room.join(room.token("ana"))

    assert not (tmp_path / FILE_NAME).exists()


def test_what_is_said_to_be_missing_is_what_is_made(tmp_path: Path) -> None:
    """Before, all of it; afterwards nothing."""
    with running_room(tmp_path) as room:
        client = room.sandbox.client()
        client.taskrouter.v1.workspaces.create(friendly_name="Another")
        before = look_for(client, name="Another")
        assert [each.part.name for each in look_for(client, name="Nowhere").changes.changes] == [
            each.part.name for each in before.changes.changes
        ]
        room.join(room.token("ana"))
        assert look_for(client).changes.changes == ()
        assert look_for(client).sid is not None
