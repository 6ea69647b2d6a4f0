"""Callbacks as a receiver sees them: signed, in time, in order; and what becomes of each kind of answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.callback_target import Answer, Received, Target
from sandbox.local import ACCOUNT, START, TOKEN, LocalSandbox
from twilio.request_validator import RequestValidator

from labkit import limits
from labkit.engine.effects import Event
from labkit.sandbox import event_callbacks
from labkit.sandbox.delivery_log import MAX_BODY, Delivery
from labkit.sandbox.store import EventTarget
from labkit.sandbox.unsent_events import is_wanted
from labkit.sandbox.webhooks import wire_value
from labkit.vocabulary import EventType, wire_name

JSON = {"Content-Type": "application/json"}
ASSIGNMENT_FIELDS = {
    "Timestamp",
    "AccountSid",
    "WorkspaceSid",
    "WorkflowSid",
    "TaskQueueSid",
    "WorkerSid",
    "WorkerAttributes",
    "TaskSid",
    "TaskAttributes",
    "TaskAge",
    "TaskPriority",
    "ReservationSid",
}
"""docs: /docs/taskrouter/handle-assignment-callbacks"""


def instruct(**document: Any) -> Answer:
    return Answer(json.dumps(document).encode())


def is_signed(received: Received, url: str) -> bool:
    return bool(RequestValidator(TOKEN).validate(url, received.form, received.headers["X-Twilio-Signature"]))


def deliveries(sandbox: LocalSandbox, kind: str) -> list[Delivery]:
    sandbox.settle()
    return [d for d in sandbox.look(lambda: sandbox.webhooks.deliveries.of(ACCOUNT)) if d.kind == kind]


class Assigning:
    """Makes one Reservation for Alice with a callback URL that gives these answers, and waits until all is over."""

    def __init__(self, sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
        self.sandbox, self.centre, self.target = sandbox, centre, target

    def __call__(self, first: Answer, fallback: Answer | None = None) -> str:
        """The state of that Reservation afterwards."""
        # Later Reservations of the same Task wait: only the first one is what a test looks at.
        self.target.answers = {"/first": [first, *[Answer()] * 5], "/fallback": [fallback or Answer(), *[Answer()] * 5]}
        self.centre.set_callback(
            self.target.url("/first"), fallback=self.target.url("/fallback") if fallback is not None else ""
        )
        self.task, _ = self.centre.reserved_task()
        self.target.wait_for("/first")
        self.sandbox.settle()
        return self.centre.reservation_status(self.task.sid)[0]

    @property
    def log(self) -> Delivery:
        """The first delivery."""
        return deliveries(self.sandbox, "assignment")[0]


@pytest.fixture
def assigning(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> Assigning:
    """See Assigning."""
    return Assigning(sandbox, centre, target)


# --- the request ------------------------------------------------------------------------------------------------------


def test_an_assignment_callback_carries_the_documented_fields(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Exactly those, with the values of the moment when the Reservation was made."""
    centre.set_callback(target.url("/assign"))
    task = centre.add_task(attributes='{"selected_language": "es"}', priority=7)
    sandbox.advance(30)
    centre.switch(centre.alice_sid, "Available")
    (received,) = target.wait_for("/assign")
    (reservation,) = centre.reservations(task.sid)
    assert set(received.form) == ASSIGNMENT_FIELDS
    assert received.form == {
        "Timestamp": str(int(START.timestamp()) + 30),
        "AccountSid": ACCOUNT,
        "WorkspaceSid": centre.sid,
        "WorkflowSid": centre.workflow_sid,
        "TaskQueueSid": centre.queue_sid,
        "WorkerSid": centre.alice_sid,
        "WorkerAttributes": '{"languages":["en","es"]}',
        "TaskSid": task.sid,
        "TaskAttributes": '{"selected_language":"es"}',
        "TaskAge": "30",
        "TaskPriority": "7",
        "ReservationSid": reservation.sid,
    }


@pytest.mark.parametrize("suffix", ["", "?lab=1&b=2", "/a%2Fb?x=%41%20%2B&empty=", "?q=%C3%A9"])
def test_the_signature_holds_for_the_url_as_configured(centre: CallCentre, target: Target, suffix: str) -> None:
    """The SDK's own validator accepts it, and the URL arrives to the letter, escapes included."""
    url = target.url(f"/assign{suffix}")
    centre.set_callback(url)
    centre.reserved_task()
    path = f"/assign{suffix}".split("?")[0]
    (received,) = target.wait_for(path)
    assert received.path == f"/assign{suffix}"
    assert is_signed(received, url)
    assert not is_signed(received, f"{url}x")
    assert received.headers["Content-Type"].startswith("application/x-www-form-urlencoded")


def test_a_fragment_is_neither_sent_nor_signed(centre: CallCentre, target: Target) -> None:
    """As Twilio's connection overrides come (`#rc=2`): whoever checks the signature never sees them."""
    centre.set_callback(target.url("/assign?lab=1#rc=2&rp=all"))
    centre.reserved_task()
    (received,) = target.wait_for("/assign")
    assert received.path == "/assign?lab=1"
    assert is_signed(received, target.url("/assign?lab=1"))


def test_attributes_of_every_script_are_signed_and_arrive(centre: CallCentre, target: Target) -> None:
    """Beyond ASCII, and characters that mean something in a form."""
    attributes = {"name": "Zoë & Søn = 日本 + 😀 100%"}
    centre.set_callback(target.url("/assign"))
    centre.switch(centre.alice_sid, "Available")
    centre.add_task(attributes=json.dumps(attributes))
    (received,) = target.wait_for("/assign")
    assert json.loads(received.form["TaskAttributes"]) == attributes
    assert is_signed(received, target.url("/assign"))


def test_without_a_url_nobody_is_called(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The Reservation waits for REST, and times out by itself."""
    task, _ = centre.reserved_task()
    sandbox.settle()
    assert (target.received, deliveries(sandbox, "assignment")) == ([], [])
    assert centre.reservation_status(task.sid) == ["pending"]


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (instruct(), "pending", None),
        (Answer(b""), "pending", None),
        (Answer(b"", headers={}), "pending", 40005),
        (instruct(instruction="accept"), "accepted", None),
        (instruct(instruction="reject"), "rejected", None),
        (Answer(b"{"), "pending", 40001),
        (instruct(hello="there"), "pending", 40005),
        (instruct(instruction="reject", activity_sid="WA0"), "pending", 40100),
        (instruct(instruction=["accept"]), "pending", 55555),
        (instruct(instruction="dequeue"), "pending", 40140),
        (instruct(instruction="dequeue", to="you"), "pending", 40131),
    ],
    ids=lambda value: value.body.decode() if isinstance(value, Answer) else str(value),
)
def test_what_becomes_of_an_answer(assigning: Assigning, answer: Answer, status: str, error: int | None) -> None:
    """The instruction is carried out, or the log holds Twilio's error code; there is no second call."""
    assert assigning(answer, fallback=instruct(instruction="accept")) == status
    assert (assigning.log.status, assigning.log.error) == (200, error)
    assert assigning.target.of("/fallback") == []


def test_reject_can_move_the_worker(assigning: Assigning, centre: CallCentre) -> None:
    """To the Activity that the answer names."""
    away = centre.activities["Unavailable"]
    assert assigning(instruct(instruction="reject", activity_sid=away)) == "rejected"
    assert centre.workspace.workers(centre.alice_sid).fetch().activity_sid == away


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(status=404),
        Answer(instruct(instruction="accept").body, status=201),
        Answer(status=302, body=b"", headers={"Location": "/elsewhere"}),
    ],
    ids=lambda answer: str(answer.status),
)
def test_anything_but_200_goes_on_to_the_fallback(assigning: Assigning, answer: Answer) -> None:
    """Its answer counts, and the log says what the first one was."""
    assert assigning(answer, fallback=instruct(instruction="accept")) == "accepted"
    assert (assigning.log.status, assigning.log.error) == (answer.status, 11200)
    assert str(answer.status) in (assigning.log.remark or "")
    first, second = assigning.target.received[:2]
    assert (first.path, second.path) == ("/first", "/fallback")
    assert second.form == first.form
    assert is_signed(second, assigning.target.url("/fallback"))


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/html; charset=utf-8"}], ids=["no type", "text/html"])
def test_an_answer_of_another_type_goes_on_to_the_fallback(assigning: Assigning, headers: dict[str, str]) -> None:
    """40000, and what it says is not done (docs: /docs/taskrouter/handle-assignment-callbacks)."""
    reject = Answer(instruct(instruction="reject").body, headers=headers)
    assert assigning(reject, fallback=instruct(instruction="accept")) == "accepted"
    assert (assigning.log.status, assigning.log.error) == (200, 40000)
    (alert,) = assigning.sandbox.look(lambda: assigning.sandbox.service.alerts.of(ACCOUNT))
    assert (alert.code, alert.resource_sid) == (40000, assigning.log.subject_sid)


def test_an_answer_of_another_type_without_a_fallback_cancels(assigning: Assigning) -> None:
    """As anything else that is no answer."""
    assert assigning(Answer(instruct(instruction="accept").body, headers={})) == "canceled"


@pytest.mark.parametrize("status", [204, 202])
def test_a_2xx_without_a_body_is_taken_with_a_warning(assigning: Assigning, status: int) -> None:
    """As `{}`: for whoever accepts elsewhere. The fallback is not asked."""
    empty = Answer(b"", status=status, headers={})
    assert assigning(empty, fallback=instruct(instruction="accept")) == "pending"
    assert (assigning.log.status, assigning.log.error) == (status, 40005)
    assert assigning.target.of("/fallback") == []


def test_a_redirect_is_not_followed(assigning: Assigning) -> None:
    """Where it leads to nobody has allowed."""
    assigning(Answer(status=307, body=b"", headers={"Location": assigning.target.url("/elsewhere")}))
    assert assigning.target.of("/elsewhere") == []


@pytest.mark.parametrize("fallback", [None, Answer(status=503)], ids=["no fallback", "a failing fallback"])
def test_when_all_fails_the_reservation_is_canceled(
    assigning: Assigning, centre: CallCentre, fallback: Answer | None
) -> None:
    """At once; the Task goes back, and is offered anew after a second."""
    assert assigning(Answer(status=500), fallback=fallback) == "canceled"
    assert centre.task_status(assigning.task.sid) == "pending"
    assigning.sandbox.advance(1)
    assert centre.task_status(assigning.task.sid) == "reserved"
    assert centre.reservation_status(assigning.task.sid) == ["canceled", "pending"]


def test_a_url_that_keeps_failing_is_asked_less_and_less_often(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Five times in the first half minute; set again, it is asked at once."""
    target.answers["/assign"] = Answer(status=500)
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    target.wait_for("/assign")
    sandbox.settle()
    for _ in range(30):
        sandbox.advance(1)
        sandbox.settle()
    assert len(target.of("/assign")) == 5
    assert centre.reservation_status(task.sid) == ["canceled"] * 5
    target.answers["/assign"] = instruct(instruction="accept")
    centre.set_callback(target.url("/assign"))
    target.wait_for("/assign", 6)
    sandbox.settle()
    assert centre.task_status(task.sid) == "assigned"


def test_a_callback_that_is_sent_once_more_and_answered_ends_the_pause(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Its Reservation is over, but the URL answers again."""
    target.answers["/assign"] = [Answer(status=500), Answer(), Answer()]
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    target.wait_for("/assign")
    (failed,) = deliveries(sandbox, "assignment")
    assert centre.task_status(task.sid) == "pending"
    again = sandbox.ask(sandbox.webhooks.redeliver(failed))
    assert "was not followed" in (again.remark or "")
    target.wait_for("/assign", 3)
    assert centre.reservation_status(task.sid) == ["canceled", "pending"]


def test_the_fallback_is_not_called_for_a_reservation_that_is_over(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """A person rejected while the first URL was about to fail."""
    target.answers["/first"] = [Answer(status=500, hold=True), *[Answer()] * 5]
    centre.set_callback(target.url("/first"), fallback=target.url("/fallback"))
    task, reservation = centre.reserved_task()
    target.wait_for("/first")
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="rejected")
    target.release()
    sandbox.settle()
    assert target.of("/fallback") == []


def test_a_url_that_nobody_listens_at_is_a_failed_connection(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """11205 in the log, then the fallback."""
    gone = Target()
    gone.close()
    target.answers["/fallback"] = instruct(instruction="accept")
    centre.set_callback(gone.url("/"), fallback=target.url("/fallback"))
    task, _ = centre.reserved_task()
    target.wait_for("/fallback")
    first, second = deliveries(sandbox, "assignment")
    assert (first.status, first.error, second.status) == (None, 11205, 200)
    assert "no connection" in (first.remark or "")
    assert centre.reservation_status(task.sid) == ["accepted"]


def test_an_answer_that_takes_too_long_is_given_up(assigning: Assigning, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the limit (5 s, here less) the fallback is called; the late answer counts for nothing."""
    assert limits.ASSIGNMENT_CALLBACK_SECONDS == 5
    monkeypatch.setattr(limits, "ASSIGNMENT_CALLBACK_SECONDS", 0.4)
    late = Answer(instruct(instruction="reject").body, hold=True)
    assert assigning(late, fallback=instruct(instruction="accept")) == "accepted"
    assigning.target.release()
    assert (assigning.log.status, assigning.log.error) == (None, 11200)
    assert assigning.log.remark == "no answer within 0.4 s"
    assert assigning.log.milliseconds >= 400


def test_an_answer_may_come_in_pieces(assigning: Assigning) -> None:
    """Its body is read to the end, not to the first packet's."""
    body = json.dumps({"instruction": "accept", "padding": "x" * 30_000}).encode()
    pieces = tuple(body[i : i + 5000] for i in range(0, len(body), 5000))
    assert assigning(Answer(chunks=pieces)) == "accepted"
    assert assigning.log.body == body


def test_a_huge_answer_is_cut_off(assigning: Assigning) -> None:
    """Of 5 MB only the first 64 kB are read and kept, which is no JSON any more."""
    body = json.dumps({"instruction": "accept", "padding": "x" * 5_000_000}).encode()
    assert assigning(Answer(body)) == "pending"
    assert (len(assigning.log.body), assigning.log.error) == (MAX_BODY, 40001)


def test_whoever_accepts_first_wins(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The Worker rejects over REST while the callback is out; an `accept` that comes after that does nothing."""
    target.answers["/assign"] = [Answer(instruct(instruction="accept").body, hold=True), *[Answer()] * 5]
    centre.set_callback(target.url("/assign"))
    task, reservation = centre.reserved_task()
    target.wait_for("/assign")
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="rejected")
    target.release()
    sandbox.settle()
    assert centre.reservation_status(task.sid)[0] == "rejected"
    assert centre.task_status(task.sid) == "reserved"


@pytest.mark.parametrize(
    "url", ["http://evil.example/steal", "http://169.254.169.254/", "http://localhost.evil.example/", "http://127.1/"]
)
def test_hosts_that_nobody_allowed_are_not_called(sandbox: LocalSandbox, centre: CallCentre, url: str) -> None:
    """The log says why, and the Reservation is canceled as after any failure."""
    centre.set_callback(url)
    centre.switch(centre.alice_sid, "Available")
    task = centre.add_task(timeout=3600)
    centre.set_callback("")
    sandbox.settle()
    first = deliveries(sandbox, "assignment")[0]
    assert (first.url, first.status, first.error, first.signature) == (url, None, 11205, "")
    said = "is never called" if "169.254" in url else "--allow-callback-host"
    assert said in (first.remark or "")
    assert centre.reservation_status(task.sid)[0] == "canceled"


# --- events -----------------------------------------------------------------------------------------------------------


def watch(centre: CallCentre, url: str, events_filter: str | None = None) -> None:
    """Set the Workspace's event callback URL."""
    fields: Mapping[str, Any] = {} if events_filter is None else {"events_filter": events_filter}
    centre.workspace.update(event_callback_url=url, **fields)


def test_events_arrive_in_order_and_signed(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The happy path of the documentation, each once; in order, for they are about one Task and one Worker."""
    watch(centre, target.url("/events"))
    sandbox.settle()
    centre.switch(centre.alice_sid, "Available")
    sandbox.settle()
    task = centre.add_task()
    (reservation,) = centre.reservations(task.sid)
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    centre.workspace.tasks(task.sid).update(assignment_status="completed", reason="done")
    sandbox.settle()
    assert [form["EventType"] for form in target.events()] == [
        "workspace.updated",
        "worker.activity.update",
        "task.created",
        "workflow.entered",
        "workflow.target-matched",
        "task-queue.entered",
        "reservation.created",
        "reservation.accepted",
        "reservation.completed",
        "task.completed",
    ]
    assert all(is_signed(received, target.url("/events")) for received in target.of("/events"))


def test_an_event_carries_its_fields(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """Those that every event has, and the groups of its kind; nothing is `None`."""
    watch(centre, target.url("/events"))
    task, reservation = centre.reserved_task()
    sandbox.settle()
    (form,) = target.events("reservation.created")
    seconds = str(int(START.timestamp()))
    expected = {
        "EventType": "reservation.created",
        "AccountSid": ACCOUNT,
        "WorkspaceSid": centre.sid,
        "WorkspaceName": "Tests",
        "ResourceType": "reservation",
        "ResourceSid": reservation.sid,
        "Timestamp": seconds,
        "TimestampMs": f"{seconds}000",
        "TaskSid": task.sid,
        "TaskAttributes": "{}",
        "TaskAge": "0",
        "TaskPriority": "0",
        "TaskAssignmentStatus": "reserved",
        "TaskChannelUniqueName": "default",
        "TaskDateCreated": seconds,
        "TaskQueueEnteredDate": seconds,
        "TaskQueueSid": centre.queue_sid,
        "TaskQueueName": "Everybody",
        "TaskQueueTargetExpression": "1==1",
        "WorkflowSid": centre.workflow_sid,
        "WorkflowName": "Main",
        "WorkerSid": centre.alice_sid,
        "WorkerName": "Alice",
        "WorkerActivityName": "Available",
        "ReservationSid": reservation.sid,
    }
    assert {name: form.get(name) for name in expected} == expected
    assert form["Sid"].startswith("EV")
    assert reservation.sid in form["EventDescription"]
    assert "None" not in form.values()


def test_a_new_task_tells_its_queue(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """In the callback and in the log, where the TaskQueue's SID finds it."""
    watch(centre, target.url("/events"), "task.created,workflow.entered")
    centre.add_task()
    sandbox.settle()
    for kind in ("task.created", "workflow.entered"):
        (form,) = target.events(kind)
        told = [form[name] for name in ("TaskQueueSid", "TaskQueueName", "TaskQueueTargetExpression")]
        assert told == [centre.queue_sid, "Everybody", "1==1"]
        (event,) = centre.workspace.events.list(event_type=kind, task_queue_sid=centre.queue_sid)
        assert event.event_data["task_queue_name"] == "Everybody"


def test_known_agent_routing_is_told(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """Which Worker the Workflow asked for: in the callback and in the log."""
    targets = [{"queue": centre.queue_sid, "known_worker_friendly_name": "task.agent"}]
    routing = {"filters": [{"expression": "1==1", "targets": targets}]}
    centre.workspace.workflows(centre.workflow_sid).update(configuration=json.dumps({"task_routing": routing}))
    watch(centre, target.url("/events"), "task-queue.entered")
    centre.add_task(attributes=json.dumps({"agent": "Alice"}))
    sandbox.settle()
    (form,) = target.events("task-queue.entered")
    (event,) = centre.workspace.events.list(event_type="task-queue.entered")
    assert form["KnownWorkerSid"] == event.event_data["known_worker_sid"] == centre.alice_sid


def test_the_end_of_a_task_tells_whose_it_was(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The Worker's group in the callback, and the same in the log, where the Worker's SID finds it."""
    watch(centre, target.url("/events"), "task.wrapup,task.completed")
    task, reservation = centre.reserved_task()
    for status in ("accepted", "wrapping", "completed"):
        centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status=status)
    sandbox.settle()
    alice = {
        "WorkerSid": centre.alice_sid,
        "WorkerName": "Alice",
        "WorkerAttributes": json.dumps({"languages": ["en", "es"]}, separators=(",", ":")),
        "WorkerActivitySid": centre.activities["Available"],
        "WorkerActivityName": "Available",
    }
    for kind in ("task.wrapup", "task.completed"):
        (form,) = target.events(kind)
        assert {name: form.get(name) for name in alice} == alice
        (event,) = centre.workspace.events.list(event_type=kind, worker_sid=centre.alice_sid)
        assert {wire_name(name): event.event_data.get(name) for name in IN_THE_LOG} == alice


IN_THE_LOG = ("worker_sid", "worker_name", "worker_attributes", "worker_activity_sid", "worker_activity_name")


def test_a_change_of_activity_tells_where_from_and_for_how_long(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Whole seconds, and milliseconds."""
    watch(centre, target.url("/events"))
    sandbox.advance(90.5)
    centre.switch(centre.alice_sid, "Available")
    sandbox.settle()
    (form,) = target.events("worker.activity.update")
    assert form["WorkerPreviousActivitySid"] == centre.activities["Offline"]
    assert form["WorkerPreviousActivityName"] == "Offline"
    assert (form["WorkerTimeInPreviousActivity"], form["WorkerTimeInPreviousActivityMs"]) == ("90", "90500")


def test_the_filter_lets_its_own_types_through_only(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """A list with commas; blanks after them do not matter."""
    watch(centre, target.url("/events"), "task.created, reservation.created,worker.deleted")
    centre.reserved_task()
    sandbox.settle()
    assert [form["EventType"] for form in target.events()] == ["task.created", "reservation.created"]


def test_the_end_of_a_workspace_is_called_out(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """Though it is gone when the callback leaves."""
    watch(centre, target.url("/events"))
    centre.workspace.delete()
    target.wait_for("/events", count=2)
    sandbox.settle()
    assert [form["EventType"] for form in target.events()] == ["workspace.updated", "workspace.deleted"]


@pytest.mark.parametrize("answer", [Answer(status=204, body=b""), Answer(status=200), Answer(b"<html>")])
def test_events_want_any_2xx(sandbox: LocalSandbox, centre: CallCentre, target: Target, answer: Answer) -> None:
    """The body is not looked at."""
    target.answers["/events"] = answer
    watch(centre, target.url("/events"))
    sandbox.settle()
    (sent,) = deliveries(sandbox, "event")
    assert (sent.status, sent.error, sent.fields["EventType"]) == (answer.status, None, "workspace.updated")


def test_a_failing_event_url_is_logged_and_the_next_event_is_sent(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Once each: there is no second try."""
    target.answers["/events"] = [Answer(status=500), Answer(status=204, body=b"")]
    watch(centre, target.url("/events"), "task.created,workflow.entered")
    centre.add_task()
    sandbox.settle()
    assert [(d.fields["EventType"], d.status, d.error) for d in deliveries(sandbox, "event")] == [
        ("task.created", 500, 11200),
        ("workflow.entered", 204, None),
    ]


def test_a_silent_event_url_is_given_up(
    sandbox: LocalSandbox, centre: CallCentre, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the limit (15 s, here less), and those about the same Worker that waited behind it follow in order."""
    assert limits.EVENT_CALLBACK_SECONDS == 15
    monkeypatch.setattr(limits, "EVENT_CALLBACK_SECONDS", 0.4)
    target.answers["/events"] = [Answer(hold=True), Answer(), Answer()]
    watch(centre, target.url("/events"), "worker.activity.update")
    for activity in ("Available", "Offline", "Unavailable"):
        centre.switch(centre.alice_sid, activity)
    sandbox.settle()
    target.release()
    sent = deliveries(sandbox, "event")
    assert [(d.fields["WorkerActivityName"], d.error) for d in sent] == [
        ("Available", 11200),
        ("Offline", None),
        ("Unavailable", None),
    ]
    assert sent[0].remark == "no answer within 0.4 s"


def test_an_event_that_hangs_holds_up_nobody_else(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The events of another Task arrive meanwhile; those of its own come after it."""
    target.answers["/events"] = [Answer(hold=True), *[Answer()] * 20]
    watch(centre, target.url("/events"), "task.created,task.updated")
    first, second = centre.add_task(), centre.add_task()
    for task in (first, second):
        centre.workspace.tasks(task.sid).update(priority=3)
    target.wait_for("/events", 3)
    told = [(form["TaskSid"], form["EventType"]) for form in target.events()]
    held = told[0][0]  # whichever came first: two Tasks have no order
    [other] = {first.sid, second.sid} - {held}
    assert told[1:] == [(other, "task.created"), (other, "task.updated")]
    target.release()
    sandbox.settle()
    assert target.events()[3]["TaskSid"] == held


def test_events_beyond_the_limit_push_the_oldest_out(
    sandbox: LocalSandbox, centre: CallCentre, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A URL slower than the events does not fill the memory; one line of the log says how many were given up."""
    monkeypatch.setattr(event_callbacks, "MAX_WAITING", 2)
    target.answers["/events"] = [Answer(hold=True), *[Answer()] * 5]
    watch(centre, target.url("/events"), "worker.attributes.update")
    for number in range(6):
        centre.workspace.workers(centre.alice_sid).update(attributes=json.dumps({"number": number}))
    target.wait_for("/events")
    target.release()
    sent = deliveries(sandbox, "event")
    [given_up] = [each for each in sent if not each.fields]
    said = f"3 event callbacks of the Workspace 'Tests' to {target.url('/events')} were given up: more than 10,000 "
    assert given_up.remark == f"{said}were waiting."
    assert (given_up.error, given_up.subject_sid) == (11200, centre.sid)
    assert sandbox.look(lambda: sandbox.webhooks.deliveries.given_up(ACCOUNT)) == [given_up.remark]
    numbers = [json.loads(form["WorkerAttributes"])["number"] for form in target.events()]
    assert numbers == [0, 4, 5]


def test_events_that_waited_a_day_are_given_up(sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """By the sandbox's clock; what is younger is sent."""
    target.answers["/events"] = [Answer(hold=True), *[Answer()] * 5]
    watch(centre, target.url("/events"), "worker.attributes.update")
    worker = centre.workspace.workers(centre.alice_sid)
    for number in range(3):
        worker.update(attributes=json.dumps({"number": number}))
    target.wait_for("/events")
    sandbox.look(lambda: sandbox.service.clock.advance(24 * 3600 + 1))
    worker.update(attributes=json.dumps({"number": 3}))
    target.release()
    sandbox.settle()
    assert [json.loads(form["WorkerAttributes"])["number"] for form in target.events()] == [0, 3]
    [said] = sandbox.look(lambda: sandbox.webhooks.deliveries.given_up(ACCOUNT))
    assert said.startswith("2 event callbacks ")
    assert said.endswith("given up: they waited for more than 24 hours.")


def test_events_from_before_there_was_a_url_are_not_sent(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Nor what happened while there was none in between."""
    centre.add_task()
    watch(centre, target.url("/events"), "task.created")
    first = centre.add_task()
    watch(centre, "")
    centre.add_task()
    watch(centre, target.url("/events"))
    second = centre.add_task()
    sandbox.settle()
    assert [form["TaskSid"] for form in target.events()] == [first.sid, second.sid]


def test_an_event_goes_where_the_workspace_had_it_sent_when_it_happened(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Though it had to wait until the Workspace had another URL, filter and name."""
    target.answers["/events"] = [Answer(hold=True), *[Answer()] * 5]
    watch(centre, target.url("/events"), "worker.attributes.update")
    worker = centre.workspace.workers(centre.alice_sid)
    for number in range(2):
        worker.update(attributes=json.dumps({"number": number}))
    target.wait_for("/events")
    centre.workspace.update(event_callback_url=target.url("/later"), events_filter="", friendly_name="Renamed")
    target.release()
    sandbox.settle()
    assert [received.form["WorkspaceName"] for received in target.of("/events")] == ["Tests", "Tests"]
    assert [received.form["EventType"] for received in target.of("/later")] == ["workspace.updated"]


def test_text_that_no_form_can_carry_does_not_stop_the_events(
    sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Half a surrogate pair in a filter's name, as JSON allows, is replaced."""
    filters = [{"filter_friendly_name": "\ud83d", "expression": "1==1", "targets": [{"queue": centre.queue_sid}]}]
    centre.workspace.workflows(centre.workflow_sid).update(
        configuration=json.dumps({"task_routing": {"filters": filters}})
    )
    watch(centre, target.url("/events"))
    centre.add_task()
    centre.add_worker("Bob")
    sandbox.settle()
    (matched,) = target.events("workflow.target-matched")
    assert matched["WorkflowFilterName"] == "?"
    assert target.events("worker.created")


# --- the wire ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        ("", ""),
        (datetime(2026, 1, 1, 0, 0, 1, 999_999, tzinfo=UTC), "1767225601"),
        (EventType.TASK_CREATED, "task.created"),
        ("a\ud800b", "a?b"),
    ],
)
def test_wire_values(value: Any, wire: str) -> None:
    """Flags as words, moments as Unix seconds, the rest as text."""
    assert wire_value(value) == wire


@pytest.mark.parametrize(
    ("events_filter", "wanted"),
    [
        (None, True),
        ("", True),
        (" , ", True),
        ("task.created", True),
        ("worker.created, task.created", True),
        ("task", False),
        ("task.created.x", False),
        ("worker.created", False),
    ],
)
def test_which_events_are_wanted(events_filter: str | None, wanted: bool) -> None:
    """Exact names; no filter lets everything through."""
    event = Event(
        sid="EV1",
        type=EventType.TASK_CREATED,
        at=START,
        workspace_sid="WS1",
        account_sid=ACCOUNT,
        resource_type="task",
        resource_sid="WT1",
        description="",
        data={},
    )
    target = EventTarget(workspace_sid="WS1", url="http://x/", events_filter=events_filter, workspace_name="Tests")
    assert is_wanted(event, target) is wanted
    assert not is_wanted(event, replace(target, url=""))
