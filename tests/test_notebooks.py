"""Every notebook runs from top to bottom, without a browser, and ends in its own check."""

from __future__ import annotations

import ast
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from course.own_account import own_account
from course.solved.by_name import SOLVED
from nbclient import NotebookClient
from processes import end_sandbox
from sandbox.local import TOKEN
from tracked import ROOT

from labkit.course.lessons import LESSONS

pytestmark = pytest.mark.process

FOLDER = ROOT / "notebooks"
OF_A_WORKSHOP = {"room", "instructor"}
"""These run in a workshop alone; tests/workshop has their tests."""
NOTEBOOKS = [path for path in sorted(FOLDER.glob("*.ipynb")) if path.stem not in OF_A_WORKSHOP]
CELL_SECONDS = 120


@pytest.fixture
def jupyter_home(own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Jupyter's folders below the lab's home of this test; the sandbox that a notebook starts is ended."""
    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        folder = own_environment / variable.lower()
        folder.mkdir()
        monkeypatch.setenv(variable, str(folder))
    yield own_environment
    end_sandbox(own_environment)


def test_the_first_notebooks_are_there() -> None:
    """The ten minutes of the README, and the assignment callback step by step."""
    assert {"00_start_here.ipynb", "02_assignment_callback.ipynb"} <= {p.name for p in NOTEBOOKS}


def _run(path: Path) -> Any:
    """The notebook, all of its cells run by a kernel in this environment."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute(env=dict(os.environ))
    return notebook


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_notebook_runs(path: Path, jupyter_home: Path) -> None:
    """Run all, with no account, no token and nobody clicking: no cell raises and none writes an error."""
    notebook = _run(path)
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]

    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []
    if path.stem in SOLVED:
        _check_says_what_to_do(path.stem, outputs[-1]["data"]["text/plain"])


@pytest.mark.timeout(300)
def test_with_an_account_nothing_is_made_in_it_before_somebody_says_yes(jupyter_home: Path) -> None:
    """The last lesson, all cells run by somebody whose credentials are there: it looks, and its notebook has none."""
    path = FOLDER / "12_your_own_account.ipynb"
    with own_account() as twilio:
        notebook = _run(path)
        assert twilio.paths("POST", "DELETE") == []
        assert twilio.paths("GET") != []
    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    assert [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"] == []
    assert "1 of 5 steps done" in outputs[-1]["data"]["text/plain"]
    assert TOKEN not in nbformat.writes(notebook)


STEP = re.compile(r"^ *(?P<mark>[✓·]) (?P<number>\d+)\. (?P<title>.*?)(?P<optional> \(optional\))?$")


def _check_says_what_to_do(lesson: str, report: str) -> None:
    """No step is ticked that only a learner can do, and each that is missing has its advice below it."""
    lines = report.splitlines()
    steps = [(found, below) for line, below in itertools.pairwise(lines) if (found := STEP.match(line))]
    assert len(steps) == len(LESSONS[lesson].steps), report
    done = {int(step["number"]) for step, _ in steps if step["mark"] == "✓" and not step["optional"]}
    assert done == SOLVED[lesson].BY_RUNNING, report
    assert [step["title"] for step, below in steps if step["mark"] == "·" and not below.startswith(" " * 5)] == [], (
        report
    )


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.stem != "desk"], ids=lambda p: p.stem)
def test_the_last_cell_is_the_notebooks_own_check(path: Path) -> None:
    """Whoever has come to the end sees what is done and what is missing."""
    notebook = nbformat.read(path, as_version=4)
    last = [cell.source for cell in notebook.cells if cell.cell_type == "code"][-1]
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(last)) if isinstance(node, ast.Call)]

    assert "lab.check" in calls
