"""Who is asking: HTTP Basic with an Account SID and its auth token, an API key SID and its secret, or a member's.

Docs: /docs/usage/requests-to-twilio, /docs/iam/api-keys.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from labkit.member_routes import Member
from labkit.sandbox.api.member_keys import FactStore, MemberKeys
from labkit.sandbox.refusals import Unauthenticated
from labkit.sandbox.service import random_sid, storing
from labkit.sandbox.store import MALFORMED, StoreError
from labkit.vocabulary import Sid

MOST_REMEMBERED = 1000
"""Headers; one account can be written in several ways."""

FACT = "credentials"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        account_sid: the account.
        member: the one Worker in it whose credentials these are; None: they are the account's own.
    """

    account_sid: str
    member: Member | None = None


NOBODY = Caller("")


class Accounts:
    """The accounts that may ask, the API keys that act for them, and the members in their Workspaces.

    Args:
        tokens: auth tokens by Account SID.
        owner: the account that may do what is for everybody, such as to move the clock; nobody by default.
        facts: keeps what is made later, and has what was made before.

    Attributes:
        member_keys: the members' credentials.
    """

    def __init__(self, tokens: dict[str, str], *, owner: str = "", facts: FactStore | None = None) -> None:
        self.owner = owner
        self._facts = facts
        self._made: dict[str, str]
        self._keys: dict[str, tuple[str, str]]
        self._made, self._keys = _kept((facts and facts.fact(FACT)) or "{}")
        """Account SID and secret by API key SID."""
        self._tokens: dict[str, str] = {**self._made, **tokens}
        self.member_keys = MemberKeys(facts)
        self._proved: dict[str, Caller] = {}
        """Callers by the header that proved them: an SDK sends the same one with every request."""

    def token(self, account_sid: str) -> str | None:
        """The account's auth token, which also signs its callbacks. None if there is no such account."""
        return self._tokens.get(account_sid)

    def key(self, sid: str) -> tuple[str, str] | None:
        """The Account SID of an API key or of a member's key, and its secret, with which Worker tokens are signed. None
        if there is none."""
        member_key = self.member_keys.get(sid)
        return (member_key.account_sid, member_key.secret) if member_key is not None else self._keys.get(sid)

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

    def identify(self, authorization: str | None) -> Caller:
        """Who this `Authorization` header proves to ask.

        Raises:
            Unauthenticated: there is no header, or it proves nothing.
        """
        known = self._proved.get(authorization or "")
        return known if known is not None else self._prove(authorization or "")

    def _prove(self, authorization: str) -> Caller:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            raise Unauthenticated
        try:
            sid, _, token = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except ValueError:  # not base64, or not UTF-8 within
            raise Unauthenticated from None
        caller, known = self._known(sid)
        if not known or not hmac.compare_digest(known.encode(), token.encode()):
            raise Unauthenticated
        if len(self._proved) < MOST_REMEMBERED and caller.member is None:  # a member's key can be taken back
            self._proved[authorization] = caller
        return caller

    def _known(self, sid: str) -> tuple[Caller, str]:
        """Whose this SID is, and its secret; "" if it is nobody's."""
        account_sid, known = self.key(sid) or (sid, self._tokens.get(sid, ""))
        member_key = self.member_keys.get(sid)
        return Caller(account_sid, member_key.member if member_key is not None else None), known

    def _keep(self, accounts: dict[str, str], keys: dict[str, tuple[str, str]]) -> None:
        if self._facts is None:
            return
        document = {"accounts": accounts, "keys": [[sid, *key] for sid, key in keys.items()]}
        with storing():
            self._facts.keep_fact(FACT, json.dumps(document))


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
