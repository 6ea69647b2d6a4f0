"""The pulse of a sandbox: one request for what a lab looks at every second, and what it learns from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.call_centre import CallCentre
from sandbox.local import START, LocalSandbox, local_sandbox

from labkit.errors import LabError
from labkit.remote_clock import RemoteClock
from labkit.sandbox.store import Snapshots as Kept
from labkit.sandbox_client import pulse
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.faults import Faults
from labkit.sandbox_client.snapshots import Snapshots


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[LocalSandbox]:
    """A sandbox with a place for snapshots."""
    with local_sandbox(kept=Kept(tmp_path / "snapshots")) as running:
        yield running


def test_one_look_is_what_the_clock_and_the_faults_say(
    sandbox: LocalSandbox, line: SandboxClient, centre: CallCentre
) -> None:
    """In one request; only the faults that are on are in it."""
    centre.reserved_task()
    on = Faults(line).on("rest_late", probability=0.5).on
    del sandbox.calls[:]
    seen = pulse.look(line)
    assert len(sandbox.calls) == 1
    assert (seen.clock, seen.faults) == (Clock(line).look(), on)


def test_another_generation_says_that_the_state_is_another(line: SandboxClient) -> None:
    """Whoever restored it or reset it."""
    snapshots, first = Snapshots(line), pulse.look(line).generation
    snapshots.keep("then")
    assert pulse.look(line).generation == first
    snapshots.restore("then")
    restored = pulse.look(line).generation
    snapshots.reset()
    assert len({first, restored, pulse.look(line).generation}) == 3


def test_a_look_tells_the_time(line: SandboxClient) -> None:
    """What the panels count by follows."""
    time = RemoteClock()
    pulse.look(line, time=time)
    assert (time(), time.paused) == (START, True)


def test_a_real_account_has_none(no_sandbox: SandboxClient) -> None:
    """Nothing is asked of it."""
    with pytest.raises(LabError, match="takes a sandbox"):
        pulse.look(no_sandbox)
