"""The same room on an account of Twilio's: its host names, over TLS, and no member's credential that would help."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from room_on_account import room_on_account
from room_service import RunningRoom
from sandbox.local import TOKEN

from labkit.room.client import RoomClient
from labkit.settings import Secret


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningRoom]:
    """A room whose account cannot reach it: it reads the log."""
    with room_on_account(tmp_path, monkeypatch) as running:
        yield running


def test_a_task_goes_its_way_on_an_account(room: RunningRoom) -> None:
    """From a caller to the stream of whoever is asked, to its acceptance; what is another's is shown to nobody."""
    teacher, ana, bob = room.token("teacher", instructor=True), room.token("ana"), room.token("bob")
    joined, his = room.join(ana), room.join(bob)
    room.join(teacher)
    assert joined["kind"] == "twilio"
    here = f"v1/Workspaces/{joined['workspace_sid']}"
    workspace = room.client(ana).taskrouter.v1.workspaces(joined["workspace_sid"])
    with closing(RoomClient(room.url, Secret(ana)).stream("stream")) as stream:
        made = (
            room.client(teacher)
            .taskrouter.v1.workspaces(joined["workspace_sid"])
            .tasks.create(
                attributes=json.dumps({"selected_language": "en", "race": False}), workflow_sid=joined["workflow_sid"]
            )
        )
        told = next(
            line["event"] for line in stream if line and line.get("event", {}).get("EventType") == "reservation.created"
        )
        stream.release()
    assert told["TaskSid"] == made.sid
    asked = ana if told["WorkerSid"] == joined["worker_sid"] else bob
    assert asked == ana

    workspace.workers(joined["worker_sid"]).reservations(told["ReservationSid"]).update(reservation_status="accepted")

    assert [each.sid for each in workspace.tasks.list()] == [made.sid]
    his_tasks = room.ask("GET", f"{here}/Tasks", bob).json()
    assert (his_tasks["tasks"], his["worker_sid"] in json.dumps(his_tasks)) == ([], False)
    assert room.ask("GET", f"{here}/Tasks/{made.sid}", bob).status_code == 404
    assert made.sid not in room.ask("GET", f"{here}/Events", bob).text
    assert TOKEN not in room.ask("GET", here, ana).text


def test_nobody_is_shown_whom_taskrouter_calls(room: RunningRoom) -> None:
    """A password may stand in such an address."""
    teacher, ana = room.token("teacher", instructor=True), room.token("ana")
    joined = room.join(ana)
    room.join(teacher)
    of_teacher = room.client(teacher).taskrouter.v1.workspaces(joined["workspace_sid"])
    of_teacher.update(event_callback_url="http://me:secret@127.0.0.1:9/")

    for path in ("", "/Workflows"):
        answer = room.ask("GET", f"v1/Workspaces/{joined['workspace_sid']}{path}", ana)
        assert answer.status_code == 200
        assert "secret" not in answer.text


def test_an_account_has_no_sandbox_and_no_bridge_here(room: RunningRoom) -> None:
    """A page speaks to Twilio's own bridge, with a token that the account's API key has signed."""
    teacher, ana = room.token("teacher", instructor=True), room.token("ana")
    room.join(ana)

    assert room.ask("GET", "_sandbox/pulse", teacher).status_code == 404
    assert room.ask("POST", "bridge/v1/wschannels", json={}).status_code == 404
    assert room.ask("POST", "worker-token", ana).json()["token"].count(".") == 2
