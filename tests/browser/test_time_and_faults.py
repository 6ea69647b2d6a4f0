"""TimeAndFaults in a browser: time is moved and held, faults are switched, and a real account has neither."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser.gallery import Gallery
from playwright.sync_api import Locator, expect
from sandbox.call_centre import CallCentre
from sandbox.local import LocalSandbox, local_sandbox

from labkit.background import Jobs
from labkit.live.workspace import LiveWorkspace
from labkit.remote_clock import RemoteClock
from labkit.sandbox import clock as sandbox_clock
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.clock import Clock
from labkit.sandbox_client.faults import Faults
from labkit.stream import EventStream
from labkit.taskrouter.workspace_client import WorkspaceClient
from labkit.widgets.time_and_faults.panel import TimeAndFaults


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    """A sandbox in this process, whose clock is this computer's for as long as nobody moves it."""
    with local_sandbox(clock=sandbox_clock.Clock()) as running:
        yield running


@pytest.fixture
def faults(line: SandboxClient) -> Faults:
    """The notebook's `lab.faults`."""
    return Faults(line)


@pytest.fixture
def panel(
    gallery: Gallery, centre: CallCentre, clock: Clock, faults: Faults, time: RemoteClock, jobs: Jobs
) -> Iterator[Locator]:
    """The panel, while time stands still and a Task is reserved for Alice for a minute."""
    centre.reserved_task()
    clock.pause()
    live = LiveWorkspace(EventStream(), WorkspaceClient(centre.client, centre.sid), clock=time)
    made = TimeAndFaults(live, clock=clock, faults=faults, jobs=jobs)
    shown = gallery.show(made)
    expect(shown).to_contain_text("times out")
    yield shown
    made.close()
    live.stop()


def test_time_is_moved_and_what_happens_is_told(gallery: Gallery, clock: Clock, faults: Faults, panel: Locator) -> None:
    """By a button, by any number of seconds, and to what is due next; the line of Python is there to copy."""
    began = clock.now()
    expect(panel).to_contain_text("in 1 min 00 s, at ")
    panel.get_by_role("button", name="Advance 10 s").click()
    expect(panel).to_contain_text("Time went on by 10 s; nothing fell due.")
    expect(panel).to_contain_text("lab.clock.advance(seconds=10)")
    panel.get_by_label("Seconds to advance").fill("30.5")
    panel.get_by_role("button", name="Advance", exact=True).click()
    expect(panel).to_contain_text("lab.clock.advance(seconds=30.5)")
    assert (clock.now() - began).total_seconds() == 40.5
    panel.get_by_role("button", name="Run to next").click()
    expect(panel).to_contain_text("1 deadline fell due, and 2 events came of it.")
    rows = panel.get_by_label("What happened, oldest first").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("times out")
    expect(rows.nth(1)).to_contain_text("reservation.timeout")
    gallery.both_themes("time_and_faults", lambda: panel)


def test_the_clock_stands_and_runs(gallery: Gallery, clock: Clock, faults: Faults, panel: Locator) -> None:
    """It says so in words, and the seconds are still or go on."""
    expect(panel).to_contain_text("Time stands still")
    timer = panel.get_by_role("timer")
    stood = timer.inner_text()
    panel.get_by_role("button", name="Resume").click()
    expect(panel).to_contain_text("Time runs")
    assert not clock.look().paused
    expect(timer).not_to_have_text(stood)
    panel.get_by_role("button", name="Pause").click()
    expect(panel).to_contain_text("Time stands still")
    assert clock.look().paused


def test_what_another_notebook_does_is_seen(line: SandboxClient, faults: Faults, panel: Locator) -> None:
    """It has its own clock object, on the same sandbox; the panel looks again every few seconds."""
    Clock(line).resume()
    faults.on("rest_late", probability=0.25, seconds=0.5)
    expect(panel).to_contain_text("Time runs")
    expect(panel.get_by_role("switch", name="Late answer")).to_be_checked()
    expect(panel.get_by_label("How often: Late answer")).to_have_value("25")


def test_faults_are_switched(gallery: Gallery, clock: Clock, faults: Faults, panel: Locator) -> None:
    """On and off, as likely as the slider says, by the seconds beside it; then all off."""
    switch = panel.get_by_role("switch", name="Answer 500")
    panel.get_by_label("How often: Answer 500").fill("30")
    assert not faults.list().on
    switch.check()
    expect(panel).to_contain_text("lab.faults.on('callback_500', probability=0.3)")
    [on] = faults.list().on
    assert (on.name, on.probability) == ("callback_500", 0.3)
    panel.get_by_label("Seconds: Slow answer").fill("2.5")
    panel.get_by_role("switch", name="Slow answer").focus()
    gallery.page.keyboard.press("Space")
    gallery.until(lambda: [(f.name, f.seconds) for f in faults.list().on][:1] == [("callback_slow", 2.5)])
    expect(panel).to_contain_text("2 faults")
    gallery.both_themes("time_and_faults-switched", lambda: panel)
    panel.get_by_role("button", name="Switch all off").click()
    expect(switch).not_to_be_checked()
    assert not faults.list().on


def test_what_makes_no_sense_is_a_sentence(gallery: Gallery, clock: Clock, faults: Faults, panel: Locator) -> None:
    """In the panel, and nothing moves."""
    began = clock.now()
    panel.get_by_label("Seconds to advance").fill("-5")
    panel.get_by_role("button", name="Advance", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("Give a number of seconds")
    panel.get_by_label("Seconds to advance").fill("9999999")
    panel.get_by_label("Seconds to advance").press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("from 0 to 2,592,000 (30 days)")
    assert clock.now() == began


def test_a_narrow_tab_has_it_all_in_one_column(gallery: Gallery, panel: Locator) -> None:
    """Nothing is cut off at 360 pixels."""
    gallery.use_width(360)
    overflow = panel.locator(".lk").evaluate("node => node.scrollWidth - node.clientWidth")
    assert overflow <= 0
    gallery.screenshot("time_and_faults-narrow", of=panel)


def test_a_real_account_has_neither(gallery: Gallery, live: LiveWorkspace, jobs: Jobs) -> None:
    """It says so, calmly, and offers nothing to click."""
    account = SandboxClient(None, sandbox=False)
    panel = gallery.show(TimeAndFaults(live, clock=Clock(account), faults=Faults(account), jobs=jobs))
    expect(panel).to_contain_text("Only the sandbox has these")
    expect(panel.get_by_role("button")).to_have_count(0)
    expect(panel.get_by_role("switch")).to_have_count(0)
