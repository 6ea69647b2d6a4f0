"""The inbox at its comm: what stands on a card, what a click sends, and how a Reservation leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from live.workspace import ALICE, AVAILABLE, NOON, OFFLINE, FakeWorkspaceClient, Line, News, Worker, sid

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter import call_recorder
from labkit.widgets.inbox.panel import CARDS, SHOWN_AFTER_END_SECONDS, Inbox

GetLine = Callable[[Any], Line]
WT, WR = sid("WT", 1), sid("WR", 1)
CLICK = {"task": WT, "sid": WR}
CALL = {
    "method": "POST", "path": f"/v1/Workspaces/WS1/Tasks/{WT}/Reservations/{WR}",
    "form": {"ReservationStatus": "accepted", "WorkerActivitySid": None}, "status": 200, "milliseconds": 4.2,
    "error": None,
}  # fmt: skip


@pytest.fixture
def seconds() -> list[float]:
    """The clock by which cards leave; a test moves it."""
    return [0.0]


@pytest.fixture
def inbox(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine, seconds: list[float]
) -> Iterator[Inbox]:
    """An inbox with nothing in it."""
    inbox = Inbox(live, client=desk, jobs=jobs, elapsed=lambda: seconds[0])
    yield inbox
    inbox.close()


@pytest.fixture
def reserved(inbox: Inbox, news: News) -> Line:
    """The inbox's line once there is a Reservation of Alice, pending."""
    news.reservation("reservation.created", WR)
    inbox.comm.wait_for(lambda state: state["cards"])
    line: Line = inbox.comm
    return line


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("reservation.timeout", "Timed out"),
        ("reservation.canceled", "Canceled"),
        ("reservation.rescinded", "Rescinded"),
        ("reservation.rejected", "Rejected"),
    ],
)
def test_what_has_ended_says_why_and_leaves_after_a_while(
    inbox: Inbox, reserved: Line, news: News, seconds: list[float], ending: str, words: str
) -> None:
    """It stays for some seconds of real time, whatever TaskRouter's clock does meanwhile."""
    news.reservation(ending, WR)
    state = reserved.wait_for(lambda state: state["cards"] and state["cards"][0]["over"])
    assert state["cards"][0]["why"].startswith(words)
    seconds[0] = SHOWN_AFTER_END_SECONDS - 0.1
    inbox.refresh()
    assert len(inbox.state["cards"]) == 1
    seconds[0] = SHOWN_AFTER_END_SECONDS
    inbox.refresh()
    assert inbox.state["cards"] == []


def test_what_had_ended_before_is_not_news(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, news: News, heard: Any, line: GetLine
) -> None:
    """An inbox that is made late shows what is open, not what is over."""
    news.reservation("reservation.timeout", WR)
    news.reservation("reservation.created", sid("WR", 2))
    heard(lambda: len(live.reservations) == 2)
    inbox = Inbox(live, client=desk, jobs=jobs)
    assert [card["sid"] for card in inbox.state["cards"]] == [sid("WR", 2)]
    inbox.close()


def test_a_rejection_may_move_the_worker(reserved: Line, desk: FakeWorkspaceClient, live: LiveWorkspace) -> None:
    """The Activity goes along in the same call, and the Worker is seen in it at once."""
    live.note_activity(ALICE, AVAILABLE.sid)
    answer = reserved.click("reject", **CLICK, activity=OFFLINE.sid)
    assert answer["text"] == "Rejected; the Worker is now Offline."
    assert ("reject", WT, WR, OFFLINE.sid) in desk.calls
    assert live.worker(ALICE).activity_name == "Offline"  # type: ignore[union-attr]


def test_a_card_has_the_name_that_the_worker_has_now(reserved: Line, live: LiveWorkspace) -> None:
    """Alice got another name after she was reserved, and TaskRouter's Reservation has that name too."""
    [alice] = [worker for worker in live.workers if worker.sid == ALICE]
    live.learn_worker(Worker(ALICE, "Alicia", alice.activity_name, alice.activity_sid, False, {}, NOON))
    reserved.wait_for(lambda state: [card["worker"] for card in state["cards"]] == ["Alicia"])


def test_an_activity_that_is_gone_rejects_nothing(reserved: Line, desk: FakeWorkspaceClient) -> None:
    """A menu may be older than the Workspace: the Reservation is not rejected into nowhere."""
    assert not reserved.click("reject", **CLICK, activity=sid("WA", 99))["ok"]
    assert not [call for call in desk.calls if call[0] == "reject"]


@pytest.mark.parametrize("error", [None, TaskRouterError("Gone.", status=410)])
def test_the_card_shows_the_call_that_was_made(
    reserved: Line, desk: FakeWorkspaceClient, error: TaskRouterError | None
) -> None:
    """Method, path, form, status and milliseconds; of a refused call, too."""
    status = error.status if error else 200
    desk.on_call = lambda name: call_recorder.notify({**CALL, "status": status}) if name == "accept" else None
    desk.error = error
    assert reserved.click("accept", **CLICK)["ok"] is (error is None)
    state = reserved.wait_for(lambda state: state["cards"] and state["cards"][0]["call"])
    expected = {"method": "POST", "path": CALL["path"], "status": status, "milliseconds": 4.2}
    assert state["cards"][0]["call"] == {**expected, "form": [["ReservationStatus", "accepted"]]}


def test_an_empty_inbox_knows_what_is_missing(inbox: Inbox, news: News, line: GetLine) -> None:
    """How many Tasks wait and how many Workers could take one: Bob is available."""
    assert (inbox.state["waiting"], inbox.state["available"]) == (0, 1)
    news.task("task.created", WT, "pending")
    state = line(inbox).wait_for(lambda state: state.get("waiting"))
    assert (state["waiting"], state["available"]) == (1, 1)


def test_an_inbox_that_will_be_empty_knows_it_too(inbox: Inbox, news: News, line: GetLine) -> None:
    """The page lets an ended card go by itself, and nothing is sent then: the Task waits again, which is said."""
    news.reservation("reservation.created", WR)
    line(inbox).wait_for(lambda state: state["cards"] and "waiting" not in state)
    news.reservation("reservation.timeout", WR)
    state = line(inbox).wait_for(lambda state: state["cards"] and state["cards"][0]["over"])
    assert (state["waiting"], state["available"]) == (1, 1)


def test_hundreds_are_kept_and_the_rest_is_counted(inbox: Inbox, news: News, line: GetLine) -> None:
    """The oldest are shown, in order; a card that did not change is not drawn anew."""
    for number in range(CARDS + 3):
        news.reservation("reservation.created", sid("WR", number), task=sid("WT", number))
    state = line(inbox).wait_for(lambda state: state["more"] == 3 and all(card["deadline"] for card in state["cards"]))
    assert [card["sid"] for card in state["cards"]] == [sid("WR", number) for number in range(CARDS)]
    before = {card["sid"]: card for card in inbox.state["cards"]}
    line(inbox).click("accept", task=sid("WT", 7), sid=sid("WR", 7))
    line(inbox).wait_for(lambda state: len(state["cards"]) == CARDS and state["cards"][7]["status"] == "accepted")
    changed = [card["sid"] for card in inbox.state["cards"] if card is not before[card["sid"]]]
    assert changed == [sid("WR", 7)]


def test_news_that_draws_nothing_new_is_not_sent(inbox: Inbox, reserved: Line, live: LiveWorkspace) -> None:
    """One event is told under several topics; each panel is sent once."""
    before = len(reserved.states)
    inbox._on_change("reservations")
    inbox._on_change("workers")
    inbox._on_change("tasks")
    assert len(reserved.states) == before


def hand_over(news: News, **fields: str) -> None:
    """Alice has Task 1, and hands it over to Bob."""
    news.reservation("reservation.accepted", WR)
    news.transfer("task.transfer-initiated", "reserved", **fields)
    news.handed("reservation.created", "reserved")


def handed(state: dict[str, Any]) -> list[str]:
    return [card["handed"] for card in state["cards"]]


def test_a_card_says_from_whom_the_task_comes(inbox: Inbox, reserved: Line, news: News) -> None:
    """And the other's to whom it goes, as long as that is under way and afterwards."""
    hand_over(news)
    reserved.wait_for(lambda state: handed(state) == ["Handing over to Bob (warm)", "Handed over by Alice (warm)"])
    news.handed("reservation.accepted", "assigned")
    news.transfer("task.transfer-completed", "assigned")
    reserved.wait_for(lambda state: handed(state) == ["Handed over to Bob (warm)", "Handed over by Alice (warm)"])


@pytest.mark.parametrize(
    ("fields", "ending", "why"),
    [
        ({}, "rejected", "Rejected. The Task stays with the Worker who has it."),
        ({}, "canceled", "Canceled: the Task was taken back, or has ended."),
        ({"TransferTo": sid("WQ", 1)}, "rejected", "Rejected. TaskRouter looks for the next Worker."),
    ],
)
def test_why_a_task_was_not_taken_over(
    reserved: Line, news: News, fields: dict[str, str], ending: str, why: str
) -> None:
    """It goes on with the Worker who has it, or in the TaskQueue."""
    hand_over(news, **fields)
    news.handed(f"reservation.{ending}", "reserved")
    reserved.wait_for(lambda state: [card["why"] for card in state["cards"]] == ["", why])


def test_who_is_done_with_a_shared_task_completes_a_reservation(
    reserved: Line, news: News, desk: FakeWorkspaceClient
) -> None:
    """The other Worker goes on: to complete the Task would end both."""
    hand_over(news)
    reserved.wait_for(lambda state: len(state["cards"]) == 2 and state["cards"][0]["shared"])
    reserved.click("complete", **CLICK)
    assert desk.calls[-1] == ("complete_reservation", WT, WR)
