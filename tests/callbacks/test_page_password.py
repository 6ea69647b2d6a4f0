"""A password before the pages that people open, and never before a callback."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from labkit.callbacks import CallbackServer
from labkit.errors import SettingsError
from labkit.settings import Secret, Settings
from labkit.stream import EventStream

PASSWORD = "made-up ünd long enough"
FIELDS = {"ReservationSid": "WR" + "1" * 32}
PAGES = ["/", "/agent", "/agent/page.js", "/agent/time", "/agent/nothing"]


@pytest.fixture
def guarded(stream: EventStream, tools: dict[str, Any]) -> CallbackServer:
    """A server with a password; it does not listen."""
    made = CallbackServer(stream, auth_token=tools["token"], pages_password=Secret(PASSWORD))
    made.set_public_url(tools["public"])
    return made


@pytest.fixture
def client(guarded: CallbackServer) -> FlaskClient:
    """A browser, or anybody else."""
    return guarded._app.test_client()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_wants_the_password(client: FlaskClient, path: str) -> None:
    """Whoever has none is asked, and told nothing; whoever has a wrong one too."""
    for auth in (None, ("ana", "wrong"), ("ana", ""), (PASSWORD, "")):
        answer = client.get(path, auth=auth)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="TaskRouter Lab", charset="UTF-8"'
        assert "callback" not in answer.text
    assert client.get(path, auth=("anybody", PASSWORD)).status_code == (404 if path.endswith("nothing") else 200)


@pytest.mark.parametrize("value", ["Bearer x", "Basic", "Basic ???", "Basic " + "A" * 5000, "Digest username=x"])
def test_a_header_that_is_no_password_is_none(client: FlaskClient, value: str) -> None:
    """And no 500."""
    assert client.get("/", headers={"Authorization": value}).status_code == 401


def test_the_exchange_of_a_link_wants_it_too(client: FlaskClient) -> None:
    """It is a page's own request, and a browser sends the password with it."""
    assert client.post("/agent/token", json={"link": "x.y"}).status_code == 401
    assert client.post("/agent/token", json={"link": "x.y"}, auth=("", PASSWORD)).status_code == 403


def test_a_callback_needs_none(client: FlaskClient, guarded: CallbackServer, tools: dict[str, Any]) -> None:
    """TaskRouter proves itself by its signature, and the health page is for the lab's own look from outside."""
    for route, fields, status in (
        ("/assignment_callback", FIELDS, 200),
        ("/event_callback", {"Sid": "EV" + "1" * 32, "EventType": "task.created"}, 204),
    ):
        headers = tools["sign"](tools["public"] + route, fields)
        assert client.post(route, data=fields, headers=headers).status_code == status
    assert client.post("/assignment_callback", data=FIELDS, auth=("", PASSWORD)).status_code == 403  # is no signature
    assert client.get("/healthz").status_code == 200


def test_the_password_is_in_no_log(client: FlaskClient, guarded: CallbackServer) -> None:
    """Right or wrong."""
    client.get("/", auth=("ana", PASSWORD))
    client.get("/", auth=("ana", "wrong-made-up"))
    assert [each.headers["Authorization"] for each in guarded.exchanges] == ["•••", "•••"]
    assert "made-up" not in str([each.as_dict() for each in guarded.exchanges])


def test_without_a_setting_nobody_is_asked(caller: Any) -> None:
    """As it was."""
    assert caller.client.get("/").status_code == 200


def test_a_short_one_is_refused_without_being_said() -> None:
    """Anybody outside may try, as often as they like."""
    with pytest.raises(SettingsError, match="fewer than 12 characters") as caught:
        Settings.resolve({"LABKIT_PAGES_PASSWORD": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert "made-up" not in repr(Settings.resolve({"LABKIT_PAGES_PASSWORD": PASSWORD}))
