"""The plan's panel in a browser: read, unfolded, pressed; in light and dark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from browser.gallery import Gallery
from playwright.sync_api import expect
from widgets.test_setup_plan_panel import Setup

from labkit.account.setup_plan import WorkspaceOrigin

pytestmark = pytest.mark.browser


@pytest.fixture
def setup(gallery: Gallery) -> Setup:
    """With the gallery's line for its panel."""
    return Setup()


def test_a_plan_is_read_and_agreed_to(gallery: Gallery, setup: Setup) -> None:
    """What is taken over is open to read, what is new unfolds; one press, and it is done."""
    shown = gallery.show(setup.panel())
    expect(shown.get_by_text("6 things to make, 2 callback URLs to set")).to_be_visible()
    expect(shown.get_by_text("https://me:•••@old.example/assign")).to_be_visible()
    expect(shown.get_by_text("configuration:")).not_to_be_visible()
    gallery.both_themes("setup_plan", lambda: shown)
    shown.get_by_text("Workflow 'Incoming Customer Care Requests'").first.click()
    expect(shown.get_by_text("configuration:")).to_be_visible()
    shown.get_by_role("button", name="Set up").click()
    expect(shown.get_by_text("Run the next cells now")).to_be_visible()
    expect(shown.get_by_role("button", name="Set up")).not_to_be_visible()
    assert len(setup.seen) == 1
    gallery.both_themes("setup_plan_done", lambda: shown)
    assert gallery.errors == []


def test_a_plan_that_has_changed_says_so_and_is_pressed_again(gallery: Gallery, setup: Setup) -> None:
    """In a Workspace that was there before, that stands out."""
    shown = gallery.show(setup.panel())
    others = setup_in_others(setup)
    shown.get_by_role("button", name="Set up").click()
    expect(shown.get_by_text("Something has changed.")).to_be_visible()
    expect(shown.get_by_text("was there before, and the lab did not make it")).to_be_visible()
    gallery.both_themes("setup_plan_others", lambda: shown)
    gallery.use_width(360)
    gallery.screenshot("setup_plan_narrow", of=shown)
    assert shown.evaluate("node => node.scrollWidth <= node.clientWidth")
    shown.get_by_role("button", name="Set up").click()
    expect(shown.get_by_text("Run the next cells now")).to_be_visible()
    assert setup.seen[-1] == others


def setup_in_others(setup: Setup) -> Any:
    """Meanwhile somebody has made a Workspace of that name."""
    setup.now = replace(setup.latest, workspace_sid=f"WS{'1' * 32}", origin=WorkspaceOrigin.OTHERS)
    return setup.now


def test_who_looks_only_has_no_button(gallery: Gallery, setup: Setup) -> None:
    """And is refused, should a page send it."""
    panel: Any = setup.panel()
    panel.only_look()
    shown = gallery.show(panel)
    expect(shown.get_by_role("button", name="Look again")).to_be_visible()
    expect(shown.get_by_role("button", name="Set up")).not_to_be_visible()
