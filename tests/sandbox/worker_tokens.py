"""Tokens for the Worker SDK, made as one's own server makes them: by the official SDK, with an API key's secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant


@dataclass(frozen=True)
class ApiKey:
    """An API key, as `POST /_sandbox/keys` gives it."""

    account_sid: str
    sid: str
    secret: str


def worker_token(key: ApiKey, workspace_sid: str, worker_sid: str | None = None, **more: Any) -> str:
    """An access token with a TaskRouter grant.

    Args:
        key: signs it.
        workspace_sid, worker_sid: of the grant.
        more: `role` of the grant; and whatever the SDK's `AccessToken` takes, such as `ttl`.
    """
    grant = TaskRouterGrant(workspace_sid=workspace_sid, worker_sid=worker_sid, role=more.pop("role", "worker"))
    given = {"identity": "Alice", "grants": [grant], **more}
    made = AccessToken(key.account_sid, key.sid, key.secret, **given).to_jwt()
    return made if isinstance(made, str) else made.decode()
