"""The life of a Reservation: what a Worker may answer, and what comes of it."""

from __future__ import annotations

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import REFUSED, everybody, queue, reserved, task, worker, workflow

_LIFE = "Reservation: life cycle | "
_PATH = "Tasks/{task}/Reservations/{reservation}"


@scenario("A rejection without an Activity, and who is asked next")
def rejections(play: ScenarioPlayer) -> None:
    """With two free Workers, both of whom reject and stay."""
    reserved(play)
    worker(play, "Bob")
    play.post("Alice rejects", _PATH, ReservationStatus="rejected").settles(
        f"{_LIFE}Rejecting without an Activity", status=200
    )
    play.get("Alice afterwards", "Workers/{Alice}").settles(
        f"{_LIFE}Rejecting without an Activity", activity_name="Available"
    )
    play.reservation("Bob's", worker="Bob")
    play.post("Bob rejects", "Tasks/{task}/Reservations/{Bob's}", ReservationStatus="rejected")
    play.reservation("Alice's again", worker="Alice").settles(f"{_LIFE}Who rejects and stays available", came=True)
    play.events("the Task's Events", TaskSid=play["task"])


@scenario("What a Reservation may not be updated to", seconds=12)
def reservation_refusals(play: ScenarioPlayer) -> None:
    """And what cannot be accepted or rejected any more."""
    reserved(play)
    play.post("a Reservation timeout of 10 s", "Workflows/{workflow}", TaskReservationTimeout=10)
    for status in ("pending", "timeout", "rescinded"):
        play.post(f"an update to {status}", _PATH, ReservationStatus=status).settles(
            f"{_LIFE}pending, timeout, rescinded by an update", **REFUSED
        )
    over = f"{_LIFE}Accepting or rejecting what is not pending"
    any_case = f"{_LIFE}Statuses of Tasks and Reservations in any case"
    for kind in ("conference", "dequeue"):
        play.post(f"{kind} without a call", _PATH, Instruction=kind).settles(
            f"{_LIFE}Instruction over REST for a caller, and the Task has none: 400", **REFUSED
        )
    play.post("a call to nobody", _PATH, Instruction="call", CallFrom="nobody", CallUrl="none").settles(
        f"{_LIFE}Instruction over REST that cannot be carried out", status=400
    )
    play.post("accepted, in capitals", _PATH, ReservationStatus="ACCEPTED").settles(
        any_case, status=200, reservation_status="accepted"
    )
    play.post("accepted twice", _PATH, ReservationStatus="accepted").settles(over, **REFUSED)
    play.get("assigned Tasks, in another case", "Tasks", AssignmentStatus="Assigned").shows(any_case, {"count": 1})
    play.post("a TaskOrder in small letters", "TaskQueues/{queue}", TaskOrder="lifo").settles(any_case, **REFUSED)
    play.post("the completion", "Tasks/{task}", AssignmentStatus="completed")
    task(play, "second")
    play.reservation("second reservation", task="second")
    play.pass_time(12)
    path = "Tasks/{second}/Reservations/{second reservation}"
    play.field("the second times out", path, reservation_status="timeout")
    play.post("rejecting what timed out", path, ReservationStatus="rejected").settles(over, **REFUSED)
    play.events("the second's Events", TaskSid=play["second"], until="reservation.timeout")


@scenario("Two Workers asked at once")
def several_reserved(play: ScenarioPlayer) -> None:
    """One of them is quicker; who comes free meanwhile is not asked."""
    queue(play, MaxReservedWorkers=2)
    workflow(play)
    for name in ("Alice", "Bob"):
        worker(play, name)
    task(play)
    play.reservation("Alice's", worker="Alice")
    play.reservation("Bob's", worker="Bob")
    play.post("Bob is quicker", "Tasks/{task}/Reservations/{Bob's}", ReservationStatus="accepted")
    play.field("Alice's is rescinded", "Tasks/{task}/Reservations/{Alice's}", reservation_status="rescinded")
    play.post("Alice is late", "Tasks/{task}/Reservations/{Alice's}", ReservationStatus="accepted").settles(
        f"{_LIFE}Accepting one that was rescinded: 410", status=410, code=20410
    )
    play.post("the completion", "Tasks/{task}", AssignmentStatus="completed")
    play.post("Bob leaves", "Workers/{Bob}", ActivitySid=play["Offline"])
    task(play, "second")
    play.reservation("Alice's second", task="second")
    play.post("Bob comes free", "Workers/{Bob}", ActivitySid=play["Available"])
    play.get("who is reserved", "Tasks/{second}/Reservations").shows(
        f"{_LIFE}More Workers come free while some are reserved", {"count": 1}
    )


@scenario("A Worker's capacity: its percentage, none of it, and less than is held")
def capacities(play: ScenarioPlayer) -> None:
    """Of the channel default."""
    everybody(play)
    worker(play, ActivitySid=play["Offline"])
    share = f"{_LIFE}available_capacity_percentage"
    channel = "Workers/{Alice}/Channels/default"
    play.post("a capacity of 3", channel, Capacity=3)
    task(play)
    play.post("available", "Workers/{Alice}", ActivitySid=play["Available"])
    play.reservation("reservation")
    play.get("one of three", channel).settles(share, available_capacity_percentage=66)
    task(play, "second")
    play.reservation("second reservation", task="second")
    play.get("two of three", channel).settles(share, available_capacity_percentage=33)
    play.post("less than is held", channel, Capacity=1).settles(f"{_LIFE}Capacity below the load", status=200)
    play.get("what is held", "Tasks/{second}/Reservations").shows(
        f"{_LIFE}Capacity below the load", {"answer.reservations.0.reservation_status": "pending"}
    )
    worker(play, "Bob", ActivitySid=play["Offline"])
    play.post("a capacity of 0", "Workers/{Bob}/Channels/default", Capacity=0).settles(
        share, available_capacity_percentage=0
    )
