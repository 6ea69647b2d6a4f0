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
