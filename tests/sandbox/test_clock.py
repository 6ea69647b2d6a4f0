"""The clock: held or running, never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labkit.sandbox.clock import Clock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Reading:
    """A real time that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_a_held_clock_moves_by_hand_only() -> None:
    """It stands where it was put, and an advance of 0 leaves it there."""
    clock = Clock(NOON)
    assert clock.is_held
    assert clock.now() == clock.advance(0) == NOON
    assert clock.advance(1.5) == clock.now() == NOON + timedelta(seconds=1.5)


def test_a_running_clock_follows_the_real_time_and_can_be_put_ahead() -> None:
    """What it was advanced by stays on top of the real time."""
    real = Reading()
    clock = Clock(read=real)
    assert not clock.is_held
    assert clock.now() == NOON
    clock.advance(60)
    real.now += timedelta(seconds=5)
    assert clock.now() == NOON + timedelta(seconds=65)


def test_a_computer_clock_that_is_set_back_does_not_turn_time_back() -> None:
    """The sandbox's time stands until the real one has caught up."""
    real = Reading()
    clock = Clock(read=real)
    clock.now()
    real.now -= timedelta(hours=1)
    assert clock.now() == NOON
    real.now = NOON + timedelta(seconds=1)
    assert clock.now() == NOON + timedelta(seconds=1)


@pytest.mark.parametrize("clock", [Clock(NOON), Clock(read=Reading())], ids=["held", "running"])
def test_no_clock_goes_back(clock: Clock) -> None:
    """Seconds below 0 are refused with a sentence, and the time stays."""
    with pytest.raises(ValueError, match=r"cannot go back, and -1 seconds is back"):
        clock.advance(-1)
    assert clock.now() == NOON


def test_what_counts_requests_goes_on_while_time_is_held() -> None:
    """A second of the computer's is a second there, held or not, and so is a second of a move."""
    real = Reading()
    clock = Clock(read=real)
    clock.pause()
    began = clock.steady()
    real.now += timedelta(seconds=5)
    assert (clock.now(), clock.steady() - began) == (NOON, timedelta(seconds=5))
    clock.advance(60)
    clock.resume()
    assert clock.steady() - began == timedelta(seconds=65)


def test_how_long_to_wait_for_a_moment() -> None:
    """Real seconds while it runs, 0 for what is past, and None for what a held clock does not come to."""
    running, held = Clock(read=Reading()), Clock(NOON)
    later, earlier = NOON + timedelta(seconds=30), NOON - timedelta(seconds=30)
    assert (running.seconds_until(later), running.seconds_until(earlier)) == (30, 0)
    assert (held.seconds_until(later), held.seconds_until(NOON), held.seconds_until(earlier)) == (None, 0, 0)


def test_the_default_is_the_computers_time_in_utc() -> None:
    """Between two readings of the real time, with a zone."""
    before = datetime.now(UTC)
    now = Clock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)
