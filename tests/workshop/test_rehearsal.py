"""A rehearsal as an instructor runs it: the command, in a terminal, as an ordinary user."""

from __future__ import annotations

import psutil
import pytest
from workshop_rooms import Room, room

pytestmark = [pytest.mark.process, pytest.mark.alone, pytest.mark.timeout(180)]

TOO_SMALL = ["--participants", "30", "--memory", "1", "--play", "2"]


def test_a_machine_that_is_too_small_is_found_and_nothing_is_left() -> None:
    """Really measured with two; judged is a machine with 1 GiB, and memory is what says that thirty are too many."""
    with room(room=False) as made:
        done = made.run("-m", "workshop", "rehearsal", *TOO_SMALL, "--folder", str(made.workshop.folder.parent))
        left = [path.name for path in made.workshop.folder.parent.iterdir() if path.name.startswith("rehearsal-")]

    first, *lines = done.stdout.splitlines()
    assert done.returncode == 1, done.stderr
    assert first.startswith("A workshop opens for 2 pretended participants")
    assert lines[0].startswith("This machine is too small for 30 participants: memory says so. It does for ")
    assert "✗ memory: 30 need" in lines[1]
    assert "1,024 are free." in lines[1]
    assert all("✗" not in line for line in lines[2:])
    assert "2 through of 2" in done.stderr
    assert "2 of 30 were played, and the rest is reckoned from them." in done.stdout
    assert left == []
    assert processes_that_name("rehearsal-", made) == []


def processes_that_name(text: str, made: Room) -> list[str]:
    """Command lines of processes that a rehearsal in this folder has left behind."""
    folder = str(made.workshop.folder.parent / text)
    lines = (" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    return [line for line in lines if folder in line]
