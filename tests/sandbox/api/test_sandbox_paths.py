"""The sandbox's own paths: what the lab asks besides TaskRouter's API."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sandbox.call_centre import CallCentre
from sandbox.callback_target import Target
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, START, LocalSandbox

import labkit
from labkit.engine.effects import Alert
from labkit.error_codes import ErrorCode

Ask = Callable[..., Any]


def test_health_says_what_this_is(ask: Ask) -> None:
    """Which program, which version, which process, and its own time."""
    answer = ask("GET", "/_sandbox/health")
    assert answer.status == 200
    assert answer.json == {
        "app": "taskrouter-lab-sandbox",
        "version": labkit.__version__,
        "pid": os.getpid(),
        "now": "2026-01-01T00:00:00Z",
        "notices": [],
    }


def test_a_host_can_be_allowed(ask: Ask, sandbox: LocalSandbox) -> None:
    """From then on callbacks go there."""
    assert sandbox.hosts.objection("https://lab.ngrok-free.app/")
    answer = ask("POST", "/_sandbox/callback-hosts", {"Host": "Lab.ngrok-free.app"})
    assert (answer.status, answer.json) == (200, {"allowed": ["lab.ngrok-free.app"]})
    assert sandbox.hosts.objection("https://lab.ngrok-free.app/") is None


def test_a_host_must_be_named(ask: Ask) -> None:
    """Missing, empty, far too long, or one that is never called: 400."""
    for form in (
        {},
        {"Host": ""},
        {"Host": "x" * 254},
        {"Host": "169.254.169.254"},
        {"Host": "Metadata.google.internal"},
    ):
        assert ask("POST", "/_sandbox/callback-hosts", form).status == 400


def test_deliveries_show_both_sides_of_a_callback(
    ask: Ask, sandbox: LocalSandbox, centre: CallCentre, target: Target
) -> None:
    """Request and answer; another account does not see them."""
    centre.set_callback(target.url("/assign"))
    _, reservation = centre.reserved_task()
    target.wait_for("/assign")
    sandbox.settle()
    (shown,) = ask("GET", "/_sandbox/deliveries").json["deliveries"]
    assert (shown["number"], shown["kind"], shown["subject_sid"]) == (1, "assignment", reservation.sid)
    assert (shown["status"], shown["body"], shown["content_type"]) == (200, "{}", "application/json")
    assert shown["fields"]["ReservationSid"] == reservation.sid
    assert shown["signature"]
    assert shown["milliseconds"] > 0
    others = ask("GET", "/_sandbox/deliveries", credentials=(OTHER_ACCOUNT, OTHER_TOKEN))
    assert others.json == {"deliveries": []}


def test_stop_asks_for_the_end(ask: Ask, sandbox: LocalSandbox) -> None:
    """The answer still arrives."""
    assert not sandbox.stop_asked.is_set()
    assert ask("POST", "/_sandbox/stop").json == {"stopping": True}
    assert sandbox.stop_asked.is_set()


def test_an_alert_shows_no_password(ask: Ask, sandbox: LocalSandbox) -> None:
    """Not even one that quotes a URL."""
    told = "status_callback_url is 'http://me:secret@x/'"
    alert = Alert(
        at=START, account_sid=ACCOUNT, workspace_sid="WS1", resource_sid="WR1", code=ErrorCode.INVALID, text=told
    )
    sandbox.look(lambda: sandbox.service.alerts.keep(alert))
    [shown] = ask("GET", "/_sandbox/alerts").json["alerts"]
    assert shown["text"] == "status_callback_url is 'http://me:•••@x/'"
