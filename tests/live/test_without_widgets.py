"""What is live needs no browser and no widget."""

from __future__ import annotations

import subprocess
import sys


def test_the_live_state_needs_no_widgets() -> None:
    """The demo and the step checks use the state in a terminal, where ipywidgets only costs time."""
    code = "import sys, labkit.live.workspace; print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"
