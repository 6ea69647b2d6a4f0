"""TaskRouter's REST by way of the room: as the Worker that one is, and nothing of anybody else's."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from room_service import RunningRoom, running_room
from twilio.base.exceptions import TwilioRestException

from labkit.errors import LabError
from labkit.sandbox.process import Address
from workshop.room.bridge_proxy import PATH


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path) as running:
        yield running


class Somebody:
    """Who has joined, and asks by the official SDK."""

    def __init__(self, room: RunningRoom, name: str, *, instructor: bool = False) -> None:
        self.token = room.token(name, instructor=instructor)
        self.joined = room.join(self.token)
        self.worker_sid = self.joined["worker_sid"]
        self.workspace: Any = room.client(self.token).taskrouter.v1.workspaces(self.joined["workspace_sid"])
        self.worker = self.workspace.workers(self.worker_sid)

    def calls_in(self, **attributes: Any) -> str:
        """A caller, let in by an instructor; the Task's SID."""
        made = self.workspace.tasks.create(attributes=json.dumps(attributes), workflow_sid=self.joined["workflow_sid"])
        return str(made.sid)


def test_the_official_sdk_signs_in_by_the_hubs_token(room: RunningRoom) -> None:
    """It knows Basic alone, and sends the token as the password."""
    token = room.token("ana")
    joined = room.join(token)

    found = room.client(token).taskrouter.v1.workspaces(joined["workspace_sid"]).fetch()

    assert found.friendly_name == "The room"


def test_a_service_that_was_started_again_knows_them(room: RunningRoom) -> None:
    """What it had in memory is found by name."""
    token = room.token("ana")
    before = room.join(token)
    room.look(room.state.membership.forget)

    worker = room.client(token).taskrouter.v1.workspaces(before["workspace_sid"]).workers(before["worker_sid"]).fetch()

    assert worker.friendly_name == "ana"
    assert room.join(token)["worker_sid"] == before["worker_sid"]


def test_a_caller_is_accepted_and_completed(room: RunningRoom) -> None:
    """The whole life of a Task, each step by who does it."""
    teacher, ana = Somebody(room, "teacher", instructor=True), Somebody(room, "ana")
    task_sid = teacher.calls_in(selected_language="en")

    [reservation] = ana.worker.reservations.list()
    ana.worker.reservations(reservation.sid).update(reservation_status="accepted")
    ana.workspace.tasks(task_sid).update(assignment_status="completed", reason="done")

    assert teacher.workspace.tasks(task_sid).fetch().assignment_status == "completed"


def test_several_are_asked_and_the_first_wins(room: RunningRoom) -> None:
    """The race: a Reservation each, and after one is accepted the others are over (410)."""
    teacher = Somebody(room, "teacher", instructor=True)
    people = [Somebody(room, name) for name in ("ana", "bob", "cleo")]
    teacher.calls_in(race=True)
    reservations = [person.worker.reservations.list()[0] for person in people]

    people[1].worker.reservations(reservations[1].sid).update(reservation_status="accepted")

    assert people[0].worker.reservations(reservations[0].sid).fetch().reservation_status == "rescinded"
    with pytest.raises(TwilioRestException) as late:
        people[2].worker.reservations(reservations[2].sid).update(reservation_status="accepted")
    assert late.value.status in (400, 410)


def refused(call: Any, **arguments: Any) -> tuple[int, int]:
    """Status and code of the answer to what is not allowed."""
    with pytest.raises(TwilioRestException) as caught:
        call(**arguments)
    return caught.value.status, caught.value.code


def test_what_is_anothers_is_not_there(room: RunningRoom) -> None:
    """A Worker, their Reservations, their Task: 404, as whatever does not exist."""
    teacher, ana, bob = Somebody(room, "teacher", instructor=True), Somebody(room, "ana"), Somebody(room, "bob")
    bob.worker.update(activity_sid=room.do(room.state.membership.workspace()).activities["Break"])
    task_sid = teacher.calls_in(selected_language="en")
    [reservation] = ana.worker.reservations.list()

    hers = bob.workspace.workers(ana.worker_sid)
    assert refused(hers.update, activity_sid="WA" + "0" * 32) == (404, 20404)
    assert refused(hers.reservations(reservation.sid).fetch) == (404, 20404)
    assert refused(hers.reservations(reservation.sid).update, reservation_status="accepted") == (404, 20404)
    assert refused(bob.workspace.tasks(task_sid).fetch) == (404, 20404)
    assert refused(bob.workspace.tasks(task_sid).update, assignment_status="completed") == (404, 20404)
    other_workspace = room.client(bob.token).taskrouter.v1.workspaces("WS" + "0" * 32)
    assert refused(other_workspace.fetch) == (404, 20404)


def test_what_is_the_instructors_is_refused(room: RunningRoom) -> None:
    """To make, change or delete anything of the Workspace's, and any address that TaskRouter would call."""
    ana = Somebody(room, "ana")
    workflow = ana.workspace.workflows(ana.joined["workflow_sid"])

    assert refused(ana.workspace.delete) == (403, 20403)
    assert refused(ana.workspace.update, event_callback_url="http://10.0.0.1/") == (403, 20403)
    assert refused(workflow.update, assignment_callback_url="http://169.254.169.254/") == (403, 20403)
    assert refused(ana.workspace.tasks.create, attributes="{}") == (403, 20403)
    assert refused(ana.workspace.workers.create, friendly_name="eve") == (403, 20403)
    assert refused(ana.worker.update, attributes='{"languages": ["es"]}') == (403, 20403)
    assert refused(ana.worker.delete) == (403, 20403)


def test_whoever_has_not_joined_is_no_worker(room: RunningRoom) -> None:
    """The table speaks of one's own Worker, and there is none."""
    workspace_sid = Somebody(room, "ana").joined["workspace_sid"]
    stranger = room.client(room.token("bob")).taskrouter.v1.workspaces(workspace_sid)

    assert refused(stranger.fetch) == (403, 20403)


@pytest.mark.parametrize(
    "path",
    [
        "v1/Workspaces/../../_sandbox/stop",
        "v1/%2e%2e/_sandbox/stop",
        "v1/..%2f_sandbox/stop",
        "v1//_sandbox/stop",
        "v1/Workspaces?x=1%00",
        "v1/Workspaces/WS%C3%A9",
        "v1/Workspaces;x",
        "v1/Workspaces/{ws}/Workers/{mine}%2f..%2f{hers}",
        "v1/Workspaces/{ws}/Workers/{hers}/",
        "v1/Workspaces/{ws}/workers/{hers}",
        "v1",
    ],
)
def test_a_path_that_could_be_read_in_two_ways_goes_nowhere(room: RunningRoom, path: str) -> None:
    """The instructor's too: what goes on is what was understood."""
    ana, bob = Somebody(room, "ana"), Somebody(room, "bob")
    before = room.sandbox.look(lambda: len(room.sandbox.uses))
    filled = path.format(ws=ana.joined["workspace_sid"], mine=ana.worker_sid, hers=bob.worker_sid)

    assert raw(room, "POST", filled, ana.token, "ActivitySid=WA1") in (400, 403, 404)
    assert raw(room, "GET", filled, ana.token) in (200, 400, 403, 404)
    assert room.sandbox.look(lambda: len(room.sandbox.uses)) == before
    assert not room.sandbox.look(room.sandbox.stop_asked.is_set)


def raw(room: RunningRoom, method: str, path: str, token: str, body: str = "") -> int:
    """The status of an answer to a path that is sent as it stands."""
    parts = urlsplit(room.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.putrequest(method, f"{parts.path}/{path}")
        connection.putheader("Authorization", f"token {token}")
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        return connection.getresponse().status
    finally:
        connection.close()


def test_nothing_of_the_askers_headers_goes_on(room: RunningRoom) -> None:
    """Neither another credential, nor a host, nor another method; and a cookie of the hub's least of all."""
    ana = Somebody(room, "ana")
    headers = {
        "X-HTTP-Method-Override": "DELETE",
        "X-Forwarded-Host": "evil.example",
        "Host": "evil.example",
        "Cookie": "jupyterhub-session-id=1",
        "Connection": "close, Authorization",
    }

    answer = room.ask("GET", f"v1/Workspaces/{ana.joined['workspace_sid']}", ana.token, headers=headers)

    assert answer.status_code == 200
    assert answer.json()["url"].startswith("https://taskrouter.twilio.com/v1/Workspaces/")
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"ActivitySid=WA1&Attributes={}", "application/x-www-form-urlencoded", 403),
        (b'{"ActivitySid": "WA1"}', "application/json", 400),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 400),
        (b"a=1&" * 500, "application/x-www-form-urlencoded", 400),
        (b"ActivitySid=%ff", "application/x-www-form-urlencoded", 400),
    ],
)
def test_a_body_that_is_not_plainly_a_form(room: RunningRoom, body: bytes, kind: str, status: int) -> None:
    """It is refused, and none of it goes on."""
    ana = Somebody(room, "ana")
    path = f"v1/Workspaces/{ana.joined['workspace_sid']}/Workers/{ana.worker_sid}"

    answer = room.ask("POST", path, ana.token, data=body, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert ana.worker.fetch().activity_name == "Available"


def test_a_body_that_is_too_long_ends_the_connection(room: RunningRoom) -> None:
    """It is not read to its end; the room goes on."""
    ana = Somebody(room, "ana")
    path = f"v1/Workspaces/{ana.joined['workspace_sid']}/Workers/{ana.worker_sid}"

    with suppress(requests.RequestException):
        assert room.ask("POST", path, ana.token, data=b"x" * 300_000).status_code == 400
    assert ana.worker.fetch().activity_name == "Available"


def test_what_is_changed_is_not_said_in_the_address(room: RunningRoom) -> None:
    """Some servers read parameters from both places, and the table has looked at the body."""
    ana = Somebody(room, "ana")
    path = f"v1/Workspaces/{ana.joined['workspace_sid']}/Workers/{ana.worker_sid}?Attributes=%7B%7D"

    assert room.ask("POST", path, ana.token, data={"ActivitySid": "WA1"}).status_code == 403


def test_the_sandbox_has_moved(room: RunningRoom) -> None:
    """One that has ended is found again, or started, and the request that met the old address goes on."""
    ana = Somebody(room, "ana")
    right = room.state.upstream._address
    room.state.upstream._address = type(right)(
        url="http://127.0.0.1:9", account_sid=right.account_sid, auth_token=right.auth_token, pid=0
    )

    assert ana.worker.fetch().friendly_name == "ana"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "v1/Workspaces"), ("POST", "v1/Workspaces"), ("POST", PATH), ("GET", f"{PATH}?token=a.b.c")],
)
def test_a_sandbox_that_is_away_is_a_sentence(room: RunningRoom, method: str, path: str) -> None:
    """To whoever asks, and by whichever way; a change is not sent a second time."""
    right = room.state.upstream._address
    room.state.upstream._address = type(right)(
        url="http://127.0.0.1:9", account_sid=right.account_sid, auth_token=right.auth_token, pid=0
    )

    def find() -> Address:
        raise LabError("It cannot be started")

    room.state.upstream._find = find

    answer = room.ask(method, path, room.token("teacher", instructor=True))

    assert (answer.status_code, answer.json()["code"]) == (503, 20503)
    assert answer.json()["message"] == "The room's sandbox does not answer; try again in a moment"


def test_a_request_is_a_members_in_the_sandbox_too(room: RunningRoom) -> None:
    """So the sandbox would refuse what the room's own table let through by mistake."""
    ana = Somebody(room, "ana")
    credential = room.do(
        room.state.upstream.of_worker(workspace_sid=ana.joined["workspace_sid"], worker_sid=ana.worker_sid)
    )
    at_the_sandbox = room.sandbox.client(credential.sid, credential.secret.reveal()).taskrouter.v1
    workspace = at_the_sandbox.workspaces(ana.joined["workspace_sid"])

    assert workspace.workers(ana.worker_sid).fetch().friendly_name == "ana"
    assert refused(workspace.tasks.create, attributes="{}") == (403, 20403)


def test_whose_worker_was_deleted_joins_again(room: RunningRoom) -> None:
    """Until then there is a sentence, and afterwards another Worker."""
    teacher, ana = Somebody(room, "teacher", instructor=True), Somebody(room, "ana")
    teacher.workspace.workers(ana.worker_sid).delete()

    deadline = time.monotonic() + 20
    while "ana" in room.look(lambda: list(room.state.membership.members)):  # its Event comes in
        assert time.monotonic() < deadline
        time.sleep(0.01)
    answer = refused(ana.worker.fetch)
    again = room.join(ana.token)

    assert answer in ((403, 20403), (404, 20404))
    assert again["worker_sid"] != ana.worker_sid
    new = ana.workspace.workers(again["worker_sid"])
    assert new.fetch().friendly_name == "ana"
