"""The composer at its comm: templates, Tasks at random, the lines to copy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from live.workspace import FakeWorkspaceClient, Line

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.live.workspace import LiveWorkspace
from labkit.widgets.composer.panel import BATCH, Composer
from labkit.widgets.composer.task_form import WorkspaceAddress
from labkit.widgets.composer.templates import TEMPLATES, varied
from labkit.widgets.json_check import check_attributes

GetLine = Callable[[Any], Line]


@pytest.fixture
def composer(live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine) -> Iterator[Composer]:
    """A composer with its choices read, and chance that is the same each time."""
    place = WorkspaceAddress("http://127.0.0.1:2", "WS1")
    composer = Composer(live, client=desk, jobs=jobs, place=lambda: place, random=Random(1))
    line(composer).wait_for(lambda state: state["workflows"])
    yield composer
    composer.close()


def made(desk: FakeWorkspaceClient) -> list[tuple[Any, ...]]:
    return [call for call in desk.calls if call[0] == "create_task"]


def finished(composer: Composer, line: GetLine) -> dict[str, Any]:
    state = line(composer).wait_for(lambda state: state["batch"] and not state["batch"]["running"])
    batch: dict[str, Any] = state["batch"]
    return batch


def test_every_template_can_be_sent(composer: Composer, line: GetLine) -> None:
    """As it stands in the form, nothing is wrong with it."""
    for template in composer.state["templates"]:
        answer = line(composer).click("check", **template)
        assert answer["problem"] is None
        assert answer["text"] == ""
    assert {template["key"] for template in composer.state["templates"]} == {"quickstart", "call", "chat", "vip"}


@pytest.mark.parametrize("seed", range(20))
def test_chance_keeps_to_what_the_workspace_has(seed: int) -> None:
    """Attributes with the template's names, a language that the quickstart routes, a channel that is there."""
    task = varied(Random(seed), task_channels={"default", "voice"})
    [template] = [each for each in TEMPLATES if each.key == task.key]
    assert task.attributes.keys() == template.attributes.keys()
    assert task.attributes["selected_language"] in ("en", "es")
    assert task.task_channel in (None, "voice")
    assert check_attributes(json.dumps(task.attributes)).problem is None


def test_ten_at_random_go_into_the_chosen_workflow(
    composer: Composer, desk: FakeWorkspaceClient, line: GetLine
) -> None:
    """They are not all alike, and are shown with those made by hand."""
    assert line(composer).click("batch", workflow="WW2")["ok"]
    assert finished(composer, line) == {"made": BATCH, "wanted": BATCH, "running": False, "trouble": ""}
    assert len(made(desk)) == BATCH
    assert {call[2]["workflow"] for call in made(desk)} == {"WW2"}
    assert len({json.dumps(call[1]) for call in made(desk)}) > 1
    assert {call[2]["task_channel"] for call in made(desk)} <= {None, "voice"}


def test_a_refusal_ends_it_and_is_said(composer: Composer, desk: FakeWorkspaceClient, line: GetLine) -> None:
    """What TaskRouter says; it is not asked ten times."""
    desk.error = TaskRouterError("Too many requests came at once.")
    assert line(composer).click("batch")["ok"]
    assert finished(composer, line) == {
        "made": 0, "wanted": BATCH, "running": False, "trouble": "Too many requests came at once.",
    }  # fmt: skip


def test_it_can_be_stopped_and_is_not_begun_twice(
    composer: Composer, desk: FakeWorkspaceClient, line: GetLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it waits for TaskRouter the panel answers; what is under way is finished."""
    began, release = threading.Event(), threading.Event()
    original = desk.create_task

    def create_task(attributes: Any, **options: Any) -> Any:
        began.set()
        assert release.wait(10)
        return original(attributes, **options)

    monkeypatch.setattr(desk, "create_task", create_task)
    assert line(composer).click("batch")["ok"]
    assert began.wait(10)
    assert not line(composer).click("batch")["ok"]
    assert line(composer).click("stop_batch")["ok"]
    release.set()
    assert finished(composer, line)["made"] == 1
    assert len(made(desk)) == 1


def test_the_lines_name_the_place(composer: Composer, line: GetLine) -> None:
    """This Workspace, at this sandbox; and neither has the token."""
    answer = line(composer).click("check", attributes='{"a": 1}', task_channel="chat")
    assert "workspaces('WS1')" in answer["code"]
    assert "http://127.0.0.1:2/v1/Workspaces/WS1/Tasks" in answer["curl"]
    assert "TaskChannel=chat" in answer["curl"]
    assert line(composer).click("check", attributes="{")["curl"] == ""


def test_all_tasks_are_ended_and_what_came_of_it_is_said(
    live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, line: GetLine
) -> None:
    """As the lab ends them; a refusal is said in its place."""
    ended = iter(["Tasks: 2 that waited were canceled."])

    class Told:
        def __repr__(self) -> str:
            if desk.error:
                raise desk.error
            return next(ended)

    composer = Composer(live, client=desk, jobs=jobs, clear_tasks=Told)
    answer = line(composer).click("clear")
    assert (answer["ok"], answer["text"]) == (True, "Tasks: 2 that waited were canceled.")
    desk.error = TaskRouterError("Too many requests came at once.")
    answer = line(composer).click("clear")
    assert (answer["ok"], answer["text"]) == (False, "Too many requests came at once.")
    composer.close()
