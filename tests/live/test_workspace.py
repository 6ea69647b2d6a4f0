"""The truth that the panels draw: from callbacks, from REST, in any order."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from live.workspace import (
    ALICE,
    AVAILABLE,
    BOB,
    NOON,
    OFFLINE,
    FakeWorkspaceClient,
    Named,
    News,
    Reservation,
    Task,
    sid,
)

from labkit.callback_events import AssignmentCallback, EventCallback
from labkit.errors import TaskRouterError
from labkit.live.workspace import WORKSPACE, LiveWorkspace
from labkit.stream import EventStream, Kind
from labkit.vocabulary import ReservationStatus

Heard = Callable[[Callable[[], Any]], None]

WT, WR = sid("WT", 1), sid("WR", 1)
MOVED = "worker.activity.update"
NOON_MS = str(round(NOON.timestamp() * 1000))
HAPPY_PATH = ["task.created", "worker.activity.update", "reservation.created", "reservation.accepted", "task.assigned"]


def play_happy_path(news: News) -> None:
    """Task created, Worker available, Worker reserved, Reservation accepted."""
    news.task("task.created", WT, "pending")
    news.activity(ALICE, AVAILABLE)
    news.reservation("reservation.created", WR)
    news.reservation("reservation.accepted", WR)


def test_reads_how_things_stand_when_it_starts(live: LiveWorkspace) -> None:
    """Workers and their availability are known before any callback came."""
    assert [(w.name, w.activity_name, w.available) for w in live.workers] == [
        ("Alice", "Offline", False),
        ("Bob", "Available", True),
    ]


def test_an_assignment_callback_alone_makes_the_card(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Heard
) -> None:
    """No event callback has to come: what the form lacks is asked for over REST."""
    desk.known_tasks[WT] = Task(WT, {"selected_language": "es"}, task_queue_name="Spanish")
    news.assignment(WR, WT)
    heard(lambda: live.reservations and live.reservations[0].deadline and live.task(WT).task_queue_name)  # type: ignore[union-attr]

    [card] = live.reservations
    assert (card.status, card.worker_sid, card.task_sid) == ("pending", ALICE, WT)
    assert card.deadline == card.created_at + timedelta(seconds=120)  # type: ignore[operator]


def test_the_deadline_follows_the_event_s_exact_time(live: LiveWorkspace, news: News, heard: Heard) -> None:
    """The callback's time is in whole seconds; the event that follows is exact, and the deadline moves with it."""
    news.assignment(WR, WT)
    form = news.reservation("reservation.created", WR)
    heard(lambda: live.reservations and live.reservations[0].deadline == news.at + timedelta(seconds=120))
    assert form["TimestampMs"].endswith("250"), "the test needs a time between two seconds"


def test_the_story_tells_the_five_steps(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """The last step has no event of its own; it is told all the same."""
    play_happy_path(news)
    stream.close()
    assert [line.event_type for line in live.story] == HAPPY_PATH
    assert all(line.milestone for line in live.story)
    assert live.story[-1].text == "Task WT…0001 is assigned to Alice"


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_arrival_does_not_matter(live: LiveWorkspace, desk: FakeWorkspaceClient, seed: int) -> None:
    """Shuffled and doubled, the same events end in the same state and the same story."""
    source, stream = EventStream(), EventStream()
    news = News(source)
    play_happy_path(news)
    news.reservation("reservation.wrapup", WR, status="wrapping")
    news.reservation("reservation.completed", WR, status="completed")
    news.task("task.completed", WT, "completed")
    forms = [entry.data for entry in source.entries()] * 2
    random.Random(seed).shuffle(forms)  # an order, not a secret

    late = LiveWorkspace(stream, desk)
    late.start()
    for form in forms:
        stream.publish_once(Kind.EVENT, form, key=form.sid)
    stream.close()
    late.stop()

    assert [(r.sid, r.status) for r in late.reservations] == [(WR, "completed")]
    assert [(t.sid, t.status) for t in late.tasks] == [(WT, "completed")]
    assert [w.activity_name for w in late.workers if w.sid == ALICE] == ["Available"]
    told = [line.event_type for line in late.story]
    assert told == [*HAPPY_PATH, "reservation.wrapup", "reservation.completed", "task.completed"]


def test_a_final_status_is_never_left(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """A late `reservation.accepted`, even with a later time, does not bring a timed out Reservation back."""
    news.reservation("reservation.created", WR)
    news.reservation("reservation.timeout", WR)
    news.reservation("reservation.accepted", WR)
    stream.close()
    assert [r.status for r in live.reservations] == ["timeout"]


def test_a_task_goes_back_to_pending_when_its_reservation_ends(
    live: LiveWorkspace, news: News, stream: EventStream
) -> None:
    """TaskRouter has no Event for it, and `reservation.timeout` itself still says reserved."""
    created = news.reservation("reservation.created", WR)
    news.reservation("reservation.timeout", WR, status="reserved")
    stream.publish(Kind.EVENT, EventCallback.from_form({**created, "Sid": "EV late and doubled under another name"}))
    stream.close()
    assert [t.status for t in live.tasks] == ["pending"]


def test_a_task_stays_reserved_while_another_reservation_is_open(
    live: LiveWorkspace, news: News, stream: EventStream
) -> None:
    """Several Workers may be asked at once; the Task is pending when the last of them has not accepted."""
    first, second = WR, sid("WR", 2)
    news.reservation("reservation.created", first)
    news.reservation("reservation.created", second, WorkerSid=BOB, WorkerName="Bob")
    news.reservation("reservation.rejected", first)
    stream.close()
    assert [t.status for t in live.tasks] == ["reserved"]
    live.note_status(second, ReservationStatus.REJECTED)
    assert [t.status for t in live.tasks] == ["pending"]


@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_arrival_makes_a_reservation_stay(
    live: LiveWorkspace, desk: FakeWorkspaceClient, seed: int
) -> None:
    """Reserved, timed out, reserved again and rejected, in one millisecond: TaskRouter's own order counts."""
    source, stream = EventStream(), EventStream()
    news = News(source)
    moment = {"TimestampMs": str(round(NOON.timestamp() * 1000))}
    news.task("task.created", WT, "pending", TaskVersion="0", **moment)
    for version, (event_type, reservation) in enumerate(
        [("created", WR), ("timeout", WR), ("created", sid("WR", 2)), ("rejected", sid("WR", 2))], start=1
    ):
        news.reservation(f"reservation.{event_type}", reservation, TaskVersion=str(version), **moment)
    events = [entry.data for entry in source.entries()]
    random.Random(seed).shuffle(events)  # an order, not a secret

    late = LiveWorkspace(stream, desk)
    late.start()
    for event in events:
        stream.publish(Kind.EVENT, event)
    stream.close()
    late.stop()
    assert [(task.status, task.as_of) for task in late.tasks] == [("pending", NOON)]


def test_a_reading_may_take_a_task_back(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Heard
) -> None:
    """Nobody said that a Reservation ended, a Task was completed, and another was deleted: REST says it."""
    news.reservation("reservation.created", WR)
    news.task("task.created", sid("WT", 2), "pending")
    news.task("task.created", sid("WT", 3), "pending")
    news.stream.close()
    desk.known_tasks = {WT: Task(WT, {}, "pending"), sid("WT", 2): Task(sid("WT", 2), {}, "completed")}
    live.reconcile()
    heard(lambda: [(t.sid, t.status) for t in live.tasks] == [(WT, "pending"), (sid("WT", 2), "completed")])
    assert live.reservations == []


def test_what_was_heard_before_a_reset_is_void(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, stream: EventStream, heard: Heard
) -> None:
    """Another Workspace, or this one at another time: what is told late of the old one makes no ghosts."""
    topics: list[str] = []
    live.watch(topics.append)
    news.reservation("reservation.created", WR)
    live.reset()
    assert (live.tasks, live.reservations) == ([], [])
    desk.workspace_sid = "WS2"
    news.task("task.created", sid("WT", 4), "pending")  # it happened before the reset, and was under way
    news.at = NOON + timedelta(minutes=2)
    news.task("task.created", sid("WT", 2), "pending", WorkspaceSid="WS1")
    news.task("task.created", sid("WT", 3), "pending", WorkspaceSid="WS2")
    heard(lambda: [task.sid for task in live.tasks] == [sid("WT", 3)] and WORKSPACE in topics)
    assert [line.sid for line in live.story] == [WT, sid("WT", 4), sid("WT", 2), sid("WT", 3)], "it did happen"


def test_a_reading_of_a_workspace_that_is_void_is_dropped(live: LiveWorkspace, desk: FakeWorkspaceClient) -> None:
    """What was asked before a reset and is answered after it is about what was."""
    desk.known_tasks[WT] = Task(WT, {})

    def meanwhile(name: str) -> None:
        if name == "open_reservations":
            desk.on_call = lambda _name: None
            live.forget()

    desk.on_call = meanwhile
    live.reconcile()
    assert (live.tasks, live.workers) == ([], [])


def test_workflows_and_task_channels_are_read_again_when_they_change(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Heard
) -> None:
    """Panels offer those that there are now, and keep none of their own."""
    assert [each.name for each in live.workflows] == ["Care", "Sales"]
    desk.workflows = lambda: [Named(sid("WW", 3), "Support")]  # type: ignore[method-assign]
    news.event("workflow.created", WorkflowSid=sid("WW", 3))
    heard(lambda: [each.name for each in live.workflows] == ["Support"])
    assert [each.name for each in live.task_channels] == ["default", "voice"]


def test_an_older_activity_does_not_win(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """Of two Activity changes the later one counts, though it arrived first."""
    news.activity(ALICE, AVAILABLE)
    older = str(round((NOON + timedelta(milliseconds=1)).timestamp() * 1000))
    news.activity(ALICE, OFFLINE, TimestampMs=older)
    stream.close()
    [alice] = [w for w in live.workers if w.sid == ALICE]
    assert (alice.activity_name, alice.available) == ("Available", True)
    assert alice.activity_since == NOON + timedelta(milliseconds=250)


def test_an_activity_that_is_set_again_has_been_there_before(
    live: LiveWorkspace, news: News, stream: EventStream
) -> None:
    """The event says for how long."""
    before = {"WorkerPreviousActivitySid": AVAILABLE.sid, "WorkerTimeInPreviousActivityMs": "7000"}
    news.activity(ALICE, AVAILABLE, **before)
    stream.close()
    [alice] = [w for w in live.workers if w.sid == ALICE]
    assert alice.activity_since == NOON + timedelta(milliseconds=250) - timedelta(seconds=7)


def test_reservations_that_ended_unseen_leave(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Heard
) -> None:
    """What is open here and not open at TaskRouter is over; reading again says so."""
    news.reservation("reservation.created", WR)
    heard(lambda: live.reservations)
    live.reconcile()
    assert live.reservations == []


def test_open_reservations_are_found_when_the_lab_starts_late(stream: EventStream, desk: FakeWorkspaceClient) -> None:
    """A kernel restart forgets every callback; REST brings the open Reservations back, with their Tasks."""
    desk.known_tasks[WT] = Task(WT, {"selected_language": "es"}, "assigned")
    desk.reservations = [Reservation(WR, "accepted", WT, ALICE, "Alice", NOON)]
    live, explained = LiveWorkspace(stream, desk), threading.Event()
    live.watch(lambda topic: explained.set() if live.task(WT) else None)
    live.start()
    assert explained.wait(10)
    live.stop()
    assert [(r.status, r.worker_name) for r in live.reservations] == [("accepted", "Alice")]
    assert live.task(WT).attributes == {"selected_language": "es"}  # type: ignore[union-attr]


def test_news_during_the_reading_is_newer_than_what_was_read(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient
) -> None:
    """A Worker that changes while the list is on its way keeps the change, and so does a new Reservation."""
    told = threading.Event()
    live.watch(lambda topic: told.set() if live.reservations else None)

    def meanwhile(name: str) -> None:
        if name == "open_reservations":
            news.activity(ALICE, AVAILABLE)
            news.reservation("reservation.created", WR)
            assert told.wait(10)

    desk.on_call = meanwhile
    live.reconcile()
    assert [w.activity_name for w in live.workers if w.sid == ALICE] == ["Available"]
    assert [r.sid for r in live.reservations] == [WR]


def test_a_click_s_own_result_is_shown_before_its_event(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """REST said yes; the card does not wait for an event that may never come."""
    news.reservation("reservation.created", WR)
    stream.close()
    live.note_status(WR, ReservationStatus.ACCEPTED)
    live.note_activity(ALICE, AVAILABLE.sid)
    assert [r.status for r in live.reservations] == ["accepted"]
    assert [w.available for w in live.workers if w.sid == ALICE] == [True]

    live.note_status(WR, ReservationStatus.PENDING)
    live.note_status("WR unknown", ReservationStatus.ACCEPTED)
    assert [(r.sid, r.status) for r in live.reservations] == [(WR, "accepted")]


def test_an_ended_reservation_knows_when_it_was_over(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """By TaskRouter's time: whatever is said of its Task later is newer."""
    news.reservation("reservation.created", WR)
    news.reservation("reservation.canceled", WR)
    stream.close()
    assert [(r.is_over, r.ended_at) for r in live.reservations] == [(True, news.at)]


def test_a_failed_instruction_does_not_end_the_reservation(
    live: LiveWorkspace, news: News, stream: EventStream
) -> None:
    """`reservation.failed` is told in the story; the Reservation stays as it was."""
    news.reservation("reservation.created", WR)
    news.reservation("reservation.failed", WR)
    stream.close()
    assert [r.status for r in live.reservations] == ["pending"]
    assert live.story[-1].text == "The instruction for the Reservation of Alice failed"


def test_deleted_things_stay_deleted(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """A late event of a deleted Task does not bring it back; a deleted Worker leaves."""
    created = news.task("task.created", WT, "pending")
    news.task("task.deleted", WT, "pending")
    stream.publish(Kind.EVENT, EventCallback.from_form({**created, "Sid": "EV again"}))
    news.event("worker.deleted", WorkerSid=BOB, WorkerName="Bob")
    stream.close()
    assert live.tasks == []
    assert [w.name for w in live.workers] == ["Alice"]


def test_a_deleted_worker_is_not_brought_back_by_late_news(
    live: LiveWorkspace, news: News, stream: EventStream
) -> None:
    """SIDs are never given twice."""
    news.event("worker.deleted", WorkerSid=BOB, WorkerName="Bob")
    news.activity(BOB, AVAILABLE, WorkerName="Bob")
    stream.close()
    assert [w.name for w in live.workers] == ["Alice"]


def test_since_when_is_told_by_the_change_itself(live: LiveWorkspace, news: News, stream: EventStream) -> None:
    """A Worker who is first heard of in an Activity has been there since a moment that only its own Event tells."""
    carol, moved = sid("WK", 3), NOON + timedelta(seconds=30)
    named = {"WorkerName": "Carol", "WorkerActivityName": "Available", "WorkerActivitySid": AVAILABLE.sid}
    news.reservation("reservation.created", WR, **{**named, "WorkerSid": carol})
    about = {"WorkerSid": carol, **named, "TimestampMs": str(round(moved.timestamp() * 1000) - 60_000)}
    stream.publish(Kind.EVENT, EventCallback.from_form({"EventType": "worker.attributes.update", **about}))
    stream.close()
    assert [w.activity_since for w in live.workers if w.sid == carol] == [None]
    late = LiveWorkspace(EventStream(), live._client, clock=live.clock)
    view = late._view
    for form in ({"EventType": "reservation.created", **about, "TimestampMs": NOON_MS}, {"EventType": MOVED, **about}):
        event = EventCallback.from_form(form)
        view.apply(event, at=event.happened(NOON), created=NOON)
    assert view.workers[carol].activity_since == moved - timedelta(seconds=60)
    late.stop()


def test_an_unknown_activity_is_looked_up(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Heard
) -> None:
    """Events name an Activity but do not say whether it is available."""
    before = desk.calls.count(("activities",))
    news.activity(ALICE, replace(AVAILABLE, name="Lunch", sid=sid("WA", 9)))
    heard(lambda: desk.calls.count(("activities",)) > before)


def test_a_failing_lookup_is_not_repeated_for_each_event(
    live: LiveWorkspace, news: News, desk: FakeWorkspaceClient, heard: Heard
) -> None:
    """A Task that REST does not know is asked for once, until the next reading."""
    for _ in range(5):
        news.assignment(WR, sid("WT", 404), WorkflowSid="")
    heard(lambda: ("task", sid("WT", 404)) in desk.calls)
    live.stop()
    assert desk.calls.count(("task", sid("WT", 404))) == 1


def test_a_refused_reading_keeps_what_was_known(live: LiveWorkspace, desk: FakeWorkspaceClient) -> None:
    """The error reaches the caller; the Workers stay."""
    desk.error = TaskRouterError("TaskRouter did not answer.")
    with pytest.raises(TaskRouterError):
        live.reconcile()
    assert len(live.workers) == 2


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"EventType": "task.created"},
        {"EventType": "no.such.event", "EventDescription": "Something new"},
        {"EventType": "task.created", "TaskSid": WT, "TaskAttributes": "{", "TaskAge": "-", "TimestampMs": "9" * 40},
        {"EventType": "reservation.created", "ReservationSid": WR, "TaskAttributes": "[" * 100_000},
        {"EventType": "worker.activity.update", "WorkerSid": ALICE, "TimestampMs": "-1"},
        {"EventType": None, "TaskSid": 5, "TaskAge": 10**30},
    ],
)
def test_nonsense_is_taken_calmly(live: LiveWorkspace, news: News, stream: EventStream, form: dict[str, Any]) -> None:
    """A form that makes no sense is told as well as it can be, and what comes after it is heard."""
    stream.publish(Kind.EVENT, EventCallback.from_form(form))
    stream.publish(Kind.ASSIGNMENT, AssignmentCallback.from_form(form))
    news.task("task.created", sid("WT", 2), "pending")
    stream.close()
    assert live.task(sid("WT", 2)) is not None
    assert len(live.story) == 2


def test_a_burst_is_told_seldom_and_its_end_always(live: LiveWorkspace, news: News, heard: Heard) -> None:
    """Two hundred Reservations are far fewer redraws, and the last redraw sees them all."""
    seen: list[int] = []
    live.watch(lambda topic: seen.append(len(live.reservations)) if topic == "reservations" else None)
    for number in range(200):
        news.assignment(sid("WR", number), sid("WT", number), WorkflowSid="")
    heard(lambda: seen and seen[-1] == 200)
    assert len(seen) < 100


def test_watching_ends(live: LiveWorkspace, news: News, heard: Heard) -> None:
    """After unwatch nothing is told; one watcher that fails does not silence the next."""
    told: list[str] = []
    unwatch = live.watch(told.append)

    def fails(_topic: str) -> None:
        raise RuntimeError("this watcher is broken")

    live.watch(fails)
    unwatch()
    news.task("task.created", WT, "pending")
    heard(lambda: live.task(WT))
    assert told == []


def test_the_past_is_replayed_to_a_late_state(stream: EventStream, desk: FakeWorkspaceClient, news: News) -> None:
    """What the stream still keeps is heard by a state that starts after it."""
    play_happy_path(news)
    live = LiveWorkspace(stream, desk)
    live.start()
    stream.close()
    live.stop()
    assert [line.event_type for line in live.story] == HAPPY_PATH


def test_stop_may_be_called_twice_and_before_start(stream: EventStream, desk: FakeWorkspaceClient) -> None:
    """Stopping is safe in every state."""
    live = LiveWorkspace(stream, desk)
    live.stop()
    live.stop()
