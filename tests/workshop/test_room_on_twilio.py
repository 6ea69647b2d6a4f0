"""The same room on an account of Twilio's: its host names, over TLS, and no member's credential that would help."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from account.whole_account import URL as WORKSPACES
from room_on_account import AccountForRoom, room_on_account
from room_service import RunningRoom
from sandbox.local import TOKEN
from twilio.request_validator import RequestValidator

from labkit.callbacks.signature import HEADER
from labkit.room.client import RoomClient
from labkit.settings import Secret
from workshop.room.events_in import fields_of

PUBLIC = "https://lab.example.org/services/room"
EVENTS_URL = f"{PUBLIC}/events"


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


def test_an_event_comes_by_the_public_address_if_it_is_signed_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over TLS, through whatever leads there; the same signed for the service's own address is nobody's."""
    accounts: list[AccountForRoom] = []

    def reachable(account: AccountForRoom) -> None:
        accounts.append(account)
        account.changes["public_url"] = PUBLIC

    with room_on_account(tmp_path, monkeypatch, prepare=reachable) as room:
        accounts[0].stand_in.led["lab.example.org"] = room.state.settings.port
        ana, ben = room.token("ana"), room.token("ben")
        joined, _ = room.join(ana), room.join(ben)
        here = room.sandbox.client().taskrouter.v1.workspaces(joined["workspace_sid"])
        assert here.fetch().event_callback_url == EVENTS_URL
        event = an_event_of(room, joined["worker_sid"])
        with closing(RoomClient(room.url, Secret(ana)).stream("stream")) as stream:
            assert any("hello" in line for line in stream if line)
            for wrong in (signature(f"{room.url}/events", event), signature(EVENTS_URL, {**event, "Sid": "EV1"}), ""):
                assert requests.post(EVENTS_URL, event, headers={HEADER: wrong}, timeout=20).status_code == 403
            right = requests.post(EVENTS_URL, event, headers={HEADER: signature(EVENTS_URL, event)}, timeout=20)
            assert right.status_code == 204
            told = next(line["event"] for line in stream if line and line.get("event", {}).get("Sid") == event["Sid"])
            stream.release()
        assert told["WorkerSid"] == joined["worker_sid"]


def test_a_company_that_looks_into_tls_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the variable that Twilio's SDK goes by, which is not the one that Python's own connections go by."""

    def by_the_sdks_variable(_: AccountForRoom) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")

    with room_on_account(tmp_path, monkeypatch, prepare=by_the_sdks_variable) as room:
        ana = room.token("ana")
        joined = room.join(ana)
        assert room.ask("GET", f"v1/Workspaces/{joined['workspace_sid']}", ana).status_code == 200


def signature(url: str, form: dict[str, str]) -> str:
    """Twilio's own, by the official library."""
    return str(RequestValidator(TOKEN).compute_signature(url, form))


def an_event_of(room: RunningRoom, worker_sid: str) -> dict[str, str]:
    """The form of one that TaskRouter told of this Worker, by a SID of its own, so that no log tells it as well."""
    client = room.sandbox.client()
    answer = client.request("GET", f"{WORKSPACES}/{room.state.membership.known_workspace.sid}/Events")
    of_worker = [each for each in json.loads(answer.text)["events"] if each["resource_sid"] == worker_sid]
    return {**fields_of(of_worker[0]), "Sid": "EV" + "7" * 32}
