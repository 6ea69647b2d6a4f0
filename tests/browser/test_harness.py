"""The browser tests' own tools: a widget in a throwaway notebook is run, clicked and seen to change."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from browser import pictures
from browser.jupyter import NotebookPage
from playwright.sync_api import Locator, expect

WIDGET = '''
import threading
import anywidget, traitlets
from labkit.widgets.base import _answer_while_a_cell_runs
class Counter(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const button = document.createElement("button");
      const draw = () => { button.textContent = `count ${model.get("count")}`; };
      button.onclick = () => model.send({ add: 1 });
      model.on("change:count", draw);
      draw();
      el.append(button);
    } };
    """
    count = traitlets.Int(0).tag(sync=True)
clicked = threading.Event()
def add(widget, content, buffers):
    widget.count += content["add"]
    clicked.set()
counter = Counter()
_answer_while_a_cell_runs(counter.comm)
counter.on_msg(add)
'''
BUSY = "print('clicked:', clicked.wait(30))"
BUSY_CELL, LAST_CELL = 4, 3


@pytest.fixture
def notebook(tmp_path: Path, open_notebook: Callable[[Path], NotebookPage]) -> NotebookPage:
    """Markdown, the widget's code, the widget, a last cell for run-all; a cell below waits for a click."""
    cells = [
        nbformat.v4.new_markdown_cell("# A counter"),
        nbformat.v4.new_code_cell(WIDGET),
        nbformat.v4.new_code_cell("counter"),
        nbformat.v4.new_code_cell("print('all cells ran')"),
    ]
    path = tmp_path / "throwaway.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return open_notebook(path)


def counter_of(notebook: NotebookPage) -> Locator:
    return notebook.page.get_by_role("button", name=re.compile("^count"))


def test_a_widget_is_run_and_clicked(notebook: NotebookPage) -> None:
    """Run all, click, and the value that Python counted is on the page, also after it is loaded again."""
    notebook.run_all()
    expect(notebook.output(LAST_CELL)).to_contain_text("all cells ran")
    expect(counter_of(notebook)).to_have_text("count 0")
    counter_of(notebook).click()
    expect(counter_of(notebook)).to_have_text("count 1")
    notebook.execute("docmanager:save")
    notebook.reload()
    expect(counter_of(notebook)).to_have_text("count 1")
    notebook.check_no_errors()


def test_a_click_arrives_while_a_cell_runs(notebook: NotebookPage) -> None:
    """A cell that waits for a click is started and not waited for; the click ends it."""
    for index in range(1, LAST_CELL + 1):
        notebook.start_cell(index)
    expect(counter_of(notebook)).to_have_text("count 0")
    notebook.execute("notebook:insert-cell-below")
    notebook.write_cell(BUSY_CELL, BUSY)
    notebook.start_cell(BUSY_CELL)
    expect(notebook.cell(BUSY_CELL)).to_contain_text("[*]")
    counter_of(notebook).click()
    expect(notebook.output(BUSY_CELL)).to_contain_text("clicked: True")
    notebook.wait_idle()


def test_both_themes_and_a_picture(notebook: NotebookPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The theme changes, and a picture is saved; for the documentation when asked, if it is on a page there."""
    monkeypatch.setattr(pictures, "ARTIFACTS", tmp_path / "artifacts")
    monkeypatch.setattr(pictures, "IMAGES", tmp_path / "images")
    monkeypatch.delenv("LABKIT_SAVE_SCREENSHOTS", raising=False)
    light = notebook.screenshot("page")
    notebook.use_theme("JupyterLab Dark")
    monkeypatch.setenv("LABKIT_SAVE_SCREENSHOTS", "1")
    dark = notebook.screenshot("start_here")
    notebook.screenshot("nowhere")
    notebook.use_theme("JupyterLab Light")

    assert light.read_bytes()[:4] == dark.read_bytes()[:4] == b"\x89PNG"
    assert light.read_bytes() != dark.read_bytes()
    assert [p.name for p in (tmp_path / "images").iterdir()] == ["start_here.png"]


def test_errors_of_the_page_and_of_cells_are_seen(notebook: NotebookPage) -> None:
    """An exception in the browser, a console error and a failing cell each fail the check."""
    notebook.page.evaluate("() => { setTimeout(() => { throw new Error('thrown in the page') }) }")
    notebook.page.evaluate("() => console.error('said on the console')")
    notebook.write_cell(LAST_CELL, "raise ValueError('raised in the cell')")
    notebook.start_cell(LAST_CELL)
    expect(notebook.output(LAST_CELL)).to_contain_text("ValueError")
    with pytest.raises(AssertionError) as caught:
        notebook.check_no_errors()
    notebook.errors.clear()

    for words in ("thrown in the page", "console: said on the console", "raised in the cell"):
        assert words in str(caught.value)
