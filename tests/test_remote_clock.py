"""What a lab knows of TaskRouter's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labkit.remote_clock import RemoteClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Computer:
    """A computer's time that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def computer() -> Computer:
    """The computer's own time, at noon."""
    return Computer()


@pytest.fixture
def time(computer: Computer) -> RemoteClock:
    """What is known at first."""
    return RemoteClock(computer)


def test_at_first_it_is_the_computers_own(time: RemoteClock, computer: Computer) -> None:
    """As with a real account, for which nothing is ever learned."""
    computer.now += HOUR
    assert (time(), time.paused) == (NOON + HOUR, False)


def test_what_was_learned_runs_on(time: RemoteClock, computer: Computer) -> None:
    """Ahead or behind by what it was when it was learned."""
    time.learn(NOON + HOUR, paused=False)
    computer.now += timedelta(seconds=5)
    assert time() == NOON + HOUR + timedelta(seconds=5)


def test_a_time_that_is_held_stands(time: RemoteClock, computer: Computer) -> None:
    """Until it is learned that it runs."""
    time.learn(NOON, paused=True)
    computer.now += HOUR
    assert (time(), time.paused) == (NOON, True)
    time.learn(NOON, paused=False)
    computer.now += HOUR
    assert (time(), time.paused) == (NOON + HOUR, False)


def test_what_was_heard_here_has_a_time_there(time: RemoteClock, computer: Computer) -> None:
    """For what TaskRouter did not stamp itself; while time is held, nothing is later than that."""
    time.learn(NOON + HOUR, paused=False)
    assert time.as_told(NOON) == NOON + HOUR
    time.learn(NOON + HOUR, paused=True)
    assert time.as_told(NOON + timedelta(seconds=9)) == NOON + HOUR


def test_what_was_heard_before_a_move_keeps_its_time(time: RemoteClock, computer: Computer) -> None:
    """Whoever shows it later shows when it was, and not how far the clock was moved since."""
    time.learn(NOON + HOUR, paused=True)
    computer.now += timedelta(minutes=1)
    time.learn(NOON + 2 * HOUR, paused=False)
    computer.now += timedelta(minutes=1)
    told = [time.as_told(NOON + timedelta(seconds=seconds)) for seconds in (-1, 30, 61)]
    assert told == [NOON - timedelta(seconds=1), NOON + HOUR, NOON + 2 * HOUR + timedelta(seconds=1)]
    assert time.ahead == timedelta(minutes=119)


def test_a_trifle_that_is_learned_later_keeps_the_time_of_what_was_heard_since_the_move(
    time: RemoteClock, computer: Computer
) -> None:
    """It was heard after the clock was moved, however often somebody has looked since."""
    time.learn(NOON + HOUR, paused=False)
    computer.now += timedelta(seconds=10)
    time.learn(NOON + HOUR + timedelta(seconds=10.1), paused=False)
    assert time() == NOON + HOUR + timedelta(seconds=10.1)
    assert time.as_told(NOON + timedelta(seconds=5)) == NOON + HOUR + timedelta(seconds=5.1)


def test_a_time_that_runs_faster_is_followed(time: RemoteClock, computer: Computer) -> None:
    """As in a simulation: also what was heard in between has the time of that moment, and it ends in step."""
    time.learn(NOON, paused=False, speed=480.0)
    computer.now += timedelta(seconds=2)
    assert (time(), time.speed, time.paused) == (NOON + timedelta(minutes=16), 480.0, False)
    time.learn(time(), paused=False)
    computer.now += timedelta(seconds=2)
    assert time() == NOON + timedelta(minutes=16, seconds=2)
    assert time.as_told(NOON + timedelta(seconds=1)) == NOON + timedelta(minutes=8)


def test_listeners_hear_of_moves_and_not_of_trifles(time: RemoteClock) -> None:
    """A few milliseconds are the way of the answer, and each look brings some."""
    heard: list[datetime] = []
    end = time.listen(lambda: heard.append(time()))
    time.learn(NOON + timedelta(milliseconds=20), paused=False)
    assert heard == []
    time.learn(NOON + HOUR, paused=False)
    time.learn(NOON + HOUR, paused=True)
    time.learn(NOON + HOUR, paused=True)
    assert heard == [NOON + HOUR] * 2
    end()
    end()
    time.learn(NOON + 2 * HOUR, paused=False)
    assert len(heard) == 2


def test_a_listener_that_fails_keeps_nobody_from_hearing(time: RemoteClock, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the others are told."""
    heard: list[bool] = []
    time.listen(lambda: 1 / 0)  # type: ignore[arg-type]
    time.listen(lambda: heard.append(time.paused))
    time.learn(NOON, paused=True)
    assert heard == [True]
    assert "a listener failed" in caplog.text
