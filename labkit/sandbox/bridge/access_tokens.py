"""Who a Worker's browser is: an access token with a TaskRouter grant, signed with the secret of an API key.

A token is a JWT (docs: /docs/iam/access-tokens): `iss` is the API key, `sub` the account, `grants.task_router` the
Workspace, the Worker and the role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from labkit.error_codes import ErrorCode
from labkit.member_routes import Member
from labkit.sandbox.api.member_keys import MemberKey
from labkit.sandbox.bridge.signed_tokens import SignedTokens
from labkit.sandbox.refusals import Forbidden, InvalidToken
from labkit.vocabulary import Role, Sid, is_sid


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token allows.

    Attributes:
        worker_sid: whose it is; empty where the token names no Worker.
        expires_at: seconds since 1970.
        member_key: SID of the member's key that signed it; empty where an API key of the account did.
    """

    account_sid: str
    workspace_sid: str
    worker_sid: str
    role: Role
    expires_at: float
    member_key: str = ""

    @property
    def member(self) -> Member | None:
        """Who it is for, where a member's key signed it."""
        return Member(workspace_sid=self.workspace_sid, worker_sid=self.worker_sid) if self.member_key else None


class AccessTokens(SignedTokens[Grant]):
    """Checks access tokens: the accounts have the API keys.

    One that a member's key signed is for that member and nobody else, and only for as long as the key holds.
    """

    _signed_with = "its API key's secret"

    def _signer(self, issuer: object) -> tuple[str, str]:
        account_sid, secret = (isinstance(issuer, str) and self._accounts.key(issuer)) or ("", "")
        if not secret:
            raise _unknown_issuer(issuer)
        return account_sid, secret

    def _allowed(self, claims: Mapping[str, Any], *, account_sid: str, expires_at: float) -> Grant:
        if claims.get("sub") != account_sid:
            raise Forbidden("the token's `sub` is not the account that its API key belongs to")
        grant = _grant(claims, account_sid=account_sid, expires_at=expires_at)
        member_key = self._accounts.member_keys.get(claims["iss"])
        return grant if member_key is None else _of_member(grant, member_key)

    def _holds(self, allowed: Grant) -> bool:
        is_taken_back = bool(allowed.member_key) and self._accounts.member_keys.get(allowed.member_key) is None
        return super()._holds(allowed) and not is_taken_back


def _of_member(grant: Grant, key: MemberKey) -> Grant:
    """What a member's own key may sign."""
    whose = Member(workspace_sid=grant.workspace_sid, worker_sid=grant.worker_sid)
    if whose != key.member or grant.role is not Role.WORKER:
        raise Forbidden(
            "the token is signed with a member's key, so it can only be for that Worker, with the role worker",
            ErrorCode.INVALID_TOKEN_GRANTS,
        )
    return replace(grant, member_key=key.sid)


def _unknown_issuer(issuer: object) -> InvalidToken:
    if is_sid(issuer, Sid.ACCOUNT):
        said = "the token's `iss` is an account; an access token is made with an API key and signed with its secret"
    elif is_sid(issuer, Sid.API_KEY):
        said = f"the sandbox has no API key {issuer}, which the token's `iss` names"
    else:
        said = "the token's `iss` is not the SID of an API key"
    return InvalidToken(said, ErrorCode.INVALID_TOKEN_ISSUER)


def _grant(claims: Mapping[str, Any], *, account_sid: str, expires_at: float) -> Grant:
    grants = claims.get("grants")
    granted = grants.get("task_router") if isinstance(grants, dict) else None
    if not isinstance(granted, dict):
        raise Forbidden("the token has no TaskRouter grant (`grants.task_router`)", ErrorCode.INVALID_TOKEN_GRANTS)
    workspace_sid, worker_sid = granted.get("workspace_sid"), granted.get("worker_sid") or ""
    if not is_sid(workspace_sid, Sid.WORKSPACE):
        raise Forbidden("the token's grant names no Workspace", ErrorCode.INVALID_TOKEN_GRANTS)
    if worker_sid and not is_sid(worker_sid, Sid.WORKER):
        raise Forbidden("the token's `worker_sid` is not the SID of a Worker", ErrorCode.INVALID_TOKEN_GRANTS)
    return Grant(
        account_sid=account_sid,
        workspace_sid=workspace_sid,
        worker_sid=worker_sid,
        role=_role(granted.get("role")),
        expires_at=expires_at,
    )


def _role(name: object) -> Role:
    """Without one it is a Worker's."""
    if name is None or name == "":
        return Role.WORKER
    if name not in tuple(Role):
        allowed = ", ".join(Role)
        raise Forbidden(f"the token's `role` is not one of {allowed}", ErrorCode.INVALID_TOKEN_GRANTS)
    return Role(str(name))
