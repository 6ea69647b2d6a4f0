"""The settings of a contact centre, and the callers who arrive as they say."""

from __future__ import annotations

from random import Random

import pytest

from labkit.errors import ArgumentError
from labkit.simulation.arrivals import PATTERNS, CallArrivals
from labkit.simulation.contact_centre import ContactCentre


@pytest.mark.parametrize("name", list(PATTERNS))
def test_callers_come_at_the_rates_of_the_day(name: str) -> None:
    """Of many days, in each part as many as its rate says, and on average as many as are asked for."""
    pattern = PATTERNS[name]
    arrivals, chance = CallArrivals(calls_per_hour=200, hours=8, pattern=pattern), Random(3)
    counts, days = [0] * len(pattern), 20
    for _ in range(days):
        at = arrivals.next_after(0.0, chance)
        while at is not None:
            counts[int(at / (8 * 3600) * len(pattern))] += 1
            at = arrivals.next_after(at, chance)

    expected = [200 * 8 * days * part / sum(pattern) for part in pattern]
    assert sum(expected) == pytest.approx(200 * 8 * days)
    assert counts == [pytest.approx(each, abs=5 * each**0.5) for each in expected]


def test_a_warm_up_is_like_the_beginning_of_the_day() -> None:
    """Callers come before the opening, at the rate that the day begins with."""
    arrivals, chance = CallArrivals(calls_per_hour=100, hours=2, pattern=(1, 3), warm_up_seconds=7200), Random(2)
    came, at = [], arrivals.next_after(arrivals.begins_at, chance)
    while at is not None:
        came.append(at)
        at = arrivals.next_after(at, chance)

    counts = [sum(begin <= at < begin + 3600 for at in came) for begin in (-7200, -3600, 0, 3600)]
    assert sum(counts) == len(came)
    assert counts == [pytest.approx(each, abs=4 * each**0.5) for each in (50, 50, 50, 150)]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"calls_per_hour": -1}, "calls_per_hour is a number, 0 or more; it is -1."),
        ({"calls_per_hour": float("nan")}, "it is nan"),
        ({"talk_seconds": 0}, "talk_seconds is a number, more than 0; it is 0."),
        ({"patience_seconds": 0}, "patience_seconds is a number, more than 0; it is 0."),
        ({"hours": "8"}, "it is '8'"),
        ({"hours": True}, "it is True"),
        ({"missed": 1.5}, "0 or more and at most 1"),
        ({"arrivals": "stedy"}, "arrivals cannot be 'stedy'; did you mean 'steady'?"),
        ({"arrivals": (0, 0)}, "at least one number that is more than 0"),
        ({"talk_distribution": []}, "There are: 'exponential', 'constant', 'lognormal'."),
        ({"callers": ()}, "at least one kind of caller"),
    ],
)
def test_an_impossible_setting_is_said(setting: dict[str, object], said: str) -> None:
    """With the argument, what it may be, and what it is."""
    with pytest.raises(ArgumentError) as raised:
        ContactCentre(**setting)  # type: ignore[arg-type]
    assert said in str(raised.value)
