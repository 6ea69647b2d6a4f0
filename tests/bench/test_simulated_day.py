"""The figure of a simulated day, with a day of some calls only."""

from __future__ import annotations

import pytest

from bench import simulated_day

pytestmark = pytest.mark.process  # NumPy and networkx take a second to be imported


def test_a_day_is_measured_beside_ciw(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same number of calls for both, in turns."""
    monkeypatch.setattr(simulated_day, "CALLS", 40)
    monkeypatch.setattr(simulated_day, "ROUNDS", 2)
    counts: list[int] = []
    ciw = simulated_day._ciw

    def counted(seed: int, *, calls: int) -> float:
        counts.append(calls)
        return ciw(seed, calls=calls)

    monkeypatch.setattr(simulated_day, "_ciw", counted)
    said: list[str] = []
    measurement = simulated_day.day_of_5000_calls_s(said.append)

    assert (measurement.unit, measurement.ratio_to) == ("s", "Ciw")
    assert measurement.value > 0
    assert measurement.ratio is not None
    assert measurement.ratio > 0
    assert len(said) == len(counts) == 2
    assert all(20 < calls < 70 for calls in counts)
