"""The explain view at its comm, and the shared way in which any panel asks why."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from live.workspace import FakeWorkspaceClient, Line, News, sid

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream
from labkit.widgets.explanation.panel import ExplanationPanel
from labkit.widgets.story.panel import StoryPanel
from labkit.widgets.traffic.panel import Traffic

GetLine = Callable[[Any], Line]
WT = sid("WT", 1)


class Explainer:
    """Answers at once, or refuses; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.error: TaskRouterError | None = None

    def __call__(self, task: str | None) -> dict[str, Any]:
        self.asked.append(task)
        if self.error:
            raise self.error
        return {"task": task or WT, "at": len(self.asked), "headline": "Because.", "lines": []}


@pytest.fixture
def explainer() -> Explainer:
    """One that says nothing of use."""
    return Explainer()


@pytest.fixture
def panel(live: LiveWorkspace, jobs: Jobs, explainer: Explainer, line: GetLine) -> Iterator[ExplanationPanel]:
    """A panel that has not been asked anything."""
    panel = ExplanationPanel(live, explainer=explainer, jobs=jobs)
    yield panel
    panel.close()


def test_the_newest_is_explained_and_then_the_chosen_one(
    panel: ExplanationPanel, explainer: Explainer, line: GetLine
) -> None:
    """`show` returns at once; the tree is in the state when it is there."""
    panel.show()
    line(panel).wait_for(lambda state: state["explanation"] and state["explanation"]["task"] == WT)
    assert line(panel).click("show", task=sid("WT", 2))["ok"]
    assert panel.state["explanation"]["task"] == sid("WT", 2)
    assert explainer.asked == [None, sid("WT", 2)]


def test_a_refusal_takes_the_place_of_the_tree(panel: ExplanationPanel, explainer: Explainer, line: GetLine) -> None:
    """What was explained before would be mistaken for the answer."""
    line(panel).click("show", task=WT)
    explainer.error = TaskRouterError("There is no such Task.")
    answer = line(panel).click("show", task=sid("WT", 9))
    assert (answer["ok"], answer["text"]) == (False, "There is no such Task.")
    assert panel.state["explanation"] is None
    assert panel.state["trouble"] == "There is no such Task."


def test_the_last_question_wins(live: LiveWorkspace, jobs: Jobs, line: GetLine) -> None:
    """An answer that comes late does not take the place of a newer one."""
    began, release = threading.Event(), threading.Event()

    def explainer(task: str | None) -> dict[str, Any]:
        if task == "slow":
            began.set()
            assert release.wait(10)
        return {"task": task, "at": 1, "headline": "", "lines": []}

    panel = ExplanationPanel(live, explainer=explainer, jobs=jobs)
    end = line(panel)
    end.receive({"id": "slow", "action": "show", "task": "slow"})
    assert began.wait(10)
    assert end.click("show", task="quick")["ok"]
    release.set()
    with end.changed:
        assert end.changed.wait_for(lambda: any(answer["id"] == "slow" for answer in end.answers), 10)
    assert panel.state["explanation"]["task"] == "quick"
    panel.close()


def test_tasks_to_choose_from_are_the_latest(panel: ExplanationPanel, news: News, line: GetLine) -> None:
    """The newest first, each with its status and what it is about."""
    news.task("task.created", sid("WT", 1), "pending")
    news.task("task.created", sid("WT", 2), "pending")
    state = line(panel).wait_for(lambda state: len(state["tasks"]) == 2)
    assert [task["value"] for task in state["tasks"]] == [sid("WT", 2), sid("WT", 1)]
    assert "Task pending" in state["tasks"][0]["text"]


def test_the_first_task_is_explained_by_itself(
    panel: ExplanationPanel, explainer: Explainer, news: News, line: GetLine
) -> None:
    """Where nothing stood yet; under a choice of Tasks there is never a sentence that there is none."""
    explainer.error = TaskRouterError("There is no Task.")
    panel.show()
    line(panel).click("clock")
    assert panel.state["trouble"] == ""
    explainer.error = None
    news.task("task.created", WT, "pending")
    state = line(panel).wait_for(lambda state: state["explanation"])
    assert (state["explanation"]["task"], state["changed"]) == (WT, False)


def test_a_task_that_has_changed_since_is_said_to_have(panel: ExplanationPanel, news: News, line: GetLine) -> None:
    """The tree is as of its moment, and does not pretend to be of now."""
    news.task("task.created", WT, "pending")
    line(panel).wait_for(lambda state: state["explanation"] and not state["changed"])
    news.task("task.canceled", WT, "canceled")
    line(panel).wait_for(lambda state: state["changed"])
    assert line(panel).click("show", task=WT)["ok"]
    assert not panel.state["changed"]


def test_nothing_is_explained_of_a_workspace_that_is_gone(
    panel: ExplanationPanel, live: LiveWorkspace, news: News, line: GetLine
) -> None:
    """After a reset the tree of a Task that is no more would be a ghost."""
    news.task("task.created", WT, "pending")
    line(panel).wait_for(lambda state: state["explanation"])
    live.forget()
    line(panel).wait_for(lambda state: not state["tasks"] and state["explanation"] is None)


def test_any_panel_answers_why(live: LiveWorkspace, jobs: Jobs, explainer: Explainer, line: GetLine) -> None:
    """The base handles it, whatever the panel; the tree travels as values."""
    story = StoryPanel(live)
    story.explain_with(explainer, jobs=jobs)
    answer = line(story).click("explain", task=WT)
    assert answer["explanation"]["headline"] == "Because."
    explainer.error = TaskRouterError("No.")
    assert line(story).click("explain", task=WT)["text"] == "No."
    story.close()


def test_a_panel_without_an_explainer_says_so(stream: EventStream, line: GetLine) -> None:
    """It is one more action that it does not have."""
    traffic = Traffic(stream)
    assert not line(traffic).click("explain", task=WT)["ok"]
    traffic.close()


def test_the_desk_is_not_needed(panel: ExplanationPanel, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """Whoever explains asks; the panel itself makes no request."""
    before = list(desk.calls)
    line(panel).click("show", task=WT)
    assert desk.calls == before
