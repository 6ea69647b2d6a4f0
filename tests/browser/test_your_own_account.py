"""The last lesson in JupyterLab, in an account: read, set up by the button, called by Twilio, and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from browser.jupyter import NotebookPage
from browser.learner import Learner, panel
from course.own_account import own_account
from course.solved.lesson_12 import TEARDOWN
from playwright.sync_api import Page, expect
from sandbox.local import ACCOUNT, TOKEN
from tracked import ROOT
from twilio.rest import Client
from twilio_stand_in import StandIn

from bench.jupyter import JupyterServer, serving

pytestmark = pytest.mark.alone

LESSON = ROOT / "notebooks" / "12_your_own_account.ipynb"


class InAnAccount(NamedTuple):
    """A page of a JupyterLab whose kernels have the credentials of this account."""

    server: JupyterServer
    page: Page
    twilio: StandIn


@pytest.fixture
def in_an_account(pages: list[Page], tmp_path: Path) -> Iterator[InAnAccount]:
    """JupyterLab, started where the account's owner has set what it takes."""
    expect.set_options(timeout=20_000)
    page = pages[0].context.new_page()
    with own_account() as twilio, serving(tmp_path) as server:
        yield InAnAccount(server, page, twilio)
        page.close()
        server.end_kernels()


@pytest.mark.timeout(300)
def test_your_own_account(in_an_account: InAnAccount) -> None:
    """Nothing is made before the button is pressed, all steps are ticked, and nothing is left."""
    server, page, twilio = in_an_account
    lesson = NotebookPage.prepare(page, server, LESSON)
    lesson.open()
    learner = Learner(lesson)

    learner.play(
        instead={"your-turn-teardown": TEARDOWN},
        clicks={"sign-in": lambda each: _set_up(each, twilio), "traffic": _look_at_the_callback},
    )

    expect(learner.output("check")).to_contain_text("All done.")
    learner.look("own_account_check", "check")
    learner.look("own_account_teardown", "your-turn-teardown")
    assert Client(ACCOUNT, TOKEN).taskrouter.v1.workspaces.list() == []
    lesson.execute("docmanager:save")
    assert TOKEN not in lesson.path.read_text("utf-8")


def _set_up(learner: Learner, twilio: StandIn) -> None:
    output = learner.output("sign-in")
    button = output.get_by_role("button", name="Set up")
    expect(button).to_be_visible()
    assert twilio.paths("POST") == []
    learner.look("own_account_plan", "sign-in")
    button.click()
    expect(button).to_have_count(0)
    learner.look("own_account_set_up", "sign-in")


def _look_at_the_callback(learner: Learner) -> None:
    expect(panel(learner.notebook, "traffic")).to_contain_text("/assignment_callback")
    learner.look("own_account_traffic", "traffic")
