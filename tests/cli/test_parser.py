"""The command line, without the long commands themselves."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import end_sandbox

from labkit.cli import parser
from labkit.errors import LabError, SandboxError
from labkit.sandbox import process
from labkit.settings import Secret
from labkit.taskrouter.client import connect

COMMANDS = (
    "lab",
    "demo",
    "explain",
    "sandbox",
    "clock",
    "faults",
    "deliveries",
    "snapshot",
    "restore",
    "snapshots",
    "reset",
)


@pytest.mark.process
def test_a_command_reads_only_what_it_needs() -> None:
    """A sandbox would otherwise keep Flask and all in its memory for as long as it runs."""
    code = "import sys, labkit.cli.parser as parser; parser._parser(); print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "labkit.cli.sandbox" in read.split()
    assert not {"flask", "aiohttp", "twilio", "requests", "lark"} & {name.split(".")[0] for name in read.split()}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """And ends with 0."""
    with pytest.raises(SystemExit) as ended:
        parser.main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert [command for command in COMMANDS if not re.search(rf"^    {command}\s", said, re.MULTILINE)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Also by itself."""
    with pytest.raises(SystemExit) as ended:
        parser.main([command, "--help"])
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
        parser.main(arguments)
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

    monkeypatch.setattr(process, "state_file", fail)
    assert parser.main(["reset", "--yes"]) == status
    assert capsys.readouterr().err == said


@pytest.fixture
def home(own_environment: Path) -> Iterator[Path]:
    """The lab's home, whose sandbox is ended afterwards."""
    yield own_environment
    end_sandbox(own_environment)
    process._reap()


def a_workspace(home: Path, name: str) -> process.Address:
    """The sandbox of this home, with a Workspace of this name in it."""
    address = process.ensure(home)
    workspaces(address).create(friendly_name=name)
    return address


def workspaces(address: process.Address) -> Any:
    token = Secret(address.auth_token)
    return connect(account_sid=address.account_sid, auth_token=token, base_url=address.url).taskrouter.v1.workspaces


def test_reset_empties_a_sandbox_that_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It goes on at the same address, so that open notebooks do; the way back is a snapshot, also after another."""
    address = a_workspace(home, "Gone")
    assert parser.main(["reset", "--yes"]) == 0
    assert 'labkit restore "before reset"' in capsys.readouterr().out
    assert parser.main(["snapshots"]) == 0
    [first] = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert parser.main(["reset", "--yes"]) == 0
    assert process.find(home) == address
    assert workspaces(address).list() == []
    assert parser.main(["restore", "before reset"]) == 0
    assert workspaces(address).list() == []
    assert parser.main(["restore", first]) == 0
    assert [each.friendly_name for each in workspaces(address).list()] == ["Gone"]


def test_reset_keeps_what_one_had_that_does_not_run(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is started for it, and ended again; another reset is fine."""
    address = a_workspace(home, "Gone")
    process.stop(home)
    assert parser.main(["reset", "--yes"]) == 0
    assert "begins anew" in capsys.readouterr().out
    assert process.find(home) is None
    assert parser.main(["snapshots"]) == 0
    [kept] = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert parser.main(["reset", "--yes"]) == 0
    process.ensure(home)
    assert workspaces(address).list() == []
    assert parser.main(["restore", kept]) == 0
    assert [each.friendly_name for each in workspaces(address).list()] == ["Gone"]


def test_reset_where_there_is_nothing_starts_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to keep."""
    assert parser.main(["reset", "--yes"]) == 0
    assert "begins anew" in capsys.readouterr().out
    assert not process.state_file(home).exists()


def test_snapshots_from_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kept, listed, refused, replaced and gone back to; a sandbox that was started for it is ended again."""
    address = a_workspace(home, "Kept")
    process.stop(home)
    assert parser.main(["snapshots"]) == 0
    assert "There is no snapshot yet" in capsys.readouterr().out
    assert parser.main(["snapshot", "one"]) == 0
    assert parser.main(["snapshot", "one"]) == 1
    assert "--replace" in capsys.readouterr().err
    assert parser.main(["snapshot", "one", "--replace"]) == 0
    assert process.find(home) is None
    process.ensure(home)
    workspaces(address).create(friendly_name="Later")
    assert parser.main(["restore", "one"]) == 0
    assert [each.friendly_name for each in workspaces(address).list()] == ["Kept"]
    capsys.readouterr()
    assert parser.main(["snapshots"]) == 0
    listed = [line.split("  ")[0][: len("before restore")] for line in capsys.readouterr().out.splitlines()]
    assert listed == ["one", "before restore"]
    assert parser.main(["restore", "never made"]) == 1
    assert "no snapshot 'never made'" in capsys.readouterr().err


def test_reset_with_nobody_to_ask_changes_nothing(
    own_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a script, say: it is told what to do."""
    state = process.state_file(own_environment)
    state.write_bytes(b"precious")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert parser.main(["reset"]) == 1
    assert "--yes" in capsys.readouterr().out
    assert state.read_bytes() == b"precious"


def test_reset_asks_first(
    own_environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anything but yes leaves everything as it is. A state with which no sandbox starts is deleted."""

    def fail(_: Path) -> process.Starting:
        raise SandboxError("it does not start")

    monkeypatch.setattr(process, "Starting", fail)
    state = process.state_file(own_environment)
    state.write_bytes(b"precious")
    monkeypatch.setattr("builtins.input", lambda *_: "no")
    assert parser.main(["reset"]) == 1
    assert "Nothing was changed." in capsys.readouterr().out
    assert state.read_bytes() == b"precious"
    monkeypatch.setattr("builtins.input", lambda *_: " YES ")
    assert parser.main(["reset"]) == 0
    assert not state.exists()
