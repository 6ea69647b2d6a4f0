"""labkit.account: what is wrong with an account or its credentials is one sentence each. Over TLS, by Twilio's name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sandbox.local import ACCOUNT, TOKEN
from twilio_stand_in import StandIn

from labkit.account.facts import look_at_account
from labkit.errors import TaskRouterError
from labkit.settings import Secret
from labkit.taskrouter.access_token import ApiKey
from labkit.taskrouter.client import connect

WRONG = "0f1e2d3c4b5a6978" * 2
KEY = ApiKey(f"SK{'3' * 32}", Secret("5" * 32))


def refusal(**signs_in: Any) -> TaskRouterError:
    client = connect(account_sid=ACCOUNT, **(signs_in or {"auth_token": Secret(TOKEN)}))
    with pytest.raises(TaskRouterError) as refused:
        look_at_account(client, ACCOUNT)
    client.http_client.session.close()
    text = str(refused.value)
    assert [each for each in (TOKEN, WRONG, WRONG[-4:], KEY.secret.reveal(), ACCOUNT) if each in text] == []
    return refused.value


def test_an_account_that_lets_in(twilio: StandIn) -> None:
    twilio.account["type"] = "Trial"
    found = look_at_account(connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN)), ACCOUNT)
    assert (found.name, found.is_trial, found.clock_remark) == ("Ana's", True, "")
    assert twilio.paths() == [f"/2010-04-01/Accounts/{ACCOUNT}.json"], "one look"


@pytest.mark.usefixtures("twilio")
def test_a_wrong_token() -> None:
    """Of another account, or rotated: Twilio answers both alike."""
    error = refusal(auth_token=Secret(WRONG))
    assert (error.status, error.code) == (401, 20003)
    assert str(error) == (
        "Twilio does not take TWILIO_AUTH_TOKEN for the account AC…1111: it is not that account's, or a new one has "
        "taken its place. Copy both again from the first page of the Console. Each Region of Twilio has tokens and "
        "keys of its own; TWILIO_REGION sets another one than us1. A suspended or closed account is answered in the "
        "same way. A proxy is in between (HTTPS_PROXY), and may have taken the credentials away. (HTTP 401, code 20003)"
    )


@pytest.mark.usefixtures("twilio")
def test_a_token_that_lost_a_part() -> None:
    assert "TWILIO_AUTH_TOKEN has 29 characters, and Twilio's have 32" in str(refusal(auth_token=Secret(WRONG[:-3])))


def test_a_token_of_another_region(twilio: StandIn) -> None:
    text = str(refusal(auth_token=Secret(WRONG), region="ie1", edge="dublin"))
    assert "TWILIO_REGION is ie1, and each Region has tokens and keys of its own: these must be those of ie1" in text
    assert {each.host for each in twilio.asked} == {"api.dublin.ie1.twilio.com", "taskrouter.dublin.ie1.twilio.com"}


@pytest.mark.usefixtures("twilio")
def test_a_key_that_was_deleted() -> None:
    assert str(refusal(api_key=KEY)).startswith(
        "Twilio does not take the API key SK…3333 for the account AC…1111: it was deleted, it is another account's, or "
        "TWILIO_API_KEY_SECRET is not its secret."
    )


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_is_not_active(twilio: StandIn, status: str) -> None:
    twilio.account["status"] = status
    text = str(refusal())
    assert text.startswith(f"The account AC…1111 is {status}, so Twilio does nothing for it. ")
    assert ("Payment opens it again" in text) == (status == "suspended")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, 20005, "The account AC…1111 is suspended or closed, so Twilio does nothing for it."),
        (403, 10001, "The account AC…1111 is suspended or closed, so Twilio does nothing for it."),
        (403, 20008, "These are the test credentials of an account, which TaskRouter does not take: give the l"),
        (404, 20404, "With these credentials there is no account AC…1111: see that the Account SID is theirs."),
        (403, 10002, "The account AC…1111 may not do this; the Console says what a trial"),
        (500, 20500, 'Asked to look at the account, TaskRouter answered HTTP 500, code 20500: "planted". That is Tw'),
        (503, 20503, 'Asked to look at the account, TaskRouter answered HTTP 503, code 20503: "planted". That is Tw'),
    ],
)  # fmt: skip
def test_other_refusals(twilio: StandIn, status: int, code: int, words: str) -> None:
    twilio.plant(status, code, "planted")
    error = refusal()
    assert (error.status, error.code) == (status, code) or code in (20005, 10001)
    assert str(error).startswith(words)


def test_a_standard_key_may_not_see_the_account_and_works(twilio: StandIn) -> None:
    twilio.plant(401, 20003, "Authenticate", path="/Accounts/")
    twilio.plant(
        200, body={"meta": {"key": "workspaces", "next_page_url": None}, "workspaces": []}, path="/v1/Workspaces"
    )
    found = look_at_account(connect(account_sid=ACCOUNT, api_key=KEY), ACCOUNT)
    assert (found.sid, found.name) == (ACCOUNT, "")


@pytest.mark.parametrize("code", [20403, 70051, 20003])
def test_a_restricted_key_without_taskrouter(twilio: StandIn, code: int) -> None:
    twilio.plant(401, 20003, "Authenticate", path="/Accounts/")
    twilio.plant(403, code, "planted", path="/v1/Workspaces")
    assert str(refusal(api_key=KEY)).startswith(
        "The API key SK…3333 may not do this: a Restricted key needs TaskRouter's permissions, to read and to write."
    )


@pytest.mark.parametrize(
    ("minutes", "words"), [(10, "is 10 min behind Twilio's"), (-10, "is 10 min ahead of Twilio's"), (0, "")]
)
def test_a_clock_that_is_wrong_is_remarked(twilio: StandIn, minutes: int, words: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    twilio.plant(200, body=twilio.account, headers={"Date": date})
    remark = look_at_account(connect(account_sid=ACCOUNT, auth_token=Secret(TOKEN)), ACCOUNT).clock_remark
    assert words in remark
    assert bool(remark) == bool(words)
