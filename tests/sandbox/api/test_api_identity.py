"""`GET /_sandbox/identity`: the sandbox proves who it is, and gives nothing away."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sandbox.local import ACCOUNT, OTHER_ACCOUNT, OTHER_TOKEN, TOKEN, LocalSandbox, local_sandbox

from labkit.sandbox.process import APP, proof

NONCE = "0123456789abcdef" * 2


def ask(sandbox: LocalSandbox, **query: str) -> tuple[int, dict[str, Any]]:
    """The status and the answer, to somebody without credentials."""
    answer = requests.get(f"{sandbox.url}/_sandbox/identity", params=query, timeout=10)
    return answer.status_code, answer.json()


def test_every_account_has_a_proof_of_its_own() -> None:
    """Made with its token, and without the token in it."""
    with local_sandbox() as sandbox:
        for account, token in ((ACCOUNT, TOKEN), (OTHER_ACCOUNT, OTHER_TOKEN)):
            status, answer = ask(sandbox, AccountSid=account, Nonce=NONCE)
            assert (status, answer) == (200, {"app": APP, "proof": proof(token, NONCE)})
            assert token not in str(answer)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"AccountSid": ACCOUNT}, 400),
        ({"AccountSid": ACCOUNT, "Nonce": "short"}, 400),
        ({"AccountSid": ACCOUNT, "Nonce": "g" * 32}, 400),
        ({"AccountSid": ACCOUNT, "Nonce": "a" * 129}, 400),
        ({"Nonce": NONCE}, 401),
        ({"AccountSid": f"AC{'9' * 32}", "Nonce": NONCE}, 401),
    ],
)
def test_what_cannot_be_proved_is_refused(query: dict[str, str], status: int) -> None:
    """A number of the wrong form, or an account that is not here."""
    with local_sandbox() as sandbox:
        assert ask(sandbox, **query)[0] == status
