"""Two notebooks, a desk and a terminal on one sandbox: the terminal resets and restores, and all show the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from browser.jupyter import NotebookPage
from playwright.sync_api import expect

from bench.jupyter import JupyterServer

SOON_SECONDS = 3.0
FIRST = ["import labkit\nlab = labkit.start()", "lab.workers()", "lab.inbox()", "lab.composer()"]
SECOND = FIRST[:3]
DESK = ['import labkit\nlab = labkit.start(callbacks="leave", panel=False)', "lab.desk()"]
PREPARE = """
lab.taskrouter.create_worker("Zoe", activity="Available", attributes={"languages": ["en"]})
task = lab.create_task({"selected_language": "en"})
"""

Terminal = Callable[..., None]


@pytest.fixture
def terminal(jupyter: JupyterServer) -> Terminal:
    """`python -m labkit ...`, on the sandbox of the notebooks."""
    environment = {**os.environ, "LABKIT_HOME": str(jupyter.home)}

    def run(*arguments: str) -> None:
        command = [sys.executable, "-m", "labkit", *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)

    return run


def opened(cells: list[str], path: Path, open_notebook: Callable[[Path], NotebookPage]) -> NotebookPage:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code = [nbformat.v4.new_code_cell(source) for source in [*cells, ""]]
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in range(len(cells)):
        notebook.run_cell(index)
    notebook.check_no_errors()
    return notebook


def workers_in(notebook: NotebookPage) -> list[str]:
    names = notebook.page.locator(".lk-workers").first.locator(".lk-worker-name").all_inner_texts()
    return sorted(names)


def cards_in(notebook: NotebookPage) -> int:
    return notebook.page.locator(".lk-inbox").first.locator(".lk-card:not([data-status=over])").count()


def all_show(notebooks: list[NotebookPage], *, workers: list[str], cards: int) -> float:
    """Seconds until every one of them shows these Workers and so many Reservations."""
    began = time.monotonic()
    wanted = [(workers, cards)] * len(notebooks)
    seen: list[tuple[list[str], int]] = []
    while time.monotonic() - began < 4 * SOON_SECONDS:
        seen = [(workers_in(each), cards_in(each)) for each in notebooks]
        if seen == wanted:
            return time.monotonic() - began
        notebooks[0].page.wait_for_timeout(50)
    raise AssertionError(f"they show {seen}, and not {wanted[0]}")


def test_all_show_the_same_within_three_seconds(
    tmp_path: Path, open_notebook: Callable[[Path], NotebookPage], terminal: Terminal
) -> None:
    """Who has the callbacks and who only looks on, a panel by itself and the desk: none is left behind."""
    first = opened(FIRST, tmp_path / "first.ipynb", open_notebook)
    second = opened(SECOND, tmp_path / "second.ipynb", open_notebook)
    desk = opened(DESK, tmp_path / "desk.ipynb", open_notebook)
    everybody = [first, second, desk]
    first.write_cell(len(FIRST), PREPARE)
    first.run_cell(len(FIRST))
    all_show(everybody, workers=["Alice", "Bob", "Zoe"], cards=1)
    composer = first.page.locator(".lk-composer").first
    workflow = composer.get_by_label("Workflow", exact=True)
    expect(workflow).not_to_have_value("")  # "not read yet"
    before = workflow.input_value()

    terminal("reset", "--yes")
    took = [all_show(everybody, workers=["Alice", "Bob"], cards=0)]
    terminal("restore", "before reset")
    took.append(all_show(everybody, workers=["Alice", "Bob", "Zoe"], cards=1))

    assert max(took) <= SOON_SECONDS, f"it took {took} s"
    expect(workflow).to_have_value(before)  # it offered that of the reset Workspace meanwhile
    composer.get_by_role("button", name="Create Task", exact=True).click()
    expect(composer.locator(".lk-tasks li")).to_have_count(1)
    for each in everybody:
        each.check_no_errors()
    desk.screenshot("one-sandbox-desk")
