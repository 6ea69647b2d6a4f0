"""The Worker board as one sees it and works in it: rows, room on each channel, and Workers that come and go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from browser.gallery import Gallery
from live.workspace import ALICE, AVAILABLE, BOB, NOON, FakeWorkspaceClient, News, Worker, WorkerChannel, sid
from playwright.sync_api import Locator, expect

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter import call_recorder
from labkit.widgets.workers.panel import WorkerBoard

ROWS = 30
OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
EXPERT = {
    "languages": ["en", "es"],
    "routing": {"skills": ["support", "billing"], "levels": {"support": 3}},
    "contact_uri": "client:alice",
}
CAPACITIES = {"default": 3, "chat": 24, "sms": 1, "video": 1, "voice": 1}


@pytest.fixture
def board(gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs) -> Iterator[Locator]:
    """Alice, who can much and is Offline, and Bob."""
    desk.everyone[ALICE] = replace(desk.everyone[ALICE], attributes=EXPERT)
    desk.channels[ALICE] = [WorkerChannel(sid("WC", n), *each) for n, each in enumerate(CAPACITIES.items(), 1)]
    live.reconcile()
    panel = WorkerBoard(live, client=desk, jobs=jobs)
    yield gallery.show(panel)
    panel.close()


def worker(board: Locator, name: str) -> Locator:
    return board.locator(f'.lk-worker[data-name="{name}"]')


def channel(board: Locator, name: str, *, of: str = "Alice") -> Locator:
    return worker(board, of).locator(f".lk-channel[data-channel={name}]")


def keep_busy(news: News) -> None:
    """Two Tasks of Alice on the default channel, one of them accepted, and one chat."""
    for number, where in ((1, "default"), (2, "default"), (3, "chat")):
        about = {"task": sid("WT", number), "TaskChannelUniqueName": where}
        news.reservation("reservation.created", sid("WR", number), **about)
    news.reservation("reservation.accepted", sid("WR", 2), task=sid("WT", 2), TaskChannelUniqueName="default")


def test_a_board_in_light_and_dark(gallery: Gallery, board: Locator, news: News) -> None:
    """Who is here, what they can, how much room they have, and what they do; for somebody to look at."""
    keep_busy(news)
    places = channel(board, "default").get_by_role("img")
    expect(places).to_have_attribute("aria-label", "default: 1 Task assigned, 1 Task reserved, 1 free of 3")
    expect(worker(board, "Alice").locator(".lk-chip").first).to_have_text("skillsupport 3")
    expect(worker(board, "Alice")).to_contain_text("for 1 min")
    expect(worker(board, "Alice")).to_contain_text("takes no Tasks")
    expect(worker(board, "Bob")).to_contain_text("takes Tasks")
    expect(board).to_contain_text("1 of 2 take Tasks")
    for width, name in ((360, "narrow"), (1920, "projector"), (1280, "")):
        gallery.use_width(width)
        assert not gallery.page.evaluate(OVERFLOWS), width
        if name:
            gallery.screenshot(f"workers-{name}", of=board.locator(".lk"))
    gallery.both_themes("workers", lambda: board.locator(".lk"))


def test_capacities_that_are_void_before_all_were_read_are_read_again(
    gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs
) -> None:
    """Somebody reads the Workspace anew while Bob's are read, and so Alice's, which were read just now, are void."""
    for each in (ALICE, BOB):
        desk.channels[each] = [WorkerChannel(sid("WC", 1), "default", 1)]
    live.reconcile()
    reads = count(1)
    desk.on_call = lambda name: live.reconcile() if name == "worker_channels" and next(reads) == 2 else None
    panel = WorkerBoard(live, client=desk, jobs=jobs)
    board = gallery.show(panel)
    for name in ("Alice", "Bob"):
        expect(channel(board, "default", of=name)).to_contain_text("0/1")
    panel.close()


def test_the_time_in_an_activity_goes_on(gallery: Gallery, board: Locator) -> None:
    """It is counted in the browser; nobody has to send it."""
    since = worker(board, "Bob").locator(".lk-worker-since")
    before = since.inner_text()
    expect(since).not_to_have_text(before)
    expect(since).to_have_attribute("title", re.compile(r"^In this Activity since 2026-03-01 12:00:00"))


def test_an_activity_is_switched_and_a_refusal_switched_back(board: Locator, desk: FakeWorkspaceClient) -> None:
    """The switch says what is; TaskRouter's sentence says why not."""
    choice = board.get_by_label("Activity of Alice")
    choice.select_option(label="Available")
    expect(worker(board, "Alice")).to_contain_text("takes Tasks")
    expect(board).to_contain_text("2 of 2 take Tasks")
    desk.error = TaskRouterError("The Activity cannot be entered.")
    choice.select_option(label="Offline")
    expect(worker(board, "Alice")).to_contain_text("The Activity cannot be entered.")
    expect(choice).to_have_value(AVAILABLE.sid)


def test_who_is_one_of_the_workers_is_offered_the_own_activity_alone(
    gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs
) -> None:
    """In a room nothing is offered that would be refused, nor said that is not told: Bob sees where Alice is."""
    desk.own_worker_sid = BOB
    panel = WorkerBoard(live, client=desk, jobs=jobs)
    board = gallery.show(panel)
    worker(board, "Bob").get_by_role("combobox").select_option(label="Offline")
    expect(worker(board, "Bob")).to_have_attribute("data-status", "Offline")
    expect(worker(board, "Alice").locator(".lk-worker-activity-name")).to_have_text("Offline")
    expect(worker(board, "Alice").get_by_role("combobox")).to_have_count(0)
    expect(worker(board, "Bob").get_by_text("no Task", exact=True)).to_be_visible()
    expect(worker(board, "Alice").get_by_text("no Task", exact=True)).to_be_hidden()
    expect(board.get_by_role("button", name=re.compile("Edit|Delete|Add a Worker|more|less"))).to_have_count(0)
    gallery.both_themes("workers-of-a-room", lambda: board.locator(".lk"))
    panel.close()


def test_capacity_goes_up_and_down(board: Locator, desk: FakeWorkspaceClient) -> None:
    """One request for each press; the button keeps the focus, and there is nothing below 0."""
    call = {"method": "POST", "path": f"/v1/Workspaces/WS1/Workers/{ALICE}/Channels/default", "form": {"Capacity": 4}}
    desk.on_call = lambda name: (
        call_recorder.notify({**call, "status": 200, "milliseconds": 7.0}) if name == "set_capacity" else None
    )
    more = channel(board, "default").get_by_role("button", name="take one Task more")
    more.click()
    expect(channel(board, "default")).to_contain_text("0/4")
    expect(more).to_be_focused()
    expect(board).to_contain_text("Capacity=4")
    expect(board).to_contain_text("200 in 7 ms")
    less = channel(board, "default").get_by_role("button", name="take one Task less")
    for left in (3, 2, 1, 0):
        less.click()
        expect(channel(board, "default")).to_contain_text(f"0/{left}")
    expect(less).to_be_disabled()
    sent = [call[3] for call in desk.calls if call[0] == "set_capacity"]
    assert sent == [4, 3, 2, 1, 0]


def test_channels_that_say_nothing_are_folded(board: Locator) -> None:
    """The default one and what differs from one Task at once; the rest on demand, and then it stays."""
    rows = worker(board, "Alice").locator(".lk-channel")
    expect(rows).to_have_count(2)
    worker(board, "Alice").get_by_role("button", name="all 5 channels").click()
    expect(rows).to_have_count(5)
    channel(board, "voice").get_by_role("button", name="take one Task more").click()
    expect(channel(board, "voice")).to_contain_text("0/2")
    expect(rows).to_have_count(5)


def test_a_worker_is_added_and_the_place_of_a_mistake_is_shown(
    gallery: Gallery, board: Locator, desk: FakeWorkspaceClient
) -> None:
    """As in the composer: line, column, and nothing is sent while it is wrong."""
    board.get_by_role("button", name="Add a Worker").click()
    form = board.get_by_role("form", name="Add the Worker")
    expect(form.get_by_label("Name")).to_be_focused()
    form.get_by_label("Name").fill("Carol")
    form.get_by_label("Attributes (JSON)").fill('{"languages": ["fr"}')
    expect(form).to_contain_text("Line 1, column 20")
    expect(form.get_by_role("button", name="Add the Worker")).to_be_disabled()
    gallery.screenshot("workers-add", of=board.locator(".lk"))
    form.get_by_label("Attributes (JSON)").fill('{"languages": ["fr"]}')
    form.get_by_label("Activity").select_option("Available")
    form.get_by_role("button", name="Add the Worker").click()
    expect(worker(board, "Carol")).to_contain_text("fr")
    expect(form).to_have_count(0)
    expect(board.get_by_role("button", name="Add a Worker")).to_be_focused()
    assert ("create_worker", "Carol", {"languages": ["fr"]}, AVAILABLE.sid) in desk.calls


def test_a_worker_is_edited(board: Locator, desk: FakeWorkspaceClient) -> None:
    """The whole attributes are there to be changed; Escape leaves them."""
    worker(board, "Alice").get_by_role("button", name="Edit Alice").click()
    form = board.get_by_role("form", name="Save")
    expect(form.get_by_label("Attributes (JSON)")).to_have_value(re.compile('"levels"'))
    form.get_by_label("Name").press("Escape")
    expect(form).to_have_count(0)
    expect(board.get_by_role("button", name="Edit Alice")).to_be_focused()
    board.get_by_role("button", name="Edit Alice").click()
    form.get_by_label("Attributes (JSON)").fill('{"languages": ["de"]}')
    form.get_by_role("button", name="Save").click()
    expect(worker(board, "Alice").locator(".lk-chip")).to_have_text(["languagesde"])
    assert ("update_worker", ALICE, None, {"languages": ["de"]}) in desk.calls


def test_a_worker_is_deleted_only_when_one_is_sure(board: Locator, desk: FakeWorkspaceClient) -> None:
    """Keep is where the focus is; a refusal is TaskRouter's sentence; the row leaves when it is done."""
    delete = board.get_by_role("button", name="Delete Bob")
    delete.click()
    expect(board.get_by_role("button", name="Keep")).to_be_focused()
    board.get_by_role("button", name="Keep").click()
    expect(delete).to_be_focused()
    assert not [call for call in desk.calls if call[0] == "delete_worker"]

    delete.click()
    board.get_by_role("button", name="Keep").press("Escape")
    expect(delete).to_be_focused()

    sure = board.get_by_role("group", name="Delete Bob?").get_by_role("button", name="Delete Bob")
    desk.error = TaskRouterError("Worker Bob holds a Reservation.")
    delete.click()
    sure.click()
    expect(worker(board, "Bob")).to_contain_text("Worker Bob holds a Reservation.")
    desk.error = None
    delete.click()
    sure.click()
    expect(worker(board, "Bob")).to_have_count(0)
    assert BOB not in desk.everyone


def test_a_capacity_that_cannot_be_read_can_be_read_again(
    gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs
) -> None:
    """It is said once, and not asked for again and again by itself."""
    desk.error = TaskRouterError("TaskRouter did not answer.")
    panel = WorkerBoard(live, client=desk, jobs=jobs)
    board = gallery.show(panel)
    expect(worker(board, "Bob")).to_contain_text("TaskRouter did not answer.")
    asked = len(desk.calls)
    panel.refresh()
    desk.error = None
    worker(board, "Bob").get_by_role("button", name="Read the capacities").click()
    expect(channel(board, "default", of="Bob")).to_contain_text("0/1")
    assert len(desk.calls) == asked + 1
    panel.close()


def test_hundreds_are_paged_found_and_read_only_where_seen(
    gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs, news: News
) -> None:
    """A page of rows; words are looked for in name, Activity and attributes; news does not move the view."""
    for number in range(10, 310):
        made, knows = sid("WK", number), {"languages": ["is" if number == 200 else "en"]}
        desk.everyone[made] = Worker(made, f"Worker {number:03}", "Available", AVAILABLE.sid, True, knows, NOON)
    live.reconcile()
    panel = WorkerBoard(live, client=desk, jobs=jobs)
    board = gallery.show(panel)
    rows = board.locator(".lk-worker")
    expect(rows).to_have_count(ROWS)
    expect(channel(board, "default")).to_be_visible()
    assert sum(call[0] == "worker_channels" for call in desk.calls) < ROWS

    gallery.page.evaluate("window.scrollTo(0, 400)")
    news.activity(ALICE, AVAILABLE)
    expect(board).to_contain_text("302 of 302 take Tasks")
    assert gallery.page.evaluate("window.scrollY") == 400
    board.get_by_role("button", name="Show 30 more").click()
    expect(rows).to_have_count(2 * ROWS)
    board.get_by_label("Find Workers").fill("worker is available")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Worker 200")
    news.activity(BOB, AVAILABLE)
    expect(rows).to_have_count(1)
    board.get_by_label("Find Workers").fill("nobody")
    expect(board).to_contain_text("No Worker fits")
    panel.close()


def test_a_stranger_s_attributes_stay_text(gallery: Gallery, board: Locator, news: News) -> None:
    """Neither in a chip nor in a label does anything become an element."""
    bad = "<img src=x onerror=alert(1)>"
    news.event("worker.attributes.update", WorkerSid=BOB, WorkerName=bad, WorkerAttributes=f'{{"{bad}": "{bad}"}}')
    expect(board.locator(".lk-worker-name").filter(has_text=bad)).to_be_visible()
    assert gallery.page.locator("img").count() == 0


def test_the_time_in_an_activity_follows_the_sandbox_s_clock(gallery: Gallery, lab: Lab) -> None:
    """An hour later Bob has been in his Activity for an hour."""
    board = gallery.show(lab.workers())
    expect(worker(board, "Bob")).to_contain_text(re.compile(r"for \d+ s"))
    lab.clock.advance(3600)
    expect(worker(board, "Bob")).to_contain_text(re.compile(r"for 1 h 0\d min"))
