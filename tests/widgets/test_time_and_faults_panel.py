"""TimeAndFaults at its comm: what is sent to the browser, and what a click does in a sandbox in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from live.workspace import Line
from sandbox.call_centre import CallCentre
from sandbox.local import OTHER_ACCOUNT, OTHER_TOKEN, START, LocalSandbox

from labkit.background import Jobs
from labkit.live.views import milliseconds
from labkit.live.workspace import LiveWorkspace
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.faults import Faults
from labkit.stream import EventStream
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.widgets.time_and_faults.panel import TimeAndFaults

GetLine = Callable[[Any], Line]


@pytest.fixture
def controls(sandbox: LocalSandbox) -> SandboxClient:
    """A line to it."""
    return SandboxClient(sandbox.client(), sandbox=True)


@pytest.fixture
def panel(
    centre: CallCentre, controls: SandboxClient, stream: EventStream, jobs: Jobs, line: GetLine
) -> Iterator[TimeAndFaults]:
    """The panel, once it has looked; a Task is reserved for a minute."""
    centre.reserved_task()
    time = RemoteClock()
    live = LiveWorkspace(stream, WorkspaceClient(centre.client, centre.sid), clock=time)
    made = TimeAndFaults(live, clock=Clock(controls, time=time), faults=Faults(controls), jobs=jobs)
    line(made).wait_for(lambda state: state["known"] and state["paused"])
    yield made
    made.close()
    live.stop()


def test_it_shows_the_time_what_is_due_and_every_fault(panel: TimeAndFaults, line: GetLine) -> None:
    """As of the first look, which nobody asked for."""
    state = line(panel).wait_for(lambda state: state["paused"] and state["next"])
    assert (state["now"], state["available"], state["moved"], state["trouble"]) == (milliseconds(START), True, None, "")
    assert state["next"]["at"] == state["now"] + 60_000
    assert state["next"]["text"].endswith("times out")
    assert [fault["probability"] for fault in state["faults"]] == [0] * len(state["faults"])
    assert all(fault["title"] != fault["name"] for fault in state["faults"]), "every fault has a title for people"


def test_a_move_is_told_with_its_line_of_python(panel: TimeAndFaults, line: GetLine) -> None:
    """How far it went, what fell due, and what came of it."""
    answer = line(panel).click("advance", seconds=90)
    assert (answer["ok"], answer["code"]) == (True, "lab.clock.advance(seconds=90)")
    moved = line(panel).wait_for(lambda state: state["moved"])["moved"]
    assert (moved["by"], moved["deadlines"], moved["events"], moved["more"]) == (90_000, 1, 2, 0)
    assert [row[1] for row in moved["rows"]] == ["due", "reservation.timeout", "worker.activity.update"]
    again = line(panel).click("next")
    assert (again["ok"], again["code"]) == (True, "lab.clock.run_to_next()")


def test_time_is_held_and_let_go(panel: TimeAndFaults, line: GetLine) -> None:
    """The state and every answer say so."""
    assert line(panel).click("resume")["paused"] is False
    assert line(panel).click("pause") | {"id": ""} == line(panel).click("pause") | {"id": ""}
    line(panel).wait_for(lambda state: state["paused"])


def test_faults_are_switched(panel: TimeAndFaults, line: GetLine) -> None:
    """With probability and seconds, one by one or all off."""
    answer = line(panel).click("fault", name="rest_late", probability=0.25, seconds=1.5)
    assert answer["code"] == "lab.faults.on('rest_late', probability=0.25, seconds=1.5)"
    on = line(panel).wait_for(lambda state: any(fault["probability"] for fault in state["faults"]))
    assert [(f["name"], f["seconds"]) for f in on["faults"] if f["probability"]] == [("rest_late", 1.5)]
    assert line(panel).click("fault", name="rest_late", probability=0)["code"] == "lab.faults.off('rest_late')"
    assert line(panel).click("faults_off")["text"] == "No fault is on."


@pytest.mark.parametrize(
    ("action", "payload", "said"),
    [
        ("advance", {"seconds": -1}, "a number of seconds from 0 to 2,592,000"),
        ("advance", {"seconds": "soon"}, "a number of seconds from 0 to 2,592,000"),
        ("advance", {}, "a number of seconds from 0 to 2,592,000"),
        ("fault", {"name": "gremlins", "probability": 1}, "not one of callback_refused"),
        ("fault", {"probability": "often"}, "a probability above 0 and up to 1"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    panel: TimeAndFaults, line: GetLine, action: str, payload: dict[str, Any], said: str
) -> None:
    """Whatever a page may send."""
    answer = line(panel).click(action, **payload)
    assert not answer["ok"]
    assert said in answer["text"]


def test_a_sandbox_that_is_gone_is_said(
    centre: CallCentre, sandbox: LocalSandbox, panel: TimeAndFaults, line: GetLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was known stays, and the trouble is a sentence; once it is over, it is gone."""

    def refuse(*_: object, **__: object) -> None:
        raise requests.ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr("twilio.http.http_client.Session.send", refuse)
        line(panel).click("look")
        assert "TaskRouter did not answer" in panel.state["trouble"]
        assert panel.state["known"]
    line(panel).click("look")
    assert panel.state["trouble"] == ""


def test_who_is_not_the_owner_looks_on(sandbox: LocalSandbox, live: LiveWorkspace, jobs: Jobs, line: GetLine) -> None:
    """The clock and the faults are shown; a click is answered with the reason."""
    other = SandboxClient(sandbox.client(OTHER_ACCOUNT, OTHER_TOKEN), sandbox=True)
    panel = TimeAndFaults(live, clock=Clock(other), faults=Faults(other), jobs=jobs)
    line(panel).wait_for(lambda state: state["known"] and state["faults"] and not state["trouble"])
    for action in ("pause", "next", "faults_off"):
        answer = line(panel).click(action)
        assert not answer["ok"]
        assert answer["text"].startswith("Only the account that the sandbox was started with may ")
    panel.close()


def test_a_real_account_is_not_asked(live: LiveWorkspace, jobs: Jobs, line: GetLine) -> None:
    """The state says that there is nothing to control, and a click would be refused."""
    account = SandboxClient(None, sandbox=False)
    panel = TimeAndFaults(live, clock=Clock(account), faults=Faults(account), jobs=jobs)
    assert (panel.state["available"], panel.state["faults"]) == (False, [])
    answer = line(panel).click("advance", seconds=5)
    assert (answer["ok"], "real account" in answer["text"]) == (False, True)
    panel.close()
