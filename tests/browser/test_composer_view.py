"""The composer as one sees it: templates, ten at random, the same in Python and in curl."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from browser.gallery import Gallery
from live.workspace import FakeWorkspaceClient
from playwright.sync_api import Locator, expect

from labkit.background import Jobs
from labkit.lab.lab import Lab
from labkit.live.workspace import LiveWorkspace
from labkit.widgets.composer.panel import BATCH, Composer
from labkit.widgets.composer.templates import TEMPLATES


@pytest.fixture
def composer(gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs) -> Iterator[Composer]:
    """A form whose Workspace is a few lists."""
    panel = Composer(live, client=desk, jobs=jobs)
    yield panel
    panel.close()


def editor(panel: Locator) -> Locator:
    return panel.get_by_label("Attributes (JSON)")


def test_a_template_fills_the_form(gallery: Gallery, composer: Composer) -> None:
    """All of it, channel, priority and timeout too; and what was of another template goes."""
    panel = gallery.show(composer)
    expect(panel.get_by_label("TaskChannel").locator("option")).to_have_count(2)
    panel.get_by_role("button", name="VIP").click()
    assert json.loads(editor(panel).input_value())["vip"] is True
    expect(panel.get_by_label("Priority")).to_have_value("10")
    panel.get_by_role("button", name="Phone call").click()
    expect(panel.get_by_label("TaskChannel")).to_have_value("voice")
    expect(panel.get_by_label("Priority")).to_have_value("")
    expect(panel.get_by_label("The same in Python")).to_contain_text("task_channel='voice'")
    for template in TEMPLATES:
        panel.get_by_role("button", name=template.title).click()
        expect(panel).to_contain_text("Valid JSON")


def test_a_channel_that_the_workspace_does_not_have_is_left_out(gallery: Gallery, composer: Composer) -> None:
    """A Task by a channel that is not there would be refused."""
    panel = gallery.show(composer)
    panel.get_by_role("button", name="Chat").click()
    expect(panel.get_by_label("TaskChannel")).to_have_value("")


def test_tabs_go_by_keyboard_and_curl_has_no_secret(gallery: Gallery, composer: Composer) -> None:
    """The arrow keys change the tab; the line has names of variables where the credentials go."""
    panel = gallery.show(composer)
    expect(panel.get_by_label("The same in Python")).to_contain_text("create(")
    panel.get_by_role("tab", name="Python").focus()
    gallery.page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("tab", name="curl")).to_be_focused()
    expect(panel.get_by_label("The same in Python")).to_be_hidden()
    expect(panel.get_by_label("The same in curl")).to_contain_text('-u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"')


def test_ten_at_random_are_made_while_the_form_can_be_used(
    gallery: Gallery, composer: Composer, desk: FakeWorkspaceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress is shown as it comes; the form answers meanwhile; in the end all ten are there."""
    release = threading.Event()
    original = desk.create_task

    def create_task(attributes: Any, **options: Any) -> Any:
        if sum(call[0] == "create_task" for call in desk.calls) >= 3:
            assert release.wait(20)
        return original(attributes, **options)

    monkeypatch.setattr(desk, "create_task", create_task)
    panel = gallery.show(composer)
    several = panel.get_by_role("button", name=f"Create {BATCH} at random")
    several.click()
    expect(panel).to_contain_text(f"3 of {BATCH} created…")
    expect(several).to_be_disabled()
    editor(panel).fill("{")
    expect(panel).to_contain_text("Line 1, column 2")
    release.set()
    expect(panel).to_contain_text(f"{BATCH} of {BATCH} created")
    expect(several).to_be_enabled()
    expect(panel.locator(".lk-tasks li")).to_have_count(BATCH)


def test_the_form_in_both_themes_and_narrow(gallery: Gallery, lab: Lab) -> None:
    """With a real Workspace: its Workflow, its channels, Tasks that were made."""
    panel = gallery.show(lab.composer())
    expect(panel.get_by_label("Workflow")).to_contain_text("Incoming Customer Care Requests")
    panel.get_by_role("button", name="VIP").click()
    panel.get_by_role("button", name="Create Task").click()
    expect(panel.locator(".lk-tasks li")).to_have_count(1)
    panel.get_by_role("button", name="Quickstart").click()
    panel.get_by_role("button", name=f"Create {BATCH} at random").click()
    expect(panel).to_contain_text(f"{BATCH} of {BATCH} created")
    gallery.both_themes("composer", lambda: panel.locator(".lk"))
    panel.get_by_role("tab", name="curl").click()
    gallery.use_width(360)
    gallery.screenshot("composer-narrow", of=panel.locator(".lk"))
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    panel.locator(".lk-tasks li").first.get_by_role("button", name="Why?").click()
    expect(gallery.page.get_by_role("dialog")).to_contain_text("Task WT")


def test_all_tasks_end_only_after_a_second_yes(gallery: Gallery, composer: Composer, desk: FakeWorkspaceClient) -> None:
    """The question has the focus at its harmless answer; Escape is that answer, and the focus goes back."""
    panel = gallery.show(composer)
    first = panel.get_by_role("button", name="End all Tasks")
    question = panel.get_by_role("group", name="End all Tasks?")
    asked = desk.calls.count(("open_tasks",))
    first.click()
    expect(question.get_by_role("button", name="Keep them")).to_be_focused()
    gallery.page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(first).to_be_focused()
    assert desk.calls.count(("open_tasks",)) == asked
    first.click()
    question.get_by_role("button", name="End them").click()
    expect(panel).to_contain_text("There was no open Task.")
    expect(question).to_be_hidden()
