"""The instructor's wall in a real browser, against a room's service on a real sandbox: seen, clicked and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import npm_packages
import pytest
from browser.pictures import save
from browser.test_agent_page import AXE, SERIOUS
from playwright.sync_api import Browser, BrowserContext, Page, expect
from room_service import RunningRoom, running_room

from labkit.course.lessons import LESSONS
from workshop.participant_home import ParticipantHome
from workshop.room import hub_people
from workshop.room.keeper import Keeper
from workshop.room.wall import utc_now
from workshop.settings import Workshop

pytestmark = pytest.mark.browser

SIZES = {"small": (1280, 800), "projector": (1920, 1080), "telephone": (390, 844)}
COVERED = """said => [...document.querySelectorAll("aside :is(button, input, label, h2)")].filter(each => {
    const [one, other] = [each.getBoundingClientRect(), said.getBoundingClientRect()];
    return one.bottom > other.top && one.top < other.bottom && one.right > other.left && one.left < other.right;
}).map(each => each.outerHTML)"""
"""What this element lies upon."""
SPILLS = """table => {
    const card = table.closest("section"), { paddingLeft, paddingRight } = getComputedStyle(card);
    return table.offsetWidth - (card.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight));
}"""
"""By how many pixels it is wider than its section has room for."""
OVERFLOWS = "section => section.scrollWidth > section.clientWidth"
FOREIGN = "<img src=x onerror=document.title='hacked'>"
NAMES = [
    f"{first}{last}"
    for last in ("", "-b", "-k")
    for first in ("ana", "ben", "cem", "dana", "eli", "fay", "gus", "hana", "ivo", "jana")
]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    """A room on this machine."""
    workshop = Workshop(folder=tmp_path)
    with running_room(workshop.room_folder, changes=lambda _: {"workshop": workshop}) as running:
        yield running


@contextmanager
def wall(
    chromium: Browser, room: RunningRoom, *, size: str = "small", theme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """The page, to which an instructor has signed in by way of the hub; afterwards the browser has not complained."""
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error.stack or error}"))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    sign_in(context, room)
    page.goto(f"{room.url}/wall")
    expect(page.locator("#connection")).to_have_text("live")
    yield page
    context.close()
    assert complaints == []


def sign_in(context: BrowserContext, room: RunningRoom) -> None:
    """As the hub does with an instructor who is signed in there: it sends the browser back with a code."""
    led = context.request.get(f"{room.url}/wall", max_redirects=0).headers["location"]
    asked = parse_qs(urlsplit(led).query)
    room.hub.codes["a-code"] = room.token("teacher", instructor=True)
    back = urlencode({"code": "a-code", "state": asked["state"][0]})
    context.request.get(f"{urljoin(room.url, asked['redirect_uri'][0])}?{back}", max_redirects=0)


def fill(room: RunningRoom, names: list[str]) -> None:
    """People in all lessons, each somewhere else; every seventh was told the same hint four times."""
    lessons = list(LESSONS)

    def report(number: int) -> dict[str, Any]:
        name = lessons[(number // 3) % 7]
        steps = [step.title for step in LESSONS[name].steps if not step.optional]
        done = steps[: number % (len(steps) + 1)]
        missing = [title for title in steps if title not in done][:1]
        missed = dict.fromkeys(missing, 4 if number % 7 == 3 else number % 3)
        return {"lesson": name, "lessons": {name: {"ticked": done, "missed": missed}}}

    def take() -> None:
        for number, name in enumerate(names):
            room.state.progress.note(name, report(number), now=utc_now())
        room.state.wall.changed()

    room.look(take)


def hear_calls(room: RunningRoom) -> None:
    """Callers who waited, and some who still do."""

    def take() -> None:
        now = int(room.state.time().timestamp() * 1000)
        for number in range(40):
            queue = f"Customer Care Requests - {'Spanish' if number % 3 == 0 else 'English'}"
            fields = {"TaskSid": f"WT{number}", "TaskQueueName": queue, "EventType": "task.created"}
            room.state.wall.hear({**fields, "TimestampMs": str(now - 90_000 + 1000 * number)})
            if number < 33:
                told = {"EventType": "reservation.accepted", "TimestampMs": str(now - 80_000 + 2000 * number)}
                room.state.wall.hear({**fields, **told, "WorkerName": "ana"})

    room.do(Keeper(room.state).look())
    room.look(take)


def hear_long_waits(room: RunningRoom) -> None:
    """Two callers who waited for most of an hour, of whom one still does."""

    def take() -> None:
        now = int(room.state.time().timestamp() * 1000)
        for sid in ("WTlong", "WTlonger"):
            fields = {"TaskSid": sid, "TaskQueueName": "Customer Care Requests - French", "EventType": "task.created"}
            room.state.wall.hear({**fields, "TimestampMs": str(now - 3_540_000)})
        accepted = {"EventType": "reservation.accepted", "TimestampMs": str(now - 60_000), "WorkerName": "ana"}
        room.state.wall.hear({"TaskSid": "WTlong", "TaskQueueName": "Customer Care Requests - French", **accepted})

    room.look(take)


def test_who_is_where_comes_without_a_reload_and_foreign_text_stays_text(chromium: Browser, room: RunningRoom) -> None:
    """A hub may have names of any form."""
    with wall(chromium, room) as page:
        expect(page.locator("#nobody")).to_be_visible()
        fill(room, ["ana", FOREIGN, "cem", "dana"])

        rows = page.locator("#people tr")
        expect(rows).to_have_count(4)
        expect(rows.first.locator(".stuck")).to_have_text("Was told the same hint 4 times")
        assert FOREIGN in page.locator("#people").inner_text()
        page.locator("#only-stuck").check()
        expect(rows).to_have_count(1)
        assert page.title() == "The wall"


def come_and_go(room: RunningRoom) -> None:
    """Whom the hub knows: the three who share, one of whom has left, and some who share nothing."""
    now = utc_now()

    def ago(**time: float) -> str:
        return (now - timedelta(**time)).isoformat()

    for name in NAMES[1:3]:
        room.hub.user(name, ready=True, started=ago(minutes=40))
    room.hub.user(NAMES[0], last_activity=ago(minutes=12))
    room.hub.user("oda", ready=True, started=ago(minutes=25))
    room.hub.user(FOREIGN, pending="spawn", started=ago(seconds=20))
    room.hub.user("pia", last_activity=ago(days=30))
    room.hub.user("rui")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_who_logged_in_and_shares_nothing_is_on_the_wall_too(
    chromium: Browser, room: RunningRoom, monkeypatch: pytest.MonkeyPatch, theme: Literal["light", "dark"]
) -> None:
    """With how their server stands, and no word of blame; a hub that is gone leaves the rows, and the wall says so."""
    fill(room, NAMES[:3])
    come_and_go(room)
    with wall(chromium, room, theme=theme) as page:
        rows = page.locator("#people tr")
        expect(rows).to_have_count(7)
        servers = rows.locator(".server")
        expect(rows.filter(has_text="oda").locator(".server")).to_have_text("Server running · 25 min")
        expect(rows.filter(has_text=FOREIGN).locator(".server")).to_have_text("Server starting · just now")
        expect(rows.filter(has_text=NAMES[0]).first.locator(".server")).to_have_text("No server now · 12 min")
        assert servers.all_text_contents()[-2:] == ["No server now · 30 days", "No server so far"]
        expect(page.locator("#servers-count")).to_have_text("3")

        room.hub.down = True
        monkeypatch.setattr(hub_people, "KEPT_SECONDS", 0.0)
        room.look(room.state.wall.changed)
        expect(page.locator("#hub-trouble")).to_contain_text("The hub does not answer (HTTP 503). Servers are shown as")
        expect(rows).to_have_count(7)
        assert [each.evaluate(OVERFLOWS) for each in page.locator("section").all()] == [False] * 6
        save(f"wall-servers-{theme}", lambda path: page.screenshot(path=path, full_page=True))
        page.evaluate(npm_packages.file_in(AXE, "axe.min.js").decode("utf-8"))
        assert page.evaluate(SERIOUS) == []


def test_the_buttons_do_what_they_say(chromium: Browser, room: RunningRoom, tmp_path: Path) -> None:
    """Each over a request that brings the page's token along."""
    home = ParticipantHome(Workshop(folder=tmp_path), "ana")
    home.prepare()
    fill(room, ["ana"])
    with wall(chromium, room) as page:
        said, state = page.locator(".said:not(:empty)"), page.locator("#callers-state")
        page.get_by_role("button", name="At once").click()
        expect(said).to_have_text("20 callers at once: coming in.")
        expect(state).to_have_text("20 callers at once: 20 of 20 came in, and no more come.")

        page.get_by_role("button", name="Steadily").click()
        expect(page.locator("#stop-callers")).to_be_enabled()
        page.locator("#stop-callers").click()
        expect(said).to_have_text("No more callers come in.")

        page.locator("#text").fill("Lunch!")
        page.get_by_role("button", name="Send").click()
        expect(said).to_have_text("Sent to everybody whose lab is in the room.")

        page.get_by_role("button", name="The scene").click()
        page.get_by_role("button", name="No", exact=True).click()
        expect(said).to_have_text("Nothing was done.")
        page.get_by_role("button", name="The scene").click()
        page.get_by_role("button", name="Yes").click()
        expect(said).to_contain_text("were canceled")

        page.get_by_role("button", name="Their notebooks").click()
        page.get_by_role("button", name="Yes").click()
        expect(said).to_contain_text("New notebooks for ana")
    assert [each["text"] for each in room.state.messages.lately()] == ["Lunch!"]


def test_what_came_of_a_click_is_seen_and_covers_nothing(chromium: Browser, room: RunningRoom) -> None:
    """On a low screen too, where the form ends below its edge."""
    fill(room, NAMES[:3])
    hear_calls(room)
    with wall(chromium, room) as page:
        page.get_by_role("button", name="One caller").click()
        said = page.locator(".said:not(:empty)")
        expect(page.locator("#callers-state")).to_have_text("One caller: 1 of 1 came in, and no more come.")
        expect(said).to_be_in_viewport(ratio=1)
        assert said.evaluate(COVERED) == []


@pytest.mark.parametrize(
    ("people", "size", "theme"),
    [
        (3, "small", "light"),
        (3, "small", "dark"),
        (30, "small", "light"),
        (30, "projector", "light"),
        (300, "projector", "dark"),
        (3, "telephone", "light"),
    ],
)
def test_it_can_be_read(
    chromium: Browser, room: RunningRoom, people: int, size: str, theme: Literal["light", "dark"]
) -> None:
    """From the back of a room, by a screen reader, and on a telephone without a scroll to the side."""
    fill(room, NAMES[:people] if people <= len(NAMES) else [f"{NAMES[n % 30]}-{n}" for n in range(people)])
    hear_calls(room)
    with wall(chromium, room, size=size, theme=theme) as page:
        expect(page.locator("#people tr")).to_have_count(people)
        save(f"wall-{people}-{size}-{theme}", lambda path: page.screenshot(path=path))
        hear_long_waits(room)
        expect(page.locator("#queues")).to_contain_text("59 min")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than the window"
        tables = page.locator("table:visible")
        assert [each.evaluate(SPILLS) for each in tables.all()] == [0] * tables.count(), "a table leaves its section"
        if people == 3:
            page.evaluate(npm_packages.file_in(AXE, "axe.min.js").decode("utf-8"))
            assert page.evaluate(SERIOUS) == []
