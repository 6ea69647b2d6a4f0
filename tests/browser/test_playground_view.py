"""The playground as one sees it: whom an expression matches while it is typed, and the picture of a Workflow."""

from __future__ import annotations

import json
from typing import Any

import npm_packages
from browser.gallery import Gallery
from browser.test_accessibility import AXE, RUN
from playwright.sync_api import expect

from labkit.lab.lab import Lab

ATTACK = '<img src=x onerror="alert(1)">'


def routing(lab: Lab) -> dict[str, Any]:
    """Spanish first, who is known, then everybody; the one with what a target can ask for."""
    queues = {each.friendly_name: each.sid for each in workspace(lab).task_queues.list()}
    spanish, english = (queues[f"Customer Care Requests - {name}"] for name in ("Spanish", "English"))
    first = [
        {"queue": spanish, "skip_if": "workers.available == 0", "timeout": 30, "priority": 5},
        {"queue": english, "order_by": "worker.level DESC", "timeout": 60, "expression": "worker.languages HAS 'en'"},
        {"queue": english},
    ]
    return {
        "task_routing": {
            "filters": [
                {
                    "filter_friendly_name": "Agent who is known",
                    "expression": "agent != null AND (reason == 'follow-up' OR reason == 'complaint')",
                    "targets": [{"queue": english, "known_worker_friendly_name": "task.agent"}],
                },
                {
                    "filter_friendly_name": "Spanish speakers",
                    "expression": 'selected_language == "es"',
                    "targets": first,
                },
                {"filter_friendly_name": "VIP", "expression": "vip == true", "targets": [{"queue": spanish}]},
            ],
            "default_filter": {"queue": english},
        }
    }


def workspace(lab: Lab) -> Any:
    """Of the lab, by the SDK."""
    return lab.client.taskrouter.v1.workspaces(lab.workspace_sid)


def test_who_matches_is_read_while_one_types(gallery: Gallery, lab: Lab) -> None:
    """Each Worker with why not; a mistake at its place; and the way of a Task, all of it typed; nothing has changed."""
    before = len(workspace(lab).events.list())
    gallery.use_width(1280)
    panel = gallery.show(lab.playground(workflow=routing(lab)))
    field = panel.get_by_label("Expression", exact=True)
    field.press_sequentially('languages HAS "es"', delay=5)
    alice = panel.locator(".lk-row", has=gallery.page.get_by_label("Name of Worker Alice"))
    bob = panel.locator(".lk-row", has=gallery.page.get_by_label("Name of Worker Bob"))
    expect(panel.get_by_text("1 of 2 Workers matches.")).to_be_visible()
    expect(alice).to_contain_text("matches")
    expect(bob).to_contain_text('languages is ["en"], without "es"')
    expect(bob).to_contain_text('Set languages to ["en", "es"].')

    picture = panel.get_by_role("img", name="Workflow of your own")
    expect(picture).to_contain_text("skipped: skip_if holds")
    gallery.both_themes("playground", lambda: panel.locator(".lk"))

    bob.get_by_label("Attributes of").fill(json.dumps({"languages": ["es"], "customer": ATTACK}))
    expect(panel.get_by_text("2 of 2 Workers match.")).to_be_visible()
    field.fill("languages HAS")
    expect(panel.get_by_text("found end of text")).to_be_visible()
    field.fill('languages HAS "es" AND level >= 3')
    expect(alice).to_contain_text("level is not set")

    alice.get_by_label("Activity of").select_option("Available")
    expect(panel.locator(".lk-way-said")).to_contain_text("It would be reserved for Alice at once")
    expect(picture.locator('[data-here="true"]')).to_contain_text("Spanish")
    lab.playground(workflow=json.dumps(routing(lab)).replace("VIP", "<img src=x onerror=alert(1)>"))
    expect(picture).to_contain_text("<img src=x")
    gallery.use_width(400)
    expect(picture).to_be_visible()
    gallery.both_themes("playground-narrow", lambda: panel.locator(".lk"))
    assert panel.locator("img").count() == 0
    assert len(workspace(lab).events.list()) == before


def test_nothing_serious_is_found_in_it(gallery: Gallery, lab: Lab) -> None:
    """By axe-core, light and dark, with everything unfolded; and a large Workflow fits a projector and a narrow tab."""
    many = routing(lab)
    filters = many["task_routing"]["filters"]
    many["task_routing"]["filters"] = [
        {**filters[number % 3], "filter_friendly_name": f"Number {number}", "expression": f"number == {number}"}
        for number in range(20)
    ]
    many["task_routing"]["filters"][16] |= {"expression": 'selected_language == "es"'}
    gallery.use_width(1920)
    panel = gallery.show(lab.playground("languages HAS es", workflow=many))
    expect(panel.locator(".lk-box-filter")).to_have_count(21)
    assert gallery.page.evaluate("window.scrollY") == 0, "a picture may not move the page around it"
    gallery.use_width(1920, height=1600)
    expect(panel.locator('.lk-box[data-state="taken"]')).to_be_in_viewport(ratio=1)
    gallery.page.evaluate(npm_packages.file_in(AXE, "axe.min.js").decode("utf-8"))
    gallery.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    panel.get_by_label("Change it, and see").fill('{"task_routing": }')
    expect(panel.locator(".lk-editor-problem")).to_contain_text("Line 1, column 18")
    for theme in ("light", "dark"):
        gallery.use_theme(theme)
        assert gallery.page.evaluate(RUN) == [], theme
        gallery.screenshot(f"playground-large-{theme}", of=panel.locator(".lk"))
