"""Somebody who steps through a lesson in JupyterLab: reads, types into cells, runs them one at a time, and clicks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from browser.jupyter import NotebookPage
from playwright.sync_api import Locator, expect

Clicks = Mapping[str, Callable[["Learner"], None]]
"""By the cell after which they are made."""

ACTIVATE = """index => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  void notebook.scrollToItem(index, 'start');
}"""
CELL_SECONDS = 60


@dataclass
class Learner:
    """Plays one notebook that is open.

    Attributes:
        notebook: it.
        source: of its cells, by id, in order; code cells only.
    """

    notebook: NotebookPage
    source: dict[str, str] = field(init=False)
    _index: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        cells: list[Any] = json.loads(self.notebook.path.read_text("utf-8"))["cells"]
        self.source = {each["id"]: "".join(each["source"]) for each in cells if each["cell_type"] == "code"}
        self._index = {each["id"]: index for index, each in enumerate(cells)}

    def play(self, *, instead: Mapping[str, str], clicks: Clicks) -> None:
        """From the first cell to the last: type what is to be typed, run each, and click what is to be clicked.

        Args:
            instead: what is typed over what a cell holds, by its id.
            clicks: what is done in the panels after a cell.
        """
        unknown = {*instead, *clicks} - self.source.keys()
        assert not unknown, f"no such cell: {unknown}"
        for cell in self.source:
            if cell in instead:
                self.write(cell, instead[cell])
            self.run(cell)
            if cell in clicks:
                clicks[cell](self)

    def write(self, cell: str, source: str) -> None:
        """Type over what the cell holds."""
        editor = self.cell(cell).locator(".cm-content")
        self.notebook.page.evaluate(ACTIVATE, self._index[cell])
        editor.click()
        self.notebook.page.keyboard.press("ControlOrMeta+a")
        self.notebook.page.keyboard.insert_text(source)  # as pasted: the editor closes no bracket by itself then

    def run(self, cell: str) -> None:
        """Shift+Enter, and wait until the kernel is idle."""
        before = self.prompt(cell).inner_text() if self.prompt(cell).count() else ""
        self.notebook.page.evaluate(ACTIVATE, self._index[cell])
        self.cell(cell).locator(".cm-content").click()
        self.notebook.page.keyboard.press("Shift+Enter")
        expect(self.prompt(cell)).not_to_have_text(before, timeout=CELL_SECONDS * 1000)
        expect(self.prompt(cell)).not_to_contain_text("*", timeout=CELL_SECONDS * 1000)
        self.notebook.check_no_errors()

    def prompt(self, cell: str) -> Locator:
        """The number before the cell."""
        return self.cell(cell).locator(".jp-InputArea-prompt")

    def cell(self, cell: str) -> Locator:
        """The whole cell."""
        return self.notebook.cell(self._index[cell])

    def output(self, cell: str) -> Locator:
        """What the cell shows."""
        return self.notebook.output(self._index[cell])

    def look(self, name: str, cell: str) -> None:
        """Take a picture of what the cell shows, in both themes; JupyterLab shows only what the window has room for."""
        page, shown = self.notebook.page, self.output(cell)
        before = page.viewport_size
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            self.notebook.use_theme(theme)
            shown.scroll_into_view_if_needed()
            height = shown.evaluate("each => Math.ceil(each.getBoundingClientRect().height)")
            page.set_viewport_size({"width": 1280, "height": max(860, height + 200)})
            shown.scroll_into_view_if_needed()
            self.notebook.screenshot(f"{name}_{theme.rpartition(' ')[2].lower()}", of=shown)
            assert before is not None
            page.set_viewport_size(before)


def panel(notebook: NotebookPage, name: str) -> Locator:
    """The first panel of this kind."""
    return notebook.page.locator(f".lk-{name}").first


def create_task(notebook: NotebookPage) -> None:
    """Press the button of the form."""
    panel(notebook, "composer").get_by_role("button", name="Create Task").click()


def switch_worker(notebook: NotebookPage, name: str, activity: str) -> None:
    """Choose an Activity in the Workers panel."""
    panel(notebook, "workers").get_by_label(f"Activity of {name}").select_option(label=activity)


def card(notebook: NotebookPage, status: str) -> Locator:
    """The inbox's cards of Reservations in this status."""
    return panel(notebook, "inbox").locator(f".lk-card[data-status={status}]")
