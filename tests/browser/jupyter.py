"""JupyterLab in a real browser: a server of the tests' own, and a notebook on a page of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect
from processes import end_sandbox
from tracked import ROOT

START_SECONDS = 60
IDLE_MS = 40_000
ARTIFACTS = ROOT / "test-artifacts"
IMAGES = ROOT / "docs" / "images"

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What JupyterLab itself says on the console when a kernel is restarted.
NOT_OURS = ("Could not restore the debugger state",)

KERNEL_IS_IDLE = """() => {
  const widget = window.jupyterapp?.shell?.currentWidget;
  const kernel = widget?.sessionContext?.session?.kernel;
  return Boolean(widget?.content?.model && kernel && kernel.status === 'idle');
}"""
START_CELL = """index => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  void window.jupyterapp.commands.execute('notebook:run-cell');
}"""
WRITE_CELL = """([index, source]) => {
  window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(source);
}"""
EXECUTE = "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)"


@dataclass(frozen=True)
class JupyterServer:
    """A running JupyterLab that shares no folder with the person's own."""

    url: str
    token: str
    root: Path
    home: Path
    """LABKIT_HOME of every kernel; emptied between tests by `forget_sandbox`."""
    log: Path

    def address(self, name: str) -> str:
        """Where the browser opens the notebook `name`, with nothing left of an earlier visit."""
        return f"{self.url}lab/tree/{quote(name)}?token={self.token}&reset"

    def end_kernels(self) -> None:
        """End every kernel: they outlive their pages."""
        for session in json.loads(self._ask("GET", "api/sessions")):
            self._ask("DELETE", f"api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
            body: bytes = answer.read()
        return body

    def forget_sandbox(self) -> None:
        """End the sandbox that a kernel started, and its state with it: the next one starts cold."""
        end_sandbox(self.home)
        shutil.rmtree(self.home)
        self.home.mkdir()


@contextmanager
def serving(folder: Path) -> Iterator[JupyterServer]:
    """A JupyterLab server that keeps everything it writes below `folder`, ended at the end with its kernels."""
    for name in ("root", "home", "settings", "workspaces", "runtime", "config", "data", "ipython"):
        (folder / name).mkdir()
    _no_news(folder / "settings")
    log = folder / "jupyterlab.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            _command(folder), env=_environment(folder), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            facts = _wait_until_serving(process, folder / "runtime", log)
            yield JupyterServer(facts["url"], facts["token"], folder / "root", folder / "home", log)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)
            end_sandbox(folder / "home")


def _command(folder: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        "--port=0",
        f"--ServerApp.root_dir={folder / 'root'}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "LABKIT_HOME": str(folder / "home"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


def _no_news(settings: Path) -> None:
    folder = settings / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True)
    (folder / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False}), encoding="utf-8"
    )


def _wait_until_serving(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> dict[str, Any]:
    for _ in range(START_SECONDS * 10):
        for path in runtime.glob("jpserver-*.json"):
            facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            urllib.request.urlopen(f"{facts['url']}api", timeout=START_SECONDS).close()
            return facts
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"JupyterLab ended with {process.returncode}:\n{log.read_text(encoding='utf-8')[-2000:]}")
    raise RuntimeError(f"JupyterLab did not serve within {START_SECONDS} s; see {log}")


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

    @classmethod
    def prepare(cls, context: BrowserContext, server: JupyterServer, path: Path) -> NotebookPage:
        """An empty page for a copy of the notebook at `path`; `open` comes next."""
        copy = server.root / path.name
        shutil.copyfile(path, copy)
        return cls(context.new_page(), server, copy)

    def open(self) -> None:
        """Open the notebook and wait for its kernel."""
        self.page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error.stack or error}"))
        self.page.on("console", self._hear)
        self.page.goto(self.server.address(self.path.name))
        self.wait_idle()

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

    def start_cell(self, index: int) -> None:
        """Run one cell and do not wait for it."""
        self.page.evaluate(START_CELL, index)

    def write_cell(self, index: int, source: str) -> None:
        """Replace what one cell holds."""
        self.page.evaluate(WRITE_CELL, [index, source])

    def reload(self) -> None:
        """Load the page again, as a person does; the kernel lives on."""
        self.page.reload()
        self.wait_idle()

    def use_theme(self, name: str) -> None:
        """Switch to "JupyterLab Light" or "JupyterLab Dark"."""
        self.execute("apputils:change-theme", theme=name)
        expect(self.page.locator(f'body[data-jp-theme-name="{name}"]')).to_be_attached()

    def cell(self, index: int) -> Locator:
        """The whole cell: its input and what it shows."""
        return self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')

    def output(self, index: int) -> Locator:
        """What the cell shows below its input."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def screenshot(self, name: str, *, of: Locator | None = None) -> Path:
        """Save the page, or one element of it, as test-artifacts/<name>.png.

        With LABKIT_SAVE_SCREENSHOTS=1 it also goes to docs/images/, for the README.
        """
        ARTIFACTS.mkdir(exist_ok=True)
        picture = ARTIFACTS / f"{name}.png"
        (of or self.page).screenshot(path=picture, animations="disabled")
        if os.environ.get("LABKIT_SAVE_SCREENSHOTS") == "1":
            IMAGES.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, IMAGES / picture.name)
        return picture

    def check_no_errors(self) -> None:
        """Fail if the browser complained or a cell wrote an error."""
        shown = self.page.locator(
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"],'
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
        )
        complaints = [*self.errors, *(f"cell: {text[:500]}" for text in shown.all_inner_texts())]
        assert not complaints, "\n".join(complaints)
