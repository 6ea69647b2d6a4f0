"""labkit.stream: numbered, in order, bounded, and never waiting for a listener."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC
from queue import Queue

import pytest

from labkit.stream import Entry, EventStream, Kind

WAIT_SECONDS = 5


@pytest.fixture
def stream() -> Iterator[EventStream]:
    """A stream that is closed after the test."""
    stream = EventStream(capacity=100)
    yield stream
    stream.close()


def texts(entries: list[Entry]) -> list[str]:
    return [e.data["text"] for e in entries]


def test_numbers_start_at_one_and_have_no_gaps(stream: EventStream) -> None:
    """An entry's number is its place in the record."""
    numbers = [stream.publish(Kind.NOTICE, {"text": str(n)}).number for n in range(5)]

    assert numbers == [1, 2, 3, 4, 5]


def test_times_are_aware_and_do_not_run_back(stream: EventStream) -> None:
    """Entries carry UTC times in the order of their numbers."""
    first, second = (stream.publish(Kind.NOTICE, {"text": t}) for t in "ab")

    assert first.at.tzinfo is UTC
    assert first.at <= second.at


def test_old_entries_are_forgotten_and_numbers_go_on() -> None:
    """The record is bounded: a lab may run for a day."""
    stream = EventStream(capacity=3)
    for n in range(5):
        stream.publish(Kind.NOTICE, {"text": str(n)})

    assert [e.number for e in stream.entries()] == [3, 4, 5]


def test_entries_can_be_asked_for_by_kind_and_number(stream: EventStream) -> None:
    """A panel takes what it has not seen, and only what it shows."""
    stream.publish(Kind.NOTICE, {"text": "a"})
    stream.publish(Kind.CALL, {"method": "GET"})
    stream.publish(Kind.NOTICE, {"text": "b"})

    assert texts(stream.entries(kind=Kind.NOTICE)) == ["a", "b"]
    assert [e.number for e in stream.entries(since=1)] == [2, 3]
    assert stream.entries(since=3) == []


def test_a_listener_gets_only_what_comes_after_it(stream: EventStream) -> None:
    """Who subscribes without a number starts at the end."""
    heard: Queue[Entry] = Queue()
    stream.publish(Kind.NOTICE, {"text": "before"})
    stream.subscribe(heard.put)
    stream.publish(Kind.NOTICE, {"text": "after"})

    assert heard.get(timeout=WAIT_SECONDS).data["text"] == "after"


def test_replay_then_live_in_order_and_once(stream: EventStream) -> None:
    """Who subscribes from a number gets the record, then what comes, with nothing twice and nothing missing."""
    heard: Queue[Entry] = Queue()
    for n in range(3):
        stream.publish(Kind.NOTICE, {"text": str(n)})
    stream.subscribe(heard.put, since=1)
    for n in range(3, 6):
        stream.publish(Kind.NOTICE, {"text": str(n)})

    assert [heard.get(timeout=WAIT_SECONDS).number for _ in range(5)] == [2, 3, 4, 5, 6]
    stream.close()
    assert heard.empty()


def test_many_publishers_every_entry_once_and_in_order() -> None:
    """Waitress's threads and the pool publish at the same time."""
    stream = EventStream()
    heard: list[int] = []
    stream.subscribe(lambda entry: heard.append(entry.number))
    publishers = [
        threading.Thread(target=lambda: [stream.publish(Kind.NOTICE, {"text": ""}) for _ in range(200)])
        for _ in range(4)
    ]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join(WAIT_SECONDS)
    stream.close()

    assert heard == list(range(1, 801))


def test_publishing_does_not_wait_for_a_listener(stream: EventStream) -> None:
    """A browser that hangs must not hold a callback's answer up: TaskRouter gives up after 5 s."""
    entered, release = threading.Event(), threading.Event()

    def hang(_: Entry) -> None:
        entered.set()
        release.wait(WAIT_SECONDS)

    stream.subscribe(hang)
    stream.publish(Kind.NOTICE, {"text": "first"})
    assert entered.wait(WAIT_SECONDS)
    second = stream.publish(Kind.NOTICE, {"text": "second"})  # returns while the listener hangs
    still_hanging = not release.is_set()
    release.set()

    assert (second.number, still_hanging) == (2, True)


def test_a_listener_that_raises_is_logged_and_stops_nobody(
    stream: EventStream, caplog: pytest.LogCaptureFixture
) -> None:
    """One broken panel leaves the others alive, itself included."""
    heard: Queue[int] = Queue()

    def broken(entry: Entry) -> None:
        heard.put(-entry.number)
        raise ValueError("broken panel")

    stream.subscribe(broken)
    stream.subscribe(lambda entry: heard.put(entry.number))
    for _ in range(2):
        stream.publish(Kind.NOTICE, {"text": ""})
    stream.close()

    assert sorted(heard.get(timeout=WAIT_SECONDS) for _ in range(4)) == [-2, -1, 1, 2]
    assert "a listener failed on entry 1" in caplog.text


def test_a_canceled_listener_hears_nothing_more(stream: EventStream) -> None:
    """A panel that is closed is let go, even from inside its own listener."""
    heard: Queue[int] = Queue()
    subscription = stream.subscribe(lambda entry: (heard.put(entry.number), stream.cancel(subscription)))
    for _ in range(3):
        stream.publish(Kind.NOTICE, {"text": ""})
    first = heard.get(timeout=WAIT_SECONDS)
    stream.cancel(subscription)
    stream.close()

    assert first == 1
    assert heard.empty()


def test_wait_for_finds_what_was_there_already(stream: EventStream) -> None:
    """No race between doing something and waiting for its event."""
    stream.publish(Kind.NOTICE, {"text": "there"})
    entry = stream.wait_for(lambda e: e.kind is Kind.NOTICE, timeout=0)

    assert entry is not None
    assert entry.data["text"] == "there"


def test_wait_for_is_woken_by_what_comes(stream: EventStream) -> None:
    """The waiting thread gets the entry that another thread publishes."""
    found: Queue[Entry | None] = Queue()
    waiting = threading.Thread(
        target=lambda: found.put(stream.wait_for(lambda e: e.data["text"] == "wanted", timeout=WAIT_SECONDS))
    )
    waiting.start()
    for text in ("other", "wanted"):
        stream.publish(Kind.NOTICE, {"text": text})
    entry = found.get(timeout=WAIT_SECONDS)
    waiting.join(WAIT_SECONDS)

    assert entry is not None
    assert entry.number == 2


def test_wait_for_gives_up_and_looks_only_after_since(stream: EventStream) -> None:
    """None means that nothing came in time."""
    stream.publish(Kind.NOTICE, {"text": "old"})

    assert stream.wait_for(lambda _: True, timeout=0.01, since=1) is None


def test_close_hands_on_what_is_left_and_may_be_repeated() -> None:
    """After close the thread is gone, everything was heard, and later entries are only kept."""
    stream, heard = EventStream(), []
    stream.subscribe(lambda entry: heard.append(entry.number))
    stream.publish(Kind.NOTICE, {"text": "last words"})
    stream.close()
    stream.close()
    late = stream.publish(Kind.NOTICE, {"text": "late"})

    assert heard == [1]
    assert late in stream.entries()
    assert not [t for t in threading.enumerate() if t.name == "labkit-stream"]


def test_close_from_a_listener_does_not_hang() -> None:
    """A listener may stop the lab."""
    stream, closed = EventStream(), threading.Event()

    def close(_: Entry) -> None:
        stream.close()
        closed.set()

    stream.subscribe(close)
    stream.publish(Kind.NOTICE, {"text": ""})

    assert closed.wait(WAIT_SECONDS)


def test_a_flood_of_http_pushes_nothing_else_out() -> None:
    """What TaskRouter said is kept apart from requests and answers, and all come back in order."""
    stream = EventStream(capacity=3)
    stream.publish(Kind.EVENT, {})
    for _ in range(5):
        stream.publish(Kind.EXCHANGE, {})
    stream.publish(Kind.NOTICE, {})
    assert [(e.number, e.kind) for e in stream.entries()] == [
        (1, Kind.EVENT),
        (4, Kind.EXCHANGE),
        (5, Kind.EXCHANGE),
        (6, Kind.EXCHANGE),
        (7, Kind.NOTICE),
    ]
    assert [e.number for e in stream.entries(since=5)] == [6, 7]


def test_an_entry_of_a_key_is_published_once(stream: EventStream) -> None:
    """An Event may be told by its callback and by the log; whoever is first is heard, and no key is no key."""
    first = stream.publish_once(Kind.EVENT, {"text": "a"}, key="EV1")
    again = stream.publish_once(Kind.EVENT, {"text": "b"}, key="EV1")
    without = [stream.publish_once(Kind.EVENT, {"text": "c"}, key="") for _ in range(2)]
    assert first is not None
    assert again is None
    assert all(without)
    assert (stream.knows("EV1"), stream.knows("EV2"), stream.last) == (True, False, 3)
