"""Voice instructions through the official SDK and through assignment callbacks, with simulated calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Answer, Target
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, START, LocalSandbox, local_sandbox
from sandbox.refused import refused

from labkit.error_codes import ErrorCode
from labkit.sandbox.clock import Clock
from labkit.sandbox.store import MemoryStore

DESK, CUSTOMER, OFFICE = "+15550100", "+15550123", "+15550199"
CALL_SID = f"CA{'a' * 32}"
CALLER = {"call_sid": CALL_SID, "to": OFFICE, "from": CUSTOMER}
URL = "https://twiml.test/answer"
VIEWS = ["task", "worker"]
Ask = Callable[..., Any]


@pytest.fixture
def phones(centre: CallCentre, ask: Ask) -> Phones:
    """Alice has a telephone."""
    return Phones(centre, ask)


class Phones:
    """The call centre, the lab's own paths for calls, and one Task with a caller."""

    def __init__(self, centre: CallCentre, ask: Ask) -> None:
        self.centre = centre
        self._ask = ask
        centre.workspace.workers(centre.alice_sid).update(attributes=json.dumps({"contact_uri": DESK}))

    def reserve(self, attributes: dict[str, Any] | None = None) -> str:
        """A Task that is reserved for Alice; its SID."""
        self.centre.switch(self.centre.alice_sid, "Available")
        return str(self.centre.add_task(attributes=json.dumps(CALLER if attributes is None else attributes)).sid)

    def reservation(self, task_sid: str, view: str = "task") -> Any:
        """The SDK's context of the Task's latest Reservation, seen from the Task or the Worker."""
        latest = self.centre.reservations(task_sid)[-1]
        if view == "task":
            return self.centre.workspace.tasks(task_sid).reservations(latest.sid)
        return self.centre.workspace.workers(latest.worker_sid).reservations(latest.sid)

    def status(self, task_sid: str) -> tuple[str, str]:
        """Of the Task and its latest Reservation."""
        return self.centre.task_status(task_sid), self.centre.reservation_status(task_sid)[-1]

    def attributes(self, task_sid: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.centre.workspace.tasks(task_sid).fetch().attributes)
        return found

    def direct(self, **form: str) -> Any:
        """POST /_sandbox/calls"""
        return self._ask("POST", "/_sandbox/calls", form)

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", "/_sandbox/calls").json["calls"]
        return found

    def call(self, party: str) -> dict[str, Any]:
        """The party's latest call."""
        return [call for call in self.calls() if call["party"] == party][-1]

    def alerts(self) -> list[int]:
        return [alert["code"] for alert in self._ask("GET", "/_sandbox/alerts").json["alerts"]]


# --- over REST -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_dequeue(sandbox: LocalSandbox, phones: Phones, view: str) -> None:
    """From ringing to the post-work Activity, seen by the SDK."""
    centre = phones.centre
    phones.direct(EndsAfterSeconds="30")
    task_sid = phones.reserve()
    answer = phones.reservation(task_sid, view).update(
        instruction="dequeue",
        dequeue_from=OFFICE,
        dequeue_post_work_activity_sid=centre.activities["Unavailable"],
        dequeue_record="record-from-answer",
        dequeue_timeout=20,
        dequeue_status_callback_url=URL,
        dequeue_status_callback_event=["initiated", "answered"],
    )
    assert answer.reservation_status == "pending"
    worker = phones.call("worker")
    assert (worker["to"], worker["from"], worker["status"], worker["instruction"]) == (
        DESK,
        OFFICE,
        "ringing",
        "dequeue",
    )
    assert phones.attributes(task_sid) == {**CALLER, "worker_call_sid": worker["sid"]}
    sandbox.advance(1)
    assert phones.status(task_sid) == ("assigned", "accepted")
    sandbox.advance(30)
    assert phones.status(task_sid) == ("wrapping", "wrapping")
    assert centre.workspace.workers(centre.alice_sid).fetch().activity_name == "Unavailable"
    assert {call["status"] for call in phones.calls()} == {"completed"}
    assert phones.alerts() == []


@pytest.mark.parametrize("view", VIEWS)
def test_call_and_redirect(sandbox: LocalSandbox, phones: Phones, view: str) -> None:
    """Both accept if they are told to: call on the answer, redirect at once."""
    called = phones.reserve({})
    phones.reservation(called, view).update(
        instruction="call", call_from=OFFICE, call_url=URL, call_accept=True, call_timeout=9
    )
    assert phones.status(called) == ("reserved", "pending")
    sandbox.advance(1)
    assert phones.status(called) == ("assigned", "accepted")
    phones.centre.workspace.tasks(called).update(assignment_status="completed")
    redirected = phones.reserve()
    phones.reservation(redirected, view).update(
        instruction="redirect", redirect_call_sid=CALL_SID, redirect_url=URL, redirect_accept=True
    )
    assert phones.status(redirected) == ("assigned", "accepted")


@pytest.mark.parametrize("view", VIEWS)
def test_conference_with_all_its_parameters(sandbox: LocalSandbox, phones: Phones, view: str) -> None:
    """Each parameter of the documentation is taken; leaving ends it for all, as two of them say."""
    task_sid = phones.reserve()
    phones.reservation(task_sid, view).update(
        instruction="conference",
        from_=OFFICE,
        to="client:alice",
        status_callback=URL,
        status_callback_method="POST",
        status_callback_event=["initiated", "ringing"],
        timeout=30,
        record=True,
        muted=False,
        beep="onEnter",
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        wait_url=URL,
        wait_method="GET",
        early_media=True,
        max_participants=5,
        conference_status_callback=URL,
        conference_status_callback_method="POST",
        conference_status_callback_event=["start", "end"],
        conference_record="record-from-start",
        conference_trim="do-not-trim",
        recording_channels="dual",
        recording_status_callback=URL,
        recording_status_callback_method="POST",
        conference_recording_status_callback=URL,
        conference_recording_status_callback_method="POST",
        region="ie1",
        sip_auth_username="alice",
        sip_auth_password="made-up",
        post_work_activity_sid=phones.centre.activities["Unavailable"],
        end_conference_on_customer_exit=True,
        beep_on_customer_entrance=True,
        jitter_buffer_size="small",
    )
    sandbox.advance(1)
    assert phones.status(task_sid) == ("assigned", "accepted")
    conference = phones.attributes(task_sid)["conference"]
    assert conference["participants"] == {"worker": phones.call("worker")["sid"], "customer": CALL_SID}
    phones.direct(HangUp=CALL_SID)
    assert phones.status(task_sid) == ("wrapping", "wrapping")
    phones.reservation(task_sid, view).update(reservation_status="completed")
    assert phones.status(task_sid) == ("completed", "completed")


def test_supervise_is_asked_for_by_way_of_the_task(sandbox: LocalSandbox, phones: Phones) -> None:
    """The Worker's view has no such instruction."""
    task_sid = phones.reserve()
    phones.reservation(task_sid).update(instruction="conference")
    sandbox.advance(1)
    supervisor = phones.centre.add_worker("Boss", attributes={"contact_uri": "client:boss"})
    phones.reservation(task_sid).update(instruction="supervise", supervisor=supervisor.sid, supervisor_mode="whisper")
    called = phones.call("supervisor")
    assert (called["to"], called["supervisor_mode"], called["status"]) == ("client:boss", "whisper", "ringing")
    with refused(400, 55555, "'supervise' is not one of accept, reject, dequeue, call, redirect, conference$"):
        phones.reservation(task_sid, "worker").update(instruction="supervise")


BAD = [
    ({"instruction": "dance"}, 55555, "Invalid Instruction: 'dance' is not one of accept, reject"),
    ({"instruction": "reject", "worker_activity_sid": "WA0"}, 40100, "Invalid WorkerActivitySid: 'WA0'"),
    ({"instruction": "dequeue", "dequeue_to": "you"}, 40131, "Invalid DequeueTo: 'you'"),
    ({"instruction": "dequeue", "dequeue_status_callback_event": ["rung"]}, 40134, "DequeueStatusCallbackEvent"),
    ({"instruction": "dequeue", "dequeue_timeout": 1000}, 20001, "Invalid DequeueTimeout: '1000'"),
    ({"instruction": "call", "call_url": URL}, 40111, "Missing required parameter CallFrom in the post body"),
    ({"instruction": "call", "call_from": OFFICE, "call_url": "/answer"}, 40112, "Invalid CallUrl: '/answer'"),
    ({"instruction": "redirect", "redirect_url": URL}, 40121, "Missing required parameter RedirectCallSid"),
    ({"instruction": "conference", "from_": "us"}, 40141, "Invalid From: 'us'"),
    ({"instruction": "conference", "max_participants": 1}, 20001, "Invalid MaxParticipants: '1'"),
    ({"instruction": "accept", "call_url": "/answer"}, 20001, "Invalid CallUrl"),
    ({"reservation_status": "accepted", "call_timeout": 0}, 20001, "Invalid CallTimeout"),
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("fields", "code", "words"), BAD, ids=str)
def test_a_bad_parameter_is_400_with_twilios_code(
    phones: Phones, fields: dict[str, Any], code: int, words: str, view: str
) -> None:
    """Nothing is done; a code of TaskRouter's own is an alert too."""
    task_sid = phones.reserve()
    with refused(400, code, words):
        phones.reservation(task_sid, view).update(**fields)
    assert phones.status(task_sid) == ("reserved", "pending")
    assert [call["party"] for call in phones.calls()] == ["customer"]
    assert phones.alerts() == ([] if code == 20001 else [code])


@pytest.mark.parametrize("view", VIEWS)
def test_what_cannot_be_done_is_an_alert_only(phones: Phones, view: str) -> None:
    """The request is answered with the Reservation as it is (docs: the codes are the debugger's)."""
    task_sid = phones.reserve({"call_sid": CALL_SID})
    answer = phones.reservation(task_sid, view).update(instruction="dequeue")
    assert answer.reservation_status == "pending"
    phones.reservation(task_sid).update(reservation_status="accepted")
    assert phones.reservation(task_sid, view).update(instruction="conference").reservation_status == "accepted"
    assert phones.alerts() == [40132, 40136]
    events = [event.event_type for event in phones.centre.workspace.events.list(task_sid=task_sid)]
    assert events.count("reservation.failed") == 1


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("instruction", ["conference", "dequeue"])
def test_a_task_without_a_call_is_400_at_once(phones: Phones, instruction: str, view: str) -> None:
    """Twilio's sentence, from https://github.com/lehel-twilio/plugin-dialpad/issues/12; the code is ours."""
    task_sid = phones.reserve({"to": OFFICE})
    sentence = f"The {instruction} instruction can only be issued on a task that was created using the <Enqueue> TwiML"
    with refused(400, 20001, sentence):
        phones.reservation(task_sid, view).update(instruction=instruction)
    assert (phones.status(task_sid), phones.alerts()) == (("reserved", "pending"), [])


def test_if_match_guards_instructions_too(phones: Phones) -> None:
    """Another version than the Reservation's is 412."""
    task_sid = phones.reserve()
    with refused(412, 20001, "If-Match"):
        phones.reservation(task_sid).update(instruction="dequeue", if_match="99")
    assert len(phones.calls()) == 1


# --- by the answer to an assignment callback -------------------------------------------------------------------------


@pytest.fixture
def answering(sandbox: LocalSandbox, phones: Phones, target: Target) -> Callable[..., str]:
    """Lets the assignment callback answer with an instruction; gives the Task's SID once that is done."""

    def answer(document: dict[str, Any], attributes: dict[str, Any] | None = None) -> str:
        target.answers["/assign"] = Answer(json.dumps(document).encode())
        phones.centre.set_callback(target.url("/assign"))
        task_sid = phones.reserve(attributes)
        target.wait_for("/assign")
        sandbox.settle()
        return task_sid

    return answer


Answering = Callable[..., str]


def test_dequeue_by_callback_with_its_events(
    sandbox: LocalSandbox, phones: Phones, target: Target, answering: Answering
) -> None:
    """What a program sees that listens to event callbacks: in order what is about the Task, and about the Worker."""
    away = phones.centre.activities["Unavailable"]
    phones.centre.workspace.update(event_callback_url=target.url("/events"))
    task_sid = answering({"instruction": "dequeue", "post_work_activity_sid": away})
    sandbox.advance(1)
    phones.direct(HangUp=phones.attributes(task_sid)["worker_call_sid"])
    sandbox.settle()
    told = [form for form in target.events() if "ReservationSid" in form or "TaskSid" in form]
    types = [form["EventType"] for form in told]
    assert types[types.index("reservation.created") :] == [
        "reservation.created",
        "task.updated",
        "reservation.accepted",
        "reservation.wrapup",
        "task.wrapup",
    ]
    about_alice = [form["EventType"] for form in target.events() if "WorkerSid" in form]
    assert about_alice[-2:] == ["task.wrapup", "worker.activity.update"]
    (updated,) = target.events("task.updated")
    assert json.loads(updated["TaskAttributes"])["worker_call_sid"] == phones.call("worker")["sid"]


@pytest.mark.parametrize(
    "case",
    [
        ({"instruction": "call", "from": OFFICE, "url": URL, "accept": True}, {}, "accepted"),
        ({"instruction": "call", "from": OFFICE, "url": URL}, {}, "pending"),
        ({"instruction": "redirect", "call_sid": CALL_SID, "url": URL, "accept": True}, CALLER, "accepted"),
        ({"instruction": "conference", "from": OFFICE}, CALLER, "accepted"),
        ({"instruction": "conference"}, {"outbound_to": CUSTOMER, "from": OFFICE}, "accepted"),
    ],
    ids=str,
)
def test_the_other_instructions_by_callback(
    sandbox: LocalSandbox, phones: Phones, answering: Answering, case: tuple[Any, Any, str]
) -> None:
    """Two seconds later everybody has answered."""
    document, attributes, status = case
    task_sid = answering(document, attributes)
    sandbox.advance(2)
    assert phones.status(task_sid)[1] == status


@pytest.mark.parametrize(
    "case",
    [
        ({"instruction": "dequeue", "status_callback_events": ["rung"]}, CALLER, 40134),
        ({"instruction": "dequeue", "timeout": "soon"}, CALLER, 40133),
        ({"instruction": "dequeue"}, {}, 40140),
        ({"instruction": "call", "from": OFFICE}, {}, 40112),
        ({"instruction": "redirect", "call_sid": f"CA{'b' * 32}", "url": URL}, CALLER, 40122),
        ({"instruction": "conference"}, {}, 40142),
        ({"instruction": "supervise", "supervisor": "client:boss"}, CALLER, 55555),
    ],
    ids=str,
)
def test_a_bad_answer_is_in_the_delivery_log_and_an_alert(
    ask: Ask, phones: Phones, answering: Answering, case: tuple[Any, Any, int]
) -> None:
    """Whether the answer shows it or only the Task: Twilio's code, once in each; the Reservation stays pending."""
    document, attributes, code = case
    task_sid = answering(document, attributes)
    assert phones.status(task_sid) == ("reserved", "pending")
    (delivery,) = ask("GET", "/_sandbox/deliveries").json["deliveries"]
    (alert,) = ask("GET", "/_sandbox/alerts").json["alerts"]
    assert (delivery["status"], delivery["error"], alert["code"]) == (200, code, code)
    assert delivery["remark"] == alert["text"]
    assert alert["text"].startswith(ErrorCode(code).meaning)
    assert alert["resource_sid"] == delivery["subject_sid"] == phones.centre.reservations(task_sid)[0].sid


def test_a_url_that_cannot_be_called_is_an_alert_too(sandbox: LocalSandbox, phones: Phones, target: Target) -> None:
    """11200, for each URL that was tried."""
    phones.centre.set_callback(target.url("/assign"), fallback=target.url("/assign"))
    target.answers["/assign"] = [Answer(status=500), Answer(status=500)]
    phones.reserve()
    target.wait_for("/assign", 2)
    sandbox.settle()
    assert phones.alerts() == [11200, 11200]


def test_an_event_callback_that_is_not_taken_is_an_alert_too(
    sandbox: LocalSandbox, phones: Phones, target: Target
) -> None:
    """11200 about the resource that the event was about."""
    target.answers["/events"] = Answer(status=500)
    phones.centre.workspace.update(event_callback_url=target.url("/events"), events_filter="task.created")
    task_sid = phones.reserve()
    target.wait_for("/events")
    sandbox.settle()
    (alert,) = sandbox.service.alerts.of(ACCOUNT)
    assert (alert.code, alert.resource_sid, alert.workspace_sid) == (11200, task_sid, phones.centre.sid)


# --- the lab's own paths ---------------------------------------------------------------------------------------------


def test_busy_by_number_and_for_all(sandbox: LocalSandbox, phones: Phones) -> None:
    """The rule for a number comes before the one for all; both are shown."""
    phones.direct(Outcome="no-answer")
    shown = phones.direct(To=DESK, Outcome="busy", AnswerAfterSeconds="3").json["rules"]
    assert shown == [
        {
            "workspace_sid": phones.centre.sid,
            "to": to,
            "outcome": outcome,
            "answer_after_seconds": after,
            "ends_after_seconds": None,
        }
        for to, outcome, after in ((None, "no-answer", 1), (DESK, "busy", 3))
    ]
    task_sid = phones.reserve()
    phones.reservation(task_sid).update(instruction="dequeue")
    sandbox.advance(3)
    assert (phones.call("worker")["status"], phones.status(task_sid)) == ("busy", ("reserved", "pending"))
    phones.reservation(task_sid).update(instruction="dequeue", dequeue_to="client:alice", dequeue_timeout=10)
    sandbox.advance(10)
    assert phones.call("worker")["status"] == "no-answer"


def test_the_caller_hangs_up(phones: Phones) -> None:
    """Before anybody has taken the Task: it is canceled with the reason that Twilio gives."""
    task_sid = phones.reserve()
    assert phones.direct(HangUp=CALL_SID).status == 200
    task = phones.centre.workspace.tasks(task_sid).fetch()
    assert (task.assignment_status, task.reason) == ("canceled", "hangup")
    assert phones.direct(HangUp=CALL_SID).status == 404


@pytest.mark.parametrize(
    "form",
    [
        {"Outcome": "voicemail"},
        {"AnswerAfterSeconds": "soon"},
        {"AnswerAfterSeconds": "-1"},
        {"EndsAfterSeconds": "86401"},
        {"To": "x" * 257},
    ],
    ids=str,
)
def test_a_rule_that_cannot_be_is_refused(phones: Phones, form: dict[str, str]) -> None:
    """400, and no rule is kept."""
    assert phones.direct(**form).status == 400
    assert phones.direct(To=DESK).json["rules"][0]["to"] == DESK


def test_accounts_do_not_hear_each_other(ask: Ask, phones: Phones) -> None:
    """Neither calls nor alerts nor rules; and nobody hangs up another's call."""
    task_sid = phones.reserve()
    phones.reservation(task_sid).update(instruction="redirect", redirect_call_sid=f"CA{'b' * 32}", redirect_url=URL)
    assert phones.alerts() == [40122]
    other = {"credentials": (OTHER_ACCOUNT, OTHER_TOKEN)}
    assert ask("GET", "/_sandbox/calls", **other).json == {"calls": [], "rules": []}
    assert ask("GET", "/_sandbox/alerts", **other).json == {"alerts": []}
    assert ask("POST", "/_sandbox/calls", {"HangUp": CALL_SID}, **other).status == 404
    named = {"WorkspaceSid": phones.centre.sid, "Outcome": "busy"}
    assert ask("POST", "/_sandbox/calls", named, **other).status == 404
    assert ask("POST", "/_sandbox/calls", named).json["rules"][0]["outcome"] == "busy"
    assert phones.call("customer")["status"] == "in-progress"


def test_calls_go_on_after_a_restart() -> None:
    """A call that rang when the sandbox ended is answered at its moment."""
    store = MemoryStore()
    with local_sandbox(store) as sandbox:
        client = sandbox.client()
        centre = build(client)
        centre.workspace.workers(centre.alice_sid).update(attributes=json.dumps({"contact_uri": DESK}))
        centre.switch(centre.alice_sid, "Available")
        task = centre.add_task(attributes=json.dumps(CALLER))
        (reservation,) = centre.reservations(task.sid)
        centre.workspace.tasks(task.sid).reservations(reservation.sid).update(instruction="dequeue")
        workspace_sid = centre.sid
    with local_sandbox(store, clock=Clock(START)) as sandbox:
        workspace = sandbox.client().taskrouter.v1.workspaces(workspace_sid)
        assert workspace.tasks(task.sid).fetch().assignment_status == "reserved"
        sandbox.advance(1)
        assert workspace.tasks(task.sid).fetch().assignment_status == "assigned"
