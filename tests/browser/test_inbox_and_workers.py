"""Inbox and Worker board in JupyterLab, on a real sandbox: keys that JupyterLab has too, clicks that are REST calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from browser.jupyter import NotebookPage
from playwright.sync_api import Locator, expect

CELLS = [
    "import labkit\nlab = labkit.start()",
    "lab.workers()",
    "lab.inbox()",
    'task = lab.create_task({"selected_language": "es"})',
]
START, WORKERS, INBOX, CREATE = range(len(CELLS))
COUNT_CELLS = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
ACTIVE_CELL = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture
def notebook(tmp_path: Path, open_notebook: Callable[[Path], NotebookPage]) -> NotebookPage:
    """A lab with both panels shown, and a cell that creates a Task."""
    path = tmp_path / "inbox_and_workers.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = open_notebook(path)
    for index in (START, WORKERS, INBOX):
        notebook.run_cell(index)
    notebook.check_no_errors()
    return notebook


def inbox_of(notebook: NotebookPage) -> Locator:
    return notebook.page.locator(".lk-inbox").first


def workers_of(notebook: NotebookPage) -> Locator:
    return notebook.page.locator(".lk-workers").first


def create_task(notebook: NotebookPage) -> None:
    notebook.run_cell(CREATE)


def test_a_reservation_is_worked_through_by_keyboard(notebook: NotebookPage) -> None:
    """a, j, k and r insert no cell and move no selection; each click is one REST call, and its answer is shown.

    Escape gives the keys back to the notebook.
    """
    create_task(notebook)
    expect(inbox_of(notebook)).to_contain_text("1 Task waits")
    workers_of(notebook).get_by_label("Activity of Alice").select_option(label="Available")
    card = inbox_of(notebook).locator(".lk-card")
    expect(card).to_have_attribute("data-status", "pending")
    expect(inbox_of(notebook).locator("kbd").first).to_be_hidden()
    card.locator(".lk-card-facts").click()
    expect(inbox_of(notebook).locator("kbd").first).to_be_visible()
    cells, active = notebook.page.evaluate(COUNT_CELLS), notebook.page.evaluate(ACTIVE_CELL)
    for key in ("k", "j", "r"):
        notebook.page.keyboard.press(key)
    expect(card.first).to_have_attribute("data-status", "rejected")
    expect(card.first).to_contain_text("ReservationStatus=rejected")

    waiting = inbox_of(notebook).locator(".lk-card[data-status=pending]")
    expect(waiting).to_have_count(1)
    waiting.focus()
    notebook.page.keyboard.press("a")
    taken = inbox_of(notebook).locator(".lk-card[data-status=accepted]")
    expect(taken.locator(".lk-rest-status")).to_contain_text("200 in")
    expect(taken).to_be_focused()
    notebook.page.keyboard.press("w")
    expect(inbox_of(notebook).locator(".lk-card[data-status=wrapping]")).to_contain_text("ReservationStatus=wrapping")
    notebook.page.keyboard.press("c")
    done = inbox_of(notebook).locator(".lk-card[data-status=completed]")
    expect(done).to_contain_text("AssignmentStatus=completed")
    assert (notebook.page.evaluate(COUNT_CELLS), notebook.page.evaluate(ACTIVE_CELL)) == (cells, active)
    notebook.page.keyboard.press("Escape")
    expect(inbox_of(notebook).locator("kbd").first).to_be_hidden()
    notebook.page.keyboard.press("b")
    notebook.page.wait_for_function(f"cells => ({COUNT_CELLS})() === cells + 1", arg=cells)
    notebook.check_no_errors()


def test_a_worker_is_given_room_and_another_is_hired(notebook: NotebookPage) -> None:
    """Two Tasks at once for Alice, a third for a Worker who was not there before; all of it by clicks."""
    board = workers_of(notebook)
    alice = board.locator('.lk-worker[data-name="Alice"]')
    room = alice.locator(".lk-channel[data-channel=default]")
    board.get_by_label("Activity of Alice").select_option(label="Available")
    room.get_by_role("button", name="take one Task more").click()
    expect(room).to_contain_text("0/2")
    expect(board).to_contain_text("Capacity=2")
    create_task(notebook)
    create_task(notebook)
    expect(room.get_by_role("img")).to_have_attribute(
        "aria-label", "default: 0 Tasks assigned, 2 Tasks reserved, 0 free of 2"
    )

    board.get_by_role("button", name="Add a Worker").click()
    form = board.get_by_role("form", name="Add the Worker")
    form.get_by_label("Name").fill("alice")
    form.get_by_label("Activity").select_option("Available")
    form.get_by_role("button", name="Add the Worker").click()
    expect(form).to_contain_text("create the Worker 'alice'")
    form.get_by_label("Name").fill("Carol")
    form.get_by_label("Attributes (JSON)").fill('{"languages": ["es"], "routing": {"skills": ["refunds"]}}')
    form.get_by_role("button", name="Add the Worker").click()
    carol = board.locator('.lk-worker[data-name="Carol"]')
    expect(carol.locator(".lk-chip").first).to_contain_text("refunds")
    create_task(notebook)
    expect(carol.locator(".lk-worker-tasks")).to_contain_text("Reservation pending")

    carol.get_by_role("button", name="Delete Carol").click()
    carol.get_by_role("group").get_by_role("button", name="Delete Carol").click()
    expect(carol).to_contain_text("Reservation")
    expect(carol).to_contain_text("HTTP 400")
    notebook.check_no_errors()
