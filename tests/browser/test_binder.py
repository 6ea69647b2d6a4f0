"""What somebody sees who clicks the badge: the first lesson, ready to run, with its panels beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.binder import BinderSession, as_binder_installs, binder_session, mebibytes
from browser.jupyter import NotebookPage
from browser.learner import Learner
from ordinary_user import ordinary_user
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.alone

FIRST = "notebooks/00_start_here.ipynb"
CHECKPOINT = "notebooks/.ipynb_checkpoints/00_start_here-checkpoint.ipynb"
VIEW = ".jp-LinkedOutputView"
MIB_ALTOGETHER, MIB_OF_SANDBOX = 900, 60


INSTALLED = pytest.param(as_binder_installs, marks=pytest.mark.soak, id="installed anew")


@pytest.fixture(params=[pytest.param(None, id="installed already"), INSTALLED])
def binder(request: pytest.FixtureRequest) -> Iterator[BinderSession]:
    """JupyterLab as Binder starts it."""
    person = ordinary_user()
    with person.folder() as folder, binder_session(folder, person, install=request.param) as session:
        yield session


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A laptop's."""
    expect.set_options(timeout=20_000)
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


@pytest.mark.timeout(900)
def test_who_clicks_the_badge_plays_the_first_lesson(
    binder: BinderSession, page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    """An ordinary user, whose home is elsewhere, to the lesson's end and with every panel on the desk.

    Nobody asks for a host outside, the folder stays as it was, and it takes no more memory than Binder gives.
    """
    asked_by_page: list[str] = []
    page.on("request", lambda request: asked_by_page.append(request.url))
    lesson = NotebookPage(page, binder.server, binder.server.root / FIRST)
    page.goto(binder.address)
    lesson.wait_idle()
    learner = Learner(lesson)
    lesson.screenshot("binder_opened")
    view = page.locator(VIEW)

    learner.play(instead={}, clicks={"first-steps": lambda _: _decide_at_the_right(lesson, view),
                                     "answer-accept": lambda _: _let_a_program_decide(lesson, view)})  # fmt: skip

    expect(learner.output("check")).to_contain_text("All done.")
    lesson.screenshot("binder_played")
    played = _memory(binder)
    learner.write("traffic", 'lab.desk(view="watch")')
    learner.run("traffic")
    with_desk = _memory(binder)
    with capsys.disabled():
        print(f"\nMiB, altogether and of the sandbox: {played} after the lesson, {with_desk} with the whole desk")  # noqa: T201
    for together, sandbox in (played, with_desk):
        assert together < MIB_ALTOGETHER
        assert sandbox < MIB_OF_SANDBOX
    assert binder.outside.asked == []
    assert [url for url in asked_by_page if not url.startswith((binder.server.url, "data:", "blob:"))] == []
    assert set(binder.written()) <= {CHECKPOINT}


def _decide_at_the_right(lesson: NotebookPage, view: Locator) -> None:
    """The panels are in sight there, without scrolling."""
    expect(view.locator(".lk-composer")).to_be_in_viewport()
    expect(view.locator(".lk-workers")).to_be_in_viewport()
    view.get_by_role("button", name="Create Task").click()
    view.get_by_label("Activity of Alice").select_option(label="Available")
    waiting = view.locator(".lk-card[data-status=pending]")
    lesson.screenshot("binder_reserved")
    waiting.get_by_role("button", name="Accept").click()
    accepted = view.locator(".lk-card[data-status=accepted]")
    accepted.get_by_role("button", name="Complete", exact=True).click()
    expect(accepted).to_have_count(0)
    _back_to_the_text(lesson)


def _let_a_program_decide(lesson: NotebookPage, view: Locator) -> None:
    view.get_by_role("button", name="Create Task").click()
    expect(view.locator(".lk-card[data-status=accepted]")).to_be_visible()
    _back_to_the_text(lesson)


def _back_to_the_text(lesson: NotebookPage) -> None:
    lesson.page.get_by_role("tab", name="00_start_here.ipynb").click()


def _memory(binder: BinderSession) -> tuple[int, int]:
    """MiB of all together, and of the sandbox."""
    together = sum(mebibytes(each) for each in binder.processes())
    return round(together), round(mebibytes(binder.sandbox()))
