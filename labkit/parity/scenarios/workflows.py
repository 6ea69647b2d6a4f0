"""Workflows: their document, their time limits, skip_if, known Workers, and what a change of one does."""

from __future__ import annotations

import json
from typing import Any

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import (
    REFUSED,
    accept,
    configuration,
    filtered,
    queue,
    target,
    task,
    worker,
    workflow,
)

_FLOWS = "Workflows | "
_NOBODY = "1==2"


@scenario("Configurations that are broken, each in its way")
def broken_configurations(play: ScenarioPlayer) -> None:
    """The code and the message of each."""
    queue(play)
    shape = f"{_FLOWS}The document's shape, old keys and numbers in quotes"
    broken = f"{_FLOWS}A broken configuration"

    def create(name: str, document: Any, choice: str) -> None:
        text = document if isinstance(document, str) else json.dumps(document)
        play.post(name, "Workflows", FriendlyName=name, Configuration=text).settles(choice, **REFUSED)

    create("without task_routing", {"filters": []}, shape)
    create("no JSON", "{", broken)
    create("no object", "[]", broken)
    create("a TaskQueue that there is not", configuration(default=f"WQ{'0' * 32}"), broken)
    create("a filter without an expression", configuration([{"targets": [{"queue": play["queue"]}]}]), broken)
    create("an expression that is none", configuration([filtered("a ==", target(play["queue"]))]), broken)
    create("a target without a TaskQueue", configuration([filtered("1==1", {"timeout": 10})]), broken)
    create("a timeout below zero", configuration([filtered("1==1", target(play["queue"], timeout=-1))]), broken)


@scenario("A Task that runs out of its targets", seconds=36)
def out_of_targets(play: ScenarioPlayer) -> None:
    """A later filter matches too; in the end it falls out, with its reason."""
    queue(play, workers=_NOBODY)
    queue(play, "later", workers=_NOBODY)
    filters = [
        filtered("1==1", target(play["queue"], timeout=10), name="first"),
        filtered("2==2", target(play["later"], timeout=20), name="second"),
    ]
    workflow(play, Configuration=configuration(filters))
    task(play)
    play.pass_time(12)
    play.field("in the next filter that matches", "Tasks/{task}", task_queue_sid=play["later"]).settles(
        f"{_FLOWS}After the last target", came=True
    )
    play.pass_time(24)
    fallen = f"{_FLOWS}Fallen out: canceled"
    play.field("fallen out", "Tasks/{task}", assignment_status="canceled").settles(
        fallen, reason="Task fell out of Workflow"
    )
    play.events("its Events", TaskSid=play["task"], until="task.canceled").shows(
        "Event types | `workflow.timeout`", {"events[workflow.timeout].description": "Task fell out of Workflow"}
    ).shows(
        "Event types | `workflow.target-matched`",
        {
            "events[workflow.target-matched].workflow_filter_name": "first",
            "events[workflow.target-matched].workflow_filter_target_name": "queue",
        },
    )


@scenario("A Reservation that times out before its target does", seconds=22)
def time_limits(play: ScenarioPlayer) -> None:
    """The Task stays while its age is below the target's timeout."""
    queue(play)
    queue(play, "second", workers=_NOBODY)
    filters = [filtered("1==1", target(play["queue"], timeout=20), target(play["second"]))]
    workflow(play, Configuration=configuration(filters), TaskReservationTimeout=10)
    worker(play)
    task(play)
    play.reservation("reservation")
    play.pass_time(11)
    play.field("the Reservation timed out", "Tasks/{task}", assignment_status="pending").settles(
        f"{_FLOWS}Time limits add up, by the Task's age", task_queue_sid="{queue}"
    )
    play.get("the Reservation", "Tasks/{task}/Reservations/{reservation}").settles(
        "Reservation: life cycle | canceled: the Task was canceled, or nobody answered the callback",
        reservation_status="timeout",
    )
    play.pass_time(11)
    play.field("in the next target", "Tasks/{task}", task_queue_sid=play["second"])
    play.events("its Events", TaskSid=play["task"])


@scenario("A target's timeout of 0", seconds=10)
def timeout_of_zero(play: ScenarioPlayer) -> None:
    """It is the only target, and nobody is there."""
    queue(play, workers=_NOBODY)
    zero = f"{_FLOWS}A target's timeout of 0"
    filters = [filtered("1==1", target(play["queue"], timeout=0))]
    play.post("the Workflow", "Workflows", FriendlyName="zero", Configuration=configuration(filters)).settles(
        zero, status=201
    )
    task(play)
    play.pass_time(10)
    play.get("the Task afterwards", "Tasks/{task}").settles(zero, assignment_status="pending")


@scenario("skip_if that takes a Task out of everything")
def skipped_out(play: ScenarioPlayer) -> None:
    """Its only target is skipped."""
    queue(play)
    filters = [filtered("1==1", target(play["queue"], skip_if="workers.available == 0"))]
    workflow(play, Configuration=configuration(filters))
    task(play)
    play.field("skipped out", "Tasks/{task}", assignment_status="canceled")
    play.events("its Events", TaskSid=play["task"], until="task.canceled").shows(
        f"{_FLOWS}Skipped out of everything", {"events[workflow.skipped]": "workflow.skipped"}
    ).shows(
        "Event types | `workflow.skipped`",
        {"events[workflow.skipped].description": "Task was skipped out of Workflow"},
    )


@scenario("skip_if of the first target, and of the last after a wait", seconds=34)
def skipped_on(play: ScenarioPlayer) -> None:
    """The time of a target that is skipped does not count; who has waited is not taken by the default filter."""
    queue(play)
    queue(play, "second", workers=_NOBODY)
    nobody = "workers.available == 0"
    first_skipped = filtered(
        'way == "first"', target(play["queue"], timeout=60, skip_if=nobody), target(play["second"], timeout=10)
    )
    last_skipped = filtered('way == "last"', target(play["second"], timeout=10), target(play["queue"], skip_if=nobody))
    workflow(play, Configuration=configuration([first_skipped, last_skipped], default=play["second"]))
    task(play, "first", attributes={"way": "first"})
    play.get("led on at once", "Tasks/{first}").settles(f"{_FLOWS}Skipped targets and time", status=200)
    play.events("what its creation says", TaskSid=play["first"], until="task-queue.entered").shows(
        "Event types | `task.created`", {"events[task.created].task_queue_name": "queue"}
    )
    play.pass_time(12)
    play.field("out of the second target", "Tasks/{first}", task_queue_sid=play["second"])
    play.events("its Events", TaskSid=play["first"], until="workflow.timeout").shows(
        f"{_FLOWS}Skipped targets and time", {"events[workflow.timeout]": "workflow.timeout"}
    )
    task(play, "last", attributes={"way": "last"})
    play.pass_time(22)
    play.field("skipped out of the last", "Tasks/{last}", assignment_status="canceled").settles(
        f"{_FLOWS}Skipped out of the last target after waiting in an earlier one", came=True
    )


@scenario("skip_if when the only Worker is reserved, and rejects")
def skip_if_reserved(play: ScenarioPlayer) -> None:
    """It is looked at again when the Reservation ends."""
    queue(play)
    queue(play, "second", workers=_NOBODY)
    filters = [filtered("1==1", target(play["queue"], skip_if="workers.available == 0"), target(play["second"]))]
    workflow(play, Configuration=configuration(filters))
    worker(play)
    task(play)
    play.reservation("reservation")
    play.post(
        "the rejection, unavailable",
        "Tasks/{task}/Reservations/{reservation}",
        ReservationStatus="rejected",
        WorkerActivitySid=play["Offline"],
    )
    play.field("in the next target", "Tasks/{task}", task_queue_sid=play["second"]).settles(
        f"{_FLOWS}skip_if: when nobody can be reserved at once", came=True
    )


@scenario("A known Worker, and one who is unknown", seconds=12)
def known_workers(play: ScenarioPlayer) -> None:
    """Through such a target, and on to one without."""
    queue(play)
    queue(play, "second", workers=_NOBODY)
    known = target(play["queue"], timeout=10, known_worker_friendly_name="task.whom")
    workflow(play, Configuration=configuration([filtered("1==1", known, target(play["second"]))]))
    worker(play, ActivitySid=play["Offline"])
    task(play, attributes={"whom": "Alice"})
    task(play, "unknown", attributes={"whom": "Nobody"})
    play.get("who is unknown waits", "Tasks/{unknown}").settles(
        f"{_FLOWS}Alerts 40152, 40154, 40155 for a known Worker", assignment_status="pending"
    )
    play.alerts("the alerts of both").settles(f"{_FLOWS}Alerts 40152, 40154, 40155 for a known Worker", codes=[40154])
    play.pass_time(12)
    play.field("in the next target", "Tasks/{task}", task_queue_sid=play["second"])
    play.events("its Events", TaskSid=play["task"], until="task-queue.moved").shows(
        f"{_FLOWS}Events made by known-agent routing carry `known_worker_sid`",
        {"events[workflow.target-matched].known_worker_sid": "{Alice}"},
    )
    play.events("the Events of the other", TaskSid=play["unknown"], until="task-queue.moved").shows(
        f"{_FLOWS}Events made by known-agent routing carry `known_worker_sid`",
        {"events[workflow.target-matched].known_worker_sid": "(absent)"},
    )


@scenario("A Workflow and attributes that change under a Task")
def changes_underneath(play: ScenarioPlayer) -> None:
    """ReEvaluateTasks while it is reserved, and attributes that no filter matches."""
    queue(play)
    queue(play, "second", workers=_NOBODY)
    by_kind = [filtered('kind == "a"', target(play["queue"])), filtered('kind == "b"', target(play["second"]))]
    workflow(play, Configuration=configuration(by_kind))
    worker(play)
    task(play, attributes={"kind": "a"})
    play.reservation("reservation")
    moved = [filtered("1==1", target(play["second"]))]
    play.post(
        "the Workflow changes", "Workflows/{workflow}", Configuration=configuration(moved), ReEvaluateTasks="true"
    )
    stays = f"{_FLOWS}Reserved Tasks and ReEvaluateTasks"
    play.get("while it is reserved", "Tasks/{task}").settles(stays, task_queue_sid="{queue}")
    play.post(
        "the rejection",
        "Tasks/{task}/Reservations/{reservation}",
        ReservationStatus="rejected",
        WorkerActivitySid=play["Offline"],
    )
    play.field("after the Reservation", "Tasks/{task}", assignment_status="pending").settles(
        stays, task_queue_sid="{queue}"
    )
    play.post("the Workflow as it was", "Workflows/{workflow}", Configuration=configuration(by_kind))
    task(play, "other", attributes={"kind": "a"})
    play.post("another filter matches", "Tasks/{other}", Attributes='{"kind": "b"}')
    play.field("moved", "Tasks/{other}", task_queue_sid=play["second"])
    play.events("the Events of the move", TaskSid=play["other"], until="task-queue.moved").shows(
        "Event types | `workflow.entered`", {"events[workflow.entered]": "workflow.entered"}
    )
    nowhere = f"{_FLOWS}Changed Task attributes that no filter matches, without a default filter"
    play.post("no filter matches", "Tasks/{other}", Attributes='{"kind": "c"}').settles(
        nowhere, status=200, task_queue_sid="{second}"
    )


@scenario("Who is asked: idle times, order_by, and TaskQueues that compete", seconds=3)
def who_is_asked(play: ScenarioPlayer) -> None:
    """Among two Workers, by one and by two TaskQueues."""
    queue(play)
    queue(play, "second")
    ordered = filtered('way == "ordered"', target(play["queue"], order_by="worker.level"))
    second = filtered('way == "second"', target(play["second"]))
    workflow(play, Configuration=configuration([ordered, second], default=play["queue"]))
    worker(play, attributes={"level": 5})
    play.pass_time(1.1)
    worker(play, "Bob", attributes={"level": 1})
    play.post("Alice leaves", "Workers/{Alice}", ActivitySid=play["Offline"])
    play.pass_time(1.1)
    play.post("Alice is back", "Workers/{Alice}", ActivitySid=play["Available"])
    task(play)
    play.reservation("reservation").shows("Who gets what | The longest idle Worker", {"answer.worker_sid": "{Alice}"})
    accept(play)
    play.post("the completion", "Tasks/{task}", AssignmentStatus="completed")
    task(play, "ordered", attributes={"way": "ordered"})
    play.reservation("by order", task="ordered").shows("Who gets what | order_by", {"answer.worker_sid": "{Bob}"})
    accept(play, "by order", task="ordered")
    play.post("the completion of the second", "Tasks/{ordered}", AssignmentStatus="completed")
    for each in ("Alice", "Bob"):
        play.post(f"{each} leaves for a while", f"Workers/{{{each}}}", ActivitySid=play["Offline"])
    task(play, "older", attributes={"way": "second"})
    play.pass_time(1.1)
    task(play, "younger")
    play.post("Bob is back", "Workers/{Bob}", ActivitySid=play["Available"])
    play.reservation("the first of both", task="older").settles("Who gets what | Several queues of one kind", came=True)
