"""bench.durability: what is measured happens, and every figure says what it is to be compared with."""

from __future__ import annotations

import os
import shutil

import pytest

from bench import durability, throughput
from labkit.errors import LabError

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that take little time; what they come to says nothing."""
    monkeypatch.setattr(throughput, "ROUNDS", 1)
    monkeypatch.setattr(throughput, "SECONDS", 0.05)
    monkeypatch.setattr(throughput, "WARM_UP_SECONDS", 0.01)
    monkeypatch.setattr(durability, "LIVE_TASKS", 5)


def test_writes_are_compared_with_the_memory_store() -> None:
    """The ratio is of the time for each: above 1 is what durability costs."""
    measurement = durability.durable_vs_memory(lambda _: None)

    assert (measurement.unit, measurement.ratio_to) == ("requests/s", "the memory store")
    assert measurement.value > 0
    assert measurement.ratio is not None
    assert measurement.ratio > 0


def test_writes_that_survive_a_power_cut_are_compared_with_those_that_need_not() -> None:
    """The ratio is of the time for each: above 1 is what it costs to wait for the disk."""
    measurement = durability.durable_power_vs_process(lambda _: None)

    assert (measurement.unit, measurement.ratio_to) == ("requests/s", "--durable process")
    assert measurement.value > 0
    assert measurement.ratio is not None
    assert measurement.ratio > 0


def test_a_full_sandbox_is_opened_again() -> None:
    """After it was filled and ended; it is compared with one that has nothing to load."""
    said: list[str] = []
    measurement = durability.reopen_10000_s(said.append)

    assert any("of 5 Tasks" in line for line in said)
    assert (measurement.unit, measurement.ratio_to) == ("s", "an empty one")
    assert measurement.value > 0


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps here")
def test_the_memory_of_an_empty_sandbox() -> None:
    """In MiB, of a whole Python process."""
    measurement = durability.sandbox_rss_mib(lambda _: None)

    assert measurement.unit == "MiB"
    assert 10 < measurement.value < 1000


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps here")
def test_memory_is_told_of_processes_that_are_there() -> None:
    """This one is; none has the number of nobody."""
    assert durability.resident_mib(os.getpid()) > 10
    with pytest.raises(LabError, match="memory of process 2000000000 cannot be read"):
        durability.resident_mib(2_000_000_000)
