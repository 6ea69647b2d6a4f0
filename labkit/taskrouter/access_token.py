"""Access tokens for a Worker: what the Worker SDK in a browser proves with who it is. Made by the official SDK."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from labkit import limits
from labkit.errors import ArgumentError
from labkit.settings import Secret

ROLES = ("worker", "supervisor")
"""What a token lets its Worker do: look after itself, or change others as well (docs: /docs/taskrouter/js-sdk-v2)."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key of an account (docs: /docs/iam/api-keys)."""

    sid: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a token is to be for.

    Args:
        workspace_sid: the Workspace, `WS…`.
        worker_sid: the Worker, `WK…`.
        identity: a name for whoever holds it; TaskRouter does not look at it.
        role: `worker` or `supervisor`.
        lifetime_seconds: from 1 to 86,400.

    Raises:
        ArgumentError: there is no such role, or no token may live so long.
    """

    workspace_sid: str
    worker_sid: str
    identity: str
    role: str
    lifetime_seconds: int

    def __post_init__(self) -> None:
        check(role=self.role, lifetime_seconds=self.lifetime_seconds)


def check(*, role: str, lifetime_seconds: int) -> None:
    """Raise an ArgumentError if there is no such role, or no token may live so long."""
    if role not in ROLES:
        near = get_close_matches(str(role), ROLES, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else "."
        raise ArgumentError(f"role is {role!r}{meant} It takes: {', '.join(map(repr, ROLES))}.")
    most = limits.MAX_ACCESS_TOKEN_SECONDS
    if type(lifetime_seconds) is not int or not 1 <= lifetime_seconds <= most:
        raise ArgumentError(
            f"lifetime_seconds is {lifetime_seconds!r}; give a whole number of seconds from 1 to {most:,}."
        )


def access_token(request: TokenRequest, *, account_sid: str, key: ApiKey, region: str = "") -> Secret:
    """A token that begins to live now, signed with this key of the account, for Twilio's region if one is given."""
    from twilio.jwt.access_token import AccessToken
    from twilio.jwt.access_token.grants import TaskRouterGrant

    token = AccessToken(
        account_sid,
        key.sid,
        key.secret.reveal(),
        identity=request.identity,
        ttl=request.lifetime_seconds,
        region=region or None,
    )
    token.add_grant(TaskRouterGrant(request.workspace_sid, request.worker_sid, request.role))
    return Secret(token.to_jwt())
