"""A lab in a room: one Worker of a contact centre that all share, by the room's real service and a real sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from room_service import RunningRoom, address_of, lab_of, owner, running_room
from sandbox.local import LocalSandbox

import labkit
from labkit.errors import LabError, RoomError, TaskRouterError
from labkit.lab import room_connection
from labkit.lab.lab import Lab
from labkit.live.views import ReservationView
from labkit.room.joining import join
from labkit.room.sharing_choice import SharingChoice
from labkit.settings import Settings
from labkit.stream import Kind
from labkit.vocabulary import ReservationStatus
from workshop.room.upstream import SandboxUpstream, UpstreamCredential

LIMIT = 20.0


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path / "room") as running:
        yield running


class AccountLike(SandboxUpstream):
    """As an account of Twilio's: it says that it is one, and has no credential that is smaller than itself."""

    kind = "twilio"

    async def of_worker(self, *, workspace_sid: str, worker_sid: str) -> UpstreamCredential:
        """The account's own."""
        return self.own


@pytest.fixture
def room_of_account(tmp_path: Path) -> Iterator[RunningRoom]:
    def upstream(sandbox: LocalSandbox) -> AccountLike:
        return AccountLike(lambda: address_of(sandbox))

    with running_room(tmp_path / "room", upstream=upstream) as running:
        yield running


def until(found: Callable[[], object], what: str) -> None:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + LIMIT
    while not found():
        assert time.monotonic() < end, f"it did not come to this: {what}"
        time.sleep(0.02)


def cards(lab: Lab) -> list[ReservationView]:
    """The Reservations that this lab shows."""
    return lab.live.reservations


def lines(lab: Lab) -> dict[str, str]:
    """What the status panel says, by the key of the line."""
    return {line["key"]: f"{line['light']}: {line['value']} {line['detail']}" for line in lab._status_lines()}


def test_whoever_starts_in_a_room_is_one_worker_of_it(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana:
        assert (ana.mode, ana.worker) == ("room", "ana")
        assert ana.taskrouter.worker(ana.worker).available
        said = lines(ana)
        assert "ana" in said["worker"]
        assert said["room"].startswith("green")
        assert ana.live.worker(ana._in_room.joined.worker_sid) is not None
    assert [line["value"] for line in ana._status_lines()] == ["stopped"]


def test_a_start_joins_once_and_a_second_one_once_more(room: RunningRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    joins: list[str] = []
    monkeypatch.setattr(room_connection, "join", lambda asked: joins.append(asked.url) or join(asked))
    with lab_of(room, "ana") as ana:
        assert joins == [room.url]
        ana._resume(yes=False)
        assert joins == [room.url] * 2


def test_a_caller_comes_to_the_card_of_whom_they_are_offered_and_to_nobody_elses(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "ben") as ben:
        ben.taskrouter.set_activity("ben", "Break")
        owner(room, ana).create_task({"language": "en"}, workflow=ana.workflow_sid)
        until(lambda: cards(ana), "a card at ana's")
        (card,) = cards(ana)
        ana.taskrouter.accept(card.task_sid, card.sid)
        until(lambda: cards(ana)[0].status == ReservationStatus.ACCEPTED, "it is accepted")
        ana.taskrouter.complete(card.task_sid)
        until(lambda: cards(ana)[0].is_over, "it is over")
        assert cards(ben) == []


def test_only_the_instructor_lets_callers_in(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "teacher", instructor=True) as teacher:
        with pytest.raises(TaskRouterError, match="instructor"):
            ana.create_task({"language": "en"})
        teacher.create_task({"language": "en"})
        until(lambda: cards(ana) and cards(teacher), "a card at both")
        assert lines(teacher)["worker"].count("instructor") == 1


def test_what_is_not_a_participants_is_refused_in_a_sentence(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "ben"):
        for act, said in (
            (lambda: ana.taskrouter.set_activity("ben", "Break"), "HTTP 404"),
            (lambda: ana.taskrouter.create_worker("eve"), "instructor"),
            (lambda: ana.clock.advance(60), "Only the instructor may"),
            (ana.reset, "Only the instructor may"),
            (ana.take_callbacks, "nobody's notebook"),
            (ana.set_up, "everybody's"),
            (ana.plan, "everybody's"),
            (ana.teardown, "not this lab's own"),
            (ana.check, "lab of your own"),
            (lambda: ana.agent_page("ben"), "you are ana"),
        ):
            with pytest.raises(LabError, match=said):
                act()
        assert not ana.stopped


def test_a_workspace_that_is_made_anew_is_followed(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana:
        before, board = ana.workspace_sid, ana.workers()
        room.state.upstream.client.taskrouter.v1.workspaces(before).delete()
        room.do(room.state.begin_again())
        until(lambda: ana.workspace_sid != before and ana.live.workers, "it works in the new one")
        assert ana.taskrouter.worker("ana").available
        until(lambda: board.state["own"] == ana.taskrouter.worker("ana").sid, "the panel shows who one is there")
        assert len(ana.taskrouter.worker_channels("ana")) > 1


def test_without_a_hub_or_a_room_there_is_a_sentence(room: RunningRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    with pytest.raises(RoomError, match="not started by a workshop's hub"):
        Lab(Settings.resolve({"LABKIT_ROOM_URL": room.url}, mode="room"))
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-nobody")
    with pytest.raises(RoomError, match="does not know who asks"):
        Lab(Settings.resolve({"LABKIT_ROOM_URL": room.url}, mode="room"))
    with pytest.raises(RoomError, match="address is '5'"):
        Lab(Settings.resolve({}, mode="room", room_url=5))


def test_of_those_who_are_asked_at_once_the_first_wins_and_the_others_cards_say_so(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "ben") as ben:
        inbox = ben.inbox()
        owner(room, ana).create_task({"race": True}, workflow=ana.workflow_sid)
        until(lambda: cards(ana) and cards(ben), "both are asked")
        (won,), (lost,) = cards(ana), cards(ben)
        ana.taskrouter.accept(won.task_sid, won.sid)
        with pytest.raises(TaskRouterError, match="accepted the Task first") as caught:
            ben.taskrouter.accept(lost.task_sid, lost.sid)
        assert caught.value.status == 410
        until(lambda: cards(ben)[0].status == ReservationStatus.RESCINDED, "ben's card is over")
        until(lambda: any(card["over"] for card in inbox.state["cards"]), "the panel shows it")
        assert inbox.state["cards"][0]["why"] == "Rescinded: another Worker accepted the Task first."


def test_what_the_instructor_says_stands_in_the_status_and_nowhere_as_html(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "teacher", instructor=True) as teacher:
        teacher._in_room.room.post("messages", {"text": "<b>Lunch</b> at one"})
        until(lambda: "<b>Lunch</b> at one" in lines(ana)["message"], "it stands in the status")
        assert "teacher" in lines(ana)["message"]
        until(lambda: ana.live.story, "it stands in the story")
        assert ana.live.story[-1].text == "teacher to all: <b>Lunch</b> at one"
        with pytest.raises(RoomError):
            ana._in_room.room.post("messages", {"text": "no"})


def test_what_happened_while_the_line_was_lost_is_heard_once(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana:
        room.look(lambda: [stream.end() for stream in room.state.streams])
        owner(room, ana).create_task({"selected_language": "en"}, workflow=ana.workflow_sid)
        until(lambda: cards(ana), "a card at ana's")
        until(lambda: ana._routing.pushed.is_open, "the line is open again")
        sids = [entry.data.sid for entry in ana.stream.entries(kind=Kind.EVENT)]
        assert len(sids) == len(set(sids))
        assert "tells what happens" in lines(ana)["room"]


def test_a_break_is_seen_by_the_others_at_once(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "ben") as ben:
        me = ben._in_room.joined.worker_sid
        until(lambda: ana.live.worker(me), "ana sees ben come in")
        ben.taskrouter.set_activity("ben", "Break")
        until(lambda: ana.live.worker(me).activity_name == "Break", "ana sees ben leave")


def test_of_other_workers_everything_is_shown_but_their_capacities(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, lab_of(room, "ben") as ben:
        assert {worker.name for worker in ana.taskrouter.workers()} == {"ana", "ben"}
        assert ana.taskrouter.worker_channels(ben.worker) == []
        assert len(ana.taskrouter.worker_channels(ana.worker)) > 1


def test_ones_own_page_speaks_to_the_room_with_a_token_that_the_room_made(room: RunningRoom) -> None:
    with lab_of(room, "ana") as ana, requests.Session() as browser:
        link = urlsplit(ana.agent_page().link())
        answer = browser.post(f"{link.scheme}://{link.netloc}/agent/token", json={"link": link.fragment}, timeout=LIMIT)
        signed_in = answer.json()
        assert signed_in["worker"]["name"] == "ana"
        assert signed_in["bridge"]["path_at_hub"] == "/services/room/bridge/v1/wschannels"
        asked = {"url": f"Workspaces/{ana.workspace_sid}/Activities", "method": "GET", "params": {}}
        told = browser.post(signed_in["bridge"]["url"], json={**asked, "token": signed_in["token"]}, timeout=LIMIT)
        assert told.status_code == 200
        assert "Break" in told.text
        assert signed_in["token"] not in repr(ana.worker_token()) + str(ana.worker_token())


def test_with_an_account_behind_the_room_nothing_differs_for_a_participant(room_of_account: RunningRoom) -> None:
    with lab_of(room_of_account, "ana") as ana, lab_of(room_of_account, "ben") as ben:
        owner(room_of_account, ana).create_task({"race": True}, workflow=ana.workflow_sid)
        until(lambda: cards(ana) and cards(ben), "both are asked")
        (won,), (lost,) = cards(ana), cards(ben)
        ana.taskrouter.accept(won.task_sid, won.sid)
        until(lambda: cards(ben)[0].status == ReservationStatus.RESCINDED, "ben's card is over")
        assert [each.worker_sid for each in ben.taskrouter.open_reservations()] == []
        with pytest.raises(TaskRouterError):
            ben.taskrouter.accept(lost.task_sid, lost.sid)
        ana.taskrouter.complete(won.task_sid)
        until(lambda: cards(ana)[0].is_over, "it is over")
        assert "Twilio" in lines(ana)["mode"]
        with pytest.raises(LabError, match="takes a sandbox"):
            ana.clock.advance(60)


def test_a_plan_of_a_room_is_refused(room: RunningRoom) -> None:
    with pytest.raises(LabError, match="makes nothing"):
        labkit.plan(mode="room", room_url=room.url)


def test_in_a_room_too_one_may_say_what_is_shared(
    room: RunningRoom, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The choice holds for the lessons, which are played in labs of one's own; the lab in the room reports nothing."""
    monkeypatch.setenv("LABKIT_ROOM_URL", room.url)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", room.token("ana"))
    labkit.start(mode="room", panel=False)
    assert str(labkit.share_progress(False)).startswith("Nothing more is sent. What was sent is deleted.")
    assert not SharingChoice.in_home(home).shares
