"""Capability tokens: what version 1 of TaskRouter's JavaScript SDK proves with who it is. Made by the official SDK."""

from __future__ import annotations

import warnings

from labkit.settings import Secret


def worker_capability_token(
    *, account_sid: str, auth_token: Secret, workspace_sid: str, worker_sid: str, **granted: bool
) -> Secret:
    """A token that begins to live now (docs: /docs/taskrouter/js-sdk-v1/worker).

    Args:
        account_sid: whose Worker it is.
        auth_token: of the account, which signs it.
        workspace_sid, worker_sid: the Worker's.
        granted: the SDK's own arguments, such as `allow_update_activities`.
    """
    from twilio.jwt.taskrouter.capabilities import WorkerCapabilityToken

    made = WorkerCapabilityToken(account_sid, auth_token.reveal(), workspace_sid, worker_sid, **granted)
    with warnings.catch_warnings():  # a sandbox's auth token may be shorter than PyJWT would have it
        warnings.simplefilter("ignore")
        return Secret(str(made.to_jwt()))
