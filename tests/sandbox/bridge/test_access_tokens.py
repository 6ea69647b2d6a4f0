"""Who a Worker's browser is: tokens as the official SDK makes them, and all that they can be instead."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox.worker_tokens import ApiKey, worker_token
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant, VoiceGrant

from labkit.errors import Refusal
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.bridge import signed_tokens
from labkit.sandbox.bridge.access_tokens import AccessTokens, Grant
from labkit.sandbox.bridge.signed_tokens import MAX_CHARACTERS, MOST_REMEMBERED
from labkit.vocabulary import Role

ACCOUNT, OTHER_ACCOUNT = f"AC{'1' * 32}", f"AC{'2' * 32}"
AUTH_TOKEN = "made-up-auth-token-of-32-letters"
WORKSPACE, WORKER = f"WS{'3' * 32}", f"WK{'4' * 32}"
ACCOUNTS = Accounts({ACCOUNT: AUTH_TOKEN, OTHER_ACCOUNT: AUTH_TOKEN[::-1]})
KEY = ApiKey(ACCOUNT, *ACCOUNTS.create_key(ACCOUNT))
NOW = time.time()


def verify(text: str, *, now: float | None = None) -> Grant:
    return AccessTokens(ACCOUNTS, now=lambda: time.time() if now is None else now).verify(text)


def refused(text: str, *, now: float | None = None) -> tuple[int, int, str]:
    with pytest.raises(Refusal) as caught:
        verify(text, now=now)
    assert text not in f"{caught.value} {caught.value!r}" or not text
    return caught.value.status, caught.value.code, str(caught.value)


def signed(changes: dict[str, Any], *, secret: str = KEY.secret, **header: Any) -> str:
    """A token as the SDK makes it at NOW, but for some claims (None leaves one out), and its header."""
    claims = jwt.decode(worker_token(KEY, WORKSPACE, WORKER), options={"verify_signature": False})
    claims = {name: value for name, value in {**claims, "nbf": NOW, **changes}.items() if value is not None}
    algorithm = header.pop("alg", "HS256")
    return jwt.encode(claims, secret if algorithm != "none" else "", algorithm=algorithm, headers=header)


def test_a_token_of_the_official_sdk_says_who_asks() -> None:
    """With the account of its key, for as long as it says."""
    grant = verify(worker_token(KEY, WORKSPACE, WORKER, ttl=600))

    assert grant.expires_at == pytest.approx(time.time() + 600, abs=5)
    assert (grant.account_sid, grant.workspace_sid, grant.worker_sid) == (ACCOUNT, WORKSPACE, WORKER)
    assert grant.role is Role.WORKER


@pytest.mark.parametrize("role", ["worker", "supervisor", "admin"])
def test_the_role_is_the_grants(role: str) -> None:
    """An admin's token names no Worker."""
    worker_sid = None if role == "admin" else WORKER
    grant = verify(worker_token(KEY, WORKSPACE, worker_sid, role=role))
    assert (grant.role, grant.worker_sid) == (role, worker_sid or "")


def test_a_token_without_a_role_is_a_workers() -> None:
    """And other grants may stand beside TaskRouter's."""
    grants = {"task_router": {"workspace_sid": WORKSPACE, "worker_sid": WORKER}, "voice": {"incoming": {"allow": True}}}
    assert verify(signed({"grants": grants})).role is Role.WORKER


def test_a_long_life_is_taken() -> None:
    """The client gets no more than a day of it at once."""
    assert verify(signed({"exp": NOW + 10_000_000})).expires_at == NOW + 10_000_000


@pytest.mark.parametrize(
    ("text", "status", "code", "why"),
    [
        ("", 401, 20101, "There is no token"),
        ("abc", 401, 20101, "no JWT"),
        ("a.b.c", 401, 20101, "no JWT"),
        ("é.\ud800.☃", 401, 20101, "no JWT"),
        ("x" * (MAX_CHARACTERS + 1), 401, 20101, "are no token"),
        (signed({}, secret="another secret, of the same size"), 401, 20107, "signature"),
        (signed({}, secret=AUTH_TOKEN), 401, 20107, "signature"),
        (signed({"iss": ACCOUNT}, secret=AUTH_TOKEN), 401, 20103, "made with an API key"),
        (signed({"iss": f"SK{'0' * 32}"}), 401, 20103, f"no API key SK{'0' * 32}"),
        (signed({"iss": None}), 401, 20103, "`iss` is not the SID of an API key"),
        (signed({"iss": "SK\n[31m"}), 401, 20103, "`iss` is not the SID of an API key"),
        (signed({}, alg="none"), 401, 20102, "HS256"),
        (signed({}, alg="HS384", secret=KEY.secret * 2), 401, 20102, "HS256"),
        (signed({"exp": NOW - 7}), 401, 20104, "expired 7 s ago"),
        (signed({"exp": None}), 401, 20104, "no `exp`"),
        (signed({"exp": True}), 401, 20104, "no `exp`"),
        (signed({"nbf": NOW + 60}), 401, 20105, "in 60 s"),
        (signed({"sub": OTHER_ACCOUNT}), 403, 20403, "not the account"),
        (signed({"sub": None}), 403, 20403, "not the account"),
        (signed({"grants": None}), 403, 20106, "no TaskRouter grant"),
        (signed({"grants": []}), 403, 20106, "no TaskRouter grant"),
        (signed({"grants": {"task_router": "all"}}), 403, 20106, "no TaskRouter grant"),
        (signed({"grants": {"task_router": {}}}), 403, 20106, "names no Workspace"),
        (signed({"grants": {"task_router": {"workspace_sid": 7}}}), 403, 20106, "names no Workspace"),
        (
            signed({"grants": {"task_router": {"workspace_sid": WORKSPACE, "worker_sid": "Alice"}}}),
            403,
            20106,
            "not the SID of a Worker",
        ),
        (
            signed({"grants": {"task_router": {"workspace_sid": WORKSPACE, "role": ["boss"]}}}),
            403,
            20106,
            "worker, supervisor, admin",
        ),
    ],
)
def test_what_proves_nothing_is_refused(text: str, status: int, code: int, why: str) -> None:
    """With the status of the contract, one of Twilio's codes, and a reason that a learner can read."""
    found = refused(text, now=NOW)
    assert found[:2] == (status, code)
    assert why in found[2]


def test_a_token_holds_until_its_last_second() -> None:
    """Judged by the clock that is given, which is the real one."""
    text = signed({"exp": NOW + 60})
    assert verify(text, now=NOW + 59.9).expires_at == NOW + 60
    assert refused(text, now=NOW + 60)[:2] == (401, 20104)


def test_a_key_acts_for_its_own_account_only() -> None:
    """A key of one account cannot sign for another."""
    theirs = ApiKey(OTHER_ACCOUNT, KEY.sid, KEY.secret)
    assert refused(worker_token(theirs, WORKSPACE, WORKER))[0] == 403


def test_a_token_for_another_product_is_no_workers() -> None:
    """Its signature is right, and it grants nothing here."""
    token = AccessToken(KEY.account_sid, KEY.sid, KEY.secret, grants=[VoiceGrant(incoming_allow=True)]).to_jwt()
    assert refused(str(token))[:2] == (403, 20106)
    assert TaskRouterGrant().key == "task_router"


@pytest.mark.parametrize("payload", [b"[" * 5000, b'{"iss": NaN', b"[1]", b"7", b"\xff\xfe"])
def test_a_payload_that_is_none_is_no_jwt(payload: bytes) -> None:
    """However deep it is nested."""
    parts = [json.dumps({"alg": "HS256", "typ": "JWT"}).encode(), payload, b"signature"]
    text = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    assert refused(text)[:2] == (401, 20101)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,80}\.[A-Za-z0-9_-]{1,40}", fullmatch=True))
def test_any_text_is_refused_and_nothing_breaks(text: str) -> None:
    """Nobody guesses one."""
    with pytest.raises(Refusal):
        verify(text)


def test_a_refusal_is_logged_once_with_its_reason_and_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    """A browser tries for ever; another token is another line."""
    tokens = AccessTokens(ACCOUNTS)
    first, second = signed({"exp": 1}), signed({"exp": 2})
    for text in (first, first, second, first):
        with pytest.raises(Refusal):
            tokens.verify(text)

    assert len(caplog.records) == 2
    assert all("a Worker token was refused (401): The token expired" in line for line in caplog.messages)
    assert not [part for part in (*first.split("."), *second.split(".")) if part in caplog.text]
    assert all(record.exc_info is None for record in caplog.records)


def test_not_every_refused_token_is_remembered(caplog: pytest.LogCaptureFixture) -> None:
    """The oldest is forgotten, so that nobody fills the memory."""
    tokens = AccessTokens(ACCOUNTS)
    for number in [*range(MOST_REMEMBERED + 1), 0]:
        with pytest.raises(Refusal):
            tokens.verify(f"token {number}")

    assert len(tokens._refused) == MOST_REMEMBERED
    assert len(caplog.records) == MOST_REMEMBERED + 2


def test_a_token_is_proved_once_and_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature takes longer to check than many a request to answer. Only so many are remembered."""
    moments = iter([NOW, NOW + 1, NOW + 2, NOW + 60, NOW + 61])
    tokens = AccessTokens(ACCOUNTS, now=lambda: next(moments))
    text, checked = signed({"exp": NOW + 60, "nbf": None}), []
    check = signed_tokens.check_signature
    monkeypatch.setattr(
        signed_tokens, "check_signature", lambda *asked, **whose: checked.append(asked) or check(*asked, **whose)
    )
    assert tokens.verify(text) == tokens.verify(text) == tokens.verify(text)
    assert len(checked) == 1
    with pytest.raises(Refusal, match="expired"):
        tokens.verify(text)

    monkeypatch.setattr(signed_tokens, "MOST_REMEMBERED", 2)
    several = AccessTokens(ACCOUNTS)
    for number in range(4):
        several.verify(signed({"jti": str(number)}))
    assert len(several._proved) == 2
