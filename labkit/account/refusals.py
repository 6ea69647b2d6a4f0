"""Why Twilio does not let the lab in to an account, as a sentence with what to do (docs: /docs/api/errors)."""

from __future__ import annotations

import os
from typing import Any

from labkit import credentials
from labkit.error_codes import ErrorCode
from labkit.errors import TaskRouterError
from labkit.settings import mask
from labkit.twilio_regions import HOME_REGION
from labkit.vocabulary import Sid, is_sid

NOT_ACTIVE = (ErrorCode.ACCOUNT_SUSPENDED, ErrorCode.ACCOUNT_NOT_ACTIVE)
"""Twilio's codes for an account that is suspended or closed."""
_ACCOUNT_DOES_NOT_HAVE_IT = (ErrorCode.NOT_IN_A_TRIAL, ErrorCode.NOT_OF_THIS_ACCOUNT, ErrorCode.NO_PERMISSION)
_KEYS = "Account, API keys & tokens"


def not_active(account_sid: str, status: str) -> TaskRouterError:
    """For an account whose own record says `suspended` or `closed`."""
    closed = "A closed account does not come back, so use the credentials of another one."
    suspended = "The Console says why; often its balance is used up. Payment opens it again, which takes some minutes."
    return TaskRouterError(
        f"The account {mask(account_sid)} is {status}, so Twilio does nothing for it. "
        f"{closed if status == 'closed' else suspended}",
        status=403,
    )


def explained(error: TaskRouterError, *, client: Any) -> TaskRouterError:
    """The same refusal with what it means for these credentials; without them, and without a guess where all is clear.

    Args:
        error: what Twilio has said when it was asked for the account, or first for anything in it.
        client: who asked, from `labkit.taskrouter.client.connect`.
    """
    if (error.status or 0) >= 500:
        whole = f"{error} That is Twilio's own trouble; status.twilio.com tells when it is over."
        return TaskRouterError(whole, status=error.status, code=error.code)
    sentence = _sentence(error, client)
    if not sentence:
        return error
    told = f"HTTP {error.status}" + (f", code {error.code}" if error.code not in (None, error.status) else "")
    return TaskRouterError(f"{sentence} ({told})", status=error.status, code=error.code)


def _sentence(error: TaskRouterError, client: Any) -> str:
    account = mask(str(client.account_sid))
    if error.code in NOT_ACTIVE:
        return str(not_active(str(client.account_sid), "suspended or closed"))
    if error.code == ErrorCode.TEST_CREDENTIALS:
        return (
            f"These are the test credentials of an account, which TaskRouter does not take: give the live ones, which "
            f"stand in the Console under {_KEYS}."
        )
    if error.status == 404:
        return f"With these credentials there is no account {account}: see that the Account SID is theirs."
    if error.code in _ACCOUNT_DOES_NOT_HAVE_IT:
        return f"The account {account} may not do this; the Console says what a trial or its plan leaves out."
    if error.status == 401:
        return _not_let_in(client, account)
    return _not_allowed(client) if error.status == 403 else ""


def _not_let_in(client: Any, account: str) -> str:
    if is_sid(client.username, Sid.API_KEY):
        secret = credentials.API_KEY_SECRET
        causes = (
            f"Twilio does not take the API key {mask(client.username)} for the account {account}: it was deleted, it "
            f"is another account's, or {secret} is not its secret. The Console has keys under {_KEYS}."
        )
    else:
        secret = credentials.AUTH_TOKEN
        causes = (
            f"Twilio does not take {secret} for the account {account}: it is not that account's, or a new one has "
            "taken its place. Copy both again from the first page of the Console."
        )
    if clue := credentials.length_clue({secret: client.password}):
        return f"{causes} {clue}"
    suspended = "A suspended or closed account is answered in the same way."
    return " ".join(filter(None, [causes, _region(client), suspended, _proxy()]))


def _region(client: Any) -> str:
    region = client.region or HOME_REGION
    if region == HOME_REGION:
        return f"Each Region of Twilio has tokens and keys of its own; TWILIO_REGION sets another one than {region}."
    return (
        f"TWILIO_REGION is {region}, and each Region has tokens and keys of its own: these must be those of {region}, "
        f"which the Console shows under {_KEYS} when that Region is chosen."
    )


def _proxy() -> str:
    behind = any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy"))
    return "A proxy is in between (HTTPS_PROXY), and may have taken the credentials away." if behind else ""


def _not_allowed(client: Any) -> str:
    if not is_sid(client.username, Sid.API_KEY):
        return ""
    return (
        f"The API key {mask(client.username)} may not do this: a Restricted key needs TaskRouter's permissions, to "
        f"read and to write. Add them in the Console under {_KEYS}, or use a Standard key."
    )
