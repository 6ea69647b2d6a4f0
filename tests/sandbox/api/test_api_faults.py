"""Faults over HTTP: switched on and off, and what they do to callbacks and to REST requests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from sandbox.call_centre import CallCentre
from sandbox.callback_target import Answer, Target
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from labkit import limits
from labkit.sandbox.faults import SECONDS, FaultName

Ask = Callable[..., Any]
FAULTS = "/_sandbox/faults"
ACCEPT = Answer(b'{"instruction": "accept"}')


@pytest.fixture
def switch(ask: Ask) -> Callable[..., dict[str, Any]]:
    """Switches a fault: `switch("rest_429", Probability="1")`; all of them by name, afterwards."""

    def switching(name: str | None = None, **form: str) -> dict[str, Any]:
        answer = ask("POST", FAULTS, {**({"Name": name} if name else {}), **form})
        assert answer.status == 200, answer.body
        return {each["name"]: each for each in answer.json["faults"]}

    return switching


def deliveries(ask: Ask, sandbox: LocalSandbox) -> list[dict[str, Any]]:
    """What is in the delivery log once all is over."""
    sandbox.settle()
    return list(ask("GET", "/_sandbox/deliveries").json["deliveries"])


# --- switching --------------------------------------------------------------------------------------------------------


def test_all_faults_are_listed_and_off(ask: Ask) -> None:
    """Each with what it strikes, what it does, and seconds where it has any."""
    listed = ask("GET", FAULTS).json["faults"]
    assert [each["name"] for each in listed] == list(FaultName)
    assert {each["probability"] for each in listed} == {0}
    assert {each["name"] for each in listed if each["seconds"] is not None} == {"callback_slow", "rest_late"}


def test_one_is_switched_on_changed_and_off(switch: Callable[..., dict[str, Any]]) -> None:
    """Its seconds stay when only the probability is changed; off and on again, they are the usual ones."""
    assert switch("callback_slow", Probability="0.25", Seconds="1.5")["callback_slow"]["seconds"] == 1.5
    changed = switch("callback_slow", Probability="1")["callback_slow"]
    assert (changed["probability"], changed["seconds"]) == (1, 1.5)
    assert switch("callback_slow", Probability="0")["callback_slow"]["probability"] == 0
    assert switch("callback_slow", Probability="1")["callback_slow"]["seconds"] == SECONDS


def test_all_are_switched_off_at_once(switch: Callable[..., dict[str, Any]]) -> None:
    """Zero without a name."""
    switch("callback_500", Probability="1")
    switch("rest_500", Probability="1")
    assert {each["probability"] for each in switch(Probability="0").values()} == {0}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"Name": "rest_429"}, "Missing required parameter Probability in the post body"),
        ({"Name": "rest_429", "Probability": ""}, "Invalid Probability: it is empty"),
        ({"Name": "rest_429", "Probability": "2"}, "Invalid Probability: '2' is not a number from 0 to 1"),
        ({"Name": "rest_429", "Probability": "-0.1"}, "Invalid Probability: '-0.1' is not a number from 0 to 1"),
        ({"Name": "gremlins", "Probability": "1"}, "Invalid Name: 'gremlins' is not one of callback_refused, "),
        ({"Probability": "1"}, "Invalid Name: say which fault to switch on: one of callback_refused, "),
        ({"Name": "rest_429", "Probability": "1", "Seconds": "2"}, "Invalid Seconds: rest_429 has none"),
        ({"Name": "rest_late", "Probability": "1", "Seconds": "61"}, "Invalid Seconds: '61' is not a number from 0"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(ask: Ask, form: dict[str, str], said: str) -> None:
    """With the parameter and its value, and nothing is switched."""
    answer = ask("POST", FAULTS, form)
    assert answer.status == 400
    assert answer.json["message"].startswith(said)
    assert {each["probability"] for each in ask("GET", FAULTS).json["faults"]} == {0}


# --- REST -------------------------------------------------------------------------------------------------------------


def test_rest_is_answered_429_with_twilios_body(
    ask: Ask, client: Client, switch: Callable[..., dict[str, Any]]
) -> None:
    """The SDK raises it; the sandbox's own paths are spared, so that it can be switched off again."""
    switch("rest_429", Probability="1")
    with pytest.raises(TwilioRestException) as refused:
        client.taskrouter.v1.workspaces.create(friendly_name="Never")
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert ask("GET", "/v1/Workspaces").json == {
        "code": 20429,
        "message": "Too Many Requests",
        "more_info": "https://www.twilio.com/docs/errors/20429",
        "status": 429,
    }
    switch(Probability="0")
    assert client.taskrouter.v1.workspaces.list() == []


def test_rest_is_answered_500_and_nothing_is_done(client: Client, switch: Callable[..., dict[str, Any]]) -> None:
    """As a server that fails before it begins."""
    switch("rest_500", Probability="1")
    with pytest.raises(TwilioRestException) as refused:
        client.taskrouter.v1.workspaces.create(friendly_name="Never")
    assert (refused.value.status, refused.value.code) == (500, 20500)
    switch("rest_500", Probability="0")
    assert client.taskrouter.v1.workspaces.list() == []


def test_rest_is_answered_late(client: Client, switch: Callable[..., dict[str, Any]]) -> None:
    """After its seconds, and then as ever."""
    switch("rest_late", Probability="1", Seconds="0.05")
    began = time.perf_counter()
    assert client.taskrouter.v1.workspaces.create(friendly_name="Late").friendly_name == "Late"
    assert time.perf_counter() - began >= 0.05


# --- callbacks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "error", "outcome"),
    [
        ("callback_refused", None, 11205, "canceled"),
        ("callback_500", 500, 11200, "canceled"),
        ("callback_not_json", 200, 40001, "pending"),
        ("callback_no_instruction", 200, 40005, "pending"),
    ],
)
def test_what_becomes_of_an_assignment_callback(
    ask: Ask,
    sandbox: LocalSandbox,
    centre: CallCentre,
    target: Target,
    switch: Callable[..., dict[str, Any]],
    name: str,
    status: int | None,
    error: int,
    outcome: str,
) -> None:
    """The server would have accepted; the log has the fault's name and Twilio's code, the alerts the code too."""
    centre.set_callback(target.url("/assign"))
    centre.switch(centre.alice_sid, "Available")
    target.answers["/assign"] = ACCEPT
    switch(name, Probability="1")
    task = centre.add_task()
    centre.switch(centre.alice_sid, "Offline")  # there shall be no second Reservation
    centre.set_callback("")
    first = deliveries(ask, sandbox)[0]
    assert (first["status"], first["error"], first["faults"]) == (status, error, [name])
    assert centre.reservation_status(task.sid)[0] == outcome
    assert error in {alert["code"] for alert in ask("GET", "/_sandbox/alerts").json["alerts"]}
    assert bool(target.of("/assign")) == (name != "callback_refused")


def test_a_slow_answer_comes_too_late(
    ask: Ask,
    sandbox: LocalSandbox,
    centre: CallCentre,
    target: Target,
    switch: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond TaskRouter's limit (5 s, here less) the fallback is called, which is slow as well."""
    monkeypatch.setattr(limits, "ASSIGNMENT_CALLBACK_SECONDS", 0.05)
    switch("callback_slow", Probability="1", Seconds="30")
    centre.set_callback(target.url("/assign"), fallback=target.url("/fallback"))
    centre.reserved_task()
    centre.set_callback("")
    first, second = deliveries(ask, sandbox)[:2]
    assert [(each["error"], each["faults"]) for each in (first, second)] == [(11200, ["callback_slow"])] * 2
    assert first["remark"] == "no answer within 0.05 s"


def test_a_slow_answer_in_time_counts(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target, switch: Callable[..., dict[str, Any]]
) -> None:
    """It is marked, and it is no error."""
    target.answers["/assign"] = ACCEPT
    switch("callback_slow", Probability="1", Seconds="0.02")
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    (sent,) = deliveries(ask, sandbox)
    assert (sent["status"], sent["error"], sent["faults"]) == (200, None, ["callback_slow"])
    assert sent["milliseconds"] >= 20
    assert centre.reservation_status(task.sid) == ["accepted"]


def test_a_wrong_signature_is_wrong(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target, switch: Callable[..., dict[str, Any]]
) -> None:
    """It is one, but not over our token; without the fault it is right."""
    url = target.url("/assign")
    centre.set_callback(url)
    switch("callback_wrong_signature", Probability="1")
    task, _ = centre.reserved_task()
    deliveries(ask, sandbox)
    (wrong,) = target.of("/assign")
    assert not RequestValidator(TOKEN).validate(url, wrong.form, wrong.headers["X-Twilio-Signature"])
    switch("callback_wrong_signature", Probability="0")
    assert ask("POST", "/_sandbox/deliveries/1/redeliver").json["faults"] == []
    right = target.of("/assign")[1]
    assert RequestValidator(TOKEN).validate(url, right.form, right.headers["X-Twilio-Signature"])
    assert centre.reservation_status(task.sid) == ["pending"]


@pytest.mark.parametrize(("name", "status"), [("callback_500", 500), ("callback_refused", None)])
def test_event_callbacks_are_struck_too(
    ask: Ask,
    sandbox: LocalSandbox,
    centre: CallCentre,
    target: Target,
    switch: Callable[..., dict[str, Any]],
    name: str,
    status: int | None,
) -> None:
    """And those that only assignment callbacks can suffer leave them alone."""
    switch(name, Probability="1")
    switch("callback_not_json", Probability="1")
    centre.workspace.update(event_callback_url=target.url("/events"))
    (sent,) = deliveries(ask, sandbox)
    assert (sent["kind"], sent["status"], sent["faults"]) == ("event", status, [name])


# --- once more --------------------------------------------------------------------------------------------------------


def test_a_callback_is_sent_once_more(ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """The same fields to the same URL; while the Reservation is pending the new answer counts."""
    target.answers["/assign"] = [Answer(), ACCEPT]
    centre.set_callback(target.url("/assign"))
    task, _ = centre.reserved_task()
    deliveries(ask, sandbox)
    again = ask("POST", "/_sandbox/deliveries/1/redeliver").json
    first, second = target.of("/assign")
    assert first.form == second.form
    assert first.headers["X-Twilio-Signature"] == second.headers["X-Twilio-Signature"]
    assert (again["number"], again["redelivery_of"], json.loads(again["body"])) == (2, 1, {"instruction": "accept"})
    assert deliveries(ask, sandbox)[1] == again
    assert centre.reservation_status(task.sid) == ["accepted"]


def test_an_answer_that_comes_too_late_is_not_followed(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """The Reservation was rejected meanwhile, so `accept` changes nothing, and the log says so."""
    target.answers["/assign"] = [Answer(), *[ACCEPT] * 3]
    centre.set_callback(target.url("/assign"))
    task, reservation = centre.reserved_task()
    deliveries(ask, sandbox)
    centre.set_callback("")
    centre.workspace.tasks(task.sid).reservations(reservation.sid).update(reservation_status="rejected")
    again = ask("POST", "/_sandbox/deliveries/1/redeliver").json
    assert (again["status"], again["error"]) == (200, None)
    assert again["remark"] == f"the answer was not followed: Reservation {reservation.sid} is rejected"
    assert centre.reservation_status(task.sid)[0] == "rejected"
    centre.workspace.delete()
    gone = ask("POST", "/_sandbox/deliveries/1/redeliver").json
    assert gone["remark"] == f"the answer was not followed: Reservation {reservation.sid} is gone"


def test_a_redelivery_that_fails_costs_nothing(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """No fallback, no canceled Reservation: an entry in the log with its code, and an alert."""
    target.answers["/assign"] = [Answer(), Answer(status=503)]
    centre.set_callback(target.url("/assign"), fallback=target.url("/fallback"))
    task, _ = centre.reserved_task()
    deliveries(ask, sandbox)
    again = ask("POST", "/_sandbox/deliveries/1/redeliver").json
    assert (again["status"], again["error"]) == (503, 11200)
    assert target.of("/fallback") == []
    assert centre.reservation_status(task.sid) == ["pending"]


def test_an_event_is_sent_once_more(ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target) -> None:
    """With its own SID and time, as a receiver that counts events must expect."""
    centre.workspace.update(event_callback_url=target.url("/events"))
    deliveries(ask, sandbox)
    again = ask("POST", "/_sandbox/deliveries/1/redeliver").json
    first, second = target.of("/events")
    assert first.form == second.form
    assert (again["kind"], again["status"], again["redelivery_of"]) == ("event", 200, 1)


@pytest.mark.parametrize("number", ["2", "0", "x", "1e0"])
def test_what_is_not_in_the_log_is_not_sent(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target, number: str
) -> None:
    """The answer says what is there."""
    centre.workspace.update(event_callback_url=target.url("/events"))
    deliveries(ask, sandbox)
    answer = ask("POST", f"/_sandbox/deliveries/{number}/redeliver")
    assert (answer.status, answer.json["message"]) == (404, f"Delivery {number} is not in the log; it holds 1 to 1")


def test_another_accounts_callback_is_not_sent(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """The log of each account is its own."""
    centre.workspace.update(event_callback_url=target.url("/events"))
    deliveries(ask, sandbox)
    stranger = ask("POST", "/_sandbox/deliveries/1/redeliver", credentials=(f"AC{'2' * 32}", "made-up-token-two"))
    assert (stranger.status, stranger.json["message"]) == (404, "Delivery 1 is not in the log; it is empty")
    assert ACCOUNT not in stranger.body.decode()
