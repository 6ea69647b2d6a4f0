"""Whoever was called before a lab took an account's callbacks is called again after it."""

from __future__ import annotations

from typing import Any

import pytest
from twilio_stand_in import StandIn

import labkit
import labkit.settings
from labkit.account.memory import AccountMemory
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab

NAME = "TaskRouter Lab"
ASSIGNMENT, EVENTS = "https://ana:word@theirs.example/assign", "https://theirs.example/events?key=1"


def new_lab(**settings: Any) -> Lab:
    """A lab of another kernel."""
    return Lab(labkit.settings.Settings.resolve(mode="twilio", yes=True, **settings))


def killed(lab: Lab) -> None:
    """End a lab's threads and sockets, and nothing else, as a kill does."""
    lab._routing.give_up = lambda: None  # type: ignore[method-assign]
    lab.stop()


def urls(workspaces: Any, lab: Lab) -> tuple[str, str]:
    workspace = workspaces(lab.workspace_sid)
    workflow = workspace.workflows(lab.workflow_sid).fetch()
    return workflow.assignment_callback_url or "", workspace.fetch().event_callback_url or ""


def ours(lab: Lab) -> tuple[str, str]:
    return lab.callbacks.assignment_url, lab.callbacks.event_url


@pytest.fixture
def theirs(workspaces: Any) -> Any:
    """A Workspace that was there before and calls somebody."""
    with new_lab() as lab:
        workspace = workspaces(lab.workspace_sid)
        workflow_sid = lab.workflow_sid
    workspace.workflows(workflow_sid).update(assignment_callback_url=ASSIGNMENT)
    workspace.update(event_callback_url=EVENTS)
    return workspace


def test_stop_has_those_called_who_were_called_before(theirs: Any, workspaces: Any, memory: AccountMemory) -> None:
    lab = new_lab()
    assert urls(workspaces, lab) == ours(lab)
    assert [each.found for each in memory.workspace(NAME).callbacks] == [ASSIGNMENT, EVENTS]
    lab.stop()
    assert urls(workspaces, lab) == (ASSIGNMENT, EVENTS)
    assert memory.workspace(NAME).callbacks == ()


def test_where_nobody_was_called_nobody_is(workspaces: Any) -> None:
    with new_lab() as lab:
        assert urls(workspaces, lab) == ours(lab)
    assert urls(workspaces, lab) == ("", "")


@pytest.mark.parametrize("kills", [1, 2])
def test_after_a_kill_the_next_lab_gives_back_what_was_there_before_the_dead_one(
    theirs: Any, workspaces: Any, kills: int
) -> None:
    for _ in range(kills):
        dead = new_lab()
        killed(dead)
        assert urls(workspaces, dead) == ours(dead)
    with new_lab() as lab:
        assert urls(workspaces, lab) == ours(lab)
    assert urls(workspaces, lab) == (ASSIGNMENT, EVENTS)


def test_a_lab_whose_address_is_that_of_the_dead_one_gives_back_too(theirs: Any, workspaces: Any) -> None:
    """As with a reserved domain: there is nothing to set at the start."""
    dead = new_lab()
    killed(dead)
    with new_lab(port=int(dead.callbacks.local_url.rpartition(":")[2])) as lab:
        assert ours(lab) == ours(dead)
    assert urls(workspaces, lab) == (ASSIGNMENT, EVENTS)


def test_a_kill_before_anything_was_set_changes_nothing(
    theirs: Any, workspaces: Any, twilio: StandIn, memory: AccountMemory
) -> None:
    """What is about to be set is noted before."""
    twilio.plant(500, path="/Workflows/WW", method="POST")
    with pytest.raises(TaskRouterError):
        new_lab()
    assert [each.found for each in memory.workspace(NAME).callbacks] == [ASSIGNMENT, EVENTS]
    twilio.forget_planted()
    with new_lab() as lab:
        assert urls(workspaces, lab) == ours(lab)
    assert urls(workspaces, lab) == (ASSIGNMENT, EVENTS)


def test_who_took_the_callbacks_meanwhile_keeps_them(theirs: Any, workspaces: Any) -> None:
    """Somebody else's program, and of two labs the one that started last; its end is when the first URLs come back."""
    first = new_lab()
    second = new_lab()
    first.stop()
    assert urls(workspaces, second) == ours(second)
    second.stop()
    assert urls(workspaces, second) == (ASSIGNMENT, EVENTS)
    with new_lab() as lab:
        theirs.update(event_callback_url="https://new.example/")
    assert urls(workspaces, lab) == (ASSIGNMENT, "https://new.example/")


def test_what_cannot_be_given_back_now_is_given_back_by_the_next(theirs: Any, workspaces: Any, twilio: StandIn) -> None:
    """A stop without a connection is no error."""
    lab = new_lab()
    twilio.offline = True
    lab.stop()
    twilio.offline = False
    assert urls(workspaces, lab) == ours(lab)
    with new_lab() as after:
        assert urls(workspaces, after) == ours(after)
    assert urls(workspaces, after) == (ASSIGNMENT, EVENTS)


def test_a_lab_that_leaves_the_callbacks_changes_none(theirs: Any, workspaces: Any, memory: AccountMemory) -> None:
    with new_lab(callbacks="leave") as lab:
        assert urls(workspaces, lab) == (ASSIGNMENT, EVENTS)
    assert urls(workspaces, lab) == (ASSIGNMENT, EVENTS)
    assert memory.workspace(NAME).callbacks == ()
