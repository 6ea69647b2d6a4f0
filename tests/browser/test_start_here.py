"""The first lesson in JupyterLab, all cells run: what a learner clicks and sees besides the way of the lesson."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.jupyter import NotebookPage
from browser.learner import card, create_task, panel, switch_worker
from browser.test_accessibility import RUN, axe
from playwright.sync_api import expect
from tracked import ROOT

FIRST_LESSON = ROOT / "notebooks" / "00_start_here.ipynb"
CELL = {cell["id"]: index for index, cell in enumerate(json.loads(FIRST_LESSON.read_text("utf-8"))["cells"])}
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
READ = ".jp-RenderedMarkdown, .jp-RenderedHTML, .jp-RenderedText"
MISTAKES = (
    ('lab.answer_with("acept")', "There is no instruction 'acept'"),
    ('lab.taskrouter.set_activity("Alise", "Available")', "There is no Worker called 'Alise'"),
    ('lab.create_task({"selected_language": "es"}, priority="high")', "'high' is not a whole number"),
    ('lab.create_task({"selected_language": "es"}, prioritty=3)', "did you mean 'priority'?"),
    ('lab.desk(veiw="work")', "did you mean 'view'?"),
    ('labkit.start(mode="twillio")', "mode is 'twillio'; give one of"),
)

__all__ = ["axe"]

OpenNotebook = Callable[[Path], NotebookPage]


@pytest.fixture
def lesson(open_notebook: OpenNotebook) -> NotebookPage:
    """The first lesson, all cells run."""
    notebook = open_notebook(FIRST_LESSON)
    notebook.run_all()
    notebook.check_no_errors()
    return notebook


def test_a_reservation_is_accepted_while_a_long_cell_runs(lesson: NotebookPage) -> None:
    """Panels stay live and clicks are carried out while the kernel is busy with another cell."""
    switch_worker(lesson, "Alice", "Available")
    busy = CELL["answer-nothing"]
    lesson.write_cell(busy, "import threading; print('waited:', threading.Event().wait(20))")
    lesson.start_cell(busy)
    expect(lesson.cell(busy).locator(".jp-InputArea-prompt")).to_contain_text("*")
    create_task(lesson)
    card(lesson, "pending").get_by_role("button", name="Accept").click()
    expect(card(lesson, "accepted")).to_be_visible()
    expect(panel(lesson, "composer").locator(".lk-tasks li").first).to_contain_text("assigned")
    expect(lesson.cell(busy).locator(".jp-InputArea-prompt")).to_contain_text("*")
    lesson.execute("notebook:interrupt-kernel")
    lesson.wait_idle()


def test_mistakes_are_pointed_at_and_not_sent(lesson: NotebookPage) -> None:
    """The form says where the JSON is wrong, and nothing is created; a cell says what is wrong with its values."""
    composer = panel(lesson, "composer")
    composer.get_by_label("Attributes (JSON)").fill('{"selected_language": "es"\n "vip": true}')
    expect(composer).to_contain_text("Line 2, column 2")
    lesson.screenshot("composer_broken_json", of=composer)
    expect(composer.get_by_role("button", name="Create Task")).to_be_disabled()
    expect(composer.locator(".lk-tasks li")).to_have_count(0)


def test_a_second_notebook_takes_the_callbacks_and_the_first_takes_them_back(
    lesson: NotebookPage, open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    """The Workflow calls whoever started last; the other one's status says so and offers the remedy."""
    second_path = tmp_path / "second.ipynb"
    second_path.write_text(FIRST_LESSON.read_text("utf-8"), "utf-8")
    second = open_notebook(second_path)
    second.run_cell(CELL["start"])
    expect(panel(second, "status")).to_contain_text("of the Workflow Incoming Customer Care Requests")
    status = panel(lesson, "status")
    expect(status).to_contain_text("another notebook started last")
    status.get_by_role("button", name="Take them back").click()
    expect(status).not_to_contain_text("another notebook started last")
    expect(panel(second, "status")).to_contain_text("another notebook started last")


# As on a busy machine: anywidget, which gives a panel's script two seconds, gives each up at once.
TOO_LATE = """() => {
  if (!sessionStorage.getItem("late")) return;
  sessionStorage.removeItem("late"); // so that the next page is as always
  const patience = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = ms => patience(ms === 2000 ? 0 : ms);
}"""
# As JupyterLab does it when a panel's model is there a moment too late.
MISS = "panel => { panel.closest('.jp-OutputArea-output').textContent = 'Error displaying widget: model not found'; }"


def test_panels_live_on_after_a_reload(lesson: NotebookPage) -> None:
    """A saved notebook that is loaded again shows the kernel's present, and its buttons still work, even of panels
    that were too late for anywidget, and of one that was too late for JupyterLab."""
    lesson.page.add_init_script(f"({TOO_LATE})()")
    lesson.page.evaluate("sessionStorage.setItem('late', 'yes')")
    lesson.execute("docmanager:save")
    lesson.reload()
    panel(lesson, "composer").evaluate(MISS)
    create_task(lesson)
    expect(panel(lesson, "composer").locator(".lk-tasks li").first).to_contain_text("pending")


def test_a_notebook_that_is_opened_again_at_once_shows_no_panel_of_the_kernel_that_ended(lesson: NotebookPage) -> None:
    """The panels are younger than the minute in which a script draws them where JupyterLab says that there is none."""
    lesson.reopen()
    cell = lesson.output(CELL["start"])
    expect(cell.get_by_text("Error displaying widget")).to_be_attached()
    lesson.page.wait_for_timeout(3_000)  # the script looks once a second
    expect(cell.get_by_text("Error displaying widget")).to_be_attached()
    expect(cell.get_by_text("The kernel is not answering")).not_to_be_attached()
    lesson.errors.clear()  # of JupyterLab's, for each widget that it does not find


def test_a_restarted_kernel_is_said_and_the_first_cell_mends_it(lesson: NotebookPage) -> None:
    """Panels of a kernel that is gone say what to do; then the same Workspace is there, and they come back."""
    workspace = panel(lesson, "status").get_by_text("TaskRouter Lab ·").inner_text()
    lesson.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    lesson.wait_idle()
    expect(panel(lesson, "composer")).to_contain_text("run the first cell again")
    lesson.start_cell(CELL["start"])
    expect(lesson.output(CELL["start"])).to_contain_text("Everything is ready")
    expect(lesson.output(CELL["start"])).to_contain_text(workspace)
    for name in ("composer", "workers", "inbox", "story"):
        expect(panel(lesson, name)).not_to_contain_text("run the first cell again")
    switch_worker(lesson, "Alice", "Available")
    create_task(lesson)
    expect(card(lesson, "pending")).to_be_visible()


@pytest.mark.timeout(240)
def test_the_panels_in_the_dark(lesson: NotebookPage, axe: str) -> None:
    """The same panels in the dark theme, for somebody to look at; the text around them can be read in both themes."""
    lesson.show_all_cells()
    lesson.page.evaluate(axe)
    assert lesson.page.evaluate(RUN, READ) == []
    lesson.use_theme(DARK)
    assert lesson.page.evaluate(RUN, READ) == []
    switch_worker(lesson, "Alice", "Available")
    create_task(lesson)
    expect(card(lesson, "pending")).to_be_visible()
    for name in ("status", "composer", "workers", "inbox", "story", "traffic"):
        shown = panel(lesson, name)
        shown.scroll_into_view_if_needed()
        lesson.screenshot(f"{name}_dark", of=shown)
    lesson.use_theme(LIGHT)
    for theme, width in ((DARK, 900), (LIGHT, 1280)):
        lesson.use_theme(theme)
        lesson.page.set_viewport_size({"width": width, "height": 860})
        check_mistakes(lesson)
    check_what_was_saved(lesson)


def check_what_was_saved(lesson: NotebookPage) -> None:
    """While a panel is there, its still is not; in the saved notebook there is a still of each, and no error."""
    stills = lesson.page.locator(".labkit-result:has(> .still)")
    expect(panel(lesson, "workers")).to_be_visible()
    expect(stills.filter(visible=True)).to_have_count(0)
    cell = lesson.output(CELL["first-steps"])
    expect(cell.locator(".labkit-result")).to_contain_text("2 Workers, 1 available")  # renewed every ten seconds
    lesson.reopen()
    cell.scroll_into_view_if_needed()
    expect(cell.locator(".labkit-result")).to_contain_text("2 Workers, 1 available")
    expect(cell.locator(".labkit-result")).to_be_visible()
    expect(cell.get_by_text("Error displaying widget")).to_be_hidden()
    expect(cell.get_by_text("Error displaying widget")).to_be_attached()
    lesson.errors.clear()  # of JupyterLab's, for each widget that it does not find


def check_mistakes(lesson: NotebookPage) -> None:
    """A mistake in a cell is one box, no taller than some lines, in colours that can be read; it unfolds."""
    cell = CELL["answer-accept"]
    for source, said in MISTAKES:
        lesson.write_cell(cell, source)
        lesson.start_cell(cell)
        box = lesson.output(cell).locator(".labkit-result > .error")
        expect(box).to_contain_text(said)
        lesson.wait_idle()
        expect(lesson.output(cell).locator("[data-mime-type$='.error']")).to_be_hidden()
        height = lesson.output(cell).evaluate("shown => shown.getBoundingClientRect().height")
        assert height < 200, f"{source} takes {height} px"
    colours = """each => {
        const below = document.querySelector(".jp-Notebook");
        return [getComputedStyle(each).color, getComputedStyle(below).backgroundColor];
    }"""
    for part in (".head", ".foot", "summary"):
        assert contrast(*box.locator(part).evaluate(colours)) >= 4.5, part
    box.locator("summary").click()
    expect(box.locator("pre")).to_contain_text("Traceback (most recent call last)")


def contrast(one: str, other: str) -> float:
    """Of two colours, as `rgb(1, 2, 3)`, by WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(each) / 255 for each in re.findall(r"\d+", colour)[:3]]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
    return sum(share * each for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
