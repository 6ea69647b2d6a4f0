"""JupyterLab once for the whole run, Chromium once for each module, a page for each notebook that a test opens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import comm
import pytest
from browser.gallery import Gallery, Line
from browser.jupyter import CHROMIUM_ARGUMENTS, JupyterServer, NotebookPage, serving
from playwright.sync_api import Browser, expect, sync_playwright
from widgets.conftest import desk, jobs, live, news, stream  # noqa: F401  # the same Workspace for panels that are seen

HERE = Path(__file__).parent
REQUIRED = os.environ.get("LABKIT_REQUIRE_BROWSER") == "1"
NAMES = ("chromium", "chromium-browser", "google-chrome")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
HOW_TO_GET_IT = (
    "there is no Chromium here; get one with `apt-get install chromium` or `.venv/bin/playwright install chromium`"
)

OpenNotebook = Callable[[Path], NotebookPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let the fixtures know that a test failed; where a browser is required, a skip is a failure."""
    report = yield
    if item.get_closest_marker("browser") is not None:
        if REQUIRED and report.skipped:
            report.outcome = "failed"
            report.longrepr = f"skipped, although LABKIT_REQUIRE_BROWSER=1: {report.longrepr}"
        if report.failed:
            item.stash[FAILED] = True
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium_program() -> Path:
    """The browser: the system's, else Playwright's own; every test is skipped where there is none."""
    candidates = [*map(shutil.which, NAMES), MAC_CHROME, _playwrights_own()]
    found = [Path(c) for c in candidates if c and Path(c).exists()]
    if not found:
        pytest.skip(HOW_TO_GET_IT)
    return found[0]


def _playwrights_own() -> str:
    with sync_playwright() as driver:
        return driver.chromium.executable_path


@pytest.fixture(scope="session")
def jupyter(chromium_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab, started once: it takes some seconds."""
    with serving(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


# For each module, not for the session: while it is open, its event loop runs in this thread and no other can.
@pytest.fixture(scope="module")
def chromium(chromium_program: Path) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_program, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(chromium: Browser, jupyter: JupyterServer, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Opens notebooks; afterwards their kernels and their sandbox are ended and what the browser said is checked."""
    expect.set_options(timeout=15_000)
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    opened: list[NotebookPage] = []

    def open_one(path: Path) -> NotebookPage:
        notebook = NotebookPage.prepare(context, jupyter, path)
        opened.append(notebook)  # before it is open: what fails to open is looked at too
        notebook.open()
        return notebook

    yield open_one
    failed = FAILED in request.node.stash
    for number, notebook in enumerate(opened, 1):
        if failed:
            notebook.screenshot(f"failed-{request.node.name}-{number}")
    complaints = [error for notebook in opened for error in notebook.errors]
    context.close()
    jupyter.end_kernels()
    jupyter.forget_sandbox()
    if not failed:
        assert not complaints, "\n".join(complaints)


@pytest.fixture
def gallery(chromium: Browser, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Gallery]:
    """An empty page for panels; afterwards the browser must not have complained, nor asked for anything."""
    expect.set_options(timeout=15_000)
    monkeypatch.setattr(comm, "create_comm", Line)
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    gallery = Gallery(context.new_page())
    gallery.open()
    yield gallery
    failed = FAILED in request.node.stash
    if failed:
        gallery.screenshot(f"failed-{request.node.name}")
    context.close()
    if not failed:
        assert not gallery.errors, "\n".join(gallery.errors)
        assert not gallery.requests, f"a panel asked for {gallery.requests}"
