"""The inbox as one sees it and works in it: cards, keys, filters, and how a Reservation leaves."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from browser.gallery import Gallery
from live.workspace import ALICE, AVAILABLE, BOB, OFFLINE, FakeWorkspaceClient, News, Task, sid
from playwright.sync_api import Locator, expect

from labkit.background import Jobs
from labkit.errors import TaskRouterError
from labkit.lab.lab import Lab
from labkit.live.workspace import LiveWorkspace
from labkit.taskrouter import call_recorder
from labkit.widgets.inbox.panel import Inbox

PAGE = 24
LEAVES_AFTER_MS = 7_000
OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PLACE = "node => [node.offsetTop, node.offsetLeft, node.offsetHeight]"
PHONE_CALL = {"selected_language": "es", "caller": "+34 600 123 456", "order": {"id": 4711, "vip": True}}
CHAT = {"selected_language": "en", "name": "Ada Byron", "question": "Where is my parcel?"}

Reserve = Callable[..., None]


@pytest.fixture
def inbox(gallery: Gallery, live: LiveWorkspace, desk: FakeWorkspaceClient, jobs: Jobs) -> Iterator[Locator]:
    """An empty inbox, drawn; the clock by which its cards leave is the test's."""
    gallery.page.evaluate("window.elapsed = 1000; performance.now = () => window.elapsed")
    panel = Inbox(live, client=desk, jobs=jobs)
    yield gallery.show(panel)
    panel.close()


@pytest.fixture
def reserve(news: News, desk: FakeWorkspaceClient) -> Reserve:
    """Reserves a Worker for Task `number`."""

    def reserve_one(number: int, worker: str = ALICE, queue: str = "Spanish") -> None:
        task = sid("WT", number)
        attributes = CHAT if queue == "English" else PHONE_CALL
        desk.known_tasks[task] = Task(task, attributes, "reserved", task_queue_name=queue)
        name = {ALICE: "Alice", BOB: "Bob"}[worker]
        about = {"WorkerSid": worker, "WorkerName": name, "TaskQueueName": queue}
        news.reservation(
            "reservation.created", sid("WR", number), task=task, TaskAttributes=json.dumps(attributes), **about
        )

    return reserve_one


def cards(inbox: Locator) -> Locator:
    return inbox.locator(".lk-card")


def card(inbox: Locator, number: int) -> Locator:
    return inbox.locator(f".lk-card[data-sid={sid('WR', number)}]")


def elapse(gallery: Gallery, milliseconds: int) -> None:
    gallery.page.evaluate("more => { window.elapsed += more }", milliseconds)


def tell_calls(desk: FakeWorkspaceClient) -> None:
    """As the SDK's client does: what was asked is told while it is asked."""

    def tell(name: str) -> None:
        path = f"/v1/Workspaces/{sid('WS', 1)}/Tasks/{sid('WT', 1)}/Reservations/{sid('WR', 1)}"
        status = desk.error.status if desk.error else 200
        if name in ("accept", "reject"):
            form = {"ReservationStatus": f"{name}ed"}
            call_recorder.notify({"method": "POST", "path": path, "form": form, "status": status, "milliseconds": 12.3})

    desk.on_call = tell


def test_a_busy_inbox_in_light_and_dark(
    gallery: Gallery, inbox: Locator, reserve: Reserve, news: News, desk: FakeWorkspaceClient
) -> None:
    """Pending, in progress and over, side by side; for somebody to look at."""
    tell_calls(desk)
    for number in range(1, 5):
        reserve(number, *((ALICE, "Spanish") if number % 2 else (BOB, "English")))
    card(inbox, 1).get_by_role("button", name="Accept").click()
    expect(card(inbox, 1)).to_contain_text("200 in 12 ms")
    news.reservation("reservation.timeout", sid("WR", 3), task=sid("WT", 3), TaskAttributes=json.dumps(PHONE_CALL))
    expect(card(inbox, 3)).to_contain_text("Timed out")
    expect(card(inbox, 2).get_by_role("timer")).to_contain_text("0:5")
    gallery.both_themes("inbox", lambda: inbox.locator(".lk"))
    gallery.use_width(360)
    assert not gallery.page.evaluate(OVERFLOWS)
    gallery.screenshot("inbox-narrow", of=inbox.locator(".lk"))
    gallery.use_width(1920)
    assert not gallery.page.evaluate(OVERFLOWS)
    gallery.screenshot("inbox-projector", of=inbox.locator(".lk"))


def test_a_task_that_is_handed_over_is_on_two_cards(
    gallery: Gallery, inbox: Locator, reserve: Reserve, news: News
) -> None:
    """From whom it comes and to whom it goes; for somebody to look at."""
    reserve(1)
    news.reservation("reservation.accepted", sid("WR", 1), TaskAttributes=json.dumps(PHONE_CALL))
    news.transfer("task.transfer-initiated", "reserved", TaskAttributes=json.dumps(PHONE_CALL))
    news.handed("reservation.created", "reserved", TaskAttributes=json.dumps(PHONE_CALL))
    expect(card(inbox, 1)).to_contain_text("Handing over to Bob (warm)")
    expect(card(inbox, 2)).to_contain_text("Handed over by Alice (warm)")
    expect(card(inbox, 1)).to_contain_text("ReservationStatus")
    gallery.both_themes("inbox-handed-over", lambda: inbox.locator(".lk"))


def test_an_empty_inbox_says_what_to_do(gallery: Gallery, inbox: Locator, news: News) -> None:
    """Which depends on what is there: nothing, Tasks that wait, and nobody to take them."""
    expect(inbox).to_contain_text("Create a Task and let a Worker who fits it be Available")
    news.task("task.created", sid("WT", 1), "pending")
    expect(inbox).to_contain_text("1 Task waits: no available Worker fits")
    news.activity(BOB, OFFLINE)
    expect(inbox).to_contain_text("no Worker is available")


def outlined(inbox: Locator) -> list[str]:
    """The cards that look chosen."""
    found: list[str] = cards(inbox).evaluate_all(
        "cards => cards.filter(card => getComputedStyle(card).outlineStyle !== 'none').map(card => card.dataset.sid)"
    )
    return found


def test_the_keyboard_does_it_all(
    gallery: Gallery, inbox: Locator, reserve: Reserve, desk: FakeWorkspaceClient
) -> None:
    """j and k move, a accepts, r rejects, w wraps up, c completes; no key goes on to JupyterLab.

    They are named while they work and not before, and one card looks like the one that they mean.
    """
    gallery.page.evaluate(
        "document.addEventListener('keydown', e => { window.leaked = (window.leaked || '') + e.key })"
    )
    for number in range(1, 4):
        reserve(number)
    press = gallery.page.keyboard.press
    expect(cards(inbox)).to_have_count(3)
    expect(inbox.locator("kbd").first).to_be_hidden()
    assert outlined(inbox) == []
    inbox.get_by_role("button", name="Use keys").click()
    expect(inbox.locator("kbd").first).to_be_visible()
    expect(card(inbox, 1)).to_be_focused()
    press("j")
    expect(card(inbox, 2)).to_be_focused()
    assert outlined(inbox) == [sid("WR", 2)]
    press("k")
    expect(card(inbox, 1)).to_be_focused()
    press("a")
    expect(card(inbox, 1)).to_have_attribute("data-status", "accepted")
    press("w")
    expect(card(inbox, 1)).to_have_attribute("data-status", "wrapping")
    press("c")
    expect(card(inbox, 1)).to_have_attribute("data-status", "completed")
    expect(card(inbox, 1)).to_be_focused()
    press("j")
    press("r")
    expect(card(inbox, 2)).to_have_attribute("data-status", "rejected")
    assert [call[0] for call in desk.calls if sid("WT", 3) in call and call[0] != "task"] == []
    press("Escape")
    expect(inbox.locator("kbd").first).to_be_hidden()
    expect(inbox.locator(":focus")).to_have_count(0)
    assert gallery.page.evaluate("window.leaked") is None


def test_keys_are_left_alone_where_one_chooses(inbox: Locator, reserve: Reserve, desk: FakeWorkspaceClient) -> None:
    """In a select, `a` looks for an entry; it accepts nothing."""
    reserve(1)
    select = inbox.get_by_label("Only of this Worker")
    expect(select.locator("option")).to_have_count(2)
    select.focus()
    expect(inbox.locator("kbd").first).to_be_hidden()
    select.press("a")
    select.press("r")
    expect(card(inbox, 1)).to_have_attribute("data-status", "pending")
    assert not [call for call in desk.calls if call[0] in ("accept", "reject")]


def test_one_stop_for_tab_among_the_cards(inbox: Locator, reserve: Reserve) -> None:
    """Only the card that was used last is a stop of its own; its buttons are stops as ever."""
    for number in range(1, 4):
        reserve(number)
    expect(cards(inbox)).to_have_count(3)
    card(inbox, 2).get_by_role("button", name="Accept").focus()
    stops = cards(inbox).evaluate_all("cards => cards.map(card => card.tabIndex)")
    assert stops == [-1, 0, -1]


def test_filters_stay_through_redraws(gallery: Gallery, inbox: Locator, reserve: Reserve) -> None:
    """By Worker, by TaskQueue, by what is to be done; what fits none is said, with a way back."""
    for number in range(1, 5):
        reserve(number, *((ALICE, "Spanish") if number % 2 else (BOB, "English")))
    inbox.get_by_label("Only of this Worker").select_option("Bob")
    expect(cards(inbox)).to_have_count(2)
    reserve(5, ALICE, "Spanish")
    reserve(6, BOB, "English")
    expect(cards(inbox)).to_have_count(3)
    expect(inbox.get_by_label("Only of this Worker")).to_have_value(BOB)
    inbox.get_by_label("Only of this TaskQueue").select_option("Spanish")
    expect(inbox).to_contain_text("No Reservation fits these filters")
    inbox.get_by_role("button", name="Show all").click()
    expect(cards(inbox)).to_have_count(6)
    inbox.get_by_role("button", name="In progress 0").click()
    expect(cards(inbox)).to_have_count(0)
    inbox.get_by_role("button", name="To answer 6").click()
    expect(cards(inbox)).to_have_count(6)


@pytest.mark.parametrize("ending", ["timeout", "canceled", "rescinded"])
def test_what_ends_says_so_before_it_leaves(
    gallery: Gallery, inbox: Locator, reserve: Reserve, news: News, ending: str
) -> None:
    """In the place of its buttons, for some seconds; then the next card has the focus."""
    reserve(1)
    reserve(2)
    card(inbox, 1).focus()
    place = card(inbox, 1).evaluate(PLACE)
    news.reservation(f"reservation.{ending}", sid("WR", 1))
    expect(card(inbox, 1).locator(".lk-card-why")).to_be_visible()
    expect(card(inbox, 1).get_by_role("button", name="Accept")).to_be_hidden()
    assert card(inbox, 1).evaluate(PLACE) == place
    expect(inbox.locator("[aria-live]")).to_contain_text(ending)
    elapse(gallery, LEAVES_AFTER_MS)
    expect(card(inbox, 1)).to_have_count(0)
    expect(card(inbox, 2)).to_be_focused()


def test_no_card_leaves_from_under_the_pointer(gallery: Gallery, inbox: Locator, reserve: Reserve, news: News) -> None:
    """While somebody points at the cards they stand still: the next click would meet another one."""
    reserve(1)
    reserve(2)
    news.reservation("reservation.timeout", sid("WR", 1))
    expect(card(inbox, 1)).to_contain_text("Timed out")
    elapse(gallery, LEAVES_AFTER_MS - 2_000)
    card(inbox, 2).hover()
    elapse(gallery, 2_500)
    reserve(3)
    expect(cards(inbox)).to_have_count(3)
    elapse(gallery, 1_000)
    expect(card(inbox, 1)).to_have_count(0)


def test_what_taskrouter_does_not_list_any_more_is_said(inbox: Locator, reserve: Reserve, live: LiveWorkspace) -> None:
    """It ended while nobody listened: how is not known, that it is over is."""
    reserve(1)
    expect(card(inbox, 1)).to_be_visible()
    live.reconcile()
    expect(card(inbox, 1)).to_contain_text("TaskRouter does not list it any more")


def test_a_rejection_with_an_activity_is_a_small_menu(
    gallery: Gallery, inbox: Locator, reserve: Reserve, desk: FakeWorkspaceClient
) -> None:
    """By mouse and by keyboard; Escape leaves everything as it was."""
    reserve(1)
    reserve(2)
    card(inbox, 1).get_by_label("Reject, and move Alice to an Activity").click()
    menu = inbox.get_by_role("menu", name="Reject, and move Alice to")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    gallery.screenshot("inbox-menu")
    gallery.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(card(inbox, 1).get_by_label("Reject, and move Alice to an Activity")).to_be_focused()
    gallery.page.keyboard.press("Shift+R")
    gallery.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Available")).to_be_focused()
    gallery.page.keyboard.press("Enter")
    expect(card(inbox, 1)).to_have_attribute("data-status", "rejected")
    assert ("reject", sid("WT", 1), sid("WR", 1), AVAILABLE.sid) in desk.calls
    expect(card(inbox, 2)).to_have_attribute("data-status", "pending")


def test_a_click_shows_what_it_sends_and_what_came_back(
    inbox: Locator, reserve: Reserve, desk: FakeWorkspaceClient
) -> None:
    """Before: the call that Accept is. After: the call that was made, with status and time; a refusal in words."""
    tell_calls(desk)
    reserve(1)
    rest = card(inbox, 1).locator(".lk-card-rest")
    expect(rest).to_have_text("Accept sendsPOST …/Tasks/WT…0001/Reservations/WR…0001ReservationStatus=accepted")
    desk.error = TaskRouterError("Another Worker accepted the Task first.", status=410)
    card(inbox, 1).get_by_role("button", name="Accept").click()
    expect(card(inbox, 1)).to_contain_text("Another Worker accepted the Task first.")
    expect(rest).to_contain_text("410 in 12 ms")
    desk.error = None
    card(inbox, 1).get_by_role("button", name="Accept").click()
    expect(rest).to_have_text("SentPOST …/Tasks/WT…0001/Reservations/WR…0001ReservationStatus=accepted200 in 12 ms")


def test_hundreds_are_paged_and_stand_still(gallery: Gallery, inbox: Locator, reserve: Reserve) -> None:
    """A few dozen are on the page; focus and scroll survive the news; j at the end shows more."""
    for number in range(1, 301):
        reserve(number)
    expect(inbox.get_by_role("button", name="To answer 300")).to_be_visible()
    expect(cards(inbox)).to_have_count(PAGE)
    expect(inbox).to_contain_text(f"{PAGE} of 300 shown")
    card(inbox, PAGE).focus()
    before = gallery.page.evaluate("window.scrollY")
    assert before > 0
    kept = card(inbox, PAGE).element_handle()
    reserve(301)
    expect(inbox.get_by_role("button", name="To answer 301")).to_be_visible()
    assert gallery.page.evaluate("window.scrollY") == before
    assert kept.evaluate("node => node.isConnected && node === document.activeElement")
    gallery.page.keyboard.press("j")
    expect(cards(inbox)).to_have_count(2 * PAGE)
    expect(card(inbox, PAGE + 1)).to_be_focused()


def test_a_burst_is_one_sentence_for_a_screen_reader(inbox: Locator, live: LiveWorkspace, reserve: Reserve) -> None:
    """Live regions do not shout."""
    all_told = threading.Event()
    live.watch(lambda _topic: all_told.set() if len(live.reservations) == 20 else None)  # after the panel's own
    for number in range(1, 21):
        reserve(number)
    assert all_told.wait(10)
    expect(inbox.locator("[aria-live]")).to_have_text("20 new Reservations.")


def test_a_stranger_s_attributes_stay_text(gallery: Gallery, inbox: Locator, news: News) -> None:
    """Neither on the card nor in a filter does anything become an element."""
    bad = "<img src=x onerror=alert(1)>"
    news.reservation(
        "reservation.created", sid("WR", 1), WorkerName=bad, TaskQueueName=bad, TaskAttributes=f'{{"name": "{bad}"}}'
    )
    expect(card(inbox, 1)).to_contain_text(bad)
    assert gallery.page.locator("img").count() == 0


def test_the_ring_follows_the_sandbox_s_clock(gallery: Gallery, lab: Lab) -> None:
    """Paused it stands and says so; moved on, the time that is left has shrunk, and at its end it has timed out."""
    lab.taskrouter.set_activity("Alice", "Available")
    lab.create_task({"selected_language": "es"})
    inbox = gallery.show(lab.inbox())
    timer = cards(inbox).first.get_by_role("timer")
    expect(timer).to_contain_text(re.compile(r"^(20:00|19:[0-5]\d)"))
    lab.clock.pause()
    expect(inbox).to_contain_text("clock paused")
    lab.clock.advance(1_140)
    expect(timer).to_contain_text(re.compile(r"^(1:00|0:[0-5]\d)"))
    lab.clock.advance(60)
    expect(cards(inbox).first).to_contain_text("Timed out")
    expect(cards(inbox).first).to_have_attribute("data-status", "timeout")
