"""Transfers: a Worker hands a Task over, and what becomes of it."""

from __future__ import annotations

import json

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import accept, assigned_beside_bob, reserved, task, worker
from labkit.parity.sides import AN_API_KEY
from labkit.parity.worker_sdk import ask, transfer

_TRANSFERS = "Transfers | "
_EVENTS = "Event types | `task.transfer-"


def _answer(play: ScenarioPlayer, name: str, reservation: str, status: str) -> None:
    path = f"Tasks/{{task}}/Reservations/{{{reservation}}}"
    play.post(f"{name} {status}", path, ReservationStatus=status)


@scenario("A warm transfer to a Worker, who takes it", needs=(AN_API_KEY,))
def warm_transfer(play: ScenarioPlayer) -> None:
    """Then both wrap up, one after the other."""
    assigned_beside_bob(play)
    transfer(play, "Bob", Attributes=json.dumps({"for": "Bob"}), Priority=7)
    play.get("the Task in the transfer", "Tasks/{task}").shows(
        f"{_TRANSFERS}Attributes and Priority given with it",
        {"answer.attributes": {"for": "Bob"}, "answer.priority": 7},
    )
    play.reservation("Bob's")
    play.events("the offer", ReservationSid=play["Bob's"], until="reservation.created").shows(
        "Event callbacks | The Reservation that a transfer makes",
        {"events[reservation.created].transfer_mode": "WARM"},
    )
    _answer(play, "Bob's Reservation is", "Bob's", "accepted")
    each = f"{_TRANSFERS}Each of two who have it wraps up and completes by itself; the Task is completed with the last "
    each += "Reservation"
    _answer(play, "Alice's Reservation is", "reservation", "wrapping")
    play.get("the Task when one wraps up", "Tasks/{task}").settles(each, assignment_status="assigned")
    _answer(play, "Alice's Reservation afterwards is", "reservation", "completed")
    play.get("the Task when one is through", "Tasks/{task}").settles(each, assignment_status="assigned")
    play.post("the Task is wrapped up", "Tasks/{task}", AssignmentStatus="wrapping")
    play.post("the Task is completed", "Tasks/{task}", AssignmentStatus="completed")
    events = play.events("its Events", TaskSid=play["task"], until="task.completed")
    events.shows(f"{_EVENTS}completed`", {"events[task.transfer-completed].transfer_status": "complete"})
    events.shows("Event types | `task.wrapup`", {"events[task.wrapup].worker_name": "Bob"})
    events.shows("Event types | `task.completed`", {"events[task.completed].worker_name": "Bob"})
    events.shows(
        f"{_EVENTS}initiated`",
        {"events[task.transfer-initiated].resource_type": "transfer"},
    )


@scenario("Transfers to a Worker that come to nothing", needs=(AN_API_KEY,))
def failed_transfers(play: ScenarioPlayer) -> None:
    """Rejected, canceled over REST, canceled by who has begun it, and refused at once."""
    assigned_beside_bob(play)
    nothing = f"{_TRANSFERS}A Worker who does not take it: the transfer fails, and the Task is assigned as before"
    transfer(play, "Bob", name="first")
    play.reservation("Bob's")
    _answer(play, "Bob's first is", "Bob's", "rejected")
    play.field("assigned as before", "Tasks/{task}", assignment_status="assigned").settles(nothing, came=True)
    play.events("the Events of the rejection", TaskSid=play["task"], until="task.transfer-failed").shows(
        f"{_EVENTS}failed`",
        {"events[task.transfer-failed].transfer_failed_reason": "Transfer failed because the reservation was rejected"},
    )
    transfer(play, "Bob", name="second")
    play.reservation("Bob's second")
    back = (
        f"{_TRANSFERS}Canceled by who has begun it: the other's Reservation is canceled, the Task is assigned as before"
    )
    given = {"TaskSid": play["task"], "TransferStatus": "canceled"}
    ask(play, "Alice cancels", "POST", "Workers/{Alice}/Transfers/{second}", given).settles(back, status=200)
    play.field("Bob's is canceled", "Tasks/{task}/Reservations/{Bob's second}", reservation_status="canceled").settles(
        back, came=True
    )
    play.events("the Events of the cancellation", TaskSid=play["task"], until="task.transfer-canceled").shows(
        f"{_EVENTS}canceled`", {"events[task.transfer-canceled]": "task.transfer-canceled"}
    )
    cannot = f"{_TRANSFERS}What cannot be handed over: 400"
    transfer(play, "Bob", name="third")
    transfer(play, "Bob", name="twice at once").settles(cannot, status=400)
    play.reservation("Bob's third")
    instructions = (
        f"{_TRANSFERS}Instructions other than accept, reject, conference and supervise on its Reservation: 40151"
    )
    path = "Tasks/{task}/Reservations/{Bob's third}"
    play.post("an instruction", path, Instruction="call", CallFrom="+15550100", CallUrl="https://example.com/").settles(
        instructions, status=400, code=40151
    )
    play.post("Bob leaves", "Workers/{Bob}", ActivitySid=play["Offline"], RejectPendingReservations="true")
    play.field("assigned again", "Tasks/{task}", assignment_status="assigned")
    transfer(play, "Bob", name="to nobody").settles(cannot, status=400)


@scenario("A transfer to a TaskQueue that is busy", needs=(AN_API_KEY,))
def transfer_to_a_queue(play: ScenarioPlayer) -> None:
    """The Task waits there, is updated, offered, rejected and taken."""
    assigned_beside_bob(play)
    play.post("Bob is away", "Workers/{Bob}", ActivitySid=play["Offline"])
    queue = (
        f"{_TRANSFERS}To a TaskQueue: pending until somebody of it fits, then reserved; the TaskQueue is the Task's "
        "from then on"
    )
    figures = (
        "Statistics | A Task that is handed over: every acceptance waited since the Task's creation, and in its "
        "TaskQueue since it came there"
    )
    transfer(play, "Bob's queue")
    play.get("the Task that waits", "Tasks/{task}").settles(
        queue, assignment_status="pending", task_queue_sid="{Bob's queue}"
    )
    play.get("the figures while it waits", "TaskQueues/{Bob's queue}/RealTimeStatistics").shows(
        figures, {"answer.tasks_by_status.pending": 1}
    )
    play.post("other attributes meanwhile", "Tasks/{task}", Attributes='{"other": true}').settles(
        f"{_TRANSFERS}An update of the Task, and of its Workflow, meanwhile", task_queue_sid="{Bob's queue}"
    )
    play.post("Bob is back", "Workers/{Bob}", ActivitySid=play["Available"])
    play.reservation("Bob's")
    _answer(play, "Bob's first is", "Bob's", "rejected")
    play.reservation("Bob's again").settles(
        f"{_TRANSFERS}A Worker of a TaskQueue who does not take it: the next one is asked, with "
        "task.transfer-attempt-failed",
        came=True,
    )
    _answer(play, "Bob's second is", "Bob's again", "accepted")
    play.get("the figures afterwards", "TaskQueues/{Bob's queue}/CumulativeStatistics", Minutes=5).settles(
        figures, reservations_accepted=1
    )
    play.events("its Events", TaskSid=play["task"], until="task.transfer-completed").shows(
        f"{_EVENTS}attempt-failed`", {"events[task.transfer-attempt-failed]": "task.transfer-attempt-failed"}
    ).shows(f"{_EVENTS}initiated`", {"events[task.transfer-initiated].task_queue_name": "Bob's"})


@scenario("A cold transfer that fails after the Worker is through", needs=(AN_API_KEY,))
def cold_transfer(play: ScenarioPlayer) -> None:
    """The Task is completed with who has handed it over."""
    assigned_beside_bob(play)
    transfer(play, "Bob", Mode="COLD")
    play.reservation("Bob's")
    _answer(play, "Alice's is", "reservation", "completed")
    _answer(play, "Bob's is", "Bob's", "rejected")
    play.field("the Task afterwards", "Tasks/{task}", assignment_status="completed").settles(
        f"{_TRANSFERS}A cold one that fails", came=True
    )
    play.events("its Events", TaskSid=play["task"], until="task.transfer-failed")


@scenario("A Task that is canceled or deleted while it is handed over", needs=(AN_API_KEY,))
def ends_in_a_transfer(play: ScenarioPlayer) -> None:
    """Both Reservations, and the Events."""
    assigned_beside_bob(play)
    transfer(play, "Bob")
    play.reservation("Bob's")
    ends = f"{_TRANSFERS}A Task that is canceled or deleted while it is handed over"
    play.delete("the Task is deleted", "Tasks/{task}").settles(ends, status=204)
    play.events("its Events", TaskSid=play["task"], until="task.deleted").shows(
        ends,
        {
            "events[reservation.canceled]": "reservation.canceled",
            "events[reservation.completed]": "reservation.completed",
            "events[task.transfer-failed]": "task.transfer-failed",
        },
    )


@scenario("Time limits and the RoutingTarget of a Task that is handed over", seconds=70, needs=(AN_API_KEY,))
def limits_in_a_transfer(play: ScenarioPlayer) -> None:
    """It has 60 seconds to live, and nobody is there."""
    reserved(play)
    accept(play)
    worker(play, "Bob", ActivitySid=play["Offline"])
    play.post("nobody's TaskQueue", "TaskQueues", FriendlyName="Nobody's", TargetWorkers="1==2", role="nobody's")
    play.post("the first is completed", "Tasks/{task}", AssignmentStatus="completed")
    task(play, "routed", RoutingTarget=play["Alice"], Timeout=60)
    play.reservation("Alice's", task="routed")
    accept(play, "Alice's", task="routed")
    play.post("Bob comes", "Workers/{Bob}", ActivitySid=play["Available"])
    transfer(play, "Bob", name="rejected", reservation="Alice's", task="routed")
    play.reservation("Bob's", task="routed")
    play.post("Bob rejects", "Tasks/{routed}/Reservations/{Bob's}", ReservationStatus="rejected")
    play.field("not canceled", "Tasks/{routed}", assignment_status="assigned").settles(
        f"{_TRANSFERS}RoutingTarget stays as it was", came=True
    )
    transfer(play, "nobody's", name="waiting", reservation="Alice's", task="routed")
    play.pass_time(70)
    play.get("after its time to live", "Tasks/{routed}").settles(
        f"{_TRANSFERS}Time limits of a Task that is handed over", assignment_status="pending"
    )
