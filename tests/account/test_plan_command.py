"""`python -m labkit plan`: what a lab would make and change in an account, said in a terminal; nothing is done."""

from __future__ import annotations

import pytest
from account.whole_account import whole_account
from sandbox.local import TOKEN, LocalSandbox
from twilio_stand_in import StandIn

import labkit
from labkit.cli import parser


def test_it_lists_what_start_then_does(
    twilio: StandIn, sandbox: LocalSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """The quickstart's Workspace and a lesson's; after the set-up there is nothing to do."""
    for arguments, name in (((), "TaskRouter Lab"), (("07",), "TaskRouter Lab: 07 routing")):
        before = whole_account(sandbox.client())
        assert parser.main(["plan", *arguments]) == 0
        said = capsys.readouterr().out
        assert f"+ Workspace '{name}'" in said
        assert TOKEN not in said
        assert whole_account(sandbox.client()) == before
        labkit.start(mode="twilio", lesson=(*arguments, None)[0], yes=True)
        labkit.stop()
        capsys.readouterr()
        assert parser.main(["plan", *arguments]) == 0
        assert "+ " not in capsys.readouterr().out


def test_without_credentials_it_says_what_is_missing_and_what_would_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert parser.main(["plan"]) == 0
    said = capsys.readouterr().out
    assert "+ Workspace 'TaskRouter Lab'" in said
    assert "TWILIO_ACCOUNT_SID" in said


def test_a_lesson_that_there_is_not_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert parser.main(["plan", "99"]) == 1
    assert "There is no lesson '99'" in capsys.readouterr().err
