"""History, timeline and queues at their comm: what is asked of TaskRouter, and what goes to the browser."""

from __future__ import annotations

import base64
import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from live.past import LogClient, logged, remembering
from live.workspace import ALICE, AVAILABLE, NOON, WAIT_SECONDS, FakeWorkspaceClient, Line, News, Task, sid

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.history import History
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream, Kind
from labkit.widgets.queues.panel import Queues
from labkit.widgets.timeline.panel import Timeline

GetLine = Callable[[Any], Line]
WT, WR = sid("WT", 1), sid("WR", 1)


@pytest.fixture
def desk(desk: FakeWorkspaceClient) -> LogClient:
    """Alice and Bob, and an empty log."""
    return LogClient(everyone=desk.everyone)


@pytest.fixture
def past(stream: EventStream, desk: LogClient, live: LiveWorkspace) -> Iterator[tuple[History, Jobs]]:
    """A history that has read the log and listens, and its jobs."""
    with remembering(stream, client=desk, live=live) as past:
        yield past


@pytest.fixture
def history(past: tuple[History, Jobs]) -> History:
    """The history alone."""
    return past[0]


@pytest.fixture
def jobs(past: tuple[History, Jobs]) -> Jobs:
    """The history's jobs."""
    return past[1]


@pytest.fixture
def timeline(live: LiveWorkspace, history: History, line: GetLine) -> Iterator[Timeline]:
    """A timeline at its comm."""
    timeline = Timeline(live, history=history)
    yield timeline
    timeline.close()


@pytest.fixture
def queues(live: LiveWorkspace, history: History, desk: LogClient, jobs: Jobs, line: GetLine) -> Iterator[Queues]:
    """Queues that may ask again at once."""
    queues = Queues(live, history=history, client=desk, jobs=jobs, gap_seconds=0)
    yield queues
    queues.close()


def asked(desk: FakeWorkspaceClient, name: str) -> int:
    return sum(call[0] == name for call in desk.calls)


def lanes(timeline: Timeline, **given: Any) -> dict[str, Any]:
    return timeline.comm.click("lanes", **{"by": "tasks", "since": 0, "before": None, **given})


def drawn(timeline: Timeline, name: str, *, by: str = "tasks") -> dict[str, Any]:
    none: dict[str, Any] = {"marks": [], "stretches": [], "state": ""}
    return next((lane for lane in lanes(timeline, by=by)["lanes"] if lane["sid"] == name), none)


def test_what_happens_is_a_lane(timeline: Timeline, news: News) -> None:
    """The state says that there is news; the lane is asked for and has the Task's way in it."""
    news.task("task.created", WT, "pending")
    news.reservation("reservation.created", WR)
    news.reservation("reservation.accepted", WR)
    timeline.comm.wait_for(lambda state: state["tasks"] == 1 and len(drawn(timeline, WT)["marks"]) == 3)
    lane = drawn(timeline, WT)
    assert [stretch[0] for stretch in lane["stretches"]] == ["pending", "reserved", "assigned"]
    assert (lane["queue"], lane["state"], lane["stretches"][2][3]) == ("Spanish", "assigned", "Alice")
    assert [stretch[0] for stretch in drawn(timeline, ALICE, by="workers")["stretches"]] == ["reserved", "assigned"]


def test_what_the_task_tells_of_its_worker_is_no_second_mark(timeline: Timeline, news: News) -> None:
    """Its end is told by the Reservation's event, and by the Task's, which names Alice too: one mark in her lane."""
    alice = {"WorkerSid": ALICE, "WorkerName": "Alice"}
    for kind in ("reservation.created", "reservation.accepted"):
        news.reservation(kind, WR)
    news.reservation("reservation.wrapup", WR, status="wrapping")
    news.task("task.wrapup", WT, "wrapping", **alice)
    news.reservation("reservation.completed", WR, status="completed")
    news.task("task.completed", WT, "completed", **alice)
    timeline.comm.wait_for(lambda state: len(drawn(timeline, WT)["marks"]) == 6)
    lane = drawn(timeline, ALICE, by="workers")
    assert len(lane["marks"]) == 4
    assert [stretch[0] for stretch in lane["stretches"]] == ["reserved", "assigned", "wrapping"]


def test_the_log_tells_what_was_before_and_nothing_twice(
    stream: EventStream, desk: LogClient, live: LiveWorkspace, line: GetLine, news: News
) -> None:
    """An event that came as a callback as well counts once."""
    form = news.task("task.created", WT, "pending")
    desk.log = [
        logged(form["Sid"], "task.created", news.at, {"task_sid": WT, "task_assignment_status": "pending"}),
        logged(sid("EV", 90), "task.updated", news.at, {"task_sid": WT, "task_assignment_status": "pending"}),
    ]
    with remembering(stream, client=desk, live=live) as (history, _jobs):
        timeline = Timeline(live, history=history)
        timeline.comm.wait_for(lambda state: state["tasks"] and len(drawn(timeline, WT)["marks"]) == 2)
        timeline.close()


def test_open_tasks_that_the_log_does_not_reach_have_lanes(
    stream: EventStream, desk: LogClient, live: LiveWorkspace, line: GetLine
) -> None:
    """A Task that waits since yesterday is there from its creation; one that is assigned is not known before now."""
    long_ago = NOON - timedelta(days=1)
    for known in (Task(WT, {}), Task(sid("WT", 2), {}, "assigned", task_queue_name=None)):
        desk.known_tasks[known.sid] = replace(known, date_created=long_ago)
    with remembering(stream, client=desk, live=live) as (history, _jobs):
        timeline = Timeline(live, history=history)
        timeline.comm.wait_for(lambda state: state["tasks"] == 2)
        begin = round(long_ago.timestamp() * 1000)
        assert drawn(timeline, WT)["stretches"] == [["pending", begin, None, "", 0]]
        assert [stretch[0] for stretch in drawn(timeline, sid("WT", 2))["stretches"]] == ["unknown", "assigned"]
        timeline.close()


def test_a_page_asks_only_for_what_changed(timeline: Timeline, news: News) -> None:
    """Lanes come newest first, in parts, and those that a page has are not sent again."""
    for number in range(300):
        news.task("task.created", sid("WT", number), "pending")
    timeline.comm.wait_for(lambda state: state["tasks"] == 300)
    first = lanes(timeline)
    rest = lanes(timeline, before=first["before"])
    assert first["lanes"][0]["sid"] == sid("WT", 299)
    assert rest["before"] is None
    assert len({lane["sid"] for lane in first["lanes"] + rest["lanes"]}) == 300
    news.task("task.canceled", sid("WT", 7), "canceled")
    timeline.comm.wait_for(lambda state: state["revision"] > first["revision"])
    assert [lane["sid"] for lane in lanes(timeline, since=first["revision"])["lanes"]] == [sid("WT", 7)]


def test_another_workspace_begins_a_new_history(timeline: Timeline, history: History, news: News) -> None:
    """Pages see by the epoch that what they have is of no use any more."""
    news.task("task.created", WT, "pending")
    timeline.comm.wait_for(lambda state: state["tasks"] == 1)
    history.reset()
    timeline.comm.wait_for(lambda state: state["epoch"] == 1)
    assert lanes(timeline)["lanes"] == []


def test_activities_say_whether_tasks_are_offered(timeline: Timeline, news: News) -> None:
    """Where the Workspace's Activities are known."""
    news.activity(ALICE, AVAILABLE, WorkerName="Alice")
    timeline.comm.wait_for(lambda _state: drawn(timeline, ALICE, by="workers")["state"] == "Available")
    assert drawn(timeline, ALICE, by="workers")["activities"][-1][3] == "available"


def test_nonsense_from_a_page_is_no_error(timeline: Timeline) -> None:
    """A page that asks with words for numbers gets everything."""
    assert lanes(timeline, since="all", before="none")["ok"]


def test_queues_count_and_plot(queues: Queues, news: News) -> None:
    """Waiting from the stream, Workers from TaskRouter's statistics, the service level of what was accepted."""
    news.task("task.created", WT, "pending")
    news.task("task.created", sid("WT", 2), "pending")
    news.reservation("reservation.accepted", WR)

    def as_wanted(state: dict[str, Any]) -> bool:
        row = state["queues"][0] if state["queues"] else {}
        return row.get("accepted") == 1 and row["waiting"] == 1 and row["eligible"] == 2

    state = queues.comm.wait_for(as_wanted)
    [row] = state["queues"]
    assert (row["name"], row["available"], row["within"], row["oldest_task"]) == ("Spanish", 1, 1, sid("WT", 2))
    assert [count for _at, count in state["series"]["Spanish"]] == [0, 1, 2, 1]
    assert sum(state["bins"]["Spanish"]) == 1


def test_the_service_level_is_what_the_viewer_says(queues: Queues, news: News) -> None:
    """Another limit, another share; nonsense is refused in a sentence."""
    news.task("task.created", WT, "pending")
    news.reservation("reservation.accepted", WR)
    queues.comm.wait_for(lambda state: state["queues"] and state["queues"][0]["within"] == 1)
    assert queues.comm.click("within", seconds=0.1)["ok"]
    state = queues.comm.wait_for(lambda state: state["within"] == 0.1)
    assert (state["queues"][0]["within"], state["queues"][0]["accepted"]) == (0, 1)
    for nonsense in (0, -1, None, "20", float("nan"), 1e9):
        assert "at most" in queues.comm.click("within", seconds=nonsense)["text"]


def test_the_library_of_the_plots_is_no_part_of_the_script(queues: Queues) -> None:
    """A reload brings all panels at once; the library is sent to the page that asks, also if it only looks."""
    assert len(queues._esm) < 100_000
    queues.only_look()
    script = gzip.decompress(base64.b64decode(queues.comm.click("plotly")["script"])).decode()
    assert "plotly.js v" in script[:200]


def test_statistics_are_read_only_after_a_change(queues: Queues, desk: LogClient, news: News, history: History) -> None:
    """Looking at a quiet Workspace costs no request."""
    queues.comm.wait_for(lambda state: state["queues"] and state["queues"][0]["eligible"] == 2)
    news.task("task.created", WT, "pending")
    queues.comm.wait_for(lambda state: state["queues"][0]["waiting"] == 1 if state["queues"] else False)
    queues.comm.click("look")
    before = asked(desk, "queue_statistics")
    for _ in range(3):
        queues.comm.click("look")
    assert asked(desk, "queue_statistics") == before


def test_another_expression_is_a_change_too(queues: Queues, desk: LogClient, news: News, history: History) -> None:
    """It is about no Task and no Worker, and decides which Workers are eligible."""
    queues.comm.wait_for(lambda state: state["queues"] and state["queues"][0]["eligible"] == 2)
    heard = threading.Event()
    history.watch(heard.set)
    before = asked(desk, "queue_statistics")
    news.event("task-queue.expression.updated", TaskQueueName="Spanish")
    assert heard.wait(WAIT_SECONDS)
    queues.comm.click("look")
    assert asked(desk, "queue_statistics") == before + 1


def test_a_real_account_is_not_asked_again_so_soon(
    live: LiveWorkspace, history: History, desk: LogClient, jobs: Jobs, line: GetLine, news: News
) -> None:
    """Changes or not: between two readings lies the gap."""
    queues = Queues(live, history=history, client=desk, jobs=jobs, gap_seconds=3600)
    queues.comm.wait_for(lambda state: state["queues"] and state["queues"][0]["eligible"] == 2)
    news.task("task.created", WT, "pending")
    queues.comm.wait_for(lambda state: bool(state["queues"]) and state["queues"][0]["waiting"] == 1)
    queues.comm.click("look")
    queues.close()
    assert asked(desk, "queue_statistics") == 1


def test_a_refusal_is_said_in_the_panel(queues: Queues, desk: LogClient, news: News) -> None:
    """The figures of the stream stay."""
    queues.comm.wait_for(lambda state: state["queues"] and state["queues"][0]["eligible"] == 2)
    desk.error = TaskRouterError("Too many requests came at once.", status=429)
    news.task("task.created", WT, "pending")
    queues.comm.wait_for(lambda state: bool(state["queues"]) and state["queues"][0]["waiting"] == 1)
    queues.comm.click("look")
    queues.comm.wait_for(lambda state: state["trouble"] == "Too many requests came at once.")


def test_an_exchange_is_a_mark(timeline: Timeline, stream: EventStream, news: News) -> None:
    """The assignment callback stands in the Task's lane with its answer."""
    news.task("task.created", WT, "pending")
    form = {"ReservationSid": WR, "TaskSid": WT, "WorkerSid": ALICE}
    exchange = {"form": form, "signature": "valid", "status": 200, "response_body": "{}", "milliseconds": 1.0}
    stream.publish(Kind.EXCHANGE, exchange)
    timeline.comm.wait_for(lambda _state: any(kind == "callback" for kind, *_ in drawn(timeline, WT)["marks"]))
