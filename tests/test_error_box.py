"""What stands under a cell that failed: one box with the sentence, the traceback folded, and the cell has failed."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.process

SENTENCE = "mode is 'tw<b>'; give one of: 'sandbox', 'twilio', 'room'."
MISTAKE = 'import labkit\nlabkit.start(mode="tw<b>")'
CELLS = {
    "mistake": MISTAKE,
    "again": "%tb",
    "caused": "from labkit.errors import LabError\ntry:\n    {}['below']\nexcept KeyError as e:\n"
    "    raise LabError('above') from e",
    "other": "1 / 0",
    "verbose": f"%xmode Verbose\n{MISTAKE}",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each of the cells shows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        notebook = _notebook(*CELLS.values())
        NotebookClient(notebook, timeout=60, allow_errors=True).execute()
    return {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def _notebook(*cells: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(each) for each in cells]
    return notebook


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _box(outputs: list[Any]) -> str:
    (box,) = [each for each in outputs if each.output_type == "display_data"]
    return str(box.data["text/html"])


def test_a_mistake_is_one_box_and_one_sentence(outputs: dict[str, list[Any]]) -> None:
    """The box has the sentence, the line of the cell and the traceback; the error itself is the sentence alone."""
    box = _box(outputs["mistake"])
    assert f"<strong>{html.escape(SENTENCE)}</strong>" in box
    assert html.escape('SettingsError in line 2: labkit.start(mode="tw<b>")') in box
    folded = box.split("<details><summary>Show the traceback</summary>")[1]
    assert "settings.py" in folded
    assert "\x1b" not in folded
    assert "<b>" not in box

    (shown,) = [each for each in outputs["mistake"] if each.output_type == "display_data"]
    assert SENTENCE in shown.data["text/plain"]
    (error,) = [each for each in outputs["mistake"] if each.output_type == "error"]
    assert (error.ename, error.evalue) == ("SettingsError", SENTENCE)
    assert len("\n".join(error.traceback).splitlines()) == 1
    assert SENTENCE in error.traceback[0]


def test_the_box_comes_again_for_whoever_asks(outputs: dict[str, list[Any]]) -> None:
    """`%tb` shows the last error once more."""
    assert html.escape(SENTENCE) in _box(outputs["again"])


def test_what_caused_it_is_in_the_traceback(outputs: dict[str, list[Any]]) -> None:
    """Of an error that was raised from another, both are there, folded."""
    box = _box(outputs["caused"])
    assert "<strong>above</strong>" in box
    assert "KeyError" in box.split("<details>")[1]


def test_xmode_shows_the_whole(outputs: dict[str, list[Any]]) -> None:
    """And other errors look as they always do."""
    for name, kind in (("verbose", "SettingsError"), ("other", "ZeroDivisionError")):
        (error,) = [each for each in outputs[name] if each.output_type != "stream"]
        assert error.ename == kind
        assert len("\n".join(error.traceback).splitlines()) > 3
    assert "arguments = " in _plain("\n".join(outputs["verbose"][-1].traceback))


def test_what_runs_a_notebook_stops_at_the_mistake() -> None:
    """Its exception has the sentence."""
    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(_notebook(MISTAKE, "print('on')"), timeout=60).execute()

    assert SENTENCE in str(caught.value)
    assert caught.value.ename == "SettingsError"


def test_a_terminal_gets_text(tmp_path: Path) -> None:
    """In IPython the sentence, and how to see more; in Python itself the traceback."""
    said = _run(
        f"from IPython.core.interactiveshell import *; InteractiveShell.instance().run_cell({MISTAKE!r})", tmp_path
    )
    assert _plain(said).splitlines() == [f"SettingsError: {SENTENCE}", "", "%tb Verbose shows the traceback."]
    assert _run(MISTAKE, tmp_path).startswith("Traceback (most recent call last)")


def _run(code: str, home: Path) -> str:
    environ = {**os.environ, "IPYTHONDIR": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr
