"""`lab.clock` on a sandbox: what it asks, what it gives back, and how it says no."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import START

from labkit.display import time_of_day
from labkit.errors import LabError, TaskRouterError
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock, read_clock


def test_an_advance_gives_back_what_it_brought_about(clock: Clock, centre: CallCentre) -> None:
    """The deadline, the events that came of it with their own time, and what is due next."""
    _, reservation = centre.reserved_task()
    moved = clock.advance(seconds=90)
    assert (moved.reading.now, moved.by) == (START + timedelta(seconds=90), timedelta(seconds=90))
    (due,) = moved.deadlines
    assert (due.kind, due.sid, due.at) == ("reservation_timeout", reservation.sid, START + timedelta(seconds=60))
    assert [(event.type, event.at) for event in moved.events] == [
        ("reservation.timeout", START + timedelta(seconds=60)),
        ("worker.activity.update", START + timedelta(seconds=60)),
    ]
    assert moved.events[0].resource_sid == reservation.sid
    assert moved.reading.next is not None


def test_a_move_reads_as_sentences(clock: Clock, centre: CallCentre) -> None:
    """A headline, a line for the deadline and for each event, and what is next."""
    centre.reserved_task()
    headline, due, *events, after = str(clock.advance(seconds=90)).splitlines()
    assert headline.endswith("in the sandbox, 1 min 30 s later. 1 deadline fell due; 2 events came of it.")
    assert "(due)" in due
    assert [line.split()[1] for line in events] == ["reservation.timeout", "worker.activity.update"]
    assert after.startswith("Next, in 23 h 58 min at ")


def test_what_comes_from_outside_is_no_html(clock: Clock, centre: CallCentre) -> None:
    """A Worker's name stands in an event's description, and anybody may choose it."""
    mallory = centre.add_worker("<script>alert(1)</script>", available=True)
    centre.add_task()
    shown = clock.run_to_next()._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown, f"{mallory.sid} should be named in {shown}"


def test_run_to_next_goes_from_deadline_to_deadline(clock: Clock, centre: CallCentre) -> None:
    """Each time to the next one exactly, until nothing is due; then it says so and stays."""
    centre.workspace.tasks(centre.add_task(timeout=10).sid).fetch()
    assert [event.type for event in clock.run_to_next().events] == ["task.canceled"]
    removed = clock.run_to_next()
    assert ([due.kind for due in removed.deadlines], removed.events) == (["task_removal"], ())
    nothing = clock.run_to_next()
    assert (nothing.deadlines, nothing.by) == ((), timedelta(0))
    assert "Nothing fell due." in str(nothing)
    assert str(nothing).endswith("Nothing is due.")


def test_the_lab_learns_the_time_from_every_answer(clock: Clock, time: RemoteClock) -> None:
    """Held, let go, or moved: what the panels count by follows at once."""
    assert clock.look().paused
    assert (time(), time.paused) == (START, True)
    clock.advance(seconds=30)
    assert time() == START + timedelta(seconds=30)
    clock.resume()
    assert not time.paused
    assert time() > START + timedelta(seconds=30)
    held = clock.pause()
    assert (time(), time.paused) == (held.now, True)


def test_the_clock_says_what_it_shows(clock: Clock, centre: CallCentre) -> None:
    """In a cell `lab.clock` is a sentence; `now()` is the time itself."""
    said = f"It is {time_of_day(START)} UTC in the sandbox, and time stands still. "
    assert repr(clock) == f"{said}Nothing is due."
    _, reservation = centre.reserved_task()
    at = time_of_day(START + timedelta(seconds=60))
    assert repr(clock) == f"{said}Next, in 1 min at {at}: Reservation {reservation.sid} times out."
    assert clock.now() == START


def test_a_clock_that_runs_faster_says_so() -> None:
    """As a simulation makes it."""
    reading = read_clock({"now": START.isoformat(), "paused": False, "speed": 480.0, "next": None})
    assert reading.headline == "It is 00:00:00 UTC in the sandbox, and time runs 480 times as fast."


@pytest.mark.parametrize("seconds", [-1, 2_592_001, float("nan"), float("inf"), "soon", None, True, [5]])
def test_what_is_no_number_of_seconds_is_not_sent(clock: Clock, seconds: Any) -> None:
    """The sentence has the value and the bounds, and the clock stays."""
    with pytest.raises(LabError, match=r"a number of seconds from 0 to 2,592,000 \(30 days\), and this is"):
        clock.advance(seconds=seconds)
    assert clock.now() == START


@pytest.mark.parametrize("ask", ["look", "now", "pause", "resume", "run_to_next"])
def test_a_real_account_has_no_such_clock(no_sandbox: SandboxClient, ask: str) -> None:
    """Nothing is sent; the sentence says what does have one."""
    clock = Clock(no_sandbox)
    assert not clock.available
    with pytest.raises(LabError, match=r"takes a sandbox, and this lab talks to a real account\. Run labkit\.start"):
        getattr(clock, ask)()
    assert "real account" in repr(clock)


def test_an_older_sandbox_is_told_apart(line: SandboxClient) -> None:
    """A path that it does not know is a matter of versions, and the sentence says what to do."""
    with pytest.raises(TaskRouterError, match=r"another version than the lab: end it with lab\.stop\(sandbox=True\)"):
        line.get("tides", what="look at the tides")


@pytest.mark.parametrize(
    ("beside", "said"),
    [(timedelta(0), "12:00:00"), (timedelta(days=2), "Thu 12:00:00"), (timedelta(days=30), "01 Jan 12:00:00")],
)
def test_a_time_of_another_day_says_which(beside: timedelta, said: str) -> None:
    """By its name within a week, by its date beyond."""
    noon = datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=-5)))
    assert time_of_day(noon, today=noon + beside) == said
