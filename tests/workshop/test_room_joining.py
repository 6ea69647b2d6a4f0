"""Joining the room: who the hub says somebody is, that Worker they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from room_service import RunningRoom, running_room
from sandbox.local import ACCOUNT


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path) as running:
        yield running


def test_whoever_joins_is_a_worker(room: RunningRoom) -> None:
    """And is told which, and where they are."""
    joined = room.join(room.token("ana"))

    worker = room.sandbox.client().taskrouter.v1.workspaces(joined["workspace_sid"]).workers(joined["worker_sid"])
    found = worker.fetch()
    assert (found.friendly_name, found.activity_name) == ("ana", "Available")
    assert json.loads(found.attributes) == {"languages": ["en"]}
    assert joined == {
        "kind": "sandbox",
        "account_sid": ACCOUNT,
        "workspace_sid": joined["workspace_sid"],
        "workspace_name": "The room",
        "workflow_sid": joined["workflow_sid"],
        "workflow_name": "Incoming Customer Care Requests",
        "worker_sid": joined["worker_sid"],
        "worker_name": "ana",
        "instructor": False,
    }


def test_joining_twice_is_joining_once(room: RunningRoom) -> None:
    """A kernel is started again, and is the same Worker; so is a second notebook of the same person."""
    first, token = room.join(room.token("ana")), room.token("ana")

    assert room.join(token) == first


def test_an_instructor_looks_on_at_first(room: RunningRoom) -> None:
    """Callers go to the participants, until the instructor goes on duty."""
    joined = room.join(room.token("teacher", instructor=True))

    worker = room.sandbox.client().taskrouter.v1.workspaces(joined["workspace_sid"]).workers(joined["worker_sid"])
    assert joined["instructor"] is True
    assert worker.fetch().activity_name == "Offline"


def test_many_at_once_share_one_workspace(room: RunningRoom) -> None:
    """A room joins in the same minute: one Workspace, and a Worker each; both languages are spoken."""
    tokens = [room.token(f"p{number}") for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        joined = list(pool.map(room.join, tokens))

    workspaces = room.sandbox.client().taskrouter.v1.workspaces
    workers = workspaces(joined[0]["workspace_sid"]).workers.list()
    assert len(workspaces.list()) == 1
    assert sorted(worker.friendly_name for worker in workers) == sorted(each["worker_name"] for each in joined)
    assert sum("es" in json.loads(worker.attributes)["languages"] for worker in workers) == 6


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ???", "token", "Digest abc", "token a, token b", "token " + "x" * 3000, "Basic 4pyT4pyT"],
)
def test_a_header_that_proves_nothing(room: RunningRoom, header: str) -> None:
    """It is a 401, whatever it is."""
    answer = room.ask("POST", "join", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_a_token_in_the_address_counts_for_nothing(room: RunningRoom) -> None:
    """Addresses stand in logs and in histories."""
    assert room.ask("POST", f"join?token={room.token('ana')}").status_code == 401


def test_a_service_of_the_hub_is_nobody(room: RunningRoom) -> None:
    """Only people are Workers."""
    token = room.hub.token("cull-idle", kind="service")

    assert room.ask("POST", "join", token).status_code == 403


def test_the_hub_does_not_answer(room: RunningRoom) -> None:
    """It is a sentence, and no failure of the room; and whoever was known goes on for a minute."""
    known = room.token("ana")
    room.join(known)
    room.hub.down = True

    assert room.ask("POST", "join", known).status_code == 200
    answer = room.ask("POST", "join", room.token("bob"))
    assert (answer.status_code, answer.json()["code"]) == (503, 20503)
    assert "hub does not answer" in answer.json()["message"]
