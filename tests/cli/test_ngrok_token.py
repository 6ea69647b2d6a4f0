"""`ngrok-token`: the authtoken is kept where ngrok keeps it, only when it is asked for, and shown nowhere."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from labkit.cli.parser import main
from labkit.settings import Secret
from labkit.tunnel import ngrok, ngrok_config

TOKEN = "2made_up_for_this_test"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ngrok" / "ngrok.yml"
    monkeypatch.setattr(ngrok_config, "config_path", lambda: path)
    return path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, given: str = "") -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    return main(["ngrok-token", *arguments])


def test_it_is_kept_found_and_forgotten(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each step says what is so now, and where; the token itself is never shown."""
    said = []
    for arguments, given in (
        (["--where"], ""),
        ([], f"{TOKEN}\n"),
        (["--where"], ""),
        (["--forget"], ""),
        (["--forget"], ""),
    ):
        assert run(monkeypatch, *arguments, given=given) == 0
        said.append(capsys.readouterr().out)
        assert (ngrok_config.read_authtoken() == Secret(TOKEN)) is (len(said) in (2, 3))
    assert said == [
        f"{config} has no authtoken.\n",
        f"The authtoken is kept in {config}, which only you can read, and used from now on.\n",
        f"{config} has an authtoken.\n",
        f"The authtoken is out of {config}.\n",
        f"{config} has no authtoken.\n",
    ]


def test_in_a_terminal_it_is_asked_for_without_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """By getpass, as in a notebook."""
    monkeypatch.setattr(ngrok, "ask_privately", lambda prompt: f" {TOKEN} ")
    terminal: Any = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["ngrok-token"]) == 0
    assert ngrok_config.read_authtoken() == Secret(TOKEN)


def test_an_end_of_input_in_place_of_an_answer_is_no_token(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Ctrl-D gives it in a terminal: said in a line of its own, without a traceback."""

    def nothing(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(ngrok, "ask_privately", nothing)
    terminal: Any = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["ngrok-token"]) == 1
    said = capsys.readouterr()
    assert said.out == "\n"
    assert "none was given" in said.err
    assert not config.exists()


@pytest.mark.parametrize(
    "given", ["", "\n", "two made_up words\n", "ngrok config add-authtoken \n", "export TOKEN=made up\n", "made_üp\n"]
)
def test_what_is_no_token_is_not_kept(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    """Nor shown: it may be half of one."""
    assert run(monkeypatch, given=given) == 1
    said = capsys.readouterr().err
    assert "There is no authtoken to keep" in said
    assert "made" not in said
    assert not config.exists()


def test_in_a_git_work_tree_it_says_where_else(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And writes nothing."""
    (tmp_path / ".git").mkdir()
    assert run(monkeypatch, given=TOKEN) == 1
    said = capsys.readouterr().err
    assert f"lies in the git work tree {tmp_path}" in said
    assert TOKEN not in said
    assert not config.exists()


def test_a_variable_that_goes_first_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or one would wonder why the token that was just kept is not used."""
    monkeypatch.setenv("NGROK_AUTHTOKEN", "another_made_up")
    assert run(monkeypatch, given=TOKEN) == 0
    assert capsys.readouterr().out.endswith("NGROK_AUTHTOKEN is set as well, and goes first.\n")
