"""processes.running_after: what has ended does not run, though nobody has taken its zombie away."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest
from processes import running_after

pytestmark = pytest.mark.process
LIMIT_SECONDS = 60.0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_a_zombie_is_not_waited_for() -> None:
    """Nobody asks for its status here before it was found to have ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        process = psutil.Process(ended.pid)

        assert running_after([process], seconds=LIMIT_SECONDS) == []
        assert ended.returncode is None
        assert process.status() == psutil.STATUS_ZOMBIE


def test_one_that_runs_is_told() -> None:
    """When the time is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as running:
        process = psutil.Process(running.pid)

        assert running_after([process], seconds=0) == [process]
