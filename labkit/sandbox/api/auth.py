"""Who is asking: HTTP Basic with an Account SID and its auth token, or an API key SID and its secret.

Docs: /docs/usage/requests-to-twilio, /docs/iam/api-keys.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from typing import Any, Protocol

from labkit.sandbox.refusals import Unauthenticated, Unavailable
from labkit.sandbox.service import random_sid
from labkit.sandbox.store import MALFORMED, StoreError
from labkit.vocabulary import Sid

MOST_REMEMBERED = 1000
"""Headers; one account can be written in several ways."""

FACT = "credentials"


class FactStore(Protocol):
    """Where credentials are kept that were made while the sandbox ran; every store is one."""

    def fact(self, name: str) -> str | None: ...

    def keep_fact(self, name: str, value: str) -> None: ...


class Accounts:
    """The accounts that may ask, and the API keys that act for them.

    Args:
        tokens: auth tokens by Account SID.
        owner: the account that may do what is for everybody, such as to move the clock; nobody by default.
        facts: keeps what is made later, and has what was made before.
    """

    def __init__(self, tokens: dict[str, str], *, owner: str = "", facts: FactStore | None = None) -> None:
        self.owner = owner
        self._facts = facts
        self._made: dict[str, str]
        self._keys: dict[str, tuple[str, str]]
        self._made, self._keys = _kept((facts and facts.fact(FACT)) or "{}")
        """Account SID and secret by API key SID."""
        self._tokens: dict[str, str] = {**self._made, **tokens}
        self._proved: dict[str, str] = {}
        """Accounts by the header that proved them: an SDK sends the same one with every request."""

    def token(self, account_sid: str) -> str | None:
        """The account's auth token, which also signs its callbacks. None if there is no such account."""
        return self._tokens.get(account_sid)

    def key(self, sid: str) -> tuple[str, str] | None:
        """An API key's Account SID, and its secret, with which Worker tokens are signed. None if there is none."""
        return self._keys.get(sid)

    def create(self) -> tuple[str, str]:
        """One more account; its SID and its auth token.

        Raises:
            Unavailable: it could not be kept; there is no such account.
        """
        sid, token = random_sid(Sid.ACCOUNT), secrets.token_hex(16)
        self._keep({**self._made, sid: token}, self._keys)
        self._made[sid] = self._tokens[sid] = token
        return sid, token

    def create_key(self, account_sid: str) -> tuple[str, str]:
        """One more API key of an account; its SID and its secret.

        Raises:
            Unavailable: it could not be kept; there is no such key.
        """
        sid, secret = random_sid(Sid.API_KEY), secrets.token_hex(16)
        self._keep(self._made, {**self._keys, sid: (account_sid, secret)})
        self._keys[sid] = (account_sid, secret)
        return sid, secret

    def identify(self, authorization: str | None) -> str:
        """The SID of the account that this `Authorization` header proves.

        Raises:
            Unauthenticated: there is no header, or it proves nothing.
        """
        known = self._proved.get(authorization or "")
        return known if known is not None else self._prove(authorization or "")

    def _prove(self, authorization: str) -> str:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            raise Unauthenticated
        try:
            sid, _, token = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except ValueError:  # not base64, or not UTF-8 within
            raise Unauthenticated from None
        account_sid, known = self._keys.get(sid) or (sid, self._tokens.get(sid, ""))
        if not known or not hmac.compare_digest(known.encode(), token.encode()):
            raise Unauthenticated
        if len(self._proved) < MOST_REMEMBERED:
            self._proved[authorization] = account_sid
        return account_sid

    def _keep(self, accounts: dict[str, str], keys: dict[str, tuple[str, str]]) -> None:
        if self._facts is None:
            return
        document = {"accounts": accounts, "keys": [[sid, *key] for sid, key in keys.items()]}
        try:
            self._facts.keep_fact(FACT, json.dumps(document))
        except StoreError as error:
            raise Unavailable(str(error)) from None


def _kept(text: str) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """The accounts and the keys that were made before.

    Raises:
        StoreError: what is kept there is something else.
    """
    try:
        kept: dict[str, Any] = json.loads(text)
        keys = {str(sid): (str(of), str(secret)) for sid, of, secret in kept.get("keys", [])}
        return {str(sid): str(token) for sid, token in kept.get("accounts", {}).items()}, keys
    except MALFORMED as error:
        raise StoreError(
            f"The accounts and API keys that the state file keeps cannot be read: {type(error).__name__}. Move it away "
            "to begin anew; it is not touched."
        ) from None
