"""The timeline as it is seen, pointed at and steered with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from browser.gallery import Gallery
from live.past import LogClient, logged, remembering
from live.workspace import ALICE, AVAILABLE, BOB, NOON, News, sid
from playwright.sync_api import Locator, expect
from sandbox.bridge_client import BridgeClient

from labkit.lab.lab import Lab
from labkit.live.history import History
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream, Kind
from labkit.widgets.timeline.panel import Timeline

MANY = 3000
CAROL = sid("WK", 3)


@pytest.fixture
def desk() -> LogClient:
    """A log without entries."""
    return LogClient()


@pytest.fixture
def history(stream: EventStream, desk: LogClient, live: LiveWorkspace) -> Iterator[History]:
    """A history that has read the log; now is a minute past noon."""
    with remembering(stream, client=desk, live=live) as (history, _jobs):
        yield history


@pytest.fixture
def panel(gallery: Gallery, live: LiveWorkspace, history: History) -> Iterator[Locator]:
    """The timeline on the page; its clock stands still."""
    live.clock.learn(live.clock(), paused=True)
    timeline = Timeline(live, history=history)
    yield gallery.show(timeline)
    timeline.close()


def lane(panel: Locator, task: str) -> Locator:
    return panel.locator(f'.lk-lane[data-sid="{task}"]')


def live_a_day(news: News, stream: EventStream) -> None:
    """Tasks that end in every way, a minute's worth."""
    news.at = NOON + timedelta(seconds=4)
    news.activity(ALICE, AVAILABLE, WorkerName="Alice", WorkerPreviousActivityName="Offline")
    for number in range(1, 9):
        task, reservation = sid("WT", number), sid("WR", number)
        about = {"task": task, "TaskQueueName": f"Customer Care - {'Spanish' if number % 2 else 'English'}"}
        news.task("task.created", **about, status="pending")
        news.at += timedelta(seconds=2)
        if number == 2:
            news.task("task.canceled", **about, status="canceled", TaskCanceledReason="the caller hung up")
            continue
        news.reservation("reservation.created", reservation, **about)
        form = {"ReservationSid": reservation, "TaskSid": task, "WorkerSid": ALICE, "Timestamp": _unix(news)}
        exchange = {"form": form, "signature": "valid", "status": 200, "response_body": "{}", "milliseconds": 2.0}
        stream.publish(Kind.EXCHANGE, exchange)
        news.at += timedelta(seconds=2)
        if number in (3, 6):
            ending = "timeout" if number == 3 else "rejected"
            news.reservation(f"reservation.{ending}", reservation, **about, status="pending")
            continue
        news.reservation("reservation.accepted", reservation, **about)
        news.at += timedelta(seconds=3)
        if number % 4:
            news.reservation("reservation.wrapup", reservation, **about, status="wrapping")
            news.at += timedelta(seconds=1)
            news.reservation("reservation.completed", reservation, **about, status="completed")
            news.task("task.completed", **about, status="completed")


def _unix(news: News) -> str:
    return str(int(news.at.timestamp()))


def test_every_end_is_in_the_picture(gallery: Gallery, panel: Locator, news: News, stream: EventStream) -> None:
    """States in order, marks for callbacks, timeouts and refusals; light and dark, for somebody to look at."""
    live_a_day(news, stream)
    gallery.use_width(1280, height=760)
    expect(panel.locator(".lk-lane")).to_have_count(8)
    states = lane(panel, sid("WT", 1)).locator(".lk-stretch")
    expect(states).to_have_count(5)
    shown = [states.nth(n).get_attribute("data-state") for n in range(5)]
    assert shown == ["pending", "reserved", "assigned", "wrapping", "completed"]
    expect(lane(panel, sid("WT", 2)).locator('[data-state="canceled"]')).to_have_count(1)
    expect(lane(panel, sid("WT", 3)).locator('.lk-glyph[data-kind="timeout"]')).to_have_count(1)
    expect(lane(panel, sid("WT", 6)).locator('.lk-glyph[data-kind="refused"]')).to_have_count(1)
    expect(lane(panel, sid("WT", 1)).locator('.lk-glyph[data-kind="callback"]')).to_have_count(1)
    gallery.both_themes("timeline", lambda: panel)


def test_the_pointer_and_the_keyboard_tell_the_event(panel: Locator, news: News, stream: EventStream) -> None:
    """A tooltip with exact times, by hovering or by going from event to event."""
    live_a_day(news, stream)
    tip = panel.locator(".lk-tip")
    lane(panel, sid("WT", 1)).locator('[data-state="assigned"]').hover()
    expect(tip).to_contain_text("Task assigned · Alice · for 3.3 s")
    expect(tip).to_contain_text("was accepted")

    panel.locator(".lk-scroller").focus()
    panel.page.keyboard.press("ArrowDown")
    panel.page.keyboard.press("ArrowDown")
    panel.page.keyboard.press("Home")
    expect(tip).to_contain_text("was created")
    panel.page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("Alice was reserved")
    expect(panel.locator("[aria-live]")).to_contain_text("Alice was reserved")
    panel.page.keyboard.press("Enter")
    expect(panel.get_by_role("table")).to_contain_text("Alice was reserved")
    expect(panel.get_by_role("button", name="Why?")).to_be_visible()


def test_zoom_pan_and_follow(gallery: Gallery, panel: Locator, news: News, stream: EventStream) -> None:
    """Buttons, keys and the wheel change the stretch of time in view; n brings now back."""
    live_a_day(news, stream)
    bar = lane(panel, sid("WT", 1)).locator('[data-state="reserved"] rect').first

    def wide() -> float:
        return float(bar.get_attribute("width") or 0)

    expect(bar).to_be_attached()
    follow = panel.get_by_role("button", name="Follow now")
    gallery.page.wait_for_function("() => document.querySelector('.lk-axis-plot').textContent.includes('now')")
    before = wide()
    panel.locator(".lk-scroller").focus()
    gallery.page.keyboard.press("-")
    gallery.page.wait_for_function(f"before => {_WIDTH} < before", arg=before)
    zoomed = wide()
    panel.get_by_role("button", name="Zoom in (+)").click()
    gallery.page.wait_for_function(f"before => {_WIDTH} > before", arg=zoomed)
    panel.locator(".lk-scroller").focus()
    gallery.page.keyboard.press("Shift+ArrowLeft")
    expect(follow).to_have_attribute("aria-pressed", "false")
    gallery.page.keyboard.press("n")
    expect(follow).to_have_attribute("aria-pressed", "true")
    lane(panel, sid("WT", 1)).hover()
    gallery.page.keyboard.down("Control")
    gallery.page.mouse.wheel(0, 400)
    gallery.page.keyboard.up("Control")
    gallery.page.keyboard.press("0")
    expect(bar).to_be_attached()


_WIDTH = f"""Number(document.querySelector('.lk-lane[data-sid="{sid("WT", 1)}"] [data-state="reserved"] rect').getAttribute('width'))"""  # noqa: E501  # a selector in a script


def test_the_open_end_grows_with_the_clock(gallery: Gallery, panel: Locator, live: LiveWorkspace, news: News) -> None:
    """What lasts until now becomes longer while TaskRouter's clock runs, and stands still with it."""
    news.task("task.created", sid("WT", 1), "pending")
    expect(panel.locator('.lk-lane [data-state="pending"]')).to_have_count(1)
    tip = panel.locator(".lk-tip")
    panel.locator(".lk-scroller").focus()
    gallery.page.keyboard.press("ArrowDown")
    expect(tip).to_contain_text("for 59 s so far")
    live.clock.learn(live.clock() + timedelta(minutes=5), paused=True)
    panel.get_by_role("button", name="Zoom out").click()
    panel.locator(".lk-scroller").focus()
    gallery.page.keyboard.press("ArrowDown")
    expect(tip).to_contain_text("for 5 min 59 s so far")
    live.clock.learn(live.clock(), paused=False)
    gallery.page.wait_for_function(
        """() => {
          document.querySelector(".lk-scroller").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown"}));
          return /for (?!5 min)\\d+ min/.test(document.querySelector(".lk-tip").textContent);
        }"""
    )


def test_workers_have_their_day(gallery: Gallery, panel: Locator, news: News, stream: EventStream) -> None:
    """The switch shows Activities and Reservations by Worker."""
    live_a_day(news, stream)
    expect(panel.locator(".lk-lane")).to_have_count(8)
    panel.get_by_role("radio", name="Workers").check()
    expect(lane(panel, ALICE)).to_contain_text("Alice")
    expect(lane(panel, ALICE).locator('[data-state="available"]')).to_have_count(1)
    expect(lane(panel, ALICE).locator('[data-state="assigned"]')).to_have_count(5)
    gallery.screenshot("timeline-workers", of=panel)


def hand_over(news: News) -> None:
    """Alice hands Task 1 over to Bob, who takes it; Carol hands Task 2 to a TaskQueue, where Bob rejects it first."""
    news.at = NOON + timedelta(seconds=3)
    for worker, name in ((ALICE, "Alice"), (BOB, "Bob"), (CAROL, "Carol")):
        news.activity(worker, AVAILABLE, WorkerName=name, WorkerPreviousActivityName="Offline")
    news.task("task.created", sid("WT", 1), "pending")
    news.reservation("reservation.created", sid("WR", 1))
    news.at += timedelta(seconds=2)
    news.reservation("reservation.accepted", sid("WR", 1))
    second: dict[str, Any] = {"task": sid("WT", 2), "ReservationSid": sid("WR", 3)}
    carols = {**second, "WorkerSid": CAROL, "WorkerName": "Carol"}
    news.task("task.created", sid("WT", 2), "pending")
    news.task("reservation.created", **carols, status="reserved")
    news.at += timedelta(seconds=5)
    news.task("reservation.accepted", **carols, status="assigned")
    news.at += timedelta(seconds=9)
    news.transfer("task.transfer-initiated", "reserved")
    news.at -= timedelta(milliseconds=250)  # in the same moment
    news.handed("reservation.created", "reserved")
    news.at += timedelta(seconds=5)
    news.handed("reservation.accepted", "assigned")
    news.transfer("task.transfer-completed", "assigned")
    queue = {"task": sid("WT", 2), "TaskTransferSid": sid("TT", 2), "TransferTo": sid("WQ", 2)}
    queue |= {"TransferInitiatingWorkerSid": CAROL, "TransferMode": "COLD", "TransferType": "QUEUE"}
    news.transfer("task.transfer-initiated", "pending", **queue)
    news.task("reservation.wrapup", **carols, status="pending")
    for number, (worker, name) in enumerate(((BOB, "Bob"), (ALICE, "Alice")), start=4):
        offer = {**queue, "ReservationSid": sid("WR", number), "WorkerSid": worker, "WorkerName": name}
        news.at += timedelta(seconds=5)
        news.handed("reservation.created", "reserved", **offer)
        news.at += timedelta(seconds=4)
        if worker == BOB:
            news.handed("reservation.rejected", "reserved", **offer)
            news.transfer("task.transfer-attempt-failed", "pending", **queue)


def test_a_task_that_is_handed_over_goes_from_lane_to_lane(gallery: Gallery, panel: Locator, news: News) -> None:
    """Who has it and who is asked stand in its own lane; between the Workers' it is an arrow to each who was asked."""
    hand_over(news)
    gallery.use_width(1280, height=640)
    states = lane(panel, sid("WT", 1)).locator(".lk-stretch")
    expect(states).to_have_count(5)
    shown = [states.nth(n).get_attribute("data-state") for n in range(5)]
    assert shown == ["pending", "reserved", "assigned", "reserved", "assigned"]
    lane(panel, sid("WT", 1)).locator('[data-state="reserved"]').last.hover()
    expect(panel.locator(".lk-tip")).to_contain_text("Task reserved · Alice → Bob")
    gallery.both_themes("timeline-handed-over", lambda: panel)
    panel.get_by_role("radio", name="Workers").check()
    arrows = panel.locator(".lk-handover")
    expect(arrows).to_have_count(3)
    assert {arrows.nth(n).get_attribute("data-became") for n in range(3)} == {"assigned", "refused", "reserved"}
    gallery.both_themes("timeline-handed-over-workers", lambda: panel)


def test_thousands_of_tasks_are_a_window(
    gallery: Gallery, live: LiveWorkspace, stream: EventStream, desk: LogClient, news: News
) -> None:
    """Only the lanes in view are on the page, in order, wherever one scrolls; finding is quick."""
    for number in range(MANY):
        data = {"task_sid": sid("WT", number), "task_assignment_status": "pending", "task_queue_name": "Spanish"}
        desk.log.append(logged(sid("EV", number), "task.created", NOON + timedelta(milliseconds=number), data))
    with remembering(stream, client=desk, live=live) as (history, _jobs):
        timeline = Timeline(live, history=history)
        panel = gallery.show(timeline)
        expect(panel.locator(".lk-axis")).to_contain_text(f"{MANY} Tasks")
        assert panel.locator(".lk-lane").count() < 40
        panel.locator(".lk-scroller").evaluate("box => box.scrollTo(0, box.scrollHeight / 2)")
        expect(lane(panel, sid("WT", MANY // 2))).to_be_visible()
        assert panel.locator(".lk-lane").count() < 40
        panel.get_by_role("searchbox").fill(sid("WT", 17))
        expect(panel.locator(".lk-lane")).to_have_count(1)
        timeline.close()


def test_a_stranger_s_words_stay_words(gallery: Gallery, panel: Locator, news: News) -> None:
    """Names with markup in them are shown, not obeyed."""
    name = "<img src=x onerror=alert(1)>"
    news.task("task.created", sid("WT", 1), "pending", TaskQueueName=name)
    expect(panel.locator(".lk-lane-about")).to_have_attribute("title", name)
    expect(panel.locator(".lk-lane-about")).to_contain_text("onerror=alert(1)>")
    assert panel.locator("img").count() == 0


def test_a_real_sandbox_draws_its_life_cycle(gallery: Gallery, lab: Lab) -> None:
    """What the sandbox did before the panel was there comes from its log, the rest as it happens."""
    lab.create_task({"selected_language": "es"})
    panel = gallery.show(lab.timeline())
    expect(panel.locator('.lk-lane [data-state="pending"]')).to_have_count(1)
    lab.taskrouter.set_activity("Alice", "Available")
    expect(panel.locator('.lk-lane [data-state="reserved"]')).to_have_count(1)
    panel.locator(".lk-lane-label").last.click()
    panel.get_by_role("button", name="Why?").click()
    expect(panel.get_by_role("dialog")).to_contain_text("Alice")


def test_a_real_sandbox_s_transfer_is_on_every_panel(gallery: Gallery, lab: Lab) -> None:
    """Alice hands a Task to Bob by the bridge, as her page would: two cards, an arrow, and the explanation."""
    for name in ("Alice", "Bob"):
        lab.taskrouter.set_activity(name, "Available")
    task = lab.create_task({"selected_language": "es"})
    workers = {worker.name: worker.sid for worker in lab.taskrouter.workers()}
    [mine] = lab.taskrouter.open_reservations()
    if mine.status == "pending":
        lab.taskrouter.accept(task.sid, mine.sid)
    timeline, inbox = gallery.show(lab.timeline()), gallery.show(lab.inbox())
    token = lab.worker_token("Alice").reveal()
    alice = BridgeClient(lab.taskrouter_url, lab.workspace_sid, token, workers["Alice"])
    begun = {"ReservationSid": mine.sid, "TaskSid": task.sid, "To": workers["Bob"], "Mode": "COLD"}
    assert alice.post(f"{alice.me}/Transfers", version="v2", **begun).payload["transfer_status"] == "initiated"
    expect(inbox).to_contain_text("Handing over to Bob (cold)")
    expect(inbox).to_contain_text("Handed over by Alice (cold)")
    assert lab.explain(task).headline.startswith("Alice hands it over to Bob (cold), who has ")
    timeline.get_by_role("radio", name="Workers").check()
    expect(timeline.locator('.lk-handover[data-became="reserved"]')).to_have_count(1)
    inbox.get_by_role("button", name="Accept").click()
    expect(timeline.locator('.lk-handover[data-became="assigned"]')).to_have_count(1)
    assert [each.status for each in lab.live.tasks] == ["assigned"]


def test_a_sandbox_that_began_anew_has_no_past(gallery: Gallery, lab: Lab) -> None:
    """The lanes of the Workspace that was leave the page, and the new one's come."""
    panel = gallery.show(lab.timeline())
    first = lab.create_task({"selected_language": "es"})
    expect(lane(panel, first.sid)).to_be_visible()
    lab.reset()
    expect(lane(panel, first.sid)).to_have_count(0)
    second = lab.create_task({"selected_language": "es"})
    expect(lane(panel, second.sid)).to_be_visible()
