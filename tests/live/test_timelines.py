"""Lanes: what happened becomes stretches of time, and figures of TaskQueues. Times are seconds after noon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live.workspace import ALICE, NOON, sid

from labkit.callback_events import EventCallback
from labkit.live.queue_metrics import (
    BINS,
    POINTS,
    QueueFacts,
    distribution,
    facts,
    quantile,
    summary,
    tallies,
    waiting_over_time,
)
from labkit.live.timeline_events import CALLBACK, TimelineEvent, of_event, of_exchange
from labkit.live.timelines import NOT_KNOWN, TaskLane, Wait, WorkerLane, acceptance, waits
from labkit.vocabulary import EventType, TaskStatus

TASK, RESERVATION = sid("WT", 1), sid("WR", 1)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(seconds: float, kind: str, status: str = "", **more: Any) -> TimelineEvent:
    return TimelineEvent(at=at(seconds), kind=kind, text=kind, task=TASK, status=status, **more)


def life(*happenings: TimelineEvent) -> TaskLane:
    lane = TaskLane(TASK)
    for each in happenings:
        lane.add(each)
    return lane


def seen(lane: TaskLane | WorkerLane) -> list[tuple[str, float, float | None]]:
    return [(s.state, _seconds(s.begin), None if s.end is None else _seconds(s.end)) for s in lane.stretches()]


def _seconds(moment: datetime) -> float:
    return (moment - NOON).total_seconds()


WHOLE_LIFE = (
    told(0, "task.created", "pending", queue="Spanish"),
    told(0, "task-queue.entered", "pending", queue="Spanish"),
    told(2, "reservation.created", "reserved", worker=ALICE, worker_name="Alice"),
    told(5, "reservation.accepted", "assigned", queue="Spanish", worker=ALICE, worker_name="Alice"),
    told(9, "task.wrapup", "wrapping"),
    told(12, "task.completed", "completed"),
)
STATES = [("pending", 0, 2), ("reserved", 2, 5), ("assigned", 5, 9), ("wrapping", 9, 12), ("completed", 12, None)]


def test_a_life_is_its_states_one_after_the_other() -> None:
    """Each lasts until the next; the last is the end and has none."""
    assert seen(life(*WHOLE_LIFE)) == STATES
    assert [s.who for s in life(*WHOLE_LIFE).stretches()][1:3] == ["Alice", "Alice"]


@given(st.permutations(WHOLE_LIFE))
def test_news_may_come_in_any_order(order: list[TimelineEvent]) -> None:
    """TaskRouter promises none; the picture is the same."""
    assert seen(life(*order)) == STATES


def test_a_reservation_that_times_out_takes_the_task_back_to_pending() -> None:
    """The Task waits again, with the timeout as a mark."""
    lane = life(
        told(0, "task.created", "pending"),
        told(1, "reservation.created", "reserved", worker=ALICE, worker_name="Alice"),
        told(6, "reservation.timeout", "pending", worker=ALICE, worker_name="Alice"),
    )
    assert seen(lane) == [("pending", 0, 1), ("reserved", 1, 6), ("pending", 6, None)]
    assert [kind for kind, *_ in lane.marks()] == ["event", "event", "timeout"]
    assert [stretch.who for stretch in lane.stretches()] == ["", "Alice", ""]


def test_what_was_before_the_first_news_is_not_guessed() -> None:
    """The Task began earlier, in a state that nobody told of."""
    lane = life(told(8, "reservation.accepted", "assigned"))
    lane.created = at(0)
    assert seen(lane) == [(NOT_KNOWN, 0, 8), ("assigned", 8, None)]


@pytest.mark.parametrize("gone", ["task.deleted", "task.system-deleted"])
def test_a_deleted_task_ends_without_a_last_state(gone: str) -> None:
    """It is over, and its last stretch has an end."""
    lane = life(told(0, "task.created", "pending"), told(4, gone, "pending"))
    assert seen(lane) == [("pending", 0, 4)]
    assert lane.is_over


def test_late_news_does_not_bring_a_task_back() -> None:
    """What TaskRouter tells after the end changes nothing of it."""
    lane = life(*WHOLE_LIFE, told(13, "task.updated", "assigned"))
    assert seen(lane) == STATES


def test_a_worker_has_its_activities_and_its_reservations() -> None:
    """The Activity before the first news is known by how long it lasted; a Reservation ends in a gap."""
    lane = WorkerLane(ALICE, name="Alice")
    for each in (
        TimelineEvent(
            at(5), "worker.activity.update", "", activity="Available", previous_activity="Offline",
            before=timedelta(seconds=5), worker=ALICE,
        ),
        told(6, "reservation.created", reservation=RESERVATION),
        told(8, "reservation.accepted", reservation=RESERVATION),
        told(9, "reservation.wrapup", reservation=RESERVATION),
        told(11, "reservation.completed", reservation=RESERVATION),
    ):  # fmt: skip
        lane.add(each)
    assert [(s.state, _seconds(s.begin), s.end and _seconds(s.end)) for s in lane.activities()] == [
        ("Offline", 0, 5),
        ("Available", 5, None),
    ]
    assert seen(lane) == [("reserved", 6, 8), ("assigned", 8, 9), ("wrapping", 9, 11)]
    assert {s.who for s in lane.stretches()} == {TASK}


def test_an_activity_that_is_set_again_goes_on() -> None:
    """One stretch, also where it is the first thing that is told of the Worker."""
    lane, minute = WorkerLane(ALICE), timedelta(seconds=60)
    again = {"activity": "Available", "previous_activity": "Available", "worker": ALICE}
    for each in (
        TimelineEvent(at(5), "worker.activity.update", "", before=minute, **again),
        TimelineEvent(at(8), "worker.activity.update", "", before=minute, **again),
    ):
        lane.add(each)
    assert [(s.state, _seconds(s.begin), s.end) for s in lane.activities()] == [("Available", -55, None)]


def test_reservations_at_the_same_time_lie_in_rows_of_their_own() -> None:
    """A row is used again as soon as it is free."""
    lane = WorkerLane(ALICE)
    for number, begin, end in ((1, 0, 10), (2, 1, 3), (3, 4, 6)):
        lane.add(told(begin, "reservation.created", reservation=sid("WR", number)))
        lane.add(told(end, "reservation.rejected", reservation=sid("WR", number)))
    assert [stretch.row for stretch in lane.stretches()] == [0, 1, 1]
    assert lane.drawn()["rows"] == 2


def test_a_worker_of_whom_nothing_is_told_has_the_activity_that_rest_gave() -> None:
    """Since when it has it is known too."""
    lane = WorkerLane(ALICE, activity="Offline", since=at(-60))
    assert [(s.state, _seconds(s.begin)) for s in lane.activities()] == [("Offline", -60)]


def test_a_task_is_pending_again_when_its_last_reservation_timed_out() -> None:
    """`reservation.timeout` itself still says reserved, and no Event says pending."""
    first, second = sid("WR", 1), sid("WR", 2)
    lane = life(
        told(0, "task.created", "pending", queue="Spanish"),
        told(1, "reservation.created", "reserved", reservation=first),
        told(2, "reservation.created", "reserved", reservation=second),
        told(3, "reservation.timeout", "reserved", reservation=first),
        told(4, "reservation.timeout", "reserved", reservation=second),
    )
    assert seen(lane) == [("pending", 0, 1), ("reserved", 1, 4), ("pending", 4, None)]
    assert lane.state == "pending"
    lane.add(told(5, "task.updated", "reserved"))
    assert lane.state == "reserved", "what TaskRouter says later is so"


def test_an_event_of_the_log_reads_as_the_callback_does() -> None:
    """The same fields in another spelling give the same happening."""
    form = {
        "EventType": "reservation.created", "Sid": sid("EV", 1), "TaskSid": TASK, "TaskAssignmentStatus": "reserved",
        "TaskQueueName": "Spanish", "ReservationSid": RESERVATION, "WorkerSid": ALICE, "WorkerName": "Alice",
    }  # fmt: skip
    logged = {
        "task_sid": TASK, "task_assignment_status": "reserved", "task_queue_name": "Spanish",
        "reservation_sid": RESERVATION, "worker_sid": ALICE, "worker_name": "Alice",
    }  # fmt: skip
    event = EventCallback.from_log(logged, at=NOON, sid=sid("EV", 1), event_type="reservation.created", description="")
    assert of_event(event, at=NOON) == of_event(EventCallback.from_form(form), at=NOON)


def test_without_a_status_the_event_says_it() -> None:
    """A form that lacks the field, or has nonsense in it, still tells by its type."""
    for status in ("", "nonsense"):
        form = {"EventType": EventType.RESERVATION_ACCEPTED, "TaskSid": TASK, "TaskAssignmentStatus": status}
        assert of_event(EventCallback.from_form(form), at=NOON).status == TaskStatus.ASSIGNED


def test_an_assignment_callback_is_a_mark_with_its_answer() -> None:
    """Only one that TaskRouter signed: the public URL is open to strangers."""
    form = {"ReservationSid": RESERVATION, "TaskSid": TASK, "WorkerSid": ALICE}
    exchange = {"form": form, "signature": "valid", "status": 200, "response_body": "{}", "milliseconds": 3.2}
    happening = of_exchange(exchange, heard=NOON)
    assert happening is not None
    assert (happening.kind, happening.task, happening.text) == (
        CALLBACK, TASK, "Assignment callback: answered 200 {} in 3 ms",
    )  # fmt: skip
    assert life(happening).marks()[0][0] == "callback"
    for other in ({**exchange, "signature": "wrong"}, {**exchange, "form": {**form, "EventType": "task.created"}}):
        assert of_exchange(other, heard=NOON) is None


def test_an_assignment_callback_is_not_before_its_reservation() -> None:
    """Its form tells whole seconds only."""
    lane = life(
        told(2, CALLBACK, reservation=RESERVATION),
        told(2.5, "reservation.created", "reserved", reservation=RESERVATION),
    )
    assert [kind for kind, *_ in lane.marks()] == ["callback", "event"]
    assert {when for _kind, when, _text in lane.marks()} == {round(at(2.5).timestamp() * 1000)}


def test_a_task_waits_in_the_queue_it_is_in() -> None:
    """Pending and reserved are waiting; a move begins another wait."""
    lane = life(
        told(0, "task.created", "pending", queue="Spanish"),
        told(2, "reservation.created", "reserved", queue="Spanish"),
        told(4, "reservation.timeout", "pending", queue="Spanish"),
        told(7, "task-queue.moved", "pending", queue="Everyone"),
        told(9, "reservation.accepted", "assigned", queue="Everyone"),
    )
    assert waits(lane) == [Wait("Spanish", at(0), at(7)), Wait("Everyone", at(7), at(9))]
    assert acceptance(lane) == ("Everyone", at(9), 9.0)


def test_a_tally_counts_what_waits_now_and_what_was_accepted_lately() -> None:
    """The oldest wait is named; an acceptance of long ago does not count any more."""
    waiting = life(told(3, "task.created", "pending", queue="Spanish"))
    [tally] = tallies([facts(waiting), facts(life(*WHOLE_LIFE))], since=at(0)).values()
    assert summary(tally, within=20) == {
        "name": "Spanish", "waiting": 1, "oldest": round(at(3).timestamp() * 1000), "oldest_task": TASK,
        "accepted": 1, "within": 1, "median": 5.0, "slowest": 5.0,
    }  # fmt: skip
    assert summary(tally, within=4)["within"] == 0
    assert not tallies([facts(life(*WHOLE_LIFE))], since=at(60))["Spanish"].seconds


def test_waiting_over_time_is_a_staircase() -> None:
    """What waited before the window counts in it from the start."""
    stretches = [Wait("q", at(-9), at(2)), Wait("q", at(1), None), Wait("q", at(1), at(3))]
    found = waiting_over_time(stretches, since=at(0), now=at(5))
    assert [((ms / 1000) - NOON.timestamp(), count) for ms, count in found] == [(0, 1), (1, 3), (2, 2), (3, 1)]


def test_a_long_staircase_keeps_its_peaks() -> None:
    """Many changes become few points, none of them lower than what was."""
    stretches = [Wait("q", at(n * 0.1), at(n * 0.1 + 0.05)) for n in range(2000)]
    stretches += [Wait("q", at(100), at(100.2)) for _ in range(7)]
    found = waiting_over_time(stretches, since=at(0), now=at(200))
    assert len(found) <= POINTS + 1
    assert max(count for _at, count in found) == 8
    assert found[-1][1] == 0


def test_the_distribution_has_a_last_part_for_the_rest() -> None:
    """Within 20 s there are eight parts of 2.5 s."""
    counts = distribution([0.1, 2.4, 2.6, 19.9, 20.1, 1e6], within=20)
    assert (counts[0], counts[1], counts[7], counts[8], counts[BINS]) == (2, 1, 1, 1, 1)
    assert sum(counts) == 6


@pytest.mark.parametrize(("share", "value"), [(0.5, 3), (0.9, 5), (0.2, 1), (1.0, 5)])
def test_quantiles_are_values_that_were_measured(share: float, value: float) -> None:
    """The smallest that so many do not exceed."""
    assert quantile([1, 2, 3, 4, 5], share) == value
    assert quantile([], share) is None


def test_facts_of_nothing_are_nothing() -> None:
    """A Task of which only its SID is known waits nowhere."""
    assert facts(TaskLane(TASK)) == QueueFacts(TASK, [], None)
