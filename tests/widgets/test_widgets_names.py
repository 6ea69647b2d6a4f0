"""The names that the rest of the lab uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

import labkit.widgets


@pytest.mark.parametrize("name", labkit.widgets.__all__)
def test_every_public_name_can_be_had(name: str) -> None:
    """The names are listed by hand, so each is tried."""
    assert getattr(labkit.widgets, name).__name__ == name


def test_an_unknown_name_says_what_there_is() -> None:
    """A slip of the pen is answered with the list."""
    with pytest.raises(AttributeError, match="Inbox"):
        _ = labkit.widgets.Inbx


def test_the_live_state_needs_no_widgets() -> None:
    """The demo and the step checks use the state in a terminal, where ipywidgets only costs time."""
    code = "import sys, labkit.live.workspace; print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"
