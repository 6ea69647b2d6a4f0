"""A path that somebody writes with a `~`: where the home folder is not known, that is a sentence and no traceback."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import labkit
from labkit.cli.parser import main
from labkit.errors import LabError
from labkit.sandbox import process
from labkit.workspace_file import WorkspaceFile

NOBODYS = "~nobody-by-this-name/lab"
SAID = f"is '{NOBODYS}', and this computer does not know that home folder; write the path without ~."


@pytest.mark.parametrize(
    "asked",
    [
        process.default_home,
        lambda: WorkspaceFile(NOBODYS, client=None, workspace_sid=""),
        lambda: labkit.simulate(workspace=NOBODYS),
        lambda: labkit.start(home=NOBODYS),
    ],
)
def test_an_unknown_home_folder_is_told(asked: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, and as an argument."""
    monkeypatch.setenv("LABKIT_HOME", NOBODYS)
    with pytest.raises(LabError) as caught:
        asked()
    assert SAID in str(caught.value)


@pytest.mark.parametrize("arguments", [["sandbox"], ["sandbox", "--state", NOBODYS]])
def test_a_terminal_is_told_too(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a variable, and on the command line."""
    monkeypatch.setenv("LABKIT_HOME", NOBODYS)
    assert main(arguments) == 1
    assert SAID in capsys.readouterr().err
