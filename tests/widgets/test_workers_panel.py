"""The Worker board at its comm: rows, capacities that are read when they are seen, and Workers that are changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from live.workspace import ALICE, AVAILABLE, BOB, NOON, FakeWorkspaceClient, Line, News, Worker, WorkerChannel, sid

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter import call_recorder
from labkit.widgets.workers.panel import MAX_CAPACITY, WORKERS, WorkerBoard
from labkit.widgets.workers.worker_rows import chips, skills

GetLine = Callable[[Any], Line]
WT, WR = sid("WT", 1), sid("WR", 1)
VOICE = WorkerChannel(sid("WC", 2), "voice", 1)


@pytest.fixture
def board(live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine) -> Iterator[WorkerBoard]:
    """A board with Alice, who is Offline, and Bob, who is Available."""
    desk.channels[ALICE] = [WorkerChannel(sid("WC", 1), "default", 3), VOICE]
    board = WorkerBoard(live, client=desk, jobs=jobs)
    yield board
    board.close()


@pytest.fixture
def seen(board: WorkerBoard) -> Line:
    """The board's line once the browser has asked for Alice's capacities."""
    line: Line = board.comm
    assert line.click("channels", workers=[ALICE])["ok"]
    line.wait_for(lambda state: state["workers"][0]["channels"])
    return line


def alice_of(state: dict[str, Any]) -> dict[str, Any]:
    return next(worker for worker in state["workers"] if worker["sid"] == ALICE)


def places(state: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(c["name"], c["assigned"], c["reserved"], c["capacity"]) for c in alice_of(state)["channels"] or []]


def test_rows_say_who_is_available_and_busy_with_what(board: WorkerBoard, news: News, line: GetLine) -> None:
    """The Activity's name alone does not say whether a Worker takes Tasks; the board does."""
    assert [(w["name"], w["available"]) for w in board.state["workers"]] == [("Alice", False), ("Bob", True)]
    news.reservation("reservation.created", WR)
    state = line(board).wait_for(lambda state: state["workers"][0]["tasks"])
    [task] = state["workers"][0]["tasks"]
    assert task == {"sid": WT, "status": "pending", "channel": "", "hint": "selected_language: es"}
    assert [activity["name"] for activity in state["activities"]] == ["Offline", "Available"]
    assert state["available"] == 1


def test_an_activity_is_switched(board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """The switch goes by REST, shows at once, and takes only Activities that exist."""
    assert line(board).click("set_activity", worker=ALICE, activity=AVAILABLE.sid)["text"] == "Now Available."
    assert ("set_activity", ALICE, AVAILABLE.sid) in desk.calls
    line(board).wait_for(lambda state: state["workers"][0]["available"])
    assert not line(board).click("set_activity", worker=ALICE, activity="WA unknown")["ok"]


def test_capacities_are_read_once_and_only_for_rows_that_are_seen(seen: Line, desk: FakeWorkspaceClient) -> None:
    """A real account counts requests: nobody looks at Bob, and Alice is not read twice."""
    seen.click("channels", workers=[ALICE, "WK nobody", 5])
    assert [call for call in desk.calls if call[0] == "worker_channels"] == [("worker_channels", ALICE)]
    assert seen.states[-1]["workers"][1]["channels"] is None


def test_reservations_take_places_on_their_channel(seen: Line, news: News) -> None:
    """Pending ones are reserved places, accepted ones assigned, then wrapping ones; an ended one frees its place."""
    assert places(seen.states[-1]) == [("default", 0, 0, 3), ("voice", 0, 0, 1)]
    for number in (1, 2):
        where = {"task": sid("WT", number), "TaskChannelUniqueName": "default"}
        news.reservation("reservation.created", sid("WR", number), **where)
    news.reservation("reservation.accepted", WR, TaskChannelUniqueName="default")
    seen.wait_for(lambda state: places(state) == [("default", 1, 1, 3), ("voice", 0, 0, 1)])
    news.reservation("reservation.wrapup", WR, TaskChannelUniqueName="default")
    wrapping = seen.wait_for(lambda state: places(state) == [("default", 0, 1, 3), ("voice", 0, 0, 1)])
    assert alice_of(wrapping)["channels"][0]["wrapping"] == 1
    news.reservation("reservation.timeout", sid("WR", 2), task=sid("WT", 2))
    seen.wait_for(lambda state: places(state) == [("default", 0, 0, 3), ("voice", 0, 0, 1)])


def test_a_capacity_is_changed_and_shown(seen: Line, desk: FakeWorkspaceClient) -> None:
    """By REST, and on the board without waiting for the event."""
    assert seen.click("set_capacity", worker=ALICE, channel="voice", capacity=2)["text"] == "voice takes 2 at once now."
    assert ("set_capacity", ALICE, "voice", 2) in desk.calls
    seen.wait_for(lambda state: ("voice", 0, 0, 2) in places(state))


@pytest.mark.parametrize("capacity", [-1, MAX_CAPACITY + 1, "2", None, 1.5])
def test_what_is_no_capacity_is_not_sent(seen: Line, desk: FakeWorkspaceClient, capacity: Any) -> None:
    """The browser's word is checked here."""
    assert not seen.click("set_capacity", worker=ALICE, channel="voice", capacity=capacity)["ok"]
    assert not [call for call in desk.calls if call[0] == "set_capacity"]


def test_a_capacity_that_somebody_else_changes_is_heard(seen: Line, news: News) -> None:
    """`worker.capacity.update` says what it is now, on which channel."""
    changed = {"WorkerSid": ALICE, "TaskChannelUniqueName": "voice", "WorkerChannelAvailable": "true"}
    news.event("worker.capacity.update", **changed, WorkerChannelCapacity="5")
    seen.wait_for(lambda state: ("voice", 0, 0, 5) in places(state))


@pytest.mark.parametrize("event", ["worker.capacity.update", "task-channel.created"])
def test_what_an_event_does_not_tell_is_read_again(
    seen: Line, live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Any, event: str
) -> None:
    """A capacity without its number, or a new TaskChannel, of which every Worker has one."""
    news.event(event, WorkerSid=ALICE, TaskChannelUniqueName="voice")
    heard(lambda: live.channels(ALICE) is None)
    desk.channels[ALICE] = [replace(VOICE, configured_capacity=9)]
    seen.click("channels", workers=[ALICE])
    seen.wait_for(lambda state: places(state) == [("voice", 0, 0, 9)])


def test_a_capacity_that_changes_while_it_is_read_is_read_again(
    board: WorkerBoard, live: LiveWorkspace, desk: FakeWorkspaceClient, news: News, heard: Any
) -> None:
    """What was on its way is older than what the event says."""
    fields = {"TaskChannelUniqueName": "voice", "WorkerChannelCapacity": "7", "WorkerChannelAvailable": "true"}

    def meanwhile(name: str) -> None:
        if name == "worker_channels":
            news.event("worker.capacity.update", WorkerSid=ALICE, WorkerName="Alicia", **fields)
            heard(lambda: live.worker(ALICE).name == "Alicia")  # type: ignore[union-attr]

    desk.on_call = meanwhile
    live.read_channels(ALICE)
    assert live.channels(ALICE) is None
    desk.on_call = lambda _name: None
    live.read_channels(ALICE)
    assert live.channels(ALICE)


def test_a_capacity_that_cannot_be_read_is_said(board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """TaskRouter's sentence comes back; the row says it."""
    desk.error = TaskRouterError("TaskRouter did not answer.")
    answer = line(board).click("channels", workers=[ALICE])
    assert (answer["ok"], answer["text"]) == (False, "TaskRouter did not answer.")


def test_a_worker_is_added(board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """Name, attributes and Activity go by REST; the row is there at once."""
    form = {"name": " Carol ", "attributes": '{"languages": ["fr"]}', "activity": AVAILABLE.sid}
    answer = line(board).click("create", **form)
    assert (answer["ok"], answer["text"]) == (True, "Created Carol.")
    assert ("create_worker", "Carol", {"languages": ["fr"]}, AVAILABLE.sid) in desk.calls
    state = line(board).wait_for(lambda state: len(state["workers"]) == 3)
    assert [(w["name"], w["available"]) for w in state["workers"]][2] == ("Carol", True)


def test_a_worker_is_changed_and_only_what_differs_is_sent(
    board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """A form that was only looked at sends nothing; a new name leaves the attributes alone."""
    text = line(board).click("attributes", worker=ALICE)["attributes"]
    assert json.loads(text) == {"languages": ["en", "es"]}
    assert "Nothing" in line(board).click("update", worker=ALICE, name="Alice", attributes=text)["text"]
    assert line(board).click("update", worker=ALICE, name="Alicia", attributes=text)["ok"]
    assert [call for call in desk.calls if call[0] == "update_worker"] == [("update_worker", ALICE, "Alicia", None)]
    line(board).wait_for(lambda state: state["workers"][0]["name"] == "Alicia")
    line(board).click("update", worker=ALICE, name="Alicia", attributes="{}")
    line(board).wait_for(lambda state: state["workers"][0]["chips"] == [])


@pytest.mark.parametrize(("action", "more"), [("create", {}), ("update", {"worker": ALICE})])
def test_broken_attributes_are_placed_and_not_sent(
    board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine, action: str, more: dict[str, str]
) -> None:
    """The form says where while one types, and a form that is sent all the same sends nothing."""
    broken = {"attributes": '{"a": }'}
    assert line(board).click("check", **broken)["problem"]["line"] == 1
    assert not line(board).click(action, name="Carol", **broken, **more)["ok"]
    assert not [call for call in desk.calls if call[0] in ("create_worker", "update_worker")]
    assert line(board).click("check", attributes="{}")["problem"] is None


def test_a_worker_is_deleted(board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """The row leaves; a Worker that is gone has nothing to be edited."""
    assert line(board).click("delete", worker=BOB)["text"] == "Deleted Bob."
    state = line(board).wait_for(lambda state: len(state["workers"]) == 1)
    assert state["workers"][0]["name"] == "Alice"
    for action in ("attributes", "update"):
        assert not line(board).click(action, worker=BOB, name="Bob", attributes="{}")["ok"]


def test_a_deleted_worker_is_not_brought_back_by_an_older_list(live: LiveWorkspace, desk: FakeWorkspaceClient) -> None:
    """A reading that was on its way when the Worker was deleted, or added, is older than that."""
    carol = replace(desk.everyone[ALICE], sid=sid("WK", 9), name="Carol")

    def meanwhile(name: str) -> None:
        if name == "open_reservations":  # the list of Workers has just been read
            live.worker_deleted(BOB)
            live.learn_worker(carol)

    desk.on_call = meanwhile
    live.reconcile()
    assert [worker.name for worker in live.workers] == ["Alice", "Carol"]


def test_what_taskrouter_refuses_is_its_sentence_with_the_call(
    board: WorkerBoard, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """The sentence goes to the row that was clicked; the call stands at the foot of the board."""
    call = {"method": "DELETE", "path": f"/v1/Workspaces/WS1/Workers/{BOB}", "form": {}, "status": 400}
    desk.on_call = lambda name: call_recorder.notify({**call, "milliseconds": 3.0, "error": "in use"})
    desk.error = TaskRouterError("Worker Bob holds a Reservation.")
    answer = line(board).click("delete", worker=BOB)
    assert (answer["ok"], answer["text"]) == (False, "Worker Bob holds a Reservation.")
    state = line(board).wait_for(lambda state: state["call"])
    assert (state["call"]["method"], state["call"]["status"], state["call"]["form"]) == ("DELETE", 400, [])
    assert len(state["workers"]) == 2


def test_hundreds_are_listed_and_the_rest_is_counted(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine
) -> None:
    """All are counted as available or not, and a row that did not change is not drawn anew."""
    for number in range(10, WORKERS + 15):
        made = sid("WK", number)
        desk.everyone[made] = Worker(made, f"W{number:04}", "Available", AVAILABLE.sid, True, {}, NOON)
    live.reconcile()
    board = WorkerBoard(live, client=desk, jobs=jobs)
    assert (len(board.state["workers"]), board.state["more"], board.state["available"]) == (WORKERS, 7, WORKERS + 6)
    before = {row["sid"]: row for row in board.state["workers"]}
    line(board).click("set_activity", worker=ALICE, activity=AVAILABLE.sid)
    line(board).wait_for(lambda state: state["workers"][0]["available"])
    assert [row["sid"] for row in board.state["workers"] if row is not before[row["sid"]]] == [ALICE]
    board.close()


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"routing": {"skills": ["a", "b"], "levels": {"a": 3}}}, [["a", "3"], ["b", ""]]),
        ({"routing": {"skills": "a"}}, []),
        ({"routing": ["a"]}, []),
        ({"routing": {"skills": ["a", 5, None], "levels": [1]}}, [["a", ""]]),
        ({}, []),
    ],
)
def test_skills_are_read_as_flex_writes_them(attributes: dict[str, Any], expected: list[list[str]]) -> None:
    """Anything else in their place is not a skill, and does no harm."""
    assert skills(attributes) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"languages": ["en", "es"], "routing": {"skills": ["a"]}}, [["languages", "en, es"]]),
        ({"routing": {"skills": ["a"], "region": "eu"}}, [["routing", '{"region": "eu"}']]),
        ({"routing": {"skills": "a"}}, [["routing", '{"skills": "a"}']]),
        ({"list": [], "deep": [[1]], "x": "<b>"}, [["list", "[]"], ["deep", "[[1]]"], ["x", "<b>"]]),
        ({"long": "y" * 500}, [["long", "y" * 79 + "…"]]),
    ],
)
def test_chips_are_the_other_attributes(attributes: dict[str, Any], expected: list[list[str]]) -> None:
    """A list of words without its brackets; text as it stands, cut where it is long."""
    assert chips(attributes) == expected
