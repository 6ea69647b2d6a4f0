"""labkit.taskrouter.patience: what the lab itself asks again, how long it waits, and what a learner gets at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox.local import ACCOUNT, TOKEN, local_sandbox
from twilio.base.exceptions import TwilioRestException
from twilio_stand_in import StandIn, twilio_stand_in

from labkit.errors import TaskRouterError
from labkit.settings import Secret
from labkit.taskrouter.client import connect
from labkit.taskrouter.errors import asking
from labkit.taskrouter.patience import MOST_SECONDS, TIMES, Patience

WORKSPACES = "/v1/Workspaces"


class Waits:
    """Notes how long it was to wait, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.told: list[str] = []
        self.closed = False

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return self.closed


@pytest.fixture
def twilio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with local_sandbox() as sandbox, twilio_stand_in(sandbox.url, tmp_path) as stand_in:
        stand_in.lead_here(monkeypatch)
        yield stand_in


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def workspaces(twilio: StandIn, waits: Waits) -> Any:
    patience = Patience(tell=waits.told.append, wait=waits)
    return connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN), patience=patience).taskrouter.v1.workspaces


def test_twilio_says_how_long(twilio: StandIn, workspaces: Any, waits: Waits) -> None:
    twilio.plant(429, 20429, "Too Many Requests", headers={"Retry-After": "3"}, times=2)
    assert workspaces.list() == []
    assert waits.seconds == [3, 3]
    assert waits.told[0] == "Too many requests came at once for Twilio (429). The lab waits 3 s and asks again."


def test_otherwise_twice_as_long_each_time_and_not_for_ever(twilio: StandIn, workspaces: Any, waits: Waits) -> None:
    twilio.plant(429, 20429, "Too Many Requests")
    with pytest.raises(TwilioRestException):
        workspaces.create(friendly_name="x")
    assert len(twilio.asked) == TIMES + 1
    assert all(2**n <= seconds <= 1.25 * 2**n for n, seconds in enumerate(waits.seconds))
    assert max(waits.seconds) <= MOST_SECONDS


def test_what_writes_is_asked_again_only_where_it_was_not_done(twilio: StandIn, workspaces: Any) -> None:
    """A 429 says so; after a failure inside, there might be two."""
    twilio.plant(429, 20429, "Too Many Requests", headers={"Retry-After": "0"}, times=1, method="POST")
    workspaces.create(friendly_name="Once")
    assert [each.friendly_name for each in workspaces.list()] == ["Once"]
    twilio.plant(503, 20503, "Unavailable", method="POST")
    with pytest.raises(TwilioRestException):
        workspaces.create(friendly_name="Again")
    assert [(each.method, each.status) for each in twilio.asked if each.method == "POST"] == [
        ("POST", 429),
        ("POST", 201),
        ("POST", 503),
    ]


def test_what_reads_is_asked_again_after_a_failure(twilio: StandIn, workspaces: Any, waits: Waits) -> None:
    twilio.plant(502, None, "", times=2)
    assert workspaces.list() == []
    assert (waits.seconds, waits.told) == ([0.5, 1.0], [])
    twilio.plant(502, None, "")
    with pytest.raises(TaskRouterError), asking("list the Workspaces"):
        workspaces.list()


@pytest.mark.parametrize("said", ["3600", "Wed, 21 Oct 2026 07:28:00 GMT", "-1"])
def test_who_is_told_to_wait_for_long_is_not_kept(twilio: StandIn, workspaces: Any, waits: Waits, said: str) -> None:
    twilio.plant(429, 20429, "Too Many Requests", headers={"Retry-After": said}, times=1)
    if said == "3600":
        with pytest.raises(TaskRouterError), asking("list the Workspaces"):
            workspaces.list()
        assert waits.seconds == []
    else:
        assert workspaces.list() == []
        assert 1 <= waits.seconds[0] <= 1.25


def test_a_client_that_is_closed_waits_no_more(twilio: StandIn, workspaces: Any, waits: Waits) -> None:
    waits.closed = True
    twilio.plant(429, 20429, "Too Many Requests")
    with pytest.raises(TaskRouterError), asking("list the Workspaces"):
        workspaces.list()
    assert len(twilio.asked) == 1


def test_what_a_learner_sends_is_not_repeated(twilio: StandIn) -> None:
    twilio.plant(429, 20429, "Too Many Requests")
    with pytest.raises(TaskRouterError, match="wait a moment") as refused, asking("list the Workspaces"):
        connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN)).taskrouter.v1.workspaces.list()
    assert (refused.value.status, refused.value.code, len(twilio.asked)) == (429, 20429, 1)
