"""Where a lab that waits shows its plan: as a panel in a notebook, as text elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from twilio_stand_in import StandIn

import labkit
import labkit.lab.runtime


@pytest.mark.parametrize("panel", [True, False])
def test_a_notebook_shows_the_panel_in_any_case(
    twilio: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], panel: bool
) -> None:
    """Also where no status is wanted, as in the desk's own notebook: somebody has to be able to say yes."""
    shown: list[Any] = []
    monkeypatch.setattr(labkit.lab.runtime, "in_notebook", lambda: True)
    monkeypatch.setattr(labkit.lab.runtime, "_display", shown.append)
    lab = labkit.start(mode="twilio", panel=panel)
    assert shown == [lab.setup_plan()]
    lab.set_up()
    labkit.start(mode="twilio", panel=panel)
    assert shown[1:] == ([lab.status()] if panel else [])
    assert capsys.readouterr().out == ""


def test_a_terminal_prints_it(twilio: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to type; a lab that is set up prints nothing."""
    lab = labkit.start(mode="twilio", panel=False)
    assert "run lab.set_up()" in capsys.readouterr().out
    lab.set_up()
    labkit.start(mode="twilio")
    assert capsys.readouterr().out == ""
