"""When a session hears of what has happened: after its answer, after its loading, and in order."""

from __future__ import annotations

from labkit.sandbox.bridge.outbox import ANSWER_LEAD_SECONDS, LOADED_LEAD_SECONDS, MOST_HELD_SECONDS, Call, Outbox

LOADED = 10.0
"""When the outboxes here are open."""


def loaded() -> Outbox:
    """One whose client has loaded long ago."""
    outbox = Outbox(now=0.0)
    outbox.note_loaded(1.0)
    return outbox


def test_what_waits_for_nothing_goes_at_once() -> None:
    outbox = loaded()
    outbox.add(b"one", now=LOADED)
    assert (outbox.due_at(), outbox.size) == (LOADED, 3)
    assert outbox.take(LOADED) == [b"one"]
    assert (outbox.take(LOADED), outbox.due_at(), outbox.size) == ([], None, 0)


def test_what_a_call_has_caused_goes_a_moment_after_its_answer() -> None:
    """It is not known beforehand when that is."""
    outbox, call = loaded(), Call("WK1")
    outbox.add(b"accepted", now=LOADED, after=call)
    assert outbox.take(LOADED + 0.5) == []
    call.answered_at = LOADED + 0.5
    assert outbox.due_at() == LOADED + 0.5 + ANSWER_LEAD_SECONDS
    assert outbox.take(LOADED + 0.5) == []
    assert outbox.take(LOADED + 0.5 + ANSWER_LEAD_SECONDS) == [b"accepted"]


def test_an_answer_that_does_not_come_holds_nothing_up_for_long() -> None:
    """Its reader may be stuck; and calls may never cease, so a message waits for its own one only."""
    outbox, stuck, late = loaded(), Call("WK1"), Call("WK1")
    outbox.add(b"one", now=LOADED, after=stuck)
    outbox.add(b"two", now=LOADED + 1, after=late)
    late.answered_at = LOADED + 1
    assert outbox.take(LOADED + MOST_HELD_SECONDS - 0.01) == []
    assert outbox.take(LOADED + MOST_HELD_SECONDS) == [b"one", b"two"]
    outbox.add(b"three", now=LOADED + 3, after=stuck)
    stuck.answered_at = LOADED + 60
    assert outbox.take(LOADED + 3 + MOST_HELD_SECONDS) == [b"three"]


def test_nothing_overtakes_what_was_there_before() -> None:
    """A later event that nobody called for waits behind an earlier one."""
    outbox, call = loaded(), Call("WK1")
    outbox.add(b"accepted", now=LOADED, after=call)
    outbox.add(b"canceled", now=LOADED + 0.1)
    assert outbox.take(LOADED + 0.2) == []
    call.answered_at = LOADED + 0.2
    assert outbox.take(LOADED + 0.3) == [b"accepted", b"canceled"]


def test_a_client_that_loads_hears_nothing_until_it_is_done() -> None:
    outbox = Outbox(now=0.0)
    outbox.add(b"created", now=0.1)
    assert outbox.take(0.4) == []
    outbox.note_loaded(0.4)
    assert outbox.due_at() == 0.4 + LOADED_LEAD_SECONDS
    assert outbox.take(0.69) == []
    assert outbox.take(0.4 + LOADED_LEAD_SECONDS) == [b"created"]


def test_a_client_that_never_loads_hears_all_the_same() -> None:
    """Also one whose loading is done just before."""
    outbox = Outbox(now=0.0)
    outbox.add(b"created", now=0.1)
    assert outbox.take(MOST_HELD_SECONDS - 0.01) == []
    outbox.note_loaded(MOST_HELD_SECONDS - 0.01)
    assert outbox.take(MOST_HELD_SECONDS) == [b"created"]
