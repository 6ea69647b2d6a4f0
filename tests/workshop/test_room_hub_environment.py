"""What the room's service takes from its hub's environment, since a hub's database would keep it."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from workshop.room.hub_environment import take_from_hub

FOLDER = "/srv/workshop"
OF_THE_HUB = {
    "LABKIT_WORKSHOP": FOLDER,
    "TWILIO_AUTH_TOKEN": "of the hub",
    "https_proxy": "http://me:word@10.0.0.1:3128",
    "REQUESTS_CA_BUNDLE": "/etc/company.pem",
    "CONFIGPROXY_AUTH_TOKEN": "the hub's own",
}
SERVICE = {"LABKIT_WORKSHOP": FOLDER, "LABKIT_ROOM_MODE": "twilio"}


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of whoever started this process."""
    environ = dict(OF_THE_HUB)
    monkeypatch.setattr(psutil.Process, "environ", lambda _: environ)
    return environ


@pytest.mark.usefixtures("parent")
def test_it_takes_what_leads_to_the_account_and_no_more() -> None:
    """What it was given itself counts."""
    environ = {**SERVICE, "REQUESTS_CA_BUNDLE": "/own.pem"}
    take_from_hub(environ)

    assert environ == {
        **SERVICE,
        "TWILIO_AUTH_TOKEN": "of the hub",
        "https_proxy": "http://me:word@10.0.0.1:3128",
        "REQUESTS_CA_BUNDLE": "/own.pem",
    }


@pytest.mark.usefixtures("parent")
@pytest.mark.parametrize(
    "environ",
    [
        {**SERVICE, "LABKIT_ROOM_MODE": "sandbox"},
        {"LABKIT_ROOM_MODE": "twilio"},
        {**SERVICE, "LABKIT_WORKSHOP": "/another/workshop"},
    ],
    ids=["a sandbox", "a Deployment", "another's hub"],
)
def test_from_nobody_else_and_for_nothing_else(environ: dict[str, str]) -> None:
    before = dict(environ)
    take_from_hub(environ)

    assert environ == before


def test_a_parent_that_cannot_be_looked_at_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has ended; that no credentials are there is said by whoever needs them."""

    def refused(_: Any) -> dict[str, str]:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "environ", refused)
    environ = dict(SERVICE)
    take_from_hub(environ)

    assert environ == SERVICE
