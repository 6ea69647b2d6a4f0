"""What all Workers' tokens have in common: JWTs signed with HS256, judged by the real clock.

Twilio's libraries make them by that clock, and not by the sandbox's, which can be moved. A token is a secret: it stands
in no refusal and in no line of the log.
"""

from __future__ import annotations

import hashlib
import logging
import time
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import jwt

from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.refusals import InvalidToken

log = logging.getLogger(__name__)


class Expiring(Protocol):
    """What a token allows, until a moment in seconds since 1970."""

    @property
    def expires_at(self) -> float: ...


T = TypeVar("T", bound=Expiring)

MAX_CHARACTERS = 16_384
"""Of a token. One with every grant of Twilio's has some two thousand; ours, so that nobody makes us parse megabytes."""
SKEW_SECONDS = 10.0
"""By which the clock of whoever made a token may be ahead of ours: the libraries let it begin at this moment."""
MOST_REMEMBERED = 900
"""Tokens that were good, and as many that were refused: a browser comes back with the same one for ever, and one line
of the log is enough."""


class SignedTokens(Generic[T]):
    """Checks tokens of one kind.

    Args:
        accounts: has the secrets with which they are signed.
        now: the real time, in seconds since 1970.
    """

    _signed_with: ClassVar[str]
    """What the secret is, for a refusal."""

    def __init__(self, accounts: Accounts, now: Callable[[], float] = time.time) -> None:
        self._accounts = accounts
        self._now = now
        self._proved: dict[str, T] = {}
        """What the tokens allow that were good, oldest first: a page sends the same one with every request."""
        self._refused: dict[str, None] = {}
        """Digests of the tokens whose refusal was logged, oldest first."""

    def verify(self, text: str) -> T:
        """What this token allows.

        Raises:
            InvalidToken: 401: it is none, nobody knows who signed it, the signature is wrong, or it has expired.
            Forbidden: 403: it is of another account, or does not say what it is for.
        """
        known = self._proved.get(text)
        if known is not None and self._holds(known):
            return known
        with self.logging_refusal(text):
            self._proved[text] = allowed = self._verified(text)
        _forget_oldest(self._proved)
        return allowed

    @contextmanager
    def logging_refusal(self, text: str) -> Iterator[None]:
        """Around what may refuse a token: why it did stands in the log, once for each token, which is not shown."""
        try:
            yield
        except Refusal as refusal:
            digest = digest_of(text)
            if digest not in self._refused:
                self._refused[digest] = None
                _forget_oldest(self._refused)
                log.warning("a Worker token was refused (%d): %s", refusal.status, refusal)
            raise

    def _verified(self, text: str) -> T:
        """As `verify`, without the log. What it says is believed once it is signed, and in time."""
        claims = read_claims(text)
        account_sid, secret = self._signer(claims.get("iss"))
        check_signature(text, secret, whose=self._signed_with)
        expires_at = self._expiry(claims)
        return self._allowed(claims, account_sid=account_sid, expires_at=expires_at)

    def _holds(self, allowed: T) -> bool:
        """Whether what was proved before still is."""
        return allowed.expires_at > self._now()

    @abstractmethod
    def _signer(self, issuer: object) -> tuple[str, str]:
        """The account and the secret of who is named as the issuer; an InvalidToken if there is none."""

    @abstractmethod
    def _allowed(self, claims: Mapping[str, Any], *, account_sid: str, expires_at: float) -> T:
        """What proved claims allow; a Forbidden if they are of another account, or do not say it."""

    def _expiry(self, claims: Mapping[str, Any]) -> float:
        now, ends, begins = self._now(), _seconds(claims.get("exp")), _seconds(claims.get("nbf"))
        if ends is None:
            raise InvalidToken("the token has no `exp` in seconds since 1970", ErrorCode.TOKEN_EXPIRED)
        if ends <= now:
            raise InvalidToken(f"the token expired {now - ends:.0f} s ago; make a new one", ErrorCode.TOKEN_EXPIRED)
        if begins is not None and begins > now + SKEW_SECONDS:
            raise InvalidToken(f"the token holds only in {begins - now:.0f} s (`nbf`)", ErrorCode.TOKEN_NOT_YET_VALID)
        return ends


def digest_of(text: str) -> str:
    """What tells one token from others, and is not the token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _forget_oldest(remembered: dict[Any, Any]) -> None:
    if len(remembered) > MOST_REMEMBERED:
        del remembered[next(iter(remembered))]


def read_claims(text: str) -> dict[str, Any]:
    """The payload, of which nothing is proved yet.

    Raises:
        InvalidToken: the text is no JWT, or one that is not signed as Twilio's are.
    """
    if not text:
        raise InvalidToken("there is no token", ErrorCode.INVALID_TOKEN)
    if len(text) > MAX_CHARACTERS:
        raise InvalidToken(f"{len(text)} characters are no token", ErrorCode.INVALID_TOKEN)
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


def check_signature(text: str, secret: str, *, whose: str) -> None:
    """Refuse a token that is not signed with a secret.

    Args:
        text: the token.
        secret: with which it should be signed.
        whose: what that secret is, for the refusal.

    Raises:
        InvalidToken: it is signed with another one.
    """
    try:
        jwt.decode(text, secret, algorithms=["HS256"], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError:
        raise InvalidToken(f"the token's signature is not that of {whose}", ErrorCode.INVALID_TOKEN_SIGNATURE) from None


def _seconds(claim: object) -> float | None:
    """A moment in seconds since 1970; None if it is none, or beyond all calendars."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    return float(claim) if abs(claim) < 1e12 else None
