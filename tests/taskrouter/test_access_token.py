"""Access tokens for a Worker: what the SDK writes into them, and what is refused before it is asked."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from labkit.errors import ArgumentError
from labkit.settings import Secret
from labkit.taskrouter.access_token import ApiKey, TokenRequest, access_token

ACCOUNT, WORKSPACE, WORKER = (f"{kind}{'0' * 32}" for kind in ("AC", "WS", "WK"))
KEY = ApiKey(f"SK{'1' * 32}", Secret("the secret of this API key, made up"))
ALICE = {
    "workspace_sid": WORKSPACE,
    "worker_sid": WORKER,
    "identity": "Alice",
    "role": "worker",
    "lifetime_seconds": 60,
}


def request(**fields: Any) -> TokenRequest:
    return TokenRequest(**{**ALICE, **fields})


def test_a_token_is_for_one_worker_and_ends() -> None:
    """Signed with the key's secret, by the account's key, for the Worker in its Workspace, for a minute."""
    token = access_token(request(), account_sid=ACCOUNT, key=KEY)
    said = jwt.decode(token.reveal(), KEY.secret.reveal(), algorithms=["HS256"], options={"verify_nbf": False})

    assert (said["iss"], said["sub"], said["exp"] - said["nbf"]) == (KEY.sid, ACCOUNT, 60)
    assert said["grants"] == {
        "identity": "Alice",
        "task_router": {"workspace_sid": WORKSPACE, "worker_sid": WORKER, "role": "worker"},
    }
    assert jwt.get_unverified_header(token.reveal()) == {"cty": "twilio-fpa;v=1", "typ": "JWT", "alg": "HS256"}


def test_a_token_names_the_region_whose_key_signs_it() -> None:
    """Twilio looks for the key there."""
    token = access_token(request(), account_sid=ACCOUNT, key=KEY, region="ie1")
    assert jwt.get_unverified_header(token.reveal())["twr"] == "ie1"


def test_neither_the_token_nor_the_key_is_shown() -> None:
    """Both are dots to whoever looks."""
    token = access_token(request(), account_sid=ACCOUNT, key=KEY)
    assert token.reveal() not in f"{token} {token!r} {[token]}"
    assert KEY.secret.reveal() not in f"{KEY} {KEY!r}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"role": "superviser"}, "role is 'superviser'; did you mean 'supervisor'?"),
        ({"role": "boss"}, "role is 'boss'. It takes: 'worker', 'supervisor'."),
        ({"lifetime_seconds": 0}, "lifetime_seconds is 0; give a whole number of seconds from 1 to 86,400."),
        ({"lifetime_seconds": 86_401}, "lifetime_seconds is 86401"),
        ({"lifetime_seconds": 1.5}, "lifetime_seconds is 1.5"),
        ({"lifetime_seconds": True}, "lifetime_seconds is True"),
    ],
)
def test_what_no_token_can_be_is_refused(wrong: dict[str, Any], said: str) -> None:
    """With what was given, and with what may be given."""
    with pytest.raises(ArgumentError) as refused:
        request(**wrong)
    assert said in str(refused.value)
