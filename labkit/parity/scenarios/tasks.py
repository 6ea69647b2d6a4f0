"""The life of a Task: what may be asked of it, how it ends, and to whom it is routed without a Workflow."""

from __future__ import annotations

from labkit import limits
from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import (
    REFUSED,
    accept,
    configuration,
    everybody,
    filtered,
    queue,
    reserved,
    target,
    task,
    worker,
    workflow,
)

_LIFE = "Task: life cycle | "
_TOMORROW, _LONG_AGO = "2100-01-01T00:00:00Z", "1899-01-01T00:00:00Z"


@scenario("What a Task cannot be, and what it may do without")
def task_refusals(play: ScenarioPlayer) -> None:
    """Statuses, times, and a Workflow that leads it nowhere."""
    everybody(play)
    task(play)
    for status in ("pending", "reserved", "assigned"):
        play.post(f"an update to {status}", "Tasks/{task}", AssignmentStatus=status).settles(
            f"{_LIFE}pending, reserved, assigned by an update", **REFUSED
        )
    start = f"{_LIFE}VirtualStartTime: for the order only, never in the future or before 1900"
    play.post("begun tomorrow", "Tasks", VirtualStartTime=_TOMORROW).settles(start, **REFUSED)
    play.post("begun in 1899", "Tasks", VirtualStartTime=_LONG_AGO).settles(start, **REFUSED)
    only = f"{_LIFE}WorkflowSid may be left out where there is one Workflow"
    play.post("without a Workflow, where there is one", "Tasks", Attributes="{}").settles(only, status=201)
    filters = [filtered('type == "a"', target(play["queue"]))]
    workflow(play, "strict", Configuration=configuration(filters))
    play.post("without a Workflow, where there are two", "Tasks", Attributes="{}").settles(only, status=400)
    nowhere = f"{_LIFE}No filter matches a new Task, and there is no default filter: refused in Twilio's words"
    play.post("one that no filter matches", "Tasks", WorkflowSid=play["strict"], Attributes="{}").settles(
        nowhere, **REFUSED
    )
    play.get("the Tasks that there are", "Tasks").shows(nowhere, {"count": 2})


@scenario("Ends without a reason, and a reason that is kept")
def reasons(play: ScenarioPlayer) -> None:
    """Wrapping up, completion and cancellation."""
    reserved(play)
    accept(play)
    kept = f"{_LIFE}Reason together with the status wrapping"
    play.post("wrapping up, with a reason", "Tasks/{task}", AssignmentStatus="wrapping", Reason="hung up").settles(
        kept, reason="hung up"
    )
    optional = f"{_LIFE}Reason of a completion or cancellation"
    play.post("the completion, without one", "Tasks/{task}", AssignmentStatus="completed").settles(
        kept, status=200, reason="hung up"
    ).settles(optional, status=200)
    play.events("its Events", TaskSid=play["task"], until="task.completed").shows(
        "Event callbacks | Order of the events of one life",
        {
            "types": [
                "task.created", "workflow.entered", "workflow.target-matched", "task-queue.entered",
                "reservation.created", "reservation.accepted", "reservation.wrapup", "task.wrapup",
                "reservation.completed", "task.completed",
            ]
        },
    )  # fmt: skip
    play.events("all Events of a Workspace without a URL").shows(
        "Event callbacks | All events are kept, with or without a URL", {"events[task.created]": "task.created"}
    )
    play.post("unavailable", "Workers/{Alice}", ActivitySid=play["Offline"])
    task(play, "other")
    play.post("the cancellation, without one", "Tasks/{other}", AssignmentStatus="canceled").settles(
        optional, status=200
    )


@scenario("A Task whose time runs out", seconds=12)
def time_to_live(play: ScenarioPlayer) -> None:
    """Ten seconds of it."""
    everybody(play)
    task(play, Timeout=10)
    play.pass_time(12)
    most = limits.DEFAULT_TASK_TIMEOUT_SECONDS
    lives = f"{_LIFE}Time to live: {most:,} s unless given, counted until assigned"
    play.field("the Task is canceled", "Tasks/{task}", assignment_status="canceled").settles(
        lives, reason="Task TTL Exceeded or Max assignment count exceeded"
    )
    play.events("its Events", TaskSid=play["task"], until="task.canceled").shows(
        lives, {"events[task.canceled].description": "Task TTL Exceeded"}
    )


@scenario("When a Task is gone after its end", seconds=310)
def removal(play: ScenarioPlayer) -> None:
    """Five minutes, which an account takes as well."""
    everybody(play)
    task(play)
    play.post("the cancellation", "Tasks/{task}", AssignmentStatus="canceled")
    gone = f"{_LIFE}Gone after its end"
    play.pass_time(290)
    play.get("after 290 s", "Tasks/{task}").settles(gone, status=200)
    play.pass_time(20)
    play.get("after 310 s", "Tasks/{task}").settles(gone, status=404)


@scenario("The Priority of a Task, and of the target that it is in", seconds=12)
def priority(play: ScenarioPlayer) -> None:
    """It is updated in a target that has one."""
    queue(play)
    queue(play, "second")
    filters = [filtered("1==1", target(play["queue"], priority=10, timeout=10), target(play["second"]))]
    workflow(play, Configuration=configuration(filters))
    task(play)
    yields = f"{_LIFE}An update of Priority yields to the Priority of the target that the Task is in"
    play.post("another Priority", "Tasks/{task}", Priority=50).settles(yields, status=200, priority=10)
    play.pass_time(12)
    play.field("in the next target", "Tasks/{task}", task_queue_sid=play["second"])


@scenario("A Task that is routed to a Worker who does not take it", seconds=14)
def routing_target(play: ScenarioPlayer) -> None:
    """Rejected, timed out, deleted; with and without capacity."""
    everybody(play)
    worker(play)
    play.post("a Reservation timeout of 10 s", "Workflows/{workflow}", TaskReservationTimeout=10)
    canceled = (
        f"{_LIFE}RoutingTarget a Worker who does not accept: the Task is canceled, and the reason names the Worker"
    )
    task(play, RoutingTarget=play["Alice"], WorkflowSid=play["workflow"])
    play.reservation("reservation")
    play.post("the rejection", "Tasks/{task}/Reservations/{reservation}", ReservationStatus="rejected")
    play.field("after the rejection", "Tasks/{task}", assignment_status="canceled").settles(canceled, came=True)
    task(play, "second", RoutingTarget=play["Alice"], WorkflowSid=play["workflow"])
    play.reservation("second reservation", task="second")
    play.pass_time(12)
    play.field("after the timeout", "Tasks/{second}", assignment_status="canceled").settles(canceled, came=True)
    play.get("the Reservation that timed out", "Tasks/{second}/Reservations/{second reservation}").settles(
        f"{_LIFE}RoutingTarget with a Workflow", reservation_status="timeout"
    )
    play.post("available again", "Workers/{Alice}", ActivitySid=play["Available"])
    task(play, "patient", RoutingTarget=play["Alice"], IgnoreCapacity="false")
    play.reservation("patient reservation", task="patient")
    play.post("a second rejection", "Tasks/{patient}/Reservations/{patient reservation}", ReservationStatus="rejected")
    play.reservation("offered again", task="patient").settles(canceled, came=True)
    play.post("unavailable", "Workers/{Alice}", ActivitySid=play["Offline"], RejectPendingReservations="true")
    play.pass_time(2)
    play.get("the Task that waits", "Tasks/{patient}").settles(canceled, assignment_status="pending")
    play.delete("the Worker is deleted", "Workers/{Alice}")
    play.field("the Task of a Worker who is gone", "Tasks/{patient}", assignment_status="canceled").settles(
        f"{_LIFE}RoutingTarget a Worker who is deleted: canceled", came=True
    )
