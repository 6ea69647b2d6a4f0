"""What each resource takes, refuses and says of itself."""

from __future__ import annotations

from typing import Any

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import REFUSED, accept, everybody, queue, reserved, task, worker, workflow
from labkit.parity.step_answer import StepAnswer

_RES = "Resources | "


@scenario("What a Workspace of the FIFO template has in it", template="FIFO")
def fifo_template(play: ScenarioPlayer) -> None:
    """The names of its TaskQueue and its Workflow."""
    template = f"{_RES}Template FIFO"
    play.get("the TaskQueues", "TaskQueues").shows(template, {"answer.task_queues.0.friendly_name": "Sample Queue"})
    play.get("the Workflows", "Workflows").shows(
        template, {"answer.workflows.0.friendly_name": "Default Fifo Workflow"}
    )


@scenario("A new Workspace, and what cannot be changed of it")
def new_workspace(play: ScenarioPlayer) -> None:
    """Its callback URL, its Activities and their availability, its Workers' channels."""
    url = f"{_RES}A callback URL that is not set"
    play.get("the Workspace").settles(url, event_callback_url="")
    play.post("no multitasking any more", "", MultiTaskEnabled="false").settles(
        f"{_RES}MultiTaskEnabled cannot be turned off again", **REFUSED
    )
    everybody(play)
    play.get("the Workflow", "Workflows/{workflow}").settles(
        url, assignment_callback_url="", fallback_assignment_callback_url=""
    )
    available = f"{_RES}Available of an Activity is fixed"
    play.post("an Activity", "Activities", FriendlyName="Lunch", role="Lunch").settles(available, available=False)
    play.post("the Activity made available", "Activities/{Lunch}", Available="true").settles(
        available, status=200, available=False
    )
    worker(play)
    play.get("the Worker's channels", "Workers/{Alice}/Channels").shows(
        f"{_RES}A Worker has a channel for each TaskChannel",
        {"answer.channels.0.configured_capacity": 1, "answer.channels.0.available": True, "count": 5},
    )


@scenario("A Worker's Activity in a Workspace of single tasking", multitasking=False)
def single_tasking(play: ScenarioPlayer) -> None:
    """From the offer to the end, and after a rejection and a cancellation."""
    activities = f"{_RES}Single tasking (MultiTaskEnabled false): the Activities of a Reservation and an assignment"
    play.get("the Activities", "Activities").shows(activities, {"count": 3})
    for name in ("Reserved", "Busy"):
        play.post(f"the Activity {name}", "Activities", FriendlyName=name, role=name)
    reserved(play)
    play.field("the Worker is reserved", "Workers/{Alice}", activity_name="Reserved").settles(activities, came=True)
    accept(play)
    play.field("the Worker is busy", "Workers/{Alice}", activity_name="Busy").settles(activities, came=True)
    play.post("the completion", "Tasks/{task}", AssignmentStatus="completed")
    play.get("the Worker afterwards", "Workers/{Alice}").settles(activities, activity_name="Busy")
    play.post("the Worker is available again", "Workers/{Alice}", ActivitySid=play["Available"])
    back = "Reservation: life cycle | Rejecting without an Activity, in single tasking: back to the Activity before"
    task(play, "second")
    play.reservation("second reservation", task="second")
    play.post("the rejection", "Tasks/{second}/Reservations/{second reservation}", ReservationStatus="rejected")
    play.reservation("offered again", task="second")
    play.post("the Task is canceled", "Tasks/{second}", AssignmentStatus="canceled")
    play.field("the Worker is back", "Workers/{Alice}", activity_name="Available").settles(back, came=True)
    play.events("the Worker's Events", WorkerSid=play["Alice"])


@scenario("Deleting what is in use")
def deletions(play: ScenarioPlayer) -> None:
    """Each is refused, as long as something holds on to it."""
    reserved(play)
    play.post("an Activity that a TaskQueue names", "Activities", FriendlyName="Busy", role="Busy")
    queue(play, "second", AssignmentActivitySid=play["Busy"])
    play.post("a TaskChannel", "TaskChannels", FriendlyName="Fax", UniqueName="fax", role="fax")
    task(play, "by fax", TaskChannel="fax")
    for name, path, what in (
        ("the Activity", "Activities/{Available}", "Deleting an Activity in use"),
        ("the Activity of the TaskQueue", "Activities/{Busy}", "Deleting an Activity that a TaskQueue names"),
        ("the TaskChannel voice", "TaskChannels/{voice}", "Deleting a TaskChannel in use or built in"),
        ("the TaskChannel of a Task", "TaskChannels/{fax}", "Deleting a TaskChannel in use or built in"),
        ("the TaskQueue", "TaskQueues/{queue}", "Deleting a TaskQueue in use"),
        ("the Workflow", "Workflows/{workflow}", "Deleting a Workflow that Tasks follow"),
        ("the Worker", "Workers/{Alice}", "Deleting a Worker who holds a Reservation"),
    ):
        play.delete(f"deleting {name}", path).settles(f"{_RES}{what}", **REFUSED)
    removed = "Task: life cycle | Deleting a Task"
    play.delete("deleting the Task that is reserved", "Tasks/{task}")
    play.events("its Events", TaskSid=play["task"], until="task.deleted").shows(
        removed, {"events[reservation.canceled]": "reservation.canceled"}
    )


@scenario("Deleting a Task that is assigned")
def deletion_of_an_assigned_task(play: ScenarioPlayer) -> None:
    """What becomes of its Reservation."""
    reserved(play)
    accept(play)
    play.delete("deleting it", "Tasks/{task}")
    play.events("its Events", TaskSid=play["task"], until="task.deleted").shows(
        "Task: life cycle | Deleting a Task", {"events[reservation.completed]": "reservation.completed"}
    )


@scenario("Names that are taken, and names that cannot be")
def names(play: ScenarioPlayer) -> None:
    """Two of one name, and two that differ in case only."""
    everybody(play)
    worker(play)

    def second(name: str, path: str, **given: Any) -> StepAnswer:
        return play.post(f"a second {name}", path, **given)

    second("Worker alice", "Workers", FriendlyName="alice").settles(
        f"{_RES}A Worker's name is unique, whatever the case", **REFUSED
    )
    second("TaskQueue Queue", "TaskQueues", FriendlyName="Queue").settles(
        f"{_RES}A TaskQueue's name is unique", status=201
    )
    second("TaskQueue queue", "TaskQueues", FriendlyName="queue").settles(
        f"{_RES}A TaskQueue's name is unique", **REFUSED
    )
    second("TaskChannel voice", "TaskChannels", FriendlyName="Voices", UniqueName="voice").settles(
        f"{_RES}A TaskChannel's UniqueName is unique", **REFUSED
    )
    twice = f"{_RES}Names of Workflows, Activities, TaskChannels (FriendlyName) and Workspaces"
    workflow(play, "other")
    second("Workflow", "Workflows/{other}", FriendlyName="workflow").settles(twice, status=200)
    second("Activity Offline", "Activities", FriendlyName="Offline").settles(twice, status=201)
    second("TaskChannel called Voice", "TaskChannels", FriendlyName="Voice", UniqueName="voice_2").settles(
        twice, status=201
    )
    play.post("a UniqueName with a hyphen", "TaskChannels", FriendlyName="a", UniqueName="a-b").settles(
        f"{_RES}A hyphen in the UniqueName of a TaskChannel: refused", **REFUSED
    )


@scenario("A Worker's version, and the Activity that is set twice")
def worker_versions(play: ScenarioPlayer) -> None:
    """The ETag after each kind of change."""
    everybody(play)
    worker(play)
    grows = (
        f"{_RES}A Worker's version grows by one for a change of Activity, of attributes or name, of a channel's "
        "capacity or availability, and for a new Reservation"
    )
    same = f"{_RES}The Activity that a Worker is in, set again"

    def version(name: str) -> StepAnswer:
        return play.request(name, "GET", "Workers/{Alice}", keep=["ETag"])

    version("at first").shows(grows, {"headers.ETag": '"0"'})
    play.post("the same Activity again", "Workers/{Alice}", ActivitySid=play["Available"])
    version("after the same Activity").shows(same, {"headers.ETag": '"0"'})
    play.events("the Worker's Events", WorkerSid=play["Alice"], until="worker.activity.update").shows(
        same, {"events[worker.activity.update].worker_previous_activity_name": "Available"}
    )
    play.post("two changes in one", "Workers/{Alice}", ActivitySid=play["Unavailable"], Attributes='{"a": 1}')
    version("after two in one").shows(grows, {"headers.ETag": '"2"'})
    play.post("available again", "Workers/{Alice}", ActivitySid=play["Available"])
    play.post("another capacity", "Workers/{Alice}/Channels/default", Capacity=2)
    version("after another capacity").shows(grows, {"headers.ETag": '"4"'})
    task(play)
    play.reservation("reservation")
    version("after an offer").shows(grows, {"headers.ETag": '"5"'})
    accept(play)
    play.post("wrapping up", "Tasks/{task}", AssignmentStatus="wrapping")
    play.post("the completion", "Tasks/{task}", AssignmentStatus="completed")
    version("after the end").shows(grows, {"headers.ETag": '"5"'})


@scenario("RejectPendingReservations with an Activity that is available, and attributes with a status")
def updates_of_two_things(play: ScenarioPlayer) -> None:
    """Updates that ask for two things at once."""
    reserved(play)
    play.post(
        "rejecting what is pending, and available",
        "Workers/{Alice}",
        ActivitySid=play["Available"],
        RejectPendingReservations="true",
    ).settles(f"{_RES}RejectPendingReservations", **REFUSED)
    accept(play)
    both = f"{_RES}Attributes together with AssignmentStatus wrapping or completed: refused"
    play.post("attributes with wrapping", "Tasks/{task}", AssignmentStatus="wrapping", Attributes="{}").settles(
        both, **REFUSED
    )
    play.post("attributes with completed", "Tasks/{task}", AssignmentStatus="completed", Attributes="{}").settles(
        both, **REFUSED
    )
    task(play, "other")
    play.post("attributes with canceled", "Tasks/{other}", AssignmentStatus="canceled", Attributes="{}").settles(
        both, status=200
    )
