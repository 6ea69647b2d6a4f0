"""A public URL with a path: the callback server works whether the proxy takes the path off or leaves it on."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from labkit.callbacks import CallbackServer

ASSIGNMENT = "/assignment_callback"
FIELDS = {"ReservationSid": "WR" + "1" * 32}
PREFIX = "/labs/ana"


@pytest.fixture
def behind(caller: Any) -> Any:
    """A caller of a server that the world knows by a path."""
    caller.server.set_public_url(f"https://example.com{PREFIX}")
    return caller


@pytest.mark.parametrize("sent", [ASSIGNMENT, f"{PREFIX}{ASSIGNMENT}", f"{PREFIX}{ASSIGNMENT}?a=%20b"])
def test_a_callback_is_answered_with_the_path_and_without(behind: Any, tools: dict[str, Any], sent: str) -> None:
    """What is signed is the public URL, which has it once."""
    target = sent.removeprefix(PREFIX)
    headers = tools["sign"](f"https://example.com{PREFIX}{target}", FIELDS)
    answer = behind.client.post(sent, data=FIELDS, headers=headers, environ_overrides={"REQUEST_URI": sent})
    assert answer.status_code == 200
    exchange = behind.server.exchanges.last
    assert (exchange.path, exchange.signature) == (ASSIGNMENT, "valid")
    assert exchange.signed_url == f"https://example.com{PREFIX}{target}"
    assert exchange.url_seen == f"http://localhost{sent}"


@pytest.mark.parametrize("path", ["/", f"{PREFIX}/", PREFIX, "/healthz", f"{PREFIX}/healthz"])
def test_the_pages_are_there_with_the_path_and_without(behind: Any, path: str) -> None:
    """The root as well, with and without a slash at its end."""
    assert behind.client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/labs/anabel/healthz", "/labs/healthz", f"{PREFIX}{PREFIX}/healthz", "/LABS/ana/healthz"]
)
def test_another_path_is_another_path(behind: Any, path: str) -> None:
    """Only the whole path is taken off, once."""
    assert behind.client.get(path).status_code == 404


def test_without_a_path_nothing_is_taken_off(caller: Any) -> None:
    """The root of a host is as it was."""
    assert caller.client.get(f"{PREFIX}/healthz").status_code == 404


def test_it_holds_over_a_socket(server: CallbackServer, tools: dict[str, Any]) -> None:
    """The server's own spelling of a request is what is cut."""
    server.set_public_url(f"https://example.com{PREFIX}")
    headers = tools["sign"](f"https://example.com{PREFIX}{ASSIGNMENT}?x=%C3%A9", FIELDS)
    for path in (PREFIX, ""):
        url = f"{server.local_url}{path}{ASSIGNMENT}?x=%C3%A9"
        assert requests.post(url, data=FIELDS, headers=headers, timeout=5).status_code == 200
