"""bench.sockets: a page hears of every change that is measured, and the pages are there while requests are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import sockets, throughput

pytestmark = pytest.mark.process


def test_a_change_is_measured_from_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox says when that was, by the clock that the measuring process reads."""
    monkeypatch.setattr(sockets, "CHANGES", 12)
    said: list[str] = []
    measurement = sockets.socket_event_ms(said.append)
    assert "p50" in said[-1]
    assert (measurement.unit, measurement.ratio_to) == ("ms", "its median")
    assert 0 < measurement.value < 2000
    assert measurement.ratio is not None
    assert measurement.ratio >= 1


def test_requests_are_counted_with_and_without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those are connected in their rounds only."""
    monkeypatch.setattr(throughput, "ROUNDS", 1)
    monkeypatch.setattr(throughput, "SECONDS", 0.05)
    monkeypatch.setattr(throughput, "WARM_UP_SECONDS", 0.01)
    monkeypatch.setattr(sockets, "SOCKETS", 7)
    monkeypatch.setattr(sockets, "WORKERS", 3)
    measurement = sockets.sockets_500_rest_ratio(lambda _: None)
    assert (measurement.unit, measurement.ratio_to) == ("requests/s", "without the 7 sockets")
    assert measurement.ratio is not None
    assert measurement.ratio > 0


def test_a_moment_is_counted_from_the_last_commit_before_it(tmp_path: Path) -> None:
    """Commits of which the page hears nothing come in between."""
    commits = tmp_path / "commits.txt"
    commits.write_text("1.000\n2.000\n2.500\n", encoding="ascii")
    assert sockets._milliseconds([1.004, 2.503, 2.0], commits) == pytest.approx([4, 3, 0], abs=0.01)
