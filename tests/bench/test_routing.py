"""bench.routing: what is measured happens, and every figure says what it is to be compared with."""

from __future__ import annotations

import time
from functools import partial

import pytest

from bench import routing
from bench.call_centre import CallCentre
from labkit.errors import LabError
from labkit.expressions import Dialect, compile_expression

pytestmark = pytest.mark.process

GROWTH = (2, 4, 8)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that take no time; what they come to says nothing."""
    sizes = {
        "ROUNDS": 2,
        "LIVES": 20,
        "LARGE": partial(CallCentre, queues=3, workers=6),
        "WAITING": 5,
        "GROWTH": GROWTH,
        "WAITING_FOR_WORKER": 10,
        "WORKERS_BACK": 2,
        "EVALUATIONS": 1_000,
    }
    monkeypatch.setattr(routing, "CLOCK", time.perf_counter)  # the processor's ticks are coarse on some systems
    for name, size in sizes.items():
        monkeypatch.setattr(routing, name, size)


@pytest.fixture
def said() -> list[str]:
    """What was told to the person."""
    return []


def test_lives_in_a_small_call_centre(said: list[str]) -> None:
    """A rate, and a line for each round."""
    measurement = routing.lives_per_s(said.append)

    assert measurement.unit == "lives/s"
    assert measurement.value > 0
    assert len(said) == routing.ROUNDS


def test_lives_in_a_large_call_centre_are_compared_with_a_small_one(said: list[str]) -> None:
    """The ratio is that of the rates, so 0.5 is half as fast."""
    measurement = routing.lives_per_s_large(said.append)

    assert measurement.ratio_to == "lives_per_s"
    assert measurement.ratio is not None
    assert measurement.ratio > 0


def test_the_growth_of_the_cost_is_told(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    """Each size with its cost and its ratio to the first, within one round; the figure is the last."""
    monkeypatch.setattr(routing, "_in_turns", lambda *makers, say: [[1e-6, 3e-6, 2e-6], [2e-6, 6e-6, 4e-6]])
    measurement = routing.life_cost_25000_vs_100(said.append)

    assert [line.split(":")[0].strip() for line in said] == [f"{size} waiting Tasks" for size in GROWTH]
    assert "3.00 times" in said[1]
    assert measurement.value == pytest.approx(3)
    assert measurement.ratio == pytest.approx(2)
    assert measurement.ratio_to == "2 waiting Tasks"


def test_the_growth_is_measured_in_every_size(said: list[str]) -> None:
    """With real call centres, of which each is filled as it is said."""
    measurement = routing.life_cost_25000_vs_100(said.append)

    assert measurement.value > 0
    assert len([line for line in said if "waiting Tasks" in line]) == len(GROWTH)


def test_workers_come_back(said: list[str]) -> None:
    """As many as there shall be, each of whom gets a Task."""
    measurement = routing.worker_back_ms(said.append)

    assert measurement.unit == "ms"
    assert measurement.value > 0
    assert f"{routing.WORKERS_BACK} Workers came back" in said[0]


def test_an_expression_of_three_terms_is_asked(said: list[str]) -> None:
    """It holds, so all three terms are looked at."""
    expression = compile_expression(routing.EXPRESSION, Dialect.WORKER)

    assert expression.matches(routing.SCOPE)
    assert len(expression.references) == 3
    assert routing.expression_us(said.append).value > 0


def test_a_waiting_task_takes_memory(said: list[str]) -> None:
    """More than its attributes, which are two dozen bytes of text."""
    measurement = routing.task_bytes(said.append)

    assert measurement.unit == "bytes"
    assert measurement.value > 24


def test_a_worker_who_gets_nothing_is_not_fast() -> None:
    """Nobody waits: the figure would be that of something else."""
    centre = CallCentre(queues=2, workers=2)
    with pytest.raises(LabError, match="none was reserved"):
        centre.come_back(centre.away[0])


def test_a_life_without_a_worker_is_not_fast() -> None:
    """The Task waits; that is no life."""
    with pytest.raises(LabError, match="No Worker was reserved"):
        CallCentre(queues=1, workers=0).live()


def test_tasks_wait_only_where_a_team_is_away() -> None:
    """With one TaskQueue they would all be taken."""
    with pytest.raises(LabError, match="at least 2 TaskQueues"):
        CallCentre(queues=1, workers=1).add_waiting(1)
