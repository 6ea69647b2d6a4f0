"""bench: every figure is measured, shown and written, and one that fails does not stop the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import FIGURES, Measurement, main
from bench.measurement import Say
from labkit.errors import LabError

pytestmark = pytest.mark.process


@pytest.fixture
def said() -> list[str]:
    """What was told to the person."""
    return []


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three made-up figures, one of which cannot be measured."""

    def broken(say: Say) -> Measurement:
        raise LabError("no sandbox here")

    monkeypatch.setitem(FIGURES, "plain", lambda say: Measurement(1.25, "s"))
    monkeypatch.setitem(FIGURES, "compared", lambda say: Measurement(1234.5, "requests/s", "a bare server", 0.5))
    monkeypatch.setitem(FIGURES, "broken", broken)


def test_the_figures_are_those_that_were_promised() -> None:
    """A name in `bench.json` stays what it is, so that two versions can be compared."""
    assert list(FIGURES) == [
        "import_s",
        "start_cold_s",
        "start_warm_s",
        "callback_vs_bare_flask",
        "callback_burst_slowest_s",
        "get_task_vs_bare_aiohttp",
        "create_task_vs_bare_aiohttp",
        "statistics_ms",
        "list_10000_vs_100",
        "members_list_ms",
        "durable_vs_memory",
        "durable_power_vs_process",
        "reopen_10000_s",
        "sandbox_rss_mib",
        "socket_event_ms",
        "sockets_500_rest_ratio",
        "slowest_request_ms",
        "first_statistics_s",
        "lives_per_s",
        "lives_per_s_large",
        "life_cost_25000_vs_100",
        "worker_back_ms",
        "expression_us",
        "task_bytes",
        "day_of_5000_calls_s",
        "card_vs_floor_p50",
        "card_vs_floor_p95",
        "burst_200_drawn_s",
    ]


def test_a_table_and_a_file(figures: None, said: list[str], tmp_path: Path) -> None:
    """Both hold value, unit, and the ratio with what it is to."""
    status = main(["plain", "compared"], out=tmp_path / "bench.json", say=said.append)
    document = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    [table] = [text for text in said if "figure" in text]

    assert status == 0
    assert document["plain"] == {"value": 1.25, "unit": "s", "ratio_to": None, "ratio": None}
    assert document["compared"] == {"value": 1234.5, "unit": "requests/s", "ratio_to": "a bare server", "ratio": 0.5}
    assert ["compared", "1,234", "requests/s", "0.50", "a", "bare", "server"] in [r.split() for r in table.splitlines()]


def test_a_figure_that_fails_is_named_and_stops_nobody(figures: None, said: list[str], tmp_path: Path) -> None:
    """The others are measured, the file holds them alone, and the exit status tells."""
    status = main(["broken", "plain"], out=tmp_path / "bench.json", say=said.append)
    document = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))

    assert status == 1
    assert list(document) == ["plain"]
    assert "no sandbox here" in "\n".join(said)


def test_an_unknown_figure_is_refused_before_anything_runs(said: list[str], tmp_path: Path) -> None:
    """The sentence names those that there are."""
    with pytest.raises(LabError, match=r"'speed'.*import_s"):
        main(["import_s", "speed"], out=tmp_path / "bench.json", say=said.append)

    assert said == []
