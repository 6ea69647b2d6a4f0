"""The callback URLs of scenarios: they answer as they are told, and strangers get nothing."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from labkit.parity.callback_receiver import CallbackReceiver, PlannedAnswer


@pytest.fixture
def receiver() -> Iterator[CallbackReceiver]:
    made = CallbackReceiver()
    yield made
    made.close()


def post(url: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """A POST's status and body."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("POST", parts.path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_answers_are_given_one_after_the_other(receiver: CallbackReceiver) -> None:
    """The last one for ever; what came is kept."""
    receiver.answer("asked", PlannedAnswer(status=500, body=b"no"), PlannedAnswer(body=b"yes"))
    url = receiver.url("asked")
    assert [post(url, b"TaskSid=WT1") for _ in range(3)] == [(500, b"no"), (200, b"yes"), (200, b"yes")]
    received = receiver.wait_for("asked", 3, limit=5)
    assert [each.form for each in received] == [{"TaskSid": "WT1"}] * 3
    assert receiver.received("another") == []


def test_a_path_that_is_guessed_is_not_answered(receiver: CallbackReceiver) -> None:
    """And what came there is not kept."""
    address = "{0.scheme}://{0.netloc}".format(urlsplit(receiver.url("asked")))
    assert post(f"{address}/asked", b"a=1") == (404, b"")
    assert post(f"{address}/{'x' * 22}/asked", b"a=1") == (404, b"")
    assert receiver.received("asked") == []


@pytest.mark.parametrize("length", ["999999999", "-1", "many"])
def test_a_body_that_is_no_callback_is_not_read(receiver: CallbackReceiver, length: str) -> None:
    """By what it says of its length."""
    assert post(receiver.url("asked"), b"", {"Content-Length": length})[0] == 404
    assert receiver.received("asked") == []


def test_its_address_is_hidden(receiver: CallbackReceiver) -> None:
    """In whatever is recorded."""
    url = receiver.url("asked")
    for text, instead in receiver.hidden.items():
        url = url.replace(text, instead)
    assert url == "{callbacks}/asked"


def test_a_public_address_stands_in_its_urls() -> None:
    """With a user and a password where the scenario wants them."""
    receiver = CallbackReceiver(public_url="https://lab.example.com/way/")
    try:
        assert receiver.url("asked").startswith("https://lab.example.com/way/")
        assert receiver.url("asked", user_info="ana:word").startswith("https://ana:word@lab.example.com/way/")
        assert receiver.closed_port_url() == "http://lab.example.com:9/"
    finally:
        receiver.close()
