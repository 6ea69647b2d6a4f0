"""The contact centre's panel at its comm: its settings, what a click does, and what it says as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from live.workspace import Line
from sandbox.call_centre import CallCentre, build
from sandbox.local import LocalSandbox, local_sandbox

from labkit.arguments import explaining_arguments
from labkit.background import Jobs
from labkit.errors import ArgumentError, LabError
from labkit.live.workspace import LiveWorkspace
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.simulation import Simulation
from labkit.widgets.simulation.panel import SimulationPanel

GetLine = Callable[[Any], Line]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    """One for all, whose clock is moved by hand."""
    with local_sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def controls(sandbox: LocalSandbox) -> SandboxClient:
    """A line to it."""
    return SandboxClient(sandbox.client(), sandbox=True)


@pytest.fixture
def centre(sandbox: LocalSandbox) -> Iterator[CallCentre]:
    """A Workspace in it."""
    made = build(sandbox.client())
    yield made
    made.workspace.delete()


@pytest.fixture
def panel(
    centre: CallCentre, controls: SandboxClient, live: LiveWorkspace, jobs: Jobs, line: GetLine
) -> Iterator[SimulationPanel]:
    """The panel of a lab that works in this Workspace; what it has started is stopped."""
    place = (centre.sid, centre.workflow_sid)
    made = SimulationPanel(live, simulation=Simulation(controls), place=lambda: place, jobs=jobs)
    yield made
    made.stop()
    made.close()


def test_a_click_starts_what_the_form_says(
    panel: SimulationPanel, controls: SandboxClient, centre: CallCentre, line: GetLine
) -> None:
    """The line of Python is the same in words; a day that is on is shown with its settings, and held."""
    answer = line(panel).click("start", settings={"calls_per_hour": 90, "seed": 4, "patience_seconds": None})
    assert (answer["ok"], answer["code"]) == (
        True,
        "lab.simulation(calls_per_hour=90, patience_seconds=None, seed=4).start()",
    )
    assert line(panel).click("pause")["code"] == "lab.simulation().pause()"
    Clock(controls).advance(seconds=1800)
    line(panel).click("look")
    run = panel.state["run"]
    assert (run["state"], run["settings"]["seed"], run["elsewhere"]) == ("paused", 4, "")
    assert run["figures"]["arrived"] > 20
    assert [person["name"] for person in run["workers"]][:2] == ["Alice", "Bob"]
    assert line(panel).click("take_over", worker="Bob")["code"] == "lab.simulation().take_over('Bob')"
    assert [person["name"] for person in panel.state["run"]["workers"] if person["taken_over"]] == ["Bob"]
    text = str(panel)
    assert "the simulation is paused" in text
    assert "Answered within 20 s" in text
    still = str(panel.still())
    assert "Callers" in still
    assert "Bob" in still


def test_the_labs_method_takes_the_settings(panel: SimulationPanel) -> None:
    """What is not given is as usual; none given leave them as they are; a wrong one is said with those there are."""
    called = explaining_arguments(panel.called_with, name="simulation")
    called(calls_per_hour=100, workers=["Alice", "Bob"])
    called()
    assert (panel.state["wanted"]["calls_per_hour"], panel.state["wanted"]["workers"]) == (100, ["Alice", "Bob"])
    called(hours=2)
    assert (panel.state["wanted"]["calls_per_hour"], panel.state["wanted"]["hours"]) == (60, 2)
    with pytest.raises(ArgumentError, match="did you mean 'talk_seconds'"):
        called(talk_second=5)
    with pytest.raises(ArgumentError, match="talk_seconds is a number, more than 0"):
        called(talk_seconds=-5)
    assert panel.state["wanted"]["hours"] == 2


@pytest.mark.parametrize(
    ("action", "payload", "said"),
    [
        ("start", {"settings": {"calls_per_hour": "many"}}, "calls_per_hour is a number"),
        ("start", {"settings": {"gremlins": 1}}, "simulation() has no argument 'gremlins'"),
        ("pause", {}, "no simulation is on"),
        ("take_over", {"worker": 7}, "Missing required parameter Worker"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    panel: SimulationPanel, line: GetLine, action: str, payload: dict[str, Any], said: str
) -> None:
    """Whatever a page may send."""
    answer = line(panel).click(action, **payload)
    assert not answer["ok"]
    assert said in answer["text"]


def test_another_workspaces_day_is_said(
    panel: SimulationPanel, sandbox: LocalSandbox, controls: SandboxClient, live: LiveWorkspace, jobs: Jobs
) -> None:
    """A second lab, in another Workspace: it sees the day, says where it is, and may not start another."""
    panel.start()
    other = build(sandbox.client())
    place = (other.sid, other.workflow_sid)
    second = SimulationPanel(live, simulation=Simulation(controls), place=lambda: place, jobs=jobs)
    second._look()
    assert second.state["run"]["elsewhere"] == "Tests"
    with pytest.raises(LabError, match="A simulation is on in the Workspace"):
        second.start()
    second.close()
    other.workspace.delete()


def test_a_real_account_has_none(live: LiveWorkspace, jobs: Jobs, line: GetLine) -> None:
    """Whoever wants one is told so, and nobody is asked."""
    account = Simulation(SandboxClient(None, sandbox=False))
    panel = SimulationPanel(live, simulation=account, place=lambda: ("WS1", "WW1"), jobs=jobs)
    assert (panel.state["available"], panel.state["run"]) == (False, None)
    for call in (panel.start, lambda: panel.called_with(hours=1)):
        with pytest.raises(LabError, match="takes a sandbox, and this lab talks to a real account"):
            call()
    assert "real account" in str(panel)
    panel.close()
