"""A lab that is connected to an account and waits for a yes: what it can do and says, and that it does as planned."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sandbox.local import ACCOUNT, LocalSandbox
from twilio.base.exceptions import TwilioRestException
from twilio_stand_in import StandIn

import labkit
import labkit.settings
from labkit.account.memory import AccountMemory
from labkit.account.setup_plan import SetupPlan
from labkit.course.furnishing import furnish
from labkit.course.lesson_names import FIRST, workspace_name
from labkit.course.lessons import LESSONS
from labkit.errors import LabError, NotSetUpError
from labkit.lab.lab import Lab
from labkit.lab.status import SET_UP

NAME = "TaskRouter Lab"
NEEDS_WORKSPACE: dict[str, Any] = {
    "answer_with": lambda lab: lab.answer_with("accept"),
    "agent_page": lambda lab: lab.agent_page("Alice"),
    "callback_urls": lambda lab: lab.callback_urls(),
    "callbacks": lambda lab: lab.callbacks,
    "clear": lambda lab: lab.clear(),
    "clear_tasks": lambda lab: lab.clear_tasks(),
    "create_task": lambda lab: lab.create_task({}),
    "desk": lambda lab: lab.desk(),
    "diff": lambda lab: lab.diff("x.yaml"),
    "explain": lambda lab: lab.explain(),
    "export": lambda lab: lab.export("x.yaml"),
    "inbox": lambda lab: lab.inbox(),
    "lint": lambda lab: lab.lint(),
    "live": lambda lab: lab.live,
    "load": lambda lab: lab.load("x.yaml"),
    "take_callbacks": lambda lab: lab.take_callbacks(),
    "taskrouter": lambda lab: lab.taskrouter,
    "tunnel": lambda lab: lab.tunnel,
    "worker_token": lambda lab: lab.worker_token("Alice"),
    "workers": lambda lab: lab.workers(),
    "workflow_name": lambda lab: lab.workflow_name,
    "workflow_sid": lambda lab: lab.workflow_sid,
    "workspace_sid": lambda lab: lab.workspace_sid,
}


@pytest.fixture
def lab(twilio: StandIn) -> Lab:
    """Nobody has said yes yet."""
    return labkit.start(mode="twilio")


def names(workspaces: Any) -> list[str]:
    """Of the Workspaces in the account."""
    return [each.friendly_name for each in workspaces.list()]


def test_nothing_is_touched_without_a_yes(
    lab: Lab, twilio: StandIn, workspaces: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is shown, no request but GET has left, and nothing listens."""
    labkit.start(mode="twilio")
    shown = capsys.readouterr().out
    assert 'Set-up in the account "Ana\'s" (AC…1111, full): 6 things to make, 2 callback URLs to set.' in shown
    assert 'press "Set up", or run lab.set_up()' in shown
    assert {each.method for each in twilio.asked} == {"GET"}
    assert names(workspaces) == []
    assert repr(lab) == "<Lab: twilio, not set up>"
    assert not lab.is_set_up


@pytest.mark.parametrize("use", NEEDS_WORKSPACE.values(), ids=NEEDS_WORKSPACE)
def test_what_needs_the_workspace_says_what_to_press(use: Any, lab: Lab, twilio: StandIn) -> None:
    """One sentence, without a request."""
    before = len(twilio.asked)
    with pytest.raises(NotSetUpError) as raised:
        use(lab)
    assert str(raised.value) == (
        f"This lab is connected to the account AC…1111, and the Workspace '{NAME}' is not set up for it: nothing was "
        'made or changed. Press "Set up" in the plan, or run lab.set_up(); lab.plan() shows what that does.'
    )
    assert len(twilio.asked) == before


def test_what_needs_no_workspace_works(lab: Lab, twilio: StandIn, workspaces: Any) -> None:
    """The client, the plan, the status, the course with what is missing; and nothing is made by any of it."""
    with lab:
        assert (lab.mode, lab.account_sid, lab.workspace_name) == ("twilio", ACCOUNT, NAME)
        assert lab.client.taskrouter.v1.workspaces.list() == []
        assert lab.plan().lines
        assert {line["key"]: line["light"] for line in lab._status_lines()} == {
            "mode": "green", "account": "green", "taskrouter": "green", "callbacks": "grey", "tunnel": "grey",
            "answer": "grey", "workspace": "amber", "workflow": "grey",
        }  # fmt: skip
        assert lab.status() is not None
        assert lab.course() is not None
        report = lab.check("00")
        assert not any(step.done for step in report.steps)
        assert "is not set up for it" in str(report)
        assert lab.solution(1, lesson="00").lines
        assert names(workspaces) == []
    assert lab.stopped
    assert [line["key"] for line in lab._status_lines()] == ["lab"]


def test_setting_up_does_what_the_plan_lists(lab: Lab, workspaces: Any, memory: AccountMemory) -> None:
    """By its method; then everything works, the yes is remembered, and there is nothing left to do."""
    done = lab.set_up()
    assert str(done).startswith('Set up in the account "Ana\'s" (AC…1111, full): 6 things made, 2 callback URLs set.')
    assert lab.is_set_up
    assert names(workspaces) == [NAME]
    assert memory.workspace(NAME).yes is not None
    assert lab.callback_urls() == (lab.callbacks.assignment_url, lab.callbacks.event_url)
    assert [worker.name for worker in lab.taskrouter.workers()] == ["Alice", "Bob"]
    assert {line["light"] for line in lab._status_lines()} == {"green"}
    assert not lab.plan()
    assert "nothing to do" in str(lab.plan())


def test_the_status_names_the_account(lab: Lab) -> None:
    """Before it is set up, and afterwards; its SID is masked."""
    for _ in range(2):
        [line] = [line for line in lab._status_lines() if line["key"] == "account"]
        assert line["value"] == "Ana's · AC…1111 · full"
        lab.set_up()


def test_the_status_offers_it_as_well(lab: Lab) -> None:
    """A click on its line is a yes."""
    [line] = [line for line in lab._status_lines() if line["key"] == "workspace"]
    assert (line["remedy"], line["action"]) == ("Set up", SET_UP)
    assert "6 things made" in (lab._remedy(SET_UP) or "")
    assert lab.is_set_up


@pytest.mark.parametrize("environ", [{}, {"LABKIT_YES": "1"}])
def test_a_yes_can_be_given_beforehand(
    environ: dict[str, str], twilio: StandIn, monkeypatch: pytest.MonkeyPatch, memory: AccountMemory
) -> None:
    """As an argument or in the environment; it is remembered, and the same cell does not start another lab."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    lab = labkit.start(mode="twilio", **({} if environ else {"yes": True}))
    assert lab.is_set_up
    assert memory.workspace(NAME).yes is not None
    monkeypatch.delenv("LABKIT_YES", raising=False)
    assert labkit.start(mode="twilio") is lab


def test_a_lab_that_waits_is_set_up_by_the_same_cell_with_a_yes(lab: Lab) -> None:
    """It is the same lab."""
    assert labkit.start(mode="twilio") is lab
    assert not lab.is_set_up
    assert labkit.start(mode="twilio", yes=True) is lab
    assert lab.is_set_up


def test_a_second_start_asks_nobody_and_makes_nothing(lab: Lab, twilio: StandIn, memory: AccountMemory) -> None:
    """The yes is for the account and the name; all that is posted are the callback URLs."""
    lab.set_up()
    labkit.stop()
    twilio.asked.clear()
    again = labkit.start(mode="twilio")
    assert again.is_set_up
    assert len(twilio.paths("POST")) == 2
    assert twilio.paths("DELETE") == []


def test_another_workspace_asks_for_itself(lab: Lab, workspaces: Any) -> None:
    """Of another name, and a lesson's."""
    lab.set_up()
    assert not labkit.start(mode="twilio", workspace="Another").is_set_up
    assert not labkit.start(mode="twilio", lesson="07").is_set_up
    assert names(workspaces) == [NAME]


def test_where_there_is_nothing_to_do_nobody_is_asked(twilio: StandIn, sandbox: LocalSandbox) -> None:
    """A wallboard that looks on at a Workspace which somebody else works in."""
    found = furnish(sandbox.client(), workspace_name=NAME)
    workspace = sandbox.client().taskrouter.v1.workspaces(found.workspace_sid)
    workspace.update(event_callback_url="https://old.example/events")
    lab = labkit.start(mode="twilio", callbacks="leave")
    assert lab.is_set_up
    assert twilio.paths("POST") == []
    assert workspace.fetch().event_callback_url == "https://old.example/events"


def test_who_looks_on_without_a_yes_makes_nothing_whatever_becomes_of_the_workspace(
    twilio: StandIn, sandbox: LocalSandbox, workspaces: Any
) -> None:
    """It was deleted, and somebody makes another of its name; after a yes the lab may furnish that."""
    found = furnish(sandbox.client(), workspace_name=NAME)
    workspaces(found.workspace_sid).update(event_callback_url="https://old.example/events")
    lab = labkit.start(mode="twilio", callbacks="leave")
    workspaces(found.workspace_sid).delete()
    workspaces.create(friendly_name=NAME, template="NONE")
    lab._workspace.look()
    with pytest.raises(NotSetUpError, match="may not change anything in the account AC…1111 yet"):
        lab._workspace.follow()
    assert twilio.paths("POST") == []
    lab.set_up()
    assert [worker.name for worker in lab.taskrouter.workers()] == ["Alice", "Bob"]


def test_who_looks_on_without_a_yes_takes_no_callbacks(twilio: StandIn, sandbox: LocalSandbox) -> None:
    """Not even when it is told to; after a yes it does."""
    found = furnish(sandbox.client(), workspace_name=NAME)
    workspace = sandbox.client().taskrouter.v1.workspaces(found.workspace_sid)
    workspace.update(event_callback_url="https://old.example/events")
    lab = labkit.start(mode="twilio", callbacks="leave")
    with pytest.raises(NotSetUpError, match=r"Run lab.set_up\(\) and try again"):
        lab.take_callbacks()
    assert twilio.paths("POST") == []
    lab.set_up()
    lab.take_callbacks()
    assert workspace.fetch().event_callback_url == lab.callbacks.event_url


def test_what_has_changed_since_the_plan_was_seen_is_shown_first(lab: Lab, sandbox: LocalSandbox) -> None:
    """A yes is for what somebody has seen: now there is a Workspace of that name, and it is not the lab's."""
    seen = lab.plan()
    sandbox.client().taskrouter.v1.workspaces.create(friendly_name=NAME, template="NONE")
    with pytest.raises(LabError, match="Something has changed in the account since this plan was made"):
        lab._set_up_as_seen(seen)
    assert not lab.is_set_up
    assert "was there before, and the lab did not make it" in str(lab._setup.latest)
    lab._set_up_as_seen(lab._setup.latest)
    assert lab.is_set_up


def test_a_refusal_in_the_middle_leaves_a_lab_that_can_go_on(lab: Lab, twilio: StandIn, workspaces: Any) -> None:
    """What was made is there; once more makes the rest."""
    twilio.plant(500, 20500, "It broke.", path="Workflows", method="POST", times=1)
    with pytest.raises(LabError, match="It broke"):
        lab.set_up()
    assert not lab.is_set_up
    assert "1 thing to make" in lab.plan().headline
    lab.set_up()
    assert lab.is_set_up
    assert names(workspaces) == [NAME]


def test_a_stopped_lab_is_not_set_up(lab: Lab, workspaces: Any) -> None:
    """A click on a page that is still open does nothing."""
    lab.stop()
    for ask in (lab.set_up, lab.plan):
        with pytest.raises(LabError, match="stopped"):
            ask()
    assert names(workspaces) == []


def test_a_plan_needs_no_lab(twilio: StandIn, workspaces: Any, home: Path) -> None:
    """`labkit.plan` says the same as the lab that waits, and leaves nothing running."""
    plan = labkit.plan(mode="twilio")
    assert plan == labkit.start(mode="twilio").plan() == labkit.plan(mode="twilio")
    assert names(workspaces) == []


def test_a_plan_without_credentials_says_what_is_missing(home: Path) -> None:
    """And what would be made in an empty account."""
    plan = labkit.plan(mode="twilio", lesson="07")
    assert "in an account with nothing in it" in plan.headline
    assert "TWILIO_ACCOUNT_SID" in plan.missing
    assert plan.lines[0].text == f"Workspace '{workspace_name('07_routing', beside=NAME)}'"
    assert len(plan.callbacks) == 2


def test_a_sandboxs_plan_costs_nothing_and_starts_nothing(home: Path) -> None:
    """Before there is a sandbox, and while it runs."""
    plan = labkit.plan()
    assert "in the sandbox on this computer: 6 things to make" in plan.headline
    assert "A sandbox costs nothing" in str(plan)
    assert not (home / "sandbox.json").exists()
    lab = labkit.start()
    assert not labkit.plan()
    lab.stop()
    assert "2 callback URLs to set" in labkit.plan().headline


# --- what the plan lists is what is done ------------------------------------------------------------------------------

_SIDS = {"WS": "Workspace", "WA": "Activity", "WK": "Worker", "WQ": "TaskQueue", "WW": "Workflow", "TC": "TaskChannel"}


def written(twilio: StandIn, names_of: dict[str, str]) -> list[str]:
    """What the requests that write have made and changed, in their order, such as `+ Worker 'Alice'`.

    The channels and the Activity of a Worker, which take requests of their own, belong to its line.
    """
    about: list[str] = []
    for each in twilio.asked:
        if each.method != "GET":
            last = re.sub(r"/Channels/WC.*", "", urlsplit(each.path).path).rpartition("/")[2]
            is_new = len(last) != 34
            sid = json.loads(each.said)["sid"] if is_new else last
            found = f"{'+' if is_new else '~'} {_SIDS[sid[:2]]} {names_of[sid]!r}"
            if about[-1:] != [found] and (sid[:2] != "WK" or about[-1:] != [f"+{found[1:]}"]):
                about.append(found)
    return about


def names_in(workspaces: Any, sid: str) -> dict[str, str]:
    """The name of everything in a Workspace, by its SID."""
    one = workspaces(sid)
    lists = (one.activities, one.workers, one.task_queues, one.workflows)
    named = {each.sid: each.friendly_name for resources in lists for each in resources.list()}
    named |= {each.sid: each.unique_name for each in one.task_channels.list()}
    return {**named, sid: one.fetch().friendly_name}


def listed(plan: SetupPlan) -> list[str]:
    """What the plan's lines are about, each once in a row; the Workspace's own settings have a line of their own."""
    own = f"Workspace {plan.workspace_name!r}"
    about = [f"{line.mark} {own if line.text == 'The Workspace' else line.text}" for line in plan.lines]
    return [each for each, _ in itertools.groupby(about)]


def set_up_as_planned(twilio: StandIn, workspaces: Any, *, lesson: str | None) -> list[str]:
    """Set a lab up, and hold what was written to what was listed; what that was."""
    lab = labkit.start(mode="twilio", lesson=lesson)
    try:
        plan = lab.plan()
        twilio.asked.clear()
        lab.set_up()
        done = written(twilio, names_in(workspaces, lab.workspace_sid))
        assert done == listed(plan)
        assert not lab.plan()
    finally:
        labkit.stop()
    return done


@pytest.mark.parametrize("lesson", [None, *LESSONS])
def test_in_an_empty_account_it_does_what_it_lists(lesson: str | None, twilio: StandIn, workspaces: Any) -> None:
    """For the quickstart and each lesson, and no request that writes besides."""
    done = set_up_as_planned(twilio, workspaces, lesson=lesson)
    assert done[0].startswith("+ Workspace ")
    assert done[-1] == f"~{done[0][1:]}"  # its event callback URL


@settings(
    max_examples=12, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_in_a_workspace_that_has_lost_something_it_does_what_it_lists(
    data: st.DataObject, twilio: StandIn, sandbox: LocalSandbox, workspaces: Any
) -> None:
    """Whatever is gone, and whatever was changed: what is missing is made, and in a lesson's the rest is set back."""
    lesson = data.draw(st.sampled_from([None, *LESSONS]), label="lesson")
    name = workspace_name(lesson or FIRST, beside=NAME)
    for each in workspaces.list():
        workspaces(each.sid).delete()
    AccountMemory(Path(labkit.settings.Settings.resolve().home or ""), account_sid=ACCOUNT).forget_workspace(name)
    found = furnish(sandbox.client(), workspace_name=name, lesson=lesson)
    spoil(data, workspaces(found.workspace_sid))
    set_up_as_planned(twilio, workspaces, lesson=lesson)


def spoil(data: st.DataObject, workspace: Any) -> None:
    """Take some of it away, in an order that TaskRouter accepts, and change some of the rest."""
    for resources in (workspace.workflows, workspace.workers, workspace.task_queues, workspace.activities):
        for each in resources.list():
            fate = data.draw(st.sampled_from(["stays", "goes", "changes"]), label=each.friendly_name)
            if fate == "goes":
                with contextlib.suppress(TwilioRestException):  # an Activity that is in use, say
                    each.delete()
            elif fate == "changes":
                change(workspace, each)


def change(workspace: Any, resource: Any) -> None:
    """A field that the lesson has another value for."""
    if resource.sid.startswith("WW"):
        resource.update(task_reservation_timeout=7)
    elif resource.sid.startswith("WQ"):
        resource.update(target_workers="1 == 2")
    elif resource.sid.startswith("WK"):
        workspace.workers(resource.sid).update(attributes='{"changed": true}')


def test_a_lab_with_nothing_left_to_do_is_stopped_with_its_plan_in_sight(twilio: StandIn) -> None:
    """The panel's still is drawn once more as the lab stops, from the plan that was seen last."""
    lab = labkit.start(mode="twilio", yes=True, panel=False)
    last = lab.plan()
    assert not last
    lab.stop()
    assert lab._panel_parts().latest_plan() is last
