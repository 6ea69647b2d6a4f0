"""Rate limits, apart from HTTP: a window of one second for each Workspace and rate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.sandbox.rate_limits import RATES, TIDY_AT, Rate, RateLimits

START = datetime(2026, 1, 1, tzinfo=UTC)
THREE = Rate("Three", 3)
ONE_MORE = Rate("One more", 3)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_so_many_within_any_second_and_no_more() -> None:
    """The window slides: each request makes room one second after it."""
    limits = RateLimits()
    taken = [limits.take(THREE, "WS1", after(seconds)) for seconds in (0, 0.4, 0.8, 0.9, 0.999, 1.0, 1.1, 1.4)]
    assert taken == [True, True, True, False, False, True, False, True]


def test_what_is_left_is_told() -> None:
    """It grows again as the window moves on."""
    limits = RateLimits()
    assert limits.remaining(THREE, "WS1", START) == 3
    limits.take(THREE, "WS1", START)
    limits.take(THREE, "WS1", after(0.5))
    assert [limits.remaining(THREE, "WS1", after(seconds)) for seconds in (0.5, 1.0, 1.5)] == [1, 2, 3]


def test_workspaces_and_rates_are_counted_apart() -> None:
    """Who asks too often in one Workspace is answered in another, and to other requests."""
    limits = RateLimits()
    for _ in range(THREE.most):
        limits.take(THREE, "WS1", START)
    assert not limits.take(THREE, "WS1", START)
    assert limits.take(THREE, "WS2", START)
    assert limits.take(ONE_MORE, "WS1", START)


def test_counters_of_the_past_are_dropped() -> None:
    """However many Workspaces come and go, no more counters are kept than are in use."""
    limits = RateLimits()
    for number in range(3 * TIDY_AT):
        assert limits.take(THREE, f"WS{number}", after(number))
    assert len(limits._asked) <= TIDY_AT
    assert limits.remaining(THREE, f"WS{3 * TIDY_AT - 1}", after(3 * TIDY_AT - 1)) == 2


@given(st.lists(st.floats(0, 0.5), max_size=60))
def test_no_second_has_more_than_the_limit(gaps: list[float]) -> None:
    """Whenever the requests come, and at least that many are taken as would be in seconds side by side."""
    limits, now, taken = RateLimits(), START, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        if limits.take(THREE, "WS1", now):
            taken.append(now)
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in zip(taken, taken[3:], strict=False))
    assert len(taken) >= min(len(gaps), THREE.most)


@pytest.mark.parametrize("rate", RATES.values(), ids=lambda rate: rate.name)
def test_the_table_has_what_is_published(rate: Rate) -> None:
    """Each rate has a name of its own and a number; three of the five count only with their parameter."""
    assert rate.most in (3, 5, 50)
    assert (rate.when is not None) == (rate.most == 3)
    assert [other.name for other in RATES.values()].count(rate.name) == 1
