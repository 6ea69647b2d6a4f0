"""axe-core looks at every panel, light and dark, as people use them: nothing serious may be found."""

from __future__ import annotations

import npm_packages
import pytest
from browser.gallery import Gallery, Theme
from playwright.sync_api import expect
from widgets.test_setup_plan_panel import Setup

from labkit.lab.lab import Lab

AXE = "axe-core@4.14.1"
RUN = """async within => {
  const found = await axe.run(within ?? "body", {
    resultTypes: ["violations"],
    rules: {"page-has-heading-one": {enabled: false}, "region": {enabled: false}},  // the notebook around it has these
  });
  return found.violations
    .filter(each => ["serious", "critical"].includes(each.impact))
    .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}"""

AT_REST = """() => document.getAnimations().every(
  each => each.playState === "finished" || each.transitionProperty === "stroke-dashoffset"
)"""
"""Nothing fades in any more: the colours are those that stay. A ring that counts the time down never rests."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's source, from its published package."""
    return npm_packages.file_in(AXE, "axe.min.js").decode("utf-8")


def test_the_checker_finds_what_is_wrong(gallery: Gallery, axe: str) -> None:
    """A check that never finds anything would prove nothing."""
    gallery.page.evaluate(axe)
    gallery.page.evaluate("document.body.append(document.createElement('button'))")

    assert any("button-name" in text for text in gallery.page.evaluate(RUN))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_is_found(gallery: Gallery, lab: Lab, axe: str, theme: Theme) -> None:
    """Every panel of the desk, with a Reservation that waits, one in progress, and Tasks that wait."""
    lab.taskrouter.set_activity("Alice", "Available")
    lab.taskrouter.set_activity("Bob", "Available")
    for language in ("es", "en", "es"):
        lab.create_task({"selected_language": language, "customer": {"name": "Ana", "vip": True}})
    gallery.use_width(1440)
    desk = gallery.show(lab.desk(), within=list(lab.desk().panels.values()))
    gallery.use_theme(theme)
    gallery.page.evaluate(axe)
    desk.locator(".lk-inbox").get_by_role("button", name="Accept", exact=True).first.click()
    expect(desk.locator(".lk-inbox").get_by_role("button", name="Complete").first).to_be_visible()

    for view in ("Work", "Watch", "Look inside"):
        desk.get_by_role("tab", name=view).click()
        expect(desk.get_by_role("tabpanel", name=view).locator(".lk").last).to_be_visible()
        if view == "Watch":
            expect(desk.locator(".lk-lane-about").first).to_contain_text("…")
        gallery.page.wait_for_function(AT_REST)

        assert gallery.page.evaluate(RUN) == [], view


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_is_found_in_the_plan_of_a_set_up(gallery: Gallery, axe: str, theme: Theme) -> None:
    """Folded and unfolded, before it is done and afterwards."""
    shown = gallery.show(Setup().panel())
    gallery.use_theme(theme)
    gallery.page.evaluate(axe)
    assert gallery.page.evaluate(RUN) == []
    shown.get_by_text("Worker 'Alice'").click()
    assert gallery.page.evaluate(RUN) == []
    shown.get_by_role("button", name="Set up").click()
    expect(shown.get_by_text("Run the next cells now")).to_be_visible()
    assert gallery.page.evaluate(RUN) == []
