"""Who an older page is and what it may ask: tokens as the official SDK makes them, and all that they can be instead."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.jwt.taskrouter.capabilities import (
    TaskQueueCapabilityToken,
    WorkerCapabilityToken,
    WorkspaceCapabilityToken,
)

from labkit.errors import Refusal
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.bridge.capability_tokens import MOST_POLICIES, Capability, CapabilityTokens, ParameterFilter, Policy
from labkit.sandbox.refusals import Forbidden

ACCOUNT, OTHER_ACCOUNT = f"AC{'1' * 32}", f"AC{'2' * 32}"
AUTH_TOKEN = "made-up-auth-token-of-32-letters"
WORKSPACE, WORKER, QUEUE = f"WS{'3' * 32}", f"WK{'4' * 32}", f"WQ{'5' * 32}"
ACCOUNTS = Accounts({ACCOUNT: AUTH_TOKEN, OTHER_ACCOUNT: AUTH_TOKEN[::-1]})
KEY_SID, _ = ACCOUNTS.create_key(ACCOUNT)
HERE = f"/v1/Workspaces/{WORKSPACE}"
OWN = f"{HERE}/Workers/{WORKER}"
COLLECTED = time.time()
"""When the parameters below were made; their tests may run long after."""


def made(**more: Any) -> str:
    return str(WorkerCapabilityToken(ACCOUNT, AUTH_TOKEN, WORKSPACE, WORKER, **more).to_jwt())


def verify(text: str, *, now: float | None = None) -> Capability:
    return CapabilityTokens(ACCOUNTS, now=lambda: time.time() if now is None else now).verify(text)


def signed(*, secret: str = AUTH_TOKEN, **changes: Any) -> str:
    """A token as the SDK makes it, but for some claims; None leaves one out."""
    claims = jwt.decode(made(), options={"verify_signature": False})
    return jwt.encode({n: v for n, v in {**claims, **changes}.items() if v is not None}, secret, algorithm="HS256")


def allows(capability: Capability, method: str, path: str, **names: Any) -> bool:
    try:
        capability.check(method, path, **names)
    except Forbidden:
        return False
    return True


def test_a_token_of_the_official_sdk_says_who_asks() -> None:
    """The account has signed it; the channel is the Worker, a TaskQueue or the Workspace."""
    capability = verify(made(ttl=600))
    assert (capability.account_sid, capability.workspace_sid, capability.channel) == (ACCOUNT, WORKSPACE, WORKER)
    assert capability.expires_at == pytest.approx(time.time() + 600, abs=5)
    of_queue = TaskQueueCapabilityToken(ACCOUNT, AUTH_TOKEN, WORKSPACE, QUEUE).to_jwt()
    of_workspace = WorkspaceCapabilityToken(ACCOUNT, AUTH_TOKEN, WORKSPACE).to_jwt()
    assert [verify(text).channel for text in (of_queue, of_workspace)] == [QUEUE, WORKSPACE]


@pytest.mark.parametrize(
    ("asked", "granted", "by_itself"),
    [
        (("GET", OWN), {}, True),
        (("GET", f"{HERE}/Activities"), {}, True),
        (("GET", f"{OWN}/Reservations"), {}, True),
        (("GET", f"{HERE}/Tasks/WT1/Reservations/WR1"), {}, True),
        (("POST", f"/v1/wschannels/{ACCOUNT}/{WORKER}"), {}, True),
        (("POST", f"{OWN}/Reservations/WR1"), {"allow_update_reservations": True}, False),
        (("POST", f"{HERE}/Tasks/WT1"), {"allow_update_reservations": True}, False),
        (("DELETE", OWN), {"allow_delete_self": True}, False),
        (("GET", f"{OWN}/WorkerChannels/WC1"), {"allow_fetch_subresources": True}, False),
    ],
)
def test_what_the_official_sdk_grants(asked: tuple[str, str], granted: dict[str, bool], by_itself: bool) -> None:
    """Some of it by itself, the rest where it is asked for."""
    assert allows(verify(made()), *asked) is by_itself
    assert allows(verify(made(**granted)), *asked)


@pytest.mark.parametrize(
    "path",
    [
        f"{HERE}/Workers/WK{'9' * 32}",
        f"{HERE}/Workers",
        HERE,
        f"/v1/Workspaces/WS{'9' * 32}/Activities",
        f"{HERE}/Activities/WA1",
        f"{OWN}/",
        "",
    ],
)
def test_what_it_does_not_grant(path: str) -> None:
    """Another Worker, all Workers, another Workspace."""
    assert not allows(verify(made(allow_update_self=True)), "GET", path)


def test_an_activity_may_be_set_and_nothing_else() -> None:
    """A filter names the parameters that there must be; with another one beside it the request is another one."""
    capability = verify(made(allow_update_activities=True))
    assert allows(capability, "POST", OWN, post=["ActivitySid"])
    assert not allows(capability, "POST", OWN, post=["Attributes"])
    assert not allows(capability, "POST", OWN, post=["ActivitySid", "Attributes"])
    assert not allows(capability, "POST", OWN)


def test_what_is_optional_may_be_there() -> None:
    """And nothing that the filter does not name."""
    optional = ParameterFilter(required=frozenset("a"), optional=frozenset("b"))
    assert [optional.passes(names) for names in ("a", "ab", "b", "abc")] == [True, True, False, False]
    assert ParameterFilter().passes(["anything"])


def test_what_one_policy_forbids_no_other_allows() -> None:
    """Whichever comes first."""
    allowed = {"url": f"https://taskrouter.twilio.com{HERE}/**", "method": "GET", "allow": True}
    forbidden = {**allowed, "url": f"https://taskrouter.twilio.com{HERE}/Tasks/*", "allow": False}
    for policies in ([allowed, forbidden], [forbidden, allowed]):
        capability = verify(signed(policies=policies))
        assert allows(capability, "GET", f"{HERE}/Tasks")
        assert not allows(capability, "GET", f"{HERE}/Tasks/WT1")
        assert allows(capability, "GET", f"{HERE}/Tasks/WT1/Reservations")


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/a/*", "/a", False),
        ("/a/**", "/a", True),
        ("/a/**", "/a/b/c", True),
        ("/a/**/d", "/a/b/c/d", True),
        ("/a/**/d", "/a/b/c", False),
        ("/**/*/**", "/a", True),
        ("/a*", "/ab", False),
    ],
)
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    """`*` stands for one part of the path, `**` for any number of them."""
    policy = Policy(parts=tuple(pattern.split("/")), method="GET", allow=True)
    assert policy.covers("GET", path, query=(), post=()) is fits


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 401, "no token"),
        ("made up", 401, "no JWT"),
        (signed(secret=AUTH_TOKEN[::-1]), 401, "signature"),
        (signed(iss=KEY_SID), 401, "API key"),
        (signed(iss=f"AC{'7' * 32}"), 401, "no account"),
        (signed(exp=COLLECTED - 1), 401, "expired"),
        (signed(exp=None), 401, "exp"),
        (signed(nbf=COLLECTED + 600), 401, "nbf"),
        (signed(account_sid=OTHER_ACCOUNT), 403, "account_sid"),
        (signed(workspace_sid="WS1"), 403, "Workspace"),
        (signed(channel=f"WT{'1' * 32}"), 403, "channel"),
        (signed(policies=None), 403, "policies"),
        (signed(policies=[{}] * (MOST_POLICIES + 1)), 403, "policies"),
        (signed(policies=[{"method": "GET"}]), 403, "url"),
        (signed(policies=[{"url": "http://[", "method": "GET"}]), 403, "url"),
        (signed(policies=[{"url": "/v1", "post_filter": []}]), 403, "filter"),
    ],
)
def test_what_proves_nothing_is_refused(text: str, status: int, words: str) -> None:
    """With the reason, and without the token."""
    with pytest.raises(Refusal, match=words) as caught:
        verify(text, now=COLLECTED)
    assert caught.value.status == status
    assert text not in str(caught.value) or not text


_NAMES = st.sampled_from(["url", "method", "allow", "query_filter", "post_filter", "required", "x"])
_CLAIMS = st.sampled_from(["account_sid", "workspace_sid", "channel", "policies", "exp", "nbf"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(claims=st.dictionaries(_CLAIMS, _json))
def test_whatever_is_signed_is_read_or_refused(claims: dict[str, Any]) -> None:
    """The account may sign nonsense."""
    with suppress(Refusal):
        allows(verify(signed(**claims)), "GET", OWN, query=["a"])
