"""The gallery itself: what is drawn is what Python says, what is clicked reaches Python, in both themes."""

from __future__ import annotations

from browser.gallery import Gallery
from live.workspace import FakeWorkspaceClient, News, sid
from playwright.sync_api import expect

from labkit.background import Jobs
from labkit.live.workspace import LiveWorkspace
from labkit.widgets.inbox.panel import Inbox


def test_what_happens_is_drawn_and_a_click_reaches_python(
    gallery: Gallery, news: News, desk: FakeWorkspaceClient, live: LiveWorkspace, jobs: Jobs
) -> None:
    """The line works both ways, and the theme is JupyterLab's."""
    panel = gallery.show(Inbox(live, client=desk, jobs=jobs))
    expect(panel).to_contain_text("Inbox")

    news.reservation("reservation.created", sid("WR", 1))
    panel.get_by_role("button", name="Accept").click()

    gallery.until(lambda: ("accept", sid("WT", 1), sid("WR", 1)) in desk.calls)
    expect(panel.get_by_role("button", name="Wrap up")).to_be_visible()
    gallery.use_theme("dark")
    assert gallery.page.evaluate("getComputedStyle(document.querySelector('.lk')).colorScheme") == "dark"
