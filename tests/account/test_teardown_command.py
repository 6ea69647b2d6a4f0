"""`python -m labkit teardown`, for an account: it shows what it would do, asks, and does just that."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from account.whole_account import whole_account
from sandbox.local import TOKEN, LocalSandbox
from twilio_stand_in import StandIn

import labkit
from labkit.account.memory import AccountMemory
from labkit.cli import parser

NAME = "TaskRouter Lab"


@pytest.fixture
def made(twilio: StandIn) -> None:
    """What a lab that has ended left in the account."""
    labkit.start(mode="twilio", yes=True)
    labkit.stop()


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_it_asks_and_does_what_it_showed(
    made: None,
    sandbox: LocalSandbox,
    memory: AccountMemory,
    type_in: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    type_in("yes\n")
    assert parser.main(["teardown"]) == 0
    said = capsys.readouterr().out
    assert "What a teardown does in the account AC…1111: 1 removed." in said
    assert "- Workspace 'TaskRouter Lab' (WS" in said
    assert "Taken down in the account AC…1111: 1 removed." in said
    assert TOKEN not in said
    assert whole_account(sandbox.client()) == "{}"
    assert memory.workspaces() == ()


@pytest.mark.parametrize(("typed", "told"), [("no\n", "Nothing was changed."), ("", "with --yes nobody is asked.")])
def test_without_a_yes_nothing_is_touched(
    made: None,
    sandbox: LocalSandbox,
    type_in: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    typed: str,
    told: str,
) -> None:
    before = whole_account(sandbox.client())
    type_in(typed)
    assert parser.main(["teardown"]) == 1
    assert told in capsys.readouterr().out
    assert whole_account(sandbox.client()) == before


def test_a_dry_run_asks_nobody_and_yes_neither(
    made: None, sandbox: LocalSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    before = whole_account(sandbox.client())
    assert parser.main(["teardown", "--dry-run"]) == 0
    assert "What a teardown does" in capsys.readouterr().out
    assert whole_account(sandbox.client()) == before
    assert parser.main(["teardown", "--yes"]) == 0
    assert whole_account(sandbox.client()) == "{}"
    assert parser.main(["teardown"]) == 0
    assert "There is nothing to take down" in capsys.readouterr().out.splitlines()[-1]


def test_a_refusal_is_a_sentence(made: None, twilio: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    twilio.plant(500, message="Not now", method="DELETE")
    assert parser.main(["teardown", "--yes"]) == 1
    assert "0 of 1 steps of the teardown were done by then; run it again" in capsys.readouterr().err


def test_without_credentials_it_says_what_is_missing(
    twilio: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TWILIO_ACCOUNT_SID")
    assert parser.main(["teardown", "--yes"]) == 1
    assert "TWILIO_ACCOUNT_SID" in capsys.readouterr().err


def test_the_lab_takes_it_down_itself(twilio: StandIn, sandbox: LocalSandbox, memory: AccountMemory) -> None:
    """It is stopped first; a dry run leaves it running."""
    lab: Any = labkit.start(mode="twilio", yes=True)
    assert [each.what for each in lab.teardown(dry_run=True).steps] == ["Workspace 'TaskRouter Lab'"]
    assert not lab.stopped
    assert lab.teardown().done
    assert lab.stopped
    assert whole_account(sandbox.client()) == "{}"
    assert not lab.teardown()
    again: Any = labkit.start(mode="twilio", yes=True)
    assert again.workspace_name == NAME
    assert [each.name for each in memory.workspace(NAME).made] == [NAME]


def test_a_lab_that_waits_for_a_yes_takes_down_what_earlier_ones_made(
    made: None, sandbox: LocalSandbox, memory: AccountMemory
) -> None:
    """As in another Workspace, for which nobody has said yes; it makes nothing itself."""
    lab: Any = labkit.start(mode="twilio", workspace="Another")
    assert not lab.is_set_up
    assert lab.teardown().done
    assert whole_account(sandbox.client()) == "{}"
    assert memory.workspaces() == ()


def test_after_a_teardown_the_yes_is_asked_for_anew(made: None, sandbox: LocalSandbox) -> None:
    lab: Any = labkit.start(mode="twilio")
    assert lab.is_set_up
    lab.teardown()
    again: Any = labkit.start(mode="twilio")
    assert not again.is_set_up
    assert whole_account(sandbox.client()) == "{}"
