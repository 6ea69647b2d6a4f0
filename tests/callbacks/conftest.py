"""What the callback server's tests share: a server with its stream, and a caller that signs as TaskRouter does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from labkit.callbacks import CallbackServer
from labkit.settings import Secret
from labkit.stream import EventStream

TOKEN = Secret("made-up-auth-token")
PUBLIC = "https://lab.example.ngrok-free.app"


def sign(url: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The header with which TaskRouter would send these fields to this URL."""
    return {"X-Twilio-Signature": RequestValidator(TOKEN.reveal()).compute_signature(url, fields)}


class Caller:
    """Calls the app without a socket, by its public URL."""

    def __init__(self, server: CallbackServer, stream: EventStream) -> None:
        self.server = server
        self.stream = stream
        self.client: FlaskClient = server._app.test_client()

    def post(self, route: str, fields: Mapping[str, str], **options: Any) -> TestResponse:
        """A signed form."""
        options.setdefault("headers", sign(PUBLIC + route, fields))
        return self.client.post(route, data=fields, **options)


@pytest.fixture
def stream() -> Iterator[EventStream]:
    """A stream that is closed after the test."""
    made = EventStream()
    yield made
    made.close()


@pytest.fixture
def server(stream: EventStream) -> Iterator[CallbackServer]:
    """A running server on a free port, stopped after the test."""
    made = CallbackServer(stream, auth_token=TOKEN)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def caller(stream: EventStream) -> Caller:
    """A caller of an app that never listens, under a public https URL."""
    made = CallbackServer(stream, auth_token=TOKEN)
    made.set_public_url(PUBLIC)
    return Caller(made, stream)


def post_signed(
    server: CallbackServer, fields: Mapping[str, str], *, url: str = "", timeout: float = 5
) -> requests.Response:
    """A signed form over a real socket, to the assignment URL if no other is given."""
    url = url or server.assignment_url
    return requests.post(url, data=fields, headers=sign(url, fields), timeout=timeout)


@pytest.fixture
def tools() -> dict[str, Any]:
    """The functions above, for test modules, which cannot import a conftest."""
    return {"sign": sign, "post_signed": post_signed, "token": TOKEN, "public": PUBLIC}
