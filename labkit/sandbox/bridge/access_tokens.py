"""Who a Worker's browser is: an access token with a TaskRouter grant, signed with the secret of an API key.

A token is a JWT (docs: /docs/iam/access-tokens): `iss` is the API key, `sub` the account, `grants.task_router` the
Workspace, the Worker and the role. Tokens are judged by the real clock, by which Twilio's libraries make them, and not
by the sandbox's, which can be moved. A token is a secret: it stands in no refusal and in no line of the log.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.refusals import Forbidden, InvalidToken
from labkit.vocabulary import Role, Sid, is_sid

log = logging.getLogger(__name__)

MAX_CHARACTERS = 16_384
"""Of a token. One with every grant of Twilio's has some two thousand; ours, so that nobody makes us parse megabytes."""
SKEW_SECONDS = 10.0
"""By which the clock of whoever made a token may be ahead of ours: the libraries let it begin at this moment."""
MOST_REMEMBERED = 900
"""Refused tokens. A browser comes back with the same one for ever, and one line of the log is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token allows.

    Attributes:
        worker_sid: whose it is; empty where the token names no Worker.
        expires_at: seconds since 1970.
    """

    account_sid: str
    workspace_sid: str
    worker_sid: str
    role: Role
    expires_at: float


class AccessTokens:
    """Checks tokens.

    Args:
        accounts: has the API keys.
        now: the real time, in seconds since 1970.
    """

    def __init__(self, accounts: Accounts, now: Callable[[], float] = time.time) -> None:
        self._accounts = accounts
        self._now = now
        self._refused: dict[bytes, None] = {}
        """Digests of the tokens whose refusal was logged, oldest first."""

    def verify(self, text: str) -> Grant:
        """What this token allows.

        Raises:
            InvalidToken: 401: it is none, nobody knows its key, the signature is wrong, or it has expired.
            Forbidden: 403: it is of another account than its key, or has no TaskRouter grant.
        """
        try:
            return self._verified(text)
        except Refusal as refusal:
            self.log_once(text, refusal)
            raise

    def log_once(self, text: str, refusal: Refusal) -> None:
        """Say in the log why a token was refused, unless that was said of it already; the token is not shown."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if digest in self._refused:
            return
        self._refused[digest] = None
        if len(self._refused) > MOST_REMEMBERED:
            del self._refused[next(iter(self._refused))]
        log.warning("a Worker token was refused (%d): %s", refusal.status, refusal)

    def _verified(self, text: str) -> Grant:
        claims = _claims(text)
        issuer = claims.get("iss")
        account_sid, secret = (isinstance(issuer, str) and self._accounts.key(issuer)) or ("", "")
        if not secret:
            raise _unknown_issuer(issuer)
        _check_signature(text, secret)
        expires_at = self._expiry(claims)
        if claims.get("sub") != account_sid:
            raise Forbidden("the token's `sub` is not the account that its API key belongs to")
        return _grant(claims, account_sid=account_sid, expires_at=expires_at)

    def _expiry(self, claims: Mapping[str, Any]) -> float:
        now, ends, begins = self._now(), _seconds(claims.get("exp")), _seconds(claims.get("nbf"))
        if ends is None:
            raise InvalidToken("the token has no `exp` in seconds since 1970", ErrorCode.TOKEN_EXPIRED)
        if ends <= now:
            raise InvalidToken(f"the token expired {now - ends:.0f} s ago; make a new one", ErrorCode.TOKEN_EXPIRED)
        if begins is not None and begins > now + SKEW_SECONDS:
            raise InvalidToken(f"the token holds only in {begins - now:.0f} s (`nbf`)", ErrorCode.TOKEN_NOT_YET_VALID)
        return ends


def _claims(text: str) -> dict[str, Any]:
    """The payload, of which nothing is proved yet.

    Raises:
        InvalidToken: the text is no JWT, or one that is not signed as access tokens are.
    """
    if not text:
        raise InvalidToken("there is no token", ErrorCode.INVALID_TOKEN)
    if len(text) > MAX_CHARACTERS:
        raise InvalidToken(f"{len(text)} characters are no access token", ErrorCode.INVALID_TOKEN)
    try:
        algorithm = jwt.get_unverified_header(text).get("alg")
        claims: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):  # what it says could quote the token
        raise InvalidToken("this is no JWT", ErrorCode.INVALID_TOKEN) from None
    if algorithm != "HS256":
        raise InvalidToken("the token's `alg` is not HS256", ErrorCode.INVALID_TOKEN_HEADER)
    return claims


_SIGNATURE_ONLY: jwt.types.Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""The library would look at claims with a clock of its own."""


def _check_signature(text: str, secret: str) -> None:
    try:
        jwt.decode(text, secret, algorithms=["HS256"], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError:
        raise InvalidToken(
            "the token's signature is not that of its API key's secret", ErrorCode.INVALID_TOKEN_SIGNATURE
        ) from None


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


def _seconds(claim: object) -> float | None:
    """A moment in seconds since 1970; None if it is none, or beyond all calendars."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    return float(claim) if abs(claim) < 1e12 else None
