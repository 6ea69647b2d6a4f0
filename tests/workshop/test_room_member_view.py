"""A room whose account cannot tell members apart, as Twilio's cannot: what is another's is taken out of the answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from room_service import RunningRoom, address_of, running_room
from sandbox.local import LocalSandbox

from labkit.member_routes import Member, match
from workshop.room.member_view import MemberView
from workshop.room.refusals import NotReachable
from workshop.room.upstream import SandboxUpstream, UpstreamAnswer, UpstreamCredential

WORKSPACE, WORKER = f"WS{'1' * 32}", f"WK{'1' * 32}"


class OneCredential(SandboxUpstream):
    """An account that has nothing smaller than itself."""

    async def of_worker(self, *, workspace_sid: str, worker_sid: str) -> UpstreamCredential:
        """The account's own."""
        return self.own


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    def upstream(sandbox: LocalSandbox) -> OneCredential:
        return OneCredential(lambda: address_of(sandbox))

    with running_room(tmp_path, upstream=upstream) as running:
        yield running


class Person:
    """Who has joined, and their requests."""

    def __init__(self, room: RunningRoom, name: str, *, instructor: bool = False) -> None:
        self._room, self._token = room, room.token(name, instructor=instructor)
        self.joined = room.join(self._token)
        self.worker_sid = self.joined["worker_sid"]

    def get(self, path: str, *, status: int = 200) -> Any:
        """What stands below the Workspace."""
        answer = self._room.ask("GET", f"v1/Workspaces/{self.joined['workspace_sid']}{path}", self._token)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, **form: str) -> Any:
        """The answer to a change."""
        path = f"v1/Workspaces/{self.joined['workspace_sid']}{path}"
        answer = self._room.ask("POST", path, self._token, data=form)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture
def people(room: RunningRoom) -> tuple[Person, Person, Person]:
    """The instructor on a break, and Ana and Bob, each with a Task of their own."""
    teacher, ana, bob = Person(room, "teacher", instructor=True), Person(room, "ana"), Person(room, "bob")
    breaks = room.do(room.state.membership.workspace()).activities["Break"]
    for mine, other in ((ana, bob), (bob, ana)):
        teacher.post(f"/Workers/{teacher.worker_sid}", ActivitySid=breaks)
        teacher.post(f"/Workers/{other.worker_sid}", ActivitySid=breaks)
        teacher.post(f"/Workers/{mine.worker_sid}", ActivitySid=_available(teacher))
        teacher.post(
            "/Tasks", WorkflowSid=ana.joined["workflow_sid"], Attributes=json.dumps({"selected_language": "en"})
        )
    return teacher, ana, bob


def _available(person: Person) -> str:
    found = {each["friendly_name"]: each["sid"] for each in person.get("/Activities")["activities"]}
    return str(found["Available"])


def tasks_of(person: Person) -> list[str]:
    """Of the Worker's Reservations."""
    reservations = person.get(f"/Workers/{person.worker_sid}/Reservations")["reservations"]
    return [each["task_sid"] for each in reservations]


def test_lists_show_ones_own(people: tuple[Person, Person, Person]) -> None:
    """Of Tasks, Events and Reservations."""
    teacher, ana, bob = people
    assert len(teacher.get("/Tasks")["tasks"]) == 2
    for mine, other in ((ana, bob), (bob, ana)):
        [task] = tasks_of(mine)
        assert [each["sid"] for each in mine.get("/Tasks")["tasks"]] == [task]
        told = json.dumps(mine.get("/Events?PageSize=1000")["events"])
        assert task in told
        assert other.worker_sid not in told
        assert tasks_of(other)[0] not in told
        offered = mine.get(f"/Tasks/{task}/Reservations")["reservations"]
        assert {each["worker_sid"] for each in offered} == {mine.worker_sid}
        mine.get(f"/Tasks/{tasks_of(other)[0]}", status=404)


def test_whom_taskrouter_calls_is_not_shown(people: tuple[Person, Person, Person]) -> None:
    """In one record, in a list, and in the answer to a change."""
    teacher, ana, _ = people
    assert teacher.get("")["event_callback_url"]
    assert ana.get("")["event_callback_url"] is None
    assert [each["assignment_callback_url"] for each in ana.get("/Workflows")["workflows"]] == [None]
    assert ana.get(f"/Workers/{ana.worker_sid}")["friendly_name"] == "ana"
    assert len(ana.get("/Workers")["workers"]) == 3
    changed = ana.post(f"/Workers/{ana.worker_sid}", ActivitySid=_available(ana))
    assert changed["activity_name"] == "Available"


def test_a_list_cannot_be_made_to_tell_of_others(people: tuple[Person, Person, Person]) -> None:
    """Whether there is a next page would be an answer too."""
    teacher, ana, _ = people
    question = "/Tasks?PageSize=1&EvaluateTaskAttributes=selected_language%20%3D%3D%20%22en%22"
    assert ana.get(question, status=403)["code"] == 20403
    assert len(teacher.get(question)["tasks"]) == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"meta": {"key": "tasks"}}', b'{"meta": 1}', b"<html>", b'"text"']
)
def test_an_answer_that_cannot_be_read_is_not_passed_on(room: RunningRoom, body: bytes) -> None:
    """Nobody can tell what is in it."""
    found = match("GET", f"/v1/Workspaces/{WORKSPACE}/Tasks/WT{'1' * 32}/Reservations")
    assert found is not None
    answer = UpstreamAnswer(200, {}, body)
    view = MemberView(room.state.upstream)
    with pytest.raises(NotReachable):
        asyncio.run(view.of(answer, found, Member(workspace_sid=WORKSPACE, worker_sid=WORKER)))
