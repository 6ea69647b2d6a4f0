"""Instructions that call somebody. On an account they take numbers and people; on a sandbox the calls are simulated."""

from __future__ import annotations

from typing import Any

from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import everybody, task, worker
from labkit.parity.sides import A_TELEPHONE

_CALLS = "Simulated calls | "
_DESK, _OFFICE, _CUSTOMER = "+15550101", "+15550100", "+15550102"
_CALL = f"CA{'a' * 32}"
_CALLER = {"call_sid": _CALL, "from": _CUSTOMER, "to": _OFFICE}
_OUTBOUND = {"outbound_to": _CUSTOMER, "from": _OFFICE}
_PATH = "Tasks/{task}/Reservations/{reservation}"


def _telephone(play: ScenarioPlayer, **rule: Any) -> None:
    """What becomes of the next calls; where people answer, they do as the scenario's words say."""
    if play.side.telephone is not None:
        play.side.telephone(play["Workspace"], **rule)


def _ringing(play: ScenarioPlayer, *, attributes: dict[str, Any], instruction: str, **fields: Any) -> None:
    """A Task with a caller or somebody to call, Alice's Reservation of it, and an instruction for that."""
    everybody(play)
    worker(play, attributes={"contact_uri": _DESK})
    task(play, attributes=attributes)
    play.reservation("reservation")
    play.post(f"the instruction {instruction}", _PATH, Instruction=instruction, **fields)


@scenario("dequeue, to a telephone that nobody answers", seconds=70, needs=(A_TELEPHONE,))
def nobody_answers(play: ScenarioPlayer) -> None:
    """It rings for ten seconds; `from` is left out."""
    _telephone(play, Outcome="no-answer")
    _ringing(play, attributes=_CALLER, instruction="dequeue", DequeueTimeout=10)
    play.get("the Task while it rings", "Tasks/{task}").shows(
        f"{_CALLS}`worker_call_sid` in the Task's attributes", {"answer.attributes.worker_call_sid": "{call 2}"}
    )
    play.pass_time(12)
    events = play.events("its Events", TaskSid=play["task"], until="reservation.failed")
    events.shows("Event types | `reservation.failed`", {"events[reservation.failed].worker_name": "Alice"})
    unanswered = play.get("the Reservation afterwards", _PATH)
    unanswered.settles(f"{_CALLS}Nobody answers", reservation_status="pending")
    unanswered.settles("Instructions | `dequeue`", reservation_status="pending")
    play.post("a second instruction", _PATH, Instruction="dequeue", DequeueTo=_CUSTOMER, DequeueTimeout=50)
    play.post("a third one", _PATH, Instruction="dequeue", DequeueTo=_OFFICE, DequeueTimeout=50)
    play.get("the Task with the third call", "Tasks/{task}").shows(
        f"{_CALLS}A second instruction for the same Reservation", {"answer.attributes.worker_call_sid": "{call 3}"}
    )
    play.pass_time(58)
    play.events("all its Events", TaskSid=play["task"])


@scenario("dequeue, a talk, and its end", seconds=40, needs=(A_TELEPHONE,))
def a_talk(play: ScenarioPlayer) -> None:
    """Into the post-work Activity."""
    _telephone(play, AnswerAfterSeconds=1, EndsAfterSeconds=20)
    everybody(play)
    worker(play, attributes={"contact_uri": _DESK})
    task(play, attributes=_CALLER)
    play.reservation("reservation")
    given = {"Instruction": "dequeue", "DequeueFrom": _OFFICE, "DequeuePostWorkActivitySid": play["Unavailable"]}
    play.post("the instruction", _PATH, **given)
    play.pass_time(2)
    play.field("they talk", "Tasks/{task}", assignment_status="assigned")
    play.pass_time(38)
    ends = f"{_CALLS}A dequeued call ends: wrapping, until the API completes the Task; in single tasking completed"
    play.field("the call is over", "Tasks/{task}", assignment_status="wrapping").settles(ends, came=True)
    play.get("the Worker", "Workers/{Alice}").settles(ends, activity_name="Unavailable")
    play.events("its Events", TaskSid=play["task"], until="task.wrapup")


@scenario("redirect without `accept`", needs=(A_TELEPHONE,))
def redirected(play: ScenarioPlayer) -> None:
    """The Reservation stays as it is."""
    given = {"RedirectCallSid": _CALL, "RedirectUrl": "https://example.com/"}
    _ringing(play, attributes=_CALLER, instruction="redirect", **given)
    play.get("the Reservation", _PATH).settles("Instructions | `redirect`", reservation_status="pending")


@scenario("A conference in a Workspace of single tasking", seconds=24, needs=(A_TELEPHONE,), multitasking=False)
def a_conference(play: ScenarioPlayer) -> None:
    """The Worker leaves; the caller stays."""
    _telephone(play, To=_DESK, AnswerAfterSeconds=1, EndsAfterSeconds=10)
    _ringing(play, attributes=_CALLER, instruction="conference", From=_OFFICE)
    play.pass_time(4)
    play.field("they talk", "Tasks/{task}", assignment_status="assigned")
    play.pass_time(20)
    left = play.field("the Worker has left", "Tasks/{task}", assignment_status="wrapping")
    left.settles(f"{_CALLS}Leaving a conference", came=True)
    left.settles("Instructions | `conference`", came=True)
    play.events("its Events", TaskSid=play["task"], until="task.wrapup")


@scenario("A conference with a customer who is busy", seconds=8, needs=(A_TELEPHONE,))
def a_conference_that_fails(play: ScenarioPlayer) -> None:
    """The Worker has answered already."""
    _telephone(play, To=_CUSTOMER, Outcome="busy", AnswerAfterSeconds=2)
    _ringing(play, attributes=_OUTBOUND, instruction="conference", From=_OFFICE)
    play.pass_time(8)
    failed = f"{_CALLS}A conference that fails after the Worker answered"
    play.field("the Reservation", _PATH, reservation_status="canceled").settles(failed, came=True)
    play.reservation("the next").settles(failed, came=True)
    play.events("its Events", TaskSid=play["task"], until="reservation.canceled")
