"""The desk: every panel in one view, on a laptop, on a projector and in a narrow tab."""

from __future__ import annotations

import re

import pytest
from browser.gallery import Gallery
from playwright.sync_api import Locator, expect

from labkit.lab.lab import Lab


def show(gallery: Gallery, lab: Lab, **options: str) -> Locator:
    desk = lab.desk(**options)
    return gallery.show(desk, within=list(desk.panels.values()))


def test_a_task_is_created_and_accepted_at_the_desk(gallery: Gallery, lab: Lab) -> None:
    """What each panel does by itself it does here too, and the views share what happened."""
    gallery.use_width(1440, height=1400)  # all of it in sight, for the picture
    desk = show(gallery, lab)
    waiting = desk.locator(".lk-waiting")
    expect(waiting).to_contain_text("No Task waits.")
    desk.get_by_role("button", name="Create Task").click()
    expect(waiting).to_contain_text(re.compile(r"1 Task waits \(pending\), for \d+ s now\."))
    lab.taskrouter.set_activity("Alice", "Available")
    card = desk.locator(".lk-inbox .lk-card").first
    card.get_by_role("button", name="Accept", exact=True).click()
    expect(card).to_contain_text("Complete")
    expect(waiting).to_contain_text("No Task waits.")
    expect(desk.locator(".lk-health")).to_contain_text("All works")
    gallery.both_themes("desk", lambda: desk)

    desk.get_by_role("tab", name="Look inside").click()

    expect(desk.locator(".lk-composer")).to_be_hidden()
    expect(desk.locator(".lk-traffic")).to_contain_text("assignment")


def test_what_does_not_work_is_said_where_one_works_with_what_to_do(gallery: Gallery, lab: Lab) -> None:
    """A fault that is on, and a callback that keeps failing: each with its remedy, which works from here."""
    desk = show(gallery, lab)
    needs = desk.locator(".lk-needs > li")
    expect(needs).to_have_count(0)
    workflow = lab.client.taskrouter.v1.workspaces(lab.workspace_sid).workflows(lab.workflow_sid)
    workflow.update(assignment_callback_url="http://127.0.0.1:9/nobody")
    lab.taskrouter.set_activity("Alice", "Available")
    lab.create_task({"selected_language": "es"})
    expect(needs).to_contain_text(["Assignment callbacks of Workflow"])  # the sandbox is asked every second
    lab.faults.on("callback_slow", seconds=1)
    expect(needs).to_have_count(2)
    gallery.both_themes("desk-needs", lambda: desk)
    needs.get_by_role("button", name="Back to usual").click()
    needs.get_by_role("button", name="Take them back").click()
    expect(needs).to_have_count(0)

    desk.get_by_role("tab", name="Look inside").click()
    expect(desk.locator(".lk-glance")).to_be_hidden()  # the status is there


def test_the_tabs_are_reached_and_moved_by_keys(gallery: Gallery, lab: Lab) -> None:
    """One Tab stop for all of them; the arrows move and open."""
    desk = show(gallery, lab)
    desk.get_by_role("tab", name="Work").focus()

    gallery.page.keyboard.press("ArrowRight")
    expect(desk.get_by_role("tab", name="Watch")).to_be_focused()
    expect(desk.get_by_role("tab", name="Watch")).to_have_attribute("aria-selected", "true")
    gallery.page.keyboard.press("End")

    expect(desk.get_by_role("tab", name="Look inside")).to_be_focused()
    expect(desk.get_by_role("tabpanel", name="Look inside")).to_be_visible()


def test_the_view_can_be_chosen_from_python(gallery: Gallery, lab: Lab) -> None:
    """A wallboard opens on the view for the wall."""
    desk = show(gallery, lab, view="watch")
    expect(desk.get_by_role("tab", name="Watch")).to_have_attribute("aria-selected", "true")

    lab.desk(view="inside")

    expect(desk.get_by_role("tabpanel", name="Look inside")).to_be_visible()


def test_the_first_steps_are_on_one_screen(gallery: Gallery, lab: Lab) -> None:
    """In a notebook too: what is created, who could take it and what comes of it, beside each other."""
    lab.taskrouter.set_activity("Alice", "Available")
    desk = show(gallery, lab, view="first")
    desk.get_by_role("button", name="Create Task").click()
    task, worker = desk.locator(".lk-tasks li"), desk.locator('.lk-worker[data-name="Bob"]')
    accept = desk.get_by_role("button", name="Accept", exact=True)
    expect(accept).to_be_visible()
    expect(task).to_be_visible()

    for width in (720, 1280):
        gallery.use_width(width, height=860)
        edges = "node => { const at = node.getBoundingClientRect(); return [at.left, at.right, at.bottom] }"
        boxes = [node.evaluate(edges) for node in (task, worker, accept)]
        assert max(bottom for _, _, bottom in boxes) <= 860, boxes
        assert boxes[0][1] < boxes[1][0], boxes


GROUNDS = """desk => [...new Set([desk.parentElement.closest("body"), ...desk.querySelectorAll(".lk")]
  .map(node => getComputedStyle(node).backgroundColor))]"""
PLOT = ".lk-queues .main-svg text"


def test_it_is_light_or_dark_as_one_likes(gallery: Gallery, lab: Lab) -> None:
    """In a notebook the desk alone, plots too; "As the system" is the notebook's theme. One ground for all of it."""
    desk = show(gallery, lab, view="watch")
    look = desk.get_by_label("Light or dark")
    ground = "node => getComputedStyle(node.querySelector('.lk-desk, .lk')).backgroundColor"
    ink = "node => getComputedStyle(node).fill"
    expect(desk.locator(PLOT).first).to_be_visible()
    bright, dark_ink = desk.evaluate(ground), desk.locator(PLOT).first.evaluate(ink)

    look.select_option("Dark")
    dark = desk.evaluate(ground)
    assert dark != bright
    gallery.page.wait_for_function(f"before => ({ink})(document.querySelector('{PLOT}')) !== before", arg=dark_ink)

    gallery.use_theme("dark")
    look.select_option("Light")
    assert desk.evaluate(ground) == bright
    look.select_option("As the system")
    assert len(desk.evaluate(GROUNDS)) == 1
    assert desk.evaluate(ground) not in (dark, bright)


def test_text_grows_for_a_projector(gallery: Gallery, lab: Lab) -> None:
    """Everything grows by the same step, and there is an end to it."""
    desk = show(gallery, lab)
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    before = desk.locator(".lk-inbox").evaluate(size)

    desk.get_by_role("button", name="Larger text").click()
    desk.get_by_role("button", name="Larger text").click()

    assert desk.locator(".lk-inbox").evaluate(size) == before * 1.5
    expect(desk.get_by_role("button", name="Larger text")).to_be_disabled()


# Lumino looks for the mark on what has the focus; where one writes, JupyterLab rests by itself.
LEAKING = """panels => {
  const stops = "a[href], button, input, select, textarea, summary, [tabindex]";
  return panels.flatMap(panel => [...panel.querySelectorAll(stops)])
    .filter(node => node.checkVisibility() && !node.disabled && !node.matches(":read-write"))
    .filter(node => (node.focus({preventScroll: true}), node === document.activeElement))
    .filter(node => node.dataset.lmSuppressShortcuts !== "true")
    .map(node => node.outerHTML.slice(0, 80));
}"""


def test_it_fits_a_narrow_tab_and_a_projector(gallery: Gallery, lab: Lab) -> None:
    """Nothing sticks out to the side, whatever the width; and whatever has the focus keeps JupyterLab's keys off."""
    desk = show(gallery, lab)
    for width in (360, 820, 1440, 1920):
        gallery.use_width(width, height=2400)
        for view in ("First steps", "Work", "Watch", "Look inside"):
            desk.get_by_role("tab", name=view).click()
            wide = gallery.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{view} sticks out by {wide} px at {width}"
        desk.get_by_role("tab", name="Work").click()
        gallery.screenshot(f"desk-{width}", of=desk)
        assert desk.locator(".lk").evaluate_all(LEAKING) == []


ACTING = "Accept|Reject|Complete|Wrap up|Create|Edit|Delete|Add a Worker|Advance|Run to next|Switch all|Deliver"


@pytest.mark.parametrize("lab", [{"look_only": True}], indirect=True)
def test_who_looks_only_sees_no_button_that_would_act(gallery: Gallery, lab: Lab) -> None:
    """But all that there is to see, and that it only shows."""
    gallery.use_width(1440, height=1200)
    lab.taskrouter.set_activity("Alice", "Available")
    lab.create_task({"selected_language": "es"})
    desk = show(gallery, lab)
    expect(desk.locator(".lk-inbox .lk-card")).to_contain_text("Alice")
    expect(desk.get_by_text("Look only")).to_be_visible()
    expect(desk.locator('.lk-worker[data-name="Alice"]').first).to_contain_text("Available")
    expect(desk.locator(".lk-places").first).to_be_visible()
    for view in ("Work", "Watch", "Look inside"):
        desk.get_by_role("tab", name=view).click()
        names = desk.get_by_role("button").all_inner_texts() + desk.get_by_role("switch").all_inner_texts()
        assert [name for name in names if re.search(ACTING, name)] == []
        gallery.screenshot(f"desk-look-only-{view.split()[-1].lower()}", of=desk)

    expect(desk.locator(".lk-clock-hold")).to_be_hidden()
    assert desk.get_by_role("combobox", name="Activity of").count() == 0
    assert desk.locator(".lk-fault").first.inner_text().startswith("off")


@pytest.mark.parametrize("lab", [{"look_only": True}], indirect=True)
def test_a_key_that_would_act_is_answered_with_a_sentence(gallery: Gallery, lab: Lab) -> None:
    """The keys of the inbox are there, and the card says why nothing happens."""
    lab.taskrouter.set_activity("Alice", "Available")
    lab.create_task({"selected_language": "es"})
    card = show(gallery, lab).locator(".lk-inbox .lk-card")
    card.focus()

    gallery.page.keyboard.press("a")

    expect(card).to_contain_text("This lab only looks on")
