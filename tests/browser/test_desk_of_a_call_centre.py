"""The desk with as much on it as a call centre has, measured at two widths, in both themes, and with larger text."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from browser.gallery import Gallery
from playwright.sync_api import Locator, expect

from labkit.lab.lab import Lab

SUBJECTS = (
    "Portuguese",
    "German",
    "French - Canada",
    "Billing and Refunds",
    "Technical Support - Tier 2",
    "Onboarding",
)
NAMES = (
    "Guadalupe Fernández-Villaseñor",
    "Maximilian Wolfeschlegelstein",
    "Ana",
    "Priya Ramanathan",
    "Jean-Baptiste Kouassi",
    "Chidi",
    "Mei-Ling Zhang",
    "Oluwaseun Adebayo",
    "Nora",
    "Tomasz Wiśniewski",
)

# What sticks out to the side of the page, or of a table that should have all its columns.
STICKS_OUT = """view => {
  const page = document.documentElement;
  const cells = [...view.querySelectorAll(".lk-table, .lk-table td, .lk-table th")];
  const seen = cells.filter(cell => !(cell.closest("thead")?.offsetWidth <= 1));  // folded, it is for screen readers
  return [page, ...seen].filter(node => node.scrollWidth > node.clientWidth).map(node => node.outerHTML.slice(0, 90));
}"""
COLUMNS = (
    "row => [...row.cells].filter(cell => cell.checkVisibility() && cell.getBoundingClientRect().width > 20).length"
)
NARROWEST_BAR = """view => Math.min(...[...view.querySelectorAll(".lk-places")]
  .filter(bar => bar.checkVisibility()).map(bar => bar.getBoundingClientRect().width))"""
GROUNDS = """view => [...new Set([document.body, ...view.querySelectorAll(".lk-slot > .lk")]
  .map(node => getComputedStyle(node).backgroundColor))]"""
# How much of a view its panels cover; what is between them is a few pixels of gap.
COVERED = """view => {
  const area = node => { const {width, height} = node.getBoundingClientRect(); return width * height; };
  return [...view.children].reduce((sum, slot) => sum + area(slot.firstElementChild), 0) / area(view);
}"""
CUT_WITHOUT_TOOLTIP = """view => [...view.querySelectorAll(".lk *")]
  .filter(node => node.checkVisibility() && getComputedStyle(node).textOverflow === "ellipsis")
  .filter(node => node.scrollWidth > node.clientWidth)
  .filter(node => (node.dispatchEvent(new MouseEvent("mouseover", {bubbles: true})), !node.closest("[title]")))
  .map(node => node.textContent)"""
LANES_FIT = """view => [...view.querySelectorAll(".lk-lane")].every(lane =>
  [...lane.querySelectorAll("span")].reduce((sum, line) => sum + line.offsetHeight, 0) <= lane.clientHeight)"""
CHOSEN = """cards => cards.filter(card => getComputedStyle(card).outlineStyle !== "none").length"""


@pytest.fixture
def desk(gallery: Gallery, lab: Lab) -> Locator:
    """Eight TaskQueues, twelve Workers, ten Tasks: reserved, waiting, and one that is accepted."""
    client = lab.client.taskrouter.v1.workspaces(lab.taskrouter.workspace_sid)
    available = next(each.sid for each in lab.taskrouter.activities() if each.name == "Available")

    def make_queue(subject: str) -> Any:
        name = f"Customer Care Requests - {subject}"
        return client.task_queues.create(friendly_name=name, target_workers=f"subjects HAS '{subject}'")

    def make_worker(at: int) -> None:
        attributes = {"languages": ["en", "fr"], "subjects": [SUBJECTS[2 + at % 4]], "team": "Customer Care - Lisbon"}
        made = client.workers.create(friendly_name=NAMES[at], attributes=json.dumps(attributes))
        if at % 3 == 0:
            lab.taskrouter.set_capacity(made.sid, "chat", capacity=5 + at)
            client.workers(made.sid).update(activity_sid=available)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make_queue, SUBJECTS))
        list(pool.map(make_worker, range(len(NAMES))))
    for name in ("Alice", "Bob"):
        lab.taskrouter.set_activity(name, "Available")
    for number, name in enumerate(NAMES):
        lab.create_task({"selected_language": "es" if number % 3 else "en", "customer": {"name": name}})
    return gallery.show(lab.desk(), within=list(lab.desk().panels.values()))


def test_everything_has_its_room(gallery: Gallery, desk: Locator) -> None:
    """No column is lost, no bar is a dot, no name is cut without a tooltip, and there is no hole between the panels."""
    desk.locator(".lk-inbox").get_by_role("button", name="Accept", exact=True).first.click()
    expect(desk.locator(".lk-inbox").get_by_role("button", name="Complete").first).to_be_visible()
    for theme, width, larger in (("light", 1000, 0), ("dark", 1440, 0), ("dark", 1440, 2)):
        gallery.use_theme(theme)  # type: ignore[arg-type]
        gallery.use_width(width, height=1000)
        for _ in range(larger):
            desk.get_by_role("button", name="Larger text").click()
        for name in ("First steps", "Work", "Watch", "Look inside"):
            _check(desk, name, f"{name}, {theme}, {width} px, {larger} steps larger")


def _check(desk: Locator, name: str, where: str) -> None:
    desk.get_by_role("tab", name=name).click()
    view = desk.get_by_role("tabpanel", name=name)
    expect(view.locator(".lk").last).to_be_visible()
    assert view.evaluate(STICKS_OUT) == [], where
    assert len(view.evaluate(GROUNDS)) == 1, where
    assert view.evaluate(COVERED) > 0.94, where
    assert view.evaluate(CUT_WITHOUT_TOOLTIP) == [], where
    if name == "Watch":
        expect(view.locator(".lk-places").first).to_be_visible()
        assert view.evaluate(NARROWEST_BAR) > 60, where
        assert view.locator(".lk-queues tbody tr").first.evaluate(COLUMNS) == 6, where
        desk.page.wait_for_function(LANES_FIT, arg=view.element_handle())  # it is drawn once a second
    if name == "Work":
        view.get_by_role("button", name="Use keys").click()
        assert view.locator(".lk-card").evaluate_all(CHOSEN) == 1, where
        desk.page.keyboard.press("Escape")
