"""Timeline and queues in JupyterLab: live beside a cell, after a reload, in the dark, and without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from browser.jupyter import NotebookPage
from playwright.sync_api import Locator, Request, expect

OpenNotebook = Callable[[Path], NotebookPage]

CELLS = (
    "import labkit\nlab = labkit.start()",
    "lab.timeline()",
    "lab.queues()",
    "lab.create_task({'selected_language': 'es'})\nlab.taskrouter.set_activity('Alice', 'Available')",
)
CREATE = len(CELLS) - 1
pytestmark = pytest.mark.timeout(300)  # JupyterLab, a sandbox and the plotting library, on whatever machine this is
SLOW_MS = 60_000  # the plotting library takes a moment to read on a loaded machine


@pytest.fixture
def notebook(open_notebook: OpenNotebook, tmp_path: Path) -> NotebookPage:
    """The two panels, their lab started, nothing done yet."""
    path = tmp_path / "timeline_and_queues.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return open_notebook(path)


def panel(notebook: NotebookPage, name: str) -> Locator:
    return notebook.page.locator(f".lk-{name}").first


def start(notebook: NotebookPage) -> None:
    for index in range(CREATE):
        notebook.start_cell(index)
    expect(panel(notebook, "timeline")).to_be_visible(timeout=SLOW_MS)
    expect(panel(notebook, "queues")).to_be_visible(timeout=SLOW_MS)
    notebook.wait_idle()


def expect_life(notebook: NotebookPage) -> None:
    """The Task went from pending to reserved, and waits in its TaskQueue until somebody accepts it."""
    reserved = panel(notebook, "timeline").locator('.lk-lane [data-state="reserved"]')
    expect(reserved).to_have_count(1, timeout=SLOW_MS)
    spanish = panel(notebook, "queues").locator("tr", has_text="Spanish")
    expect(spanish.locator(".lk-number")).to_have_text("1", timeout=SLOW_MS)
    panel(notebook, "queues").scroll_into_view_if_needed()  # plots that nobody sees are not drawn
    expect(panel(notebook, "queues").locator(".lk-plot .main-svg").first).to_be_visible(timeout=SLOW_MS)


def test_they_live_in_jupyterlab_without_a_network(notebook: NotebookPage) -> None:
    """Task and plots appear, also after a reload and in the dark; the browser asks nobody but JupyterLab."""
    asked: list[str] = []

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            asked.append(request.url)

    notebook.page.on("request", note)
    start(notebook)
    notebook.start_cell(CREATE)
    expect_life(notebook)
    notebook.execute("docmanager:save")
    notebook.reload()
    expect_life(notebook)
    notebook.use_theme("JupyterLab Dark")
    for name in ("timeline", "queues"):
        panel(notebook, name).scroll_into_view_if_needed()
        notebook.screenshot(f"{name}_in_jupyterlab_dark", of=panel(notebook, name))
    notebook.use_theme("JupyterLab Light")

    assert asked == []
    notebook.check_no_errors()


def test_keys_steer_the_timeline_and_not_the_notebook(notebook: NotebookPage) -> None:
    """JupyterLab's own keys, such as `a` and `b` for new cells, rest while the lanes have the focus."""
    start(notebook)
    notebook.start_cell(CREATE)
    expect_life(notebook)
    cells = notebook.page.locator(".jp-Cell").count()
    panel(notebook, "timeline").locator(".lk-scroller").focus()
    for key in ("b", "ArrowDown", "Home", "ArrowRight", "-", "0", "n"):
        notebook.page.keyboard.press(key)
    expect(panel(notebook, "timeline").locator(".lk-tip")).to_be_hidden()
    notebook.page.keyboard.press("ArrowDown")
    expect(panel(notebook, "timeline").locator(".lk-tip")).to_contain_text("reserved")
    assert notebook.page.locator(".jp-Cell").count() == cells
