"""The demo, played for real: a sandbox process, the callback server, the SDK in between."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from labkit.cli.demo import play
from labkit.errors import LabError

pytestmark = pytest.mark.process

LIMIT_SECONDS = 10


def test_both_acceptances_are_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two Tasks are assigned and completed within the time promised, and the temporary home is gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lines: list[str] = []
    assert play(say=lines.append) == 0, "\n".join(lines)
    assert sum("Task assigned" in line for line in lines) == 2
    assert sum("Task completed" in line for line in lines) == 2
    seconds = [float(found[1]) for line in lines if (found := re.match(r" *([0-9.]+) s  ", line))]
    assert len(seconds) == len(lines)
    assert seconds == sorted(seconds)
    assert seconds[-1] < LIMIT_SECONDS
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_told_and_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the lab foresaw becomes a line and a status, not a traceback."""

    def refuse(**_: object) -> None:
        raise LabError("no sandbox today")

    monkeypatch.setattr("labkit.lab.runtime.start", refuse)
    lines: list[str] = []
    assert play(say=lines.append) == 1
    assert lines[-1].endswith("This went wrong: no sandbox today")
