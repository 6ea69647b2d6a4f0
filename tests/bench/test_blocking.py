"""bench.blocking: each long piece of work is done to its end while somebody else asks."""

from __future__ import annotations

import pytest

from bench import blocking

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small Workspace; what it comes to says nothing."""
    for name, size in (("WORKERS", 3), ("TASKS", 5), ("TARGETS", 4), ("TERMS", 3), ("IDLE_SECONDS", 0.05)):
        monkeypatch.setattr(blocking, name, size)


def test_others_ask_beside_each_piece_of_work() -> None:
    """Each is done to its end, and told of."""
    said: list[str] = []
    measurement = blocking.slowest_request_ms(said.append)

    assert (measurement.unit, measurement.ratio_to) == ("ms", "an idle one")
    assert measurement.value > 0
    assert len([line for line in said if line.endswith(" ms")]) == len(blocking._PIECES)


def test_the_first_statistics() -> None:
    """Beside the next ones."""
    measurement = blocking.first_statistics_s(lambda _: None)

    assert (measurement.unit, measurement.ratio_to) == ("s", "the next ones")
    assert measurement.value > 0
