"""The agent page's routes: what is served, to whom, and that no record is kept of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from agent_sdk_folder import look_for_it_in
from flask.testing import FlaskClient

from labkit.callbacks import CallbackServer, EventBridge
from labkit.callbacks.agent_page import twilio_sdk
from labkit.errors import LabError
from labkit.settings import Secret
from labkit.stream import EventStream

TUNNEL = "https://lab.example.ngrok-free.app"
BRIDGE = EventBridge("http://127.0.0.1:4711/v1/wschannels")
FORWARDED = {"X-Forwarded-Prefix": "/user/ann/proxy/80"}


class Office:
    """A callback server that never listens, behind a tunnel, whose bridge is `bridge`."""

    def __init__(self, stream: EventStream) -> None:
        self.bridge = BRIDGE
        self.stream = stream
        self.server = CallbackServer(stream, auth_token=Secret("made-up"), event_bridge=lambda: self.bridge)
        self.server.set_public_url(TUNNEL)
        self.client: FlaskClient = self.server._app.test_client()

    def get(self, path: str = "/agent", *, host: str = "127.0.0.1:4700", **headers: str) -> Any:
        return self.client.get(path, headers={"Host": host, **headers})

    def post(self, body: Any, *, host: str = "127.0.0.1:4700", **headers: str) -> Any:
        return self.client.post("/agent/token", json=body, headers={"Host": host, **headers})

    def invite(self, name: str = "Alice", *, public: bool = False) -> str:
        return self.server.agent_page.admissions.invite(lambda: {"worker": name}, public=public)


@pytest.fixture
def office(stream: EventStream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """An office without Twilio's SDK in the cache."""
    look_for_it_in(tmp_path, monkeypatch)
    return Office(stream)


def test_a_link_is_changed_for_a_token_and_a_right(office: Office) -> None:
    """Once; the right gives a new token as often as it is asked for."""
    answer = office.post({"link": office.invite()})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    right = answer.json.pop("right") if answer.json else ""
    again = office.post({"right": right}).json
    assert again == {"worker": "Alice", "clock": again["clock"]}


def test_a_link_that_was_opened_says_what_to_do(office: Office) -> None:
    """With the status 403, for the page to show."""
    link = office.invite()
    office.post({"link": link})
    answer = office.post({"link": link})
    assert answer.status_code == 403
    assert "Run the cell with lab.agent_page once more" in answer.json["error"]


def test_what_the_lab_cannot_do_is_said(office: Office) -> None:
    """Such as a sandbox that has gone; the page shows the sentence."""

    def fail() -> dict[str, Any]:
        raise LabError("The sandbox is gone.")

    link = office.server.agent_page.admissions.invite(fail)
    answer = office.post({"link": link})
    assert (answer.status_code, answer.json) == (503, {"error": "The sandbox is gone."})


@pytest.mark.parametrize("body", [None, [], "x", {}, {"link": 1}, {"right": None}, {"link": ["x"]}])
def test_what_is_no_link_is_refused(office: Office, body: Any) -> None:
    """Whatever it is."""
    assert office.post(body).status_code == 403


def test_no_long_body_is_read(office: Office) -> None:
    """A link is some sixty characters."""
    assert office.post({"link": "x" * 2000}).status_code == 413


def test_no_record_is_kept(office: Office) -> None:
    """Neither of the link nor of the token, in the exchanges and in the stream; refused ones included."""
    link = office.invite()
    for host in ("127.0.0.1:4700", "lab.example.ngrok-free.app", "evil.example"):
        office.post({"link": link}, host=host)
        office.get(host=host)
        office.get("/agent/page.js?x=1", host=host)
    assert list(office.server.exchanges) == []
    assert office.stream.entries() == []
    office.get("/agents")
    assert [each.path for each in office.server.exchanges] == ["/agents"]


# --- who may come -----------------------------------------------------------------------------------------------------

OUTSIDE: dict[str, dict[str, str]] = {
    "through the tunnel": {"host": "lab.example.ngrok-free.app"},
    "through the tunnel, in large letters": {"host": "LAB.EXAMPLE.NGROK-FREE.APP:443"},
    "through a front that says another host": {"host": "127.0.0.1", "X-Forwarded-Host": "lab.example.ngrok-free.app"},
    "by a name that leads here": {"host": "evil.example"},
    "through the tunnel, with a made-up prefix": {"host": "lab.example.ngrok-free.app", **FORWARDED},
    "with another port's prefix": {"host": "hub.example", "X-Forwarded-Prefix": "/user/ann/proxy/81"},
    "with a host that is none": {"host": "127.0.0.1;x"},
    "without a host": {"host": ""},
    "through a front that says no host": {"host": "127.0.0.1", "X-Forwarded-Host": "["},
}
INSIDE: dict[str, dict[str, str]] = {
    "by its address": {"host": "127.0.0.1:4700"},
    "by its name": {"host": "localhost:4700"},
    "by its other address": {"host": "[::1]:4700"},
    "through a Jupyter server": {"host": "hub.example", **FORWARDED},
    "through a Jupyter server behind a hub": {"host": "hub.example", "X-Forwarded-Host": "hub.example", **FORWARDED},
}


@pytest.mark.parametrize("way", OUTSIDE.values(), ids=OUTSIDE)
def test_from_outside_there_is_no_page(office: Office, way: dict[str, str]) -> None:
    """Whoever knows the callback URL finds nothing there, and a link is neither good nor used up."""
    link = office.invite()
    for answer in (office.get(**way), office.get("/agent/time", **way), office.post({"link": link}, **way)):
        assert answer.status_code == 404
        assert "link" not in answer.text
    assert office.post({"link": link}).status_code == 200


@pytest.mark.parametrize("way", INSIDE.values(), ids=INSIDE)
def test_from_here_there_is_one(office: Office, way: dict[str, str]) -> None:
    """By whatever name this computer has for itself, and by the Jupyter server, which knows its people."""
    assert office.get(**way).status_code == office.get("/agent/page.js", **way).status_code == 200
    assert office.post({"link": office.invite()}, **way).status_code == 200


def test_a_public_page_is_for_whoever_was_invited(office: Office) -> None:
    """Then the tunnel leads to the page, and lets in by a public link alone."""
    local, public = office.invite("Bob"), office.invite("Alice", public=True)
    way = OUTSIDE["through the tunnel"]
    assert office.get(**way).status_code == 200
    assert office.post({"link": local}, **way).status_code == 403
    assert office.post({"link": public}, **way).json["worker"] == "Alice"


# --- what is served ---------------------------------------------------------------------------------------------------


def test_the_page_loads_only_its_own_files_by_relative_addresses(office: Office) -> None:
    """So that it works below any prefix; each file that the page and its modules name is there."""
    page = office.get().text
    named = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page)
    assert named == ["agent/page.css", "agent/small_client/index.js", "agent/page.js"]
    seen: set[str] = set()
    while named:
        name = named.pop()
        answer = office.get(f"/{name}")
        assert answer.status_code == 200, name
        seen.add(name)
        folder = name.rpartition("/")[0]
        imported = [f"{folder}/{each}" for each in re.findall(r'from "\./([^"]+)"', answer.text)]
        named += [each for each in imported if each not in seen]
    assert "agent/small_client/socket.js" in seen


@pytest.mark.parametrize("name", ["page.html", "routes.py", "../app.py", "%2e%2e/app.py", "nothing.js", "", "token"])
def test_nothing_else_is_served(office: Office, name: str) -> None:
    """Neither what is not the page's, nor what lies beside it."""
    assert office.get(f"/agent/{name}").status_code in (404, 405)


def test_nothing_runs_on_the_page_but_its_own_files(office: Office) -> None:
    """No script or style in the page, none from elsewhere, no form, and no frame but this computer's."""
    policy = office.get().headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'none'"):
        assert f"{part};" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' http://127.0.0.1:4711 ws://127.0.0.1:4711 ws://127.0.0.1:4700" in policy
    page = office.get().text
    assert re.findall(r"<style|style=|<script>| on\w+=", page) == []


def test_a_host_that_is_none_does_not_reach_the_policy(office: Office) -> None:
    """What is no host is not written into the header."""
    policy = office.get(host="hub.example; script-src *", **FORWARDED).headers["Content-Security-Policy"]
    assert "*" not in policy.partition("frame-ancestors")[0]


@pytest.mark.parametrize(
    ("region", "host"),
    [("", "event-bridge.twilio.com"), ("us1", "event-bridge.twilio.com"), ("ie1", "event-bridge.ie1.twilio.com")],
)
def test_with_an_account_the_page_speaks_to_twilio(office: Office, region: str, host: str) -> None:
    """And to nobody else; without Twilio's SDK it says so, and runs no other."""
    office.bridge = EventBridge.at_twilio(region)
    answer = office.get()
    assert f"https://{host} wss://{host}" in answer.headers["Content-Security-Policy"]
    assert 'data-sdk="missing"' in answer.text
    assert office.bridge.as_options() == {"region": region}


@pytest.mark.parametrize("bridge", [BRIDGE, EventBridge.at_twilio("")], ids=["a sandbox", "an account"])
def test_twilios_sdk_is_run_where_it_is_in_the_cache(office: Office, tmp_path: Path, bridge: EventBridge) -> None:
    """And the page says so."""
    (tmp_path / twilio_sdk.FILE).write_text("var TaskRouter = {};", encoding="utf-8")
    office.bridge = bridge
    page = office.get().text
    assert 'data-sdk="twilio"' in page
    assert '<script src="agent/twilio-taskrouter.js"></script>' in page
    assert office.get("/agent/twilio-taskrouter.js").text == "var TaskRouter = {};"
