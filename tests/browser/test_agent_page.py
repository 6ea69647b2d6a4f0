"""The agent page in a real browser, against a real sandbox: with our small client, and with Twilio's own SDK."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import npm_packages
import pytest
from agent_sdk_folder import look_for_it_in
from browser.agent_pages import Desk, card, press, transfer
from browser.gallery import Gallery
from browser.pictures import save
from javascript_checks import PACKAGES
from playwright.sync_api import Browser, Locator, Page, expect
from processes import end_sandbox
from served import served

import labkit
import labkit.lab.runtime
from bench.jupyter import serving
from labkit.callbacks.agent_page import twilio_sdk
from labkit.cli import agent_sdk
from labkit.errors import LabError
from labkit.lab.lab import Lab
from labkit.sandbox import process

AXE = "axe-core@4.14.1"
SERIOUS = """async () => (await axe.run("body", {resultTypes: ["violations"]})).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""
SPANISH = {"selected_language": "es", "name": "<img src=x onerror=document.title='hacked'>", "order": {"id": 7}}


@pytest.fixture(scope="module")
def bundle() -> Path:
    """Twilio's own SDK, bundled once for all runs of the tests."""
    npm_packages.node(oldest=(20, 0))
    npm_packages.program("npm")
    folder = PACKAGES / "agent-sdk" / twilio_sdk.VERSION
    with pytest.MonkeyPatch.context() as patch:
        look_for_it_in(folder, patch)
        try:
            if twilio_sdk.bundle() is None:
                agent_sdk.fetch(folder)
        except LabError as error:
            npm_packages.cannot(str(error))
    return folder


@pytest.fixture(params=["small", "twilio"])
def sdk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Which of the two SDKs the page runs."""
    folder = request.getfixturevalue("bundle") if request.param == "twilio" else tmp_path
    look_for_it_in(folder, monkeypatch)
    return str(request.param)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The page runs our small client."""
    look_for_it_in(tmp_path, monkeypatch)


@contextmanager
def lab_in(home: Path) -> Iterator[Lab]:
    """A lab with a sandbox of its own, ended afterwards."""
    try:
        yield labkit.start()
    finally:
        labkit.stop()
        labkit.lab.runtime._runtime.lab = None
        end_sandbox(home)
        process._reap()


@pytest.fixture
def desk(chromium: Browser, own_environment: Path) -> Iterator[Desk]:
    """A browser of its own for pages of a lab of its own."""
    expect.set_options(timeout=15_000)
    context = chromium.new_context(viewport={"width": 1180, "height": 900}, timezone_id="America/New_York")
    with lab_in(own_environment) as lab:
        desk = Desk(context, lab)
        yield desk
        context.close()
    assert not desk.complaints, "\n".join(desk.complaints)


def log(page: Page) -> Locator:
    return page.locator("#log")


def test_a_worker_works_on_her_page(desk: Desk, sdk: str) -> None:
    """Available, a Reservation with its attributes as text, accepted, wrapped up, completed; each call is logged."""
    page = desk.open("Alice")
    expect(page.locator("#sdk")).to_contain_text("twilio-taskrouter" if sdk == "twilio" else "small client")
    press(page, "Available")
    expect(page.get_by_role("button", name="Available", exact=True)).to_have_attribute("aria-pressed", "true")
    task = desk.lab.create_task(SPANISH)
    expect(card(page, "pending").locator(".attributes")).to_contain_text(SPANISH["name"])
    expect(card(page, "pending").locator(".countdown")).to_contain_text(re.compile(r"(19:\d\d|20:00) left"))
    press(card(page, "pending"), "Accept")
    expect(card(page, "accepted").locator(".facts")).to_contain_text("assigned")
    assert desk.lab.taskrouter.task(task.sid).assignment_status == "assigned"
    press(card(page, "accepted"), "Wrap up")
    press(card(page, "wrapping"), "Complete")
    expect(page.locator("article")).to_have_count(0)
    assert desk.lab.taskrouter.task(task.sid).assignment_status == "completed"
    for each in ("setAsCurrent()", "reservation.accept()", 'reservation.on("accepted")', "reservation.complete()"):
        expect(log(page)).to_contain_text(each)
    assert page.title() == "Alice: agent page"


@pytest.mark.usefixtures("small")
def test_what_taskrouter_refuses_stands_on_the_card(desk: Desk) -> None:
    """In its own words; a Reservation that is rejected, or times out, leaves the page."""
    page = desk.open("Alice")
    press(page, "Available")
    desk.lab.create_task(SPANISH)
    press(card(page, "pending"), "Accept")
    transfer(page, "Bob (Offline)", "WARM")
    expect(card(page, "accepted").get_by_role("alert")).to_contain_text("Request failed with status code 400")
    press(card(page, "accepted"), "Complete")
    expect(page.locator("article")).to_have_count(0)
    desk.lab.create_task(SPANISH)
    expect(card(page, "pending")).to_have_count(1)
    desk.lab.clock.advance(seconds=600)
    desk.lab.clock.pause()
    expect(card(page, "pending").locator(".countdown")).to_contain_text(re.compile(r"(9:5\d|10:00) left"))
    desk.lab.clock.advance(seconds=601)
    expect(card(page, "timeout")).to_have_count(1)
    expect(page.locator("#activities [aria-pressed=true]")).to_have_text("Offline")


def test_two_pages_hand_a_task_over_while_the_timeline_shows_it(
    gallery: Gallery, lab: Lab, chromium: Browser, sdk: str
) -> None:
    """Alice to Bob, warm; canceled, then accepted; and Bob to Alice, cold. The lane of the Task has it all."""
    timeline = gallery.show(lab.timeline())
    context = chromium.new_context()
    desk = Desk(context, lab)
    alice, bob = desk.open("Alice"), desk.open("Bob")
    for page in (alice, bob):
        press(page, "Available")
        expect(page.locator("#activities [aria-pressed=true]")).to_have_text("Available")
    task = lab.create_task({"selected_language": "es"})
    press(card(alice, "pending"), "Accept")
    transfer(alice, "Bob (Available)", "WARM")
    expect(card(bob, "pending").locator(".incoming")).to_contain_text("A WARM transfer from Alice")
    press(alice, "Cancel the transfer")
    expect(card(bob, "canceled")).to_have_count(1)
    expect(card(alice, "accepted").locator(".outgoing")).to_contain_text("WARM transfer to Bob: canceled")
    transfer(alice, "Bob (Available)", "WARM")
    press(card(bob, "pending"), "Accept")
    expect(card(alice, "accepted").locator(".outgoing")).to_contain_text("WARM transfer to Bob: complete")
    press(card(alice, "accepted"), "Complete")
    expect(card(bob, "accepted").locator(".facts")).to_contain_text("assigned")
    transfer(bob, "Alice (Available)", "COLD")
    press(card(alice, "pending"), "Accept")
    press(card(bob, "wrapping"), "Complete")
    press(card(alice, "accepted"), "Complete")
    for page in (alice, bob):
        expect(page.locator("article")).to_have_count(0)
    gallery.until(lambda: lab.taskrouter.task(task.sid).assignment_status == "completed")
    lane = timeline.locator(f'.lk-lane[data-sid="{task.sid}"]')
    expect(lane.locator('[data-state="reserved"]')).to_have_count(4)
    gallery.screenshot(f"timeline-of-transfers-{sdk}", of=timeline)
    context.close()
    assert not desk.complaints, "\n".join(desk.complaints)


@pytest.mark.usefixtures("small")
def test_a_link_works_once_and_a_tab_is_one_worker(desk: Desk) -> None:
    """A reload comes back, another tab is another Worker, and whoever opens the link again is told what to do."""
    alice, bob = desk.open("Alice"), desk.open("Bob")
    link = desk.lab.agent_page("Alice").link()
    third = desk.tab()
    third.goto(link)
    expect(third.locator("#worker")).to_have_text("Alice")
    assert third.url == link.rpartition(".")[0]
    for page, name in ((alice, "Alice"), (bob, "Bob"), (third, "Alice")):
        page.reload()
        expect(page.locator("#connection")).to_have_text("connected")
        expect(page.locator("#worker")).to_have_text(name)
    again = desk.tab()
    again.goto(link)
    expect(again.locator("#trouble")).to_contain_text("a link works once. Run the cell with lab.agent_page once more")
    expect(again.locator("#presence")).to_be_hidden()


@pytest.mark.usefixtures("small")
def test_a_notebook_shows_it_in_a_frame(desk: Desk) -> None:
    """Two Workers in one tab of the browser, after a reload of the notebook too."""
    shown = "".join(desk.lab.agent_page(name)._repr_html_() for name in ("Alice", "Bob"))
    page = desk.tab()
    with notebook_with(shown) as address:
        page.goto(address)
        for _ in range(2):
            for number, name in enumerate(("Alice", "Bob")):
                frame = page.frame_locator("iframe").nth(number)
                expect(frame.locator("#connection")).to_have_text("connected")
                expect(frame.locator("#worker")).to_have_text(name)
            page.reload()


@contextmanager
def notebook_with(shown: str) -> Iterator[str]:
    """A page of another origin on this computer, as a notebook is, that shows this."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(shown.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Answer)) as server:
        yield f"http://localhost:{server.server_port}/lab"


def test_away_and_back(desk: Desk, sdk: str) -> None:
    """By the button; and by a break, of which the page tells, and after which it comes back by itself."""
    page = desk.tab()
    sockets: list[Any] = []
    broken = threading.Event()

    def lead_on(socket: Any) -> None:
        sockets.append(socket)
        if broken.is_set():
            socket.close(code=1001, reason="still broken")
        else:
            socket.connect_to_server()

    page.route_web_socket("**/wschannels*", lead_on)
    desk.open("Alice", page=page)
    press(page, "Available")
    expect(log(page)).to_contain_text('worker.on("activityUpdated")')
    broken.set()
    sockets[-1].close(code=1001, reason="a break")
    expect(log(page)).to_contain_text("a break")
    expect(page.locator("#trouble")).to_contain_text("The SDK tries again by itself, and loads everything")
    expect(page.get_by_role("button", name="Unavailable")).to_be_disabled()
    broken.clear()
    expect(page.locator("#connection")).to_have_text("connected")
    expect(page.locator("#trouble")).to_be_hidden()
    press(page, "Disconnect")
    expect(page.locator("#connection")).to_have_text("offline")
    desk.lab.create_task(SPANISH)
    press(page, "Connect again")
    expect(card(page, "pending")).to_have_count(1)
    press(card(page, "pending"), "Accept")
    expect(card(page, "accepted")).to_have_count(1)


def test_a_token_that_ends_is_renewed(desk: Desk, sdk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds before; after it the page goes on without a break."""
    monkeypatch.setattr("labkit.lab.agent_page.TOKEN_SECONDS", 7)
    page = desk.open("Alice")
    expect(log(page)).to_contain_text("worker.updateToken(newToken)")
    expect(log(page)).to_contain_text('worker.on("tokenUpdated")')
    press(page, "Available")
    expect(page.locator("#activities [aria-pressed=true]")).to_have_text("Available")


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's source, from its published package."""
    return npm_packages.file_in(AXE, "axe.min.js").decode("utf-8")


@pytest.mark.usefixtures("small")
def test_everybody_can_use_it(desk: Desk, axe: str) -> None:
    """Light and dark, wide and on a telephone: nothing serious is found, and nothing is cut off."""
    page = desk.open("Alice")
    press(page, "Available")
    desk.lab.taskrouter.set_capacity("Alice", "default", capacity=3)
    desk.lab.create_task({"selected_language": "es", "name": "María", "order": {"id": 7, "items": [3, 4]}, "vip": True})
    press(card(page, "pending"), "Accept")
    card(page, "accepted").locator("summary").click()
    expect(card(page, "accepted").locator("option").first).to_be_attached()
    desk.lab.create_task({"selected_language": "es", "name": "Luis", "question": "Where is my parcel?"})
    expect(card(page, "pending")).to_have_count(1)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for name, width in (("agent-page", 1180), ("agent-page-phone", 360)):
            page.set_viewport_size({"width": width, "height": 1180})
            save(f"{name}-{theme}", lambda path: page.screenshot(path=path, animations="disabled"))
            page.evaluate(axe)
            assert page.evaluate(SERIOUS) == [], f"{name}, {theme}"
    desk.lab.create_task({"selected_language": "es", "x" * 300: "y" * 300})
    expect(card(page, "pending")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.usefixtures("small")
def test_the_keyboard_is_enough(desk: Desk) -> None:
    """From the Activity to a Task that is complete; what is pressed away leaves the focus on its card."""
    page = desk.open("Alice")
    page.get_by_role("button", name="Available", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Available", exact=True)).to_have_attribute("aria-pressed", "true")
    desk.lab.create_task(SPANISH)
    card(page, "pending").get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")
    expect(card(page, "accepted")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Wrap up")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#spoken")).to_have_text("The Reservation is completed.")


@pytest.mark.alone
def test_the_page_works_below_a_prefix(
    chromium: Browser,
    own_environment: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    sdk: str,
) -> None:
    """Through a Jupyter server, as on a hub: the page, its requests to the bridge, and the websocket."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ann/")
    expect.set_options(timeout=15_000)
    with serving(tmp_path_factory.mktemp("hub"), base_url="/user/ann/") as jupyter, lab_in(own_environment) as lab:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{jupyter.url}api/status?token={jupyter.token}")
        page.goto(urljoin(jupyter.url, lab.agent_page("Alice").link()))
        expect(page.locator("#connection")).to_have_text("connected")
        press(page, "Available")
        lab.create_task(SPANISH)
        press(card(page, "pending"), "Accept")
        expect(card(page, "accepted").locator(".facts")).to_contain_text("assigned")
        page.reload()
        expect(card(page, "accepted")).to_have_count(1)
        context.close()


@pytest.mark.usefixtures("small")
def test_it_works_behind_a_password(chromium: Browser, own_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that was told it once sends it with the page's own requests, files and reloads too."""
    password = "made-up and long enough"
    monkeypatch.setenv("LABKIT_PAGES_PASSWORD", password)
    context = chromium.new_context(http_credentials={"username": "ana", "password": password})
    stranger = chromium.new_context()
    with lab_in(own_environment) as lab:
        page = Desk(context, lab).open("Alice")
        page.reload()
        expect(page.locator("#connection")).to_have_text("connected")
        refused = stranger.new_page().request.get(f"{lab.callbacks.local_url}/agent")
        assert (refused.status, "password" in refused.text()) == (401, True)
        context.close()
        stranger.close()
