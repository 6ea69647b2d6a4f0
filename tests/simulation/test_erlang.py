"""Erlang's formulas and what they are made of, held to published tables and to each other."""

from __future__ import annotations

import math

import pytest

from labkit.errors import ArgumentError
from labkit.simulation.erlang import erlang_a, erlang_c
from labkit.simulation.probability import incomplete_beta, student_t_quantile


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [
        (0.975, 1, 12.7062),
        (0.975, 4, 2.7764),
        (0.975, 19, 2.0930),
        (0.9975, 10, 3.5814),
        (0.95, 30, 1.6973),
        (0.975, 1000, 1.9623),
        (0.5, 7, 0.0),
    ],
)
def test_students_t_is_as_in_the_tables(probability: float, degrees: int, quantile: float) -> None:
    """Four digits, as they are printed."""
    assert student_t_quantile(probability, degrees=degrees) == pytest.approx(quantile, abs=6e-5)


def test_the_beta_function_is_a_sum_where_that_is_easy() -> None:
    """For whole numbers it is the probability of so many heads or more."""
    for heads, tosses, p in [(3, 10, 0.2), (1, 4, 0.9), (40, 50, 0.75)]:
        tail = math.fsum(math.comb(tosses, k) * p**k * (1 - p) ** (tosses - k) for k in range(heads, tosses + 1))
        assert incomplete_beta(p, a=heads, b=tosses - heads + 1) == pytest.approx(tail, rel=1e-12)
    assert (incomplete_beta(0, a=2, b=3), incomplete_beta(1, a=2, b=3)) == (0, 1)


@pytest.mark.parametrize(
    ("workers", "load", "waiting"), [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (5, 4.0, 0.5541), (10, 8.0, 0.4092)]
)
def test_erlang_c_is_as_in_the_tables(workers: int, load: float, waiting: float) -> None:
    """The load in Erlangs: calls that come while one is talked."""
    queue = erlang_c(workers=workers, calls_per_hour=load * 20, talk_seconds=180)
    assert queue.waiting_probability == pytest.approx(waiting, abs=5e-5)
    assert queue.mean_wait_seconds == pytest.approx(queue.waiting_probability * 180 / (workers - load))
    assert queue.service_level(0) == pytest.approx(1 - waiting, abs=5e-5)
    assert queue.occupancy == pytest.approx(load / workers)


def test_too_few_workers_let_everybody_wait_without_end() -> None:
    """Erlang C has no long run then; with patience there is one."""
    queue = erlang_c(workers=2, calls_per_hour=60, talk_seconds=300)
    assert (queue.waiting_probability, queue.mean_wait_seconds, queue.service_level(60)) == (1.0, math.inf, 0.0)
    assert "without end" in str(queue)
    impatient = erlang_a(workers=2, calls_per_hour=60, talk_seconds=300, patience_seconds=900)
    assert impatient.abandoned == pytest.approx(0.6, abs=0.02)
    assert 0.95 < impatient.occupancy < 1


def test_with_endless_patience_both_are_one() -> None:
    """And with any, whoever is not answered has given up."""
    c = erlang_c(workers=10, calls_per_hour=100, talk_seconds=300)
    a = erlang_a(workers=10, calls_per_hour=100, talk_seconds=300, patience_seconds=1e8)
    assert a.waiting_probability == pytest.approx(c.waiting_probability, rel=1e-4)
    assert a.mean_wait_seconds == pytest.approx(c.mean_wait_seconds, rel=1e-3)
    assert a.service_level(20) == pytest.approx(c.service_level(20), rel=1e-4)
    impatient = erlang_a(workers=10, calls_per_hour=100, talk_seconds=300, patience_seconds=90)
    assert impatient.service_level(1e7) == pytest.approx(1 - impatient.abandoned)
    assert impatient.service_level(0) == pytest.approx(1 - impatient.waiting_probability)


def test_erlang_a_with_patience_like_the_talk_is_poisson() -> None:
    """Then everybody in the centre leaves at one rate, and so many are there as in a centre without end."""
    load, workers = 8.0, 10
    queue = erlang_a(workers=workers, calls_per_hour=load * 12, talk_seconds=300, patience_seconds=300)
    fewer = math.fsum(math.exp(-load) * load**k / math.factorial(k) for k in range(workers))
    assert queue.waiting_probability == pytest.approx(1 - fewer)


def test_they_show_themselves() -> None:
    """As a small table."""
    said = str(erlang_c(workers=10, calls_per_hour=100, talk_seconds=300))
    assert said.startswith("Erlang C: 10 Workers, 100 calls an hour of 300 s")
    assert "Callers who wait      48.8%" in said
    assert str(erlang_a(workers=1, calls_per_hour=0, talk_seconds=1, patience_seconds=1)).startswith("Erlang A")


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"workers": 2.5}, {"calls_per_hour": -1}, {"talk_seconds": math.nan}]
)
def test_an_impossible_number_is_said(wrong: dict[str, float]) -> None:
    """With its name."""
    given = {"workers": 1, "calls_per_hour": 1.0, "talk_seconds": 1.0, **wrong}
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        erlang_c(**given)  # type: ignore[arg-type]
