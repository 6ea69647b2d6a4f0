"""Which event may be sent next: in order for one Task and for one Worker, and nobody waits for others'."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest

from labkit.engine.effects import Event
from labkit.sandbox.event_outbox import EventOutbox, WaitingEvent, about
from labkit.sandbox.store import EventTarget
from labkit.vocabulary import EventType

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TARGET = EventTarget(workspace_sid="WS1", url="http://x/", events_filter=None, workspace_name="Tests")


def waiting(number: int, *sids: str) -> WaitingEvent:
    return WaitingEvent(number, NOON, "AC1", TARGET, sids)


def outbox_of(*events: WaitingEvent) -> EventOutbox:
    """An outbox with these, whose first event has the number 1."""
    outbox = EventOutbox("WS1", over_to=0)
    for each in events:
        outbox.see(each.number)
        outbox.add(each)
    return outbox


def taken(outbox: EventOutbox, most: int = 100) -> list[WaitingEvent]:
    """All that may be sent now."""
    return list(iter(lambda: outbox.take(most=most), None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "sids"),
    [
        ({"task_sid": "WT1", "worker_sid": "WK1", "task_queue_sid": "WQ1"}, ("WT1", "WK1")),
        ({"task_sid": "WT1", "task_queue_sid": "WQ1"}, ("WT1",)),
        ({"worker_sid": "WK1"}, ("WK1",)),
        ({"task_queue_sid": "WQ1"}, ("WQ1",)),
    ],
)
def test_what_an_event_is_about(data: dict[str, str], sids: tuple[str, ...]) -> None:
    """Its Task and its Worker, which a Reservation's has both; without these the resource itself."""
    event = Event(
        sid="EV1",
        type=EventType.TASK_CREATED,
        at=NOON,
        workspace_sid="WS1",
        account_sid="AC1",
        resource_type="x",
        resource_sid="WQ1",
        description="",
        data=data,
    )
    assert about(event) == sids


def test_order_is_kept_for_one_task_and_for_one_worker() -> None:
    """A Reservation's event waits for both; another Task's passes."""
    task, worker, both, other = waiting(1, "WT1"), waiting(2, "WK1"), waiting(3, "WT1", "WK1"), waiting(4, "WT2")
    outbox = outbox_of(task, worker, both, other)
    assert taken(outbox) == [task, worker, other]
    outbox.over(worker)
    assert taken(outbox) == []
    outbox.over(task)
    assert taken(outbox) == [both]


def test_so_many_are_under_way_at_a_time() -> None:
    """The oldest first."""
    outbox = outbox_of(*(waiting(number, f"WT{number}") for number in range(1, 6)))
    first = taken(outbox, most=2)
    assert [each.number for each in first] == [1, 2]
    outbox.over(first[1])
    assert [each.number for each in taken(outbox, most=2)] == [3]
    assert (outbox.waiting, outbox.is_empty) == (2, False)


def test_the_cursor_stands_before_the_first_that_is_not_over() -> None:
    """What has passed is told once, and no more when the cursor has come by."""
    first, second, third = (waiting(number, f"WT{number}") for number in (3, 5, 6))
    outbox = outbox_of(first, second, third)
    outbox.see(9)
    taken(outbox)
    outbox.over(second)
    mark = outbox.mark()
    assert (mark.number, mark.passed) == (2, (5,))
    outbox.written()
    outbox.over(third)
    assert outbox.mark().passed == (6,)
    outbox.over(first)
    mark = outbox.mark()
    assert (mark.number, mark.passed, outbox.is_empty) == (9, (), True)


def test_one_that_was_given_up_holds_nobody_up() -> None:
    """Wherever in a line it stood."""
    events = [waiting(number, "WT1") for number in range(1, 5)]
    outbox = outbox_of(*events)
    assert taken(outbox) == [events[0]]
    oldest = outbox.oldest_waiting()
    assert oldest is events[1]
    outbox.over(oldest)
    assert taken(outbox) == []
    outbox.over(events[0])
    assert taken(outbox) == [events[2]]
    outbox.over(events[2])
    assert taken(outbox) == [events[3]]


@pytest.mark.parametrize("seed", range(50))
def test_any_course_keeps_the_order(seed: int) -> None:
    """Against the plain rule: an event may be sent when none before it that is not over shares anything with it."""
    chance = random.Random(seed)
    sids = [f"WT{number}" for number in range(4)], [f"WK{number}" for number in range(3)]
    outbox, open_, under_way = EventOutbox("WS1", over_to=0), list[WaitingEvent](), set[int]()
    for number in range(1, 200):
        outbox.see(number)
        if chance.random() < 0.9:
            about_ = tuple(chance.choice(kind) for kind in sids if chance.random() < 0.8) or ("WS1",)
            open_.append(waiting(number, *about_))
            outbox.add(open_[-1])
        for each in taken(outbox, most=8):
            before = (other for other in open_ if other.number < each.number)
            assert not any(set(other.about) & set(each.about) for other in before)
            under_way.add(each.number)
        done = [each for each in open_ if each.number in under_way and chance.random() < 0.4]
        given_up = [each for each in [outbox.oldest_waiting()] if each is not None and chance.random() < 0.1]
        for each in done + given_up:
            outbox.over(each)
            open_.remove(each)
            under_way.discard(each.number)
        assert outbox.cursor == (open_[0].number - 1 if open_ else number)
    for each in [each for each in open_ if each.number in under_way]:
        outbox.over(each)
    while rest := taken(outbox):
        for each in rest:
            outbox.over(each)
    assert outbox.is_empty


def test_ten_thousand_cost_no_more_each_than_a_hundred() -> None:
    """Of one line, of many, and given up: nothing looks through all that wait."""

    def seconds(count: int) -> float:
        began = time.perf_counter()
        outbox = outbox_of(*(waiting(number, f"WT{number % 50}", "WK1") for number in range(1, count + 1)))
        while each := outbox.take(most=1):
            oldest = outbox.oldest_waiting()
            if oldest is not None and oldest.number % 3 == 0:
                outbox.over(oldest)
            outbox.over(each)
            outbox.mark()
            outbox.written()
        assert outbox.is_empty
        return (time.perf_counter() - began) / count

    assert seconds(10_000) < 20 * min(seconds(100) for _ in range(5))
