"""The map of the course as one sees it: where one is, what is done, what comes next, and links that open notebooks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser.gallery import Gallery
from browser.jupyter import NotebookPage
from browser.learner import Learner
from playwright.sync_api import expect
from tracked import ROOT

from labkit.course.course_map import CourseMap, NotebookPlace, course_map
from labkit.course.lessons import LESSONS
from labkit.course.progress import LessonProgress
from labkit.widgets.course.panel import CoursePanel

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


def some_map(*, ticked: int) -> CourseMap:
    """The second lesson's notebook is open; the first is done, of the second so many steps."""
    first, second, *_ = LESSONS
    titles = {name: [step.title for step in LESSONS[name].steps if not step.optional] for name in (first, second)}
    progress = {
        first: LessonProgress(begun=NOW, ticked=dict.fromkeys(titles[first], NOW)),
        second: LessonProgress(begun=NOW, ticked=dict.fromkeys(titles[second][:ticked], NOW)),
    }
    return course_map(
        progress,
        here=second,
        place_of=lambda name: NotebookPlace(f"work/{name}.ipynb", f"work/{name}.ipynb", f"/lab/tree/work/{name}.ipynb"),
    )


def test_the_map(gallery: Gallery) -> None:
    """In both themes and in a narrow tab; what another notebook ticks is there when one points at it."""
    shown = [some_map(ticked=1)]
    panel = CoursePanel(lambda: shown[0])
    drawn = gallery.show(panel)
    here = drawn.locator("[aria-current=page]")
    expect(here).to_contain_text("you are here, go on")
    expect(here).to_contain_text("1 of")
    expect(here.locator("a[href]")).to_have_count(0)
    expect(drawn).not_to_contain_text("You will be able to")
    done = drawn.locator(".lk-lesson[data-look=done]")
    expect(done).to_contain_text("done")
    expect(done.locator("a")).to_have_attribute("href", f"/lab/tree/work/{next(iter(LESSONS))}.ipynb")
    gallery.use_width(900)
    gallery.both_themes("course", lambda: drawn.locator(".lk"))

    shown[0] = some_map(ticked=99)
    drawn.locator(".lk").hover()
    expect(drawn.locator(".lk-lesson[data-look=done]")).to_have_count(2)
    gallery.use_width(360)
    gallery.screenshot("course-narrow", of=drawn.locator(".lk"))
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    shown[0] = replace(course_map({}), trouble="The disk is full.")
    panel.refresh()
    expect(drawn).to_contain_text("The disk is full.")
    expect(drawn.locator("a[href]")).to_have_count(0)


@pytest.mark.timeout(180)
def test_a_click_opens_the_notebook_beside_this_one(open_notebook: Callable[[Path], NotebookPage]) -> None:
    """In JupyterLab, in a tab of its own, without another page."""
    learner = Learner(open_notebook(ROOT / "notebooks" / "00_start_here.ipynb"))
    other = list(LESSONS)[-1]
    shutil.copyfile(ROOT / "notebooks" / f"{other}.ipynb", learner.notebook.path.with_name(f"{other}.ipynb"))
    learner.write("workers-list", "lab.course()")
    for cell in ("start", "workers-list"):
        learner.run(cell)
    page = learner.notebook.page
    page.locator(f".lk-course [data-name='{other}'] a").click()
    expect(page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current")).to_contain_text(other)
    assert len(page.context.pages) == 1
