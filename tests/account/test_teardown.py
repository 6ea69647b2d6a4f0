"""A teardown leaves an account as it was found: to the byte, as TaskRouter tells it over REST.

What stays different is TaskRouter's own: `date_updated` of a Workflow and a Workspace whose callback URL was set and
set back, and of what was changed and set back. The log of Events has what was done, for thirty days.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from account.whole_account import whole_account
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from twilio_stand_in import StandIn

import labkit
import labkit.lab.runtime
import labkit.settings
from labkit.account.memory import AccountMemory
from labkit.account.teardown import LeftResource, TeardownReport, teardown
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab
from labkit.settings import Secret
from labkit.taskrouter.client import connect

NAME, ES = "TaskRouter Lab", {"selected_language": "es"}
LESSONS = ("02", "07", "08")


@pytest.fixture
def owner(sandbox: LocalSandbox) -> Any:
    """The SDK client of the account's owner."""
    return sandbox.client()


def new_lab(**settings: Any) -> Lab:
    return Lab(labkit.lab.runtime._of_lesson(labkit.settings.Settings.resolve(mode="twilio", yes=True, **settings)))


def torn_down(memory: AccountMemory, **options: Any) -> TeardownReport:
    """By a process that has no lab."""
    client = connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN))
    try:
        return teardown(memory, client, account="AC…1111", **options)
    finally:
        client.http_client.session.close()  # type: ignore[attr-defined]


def killed(lab: Lab) -> None:
    """End a lab's threads and sockets, and nothing else, as a kill does."""
    lab._routing.give_up = lambda: None  # type: ignore[method-assign]
    lab.stop()


def test_an_empty_account_is_empty_again(owner: Any, memory: AccountMemory) -> None:
    """With Tasks that wait, a Worker who is Available, and a lesson's Workspace."""
    before = whole_account(owner)
    with new_lab() as lab:
        lab.create_task(ES)
        lab.taskrouter.set_activity("Bob", "Available")
    for lesson in LESSONS:
        new_lab(lesson=lesson).stop()
    report = torn_down(memory)
    assert whole_account(owner) == before == "{}"
    assert [each.what for each in report.steps] == [
        "Workspace 'TaskRouter Lab'",
        "Workspace 'TaskRouter Lab: 02 assignment callback'",
        "Workspace 'TaskRouter Lab: 07 routing'",
        "Workspace 'TaskRouter Lab: 08 multitasking'",
    ]
    assert memory.workspaces() == ()


@pytest.fixture
def look_alikes(owner: Any) -> Any:
    """Workspaces of other people, whose names are nearly those of the lab's; each calls somebody."""
    workspaces = owner.taskrouter.v1.workspaces
    for name in ("taskrouter lab", "TaskRouter Lab ", "TaskRouter Lab: 02 Assignment Callback", "TaskRouter Lab 2"):
        made = workspaces.create(friendly_name=name, template="FIFO", event_callback_url="https://theirs.example/")
        inside = workspaces(made.sid)
        inside.workers.create(friendly_name="Alice", attributes='{"theirs":true}')
        inside.tasks.create(attributes="{}")
    return workspaces


def test_workspaces_that_look_alike_are_not_touched(owner: Any, look_alikes: Any, memory: AccountMemory) -> None:
    before = whole_account(owner)
    new_lab().stop()
    new_lab(lesson="02").stop()
    assert whole_account(owner) != before
    torn_down(memory)
    assert whole_account(owner) == before


@pytest.fixture
def theirs(owner: Any) -> Any:
    """A Workspace of the user's own by the lab's name: it has an Alice who is Available, a Workflow that calls somebody
    by the name of the quickstart's, a TaskQueue, a Task that waits, and an event callback URL with a password."""
    workspaces = owner.taskrouter.v1.workspaces
    made = workspaces.create(friendly_name=NAME, template="FIFO", multi_task_enabled=True)
    inside = workspaces(made.sid)
    inside.update(event_callback_url="https://ana:word@theirs.example/events?key=1", events_filter="task.created")
    available = next(each.sid for each in inside.activities.list() if each.friendly_name == "Available")
    inside.workers.create(friendly_name="Alice", attributes='{"skill":"chess"}', activity_sid=available)
    queue = inside.task_queues.list()[0].sid
    inside.workflows.create(
        friendly_name="Incoming Customer Care Requests",
        configuration=f'{{"task_routing":{{"default_filter":{{"queue":"{queue}"}}}}}}',
        assignment_callback_url="https://theirs.example/assign",
        fallback_assignment_callback_url="https://theirs.example/fallback",
        task_reservation_timeout=33,
    )
    return inside


def workflow_of(workspace: Any) -> str:
    return next(each.sid for each in workspace.workflows.list() if each.friendly_name.startswith("Incoming"))


def test_in_a_workspace_that_was_there_only_what_the_lab_made_goes(
    owner: Any, theirs: Any, memory: AccountMemory
) -> None:
    """The learner's own things stay: here a Worker whom they made with a line of their own."""
    changed = (theirs.fetch().sid, workflow_of(theirs))
    before = whole_account(owner, but=changed)
    with new_lab() as lab:
        assert lab.workflow_sid == changed[1]
        assert {each.name for each in lab.taskrouter.workers()} == {"Alice", "Bob"}
        mine = theirs.workers.create(friendly_name="Mine")
    report = torn_down(memory)
    theirs.workers(mine.sid).delete()
    assert whole_account(owner, but=changed) == before
    assert [(str(each.action), each.what) for each in report.steps] == [
        ("-", "TaskQueue 'Customer Care Requests - English'"),
        ("-", "TaskQueue 'Customer Care Requests - Spanish'"),
        ("-", "Worker 'Bob'"),
    ]


def test_a_teardown_after_a_kill_has_those_called_who_were_called_before(
    owner: Any, theirs: Any, memory: AccountMemory
) -> None:
    changed = (theirs.fetch().sid, workflow_of(theirs))
    before = whole_account(owner, but=changed)
    for _ in range(2):
        killed(new_lab())
    report = torn_down(memory)
    assert whole_account(owner, but=changed) == before
    told = str(report)
    assert "~ assignment callback URL of Workflow 'Incoming Customer Care Requests': http://127.0.0.1:" in told
    assert "→ https://ana:•••@theirs.example/events?key=1" in told


def test_a_lessons_workspace_that_was_there_is_set_back(owner: Any, memory: AccountMemory) -> None:
    """Somebody made it, with another learner's lab, and changed in it what the lesson needs."""
    new_lab(lesson="08").stop()
    memory.path.unlink()
    [found] = owner.taskrouter.v1.workspaces.list()
    spoilt(owner.taskrouter.v1.workspaces(found.sid))
    before = without_dates(whole_account(owner))
    new_lab(lesson="08").stop()
    assert without_dates(whole_account(owner)) != before
    report = torn_down(memory)
    assert without_dates(whole_account(owner)) == before
    assert {"attributes", "task_reservation_timeout", "capacity"} <= {each.what.split(" ")[0] for each in report.steps}


def spoilt(inside: Any) -> str:
    """Change what the lesson needs; the SID of the Workflow."""
    worker, workflow, queue = inside.workers.list()[0], inside.workflows.list()[0], inside.task_queues.list()[0]
    inside.workers(worker.sid).update(attributes='{"own":1}')
    channels = inside.workers(worker.sid).worker_channels
    channels(channels.list()[0].sid).update(capacity=7)
    inside.workflows(workflow.sid).update(task_reservation_timeout=44)
    inside.task_queues(queue.sid).update(target_workers="own == 1")
    return str(workflow.sid)


def without_dates(account: str) -> list[str]:
    """Whatever is set and set back was updated."""
    return [line for line in account.splitlines() if '"date_updated"' not in line]


def test_what_somebody_changed_since_is_left_and_named(owner: Any, memory: AccountMemory) -> None:
    new_lab(lesson="08").stop()
    memory.path.unlink()
    [found] = owner.taskrouter.v1.workspaces.list()
    inside = owner.taskrouter.v1.workspaces(found.sid)
    workflow = spoilt(inside)
    new_lab(lesson="08").stop()
    inside.workflows(workflow).update(task_reservation_timeout=45)
    report = torn_down(memory)
    assert inside.workflows(workflow).fetch().task_reservation_timeout == 45
    assert "Somebody has changed it since the lab did: it is 45, and was 44 before." in str(report)


def test_the_dry_run_lists_what_is_then_done_and_touches_nothing(
    owner: Any, theirs: Any, memory: AccountMemory, twilio: StandIn
) -> None:
    killed(new_lab())
    new_lab(lesson="07").stop()
    before, asked = whole_account(owner), len(twilio.asked)
    planned = torn_down(memory, dry_run=True)
    assert {each.method for each in twilio.asked[asked:]} == {"GET"}
    assert whole_account(owner) == before
    done = torn_down(memory)
    assert planned.steps == done.steps
    assert "What a teardown does in the account AC…1111: 4 removed, 2 set back." in planned.headline
    assert "Taken down in the account AC…1111: 4 removed, 2 set back." in done.headline


def test_where_nothing_is_left_a_teardown_says_so(memory: AccountMemory, twilio: StandIn) -> None:
    memory.allow(NAME)
    report = torn_down(memory)
    assert str(report) == "There is nothing to take down in the account AC…1111: all that the lab made there is gone."
    assert memory.workspaces() == ()
    assert [each.method for each in twilio.asked if each.method != "GET"] == []


def test_what_somebody_deleted_meanwhile_is_no_error(owner: Any, theirs: Any, memory: AccountMemory) -> None:
    """A Workspace that the lab made, and in one that was there a Worker."""
    new_lab().stop()
    new_lab(lesson="07").stop()
    workspaces = owner.taskrouter.v1.workspaces
    workspaces(next(each.sid for each in workspaces.list() if "07" in each.friendly_name)).delete()
    theirs.workers(next(each.sid for each in theirs.workers.list() if each.friendly_name == "Bob")).delete()
    report = torn_down(memory)
    assert [each.what.split(" ")[0] for each in report.steps] == ["TaskQueue", "TaskQueue"]
    assert memory.workspaces() == ()
    theirs.delete()
    assert whole_account(owner) == "{}"


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_refusal_in_the_middle_is_told_and_the_next_goes_on_there(
    owner: Any, theirs: Any, memory: AccountMemory, twilio: StandIn, status: int
) -> None:
    new_lab().stop()
    new_lab(lesson="07").stop()
    twilio.plant(status, message="Not now", path="/Workers/", method="DELETE")
    with pytest.raises(TaskRouterError, match=r"2 of 4 steps of the teardown were done by then; run it again"):
        torn_down(memory)
    assert [each.name for each in memory.workspace(NAME).made] == ["Bob"]
    twilio.forget_planted()
    report = torn_down(memory)
    assert [each.what for each in report.steps] == ["Worker 'Bob'", "Workspace 'TaskRouter Lab: 07 routing'"]
    assert memory.workspaces() == ()


def test_what_others_need_stays_and_says_why(owner: Any, theirs: Any, memory: AccountMemory) -> None:
    """The learner's Workflow leads to a TaskQueue of the lab's; when it is gone, the next teardown removes that."""
    new_lab().stop()
    queue = next(each.sid for each in theirs.task_queues.list() if each.friendly_name.endswith("Spanish"))
    mine = theirs.workflows.create(
        friendly_name="Mine", configuration=f'{{"task_routing":{{"default_filter":{{"queue":"{queue}"}}}}}}'
    )
    report = torn_down(memory)
    assert [each.what.split(",")[0] for each in report.left] == ["TaskQueue 'Customer Care Requests - Spanish'"]
    assert "Workflow Mine" in report.left[0].why
    assert [each.what for each in report.steps][-1] == "Worker 'Bob'"
    again = str(torn_down(memory))
    assert again.startswith("Nothing was taken down in the account AC…1111.\n")
    assert "! TaskQueue 'Customer Care Requests - Spanish'" in again
    doubtful = TeardownReport(account="AC…1111", left=(LeftResource(what="Worker 'Bob'", why="It may be yours."),))
    assert doubtful.headline == "A teardown takes nothing down in the account AC…1111."
    theirs.workflows(mine.sid).delete()
    assert [each.sid for each in torn_down(memory).steps] == [queue]
    assert memory.workspaces() == ()


def test_tasks_of_the_labs_workflow_go_with_it(owner: Any, memory: AccountMemory) -> None:
    """A Workspace that was there, without the quickstart's Workflow: the lab's own has Tasks of every status."""
    workspaces = owner.taskrouter.v1.workspaces
    sid = workspaces.create(friendly_name=NAME, multi_task_enabled=True).sid
    before = whole_account(owner, but=(sid,))
    with new_lab() as lab:
        lab.taskrouter.set_activity("Alice", "Available")
        lab.answer_with("accept")
        for _ in range(3):
            lab.create_task(ES)
        lab.taskrouter.cancel(lab.create_task({"selected_language": "en"}).sid)
    report = torn_down(memory)
    assert str(report.steps[0].what) == "the 4 Tasks of Workflow 'Incoming Customer Care Requests'"
    assert whole_account(owner, but=(sid,)) == before


def test_a_damaged_memory_is_named_and_nothing_is_touched(
    owner: Any, memory: AccountMemory, twilio: StandIn, own_environment: Path
) -> None:
    new_lab().stop()
    before = whole_account(owner)
    memory.path.write_text("{")
    with pytest.raises(labkit.LabError, match="is damaged"):
        torn_down(memory)
    assert whole_account(owner) == before
