"""A lab and its sandbox's controls, with a real sandbox process: time and faults are seen, and time survives a kill."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psutil
import pytest

import labkit
import labkit.lab.lab
from labkit.lab.lab import Lab
from labkit.lab.status import BE_USUAL, RESTART
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.stream import Kind

PATIENCE_SECONDS = 10
ES = {"selected_language": "es"}
HOUR = timedelta(hours=1)


@pytest.fixture
def lab(home: Path) -> Lab:
    """A running lab; it and its sandbox are ended afterwards."""
    return labkit.start()


def sandbox_line(lab: Lab) -> tuple[str, str, str | None]:
    """Light, reason and remedy of the sandbox."""
    (line,) = [line for line in lab._status_lines() if line["key"] == "taskrouter"]
    return line["light"], line["detail"], line["remedy"]


def test_time_is_moved_and_what_falls_due_is_heard(lab: Lab) -> None:
    """The Reservation's 20 minutes pass at once, its event comes by callback, and the panels' clock has moved."""
    lab.taskrouter.set_activity("Alice", "Available")
    lab.create_task(ES)
    before = lab.time()
    moved = lab.clock.run_to_next()
    assert [due.kind for due in moved.deadlines] == ["reservation_timeout"]
    heard = lab.stream.wait_for(
        lambda e: e.kind == Kind.EVENT and e.data.event_type == "reservation.timeout", timeout=PATIENCE_SECONDS
    )
    assert heard is not None
    assert lab.live.clock() - before > timedelta(minutes=19)
    assert sandbox_line(lab) == ("green", "Its clock is 20 min ahead of this computer's.", None)


def test_what_is_not_as_in_earnest_is_said_and_mended(lab: Lab) -> None:
    """The sandbox's line of the status turns amber, and its remedy lets time run and switches the faults off."""
    assert sandbox_line(lab) == ("green", "", None)
    lab.clock.pause()
    lab.faults.on("callback_slow", probability=0.1)
    lab._workspace.look()
    said = "Time stands still, so nothing times out. Faults are on: callback_slow."
    assert sandbox_line(lab) == ("amber", said, "Back to usual")
    lab._remedy(BE_USUAL)
    assert sandbox_line(lab) == ("green", "", None)
    assert not lab.clock.look().paused
    assert not lab.faults.list().on


def test_what_a_terminal_moved_is_learned(lab: Lab) -> None:
    """The next look of the lab's own finds it; until then its time is the old one."""
    Clock(SandboxClient(lab._connection.quiet, sandbox=True)).advance(seconds=3600)
    before = lab.time()
    lab._workspace.look()
    assert lab.time() - before > HOUR - timedelta(seconds=1)


def test_time_that_was_moved_survives_a_kill(lab: Lab) -> None:
    """A new sandbox on the same state goes on from there; faults are forgotten."""
    lab.clock.advance(seconds=3600)
    held = lab.clock.pause()
    lab.faults.on("rest_late", seconds=0)
    assert lab._connection.address is not None
    killed = psutil.Process(lab._connection.address.pid)
    killed.kill()
    killed.wait(PATIENCE_SECONDS)
    lab._remedy(RESTART)
    again = lab.clock.look()
    assert (again.now, again.paused) == (held.now, True)
    assert not lab.faults.list().on
    assert lab.clock.resume().now - held.now < timedelta(minutes=1)
