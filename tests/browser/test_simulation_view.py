"""The contact centre in a browser: a day is started, looked at, held and stopped, and a Worker is taken over."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser.gallery import Gallery
from playwright.sync_api import Locator, expect
from sandbox.call_centre import CallCentre

from labkit.background import Jobs
from labkit.live.workspace import LiveWorkspace
from labkit.remote_clock import RemoteClock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.simulation import Simulation
from labkit.stream import EventStream
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.widgets.simulation.panel import SimulationPanel


@pytest.fixture
def panel(
    gallery: Gallery, line: SandboxClient, centre: CallCentre, time: RemoteClock, jobs: Jobs
) -> Iterator[SimulationPanel]:
    """The panel."""
    live = LiveWorkspace(EventStream(), WorkspaceClient(centre.client, centre.sid), clock=time)
    made = SimulationPanel(
        live, simulation=Simulation(line), place=lambda: (centre.sid, centre.workflow_sid), jobs=jobs
    )
    yield made
    made.close()
    live.stop()


def figure(shown: Locator, name: str) -> int:
    return int(shown.locator(f'[data-figure="{name}"] dd').inner_text())


def test_a_day_is_played(gallery: Gallery, centre: CallCentre, clock: Clock, panel: SimulationPanel) -> None:
    """From the settings by Start to what came of it; a Worker is taken over and given back by a click."""
    shown = gallery.show(panel)
    expect(shown).to_contain_text("Nobody has called yet")
    shown.get_by_role("spinbutton", name="Calls").fill("90")
    shown.get_by_label("Seed").fill("3")
    shown.get_by_label("Callers come").select_option("day")
    shown.get_by_role("button", name="Start").click()
    expect(shown).to_contain_text("lab.simulation(calls_per_hour=90, arrivals='day', seed=3).start()")
    shown.get_by_role("button", name="Pause").click()
    expect(shown.locator(".lk-aside")).to_have_text("Paused")
    expect(shown.get_by_role("spinbutton", name="Calls")).to_be_disabled()
    clock.advance(seconds=5 * 3600)
    panel._look_soon()
    gallery.until(lambda: figure(shown, "arrived") > 300)
    assert figure(shown, "answered") > 100
    expect(shown.get_by_role("img", name="Calls over the day:")).to_be_visible()
    expect(shown.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile("[67]."))
    gallery.both_themes("simulation", lambda: shown)

    people = shown.get_by_role("list", name="Workers").get_by_role("listitem")
    expect(people).to_have_count(7)
    shown.get_by_role("button", name="Take over Bob").click()
    expect(shown.get_by_role("button", name="Give back Bob")).to_be_focused()
    expect(shown).to_contain_text("lab.simulation().take_over('Bob')")
    [bob] = [each for each in panel._simulation.look().workers if each.name == "Bob"]
    assert bob.taken_over
    shown.get_by_role("button", name="Give back Bob").click()
    expect(shown.get_by_role("button", name="Take over Bob")).to_be_visible()
    gallery.use_width(360)
    assert shown.locator(".lk").evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    gallery.screenshot("simulation-narrow", of=shown)
    gallery.use_width(1280)
    shown.get_by_role("button", name="Stop").click()
    expect(shown).to_contain_text("The simulation was stopped.")
    expect(shown.get_by_role("spinbutton", name="Calls")).to_be_enabled()
    gallery.screenshot("simulation-over", of=shown)


def test_what_makes_no_sense_is_a_sentence(gallery: Gallery, panel: SimulationPanel) -> None:
    """In the panel, and nothing is started."""
    panel.called_with(speed=30, workers=["Alice", "Bob"])
    shown = gallery.show(panel)
    expect(shown.get_by_label("The day takes")).to_have_value("given 30")
    expect(shown.get_by_role("spinbutton", name="Workers")).to_have_value("2")
    shown.get_by_role("spinbutton", name="Workers").fill("900")
    shown.get_by_role("button", name="Start").click()
    expect(shown.get_by_role("alert")).to_contain_text("from 1 to 200")
    assert panel._simulation.look().state == "none"


def test_a_real_account_has_none(gallery: Gallery, live: LiveWorkspace, jobs: Jobs) -> None:
    """It says so, calmly, and offers nothing to click."""
    account = Simulation(SandboxClient(None, sandbox=False))
    shown = gallery.show(SimulationPanel(live, simulation=account, place=lambda: ("WS1", "WW1"), jobs=jobs))
    expect(shown).to_contain_text("Only the sandbox has one")
    expect(shown.get_by_role("button")).to_have_count(0)
