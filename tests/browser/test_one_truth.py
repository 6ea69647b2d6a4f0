"""Panels never contradict TaskRouter: whoever resets it, whatever times out, wherever the callbacks go."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from browser.gallery import Gallery
from playwright.sync_api import Locator, expect

import labkit.settings
from labkit.lab.lab import Lab
from labkit.sandbox_client.client import SandboxClient
from labkit.sandbox_client.snapshots import Snapshots
from labkit.taskrouter.records import TaskRecord

SOON_MS = 10_000
"""Within which every open panel shows what another session did, however busy the machine is with other tests; the three
seconds that it is to take are held by `test_one_sandbox.py`, which has the machine for itself."""
ES = {"selected_language": "es"}


def another_session(lab: Lab) -> Snapshots:
    """What `python -m labkit reset` and `restore` use, in another process."""
    return Snapshots(SandboxClient(lab._connection.quiet, sandbox=True))


def reserved(lab: Lab) -> TaskRecord:
    """A Task for which Alice is reserved."""
    lab.taskrouter.set_activity("Alice", "Available")
    return lab.create_task(ES)


def status_of(composer: Locator) -> Locator:
    return composer.locator(".lk-tasks li").first.locator("[data-status-of=task]")


def test_the_composer_creates_tasks_after_somebody_reset_the_sandbox(gallery: Gallery, lab: Lab) -> None:
    """The panel that was open before offers the Workflow of the new Workspace, without a click."""
    composer = gallery.show(lab.composer())
    before = lab.workspace_sid
    another_session(lab).reset()
    gallery.until(lambda: lab.workspace_sid != before and len(lab.live.workflows) == 1)
    expect(composer.get_by_label("Workflow", exact=True)).to_have_value(lab.workflow_sid)
    composer.get_by_role("button", name="Create Task", exact=True).click()
    expect(status_of(composer)).to_have_text("Task pending")
    assert [task.assignment_status for task in lab.taskrouter.open_tasks()] == ["pending"]


def test_a_task_whose_reservation_timed_out_is_pending_everywhere(gallery: Gallery, lab: Lab) -> None:
    """TaskRouter sends no Event for that, and `reservation.timeout` itself says reserved."""
    composer, timeline = gallery.show(lab.composer()), gallery.show(lab.timeline())
    lab.taskrouter.set_activity("Alice", "Available")
    composer.get_by_role("button", name="Create Task", exact=True).click()
    expect(status_of(composer)).to_have_text("Task reserved")

    lab.clock.advance(1_200)

    expect(status_of(composer)).to_have_text("Task pending")
    [task] = lab.taskrouter.open_tasks()
    assert task.assignment_status == "pending"
    expect(timeline.get_by_role("button", name="Task reserved 20 min 00 s, Task pending")).to_be_visible()


def test_each_panel_says_of_what_a_status_is(gallery: Gallery, lab: Lab) -> None:
    """The Task's and the Reservation's have words of their own, and a shape: nobody has to see the colour."""
    panels = [gallery.show(each) for each in (lab.composer(), lab.inbox(), lab.workers())]
    composer, inbox, workers = panels
    composer.get_by_role("button", name="Create Task", exact=True).click()
    expect(composer.locator("[data-status-of]")).to_have_text(["Task pending"])
    lab.taskrouter.set_activity("Alice", "Available")
    for panel, words in (
        (composer, ["Task reserved", "Reservation pending"]),
        (inbox, ["Reservation pending", "Task reserved"]),
        (workers, ["Reservation pending"]),
    ):
        expect(panel.locator("[data-status-of]")).to_have_text(words)
    expect(composer.locator(".lk-task-reservation")).to_contain_text("Alice")
    marks = {family: composer.locator(f"[data-status-of={family}] svg") for family in ("task", "reservation")}
    assert marks["task"].locator("circle").count() == 0
    assert marks["reservation"].locator("circle").count() == 1
    inbox.get_by_role("button", name="Accept").click()
    expect(composer.locator("[data-status-of]")).to_have_text(["Task assigned", "Reservation accepted"])
    inbox.get_by_role("button", name="Complete").click()
    expect(composer.locator("[data-status-of]")).to_have_text(["Task completed", "Reservation completed"])


def test_every_panel_has_taskrouter_s_time_in_utc_and_says_that_its_clock_was_moved(gallery: Gallery, lab: Lab) -> None:
    """Whatever zone the browser is in: the story, the traffic and TaskRouter's own log name the same moments."""
    reserved(lab)
    lab.clock.advance(22 * 60)
    utc = (
        gallery.show(lab.story()),
        gallery.show(lab.traffic()),
        gallery.show(lab.timeline()),
        gallery.show(lab.queues()),
    )
    spans = gallery.show(lab.inbox()), gallery.show(lab.workers()), gallery.show(lab.explanation())
    for panel in (*utc, *spans):
        expect(panel.locator(".lk-clock-moved")).to_have_text("clock 22 min ahead")
    for panel in utc:
        expect(panel.locator(".lk-head")).to_contain_text("UTC")
    task = lab.create_task(ES)
    [created] = [each for each in lab.taskrouter.events(minutes=1) if each.event_type == "task.created"]
    assert created.task_sid == task.sid
    assert created.at is not None
    story, traffic = utc[:2]
    expect(story.locator("[data-type='task.created'] time").last).to_have_text(f"{created.at:%H:%M:%S}")
    call = traffic.locator(".lk-exchange", has_text="task.created").first.locator("time")
    expect(call).to_have_attribute("title", re.compile(r" UTC$"))
    minutes = "|".join(f"{created.at + timedelta(seconds=late):%H:%M}" for late in (0, 3))
    expect(call).to_have_attribute("datetime", re.compile(f"T({minutes}):"))  # the Task before has a row as well
    came = datetime.fromisoformat(call.get_attribute("datetime") or "")
    assert abs(came - created.at) < timedelta(seconds=3)


def test_a_desk_has_no_ghosts_after_somebody_reset_the_sandbox(gallery: Gallery, lab: Lab) -> None:
    """Cards with countdowns, Workers and Tasks of the old Workspace are gone, and all works."""
    desk = lab.desk()
    shown = gallery.show(desk, within=list(desk.panels.values()))
    reserved(lab)
    expect(shown.locator(".lk-inbox .lk-card")).to_have_count(1)

    session = another_session(lab)
    session.reset()

    expect(shown.locator(".lk-inbox .lk-card")).to_have_count(0, timeout=SOON_MS)
    expect(shown.locator(".lk-workers")).to_contain_text("Offline", timeout=SOON_MS)
    expect(shown.locator(".lk-health")).to_contain_text("All works", timeout=SOON_MS)
    shown.get_by_role("tab", name="Watch").click()
    expect(shown.locator(".lk-timeline .lk-lane")).to_have_count(0, timeout=SOON_MS)

    session.restore("before reset")

    shown.get_by_role("tab", name="Work").click()
    expect(shown.locator(".lk-inbox .lk-card")).to_have_count(1, timeout=SOON_MS)


def test_the_desk_s_light_leads_to_the_reason(gallery: Gallery, lab: Lab) -> None:
    """Something does not work: a click shows the status, where its line and its remedy are."""
    desk = lab.desk()
    shown = gallery.show(desk, within=list(desk.panels.values()))
    lab.callbacks.stop()
    lab.panels.show_status()
    health = shown.get_by_role("button", name="Something does not work")
    health.click()
    expect(shown.locator(".lk-status")).to_be_visible()
    expect(shown.get_by_role("tab", name="Look inside")).to_have_attribute("aria-selected", "true")
    expect(shown.locator(".lk-status")).to_contain_text("callbacks are not answered")


def test_a_deleted_workspace_is_said_and_shown_when_it_is_made_again(gallery: Gallery, lab: Lab) -> None:
    """The composer says why nothing can be created; whoever makes the Workspace again mends it."""
    composer = gallery.show(lab.composer())
    lab.client.taskrouter.v1.workspaces(lab.workspace_sid).delete()
    expect(composer).to_contain_text("no Workspace of this lab's name", timeout=SOON_MS)

    lab.client.taskrouter.v1.workspaces.create(friendly_name=lab.workspace_name, template="NONE")

    expect(composer).not_to_contain_text("no Workspace of this lab's name", timeout=SOON_MS)
    composer.get_by_role("button", name="Create Task", exact=True).click()
    expect(status_of(composer)).to_have_text("Task pending")


def test_the_traffic_says_where_the_callbacks_go(gallery: Gallery, lab: Lab) -> None:
    """Another notebook is called, so none are shown here: that is said, and ends when they come back."""
    traffic = gallery.show(lab.traffic())
    with Lab(labkit.settings.Settings.resolve()) as other:
        expect(traffic).to_contain_text(f"Callbacks go to 127.0.0.1:{other.callbacks.local_url.rpartition(':')[2]}")
    lab.take_callbacks()
    expect(traffic).not_to_contain_text("Callbacks go to")


def test_the_explanation_never_denies_the_task_that_it_offers(gallery: Gallery, lab: Lab) -> None:
    """A desk that is opened before there is a Task explains the first one when it comes, and says what is old."""
    panel = gallery.show(lab.explanation())
    expect(panel).to_contain_text("Nothing to explain yet")
    task = lab.create_task(ES)
    expect(panel).to_contain_text(task.sid)
    expect(panel).not_to_contain_text("There is no Task")
    lab.taskrouter.set_activity("Alice", "Available")
    expect(panel).to_contain_text("it has changed since")
    panel.get_by_role("button", name="Refresh").click()
    expect(panel).not_to_contain_text("it has changed since")
