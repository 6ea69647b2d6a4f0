"""The same panels outside of JupyterLab: in Notebook 7, and in Voilà as an app without code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser.jupyter import EXECUTE, SHOW_ALL
from browser.pictures import save
from browser.test_accessibility import RUN, axe
from desk_page import serving_desk
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from tracked import ROOT

import labkit
import labkit.lab.runtime
from bench.jupyter import JupyterServer
from labkit.sandbox import process

pytestmark = pytest.mark.alone

__all__ = ["axe"]

DESK = ROOT / "notebooks" / "desk.ipynb"
FIRST_LESSON = ROOT / "notebooks" / "00_start_here.ipynb"
# Where our panels run: an error of Notebook's or of Voilà's own names neither.
# What anywidget says of a panel that took more than two seconds to begin, as on a busy machine; it hears all the same.
OURS = ("blob:", "anywidget")
TOO_SLOW = ("Failed to initialize model",)

READY = "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
RUN_ALL = "() => { void window.jupyterapp.commands.execute('notebook:run-all-cells'); }"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page; afterwards the browser must not have complained of the lab, nor have asked anybody else."""
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    elsewhere: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
    page.on("request", lambda request: elsewhere.append(request.url) if _is_elsewhere(request.url) else None)
    expect.set_options(timeout=30_000)
    yield page
    page.close()
    assert [text for text in complaints if _is_ours(text)] == []
    assert elsewhere == []


def _is_ours(complaint: str) -> bool:
    return any(word in complaint for word in OURS) and not any(word in complaint for word in TOO_SLOW)


def _is_elsewhere(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "http://localhost", "ws://127.0.0.1", "blob:", "data:", "about:"))


@pytest.mark.timeout(180)
def test_the_desk_in_notebook_7(page: Page, jupyter: JupyterServer, axe: str) -> None:
    """Clicks come back, and the focus at Escape; a lesson's definitions can be read in both themes."""
    desk = nbformat.read(DESK, as_version=4)
    desk.cells += [cell for cell in nbformat.read(FIRST_LESSON, as_version=4).cells if cell.source.count("\n> **") > 1]
    nbformat.write(desk, jupyter.root / DESK.name)
    try:
        page.goto(f"{jupyter.url}notebooks/{DESK.name}?token={jupyter.token}")
        page.wait_for_function(READY, timeout=60_000)
        page.evaluate(RUN_ALL)
        alice = page.get_by_label("Activity of Alice")
        alice.select_option(label="Available")
        expect(page.locator(".lk-workers")).to_contain_text("1 of 2")
        expect(page.locator(".labkit-result > .still").first).to_be_hidden()
        save("desk-notebook-7", lambda path: page.screenshot(path=path))
        cells = page.locator(".jp-Cell").count()
        for part in (page.locator(".lk-scroller"), page.get_by_role("button", name="Full screen")):
            part.focus()
            page.keyboard.press("b")
            page.keyboard.press("Escape")
            expect(page.locator(".jp-Cell:focus")).to_have_count(1)
        assert page.locator(".jp-Cell").count() == cells
        page.evaluate(axe)
        page.evaluate(SHOW_ALL)
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            page.evaluate(EXECUTE, ["apputils:change-theme", {"theme": theme}])
            expect(page.locator(f'body[data-jp-theme-name="{theme}"]')).to_be_attached()
            assert page.evaluate(RUN, "blockquote") == [], theme
    finally:
        jupyter.end_kernels()
        jupyter.forget_sandbox()


@pytest.fixture
def voila(own_environment: Path) -> Iterator[str]:
    """The desk as an app, as `make desk` starts it; its link."""
    with serving_desk(own_environment) as desk:
        yield desk.link


@pytest.mark.timeout(180)
def test_the_desk_under_voila_is_a_wallboard_without_code(page: Page, voila: str) -> None:
    """It shows what another notebook does, takes no callbacks from it, and loads nothing from elsewhere."""
    try:
        with labkit.start() as lab:
            urls = lab.callback_urls()
            _open(page, voila)
            expect(page.locator("body")).not_to_contain_text("import labkit")
            lab.taskrouter.set_activity("Alice", "Available")
            task = lab.create_task({"selected_language": "es"})

            expect(page.locator(".lk-timeline")).to_contain_text(task.sid[-4:])
            expect(page.locator(".lk-workers")).to_contain_text("1 of 2")
            assert lab.callback_urls() == urls
            _look_as_the_system(page)
            expect(page.locator(".still")).to_have_count(0)
            save("desk-voila", lambda path: page.screenshot(path=path))
    finally:
        labkit.lab.runtime._runtime.lab = None
        process._reap()


@pytest.mark.timeout(180)
def test_a_page_that_nobody_answers_says_what_to_do(page: Page, own_environment: Path) -> None:
    """A wall is not clicked: it asks by itself, says that it stands still, and after a reload it goes on."""
    page.clock.install()
    with serving_desk(own_environment, "--look-only") as desk:
        _open(page, desk.link)
        expect(page.get_by_text("Look only")).to_be_visible()
        assert "token" not in page.url
        save("desk-voila-look-only", lambda path: page.screenshot(path=path))
        for kernel in desk.kernels():
            kernel.kill()
        page.get_by_label("Light or dark").select_option("Dark")
        page.clock.run_for(A_LONG_SILENCE_MS)

        expect(page.locator(".lk-desk > .lk-warning")).to_contain_text("Reload it")
        save("desk-voila-gone", lambda path: page.screenshot(path=path))
        _open(page, desk.url)
        expect(page.locator(".lk-desk > .lk-warning")).to_be_hidden()
        assert page.evaluate(GROUNDS) == [DARK], "as was chosen before"


# Until a page that asks by itself has asked once more, and had no answer.
A_LONG_SILENCE_MS = 60_000
# Of the page and of every panel on it.
GROUNDS = """() => {
  const all = [...document.querySelectorAll("body, #rendered_cells, .lk-desk, .lk-slot > .lk")];
  const colours = all.map(node => getComputedStyle(node).backgroundColor);
  return [...new Set(colours)].filter(colour => colour !== "rgba(0, 0, 0, 0)");
}"""
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(22, 25, 29)"


def _look_as_the_system(page: Page) -> None:
    """The page follows at once when the system becomes dark, until something else is chosen on it."""
    assert page.evaluate(GROUNDS) == [LIGHT]
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    assert page.evaluate(GROUNDS) == [DARK]
    page.get_by_label("Light or dark").select_option("Light")
    assert page.evaluate(GROUNDS) == [LIGHT]


def _open(page: Page, address: str) -> None:
    """Open the desk; a front end waits two seconds for what the kernel has, and a busy machine may need more."""
    desk, too_slow = page.locator(".lk-desk"), page.get_by_text("Error displaying widget")
    for _ in range(5):
        page.goto(address, wait_until="commit")
        expect(desk.or_(too_slow).first).to_be_visible(timeout=60_000)
        if desk.is_visible():
            return
    raise AssertionError("no panel was ever quick enough")
