"""A browser at the room: the hub's OAuth says who it is, and a page of somebody else's cannot act in its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from room_service import RunningRoom, running_room

from workshop.room.service import routes

[PAGE] = [route for route in routes() if route.page and route.path == "wall"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[RunningRoom]:
    with running_room(tmp_path) as running:
        yield running


def signed_in(room: RunningRoom, token: str) -> requests.Session:
    """A browser that has been led to the hub and back; by a code that the hub gave for this token."""
    session = requests.Session()
    session.trust_env = False
    led = session.get(f"{room.url}/{PAGE.path}", allow_redirects=False, timeout=20)
    state = parse_qs(urlsplit(led.headers["Location"]).query)["state"][0]
    room.hub.codes["the-code"] = token
    back = session.get(
        f"{room.url}/oauth_callback", params={"code": "the-code", "state": state}, allow_redirects=False, timeout=20
    )
    assert back.status_code == 302, back.text
    assert urlsplit(back.headers["Location"]).path.endswith(PAGE.path)
    return session


def test_a_page_of_somebody_elses_cannot_act(room: RunningRoom) -> None:
    """A cookie goes along by itself; what is written wants the token as well that only a page of ours can read."""
    session = signed_in(room, room.token("teacher", instructor=True))
    page = session.get(f"{room.url}/{PAGE.path}", timeout=20)
    assert page.status_code == 200
    [xsrf] = [cookie.value for cookie in session.cookies if cookie.name == "_xsrf"]
    url, said = f"{room.url}/messages", {"text": "hello"}

    assert session.post(url, json=said, timeout=20).status_code == 401
    assert session.post(url, json=said, headers={"X-XSRFToken": "x" * 40}, timeout=20).status_code == 401
    assert session.post(url, json=said, headers={"X-XSRFToken": str(xsrf)}, timeout=20).status_code == 201
    assert page.headers["Content-Security-Policy"].count("frame-ancestors 'self'") == 1


def test_a_script_of_another_page_reads_nothing(room: RunningRoom) -> None:
    """A browser says that it is a script that asks, and then reading too wants the token."""
    session = signed_in(room, room.token("teacher", instructor=True))
    by_script = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}

    answer = session.get(f"{room.url}/v1/Workspaces", headers=by_script, timeout=20)

    assert answer.status_code == 401


def test_a_participant_who_opens_the_page_is_refused(room: RunningRoom) -> None:
    """They have signed in, and it is not theirs."""
    session = signed_in(room, room.token("ana"))

    assert session.get(f"{room.url}/{PAGE.path}", timeout=20).status_code == 403


def test_what_a_page_refuses_is_a_page(room: RunningRoom) -> None:
    """With a sentence and the way to what is theirs; a script that asks gets Twilio's form, as everywhere."""
    session = signed_in(room, room.token("ana"))
    by_browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    answer = session.get(f"{room.url}/{PAGE.path}", headers=by_browser, timeout=20)
    by_script = session.get(f"{room.url}/wall/state", headers=by_browser, timeout=20)

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "<p>This is for the instructor of the workshop.</p>" in answer.text
    assert 'href="/services/room/"' in answer.text
    assert by_script.json()["code"] == 20403


def test_a_page_says_that_the_hub_does_not_answer(room: RunningRoom) -> None:
    """And has no link, for nobody knows who asks."""
    room.hub.down = True

    answer = room.ask("GET", PAGE.path, room.token("ana"), headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "The hub does not answer" in answer.text
    assert "href" not in answer.text


def test_a_state_that_is_not_the_browsers_signs_nobody_in(room: RunningRoom) -> None:
    """Otherwise a link would make somebody act in another's name."""
    room.hub.codes["the-code"] = room.token("eve")

    answer = room.ask("GET", "oauth_callback?code=the-code&state=made-up")

    assert answer.status_code == 403
    assert not [name for name in answer.cookies if name == "service-room"]
