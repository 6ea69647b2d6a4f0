"""axe-core looks at what opens on a click: an exchange in full, the line for curl, a trouble, the "Why?" dialog."""

from __future__ import annotations

import pytest
from browser.gallery import Gallery, Theme
from browser.test_accessibility import RUN, axe
from playwright.sync_api import expect

from labkit.lab.lab import Lab

__all__ = ["axe"]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_is_found_in_what_opens(
    gallery: Gallery, lab: Lab, axe: str, theme: Theme
) -> None:  # the fixture
    """With nothing of it closed, and then with the dialog over it."""
    gallery.use_theme(theme)
    composer = gallery.show(lab.composer())
    composer.get_by_role("button", name="Create Task").click()
    expect(composer.locator(".lk-tasks li")).to_have_count(1)
    composer.get_by_role("button", name="at random").click()
    composer.get_by_role("tab", name="curl").click()
    lab.callbacks.stop()
    expect(gallery.show(lab.status())).to_contain_text("Not working")
    traffic = gallery.show(lab.traffic())
    traffic.locator(".lk-exchange").first.click()
    expect(traffic.get_by_role("region", name="Chosen exchange")).to_contain_text("Request")
    expect(gallery.show(lab.explanation())).to_contain_text("Workers")
    gallery.page.evaluate(axe)
    assert gallery.page.evaluate(RUN) == []

    composer.locator(".lk-tasks li").first.get_by_role("button", name="Why?").click()
    expect(gallery.page.get_by_role("dialog")).to_contain_text("Workers")
    assert gallery.page.evaluate(RUN) == []
