"""`lab.clear()` in an account: the Workspaces of lessons that the lab made go, and no other of such a name."""

from __future__ import annotations

from typing import Any

import pytest

import labkit
from labkit.account.memory import AccountMemory
from labkit.cli import parser

pytestmark = pytest.mark.usefixtures("yes")
SECOND, SEVENTH = "TaskRouter Lab: 02 assignment callback", "TaskRouter Lab: 07 routing"
LEFT = "Left, because the lab did not make them in this account: {}. lab.teardown() takes back what it made in them."


def names(workspaces: Any) -> set[str]:
    return {each.friendly_name for each in workspaces.list()}


@pytest.fixture
def theirs(workspaces: Any) -> None:
    """Workspaces that somebody else made by the names of lessons, one of them in other letters."""
    workspaces.create(friendly_name=SECOND.upper())
    workspaces.create(friendly_name=SEVENTH)


def test_the_labs_own_go_and_the_others_are_named(theirs: None, workspaces: Any, memory: AccountMemory) -> None:
    labkit.start(mode="twilio", lesson="02")
    lab = labkit.start(mode="twilio", lesson="07")
    assert str(lab.clear()) == (f"There was nothing to take away. {LEFT.format(SEVENTH)}")
    cleared = labkit.start(mode="twilio").clear()
    assert cleared.names == (SECOND,)
    assert cleared.note == LEFT.format(f"{SECOND.upper()}, {SEVENTH}")
    assert names(workspaces) == {SECOND.upper(), SEVENTH, "TaskRouter Lab"}
    assert memory.workspace(SECOND).made == ()
    assert memory.workspace(SEVENTH).made


def test_a_terminal_takes_no_others_either(
    theirs: None, workspaces: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    labkit.start(mode="twilio", lesson="02")
    labkit.stop()
    monkeypatch.setenv("LABKIT_MODE", "twilio")
    assert parser.main(["clear"]) == 0
    assert f"Taken away, with all that was in it: {SECOND}. Left, because" in capsys.readouterr().out
    assert names(workspaces) == {SECOND.upper(), SEVENTH}
