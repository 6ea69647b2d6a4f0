"""Who is asking: HTTP Basic with an Account SID and its auth token (docs: /docs/usage/requests-to-twilio)."""

from __future__ import annotations

import base64
import binascii
import hmac

from labkit.sandbox.refusals import Unauthenticated


class Accounts:
    """The accounts that may ask, each with its token."""

    def __init__(self, tokens: dict[str, str]) -> None:
        self._tokens = dict(tokens)

    def token(self, account_sid: str) -> str:
        """The account's auth token, which also signs its callbacks."""
        return self._tokens[account_sid]

    def identify(self, authorization: str | None) -> str:
        """The SID of the account that this `Authorization` header proves.

        Raises:
            Unauthenticated: there is no header, or it proves nothing.
        """
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            raise Unauthenticated
        try:
            sid, _, token = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Unauthenticated from None
        known = self._tokens.get(sid, "")
        if not known or not hmac.compare_digest(known.encode(), token.encode()):
            raise Unauthenticated
        return sid
