"""What the sandbox's tests share: a sandbox in this process, a call centre in it, a callback URL, raw requests."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

import pytest
from sandbox.call_centre import CallCentre, build
from sandbox.callback_target import Target
from sandbox.local import ACCOUNT, TOKEN, LocalSandbox, local_sandbox
from sandbox.raw_http import RawAnswer, send
from twilio.rest import Client


@pytest.fixture
def sandbox() -> Iterator[LocalSandbox]:
    """A sandbox on a loopback socket, with a memory store and a clock moved by hand."""
    with local_sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: LocalSandbox) -> Client:
    """The official SDK's client for that sandbox."""
    return sandbox.client()


@pytest.fixture
def centre(client: Client) -> CallCentre:
    """A Workspace with a queue, a Workflow and Alice, Offline."""
    return build(client)


@pytest.fixture
def target() -> Iterator[Target]:
    """A server to be called back."""
    made = Target()
    yield made
    made.close()


Ask = Callable[..., RawAnswer]


def ask_of(sandbox: LocalSandbox) -> Ask:
    """Sends requests that the SDK would not: `ask("POST", "/v1/Workspaces", {"FriendlyName": "A"})`.

    `body` goes as it is instead of a form; `credentials=None` sends none.
    """

    def asking(
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        credentials: tuple[str, str] | None = (ACCOUNT, TOKEN),
    ) -> RawAnswer:
        sent = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        if credentials is not None:
            sent["Authorization"] = f"Basic {base64.b64encode(':'.join(credentials).encode()).decode()}"
        content = urlencode(form).encode() if form is not None else body
        return send(method, sandbox.url, path, content, {**sent, **(headers or {})})

    return asking


@pytest.fixture
def ask(sandbox: LocalSandbox) -> Ask:
    """Asks that sandbox, as `ask_of` says."""
    return ask_of(sandbox)
