"""The traffic as one sees it: thousands of rows, of which some are on the page; one of them in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser.gallery import Gallery
from live.workspace import sid
from playwright.sync_api import Locator, expect

from labkit.background import Jobs
from labkit.lab.lab import Lab
from labkit.stream import EventStream, Kind
from labkit.widgets.traffic.panel import Traffic

MANY = 3_000
WT = sid("WT", 7)


def exchange(number: int = 0, **given: Any) -> dict[str, Any]:
    """An event callback that was answered."""
    form = {"EventType": "task.created", "TaskSid": sid("WT", number), "TaskAttributes": '{"selected_language": "es"}'}
    return {
        "method": "POST", "path": "/event_callback", "url_seen": "http://127.0.0.1:5000/event_callback",
        "signed_url": "https://lab.example/event_callback",
        "headers": {"X-Twilio-Signature": "abc=", "Host": "lab.example"},
        "body": "EventType=task.created", "form": form, "status": 204, "response_headers": {"Content-Length": "0"},
        "response_body": "", "milliseconds": 1.25, "signature": "valid", "error": None, **given,
    }  # fmt: skip


def call(number: int = 0, **given: Any) -> dict[str, Any]:
    """A REST call that was answered."""
    return {
        "method": "POST", "path": f"/v1/Workspaces/{sid('WS', 1)}/Tasks/{sid('WT', number)}",
        "form": {"AssignmentStatus": "completed"}, "headers": {"User-Agent": "twilio-python"}, "status": 200,
        "milliseconds": 8.4, "error": None, "code": None, "response_headers": {"Content-Type": "application/json"},
        "response_body": '{"sid": "WT1", "assignment_status": "completed"}', **given,
    }  # fmt: skip


REFUSED = {"status": 404, "code": 20404, "error": "The requested resource /Workspaces/WS1/Tasks/WT1 was not found"}
FORGED = {
    "status": 403,
    "signature": "wrong",
    "error": "The URL that was signed differs from the lab's by a slash at the end of the path. Twilio signed "
    "https://lab.example/event_callback/, the lab expects https://lab.example/event_callback, and it was reached as "
    "http://127.0.0.1:5000/event_callback. Something on the way changed it, or TaskRouter was told another one: "
    "lab.take_callbacks() tells it anew.",
}


@pytest.fixture
def traffic(stream: EventStream, jobs: Jobs, gallery: Gallery) -> Iterator[Traffic]:
    """A panel that listens to an empty stream."""
    panel = Traffic(stream, jobs=jobs)
    yield panel
    panel.close()


def rows(panel: Locator) -> Locator:
    return panel.locator(".lk-exchange")


def test_a_mixed_hour_of_traffic(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """Callbacks, calls and what went wrong, newest first; a chosen one in full, in light and dark."""
    for number in range(6):
        stream.publish(Kind.EXCHANGE, exchange(number))
        stream.publish(Kind.CALL, call(number))
    answer = {"path": "/assignment_callback", "response_body": '{"instruction": "accept"}', "status": 200}
    form = {"ReservationSid": sid("WR", 1), "TaskSid": WT, "TaskAttributes": '{"selected_language": "es", "vip": true}'}
    stream.publish(Kind.EXCHANGE, exchange(**answer, form=form))
    stream.publish(Kind.EXCHANGE, exchange(**FORGED))
    stream.publish(Kind.CALL, call(**REFUSED))
    panel = gallery.show(traffic)

    expect(rows(panel)).to_have_count(15)
    expect(rows(panel).first).to_contain_text("20404 · The requested resource")
    rows(panel).nth(2).click()
    details = panel.get_by_role("region", name="Chosen exchange")
    expect(details).to_contain_text("Signature: valid")
    expect(details).to_contain_text("signed for https://lab.example/event_callback")
    expect(details.get_by_role("button", name="Why?")).to_be_visible()
    gallery.both_themes("traffic", lambda: panel.locator(".lk"))
    gallery.use_width(360)
    gallery.screenshot("traffic-narrow", of=panel.locator(".lk"))
    assert gallery.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_wrong_signature_is_shown_with_what_differs(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """Which URL was signed and what differs stands in words, then what was expected and what came."""
    stream.publish(Kind.EXCHANGE, exchange(**FORGED))
    panel = gallery.show(traffic)
    rows(panel).first.click()
    details = panel.get_by_role("region", name="Chosen exchange")
    expect(details).to_contain_text(
        "by a slash at the end of the path. Twilio signed https://lab.example/event_callback/"
    )
    expect(details).to_contain_text("lab.take_callbacks() tells it anew.")
    expect(details).to_contain_text("expected for https://lab.example/event_callback")
    expect(details).to_contain_text("came as http://127.0.0.1:5000/event_callback")
    gallery.both_themes("traffic-wrong-signature", lambda: panel.locator(".lk"))


def test_the_code_of_an_error_is_said_in_words(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """Twilio's number, what it means, and what TaskRouter said."""
    stream.publish(Kind.CALL, call(**REFUSED))
    panel = gallery.show(traffic)
    rows(panel).first.click()
    expect(panel.get_by_role("region", name="Chosen exchange")).to_contain_text("20404: there is nothing at this path")


def test_of_thousands_a_few_are_on_the_page(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """The list is windowed, reaches its oldest row by keyboard, and all of it can be searched."""
    for number in range(MANY):
        stream.publish(Kind.EXCHANGE, exchange(number))
    panel = gallery.show(traffic)
    expect(panel).to_contain_text(f"{MANY:,}")
    box = panel.get_by_role("listbox")
    expect(rows(panel).first).to_have_attribute("aria-setsize", str(MANY))
    assert rows(panel).count() < 60

    box.focus()
    gallery.page.keyboard.press("End")
    expect(rows(panel).last).to_have_attribute("aria-posinset", str(MANY))
    expect(rows(panel).last).to_have_attribute("aria-selected", "true")
    panel.get_by_label("Filter by text").fill(sid("WT", 17))
    expect(rows(panel)).to_have_count(1)
    expect(panel).to_contain_text(f"1 of {MANY:,}")


def test_what_is_read_stays_where_it_is_while_more_comes(
    gallery: Gallery, stream: EventStream, traffic: Traffic
) -> None:
    """Somebody who has scrolled down sees the same rows; nodes that stay are the same nodes."""
    for number in range(200):
        stream.publish(Kind.EXCHANGE, exchange(number))
    panel = gallery.show(traffic)
    expect(rows(panel).first).to_have_attribute("aria-setsize", "200")
    box = panel.get_by_role("listbox")
    box.evaluate("list => list.scrollTop = 1700")
    seen = panel.locator(".lk-exchange[data-number='150']")
    expect(seen).to_be_visible()
    seen.evaluate("node => node.marked = true")
    before = seen.bounding_box()
    for number in range(40):
        stream.publish(Kind.EXCHANGE, exchange(number))
    expect(rows(panel).first).to_have_attribute("aria-setsize", "240")
    assert seen.bounding_box() == before
    assert seen.evaluate("node => node.marked") is True


def test_pause_freezes_the_view_and_counts_what_comes(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """While it is paused nothing moves; resumed, all of it is there."""
    stream.publish(Kind.EXCHANGE, exchange())
    panel = gallery.show(traffic)
    expect(rows(panel)).to_have_count(1)
    panel.get_by_role("button", name="Pause").click()
    for _ in range(3):
        stream.publish(Kind.CALL, call())
    resume = panel.get_by_role("button", name="Resume (3 new)")
    expect(resume).to_be_visible()
    expect(rows(panel)).to_have_count(1)
    resume.click()
    expect(rows(panel)).to_have_count(4)


def test_filters_by_kind_and_problems(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """Each on its own; what is chosen by none of them is said to be so."""
    stream.publish(Kind.EXCHANGE, exchange())
    stream.publish(Kind.EXCHANGE, exchange(**FORGED, path="/assignment_callback"))
    stream.publish(Kind.CALL, call())
    panel = gallery.show(traffic)
    expect(rows(panel)).to_have_count(3)
    kind = panel.get_by_label("Kind")
    for value, count in (("callback", 2), ("assignment", 1), ("event", 1), ("call", 1)):
        kind.select_option(value)
        expect(rows(panel)).to_have_count(count)
    panel.get_by_label("only problems").check()
    expect(panel).to_contain_text("Nothing matches")
    kind.select_option("")
    expect(rows(panel)).to_have_count(1)


def test_what_a_stranger_sent_stays_text(gallery: Gallery, stream: EventStream, traffic: Traffic) -> None:
    """In the line and in full."""
    nasty = "<img src=x onerror=alert(1)>"
    stream.publish(Kind.EXCHANGE, exchange(path=f"/{nasty}", form={nasty: nasty}, error=nasty, body=nasty))
    panel = gallery.show(traffic)
    rows(panel).first.click()
    expect(panel.get_by_role("region", name="Chosen exchange")).to_contain_text(nasty)
    assert gallery.page.locator("img").count() == 0


def test_a_real_lab_s_calls_and_callbacks(gallery: Gallery, lab: Lab) -> None:
    """The REST call that made the Task, with what was sent and answered, and the events it made."""
    task = lab.create_task({"selected_language": "es"})
    panel = gallery.show(lab.traffic())
    panel.get_by_label("Kind").select_option("call")
    rows(panel).first.click()
    details = panel.get_by_role("region", name="Chosen exchange")
    expect(details).to_contain_text("selected_language")
    expect(details).to_contain_text(task.sid)
    expect(details.get_by_role("button", name="Copy as curl")).to_be_visible()
