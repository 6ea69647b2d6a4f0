"""The clock: held or running, never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labkit.sandbox.clock import Clock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Computer:
    """A computer's two clocks, which a test sets."""

    def __init__(self) -> None:
        self.shown = NOON
        self.run = 1000.0

    def clock(self, start: datetime | None = None) -> Clock:
        """A clock that reads them."""
        return Clock(start, read=lambda: self.shown, monotonic=lambda: self.run)

    def wait(self, seconds: float) -> None:
        """Time goes by, and both clocks show it."""
        self.shown += timedelta(seconds=seconds)
        self.run += seconds


def test_a_held_clock_moves_by_hand_only() -> None:
    """It stands where it was put, and an advance of 0 leaves it there."""
    clock = Clock(NOON)
    assert clock.is_held
    assert clock.now() == clock.advance(0) == NOON
    assert clock.advance(1.5) == clock.now() == NOON + timedelta(seconds=1.5)


def test_a_running_clock_follows_the_real_time_and_can_be_put_ahead() -> None:
    """What it was advanced by stays on top of the real time."""
    computer = Computer()
    clock = computer.clock()
    assert not clock.is_held
    assert clock.now() == NOON
    clock.advance(60)
    computer.wait(5)
    assert clock.now() == NOON + timedelta(seconds=65)


def test_time_runs_on_when_the_computers_clock_is_set_back() -> None:
    """By an hour, as somebody does by hand: a minute later it is a minute later, and no timer stands still."""
    computer = Computer()
    clock = computer.clock()
    computer.shown -= timedelta(hours=1)
    assert clock.now() == NOON
    assert clock.seconds_until(NOON + timedelta(minutes=3)) == 180
    computer.wait(60)
    assert clock.now() == NOON + timedelta(minutes=1)
    assert clock.seconds_until(NOON + timedelta(minutes=3)) == 120


def test_time_follows_the_computers_clock_forward() -> None:
    """A laptop slept for an hour, which its monotonic clock does not count; what fell due meanwhile is due now."""
    computer = Computer()
    clock = computer.clock()
    computer.shown += timedelta(hours=1)
    assert clock.now() == NOON + timedelta(hours=1)
    assert clock.seconds_until(NOON + timedelta(minutes=3)) == 0


def test_a_clock_that_was_set_back_and_put_right_is_not_ahead() -> None:
    """Time and the computer's clock are one again, as if nothing had been."""
    computer = Computer()
    clock = computer.clock()
    computer.shown -= timedelta(hours=1)
    computer.wait(60)
    clock.now()
    computer.shown += timedelta(hours=1)
    assert clock.now() == computer.shown


def test_time_goes_on_from_a_moment_that_was_there_already() -> None:
    """The computer's clock may be behind what is kept; where it comes to it, both are one again."""
    computer = Computer()
    clock = computer.clock()
    clock.not_before(NOON + timedelta(hours=1))
    clock.not_before(NOON)
    computer.wait(60)
    assert clock.now() == NOON + timedelta(hours=1, minutes=1)
    computer.shown += timedelta(hours=2)
    assert clock.now() == computer.shown


@pytest.mark.parametrize(("held", "stands"), [(NOON, 60), (NOON + timedelta(seconds=90), 90)])
def test_a_held_clock_stands_where_nothing_is_in_the_future(held: datetime, stands: int) -> None:
    """It moves on to the newest that is kept, and from there only by hand."""
    computer = Computer()
    clock = computer.clock(held)
    clock.not_before(NOON + timedelta(seconds=60))
    computer.wait(60)
    assert clock.now() == NOON + timedelta(seconds=stands)


@pytest.mark.parametrize("clock", [Clock(NOON), Computer().clock()], ids=["held", "running"])
def test_no_clock_goes_back(clock: Clock) -> None:
    """Seconds below 0 are refused with a sentence, and the time stays."""
    with pytest.raises(ValueError, match=r"cannot go back, and -1 seconds is back"):
        clock.advance(-1)
    assert clock.now() == NOON


def test_what_counts_requests_goes_on_while_time_is_held() -> None:
    """A second of the computer's is a second there, held or not, and so is a second of a move."""
    computer = Computer()
    clock = computer.clock()
    clock.pause()
    began = clock.steady()
    computer.wait(5)
    assert (clock.now(), clock.steady() - began) == (NOON, timedelta(seconds=5))
    clock.advance(60)
    clock.resume()
    assert clock.steady() - began == timedelta(seconds=65)


def test_how_long_to_wait_for_a_moment() -> None:
    """Real seconds while it runs, 0 for what is past, and None for what a held clock does not come to."""
    running, held = Computer().clock(), Clock(NOON)
    later, earlier = NOON + timedelta(seconds=30), NOON - timedelta(seconds=30)
    assert (running.seconds_until(later), running.seconds_until(earlier)) == (30, 0)
    assert (held.seconds_until(later), held.seconds_until(NOON), held.seconds_until(earlier)) == (None, 0, 0)


def test_the_default_is_the_computers_time_in_utc() -> None:
    """Between two readings of the real time, with a zone."""
    before = datetime.now(UTC)
    now = Clock().now()
    assert before <= now <= datetime.now(UTC) + timedelta(milliseconds=1)  # two clocks, each in whole microseconds
    assert now.utcoffset() == timedelta(0)


def test_a_clock_in_steps_stands_between_them_and_then_runs_on() -> None:
    """Not held: whoever asks is told that it runs. Nothing of the time that the computer took is made up for."""
    computer = Computer()
    clock = computer.clock()
    with clock.in_steps():
        computer.wait(5)
        assert (clock.now(), clock.is_held, clock.seconds_until(NOON + timedelta(hours=1))) == (NOON, False, None)
        clock.move_to(NOON + timedelta(minutes=1))
        computer.wait(5)
        assert clock.now() == NOON + timedelta(minutes=1)
        assert clock.seconds_until(NOON) == 0
    computer.wait(5)
    assert clock.now() == NOON + timedelta(seconds=65)


def test_a_clock_in_steps_can_be_held_and_let_go() -> None:
    """A pause in the middle of a run: moved by hand meanwhile, it goes on from there."""
    computer = Computer()
    clock = computer.clock()
    with clock.in_steps():
        clock.pause()
        assert clock.is_held
        clock.advance(30)
        clock.resume()
        computer.wait(5)
        assert (clock.now(), clock.is_held) == (NOON + timedelta(seconds=30), False)
