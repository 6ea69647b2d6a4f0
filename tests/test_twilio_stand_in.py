"""The stand-in is what the other tests take it for: Twilio's names, over TLS, by the unmodified SDK."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.local import ACCOUNT, TOKEN, local_sandbox
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio_stand_in import StandIn, twilio_stand_in


@pytest.fixture
def twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with local_sandbox() as sandbox, twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_here(monkeypatch)
        yield stand_in


def test_the_sdk_as_it_is_reaches_it_by_twilios_name(twilio: StandIn) -> None:
    client = Client(ACCOUNT, TOKEN)
    made = client.taskrouter.v1.workspaces.create(friendly_name="Over TLS")
    assert [each.sid for each in client.taskrouter.v1.workspaces.list()] == [made.sid]
    assert client.api.v2010.accounts(ACCOUNT).fetch().status == "active"
    assert [(each.host, each.method) for each in twilio.asked] == [
        ("taskrouter.twilio.com", "POST"),
        ("taskrouter.twilio.com", "GET"),
        ("api.twilio.com", "GET"),
    ]


def test_a_wrong_token_and_a_planted_answer_are_refused(twilio: StandIn) -> None:
    with pytest.raises(TwilioRestException) as wrong:
        Client(ACCOUNT, "wrong").api.v2010.accounts(ACCOUNT).fetch()
    assert (wrong.value.status, wrong.value.code) == (401, 20003)
    twilio.plant(429, 20429, "Too Many Requests", times=1, path="Workspaces", method="POST")
    workspaces = Client(ACCOUNT, TOKEN).taskrouter.v1.workspaces
    with pytest.raises(TwilioRestException) as busy:
        workspaces.create(friendly_name="Later")
    assert (busy.value.status, busy.value.code) == (429, 20429)
    assert workspaces.create(friendly_name="Later").friendly_name == "Later"
