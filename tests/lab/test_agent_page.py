"""`lab.agent_page`: a link to a Worker's own page, which is that Worker's by a token that the link is changed for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from secret_search import displayed

import labkit
from labkit.callbacks import EventBridge
from labkit.display import sections_of
from labkit.errors import ArgumentError, LabError, TaskRouterError
from labkit.lab.agent_page import agent_page
from labkit.lab.lab import Lab
from labkit.settings import Secret

pytestmark = pytest.mark.process

LINK = re.compile(r"http://127\.0\.0\.1:\d+/agent#[\w.-]+")


@pytest.fixture
def lab(home: Path) -> Lab:
    """A lab in a sandbox."""
    return labkit.start()


def exchange(lab: Lab, **body: str) -> requests.Response:
    """What the page asks its own server."""
    return requests.post(f"{lab.callbacks.local_url}/agent/token", json=body, timeout=10)


def secret_of(link: str) -> str:
    return link.partition("#")[2]


def test_a_link_makes_a_page_one_worker(lab: Lab) -> None:
    """By a token for an hour; and at any time later by another one, for the same Worker."""
    link = lab.agent_page("alice").link()
    assert requests.get(link, timeout=10).ok
    first = exchange(lab, link=secret_of(link)).json()
    again = exchange(lab, right=first["right"]).json()
    alice, secret = lab.taskrouter.worker("Alice").sid, lab._tokens.key().secret.reveal()
    for told in (first, again):
        said = jwt.decode(told["token"], secret, algorithms=["HS256"])
        grant = {"workspace_sid": lab.workspace_sid, "worker_sid": alice, "role": "worker"}
        assert (said["grants"]["task_router"], said["exp"] - said["nbf"]) == (grant, 3600)
        assert told["worker"] == {"sid": alice, "name": "Alice"}
        assert told["bridge"] == {"url": f"{lab.taskrouter_url}/v1/wschannels"}
        assert abs(told["clock"]["milliseconds"] / 1000 - lab.time().timestamp()) < 30
    assert exchange(lab, link=secret_of(link)).status_code == 403


def test_a_page_knows_what_was_done_to_the_clock(lab: Lab) -> None:
    """An hour ahead, and held; it asks for it while something on it is counted down."""
    lab.clock.advance(seconds=3600)
    held = lab.clock.pause()
    told = requests.get(f"{lab.callbacks.local_url}/agent/time", timeout=10).json()
    assert told == {"milliseconds": round(held.now.timestamp() * 1000), "paused": True}


def test_it_shows_a_frame_and_a_link_and_each_is_another_one(lab: Lab) -> None:
    """So that the frame of a notebook does not use up the link beside it; a terminal has one."""
    page = lab.agent_page("Bob")
    shown = page._repr_html_()
    links = LINK.findall(shown)
    assert len(links) == len(set(links)) == 2
    assert [exchange(lab, link=secret_of(each)).json()["worker"]["name"] for each in links] == ["Bob", "Bob"]
    text = str(page).split("\n")
    assert text[0] == "Agent page of Bob"
    assert LINK.fullmatch(text[1].strip())
    assert text[2].startswith("A link works once, within 10 min")


def test_a_notebook_has_another_way_through_its_jupyter_server(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A browser on another computer reaches nothing else; on a hub it is the only way."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    (tmp_path / "jpserver-4711.json").write_text('{"base_url": "/base/"}', encoding="utf-8")
    port = lab.callbacks.local_url.rpartition(":")[2]
    assert f'href="/base/proxy/{port}/agent#' in lab.agent_page("Bob")._repr_html_()
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/base/")
    shown = lab.agent_page("Bob")._repr_html_()
    assert f'<iframe src="/base/proxy/{port}/agent#' in shown
    assert "127.0.0.1" not in shown
    assert shown.count("<a ") == 1


def test_neither_link_nor_token_is_left_anywhere(lab: Lab) -> None:
    """Not in the exchanges, the stream, a panel, or what the lab shows of itself."""
    link = lab.agent_page("Alice").link()
    told = exchange(lab, link=secret_of(link)).json()
    exchange(lab, right=told["right"])
    kept: list[Any] = [lab, lab.callbacks, [each.as_dict() for each in lab.callbacks.exchanges], lab.stream.entries()]
    kept += [displayed(lab.traffic().still()), lab.traffic().get_state(), vars(lab.callbacks.agent_page.admissions)]
    text = json.dumps(kept, default=repr)
    secrets = (secret_of(link).partition(".")[2], told["right"].partition(".")[2], told["token"])
    assert [secret for secret in secrets if secret in text] == []


def test_what_cannot_be_is_said_in_the_cell(lab: Lab) -> None:
    """No such Worker, no such argument, and a sandbox that nobody reaches from outside."""
    with pytest.raises(TaskRouterError, match="There is no Worker called 'Alicia'"):
        lab.agent_page("Alicia")
    with pytest.raises(ArgumentError, match="did you mean 'public'"):
        lab.agent_page("Alice", publik=True)  # type: ignore[call-arg]
    with pytest.raises(LabError, match="Leave out public=True"):
        lab.agent_page("Alice", public=True)
    assert not lab.callbacks.agent_page.admissions.any_public


# --- with a real account ----------------------------------------------------------------------------------------------


class Account:
    """A connection to a real account, as far as the page knows it."""

    mode, account_sid = "twilio", f"AC{'0' * 32}"
    event_bridge = EventBridge.at_twilio("ie1")


class Tokens:
    """What signs tokens for it."""

    def check(self) -> None:
        """There is something."""

    def make(self, _request: object) -> Secret:
        return Secret("a made-up token of the account")


@pytest.mark.parametrize("public", [False, True])
def test_the_page_of_a_real_account_speaks_to_twilio(lab: Lab, public: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Public only when asked for, which is said first; then the link is the tunnel's, and good from outside."""
    lab.callbacks.set_public_url("https://lab.example.ngrok-free.app")
    monkeypatch.setattr(lab.tunnel, "note", "The tunnel shows a page first.", raising=False)
    asked = lab._tokens.request("Alice", role="worker", lifetime_seconds=60)
    page = agent_page(
        asked,
        tokens=Tokens(),  # type: ignore[arg-type]
        connection=Account(),  # type: ignore[arg-type]
        routing=lab._routing,
        public=public,
    )
    headlines = [section.headline for section in sections_of(page)]
    assert headlines[-1] == "Agent page of Alice"
    assert headlines[0].startswith("Public: whoever opens a link of this page first, from anywhere, is Alice") is public
    assert ("The tunnel shows a page first." in str(page)) is public
    base, _, link = page.link().partition("#")
    assert base == ("https://lab.example.ngrok-free.app/agent" if public else f"{lab.callbacks.local_url}/agent")
    headers = {"Host": "lab.example.ngrok-free.app"}
    url = f"{lab.callbacks.local_url}/agent/token"
    from_outside = requests.post(url, json={"link": link}, headers=headers, timeout=10)
    assert from_outside.status_code == (200 if public else 404)
    told = from_outside.json() if public else exchange(lab, link=link).json()
    assert (told["bridge"], told["token"]) == ({"region": "ie1"}, "a made-up token of the account")
