"""A Task that is handed over: it has two Reservations at once, and its status goes back and forth."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from live.past import LogClient, remembering
from live.workspace import ALICE, BOB, NOON, FakeWorkspaceClient, News, Reservation, Task, sid

from labkit.callback_events import EventCallback
from labkit.live.state import WorkspaceView
from labkit.live.timeline_events import of_event
from labkit.live.timelines import TaskLane, acceptance, waits
from labkit.live.views import milliseconds
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream
from labkit.vocabulary import ReservationStatus

WT, ALICES, BOBS = sid("WT", 1), sid("WR", 1), sid("WR", 2)
QUEUE = {"TransferType": "QUEUE", "TransferTo": sid("WQ", 2)}
Step = tuple[str, Callable[[News], object]]


def begin(news: News) -> None:
    news.task("task.created", WT, "pending")
    news.reservation("reservation.created", ALICES)
    news.reservation("reservation.accepted", ALICES)


# What TaskRouter tells, each with what the Task is then; its own word may lag behind, so it is not always the same.
OFFERED: list[Step] = [
    ("pending", lambda news: news.transfer("task.transfer-initiated", "assigned")),
    ("reserved", lambda news: news.handed("reservation.created", "reserved")),
]
LIVES: dict[str, list[Step]] = {
    "warm, and taken": [
        *OFFERED,
        ("assigned", lambda news: news.handed("reservation.accepted", "assigned")),
        ("assigned", lambda news: news.transfer("task.transfer-completed", "assigned")),
        ("assigned", lambda news: news.reservation("reservation.completed", ALICES, status="assigned")),
        ("wrapping", lambda news: news.handed("reservation.wrapup", "wrapping")),
        ("completed", lambda news: news.task("task.completed", WT, "completed")),
    ],
    "cold, and taken": [
        *OFFERED,
        ("reserved", lambda news: news.reservation("reservation.wrapup", ALICES, status="reserved")),
        ("assigned", lambda news: news.handed("reservation.accepted", "assigned")),
        ("assigned", lambda news: news.transfer("task.transfer-completed", "assigned")),
        ("assigned", lambda news: news.reservation("reservation.completed", ALICES, status="assigned")),
    ],
    "rejected": [
        *OFFERED,
        ("pending", lambda news: news.handed("reservation.rejected", "reserved")),
        ("assigned", lambda news: news.transfer("task.transfer-failed", "reserved")),
        ("assigned", lambda news: news.task("task.updated", WT, "assigned")),
    ],
    "cold, and rejected": [
        *OFFERED,
        ("reserved", lambda news: news.reservation("reservation.wrapup", ALICES, status="reserved")),
        ("pending", lambda news: news.handed("reservation.rejected", "reserved")),
        ("assigned", lambda news: news.transfer("task.transfer-failed", "assigned")),
        ("assigned", lambda news: news.task("task.updated", WT, "assigned")),
    ],
    "canceled": [
        *OFFERED,
        ("pending", lambda news: news.handed("reservation.canceled", "reserved")),
        ("assigned", lambda news: news.transfer("task.transfer-canceled", "reserved")),
        ("assigned", lambda news: news.task("task.updated", WT, "assigned")),
    ],
    "to a TaskQueue without anybody": [
        ("pending", lambda news: news.transfer("task.transfer-initiated", "assigned", **QUEUE)),
        ("pending", lambda news: news.task("task-queue.entered", WT, "pending")),
        ("reserved", lambda news: news.handed("reservation.created", "reserved")),
        ("pending", lambda news: news.handed("reservation.timeout", "reserved")),
        ("pending", lambda news: news.transfer("task.transfer-attempt-failed", "reserved", **QUEUE)),
        ("pending", lambda news: news.task("task.updated", WT, "pending")),
    ],
    "canceled by the customer": [
        *OFFERED,
        ("pending", lambda news: news.handed("reservation.canceled", "reserved")),
        ("canceled", lambda news: news.task("task.canceled", WT, "canceled")),
        ("canceled", lambda news: news.transfer("task.transfer-failed", "canceled")),
    ],
}


def told(life: list[Step], *, moment: bool) -> list[EventCallback]:
    """The Events of a life in order, each with the Task's version; all in one millisecond if wanted."""
    source = EventStream()
    news = News(source)
    begin(news)
    for _, tell in life:
        tell(news)
    events = [entry.data for entry in source.entries()]
    source.close()
    same = {"at": NOON} if moment else {}
    return [replace(event, task_version=number, **same) for number, event in enumerate(events)]


def shown(events: Iterable[EventCallback]) -> str:
    """The Task's status once these have been heard, in this order."""
    view = WorkspaceView()
    for event in events:
        view.apply(event, at=event.at, created=event.at)
    return str(view.tasks[WT].status)


def drawn(events: Iterable[EventCallback]) -> str:
    lane = TaskLane(WT)
    for event in events:
        lane.add(of_event(event, at=event.at))
    return lane.state


@pytest.mark.parametrize("carrier", [shown, drawn])
@pytest.mark.parametrize("moment", [False, True], ids=["over time", "in one millisecond"])
@pytest.mark.parametrize("life", LIVES)
def test_the_status_goes_back_and_forth(
    life: str, moment: bool, carrier: Callable[[Iterable[EventCallback]], str]
) -> None:
    """Asked, taken, refused, taken back: after each Event the Task is what it is with TaskRouter."""
    events = told(LIVES[life], moment=moment)
    begun = len(events) - len(LIVES[life])
    found = [carrier(events[: begun + number]) for number in range(1, len(LIVES[life]) + 1)]
    assert found == [status for status, _ in LIVES[life]]


@pytest.mark.parametrize("carrier", [shown, drawn])
@pytest.mark.parametrize("moment", [False, True], ids=["over time", "in one millisecond"])
@pytest.mark.parametrize("life", LIVES)
def test_no_order_of_arrival_changes_the_status(
    life: str, moment: bool, carrier: Callable[[Iterable[EventCallback]], str]
) -> None:
    """Callbacks come late and mixed; what was heard in the end is the same."""
    events = told(LIVES[life], moment=moment)
    for seed in range(40):
        mixed = random.Random(seed).sample(events, len(events))  # an order, not a secret
        assert carrier(mixed) == LIVES[life][-1][0], [event.event_type for event in mixed]


def test_the_card_is_reserved_again_until_the_other_worker_has_it(
    live: LiveWorkspace, news: News, stream: EventStream
) -> None:
    """An accepted and a pending Reservation of one Task, of which one was made by the transfer."""
    begin(news)
    for _, tell in OFFERED:
        tell(news)
    stream.close()
    assert [(r.sid, r.status, r.by_transfer) for r in live.reservations] == [
        (ALICES, "accepted", False),
        (BOBS, "pending", True),
    ]
    assert [task.status for task in live.tasks] == ["reserved"]
    live.note_status(BOBS, ReservationStatus.ACCEPTED)  # clicked: its Event is under way
    assert [task.status for task in live.tasks] == ["assigned"]


def test_who_looks_in_the_middle_of_a_transfer_sees_it(
    live: LiveWorkspace, desk: FakeWorkspaceClient, news: News, stream: EventStream
) -> None:
    """REST says nothing of transfers, but nothing else makes a Reservation beside an accepted one."""
    desk.known_tasks[WT] = Task(WT, {}, "reserved")
    desk.reservations = [
        Reservation(ALICES, "accepted", WT, ALICE, "Alice", NOON),
        Reservation(BOBS, "pending", WT, BOB, "Bob", NOON),
    ]
    live.reconcile()
    assert ([t.status for t in live.tasks], [r.by_transfer for r in live.reservations]) == (["reserved"], [False, True])
    news.handed("reservation.rejected", "reserved")
    news.task("task.updated", WT, "assigned")
    stream.close()
    assert [task.status for task in live.tasks] == ["assigned"]


def test_a_reading_that_finds_the_task_assigned_ends_the_transfer(
    live: LiveWorkspace, desk: FakeWorkspaceClient, news: News, heard: Callable[[Callable[[], object]], None]
) -> None:
    """What became of it was told to nobody here, and REST knows that it is over."""
    begin(news)
    for _, tell in OFFERED:
        tell(news)
    heard(lambda: len(live.reservations) == 2)
    desk.known_tasks[WT] = Task(WT, {}, "assigned", date_updated=NOON)
    desk.reservations = [Reservation(ALICES, "accepted", WT, ALICE, "Alice", NOON)]
    live.reconcile()
    assert [(task.status, task.transfer) for task in live.tasks] == [("assigned", None)]


def test_who_looks_while_it_waits_in_a_task_queue_sees_who_has_it(
    live: LiveWorkspace, desk: FakeWorkspaceClient
) -> None:
    """The Task is pending and its Reservation accepted: only the log tells why, and it was read."""
    desk.known_tasks[WT] = Task(WT, {}, "pending")
    desk.reservations = [Reservation(ALICES, "accepted", WT, ALICE, "Alice", NOON)]
    desk.transfers = told(LIVES["to a TaskQueue without anybody"], moment=False)[3:4]
    live.reconcile()
    [task] = live.tasks
    assert (task.status, [r.status for r in live.reservations]) == ("pending", ["accepted"])
    assert task.transfer is not None
    assert (task.transfer.worker_sid, task.transfer.to) == (ALICE, QUEUE["TransferTo"])


def stretched(life: str) -> list[tuple[str, str]]:
    lane = TaskLane(WT)
    for event in told(LIVES[life], moment=False):
        lane.add(of_event(event, at=event.at))
    return [(each.state, each.who) for each in lane.stretches()][2:]


def test_the_task_s_lane_says_who_has_it_and_who_is_asked() -> None:
    """Both while it is handed over, and afterwards whoever has it still."""
    assert stretched("cold, and taken") == [
        ("assigned", "Alice"), ("pending", "Alice → …"), ("reserved", "Alice → Bob"), ("assigned", "Alice, Bob"),
        ("assigned", "Bob"),
    ]  # fmt: skip
    assert [who for _, who in stretched("to a TaskQueue without anybody")][-3:] == [
        "Alice → …", "Alice → Bob", "Alice → …"
    ]  # fmt: skip


def test_the_workers_lanes_say_who_gives_and_who_takes(
    stream: EventStream, live: LiveWorkspace, desk: FakeWorkspaceClient
) -> None:
    """The Worker who hands the Task over has the transfer's own Event, the other one the Reservation."""
    events = told(LIVES["rejected"], moment=False)
    with remembering(stream, client=LogClient(log=events, everyone=desk.everyone), live=live) as (history, _jobs):
        lanes, _ = history.changed(workers=True, since=0, before=None, most=9)
        drawn = {lane.sid: history.read(lane, lambda each: each.drawn()) for lane in lanes}
    began, offered = (milliseconds(event.at) for event in events[3:5])
    assert drawn[ALICE]["handed"] == [[WT, began, "gives", ""]]
    assert drawn[BOB]["handed"] == [[WT, offered, "takes", "rejected"]]
    assert "Alice hands Task WT…0001 over to Bob (warm)" in [text for _, _, text in drawn[ALICE]["marks"]]
    assert "Bob was reserved for Task WT…0001, handed over by Alice" in [text for _, _, text in drawn[BOB]["marks"]]


def test_the_story_tells_from_whom_a_reservation_comes(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """Its Event names only how the Task is handed over; who does it was told by the transfer's own."""
    begin(news)
    for _, tell in OFFERED:
        tell(news)
    stream.close()
    assert [line.text for line in live.story][-2:] == [
        "Alice hands Task WT…0001 over to Bob (warm)", "Bob was reserved for Task WT…0001, handed over by Alice",
    ]  # fmt: skip


def test_a_transfer_is_no_second_acceptance_and_a_wait_of_its_own() -> None:
    """The service level is of the Task's first acceptance; while somebody is asked to take it over, it waits again."""
    lane = TaskLane(WT)
    for event in told(LIVES["warm, and taken"], moment=False):
        lane.add(of_event(event, at=event.at))
    first = acceptance(lane)
    assert first is not None
    assert first[2] == 0.5
    assert [(wait.end - wait.begin).total_seconds() for wait in waits(lane) if wait.end] == [0.5, 0.5]
