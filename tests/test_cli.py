"""The command line, without the long commands themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import end_sandbox

from labkit import cli
from labkit.errors import LabError
from labkit.sandbox import process

COMMANDS = ("lab", "demo", "explain", "sandbox", "bench", "reset")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """And ends with 0."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(f"    {command} " in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Also by itself."""
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"labkit {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["reset", "--maybe"], "unrecognized arguments: --maybe"),
        (["sandbox", "--port", "65536"], "'65536' is not a port: give a number from 0 to 65535"),
        (["sandbox", "--port", "-1"], "'-1' is not a port"),
        (["sandbox", "--port", "http"], "'http' is not a port"),
        (["sandbox", "--idle-seconds", "soon"], "invalid float value: 'soon'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_understood_ends_with_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says what was wrong, on stderr."""
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [(LabError("The disk is full."), 1, "labkit: The disk is full.\n"), (KeyboardInterrupt(), 130, "")],
)
def test_how_a_command_ends(
    raised: BaseException, status: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the lab foresaw is one line and status 1; an interrupt is 130."""

    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(process, "stop", fail)
    assert cli.main(["reset", "--yes"]) == status
    assert capsys.readouterr().err == said


def test_reset_ends_the_sandbox_and_forgets_everything(
    own_environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The process is gone, its state too; another reset is fine."""
    try:
        process.ensure(own_environment)
        assert process.state_file(own_environment).exists()
        assert cli.main(["reset", "--yes"]) == 0
    finally:
        end_sandbox(own_environment)
    assert "begins anew" in capsys.readouterr().out
    assert process.find(own_environment) is None
    assert list(own_environment.glob("sandbox.sqlite*")) == []
    assert cli.main(["reset", "--yes"]) == 0


def test_reset_asks_first(
    own_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anything but yes leaves everything as it is."""
    state = process.state_file(own_environment)
    state.write_bytes(b"precious")
    monkeypatch.setattr("builtins.input", lambda *_: "no")
    assert cli.main(["reset"]) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert state.read_bytes() == b"precious"
    monkeypatch.setattr("builtins.input", lambda *_: " YES ")
    assert cli.main(["reset"]) == 0
    assert not state.exists()
