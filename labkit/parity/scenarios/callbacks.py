"""Assignment callbacks: what a callback URL may answer, and what becomes of the Reservation."""

from __future__ import annotations

import json
from typing import Any

from labkit.parity.callback_receiver import PlannedAnswer
from labkit.parity.player import ScenarioPlayer
from labkit.parity.scenario import scenario
from labkit.parity.scenarios.common import queue, task, worker, workflow
from labkit.parity.sides import CALLBACKS, OWN_SIGNATURE
from labkit.parity.step_answer import StepAnswer

_CALLBACKS = "Assignment callbacks | "


def _asked(play: ScenarioPlayer, *, fallback: bool = False, **more: Any) -> None:
    """A TaskQueue, a Worker, and a Workflow that asks the callback URL `asked`."""
    queue(play)
    if fallback:
        more["FallbackAssignmentCallbackUrl"] = play.callbacks.url("fallback")
    more.setdefault("AssignmentCallbackUrl", play.callbacks.url("asked"))
    workflow(play, **more)
    worker(play)


def _instruct(**instruction: Any) -> PlannedAnswer:
    return PlannedAnswer(body=json.dumps(instruction).encode())


def _one(play: ScenarioPlayer, role: str, *, status: str = "pending", code: int = 0) -> StepAnswer:
    """A Task, its Reservation, its callback, and the alert `code` if one is wanted; the Reservation as it is then."""
    seen = len(play.callbacks.received("asked"))
    task(play, role)
    play.reservation(f"{role}'s reservation", task=role)
    play.received(f"{role}: the callback", "asked", count=seen + 1)
    if code:
        play.alerts(f"{role}: the alerts", code)
    path = f"Tasks/{{{role}}}/Reservations/{{{role}'s reservation}}"
    return play.field(f"{role}: the Reservation", path, reservation_status=status)


def _over(play: ScenarioPlayer, role: str) -> None:
    play.post(f"{role} is canceled", f"Tasks/{{{role}}}", AssignmentStatus="canceled")


@scenario("Answers without a body, with broken JSON, with wrong fields", needs=(CALLBACKS,))
def odd_answers(play: ScenarioPlayer) -> None:
    """The alert of each; the Reservation stays pending."""
    _asked(play)
    empty = f"{_CALLBACKS}204, or any 2xx without a body"
    broken = f"{_CALLBACKS}JSON in an answer"
    for role, answer, code, choice in (
        ("204", PlannedAnswer(status=204, body=b""), 40005, empty),
        ("nothing", PlannedAnswer(body=b"", headers={}), 40005, empty),
        ("NaN", PlannedAnswer(body=b'{"instruction": NaN}'), 40001, broken),
        ("a comma too many", PlannedAnswer(body=b'{"instruction": "accept",}'), 40001, broken),
        ("a comment", PlannedAnswer(body=b'{"instruction": "accept"} // yes'), 40001, broken),
    ):
        play.callbacks.answer("asked", answer)
        _one(play, role, code=code).settles(choice, reservation_status="pending")
        _over(play, role)
    play.callbacks.answer("asked", _instruct(instruction="reject", activity_sid="none"))
    _one(play, "a wrong field", code=40100).settles(
        f"{_CALLBACKS}401xx: wrong fields of an instruction", reservation_status="pending"
    )
    _over(play, "a wrong field")
    play.callbacks.answer(
        "asked", PlannedAnswer(body=b'\xef\xbb\xbf{"instruction": "reject", "instruction": "accept"}')
    )
    _one(play, "a byte order mark, and a name twice", status="accepted").settles(broken, reservation_status="accepted")


@scenario("A rejection by the answer, without an Activity", needs=(CALLBACKS,))
def rejecting_answers(play: ScenarioPlayer) -> None:
    """The Worker stays as they are; so does one whose answer comes too late."""
    _asked(play)
    play.callbacks.answer("asked", _instruct(instruction="reject"), PlannedAnswer())
    task(play)
    play.received("the callback", "asked")
    play.events("its Events", TaskSid=play["task"], until="reservation.rejected").settles(
        "Instructions | `reject`", came=True
    )
    play.get("the Worker", "Workers/{Alice}").settles("Instructions | `reject`", activity_name="Available")
    play.post("the Task is canceled", "Tasks/{task}", AssignmentStatus="canceled")
    late = PlannedAnswer(body=b'{"instruction": "reject"}', after_seconds=1.0)
    play.callbacks.answer("asked", late)
    task(play, "second")
    play.reservation("second reservation", task="second")
    path = "Tasks/{second}/Reservations/{second reservation}"
    play.post("accepted over REST first", path, ReservationStatus="accepted")
    play.received("the late callback", "asked", count=2)
    play.settle(after=1.5)
    play.get("the Reservation", path).settles(
        f"{_CALLBACKS}An answer that comes after somebody else was quicker", reservation_status="accepted"
    )


@scenario("A callback URL that fails, with a fallback and without", seconds=4, needs=(CALLBACKS,))
def failing_answers(play: ScenarioPlayer) -> None:
    """Each is asked once; a redirect is a failure too, and the Task is offered again later."""
    _asked(play, fallback=True)
    failed = f"{_CALLBACKS}Anything but 200: the fallback URL"
    play.callbacks.answer("asked", PlannedAnswer(status=500))
    task(play)
    play.reservation("reservation")
    play.received("the callback", "asked")
    play.received("the fallback", "fallback")
    play.settle()
    play.get("the Reservation", "Tasks/{task}/Reservations/{reservation}").settles(failed, reservation_status="pending")
    play.post("the Task is canceled", "Tasks/{task}", AssignmentStatus="canceled")
    play.post("no fallback any more", "Workflows/{workflow}", FallbackAssignmentCallbackUrl="")
    target = play.callbacks.url("elsewhere")
    redirect = PlannedAnswer(status=302, headers={"Location": target})
    play.callbacks.answer("asked", redirect, redirect, PlannedAnswer())
    task(play, "second")
    play.events("canceled without a fallback", TaskSid=play["second"], until="reservation.canceled").settles(
        failed, came=True
    )
    again = f"{_CALLBACKS}When a Task is reserved again whose callback failed"
    play.pass_time(4)
    play.received("asked again", "asked", count=4).settles(again, came=True)
    play.events("its Events", TaskSid=play["second"]).settles(again, came=True)
    play.received("elsewhere", "elsewhere", count=0, more=True).shows(
        f"{_CALLBACKS}Redirects", {"callbacks.0": "(absent)"}
    )


@scenario("A callback URL with a user and a password", needs=(CALLBACKS,))
def guarded_urls(play: ScenarioPlayer) -> None:
    """Answered 401, with a realm and without."""
    _asked(play, AssignmentCallbackUrl=play.callbacks.url("asked", user_info="ana:secret"))
    guarded = (
        f"{_CALLBACKS}A URL with a name and a password: asked without them, and again with them after a 401 that names "
        "a realm; Basic and Digest"
    )
    basic = PlannedAnswer(status=401, headers={"WWW-Authenticate": 'Basic realm="here"'})
    play.callbacks.answer("asked", basic, _instruct(instruction="accept"))
    _one(play, "basic", status="accepted").settles(guarded, reservation_status="accepted")
    play.received("basic: both requests", "asked", count=2).shows(
        guarded, {"callbacks.0.authorization": "", "callbacks.1.authorization": "Basic"}
    )
    play.post("basic is completed", "Tasks/{basic}", AssignmentStatus="completed")
    digest = PlannedAnswer(
        status=401, headers={"WWW-Authenticate": 'Digest realm="here", nonce="abc", qop="auth", algorithm=MD5'}
    )
    play.callbacks.answer("asked", digest, _instruct(instruction="accept"))
    task(play, "digest")
    play.received("digest: both requests", "asked", count=4).shows(guarded, {"callbacks.3.authorization": "Digest"})
    play.field("digest is assigned", "Tasks/{digest}", assignment_status="assigned")
    play.post("digest is completed", "Tasks/{digest}", AssignmentStatus="completed")
    play.callbacks.answer("asked", PlannedAnswer(status=401, headers={}))
    task(play, "no realm")
    play.events("without a realm", TaskSid=play["no realm"], until="reservation.canceled").settles(guarded, came=True)


@scenario("A callback URL at which nobody listens", needs=(CALLBACKS,))
def unreachable_url(play: ScenarioPlayer) -> None:
    """Its alert."""
    _asked(play, AssignmentCallbackUrl=play.callbacks.closed_port_url())
    task(play)
    play.alerts("the alerts", 11205).settles(f"{_CALLBACKS}11200 to 11240: connections that fail", came=True)


@scenario("What a signature is over", needs=(CALLBACKS, OWN_SIGNATURE))
def signatures(play: ScenarioPlayer) -> None:
    """The URL as it is configured, with the port where there is one."""
    _asked(play)
    _one(play, "signed")
    [first, *_] = play.callbacks.received("asked")
    signed = play.side.is_signed(first.url, first.form, first.signature)
    play.say("the signature is over the URL as configured", signed).settles(
        f"{_CALLBACKS}X-Twilio-Signature over the URL as configured", came=True
    )


@scenario("Event callbacks: their order, their number, and a URL that changes", needs=(CALLBACKS,))
def event_callbacks(play: ScenarioPlayer) -> None:
    """One of them is slow, one is answered 500, and then the URL changes."""
    events = "Event callbacks | "
    queue(play)
    workflow(play)
    slow = PlannedAnswer(after_seconds=1.0)
    play.callbacks.answer("events", slow, PlannedAnswer(status=500), PlannedAnswer())
    play.post(
        "an event callback URL",
        "",
        EventCallbackUrl=play.callbacks.url("events"),
        EventsFilter="task.created,task.canceled",
    )
    task(play)
    play.post("the Task is canceled", "Tasks/{task}", AssignmentStatus="canceled")
    task(play, "second")
    first = play.received("three Events", "events", count=3).record.callbacks or ()
    types = [each["form"]["EventType"] for each in first if each["form"].get("TaskSid") == "{task}"]
    play.say("those of one Task are in order", types == ["task.created", "task.canceled"]).settles(
        f"{events}Order", came=True
    )
    play.settle(after=1.0)
    play.received("no more of them", "events", count=3, more=True).shows(
        f"{events}Number of attempts",
        {"callbacks.3": "(absent)"},
    )
    play.post("another URL", "", EventCallbackUrl=play.callbacks.url("others"))
    play.post("the second is canceled", "Tasks/{second}", AssignmentStatus="canceled")
    play.received("at the other URL", "others").shows(
        f"{events}A URL that is set, changed or taken away", {"callbacks.0.form.EventType": "task.canceled"}
    )
    play.received("at the first URL", "events", count=3, more=True)
