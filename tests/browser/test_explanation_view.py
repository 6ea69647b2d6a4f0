"""The explain view as one sees it: the panel, and the dialog that a "Why?" of any panel opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from browser.gallery import Gallery
from playwright.sync_api import Locator, expect
from tracked import ROOT

import labkit.widgets
from labkit.lab.lab import Lab
from labkit.widgets.base import Panel
from labkit.widgets.esm import one_module

ROOM = Path(labkit.widgets.__file__).parent

ENGLISH_AND_SPANISH = {"selected_language": "es", "customer": "<img src=x onerror=alert(1)>"}


class Asking(Panel):
    """One button, and nothing but the shared way of asking why."""

    _esm = one_module("tests/browser/asking.js", root=ROOT)
    _css = (ROOM / "base.css").read_text("utf-8")

    def __init__(self, task: str) -> None:
        self.task = task
        super().__init__()

    def _content(self) -> dict[str, Any]:
        return {"task": self.task}


def open_dialog(gallery: Gallery, lab: Lab, task: str) -> Locator:
    panel = Asking(task)
    panel.explain_with(lambda sid: lab.explain(sid).as_data(), jobs=lab._jobs)
    shown = gallery.show(panel)
    shown.get_by_role("button", name="Why?").click()
    return gallery.page.get_by_role("dialog")


def test_the_tree_folds_filters_and_is_the_same_in_the_dark(gallery: Gallery, lab: Lab) -> None:
    """The newest Task is explained at once; Workers are sifted by what stands about them."""
    task = lab.create_task(ENGLISH_AND_SPANISH)
    panel = gallery.show(lab.explanation())

    expect(panel).to_contain_text("Alice is Offline")
    expect(panel).to_contain_text(task.sid)
    workers = panel.locator("[data-topic=worker]")
    expect(workers).to_have_count(2)
    gallery.both_themes("explanation", lambda: panel.locator(".lk"))

    panel.get_by_role("searchbox").fill("alice")
    expect(workers.filter(visible=True)).to_have_count(1)
    expect(panel).to_contain_text("1 of 2 Workers")
    panel.get_by_role("searchbox").fill("")
    panel.get_by_label("only who may have it").check()
    expect(workers.filter(visible=True)).to_have_count(0)


def test_what_was_folded_stays_so_when_it_is_read_again(gallery: Gallery, lab: Lab) -> None:
    """Refresh changes what has changed: Alice may have it now, and the folded branch is still folded."""
    lab.create_task(ENGLISH_AND_SPANISH)
    panel = gallery.show(lab.explanation())
    branch = panel.locator("details", has=gallery.page.locator("summary", has_text="Filters")).first
    branch.locator("summary").first.click()
    lab.taskrouter.set_activity("Alice", "Available")
    panel.get_by_role("button", name="Refresh").click()

    expect(panel).to_contain_text("reserved")
    expect(branch).not_to_have_attribute("open", "")


def test_a_task_is_chosen_among_those_that_are_known(gallery: Gallery, lab: Lab) -> None:
    """The choice names them; the one that is chosen is explained."""
    first, second = lab.create_task({"selected_language": "en"}), lab.create_task({"selected_language": "es"})
    panel = gallery.show(lab.explanation(second))
    expect(panel).to_contain_text(second.sid)
    panel.get_by_label("Task", exact=True).select_option(first.sid)
    expect(panel).to_contain_text(first.sid)


def test_why_opens_a_dialog_that_keeps_the_focus_and_gives_it_back(gallery: Gallery, lab: Lab) -> None:
    """Tab goes round inside, keys do not reach the panel behind, Escape closes, and the button has the focus again."""
    task = lab.create_task(ENGLISH_AND_SPANISH)
    dialog = open_dialog(gallery, lab, task.sid)
    expect(dialog).to_contain_text("Alice is Offline")
    gallery.both_themes("why", lambda: dialog)

    inside = (
        "document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)"
    )
    for _ in range(20):
        gallery.page.keyboard.press("Tab")
        assert gallery.page.evaluate(inside)
    gallery.page.keyboard.press("a")
    gallery.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(gallery.page.get_by_role("button", name="Why?")).to_be_focused()


def test_what_a_stranger_wrote_stays_text(gallery: Gallery, lab: Lab) -> None:
    """Attributes are quoted in the tree, and nothing in them becomes an element."""
    task = lab.create_task(ENGLISH_AND_SPANISH)
    dialog = open_dialog(gallery, lab, task.sid)
    expect(dialog).to_contain_text("<img src=x")
    assert gallery.page.locator("img").count() == 0


def test_a_task_that_is_not_there_is_said_in_a_sentence(gallery: Gallery, lab: Lab) -> None:
    """What TaskRouter says stands in the dialog."""
    dialog = open_dialog(gallery, lab, f"WT{'0' * 32}")
    expect(dialog).to_contain_text("404")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_a_narrow_tab_has_room_for_it(gallery: Gallery, lab: Lab) -> None:
    """At 360 pixels nothing is cut off sideways."""
    lab.create_task(ENGLISH_AND_SPANISH)
    gallery.use_width(360)
    panel = gallery.show(lab.explanation())
    expect(panel).to_contain_text("Alice is Offline")
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    gallery.screenshot("explanation-narrow", of=panel.locator(".lk"))
