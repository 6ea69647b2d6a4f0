"""Instructions, conferences and Supervisors over the bridge: on the simulated calls, as over REST."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sandbox.bridge.conftest import Enter
from sandbox.bridge_client import BridgeClient
from sandbox.call_centre import CallCentre
from sandbox.local import LocalSandbox

DESK, OTHER_DESK, CUSTOMER, OFFICE = "+15550100", "+15550177", "+15550123", "+15550199"
CALLER = {"call_sid": f"CA{'a' * 32}", "to": OFFICE, "from": CUSTOMER}
PARTICIPANTS = ("WorkerParticipant", "CustomerParticipant", "HoldWorkerParticipant", "KickWorkerParticipant")


class Lines:
    """Alice at her telephone, with a caller's Task that is reserved for her."""

    def __init__(self, sandbox: LocalSandbox, centre: CallCentre, alice: BridgeClient, ask: Any) -> None:
        self.sandbox, self.centre, self.alice, self._ask = sandbox, centre, alice, ask
        centre.workspace.workers(centre.alice_sid).update(attributes=json.dumps({"contact_uri": DESK}))
        centre.switch(centre.alice_sid, "Available")
        self.task_sid = centre.add_task(attributes=json.dumps(CALLER)).sid
        self.held = centre.reservations(self.task_sid)[0].sid

    def instruct(self, instruction: str, **fields: Any) -> Any:
        path = f"{self.alice.me}/Reservations/{self.held}"
        return self.alice.post(path, Instruction=instruction, **fields)

    def begin_conference(self, **fields: Any) -> None:
        """Until Alice and the caller are in it."""
        assert self.instruct("conference", **fields).status == 200
        self.sandbox.advance(1)
        assert self.centre.reservation_status(self.task_sid) == ["accepted"]

    def call(self, party: str) -> dict[str, Any]:
        """The party's latest call."""
        calls: list[dict[str, Any]] = self._ask("GET", "/_sandbox/calls").json["calls"]
        return [call for call in calls if call["party"] == party][-1]

    def change(self, who: BridgeClient, what: str, **fields: Any) -> Any:
        return who.post(f"{who.me}/{what}", version="v2", **fields)


@pytest.fixture
def lines(sandbox: LocalSandbox, centre: CallCentre, alice: BridgeClient, ask: Any) -> Lines:
    return Lines(sandbox, centre, alice, ask)


@pytest.mark.parametrize(
    ("instruction", "fields"),
    [
        ("conference", {}),
        ("conference", {"EndConferenceOnExit": True, "Timeout": 20, "Beep": "onExit", "MaxParticipants": 3}),
        ("conference", {"ConferenceStatusCallbackEvent": ["start", "end"], "Record": False}),
        ("call", {"CallFrom": OFFICE, "CallUrl": "https://twiml.test/", "CallAccept": True, "CallTimeout": 10}),
        ("dequeue", {"DequeueFrom": OFFICE, "DequeueStatusCallbackEvents": "initiated"}),
    ],
)
def test_an_instruction_is_answered_at_once_and_accepts_when_the_legs_are_in(
    lines: Lines, instruction: str, fields: dict[str, Any]
) -> None:
    """The Reservation is still pending in the answer, which has version 1 and no Task."""
    answered = lines.instruct(instruction, **fields).payload
    assert (answered["sid"], answered["reservation_status"]) == (lines.held, "pending")
    assert "task" not in answered
    assert lines.call("worker")["status"] == "ringing"
    lines.sandbox.advance(1)
    assert lines.centre.reservation_status(lines.task_sid) == ["accepted"]


def test_a_call_is_redirected(lines: Lines) -> None:
    """With RedirectAccept the Reservation is accepted at once."""
    fields = {"RedirectCallSid": CALLER["call_sid"], "RedirectUrl": "https://twiml.test/", "RedirectAccept": True}
    assert lines.instruct("redirect", **fields).payload["reservation_status"] == "accepted"


def test_a_wrong_field_is_refused_with_twilios_code(lines: Lines) -> None:
    """As over REST."""
    answered = lines.instruct("call", CallFrom="us", CallUrl="https://twiml.test/")
    assert answered.refusal[0] == 400
    assert answered.json["code"] == 40111


def test_a_number_that_cannot_be_called_is_told_by_its_code(lines: Lines) -> None:
    """In the second version, and only there; a Reservation that was canceled otherwise has none."""
    alice, centre = lines.alice, lines.centre
    alice.answer(lines.held, "rejected")
    centre.workspace.tasks(lines.task_sid).delete()
    given = {"RoutingTarget": alice.worker_sid, "WorkflowSid": centre.workflow_sid}
    attributes = {"outbound_to": "nobody", "from": OFFICE}
    task_sid = alice.post(f"{alice.all}/Tasks", **given, Attributes=attributes).payload["sid"]
    [held] = centre.reservations(task_sid)
    path = f"{alice.me}/Reservations/{held.sid}"
    assert alice.post(path, Instruction="conference").payload["reservation_status"] == "pending"
    lines.sandbox.advance(1)
    assert alice.get(path, version="v2").payload["canceled_reason_code"] == 13223
    assert "canceled_reason_code" not in alice.get(path).payload
    reason = alice.get(f"{alice.all}/Tasks/{task_sid}").payload["reason"]
    assert reason == f"RoutingTarget not available for Reservation acceptance: {alice.worker_sid}"


def test_leaving_the_conference_wraps_up(lines: Lines) -> None:
    """The last one out ends it."""
    lines.begin_conference()
    lines.sandbox.advance(1)
    lines._ask("POST", "/_sandbox/calls", {"HangUp": lines.call("worker")["sid"]})
    assert lines.centre.reservation_status(lines.task_sid) == ["wrapping"]


def test_a_worker_mutes_themself_and_says_what_leaving_does(lines: Lines) -> None:
    """And comes back."""
    lines.begin_conference()
    for muted in (True, False):
        given = {"ReservationSid": lines.held, "Mute": muted}
        assert lines.change(lines.alice, "WorkerParticipant", **given).payload["sid"] == lines.task_sid
        assert lines.call("worker")["muted"] is muted
    given = {"ReservationSid": lines.held, "EndConferenceOnExit": True, "BeepOnExit": True}
    assert lines.change(lines.alice, "WorkerParticipant", **given).status == 200
    lines._ask("POST", "/_sandbox/calls", {"HangUp": lines.call("worker")["sid"]})
    assert lines.call("customer")["status"] == "completed"


def test_the_customer_is_held_and_fetched_back(lines: Lines) -> None:
    """The answer is the Task."""
    lines.begin_conference()
    for held in (True, False):
        given = {"TaskSid": lines.task_sid, "Hold": held, "HoldUrl": "https://twiml.test/", "HoldMethod": "GET"}
        assert lines.change(lines.alice, "CustomerParticipant", **given).payload["sid"] == lines.task_sid
        assert lines.call("customer")["on_hold"] is held
    assert lines.change(lines.alice, "CustomerParticipant", TaskSid=lines.task_sid, HoldUrl="music").status == 400


def test_a_colleague_is_held_and_put_out(lines: Lines, enter: Enter) -> None:
    """After a warm transfer both are in the conference; who is put out wraps up."""
    lines.begin_conference()
    centre, alice = lines.centre, lines.alice
    bob = enter(centre.add_worker("Bob", available=True, attributes={"contact_uri": OTHER_DESK}).sid)
    given = {"ReservationSid": lines.held, "TaskSid": lines.task_sid, "To": bob.worker_sid}
    assert alice.post(f"{alice.me}/Transfers", version="v2", **given).status == 200
    his = centre.reservations(lines.task_sid)[-1].sid
    assert bob.post(f"{bob.me}/Reservations/{his}", Instruction="conference").status == 200
    lines.sandbox.advance(1)
    assert centre.reservation_status(lines.task_sid) == ["accepted", "accepted"]

    about_bob = {"TaskSid": lines.task_sid, "TargetWorkerSid": bob.worker_sid}
    assert lines.change(alice, "HoldWorkerParticipant", **about_bob, Hold=True).payload["sid"] == lines.task_sid
    assert lines.call("worker")["on_hold"] is True
    assert lines.change(alice, "KickWorkerParticipant", **about_bob).payload["sid"] == lines.task_sid
    assert lines.call("worker")["status"] == "completed"
    assert centre.reservation_status(lines.task_sid) == ["accepted", "wrapping"]
    status, said = lines.change(alice, "KickWorkerParticipant", **about_bob).refusal
    assert (status, f"Worker {bob.worker_sid} is in no conference" in said) == (400, True)


@pytest.mark.parametrize("what", PARTICIPANTS)
@pytest.mark.parametrize("state", ["pending", "ringing", "accepted without a call"])
def test_without_a_conference_there_is_nobody_to_hold(lines: Lines, what: str, state: str) -> None:
    """A 400 whose text says so."""
    if state == "ringing":
        lines.instruct("conference")
    elif state != "pending":
        lines.alice.answer(lines.held, "accepted")
    given = {"ReservationSid": lines.held, "TaskSid": lines.task_sid, "TargetWorkerSid": lines.alice.worker_sid}
    status, said = lines.change(lines.alice, what, **given, Hold=True, Mute=True).refusal
    assert status == 400
    assert "in no conference" in said


@pytest.mark.parametrize("what", PARTICIPANTS)
def test_somebody_elses_conference_is_not_touched(lines: Lines, enter: Enter, what: str) -> None:
    """Bob is not in it, and has no Reservation of it."""
    lines.begin_conference()
    bob = enter(lines.centre.add_worker("Bob").sid)
    given = {"ReservationSid": lines.held, "TaskSid": lines.task_sid, "TargetWorkerSid": lines.alice.worker_sid}
    assert lines.change(bob, what, **given, Hold=True, Mute=True).refusal[0] == 400
    worker, customer = lines.call("worker"), lines.call("customer")
    assert (worker["status"], worker["muted"], worker["on_hold"]) == ("in-progress", False, False)
    assert customer["on_hold"] is False


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("WorkerParticipant", {}),
        ("WorkerParticipant", {"ReservationSid": "WRx"}),
        ("CustomerParticipant", {}),
        ("CustomerParticipant", {"TaskSid": "WTx"}),
        ("HoldWorkerParticipant", {"TaskSid": "{task}"}),
        ("HoldWorkerParticipant", {"TaskSid": "{task}", "TargetWorkerSid": "WKx"}),
        ("KickWorkerParticipant", {"TargetWorkerSid": "{worker}"}),
    ],
)
def test_whom_it_is_about_must_be_said(lines: Lines, what: str, given: dict[str, str]) -> None:
    """A missing or a wrong SID is a 400."""
    lines.begin_conference()
    sids = {"task": lines.task_sid, "worker": lines.alice.worker_sid}
    filled = {name: value.format(**sids) for name, value in given.items()}
    assert lines.change(lines.alice, what, **filled).refusal[0] == 400


def test_a_supervisor_listens_in(lines: Lines, enter: Enter) -> None:
    """By way of the Task; without a conference it is a 400 that says so."""
    contact = {"contact_uri": "client:boss"}
    boss = enter(lines.centre.add_worker("Boss", attributes=contact).sid, role="supervisor")
    path = f"{boss.all}/Tasks/{lines.task_sid}/Reservations/{lines.held}"
    given = {"Instruction": "supervise", "Supervisor": boss.worker_sid, "SupervisorMode": "monitor"}
    status, said = boss.post(path, **given).refusal
    assert (status, "not accepted" in said) == (400, True)
    lines.alice.answer(lines.held, "accepted")
    status, said = boss.post(path, **given).refusal
    assert (status, "conference" in said) == (400, True)


def test_a_conference_that_only_the_attributes_name_is_believed(lines: Lines, enter: Enter) -> None:
    """So Twilio's own tests of the Worker SDK, twilio-taskrouter, call `monitor`, whatever attributes she has."""
    boss = enter(lines.centre.add_worker("Boss").sid, role="supervisor")
    path = f"{boss.all}/Tasks/{lines.task_sid}/Reservations/{lines.held}"
    given = {"Instruction": "supervise", "Supervisor": boss.worker_sid, "SupervisorMode": "monitor"}
    named = json.dumps(CALLER | {"conference": {"sid": f"CF{'1' * 32}"}})
    lines.centre.workspace.tasks(lines.task_sid).update(attributes=named)
    status, said = boss.post(path, **given).refusal
    assert (status, "not accepted" in said) == (400, True)
    lines.alice.answer(lines.held, "accepted")
    assert boss.post(path, **given).payload["reservation_status"] == "accepted"


def test_a_supervisor_is_called_into_the_conference(lines: Lines, enter: Enter) -> None:
    """The answer is the Reservation as it is."""
    contact = {"contact_uri": "client:boss"}
    boss = enter(lines.centre.add_worker("Boss", attributes=contact).sid, role="supervisor")
    lines.begin_conference()
    given = {"Instruction": "supervise", "Supervisor": boss.worker_sid, "SupervisorMode": "monitor"}
    answered = boss.post(f"{boss.all}/Tasks/{lines.task_sid}/Reservations/{lines.held}", **given).payload
    assert answered["reservation_status"] == "accepted"
    called = lines.call("supervisor")
    assert (called["to"], called["supervisor_mode"]) == ("client:boss", "monitor")
