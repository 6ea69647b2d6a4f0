"""Lessons, played in JupyterLab from their first cell to their last as a learner plays them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser.jupyter import NotebookPage
from browser.learner import Learner, card, create_task, panel, switch_worker
from playwright.sync_api import FrameLocator, expect
from tracked import ROOT

OpenNotebook = Callable[[Path], NotebookPage]

LESSONS = ROOT / "notebooks"


def _solved(number: str) -> Any:
    return importlib.import_module(f"course.solved.lesson_{number}")


READ_STATUSES = """panel => {
  const read = family => [...panel.querySelectorAll(`[data-status-of=${family}]`)]
    .filter(badge => badge.checkVisibility()).map(badge => badge.innerText.trim());
  return [read("task"), read("reservation")].map(words => [...new Set(words)].sort().join(", "));
}"""


def expect_statuses(notebook: NotebookPage, *, task: str, reservation: str = "") -> None:
    """Who reads nothing but the panels finds these words, and none that says something else."""
    wanted, found = [task, reservation], None
    for _ in range(60):  # the pauses are the browser's: an event may be on its way
        found = panel(notebook, "desk").evaluate(READ_STATUSES)
        if found == wanted:
            return
        notebook.page.wait_for_timeout(250)
    raise AssertionError(f"the panels say {found}, not {wanted}")


def take_the_readmes_picture(notebook: NotebookPage) -> None:
    """The form, the Workers and the inbox beside each other, as they are while a Reservation waits for somebody."""
    before = notebook.page.viewport_size
    notebook.execute("application:toggle-left-area")
    notebook.page.set_viewport_size({"width": 1100, "height": 1000})
    panel(notebook, "desk").evaluate("panel => panel.scrollIntoView({block: 'start'})")
    notebook.screenshot("start_here")
    notebook.execute("application:toggle-left-area")
    assert before is not None
    notebook.page.set_viewport_size(before)


@pytest.mark.timeout(240)
def test_start_here(open_notebook: OpenNotebook) -> None:
    """A person accepts the first Task, an instruction the second, and the lesson's own check finds nothing missing."""
    learner = Learner(open_notebook(LESSONS / "00_start_here.ipynb"))

    learner.play(instead={}, clicks={"first-steps": _wait_and_accept, "answer-accept": _accept_by_program})

    lesson = learner.notebook
    expect(panel(lesson, "status")).to_contain_text("Assignment callback URL")
    lesson.screenshot("status_light", of=panel(lesson, "status"))
    expect(panel(lesson, "story").locator(".lk-step[data-done=true]")).to_have_count(5)
    lesson.screenshot("story_light", of=panel(lesson, "story"))
    expect(panel(lesson, "traffic").get_by_text('{"instruction": "accept"}').first).to_be_attached()
    expect(learner.output("check")).to_contain_text("All done.")
    learner.look("course_start_here_check", "check")


def _wait_and_accept(learner: Learner) -> None:
    lesson = learner.notebook
    create_task(lesson)
    expect_statuses(lesson, task="Task pending")
    switch_worker(lesson, "Alice", "Available")
    expect_statuses(lesson, task="Task reserved", reservation="Reservation pending")
    waiting = card(lesson, "pending")
    expect(waiting).to_contain_text("Alice")
    expect(waiting).to_contain_text("selected_language")
    lesson.screenshot("inbox_light", of=panel(lesson, "inbox"))
    take_the_readmes_picture(lesson)
    waiting.get_by_role("button", name="Accept").click()
    expect(card(lesson, "accepted")).to_be_visible()
    expect_statuses(lesson, task="Task assigned", reservation="Reservation accepted")


def _accept_by_program(learner: Learner) -> None:
    lesson = learner.notebook
    card(lesson, "accepted").get_by_role("button", name="Complete").click()
    expect_statuses(lesson, task="Task completed", reservation="Reservation completed")
    expect(panel(lesson, "inbox").locator(".lk-card")).to_have_count(0)  # one sees it for some seconds
    create_task(lesson)
    expect(panel(lesson, "composer").locator(".lk-tasks li", has_text="Task assigned")).to_have_count(1)
    expect_statuses(
        lesson, task="Task assigned, Task completed", reservation="Reservation accepted, Reservation completed"
    )


@pytest.mark.timeout(300)
def test_agents_browser(open_notebook: OpenNotebook) -> None:
    """Alice and Bob work on their own pages, which stand in the notebook, and hand a Task to each other."""
    learner = Learner(open_notebook(LESSONS / "09_agents_browser.ipynb"))

    learner.play(
        instead=_solved("09").INSTEAD,
        clicks={
            "page": lambda each: _press(each, "Alice", "Available"),
            "first-task": lambda each: _press(each, "Alice", "Accept"),
            "second-task": _wrap_up_and_go_on,
            "third-task": lambda each: _press(each, "Alice", "Accept"),
            "page-of-bob": _hand_over_to_bob,
            "reservations": _both_have_it,
            "warm-check": _hand_over_to_a_task_queue,
            "timeline": _complete_both,
        },
    )

    expect(learner.output("check")).to_contain_text("All done.")
    for cell in ("token", "page", "timeline", "expired"):
        learner.look(f"course_agents_browser_{cell}", cell)


def _agent_page(learner: Learner, name: str) -> FrameLocator:
    cell = {"Alice": "page", "Bob": "page-of-bob"}[name]
    learner.output(cell).scroll_into_view_if_needed()
    return learner.output(cell).frame_locator("iframe")


def _press(learner: Learner, name: str, button: str) -> None:
    _agent_page(learner, name).get_by_role("button", name=button, exact=True).first.click()


def _transfer(learner: Learner, name: str, to: str, mode: str) -> None:
    page = _agent_page(learner, name)
    if not page.locator("article select").first.is_visible():
        page.locator("article summary").first.click()
    page.locator("article select").first.focus()
    page.locator("article select").first.select_option(label=to)
    page.get_by_label(mode).first.check()
    _press(learner, name, "Transfer")


def _wrap_up_and_go_on(learner: Learner) -> None:
    for button in ("Wrap up", "Complete", "Accept", "Wrap up", "Complete"):
        _press(learner, "Alice", button)
    expect(_agent_page(learner, "Alice").locator("article", has_text="Reservation accepted")).to_have_count(0)


def _hand_over_to_bob(learner: Learner) -> None:
    _transfer(learner, "Alice", "Bob (Offline)", "WARM")
    expect(_agent_page(learner, "Alice").get_by_role("alert")).to_contain_text("400")
    (refused,) = learner.notebook.errors  # as meant: the browser says of itself that TaskRouter refused
    assert "status of 400" in refused
    learner.notebook.errors.clear()
    _press(learner, "Bob", "Available")
    _transfer(learner, "Alice", "Bob (Available)", "WARM")


def _both_have_it(learner: Learner) -> None:
    _press(learner, "Bob", "Accept")
    _press(learner, "Alice", "Complete")


def _hand_over_to_a_task_queue(learner: Learner) -> None:
    _transfer(learner, "Bob", "Customer Care Requests - Spanish", "COLD")
    _press(learner, "Alice", "Accept")


def _complete_both(learner: Learner) -> None:
    _press(learner, "Bob", "Complete")
    _press(learner, "Alice", "Complete")


@pytest.mark.timeout(300)
def test_workspace(open_notebook: OpenNotebook) -> None:
    """The quickstart's call centre is built, expressions are tried in the playground, and Alice comes to her desk."""
    learner = Learner(open_notebook(LESSONS / "01_workspace.ipynb"))

    learner.play(
        instead={cell: source.strip() for cell, source in _solved("01").INSTEAD.items()},
        clicks={"playground": _try_an_expression, "first-task": _alice_comes},
    )

    expect(learner.output("check")).to_contain_text("All done.")
    for cell in ("playground", "picture", "desk", "check"):
        learner.look(f"course_workspace_{cell}", cell)


def _try_an_expression(learner: Learner) -> None:
    playground = learner.output("playground")
    of_alice = learner.notebook.page.get_by_label("Attributes of Worker Alice")
    alice = playground.get_by_role("list", name="Workers").locator("li").filter(has=of_alice)
    expect(alice).to_have_attribute("data-matches", "false")
    playground.get_by_label("Expression", exact=True).fill('languages HAS "es"')
    expect(alice).to_have_attribute("data-matches", "true")


def _alice_comes(learner: Learner) -> None:
    switch_worker(learner.notebook, "Alice", "Available")
    expect(card(learner.notebook, "pending")).to_contain_text("Alice")


@pytest.mark.timeout(300)
def test_routing(open_notebook: OpenNotebook) -> None:
    """A Workflow is written step by step, and the playground, which is in sight, draws each."""
    learner = Learner(open_notebook(LESSONS / "07_routing.ipynb"))

    learner.play(instead=_solved("07").INSTEAD, clicks={"your-turn-escalation": _see_the_escalation})

    expect(learner.output("check")).to_contain_text("All done.")
    for cell in ("playground", "lint", "check"):
        learner.look(f"course_routing_{cell}", cell)


def _see_the_escalation(learner: Learner) -> None:
    picture = learner.output("playground").get_by_label("Picture of the Workflow")
    expect(picture).to_contain_text("worker.level >= 4")
    learner.look("course_routing_escalation", "playground")
