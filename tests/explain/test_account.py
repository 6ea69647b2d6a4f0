"""An account read over REST: the sandbox plays the account, and knows what the right answer is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.local import LocalSandbox

from labkit.engine.commands import TransferTask
from labkit.errors import TaskRouterError
from labkit.explain import Explainer, Explanation
from labkit.explain.account import UNKNOWN
from labkit.vocabulary import Sid, TransferMode


def askers(centre: CallCentre) -> tuple[Explainer, Explainer]:
    """Who asks the sandbox, and who reads it like an account."""
    return (
        Explainer(centre.client, centre.sid, sandbox=True),
        Explainer(centre.client, centre.sid, sandbox=False),
    )


def both(centre: CallCentre, task: Any = None) -> tuple[Explanation, Explanation]:
    """The sandbox's own answer, and the one worked out from REST."""
    ours, account = askers(centre)
    return ours.explain(task), account.explain(task)


@pytest.fixture
def stepped(centre: CallCentre) -> CallCentre:
    """Two filters, targets with limits, Workers of every kind."""
    queue = centre.workspace.task_queues.create(friendly_name="Spanish", target_workers='languages HAS "es"')
    filters = [
        {"filter_friendly_name": "Spanish", "expression": 'lang == "es"', "targets": [
            {"queue": queue.sid, "timeout": 30, "expression": "worker.level >= task.need", "order_by": "worker.level"},
            {"queue": centre.queue_sid, "timeout": 40, "skip_if": "workers.available > 90"},
            {"queue": queue.sid},
        ]},
        {"expression": "kind == 1", "targets": [{"queue": centre.queue_sid}]},
    ]  # fmt: skip
    configuration = {"task_routing": {"filters": filters, "default_filter": {"queue": centre.queue_sid}}}
    centre.workspace.workflows(centre.workflow_sid).update(configuration=json.dumps(configuration))
    centre.add_worker("Bob", attributes={"languages": ["en"], "level": 9})
    centre.add_worker("Carla", available=True, attributes={"languages": ["es"], "level": 1})
    centre.add_worker("Dan", attributes={"languages": ["es"], "level": 8})
    return centre


@pytest.mark.parametrize("age", [0, 31, 75])
def test_a_waiting_task_is_explained_as_the_sandbox_does(sandbox: LocalSandbox, stepped: CallCentre, age: int) -> None:
    """Filter by filter, target by target, Worker by Worker: in each target that the Task waits in."""
    carla = next(w for w in stepped.workspace.workers.list() if w.friendly_name == "Carla")
    channel = next(
        c
        for c in stepped.workspace.workers(carla.sid).worker_channels.list()
        if c.task_channel_unique_name == "default"
    )
    stepped.workspace.workers(carla.sid).worker_channels(channel.sid).update(capacity=0)
    stepped.add_task(attributes=json.dumps({"lang": "es", "need": 5}), priority=3)
    task = stepped.add_task(attributes=json.dumps({"lang": "es", "need": 5}))
    sandbox.advance(age)
    ours, account = both(stepped, task.sid)

    for part in ("headline", "task", "filters", "targets", "ahead_count", "tally", "notes"):
        assert getattr(account.findings, part) == getattr(ours.findings, part), part
    told = [{w.name: w.reasons for w in each.findings.workers} for each in (ours, account)]
    assert told[0] == told[1]
    assert account.suggestions == ours.suggestions
    assert [s.text for s in account.findings.history] == [s.text for s in ours.findings.history]
    assert set(UNKNOWN) <= set(account.findings.unknown)


def test_capacity_follows_from_the_free_share(centre: CallCentre) -> None:
    """REST gives a percentage, rounded down."""
    centre.switch(centre.alice_sid, "Available")
    channels = centre.workspace.workers(centre.alice_sid).worker_channels
    default = next(c for c in channels.list() if c.task_channel_unique_name == "default")
    channels(default.sid).update(capacity=3)
    for _ in range(3):
        centre.add_task()
    waiting = centre.add_task()
    ours, account = both(centre, waiting)

    assert "3 of 3 taken" in ours.headline
    assert "3 of 3 taken" in account.headline
    assert account.suggestions[1:] == ours.suggestions[1:]


def test_an_account_does_not_say_which_tasks_a_worker_has(centre: CallCentre) -> None:
    """So the advice is to complete any of them."""
    centre.switch(centre.alice_sid, "Available")
    centre.add_task()
    ours, account = both(centre, centre.add_task())

    assert ours.suggestions[0].startswith("Accept and complete Task WT…")
    assert account.suggestions[0] == "Complete a Task of Alice, or wait until that is done."


def test_single_tasking_is_one_task_at_a_time(sandbox: LocalSandbox) -> None:
    """Whatever the channels say; which Task it is, the sandbox knows alone."""
    centre = build(sandbox.client(), multi_task_enabled=False)
    centre.switch(centre.alice_sid, "Available")
    centre.add_task(task_channel="voice")
    waiting = centre.add_task(task_channel="chat")
    ours, account = both(centre, waiting)

    assert [each.findings.tally for each in (ours, account)] == [ours.findings.tally] * 2
    for each in (ours, account):
        (alice,) = each.findings.workers
        assert "in single tasking a Worker has one Task at a time" in alice.reasons[0].text
    assert account.suggestions == ("Complete a Task of Alice, or wait until that is done.",)


def test_an_older_configuration_is_noticed(centre: CallCentre) -> None:
    """The Task waits where the Workflow does not lead any more."""
    task = centre.add_task()
    other = centre.workspace.task_queues.create(friendly_name="Other")
    configuration = {"task_routing": {"default_filter": {"queue": other.sid}}}
    centre.workspace.workflows(centre.workflow_sid).update(configuration=json.dumps(configuration))
    ours, account = both(centre, task)

    assert account.headline == ours.headline
    assert account.findings.notes == ours.findings.notes
    assert "ReEvaluateTasks" in account.findings.notes[0]


def test_a_reserved_and_a_finished_task(centre: CallCentre) -> None:
    """Why this Worker, and how it came about."""
    task, reservation = centre.reserved_task()
    for status, step in (("reserved", "accepted"), ("assigned", "completed"), ("completed", None)):
        ours, account = both(centre, task)
        assert account.findings.task.status == ours.findings.task.status == status
        assert account.headline == ours.headline
        assert account.findings.choices[0].because == ours.findings.choices[0].because
        if step:
            reservations = centre.workspace.tasks(task.sid).reservations
            reservations(reservation.sid).update(reservation_status=step)


@pytest.mark.parametrize("to", ["Bob", "Billing"])
@pytest.mark.parametrize("ending", ["", "accepted", "rejected"])
def test_a_task_that_is_handed_over(sandbox: LocalSandbox, centre: CallCentre, to: str, ending: str) -> None:
    """REST knows no transfers; what the log says of them is enough for the same answer."""
    task, mine = centre.reserved_task()
    centre.workspace.tasks(task.sid).reservations(mine.sid).update(reservation_status="accepted")
    bob = centre.add_worker("Bob", available=True, attributes={"team": "billing"})
    queue = centre.workspace.task_queues.create(friendly_name="Billing", target_workers='team == "billing"')
    sandbox.advance(3)
    command = TransferTask(
        workspace_sid=centre.sid, worker_sid=centre.alice_sid, reservation_sid=mine.sid, task_sid=task.sid,
        to={"Bob": bob, "Billing": queue}[to].sid, mode=TransferMode.COLD,
    )  # fmt: skip
    sandbox.ask(sandbox.service.execute(command, lambda _: None))
    sandbox.advance(3)
    if ending:
        offered = centre.reservations(task.sid)[-1]
        centre.workspace.workers(bob.sid).reservations(offered.sid).update(
            reservation_status=ending,
            **({"worker_activity_sid": centre.activities["Offline"]} if to == "Billing" else {}),
        )
    ours, account = both(centre, task)

    assert "Alice" in ours.headline
    for part in ("headline", "notes", "choices", "history", "targets"):
        assert getattr(account.findings, part) == getattr(ours.findings, part), part
    told = [{w.name: [r.kind for r in w.reasons] for w in each.findings.workers} for each in (ours, account)]
    assert told[0] == told[1]


def test_a_direct_task(centre: CallCentre) -> None:
    """Sent to a Worker, past the Workflow."""
    task = centre.add_task(routing_target=centre.alice_sid, ignore_capacity=False)
    ours, account = both(centre, task)

    assert account.headline == ours.headline
    assert account.findings.filters == ()


def test_the_newest_task_is_meant_when_none_is_named(sandbox: LocalSandbox, centre: CallCentre) -> None:
    """By its creation."""
    centre.add_task()
    sandbox.advance(1)
    newest = centre.add_task()

    assert [e.findings.task.sid for e in both(centre)] == [newest.sid, newest.sid]


@pytest.mark.parametrize("sandbox_mode", [True, False])
@pytest.mark.parametrize(
    ("task", "words"),
    [(None, "There is no Task"), ("WR1", "is not the SID of a Task"), (Sid.TASK + "0" * 32, "404")],
)
def test_what_cannot_be_explained_is_a_sentence(
    centre: CallCentre, *, sandbox_mode: bool, task: str | None, words: str
) -> None:
    """No Task yet, no Task's SID, no such Task."""
    with pytest.raises(TaskRouterError, match=words):
        Explainer(centre.client, centre.sid, sandbox=sandbox_mode).explain(task)


def test_both_look_through_a_workspace_alike(centre: CallCentre) -> None:
    """The linter needs no more than what REST tells."""
    centre.workspace.task_queues.create(friendly_name="Spanish", target_workers='languages == "es"')
    centre.add_task(attributes='{"a-b": 1}')
    ours, account = askers(centre)

    assert account.lint() == ours.lint()
    assert {w.rule for w in ours.lint().warnings} >= {"scalar-on-list", "hyphen-in-name"}
