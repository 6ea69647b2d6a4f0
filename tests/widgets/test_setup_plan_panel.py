"""The plan's panel: what it draws, and what its button does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from live.conftest import line
from live.workspace import Line

from labkit.account.planning import CallbackUrls, setup_plan
from labkit.account.setup_plan import SetupPlan
from labkit.course.furnishing import prepared_for_empty_account
from labkit.errors import LabError
from labkit.settings import Settings
from labkit.widgets.setup_plan.panel import SetupPlanPanel

__all__ = ["line"]

OLD = CallbackUrls("https://me:planted@old.example/assign", "")


def a_plan() -> SetupPlan:
    """Of an account with nothing in it."""
    given = {"TWILIO_ACCOUNT_SID": f"AC{'1' * 32}", "TWILIO_AUTH_TOKEN": "1" * 32}
    furnishing = prepared_for_empty_account(workspace_name="TaskRouter Lab")
    settings = Settings.resolve(given, mode="twilio")
    return setup_plan(furnishing, settings=settings, place="the account AC…1111", now=OLD)


class Setup:
    """A lab's, as far as the panel needs it."""

    def __init__(self) -> None:
        self.latest = a_plan()
        self.now = self.latest
        self.seen: list[SetupPlan] = []

    def look(self) -> SetupPlan:
        self.latest = self.now
        return self.latest

    def set_up(self, seen: SetupPlan) -> SetupPlan:
        self.seen.append(seen)
        if self.look() != seen:
            raise LabError("Something has changed.")
        self.latest = replace(self.latest, done=True)
        return self.latest

    def panel(self) -> SetupPlanPanel:
        return SetupPlanPanel(lambda: self.latest, look=self.look, set_up=self.set_up)


@pytest.fixture
def setup(line: Callable[[Any], Line]) -> Setup:
    """With a line for its panel."""
    return Setup()


def test_every_line_is_drawn_without_a_password(setup: Setup) -> None:
    """With its mark in words, and what was there before."""
    state = setup.panel().state
    assert [each["text"] for each in state["lines"]] == [each.text for each in setup.latest.lines]
    assert state["lines"][0] == {"mark": "+", "meaning": "add", "text": "Workspace 'TaskRouter Lab'", "details": []}
    [url] = state["lines"][-2]["details"]
    assert url["old"] == "https://me:•••@old.example/assign"
    assert "planted" not in f"{state} {setup.panel().still().sections}"
    assert (state["waits"], state["done"]) == (True, False)


def test_the_button_is_a_yes_to_what_was_drawn(setup: Setup) -> None:
    """Then it is done, and the panel waits for nobody."""
    panel: Any = setup.panel()
    answer = panel.comm.click("set_up")
    assert (answer["ok"], answer["text"]) == (True, "Done. Run the next cells now; a page without cells is reloaded.")
    assert panel.state["headline"].startswith("Set up in the account AC…1111: 6 things made")
    assert setup.seen == [a_plan()]
    assert (panel.state["waits"], panel.state["done"]) == (False, True)


def test_what_has_changed_meanwhile_is_drawn_and_asked_again(setup: Setup) -> None:
    """And nothing is done."""
    panel: Any = setup.panel()
    setup.now = replace(setup.latest, workspace_name="Another")
    answer = panel.comm.click("set_up")
    assert (answer["ok"], answer["text"]) == (False, "Something has changed.")
    assert panel.state["lines"][0]["text"] == "Workspace 'Another'"
    assert panel.state["waits"]


def test_it_looks_again_when_asked(setup: Setup) -> None:
    """Somebody may have changed the account."""
    panel: Any = setup.panel()
    setup.now = replace(setup.latest, allowed=True)
    assert panel.comm.click("look")["ok"]
    assert not panel.state["waits"]
