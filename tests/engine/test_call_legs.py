"""Calls in time: what each instruction brings about when it is answered, busy, unheard or hung up, restart or not."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from engine.world import World, moment, written

from labkit.engine import commands as c
from labkit.engine.call_legs import CALL, CallStep, next_call_status
from labkit.engine.refusals import IllegalTransition, NotFound
from labkit.engine.resources import CallLeg, CallOutcome, Party
from labkit.vocabulary import CallStatus, EventType, Instruction, TransferMode

DESK, CUSTOMER, OFFICE, BOSS = "+15550100", "+15550123", "+15550199", "+15550166"
CALL_SID = f"CA{'a' * 32}"
CALLER = {"call_sid": CALL_SID, "to": OFFICE, "from": CUSTOMER}
OUTBOUND = {"outbound_to": CUSTOMER, "from": OFFICE}
URL = "https://twiml.test/"
STATUS = CallStatus

# --- the table -------------------------------------------------------------------------------------------------------

MOVES = {
    (STATUS.RINGING, "answer"): STATUS.IN_PROGRESS,
    (STATUS.RINGING, "refuse"): STATUS.BUSY,
    (STATUS.RINGING, "give up"): STATUS.NO_ANSWER,
    (STATUS.RINGING, "cancel"): STATUS.CANCELED,
    (STATUS.IN_PROGRESS, "end"): STATUS.COMPLETED,
}


@pytest.mark.parametrize(("status", "step"), list(itertools.product(CallStatus, CallStep)))
def test_a_step_is_in_the_table_or_refused(status: CallStatus, step: CallStep) -> None:
    """A call is answered or not, and what was answered ends; nothing else."""
    assert set(CALL) == set(CallStatus)
    if (status, step) in MOVES:
        assert next_call_status(status, step, sid=CALL_SID) is MOVES[status, step]
        return
    with pytest.raises(IllegalTransition, match=f"Cannot {step} call {CALL_SID} because it is {status}"):
        next_call_status(status, step, sid=CALL_SID)


# --- a call centre with a telephone ----------------------------------------------------------------------------------


@pytest.fixture(params=["in one go", "with a restart before each step"])
def phones(request: pytest.FixtureRequest, routed: World) -> Phones:
    """Alice is at her desk, Reservations last 50 seconds; the engine may be made anew between any two steps."""
    routed.update_workflow("Main", task_reservation_timeout=50)
    routed.add_activity("Break")
    routed.set_attributes("Alice", {"contact_uri": DESK})
    routed.set_activity("Alice", "Available")
    return Phones(routed, restarts=request.param != "in one go")


class Phones:
    """A World in which people call each other."""

    def __init__(self, world: World, *, restarts: bool) -> None:
        self.world = world
        self._restarts = restarts

    def step(self) -> World:
        """The World for the next step, after a restart perhaps."""
        if self._restarts:
            before = written(self.world.state)
            due = self.world.engine.next_deadline()
            self.world.engine = self.world.reload()
            assert (written(self.world.state), self.world.engine.next_deadline()) == (before, due)
        return self.world

    def rule(self, to: str = "", **fields: Any) -> None:
        self.step().run(c.SetCallRule, to=to, **fields)

    def reserve(self, attributes: dict[str, Any] | None = None, **fields: Any) -> None:
        """A Task with a caller, or with other attributes, reserved for Alice."""
        self.step().create_task("T", attributes=CALLER if attributes is None else attributes, **fields)
        assert self.reservation == "pending"
        self.world.take_events()

    def instruct(self, instruction: str, **fields: Any) -> None:
        """The answer to the assignment callback."""
        assert self.step().call_back("T", instruction, **fields) is None

    def at(self, seconds: float) -> Phones:
        self.step().at(seconds)
        return self

    def hang_up(self, party: Party) -> None:
        """Whoever it is puts the telephone down."""
        self.step().run(c.HangUp, sid=self.leg(party).call_sid)

    def leg(self, party: Party) -> CallLeg:
        """The party's latest call."""
        return [leg for leg in self.world.task("T").legs if leg.party is party][-1]

    def call(self, party: Party) -> str:
        """How far it has come."""
        return str(self.leg(party).status)

    def events(self) -> list[str]:
        return self.world.take_events()

    @property
    def task(self) -> str:
        return str(self.world.task("T").assignment_status)

    @property
    def reason(self) -> str | None:
        return self.world.task("T").reason

    @property
    def reservation(self) -> str:
        return str(self.world.reservation("T").reservation_status)

    @property
    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.world.task("T").attributes)
        return found

    @property
    def activity(self) -> str | None:
        return self.world.name_of(self.world.worker("Alice").activity_sid)


def single_tasking_world() -> World:
    """Alice is at her desk, for one Task at a time."""
    world = World(multi_task_enabled=False)
    world.add_queue("Q")
    world.add_workflow("Main", default_filter={"queue": "Q"})
    world.add_worker("Alice", attributes={"contact_uri": DESK})
    return world


WRAPPED = ["reservation.wrapup", "task.wrapup"]
COMPLETED = ["reservation.completed", "task.completed"]

# --- dequeue ---------------------------------------------------------------------------------------------------------


def test_dequeue_from_the_call_to_the_post_work_activity(phones: Phones) -> None:
    """The Worker is called, answers after a second, talks for 30, and goes on a break."""
    phones.rule(DESK, ends_after_seconds=30)
    phones.reserve()
    phones.instruct("dequeue", post_work_activity_sid=phones.world.names["Break"])
    leg = phones.leg(Party.WORKER)
    assert (leg.to, leg.from_, leg.status) == (DESK, OFFICE, "ringing")
    assert phones.attributes == {**CALLER, "worker_call_sid": leg.call_sid}
    assert (phones.task, phones.reservation, phones.events()) == ("reserved", "pending", ["task.updated"])
    phones.at(1)
    assert phones.events() == ["reservation.accepted"]
    assert (phones.task, phones.reservation, phones.call(Party.WORKER)) == ("assigned", "accepted", "in-progress")
    assert phones.at(30).task == "assigned"
    phones.at(31)
    assert phones.events() == [*WRAPPED, "worker.activity.update"]
    assert (phones.task, phones.reservation, phones.activity) == ("wrapping", "wrapping", "Break")
    assert {phones.call(party) for party in (Party.WORKER, Party.CUSTOMER)} == {"completed"}


def test_dequeue_in_a_single_tasking_workspace_has_no_wrap_up() -> None:
    """The Task is completed straight away (docs: …/handle-assignment-callbacks)."""
    phones = Phones(single_tasking_world(), restarts=False)
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(1).hang_up(Party.WORKER)
    assert phones.events() == ["task.updated", "reservation.accepted", *COMPLETED]
    assert phones.activity == "Available"


def test_the_instruction_says_who_is_called_and_by_whom(phones: Phones) -> None:
    """`to` and `from` come before the Worker's contact_uri and the number that was dialled."""
    phones.reserve()
    phones.instruct("dequeue", **{"to": "client:alice", "from": BOSS})
    assert (phones.leg(Party.WORKER).to, phones.leg(Party.WORKER).from_) == ("client:alice", BOSS)


@pytest.mark.parametrize("party", [Party.WORKER, Party.CUSTOMER])
def test_a_dequeued_call_ends_for_both(phones: Phones, party: Party) -> None:
    """Whoever hangs up, there is wrap-up now."""
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(1).hang_up(party)
    assert (phones.task, phones.call(Party.WORKER), phones.call(Party.CUSTOMER)) == (
        "wrapping",
        "completed",
        "completed",
    )


@pytest.mark.parametrize("instruction", ["dequeue", "conference"])
@pytest.mark.parametrize("by", ["task", "reservation"])
def test_a_program_that_forgets_to_complete_leaks_capacity(phones: Phones, instruction: str, by: str) -> None:
    """When the calls are over, the Task waits in wrap-up for the API (docs: /docs/taskrouter/lifecycle-task-state)."""
    phones.reserve()
    phones.instruct(instruction)
    phones.at(1).hang_up(Party.WORKER)
    if instruction == "conference":
        phones.hang_up(Party.CUSTOMER)
    assert (phones.at(3600).task, phones.reservation) == ("wrapping", "wrapping")
    phones.world.create_task("next")
    assert phones.world.task("next").is_pending
    phones.events()
    if by == "task":
        phones.step().update_task("T", status="completed")
    else:
        phones.step().answer("T", "completed")
    assert phones.events() == [*COMPLETED, "reservation.created"]
    assert phones.task == "completed"


@pytest.mark.parametrize(
    ("outcome", "fields", "after", "status"),
    [
        (CallOutcome.BUSY, {}, 1, "busy"),
        (CallOutcome.NO_ANSWER, {"timeout": 20}, 20, "no-answer"),
        (CallOutcome.ANSWERED, {"timeout": 2}, 2, "no-answer"),
    ],
)
def test_not_answered_leaves_the_reservation_to_its_timeout(
    phones: Phones, outcome: CallOutcome, fields: dict[str, Any], after: int, status: str
) -> None:
    """Busy, not there, or too slow: reservation.failed; 50 seconds after the Reservation was made it times out."""
    phones.rule(outcome=outcome, answer_after_seconds=1 if outcome is CallOutcome.BUSY else 5)
    phones.reserve()
    phones.instruct("dequeue", **fields)
    assert phones.at(after - 0.5).call(Party.WORKER) == "ringing"
    phones.at(after)
    assert (phones.call(Party.WORKER), phones.reservation) == (status, "pending")
    assert phones.events() == ["task.updated", "reservation.failed"]
    phones.at(50)
    assert (phones.reservation, phones.task, phones.activity) == ("timeout", "pending", "Offline")
    assert phones.call(Party.CUSTOMER) == "in-progress"


def test_a_timeout_stops_the_ringing(phones: Phones) -> None:
    """Nobody is called for a Reservation that is over."""
    phones.rule(outcome=CallOutcome.NO_ANSWER)
    phones.reserve()
    phones.instruct("dequeue")
    assert phones.at(50).call(Party.WORKER) == "canceled"
    assert phones.at(100).task == "pending"


@pytest.mark.parametrize("party", [Party.WORKER, Party.CUSTOMER])
def test_hanging_up_while_it_rings(phones: Phones, party: Party) -> None:
    """The caller's hanging up cancels the Task; hanging up the Worker's call leaves the Reservation pending."""
    phones.rule(answer_after_seconds=10)
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(5).hang_up(party)
    assert phones.call(Party.WORKER) == "canceled"
    if party is Party.CUSTOMER:
        assert (phones.task, phones.reason, phones.reservation) == ("canceled", "hangup", "canceled")
        assert phones.events() == ["task.updated", "reservation.canceled", "task.canceled"]
    else:
        assert (phones.task, phones.reservation) == ("reserved", "pending")
        assert phones.events() == ["task.updated", "reservation.failed"]


def test_the_caller_can_be_made_to_hang_up_while_it_rings(phones: Phones) -> None:
    """The outcome `hangup`, at its time."""
    phones.rule(outcome=CallOutcome.HANGUP, answer_after_seconds=7)
    phones.reserve()
    phones.instruct("dequeue")
    assert phones.at(6).task == "reserved"
    phones.at(7)
    assert (phones.task, phones.reason, phones.call(Party.WORKER)) == ("canceled", "hangup", "canceled")


def test_the_caller_hangs_up_before_anybody_is_reserved(phones: Phones) -> None:
    """A Task that waits is canceled too."""
    phones.step().set_activity("Alice", "Offline")
    phones.world.create_task("T", attributes=CALLER)
    phones.events()
    phones.hang_up(Party.CUSTOMER)
    assert (phones.task, phones.reason, phones.events()) == ("canceled", "hangup", ["task.canceled"])


def test_acceptance_over_rest_while_it_rings_is_no_trouble(phones: Phones) -> None:
    """The call is answered all the same, and after its end there is wrap-up."""
    phones.reserve()
    phones.instruct("dequeue")
    phones.step().answer("T", "accepted")
    phones.at(1)
    assert phones.events() == ["task.updated", "reservation.accepted"]
    phones.hang_up(Party.WORKER)
    assert phones.task == "wrapping"


def test_the_caller_hangs_up_when_somebody_accepted_while_it_rang(phones: Phones) -> None:
    """The Task is assigned and can no longer be canceled; the call to the Worker is given up at its time."""
    phones.rule(outcome=CallOutcome.HANGUP, answer_after_seconds=3)
    phones.reserve()
    phones.instruct("dequeue")
    phones.step().answer("T", "accepted")
    phones.at(3)
    assert (phones.task, phones.call(Party.WORKER), phones.call(Party.CUSTOMER)) == (
        "assigned",
        "canceled",
        "completed",
    )


@pytest.mark.parametrize(("status", "task"), [("wrapping", "wrapping"), ("completed", "completed")])
@pytest.mark.parametrize("by", ["task", "reservation"])
def test_wrapping_or_completing_over_rest_ends_the_calls(phones: Phones, by: str, status: str, task: str) -> None:
    """And nothing more follows from their end: the program has decided."""
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(1)
    if by == "task":
        phones.step().update_task("T", status=status)
    else:
        phones.step().answer("T", status)
    assert (phones.task, phones.call(Party.WORKER), phones.call(Party.CUSTOMER)) == (task, "completed", "completed")
    assert phones.at(100).task == task


def test_a_second_instruction_takes_the_place_of_the_first(phones: Phones) -> None:
    """The first call is hung up, and `worker_call_sid` is the second's."""
    phones.rule(answer_after_seconds=10)
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(5).instruct("dequeue", to=BOSS)
    first, second = (leg for leg in phones.world.task("T").legs if leg.party is Party.WORKER)
    assert (first.status, second.status, second.to) == ("canceled", "ringing", BOSS)
    assert phones.attributes["worker_call_sid"] == second.call_sid
    assert phones.at(10).reservation == "pending"
    assert phones.at(15).reservation == "accepted"


def test_first_answer_wins_in_a_queue_that_reserves_for_several(phones: Phones) -> None:
    """The others' calls stop ringing when they are rescinded."""
    world = phones.step()
    world.update_queue("Everybody", max_reserved_workers=2)
    world.add_worker("Bob", attributes={"contact_uri": BOSS})
    phones.rule(DESK, answer_after_seconds=9)
    world.create_task("T", attributes=CALLER)
    for name in ("Alice", "Bob"):
        sid = world.reservation("T", name).sid
        phones.step().run(c.AssignmentAnswered, reservation_sid=sid, instruction=Instruction.DEQUEUE)
    phones.at(1)
    statuses = {world.name_of(r.worker_sid): str(r.reservation_status) for r in world.task("T").reservations}
    calls = {leg.to: str(leg.status) for leg in world.task("T").legs if leg.party is Party.WORKER}
    assert statuses == {"Alice": "rescinded", "Bob": "accepted"}
    assert calls == {DESK: "canceled", BOSS: "in-progress"}


# --- call and redirect -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", [True, False, None])
def test_call_accepts_if_it_is_told_to(phones: Phones, accept: bool | None) -> None:
    """When the Worker answers; the end of the call changes nothing in TaskRouter."""
    phones.rule(ends_after_seconds=5)
    phones.reserve({})
    phones.instruct("call", **{"from": OFFICE, "url": URL}, **({} if accept is None else {"accept": accept}))
    assert phones.attributes == {"worker_call_sid": phones.leg(Party.WORKER).call_sid}
    phones.at(1)
    task, reservation = ("assigned", "accepted") if accept else ("reserved", "pending")
    assert (phones.task, phones.reservation, phones.call(Party.WORKER)) == (task, reservation, "in-progress")
    phones.at(6)
    assert (phones.task, phones.reservation, phones.call(Party.WORKER)) == (task, reservation, "completed")


def test_who_talks_after_a_call_goes_on_talking(phones: Phones) -> None:
    """A `call` that accepted nothing is not cut off by the Reservation's timeout, but by the Task's end."""
    phones.reserve({})
    phones.instruct("call", **{"from": OFFICE, "url": URL})
    assert phones.at(50).reservation == "timeout"
    assert phones.call(Party.WORKER) == "in-progress"
    phones.step().update_task("T", status="canceled")
    assert phones.call(Party.WORKER) == "completed"


@pytest.mark.parametrize(("accept", "reservation"), [(True, "accepted"), (False, "pending"), (None, "pending")])
def test_redirect_accepts_if_it_is_told_to(phones: Phones, accept: bool | None, reservation: str) -> None:
    """At once: the call is there already, and nobody else is called."""
    phones.reserve()
    phones.instruct("redirect", call_sid=CALL_SID, url=URL, **({} if accept is None else {"accept": accept}))
    assert phones.reservation == reservation
    assert [leg.party for leg in phones.world.task("T").legs] == [Party.CUSTOMER]
    assert phones.call(Party.CUSTOMER) == "in-progress"


def test_redirect_takes_any_live_call_of_the_workspace(phones: Phones) -> None:
    """Such as another Task's caller."""
    other = f"CA{'b' * 32}"
    phones.step().create_task("Other", attributes={"call_sid": other}, channel="chat")
    phones.reserve()
    phones.instruct("redirect", call_sid=other, url=URL, accept=True)
    assert phones.task == "assigned"


# --- conference ------------------------------------------------------------------------------------------------------


def test_conference_with_a_caller(phones: Phones) -> None:
    """Accepted when the Worker is in and the caller was moved; the Worker leaves, then the caller."""
    phones.reserve()
    phones.instruct("conference", post_work_activity_sid=phones.world.names["Break"])
    assert phones.events() == ["task.updated"]
    phones.at(1)
    assert phones.events() == ["reservation.accepted", "task.updated"]
    worker_call = phones.leg(Party.WORKER).call_sid
    assert phones.attributes == {
        **CALLER,
        "worker_call_sid": worker_call,
        "conference": {
            "sid": f"CF{phones.world.task('T').sid[2:]}",
            "participants": {"worker": worker_call, "customer": CALL_SID},
        },
    }
    phones.at(9).hang_up(Party.WORKER)
    assert phones.events() == [*WRAPPED, "worker.activity.update"]
    assert (phones.task, phones.reservation, phones.activity) == ("wrapping", "wrapping", "Break")
    phones.at(12).hang_up(Party.CUSTOMER)
    assert phones.events() == []
    assert (phones.task, phones.reservation) == ("wrapping", "wrapping")


def test_the_customer_leaves_first(phones: Phones) -> None:
    """The Worker is alone in the conference; with its end there is wrap-up."""
    phones.reserve()
    phones.instruct("conference")
    phones.at(1).hang_up(Party.CUSTOMER)
    assert (phones.task, phones.call(Party.WORKER)) == ("assigned", "in-progress")
    phones.events()
    phones.hang_up(Party.WORKER)
    assert phones.events() == WRAPPED


def test_a_conference_in_a_single_tasking_workspace_ends_with_its_task() -> None:
    """Wrapped up when the Worker leaves, completed when everybody has."""
    phones = Phones(single_tasking_world(), restarts=False)
    phones.reserve()
    phones.instruct("conference")
    phones.at(1).hang_up(Party.WORKER)
    assert phones.task == "wrapping"
    phones.hang_up(Party.CUSTOMER)
    assert (phones.task, phones.reason) == ("completed", "All reservations were completed")


@pytest.mark.parametrize(
    ("flag", "party"),
    [("end_conference_on_exit", Party.WORKER), ("end_conference_on_customer_exit", Party.CUSTOMER)],
)
def test_a_conference_may_end_with_one_who_leaves(phones: Phones, flag: str, party: Party) -> None:
    """For all, if the instruction said so."""
    phones.reserve()
    phones.instruct("conference", **{flag: True})
    phones.at(1).hang_up(party)
    assert phones.task == "wrapping"
    assert {str(leg.status) for leg in phones.world.task("T").legs} == {"completed"}


def test_outbound_conference_calls_the_customer_when_the_worker_is_in(phones: Phones) -> None:
    """From the attribute `from`; the Reservation is accepted when both are."""
    phones.rule(CUSTOMER, answer_after_seconds=4)
    phones.reserve(OUTBOUND)
    phones.instruct("conference")
    assert phones.leg(Party.WORKER).from_ == OFFICE
    phones.at(1)
    customer = phones.leg(Party.CUSTOMER)
    assert (customer.to, customer.from_, customer.status, phones.reservation) == (
        CUSTOMER,
        OFFICE,
        "ringing",
        "pending",
    )
    phones.at(5)
    assert (phones.task, phones.reservation) == ("assigned", "accepted")
    participants = {"worker": phones.leg(Party.WORKER).call_sid, "customer": customer.call_sid}
    assert phones.attributes["conference"]["participants"] == participants


@pytest.mark.parametrize("mode", TransferMode)
def test_a_customer_stays_on_the_line_while_the_task_is_handed_over(phones: Phones, mode: TransferMode) -> None:
    """Whoever called them may go, at once in a cold transfer; with the last one they go, too.

    So have it the tests with telephones of Twilio's Worker SDK, twilio-taskrouter.
    """
    phones.reserve(OUTBOUND)
    phones.instruct("conference")
    phones.at(2)
    phones.world.add_worker("Bob")
    phones.step().transfer("T", "Alice", "Bob", mode=mode)
    if mode is TransferMode.WARM:
        phones.step().answer("T", "accepted", worker="Bob")
        phones.hang_up(Party.WORKER)
    phones.step().answer("T", "completed", worker="Alice")
    assert (phones.call(Party.WORKER), phones.call(Party.CUSTOMER)) == ("completed", "in-progress")
    if mode is TransferMode.COLD:
        phones.step().answer("T", "accepted", worker="Bob")
    phones.step().answer("T", "completed", worker="Bob")
    assert (phones.task, phones.call(Party.CUSTOMER)) == ("completed", "completed")


def test_the_timer_stands_still_while_a_conference_is_set_up(phones: Phones) -> None:
    """60 seconds of ringing at the Worker's are not counted; then 40 of the 50 seconds are left."""
    phones.rule(outcome=CallOutcome.NO_ANSWER)
    phones.reserve()
    phones.at(10).instruct("conference")
    assert phones.at(69).reservation == "pending"
    phones.at(70)
    assert (phones.reservation, phones.call(Party.WORKER)) == ("pending", "no-answer")
    assert phones.events() == ["task.updated", "reservation.failed"]
    assert phones.world.engine.next_deadline() == moment(110)
    assert phones.at(109).reservation == "pending"
    assert phones.at(110).reservation == "timeout"


@pytest.mark.parametrize("trouble", ["busy", "the Worker hangs up"])
def test_a_conference_that_fails_after_the_worker_answered_cancels(phones: Phones, trouble: str) -> None:
    """The Reservation is canceled, and the Task looks for somebody else: here, Alice again."""
    phones.rule(CUSTOMER, outcome=CallOutcome.BUSY, answer_after_seconds=4)
    phones.reserve(OUTBOUND)
    phones.instruct("conference")
    phones.at(1).events()
    if trouble == "busy":
        phones.at(5)
    else:
        phones.hang_up(Party.WORKER)
    assert phones.events() == ["reservation.failed", "reservation.canceled", "reservation.created"]
    statuses = [str(r.reservation_status) for r in phones.world.task("T").reservations]
    assert statuses == ["canceled", "pending"]
    assert not any(leg.is_live for leg in phones.world.task("T").legs)


def test_a_customer_who_can_no_longer_be_called_fails_the_conference(phones: Phones) -> None:
    """The attributes were changed while the Worker's telephone rang."""
    phones.reserve(OUTBOUND)
    phones.instruct("conference")
    phones.step().update_task("T", attributes={})
    phones.events()
    phones.at(1)
    assert phones.events()[:2] == ["reservation.failed", "reservation.canceled"]
    assert phones.call(Party.WORKER) == "completed"


@pytest.mark.parametrize("number", ["+1 555 HOME", "+12245", "+11111111111"])
def test_a_number_that_cannot_be_called_cancels_what_a_worker_has_made_for_themself(
    phones: Phones, number: str
) -> None:
    """Once the Worker has answered; the Reservation says why, by Twilio's code, and so does the Task."""
    phones.reserve({**OUTBOUND, "outbound_to": number}, to="Alice")
    phones.instruct("conference")
    assert (phones.call(Party.WORKER), phones.reservation) == ("ringing", "pending")
    phones.at(2)
    assert (phones.task, phones.reservation) == ("canceled", "canceled")
    assert phones.world.reservation("T").canceled_reason_code == 13223
    alice = phones.world.worker("Alice")
    assert phones.reason == f"RoutingTarget not available for Reservation acceptance: {alice.sid}"


def test_who_takes_over_with_a_number_that_cannot_be_called_fails_the_transfer(phones: Phones) -> None:
    """The Reservation says why, and the customer is still there."""
    phones.reserve(OUTBOUND)
    phones.instruct("conference")
    phones.at(2)
    phones.world.add_worker("Bob")
    phones.step().transfer("T", "Alice", "Bob")
    phones.instruct("conference", to="+11111111111")
    assert phones.world.reservation("T", "Bob").is_pending
    phones.at(3)
    bob = phones.world.reservation("T", "Bob")
    assert (bob.reservation_status, bob.canceled_reason_code) == ("canceled", 13223)
    assert (phones.world.task("T").transfers[-1].transfer_status, phones.call(Party.CUSTOMER)) == (
        "failed",
        "in-progress",
    )


def test_a_reservation_that_is_canceled_for_another_reason_has_no_code(phones: Phones) -> None:
    """Nobody answers."""
    phones.rule(CUSTOMER, outcome=CallOutcome.BUSY)
    phones.reserve(OUTBOUND, to="Alice")
    phones.instruct("conference")
    phones.at(5)
    assert (phones.reservation, phones.world.reservation("T").canceled_reason_code) == ("canceled", None)


def test_a_conference_without_its_customer_is_the_workers_to_end(phones: Phones) -> None:
    """Accepted over REST while it was set up, then the caller hung up: the Worker is alone in it, and leaves."""
    phones.reserve()
    phones.instruct("conference")
    phones.step().answer("T", "accepted")
    phones.hang_up(Party.CUSTOMER)
    assert (phones.at(1).task, phones.call(Party.WORKER)) == ("assigned", "in-progress")
    phones.hang_up(Party.WORKER)
    assert phones.task == "wrapping"


def test_a_rejected_reservation_ends_the_setting_up(phones: Phones) -> None:
    """Over REST, while the customer is being called: both calls end, and the timer is that of the next one."""
    phones.rule(CUSTOMER, answer_after_seconds=30)
    phones.reserve(OUTBOUND)
    phones.instruct("conference")
    phones.at(5).step().answer("T", "rejected", activity="Offline")
    assert (phones.call(Party.WORKER), phones.call(Party.CUSTOMER)) == ("completed", "canceled")
    assert phones.at(200).task == "pending"


# --- supervise -------------------------------------------------------------------------------------------------------


def test_a_supervisor_listens_in_and_changes_nothing(phones: Phones) -> None:
    """Called at the contact_uri; neither coming nor going is told to TaskRouter; it ends with the conference."""
    world = phones.step()
    world.add_worker("Boss", activity="Offline", attributes={"contact_uri": BOSS})
    phones.reserve()
    phones.instruct("conference", end_conference_on_exit=True)
    phones.at(1).events()
    sid = phones.world.reservation("T").sid
    for fields in ({}, {"supervisor_mode": "barge"}):
        changes = {"supervisor": world.names["Boss"], **fields}
        phones.step().run(c.InstructReservation, sid=sid, instruction=Instruction.SUPERVISE, changes=changes)
    assert [leg.supervisor_mode for leg in world.state.call_legs.values() if leg.to == BOSS] == ["monitor", "barge"]
    phones.at(2)
    assert (phones.call(Party.SUPERVISOR), phones.task, phones.events()) == ("in-progress", "assigned", [])
    phones.hang_up(Party.SUPERVISOR)
    assert (phones.task, phones.events()) == ("assigned", [])
    phones.hang_up(Party.WORKER)
    assert phones.task == "wrapping"
    assert not any(leg.is_live for leg in phones.world.task("T").legs)


def test_a_supervisor_who_is_busy_is_no_failure(phones: Phones) -> None:
    """It says nothing about the Reservation."""
    phones.rule(BOSS, outcome=CallOutcome.BUSY)
    phones.reserve()
    phones.instruct("conference")
    phones.at(1).events()
    sid = phones.world.reservation("T").sid
    phones.step().run(c.InstructReservation, sid=sid, instruction=Instruction.SUPERVISE, changes={"supervisor": BOSS})
    assert (phones.at(2).call(Party.SUPERVISOR), phones.events()) == ("busy", [])


# --- callers, rules and hanging up -----------------------------------------------------------------------------------


def test_a_task_brings_its_caller(phones: Phones) -> None:
    """A `call_sid` of the right form is a call in progress; when the attributes name another, that is the caller."""
    phones.reserve()
    caller = phones.leg(Party.CUSTOMER)
    assert (caller.call_sid, caller.status, caller.to, caller.from_) == (CALL_SID, "in-progress", OFFICE, CUSTOMER)
    other = f"CA{'b' * 32}"
    phones.step().update_task("T", attributes={**CALLER, "call_sid": other})
    assert {leg.call_sid: str(leg.status) for leg in phones.world.task("T").legs} == {
        CALL_SID: "completed",
        other: "in-progress",
    }
    phones.step().update_task("T", attributes={"call_sid": "CA1"})
    assert len(phones.world.task("T").legs) == 2


def test_several_tasks_may_name_one_call(phones: Phones) -> None:
    """As when a cell is run twice: each Task has its caller, and hanging up is for all of them."""
    phones.reserve()
    phones.step().create_task("Again", attributes=CALLER)
    phones.step().run(c.HangUp, sid=CALL_SID)
    assert (phones.task, phones.world.task("Again").reason) == ("canceled", "hangup")


def test_calls_go_with_their_task(phones: Phones) -> None:
    """Five minutes after its end, or when it is deleted, nothing of them is kept."""
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(1).hang_up(Party.WORKER)
    phones.step().update_task("T", status="completed")
    phones.at(400)
    assert (phones.world.state.call_legs, phones.world.engine.next_deadline()) == ({}, None)
    phones.reserve()
    phones.instruct("dequeue")
    phones.step().delete("T")
    assert phones.world.state.call_legs == {}
    assert {kind for kind, _ in phones.world.kept.values()} & {"call_leg", "task"} == set()


def test_the_rule_for_an_address_comes_before_the_one_for_all(phones: Phones) -> None:
    """And a rule that is set anew is another from then on; a call that rings already keeps to the old one."""
    phones.rule(outcome=CallOutcome.BUSY)
    phones.rule(DESK, answer_after_seconds=3)
    phones.rule(DESK, answer_after_seconds=20)
    phones.reserve()
    phones.instruct("dequeue")
    phones.rule(DESK, outcome=CallOutcome.BUSY)
    assert phones.at(19).reservation == "pending"
    assert phones.at(20).reservation == "accepted"
    assert len(phones.world.state.call_rules) == 2


def test_answering_takes_no_time_if_that_is_the_rule(phones: Phones) -> None:
    """0 seconds: due at once, and played with the next look at the clock."""
    phones.rule(answer_after_seconds=0, ends_after_seconds=0)
    phones.reserve()
    phones.instruct("dequeue")
    assert phones.at(0).task == "wrapping"


def test_only_a_live_call_can_be_hung_up(phones: Phones) -> None:
    """A call that is over, and one that never was, are not found."""
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(1).hang_up(Party.WORKER)
    for sid in (phones.leg(Party.WORKER).call_sid, f"CA{'0' * 32}"):
        with pytest.raises(NotFound):
            phones.step().run(c.HangUp, sid=sid)


def test_a_post_work_activity_that_was_deleted_meanwhile_is_passed_over(phones: Phones) -> None:
    """The Worker stays as before."""
    phones.reserve()
    phones.instruct("dequeue", post_work_activity_sid=phones.world.names["Break"])
    phones.step().delete("Break")
    phones.at(1).hang_up(Party.WORKER)
    assert (phones.task, phones.activity) == ("wrapping", "Available")


def test_a_deleted_workspace_leaves_no_calls(phones: Phones) -> None:
    """Neither calls nor rules stay in the store."""
    phones.rule(DESK)
    phones.reserve()
    phones.instruct("dequeue")
    phones.step().run(c.DeleteWorkspace, sid=phones.world.sid)
    assert phones.world.kept == {}


def test_a_late_tick_plays_every_step_at_its_own_moment(phones: Phones) -> None:
    """After an hour's sleep the events have the times at which the calls were answered and ended."""
    phones.rule(ends_after_seconds=30)
    phones.reserve()
    phones.instruct("dequeue")
    phones.at(100)
    assert [(event.type, event.at) for event in phones.world.events[-3:]] == [
        (EventType.RESERVATION_ACCEPTED, moment(1)),
        (EventType.RESERVATION_WRAPUP, moment(31)),
        (EventType.TASK_WRAPUP, moment(31)),
    ]
