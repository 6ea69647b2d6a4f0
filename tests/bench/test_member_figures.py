"""bench.members: every member has Tasks of their own, and the list is measured for each."""

from __future__ import annotations

import pytest

from bench import members, throughput

pytestmark = pytest.mark.process


def test_each_members_list_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the owner's, of the same Tasks."""
    monkeypatch.setattr(throughput, "SECONDS", 0.05)
    monkeypatch.setattr(throughput, "WARM_UP_SECONDS", 0.01)
    monkeypatch.setattr(members, "MEMBERS", 3)
    monkeypatch.setattr(members, "TASKS", 9)
    said: list[str] = []
    measurement = members.members_list_ms(said.append)
    assert said == ["  3 members and 9 Tasks are there"]
    assert (measurement.unit, measurement.ratio_to) == ("ms", "the owner's list")
    assert 0 < measurement.value < 2000
    assert measurement.ratio is not None
    assert measurement.ratio > 0
