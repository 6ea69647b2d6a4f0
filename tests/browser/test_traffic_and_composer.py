"""Status, composer, traffic and the explain view in JupyterLab: with its themes, its shortcuts, its kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.jupyter import NotebookPage
from playwright.sync_api import Locator, expect

OpenNotebook = Callable[[Path], NotebookPage]

START, COMPOSER, TRAFFIC, EXPLANATION, LAST = range(5)
CELLS = ("import labkit\nlab = labkit.start()", "lab.composer()", "lab.traffic()", "lab.explanation()", "lab.mode")


def panel(notebook: NotebookPage, name: str) -> Locator:
    return notebook.page.locator(f".lk-{name}").first


@pytest.fixture
def notebook(open_notebook: OpenNotebook, tmp_path: Path) -> NotebookPage:
    """A notebook with the four panels, all cells run."""
    path = tmp_path / "four_panels.ipynb"
    cells = [
        {"cell_type": "code", "id": f"cell-{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
        for n, text in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    notebook = open_notebook(path)
    notebook.run_all()
    notebook.check_no_errors()
    return notebook


def test_tasks_from_a_template_and_at_random(notebook: NotebookPage) -> None:
    """The form is filled by a click; ten more are made while the form can be used; the line of curl is there."""
    composer = panel(notebook, "composer")
    composer.get_by_role("button", name="VIP").click()
    composer.get_by_role("button", name="Create Task").click()
    expect(composer.locator(".lk-tasks li")).to_have_count(1)
    composer.get_by_role("button", name="at random").click()
    expect(composer).to_contain_text("10 of 10 created")
    composer.get_by_role("tab", name="curl").click()
    expect(composer.get_by_label("The same in curl")).to_contain_text("$TWILIO_AUTH_TOKEN")


def test_why_opens_over_the_notebook_and_its_keys_stay_inside(notebook: NotebookPage) -> None:
    """`b` would insert a cell and Escape leave the cell: in the dialog they do neither."""
    composer = panel(notebook, "composer")
    composer.get_by_role("button", name="Create Task").click()
    composer.locator(".lk-tasks li").first.get_by_role("button", name="Why?").click()
    dialog = notebook.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Alice is Offline")
    notebook.page.keyboard.press("b")
    notebook.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(composer.locator(".lk-tasks li").first.get_by_role("button", name="Why?")).to_be_focused()
    expect(notebook.page.locator(".jp-Cell")).to_have_count(len(CELLS))


def test_the_newest_task_is_explained(notebook: NotebookPage) -> None:
    """A cell shows the tree; run again, it is about the Task that was made since."""
    expect(panel(notebook, "explanation")).to_contain_text("Nothing to explain yet")
    panel(notebook, "composer").get_by_role("button", name="Create Task").click()
    expect(panel(notebook, "composer").locator(".lk-tasks li")).to_have_count(1)
    notebook.start_cell(EXPLANATION)
    expect(panel(notebook, "explanation")).to_contain_text("Alice is Offline")


def test_a_callback_is_read_and_delivered_again(notebook: NotebookPage) -> None:
    """The event of a new Task, with its verdict; sent once more by the sandbox, it stands above."""
    panel(notebook, "composer").get_by_role("button", name="Create Task").click()
    traffic = panel(notebook, "traffic")
    created = traffic.locator(".lk-exchange", has_text="task.created")
    expect(created).to_have_count(1)
    created.click()
    chosen = traffic.get_by_role("region", name="Chosen exchange")
    expect(chosen).to_contain_text("Signature: valid")
    chosen.get_by_role("button", name="Deliver again").click()
    expect(created).to_have_count(2)
    expect(chosen.get_by_role("status")).to_contain_text("Delivery")
    notebook.screenshot("traffic_light", of=traffic)


def test_a_stopped_callback_server_is_started_by_its_remedy(notebook: NotebookPage) -> None:
    """The status notices by itself, and one click mends it, while a cell runs."""
    notebook.write_cell(LAST, "lab.callbacks.stop()\nimport threading\nthreading.Event().wait(60)")
    notebook.start_cell(LAST)
    status = panel(notebook, "status")
    expect(status).to_contain_text("It does not listen")
    status.get_by_role("button", name="Start it again").click()
    expect(status).to_contain_text("Everything is ready")
    notebook.execute("notebook:interrupt-kernel")
    notebook.wait_idle()
