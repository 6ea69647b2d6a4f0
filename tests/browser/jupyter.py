"""A notebook on a page of JupyterLab, in a real browser."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser.pictures import save
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, expect

from bench.jupyter import JupyterServer

IDLE_MS = 40_000

# What JupyterLab itself says on the console when a kernel is restarted.
NOT_OURS = ("Could not restore the debugger state",)
# What anywidget says of a panel that took more than two seconds to begin, as on a busy machine; it hears all the same.
LATE = "[anywidget] Failed to initialize model"

KERNEL_IS_IDLE = """() => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  const kernel = widget?.sessionContext?.session?.kernel;
  return Boolean(widget?.content?.model && kernel && kernel.status === 'idle');
}"""
RUN_CELL = """async ([index, waits]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  const done = window.jupyterapp.commands.execute('notebook:run-cell');
  if (waits) await done;
}"""
WRITE_CELL = """([index, source]) => {
  window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(source);
}"""
CLOSE_ALL = "() => [...window.jupyterapp.shell.widgets('main')].forEach(widget => widget.dispose())"
IS_LIGHT = "() => document.body.dataset.jpThemeName === 'JupyterLab Light'"
# JupyterLab draws no cell that is scrolled away. And what lies in a box of no height that hides what overflows, as all
# of JupyterLab does, axe-core takes for hidden.
SHOW_ALL = """() => {
  const style = document.createElement('style');
  style.textContent = '.jp-Cell { content-visibility: visible !important } ' +
    '.jp-ThemedContainer { overflow: visible !important }';
  document.head.append(style);
}"""
EXECUTE = "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)"


@dataclass
class NotebookPage:
    """One notebook, open in a browser, its kernel idle.

    `page` is Playwright's own, for locators and `expect`; cells are counted from 0, Markdown included.
    """

    page: Page
    server: JupyterServer
    path: Path
    """The copy that is open; the original is not touched."""
    errors: list[str] = field(default_factory=list)
    """What the browser complained about since the page was opened."""
    is_reloaded: bool = False

    @classmethod
    def prepare(cls, page: Page, server: JupyterServer, path: Path) -> NotebookPage:
        """A copy of the notebook at `path`, to be opened on `page`, which is empty or has JupyterLab; then `open`."""
        folder = Path(tempfile.mkdtemp(dir=server.root))  # its own: JupyterLab may still know another of this name
        copy = folder / path.name
        shutil.copyfile(path, copy)
        return cls(page, server, copy)

    def open(self) -> None:
        """Open the notebook and wait for its kernel."""
        self.page.on("pageerror", self._hear_error)
        self.page.on("console", self._hear)
        name = self.path.relative_to(self.server.root).as_posix()
        if self.page.url.startswith(self.server.url):
            self.execute("docmanager:open", path=name, factory="Notebook")
        else:
            self.page.goto(self.server.address(name))
        self.wait_idle()

    def put_away(self) -> None:
        """Leave JupyterLab on the page as it was before the notebook was opened: it takes seconds to load."""
        self.page.remove_listener("pageerror", self._hear_error)
        self.page.remove_listener("console", self._hear)
        if self.is_reloaded:
            # JupyterLab has restored the notebook by itself, and may ask for its kernel once that is ended.
            self.page.goto("about:blank")
            return
        self.page.evaluate(CLOSE_ALL)
        if not self.page.evaluate(IS_LIGHT):
            self.use_theme("JupyterLab Light")

    def _hear_error(self, error: Error) -> None:
        if LATE in error.message:
            return
        self.errors.append(f"uncaught: {error.stack or error}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NOT_OURS):
            self.errors.append(f"console: {message.text}")

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function(KERNEL_IS_IDLE, timeout=IDLE_MS)

    def execute(self, command: str, **arguments: Any) -> None:
        """Run one of JupyterLab's commands and wait until it is done."""
        self.page.evaluate(EXECUTE, [command, arguments])

    def run_all(self) -> None:
        """Run every cell and wait for the last."""
        self.execute("notebook:run-all-cells")

    def run_cell(self, index: int) -> None:
        """Run one cell and wait until it is done."""
        self.page.evaluate(RUN_CELL, [index, True])

    def start_cell(self, index: int) -> None:
        """Run one cell and do not wait for it."""
        self.page.evaluate(RUN_CELL, [index, False])

    def write_cell(self, index: int, source: str) -> None:
        """Replace what one cell holds."""
        self.page.evaluate(WRITE_CELL, [index, source])

    def reload(self) -> None:
        """Load the page again, as a person does; the kernel lives on."""
        self.is_reloaded = True
        self.page.reload()
        self.wait_idle()

    def reopen(self) -> None:
        """Save it and open it again with a new kernel, as the next day; JupyterLab complains of lost widgets."""
        self.execute("docmanager:save")
        self.page.evaluate(CLOSE_ALL)
        self.server.end_kernels()
        self.execute("docmanager:open", path=self.path.relative_to(self.server.root).as_posix(), factory="Notebook")
        self.wait_idle()

    def use_theme(self, name: str) -> None:
        """Switch to "JupyterLab Light" or "JupyterLab Dark"."""
        self.execute("apputils:change-theme", theme=name)
        expect(self.page.locator(f'body[data-jp-theme-name="{name}"]')).to_be_attached()

    def show_all_cells(self) -> None:
        """Have every cell drawn and to be seen, so that axe-core looks at all of them; a reload undoes it."""
        self.page.evaluate(SHOW_ALL)

    def cell(self, index: int) -> Locator:
        """The whole cell: its input and what it shows."""
        return self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')

    def output(self, index: int) -> Locator:
        """What the cell shows below its input."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def screenshot(self, name: str, *, of: Locator | None = None) -> Path:
        """Save the page, or one element of it, as test-artifacts/<name>.png; see `browser/pictures.py`."""
        return save(name, lambda path: (of or self.page).screenshot(path=path, animations="disabled"))

    def check_no_errors(self) -> None:
        """Fail if the browser complained or a cell wrote an error."""
        shown = self.page.locator(
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"],'
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
        )
        complaints = [*self.errors, *(f"cell: {text[:500]}" for text in shown.all_inner_texts())]
        assert not complaints, "\n".join(complaints)
