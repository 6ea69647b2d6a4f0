"""The contact centre that lives, on a sandbox in this process: what is asked, what is given back, how it says no."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.local import OTHER_ACCOUNT, OTHER_TOKEN, LocalSandbox, local_sandbox

from labkit.errors import ArgumentError, LabError, TaskRouterError
from labkit.remote_clock import RemoteClock
from labkit.sandbox.store import Snapshots, SqliteStore
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.simulation import Simulation, SimulationReading, SimulationSettings

SHORT = SimulationSettings(calls_per_hour=120.0, hours=1, workers=["Alice", "Grace"], speed=1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """One for all, which can be reset."""
    folder = tmp_path_factory.mktemp("sandbox")
    with (
        closing(SqliteStore(folder / "state.sqlite")) as store,
        local_sandbox(store, kept=Snapshots(folder / "snapshots", state=folder / "state.sqlite")) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def line(sandbox: LocalSandbox) -> SandboxClient:
    """A line to it."""
    return SandboxClient(sandbox.client(), sandbox=True)


@pytest.fixture(scope="module")
def clock(line: SandboxClient) -> Clock:
    """Its clock."""
    return Clock(line, time=RemoteClock())


@pytest.fixture
def centre(sandbox: LocalSandbox) -> Iterator[CallCentre]:
    """A Workspace with Alice, which is deleted afterwards."""
    made = build(sandbox.client())
    yield made
    if made.client.taskrouter.v1.workspaces.list():
        made.workspace.delete()


@pytest.fixture
def simulation(line: SandboxClient) -> Iterator[Simulation]:
    """The simulation, stopped afterwards."""
    made = Simulation(line)
    yield made
    made.stop()


def start(simulation: Simulation, clock: Clock, centre: CallCentre, **settings: Any) -> SimulationReading:
    """A day begins, and the clock is held."""
    given = SimulationSettings(**settings) if settings else SHORT
    simulation.start(given, workspace_sid=centre.sid, workflow_sid=centre.workflow_sid)
    clock.pause()
    return simulation.look()


def test_a_day_is_started_and_looked_at(simulation: Simulation, clock: Clock, centre: CallCentre) -> None:
    """Who does what, what comes of it, in Python and as text; the calls are Tasks with a caller's attributes."""
    reading = start(simulation, clock, centre)
    assert (reading.state, reading.workspace_sid, reading.note) == ("paused", centre.sid, "")
    assert [(each.name, each.doing, each.made) for each in reading.workers] == [
        ("Alice", "available", False),
        ("Grace", "available", True),
    ]
    clock.advance(seconds=900)
    reading = simulation.look()
    assert reading.figures is not None
    assert reading.figures["arrived"] > 10
    assert len(centre.workspace.tasks.list()) > 5
    assert "selected_language" in centre.workspace.tasks.list(limit=1)[0].attributes
    text = str(reading)
    assert "the simulation is paused" in text
    for words in ("Callers", "Answered within 20 s", "Grace", "itself"):
        assert words in text


def test_who_is_available_is_so_since_the_last_call(simulation: Simulation, clock: Clock, centre: CallCentre) -> None:
    """Not since the Activity, which does not change with each call."""
    quiet = {"calls_per_hour": 20.0, "hours": 2, "workers": ["Alice", "Grace"], "break_every_seconds": None, "speed": 1}
    began = start(simulation, clock, centre, **quiet).began
    assert began is not None
    for _ in range(60):
        clock.advance(60)
        free = [each for each in simulation.look().workers if each.doing == "available" and each.since > began]
        if free:
            break
    events = centre.workspace.events.list(worker_sid=free[0].sid, start_date=began, limit=200)
    ended = max(each.event_date for each in events if each.event_type.startswith("reservation."))
    assert abs(free[0].since - ended).total_seconds() < 1


def test_a_worker_is_taken_over_and_given_back(simulation: Simulation, clock: Clock, centre: CallCentre) -> None:
    """By name, in any case."""
    start(simulation, clock, centre)
    assert [each.taken_over for each in simulation.take_over("alice").workers] == [True, False]
    assert [each.taken_over for each in simulation.give_back("Alice").workers] == [False, False]
    with pytest.raises(TaskRouterError, match="'Eve' is none of the simulation's Workers: Alice, Grace"):
        simulation.take_over("Eve")


def test_a_stop_leaves_the_figures_and_nothing_else(simulation: Simulation, clock: Clock, centre: CallCentre) -> None:
    """What came of it can still be read; Grace, who was made for it, is gone."""
    start(simulation, clock, centre)
    clock.advance(seconds=900)
    reading = simulation.stop()
    assert (reading.state, str(reading).splitlines()[0], reading.workers) == ("over", "The simulation was stopped.", ())
    assert reading.figures is not None
    assert reading.figures["arrived"] > 10
    assert [worker.friendly_name for worker in centre.workspace.workers.list()] == ["Alice"]
    with pytest.raises(TaskRouterError, match="no simulation is on"):
        simulation.pause()


def test_it_ends_with_a_reset(simulation: Simulation, clock: Clock, centre: CallCentre, line: SandboxClient) -> None:
    """The state is another one; its figures are still there to be read."""
    start(simulation, clock, centre)
    clock.advance(seconds=60)
    line.post("reset", what="begin anew")
    clock.advance(seconds=60)
    reading = simulation.look()
    assert "was reset or restored" in reading.note
    assert reading.workspace_name is None


def test_all_that_a_centre_is_can_be_said(simulation: Simulation, clock: Clock, centre: CallCentre) -> None:
    """None as well: callers who wait for ever, and no breaks; without a speed the day takes a minute."""
    reading = start(
        simulation, clock, centre, patience_seconds=None, break_every_seconds=None, arrivals="burst", hours=2, seed=7
    )
    assert reading.settings is not None
    assert reading.settings["patience_seconds"] is reading.settings["break_every_seconds"] is None
    assert (reading.settings["arrivals"], reading.settings["seed"], reading.speed) == ("burst", 7, 120.0)
    assert [each.name for each in reading.workers] == ["Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"calls_per_hour": -1}, "calls_per_hour is a number, 0 or more"),
        ({"calls_per_hour": 1e9}, "calls_per_hour is a number from 0 to 10,000"),
        ({"hours": 25}, "hours is a number from 0 to 24"),
        ({"talk_seconds": "long"}, "talk_seconds is a number"),
        ({"arrivals": "stedy"}, "did you mean 'steady'?"),
        ({"arrivals": (1, 2)}, "arrivals is a word"),
        ({"workers": 0}, "from 1 to 200"),
        ({"workers": "Alice"}, "or a list of their names"),
        ({"workers": ["Alice", 5]}, "or a list of their names"),
        ({"seed": 1.5}, "seed is a whole number"),
        ({"speed": 0}, "speed is a number from 1 to 10,000"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(settings: dict[str, Any], said: str) -> None:
    """Before anything is asked."""
    with pytest.raises(ArgumentError) as raised:
        SimulationSettings(**settings)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"Workers": 3}, "Missing required parameter WorkspaceSid"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1", "Workers": 3}, "there is no Workspace 'WS1'"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1"}, "Missing required parameter Workers"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1", "Workers": 1, "Missed": 2}, "Invalid Missed"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1", "Workers": 1, "TalkSeconds": 0}, "Invalid TalkSeconds"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1", "Workers": 1, "Arrivals": "x"}, "arrivals cannot be 'x'"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1", "WorkerName": ["Ann", "ann"]}, "each is given once"),
        ({"WorkspaceSid": "WS1", "WorkflowSid": "WW1", "WorkerName": ["Ann", " "]}, "none of them empty"),
    ],
)
def test_whoever_asks_the_sandbox_by_hand_is_told_what_is_wrong(
    line: SandboxClient, form: dict[str, Any], said: str
) -> None:
    """As a 400 that names the parameter."""
    with pytest.raises(TaskRouterError) as raised:
        line.post("simulation", {"Action": "start", **form}, what="start")
    assert said in str(raised.value)
    assert raised.value.status == 400


def test_it_is_for_the_owner(sandbox: LocalSandbox) -> None:
    """As the clock is, which it moves."""
    other = Simulation(SandboxClient(sandbox.client(OTHER_ACCOUNT, OTHER_TOKEN), sandbox=True))
    with pytest.raises(LabError, match="Only the account that the sandbox was started with"):
        other.look()


def test_a_real_account_has_none() -> None:
    """And is not asked."""
    account = Simulation(SandboxClient(None, sandbox=False))
    assert not account.available
    with pytest.raises(LabError, match="takes a sandbox, and this lab talks to a real account"):
        account.start(SHORT, workspace_sid="WS1", workflow_sid="WW1")


def test_a_lab_begins_without_the_engine(tmp_path: Path) -> None:
    """Settings are values. What is read before the sandbox's process is started, everybody waits for."""
    code = "import sys, labkit.lab.runtime; print([m for m in sys.modules if m.startswith('labkit.engine')])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert found.stdout == "[]\n"
