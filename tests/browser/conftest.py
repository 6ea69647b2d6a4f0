"""JupyterLab once for the whole run, Chromium once for each module, a page for each notebook that a test opens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import comm
import pytest
from browser.gallery import Gallery, Line
from browser.jupyter import NotebookPage
from live.conftest import desk, jobs, live, news, stream  # noqa: F401  # the same Workspace for panels that are seen
from playwright.sync_api import Browser, Page, expect, sync_playwright
from processes import FOR_THE_SESSION, SELF, end_sandbox
from sandbox_client.conftest import centre, client, clock, line, sandbox, time  # noqa: F401  # a sandbox in this process

import labkit
import labkit.lab.runtime
from bench.jupyter import CHROMIUM_ARGUMENTS, HOW_TO_GET_CHROMIUM, JupyterServer, chromium_program, serving
from labkit.lab.lab import Lab
from labkit.sandbox import process

HERE = Path(__file__).parent
REQUIRED = os.environ.get("LABKIT_REQUIRE_BROWSER") == "1"

OpenNotebook = Callable[[Path], NotebookPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test, and whoever opens JupyterLab needs the machine alone."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if "jupyter" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.alone)


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


@pytest.fixture(scope="session", name="chromium_program")
def _chromium_program() -> Path:
    """The browser: the system's, else Playwright's own; every test is skipped where there is none."""
    found = chromium_program()
    if found is None:
        pytest.skip(HOW_TO_GET_CHROMIUM)
    return found


@pytest.fixture(scope="session")
def jupyter(chromium_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab, started once: it takes some seconds."""
    before = set(SELF.children())
    with serving(tmp_path_factory.mktemp("jupyter")) as server:
        FOR_THE_SESSION.update(set(SELF.children()) - before)
        yield server


# For each module, not for the session: while it is open, its event loop runs in this thread and no other can.
@pytest.fixture(scope="module")
def chromium(chromium_program: Path) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_program, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(chromium: Browser) -> Iterator[list[Page]]:
    """Pages that have JupyterLab already: a module loads it once, and opens one notebook after the other in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    yield [context.new_page()]
    context.close()


@pytest.fixture
def open_notebook(pages: list[Page], jupyter: JupyterServer, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Opens notebooks; afterwards their kernels and their sandbox are ended and what the browser said is checked."""
    expect.set_options(timeout=15_000)
    context = pages[0].context
    opened: list[NotebookPage] = []

    def open_one(path: Path) -> NotebookPage:
        page = pages[len(opened)] if len(opened) < len(pages) else context.new_page()
        notebook = NotebookPage.prepare(page, jupyter, path)
        opened.append(notebook)  # before it is open: what fails to open is looked at too
        notebook.open()
        return notebook

    yield open_one
    failed = FAILED in request.node.stash
    for number, notebook in enumerate(opened, 1):
        if failed:
            notebook.screenshot(f"failed-{request.node.name}-{number}")
    complaints = [error for notebook in opened for error in notebook.errors]
    if failed:
        pages[:] = [context.new_page()]
        for notebook in opened:
            notebook.page.close()
    else:
        pages[:] = [notebook.page for notebook in opened] or pages
        for notebook in opened:
            notebook.put_away()
    jupyter.end_kernels()
    jupyter.forget_sandbox()
    if not failed:
        assert not complaints, "\n".join(complaints)


@pytest.fixture
def gallery(chromium: Browser, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Gallery]:
    """An empty page for panels; afterwards the browser must not have complained, nor asked for anything."""
    expect.set_options(timeout=15_000)
    monkeypatch.setattr(comm, "create_comm", Line)
    # Far from UTC: what a panel shows in the browser's own zone is seen to be wrong.
    context = chromium.new_context(viewport={"width": 1000, "height": 900}, timezone_id="America/New_York")
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


@pytest.fixture
def lab(gallery: Gallery, own_environment: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A real lab with a sandbox of its own, whose panels can be shown in the gallery; ended afterwards.

    Its settings are the parameter, where a test gives one.
    """
    try:
        yield labkit.start(**getattr(request, "param", {}))
    finally:
        labkit.stop()
        labkit.lab.runtime._runtime.lab = None
        end_sandbox(own_environment)
        process._reap()
