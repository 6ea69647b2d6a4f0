"""The status as one sees it: all lines, what is wrong with words and shapes, and the remedies."""

from __future__ import annotations

from browser.gallery import Gallery
from playwright.sync_api import expect

from labkit.lab.lab import Lab


def test_everything_is_ready(gallery: Gallery, lab: Lab) -> None:
    """Mode, masked account, sandbox, callback server, tunnel, Workspace, Workflow and its URL."""
    panel = gallery.show(lab.status())
    expect(panel).to_contain_text("Everything is ready")
    for text in ("Mode", "Account", "Sandbox", "Callback server", "Tunnel", lab.workspace_sid, "/assignment_callback"):
        expect(panel).to_contain_text(text)
    expect(panel).not_to_contain_text(lab.account_sid)
    gallery.both_themes("status", lambda: panel.locator(".lk"))


def test_what_is_wrong_is_said_and_its_remedy_mends_it(gallery: Gallery, lab: Lab) -> None:
    """A word and a reason beside the shape; after the click the line is green, and the focus has not gone."""
    lab.callbacks.stop()
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(assignment_callback_url="http://127.0.0.1:9/elsewhere")
    panel = gallery.show(lab.status())
    expect(panel).to_contain_text("2 things need attention")
    expect(panel).to_contain_text("Not working: It does not listen")
    gallery.both_themes("status-trouble", lambda: panel.locator(".lk"))
    gallery.use_width(360)
    gallery.screenshot("status-narrow", of=panel.locator(".lk"))
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    panel.get_by_role("button", name="Start it again: Callback server").click()
    expect(panel).to_contain_text("Everything is ready")
    assert lab.callbacks.running
    gallery.page.wait_for_function("document.querySelector('.lk').contains(document.activeElement)")


def test_a_remedy_that_fails_says_why(gallery: Gallery, lab: Lab) -> None:
    """The sentence stands in the line, and the button is there for another try."""
    panel = lab.status()
    shown = gallery.show(panel)
    panel._on_action = lambda _action: lab.explain("WT0").headline  # any LabError will do
    panel.show_status([{**panel._lines[0], "light": "red", "detail": "Broken.", "remedy": "Mend it", "action": "mend"}])
    shown.get_by_role("button", name="Mend it").click()
    expect(shown).to_contain_text("is not the SID of a Task")
    expect(shown.get_by_role("button", name="Mend it")).to_be_enabled()
