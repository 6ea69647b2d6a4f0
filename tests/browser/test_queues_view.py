"""The queues as they are seen: numbers, plots, both themes, and nothing loaded from anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from browser.gallery import Gallery
from live.past import WQ, Counted, LogClient, remembering
from live.workspace import NOON, Named, News, sid
from playwright.sync_api import Locator, expect

from labkit.background import JobOutcome
from labkit.lab.lab import Lab
from labkit.live.workspace import LiveWorkspace
from labkit.stream import EventStream
from labkit.widgets.queues.panel import Queues

WAITS = (0.4, 1, 1.6, 2.2, 3, 3.1, 4.4, 5, 6, 7.5, 9, 12, 14, 19, 22, 26, 33)


@pytest.fixture
def desk() -> LogClient:
    """Two of the Workers are eligible for Spanish, one of them is available; five speak English."""
    english = sid("WQ", 2)
    return LogClient(
        named=[Named(WQ, "Spanish"), Named(english, "English")], counts=[Counted(WQ, 2, 1), Counted(english, 5, 4)]
    )


@pytest.fixture
def queues(gallery: Gallery, stream: EventStream, desk: LogClient, live: LiveWorkspace) -> Iterator[Queues]:
    """The queues, not on the page yet; now is a minute past noon."""
    live.clock.learn(live.clock(), paused=True)
    with remembering(stream, client=desk, live=live) as (history, jobs):
        queues = Queues(live, history=history, client=desk, jobs=jobs, gap_seconds=5)
        yield queues
        queues.close()


@pytest.fixture
def panel(gallery: Gallery, queues: Queues) -> Locator:
    """The queues on the page."""
    return gallery.show(queues)


def work(news: News) -> None:
    """Seventeen Tasks are accepted, three wait."""
    started = NOON - timedelta(minutes=9)
    for number, wait in enumerate(WAITS):
        news.at = started + timedelta(seconds=25 * number)
        about = {"task": sid("WT", number), "TaskQueueName": "English" if number % 3 else "Spanish"}
        news.task("task.created", **about, status="pending")
        news.at = started + timedelta(seconds=25 * number + wait)
        news.reservation("reservation.accepted", sid("WR", number), **about)
    for number in range(3):
        news.at = NOON + timedelta(seconds=10 * number)
        news.task("task.created", sid("WT", 100 + number), "pending")


def row(panel: Locator, name: str) -> Locator:
    return panel.locator(f'tr[data-name="{name}"]')


def test_the_rows_and_the_plots(gallery: Gallery, panel: Locator, news: News) -> None:
    """Both plots are drawn by the library that came with the panel, in both themes."""
    work(news)
    gallery.use_width(1180, height=760)
    expect(row(panel, "Spanish")).to_contain_text("1 of 2 eligible")
    expect(row(panel, "Spanish").locator(".lk-number")).to_have_text("3")
    expect(row(panel, "Spanish")).to_contain_text("83 % · 5 of 6")
    expect(row(panel, "Spanish").get_by_text("longer than the service level")).to_be_attached()
    expect(row(panel, "English")).to_contain_text("82 % · 9 of 11")
    expect(panel.locator(".lk-plot .main-svg").first).to_be_visible()
    expect(panel.locator(".lk-plot .scatterlayer .trace")).to_have_count(2)
    expect(panel.locator(".lk-plot .barlayer .trace")).to_have_count(2)
    expect(panel.get_by_role("img", name="Spanish: 3 now")).to_be_visible()
    expect(panel.locator(".lk-plot .xtick text").first).to_have_text(re.compile("^1[12]:"))  # in UTC, wherever one is

    def plotted() -> Locator:
        gallery.page.wait_for_function(LABELS_HAVE_THE_THEMES_COLOUR)
        return panel

    gallery.both_themes("queues", plotted)


LABELS_HAVE_THE_THEMES_COLOUR = """() => {
  const text = document.querySelector(".lk-plot .xtick text");
  const soft = document.querySelector(".lk-queues .lk-soft");
  return text && soft && getComputedStyle(text).fill === getComputedStyle(soft).color;
}"""


def test_one_queue_alone(panel: Locator, news: News) -> None:
    """A click on its name leaves the others out of the plots, another brings them back."""
    work(news)
    name = row(panel, "English").get_by_role("button", name="English")
    name.click()
    expect(panel.locator(".lk-plot .scatterlayer .trace")).to_have_count(1)
    expect(panel).to_contain_text("English, 9 of 11 within 20 s")
    expect(name).to_have_attribute("aria-pressed", "true")
    name.click()
    expect(panel.locator(".lk-plot .scatterlayer .trace")).to_have_count(2)


def test_another_service_level(panel: Locator, news: News) -> None:
    """The share follows the limit; nonsense is refused, the limit stays, and so does the reason."""
    work(news)
    expect(row(panel, "English")).to_contain_text("9 of 11")
    limit = panel.get_by_label("Service level")
    limit.fill("5")
    limit.press("Enter")
    expect(row(panel, "English")).to_contain_text("5 of 11")
    limit.fill("0")
    limit.press("Enter")
    expect(panel.locator(".lk-problem")).to_contain_text("more than 0")
    expect(limit).to_have_value("5")
    news.task("task.created", sid("WT", 99), "pending", TaskQueueName="French")
    expect(row(panel, "French")).to_be_visible()
    expect(panel.locator(".lk-problem")).to_contain_text("more than 0")
    limit.fill("20")
    limit.press("Enter")
    expect(panel.locator(".lk-problem")).to_be_empty()


def test_a_stranger_s_words_stay_words(gallery: Gallery, panel: Locator, news: News) -> None:
    """The plotting library reads markup in its texts; a TaskQueue's name reaches it as plain text."""
    name = "<b>bold</b> & <a href='http://nowhere.invalid'>link</a>"
    news.task("task.created", sid("WT", 1), "pending", TaskQueueName=name)
    news.task("task.created", sid("WT", 2), "pending", TaskQueueName="Spanish")
    expect(panel.locator(".lk-plot .legendtext").first).to_have_text(name)
    assert panel.locator("a").count() == 0


def test_the_page_s_own_plotly_is_left_alone(gallery: Gallery, panel: Locator, news: News) -> None:
    """Whoever shows figures of another version in a cell keeps theirs."""
    work(news)
    expect(panel.locator(".lk-plot .main-svg").first).to_be_visible()
    assert gallery.page.evaluate("typeof window.Plotly") == "undefined"


def test_the_library_of_the_plots_comes_when_they_are_seen(
    gallery: Gallery, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for a page, as it is larger than all panels together. Where the kernel does not answer, the plots say so."""
    asked: list[Mapping[str, Any]] = []
    send = queues._send_library

    def library(message: Mapping[str, Any]) -> JobOutcome:
        asked.append(message)
        return JobOutcome(ok=False, text="The lab is stopped.") if len(asked) == 1 else send(message)

    monkeypatch.setattr(queues, "_send_library", library)
    gallery.page.evaluate("document.body.style.paddingTop = '3000px'")
    panel = gallery.show(queues)
    expect(row(panel, "Spanish").locator(".lk-number")).to_have_text("0")
    gallery.page.wait_for_timeout(150)  # as nothing can be waited for that does not come
    assert asked == []
    panel.scroll_into_view_if_needed()
    expect(panel.get_by_text("Not drawn: the kernel does not answer.")).to_have_count(2)
    expect(panel.locator(".lk-plot .main-svg").first).to_be_visible()
    expect(panel.get_by_text("Not drawn")).to_have_count(0)
    expect(gallery.show(queues).locator(".lk-plot .main-svg").first).to_be_visible()
    assert len(asked) == 2


def test_a_narrow_tab_and_a_projector(gallery: Gallery, panel: Locator, news: News) -> None:
    """The plots fit the width there is, without sideways scrolling of the page."""
    work(news)
    for pixels in (380, 1900):
        gallery.use_width(pixels)
        expect(panel.locator(".lk-plot .main-svg").first).to_be_visible()
        gallery.page.wait_for_function(
            """() => [...document.querySelectorAll(".lk-plot")].every(box => {
              const drawn = box.querySelector(".main-svg");
              return drawn && Math.abs(drawn.getBoundingClientRect().width - box.clientWidth) < 2;
            })"""
        )
        assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        gallery.screenshot(f"queues-{pixels}", of=panel)


def test_a_real_sandbox_is_counted(gallery: Gallery, lab: Lab) -> None:
    """Statistics and stream of the sandbox give the rows."""
    panel = gallery.show(lab.queues())
    lab.create_task({"selected_language": "es"})
    spanish = panel.locator("tr", has_text="Spanish")
    expect(spanish.locator(".lk-number")).to_have_text("1")
    expect(spanish).to_contain_text("0 of 1 eligible", timeout=60_000)
    lab.taskrouter.set_activity("Alice", "Available")
    expect(spanish).to_contain_text("1 of 1 eligible", timeout=60_000)  # not asked for more often than every 5 s
