"""The sandbox proves who it is before anybody tells it a secret: `GET /_sandbox/identity`, without credentials.

An address in a file may be older than what listens there now. Whoever asks sends an account and a random number; only
the sandbox whose account it is can answer with the right proof, which holds for that number and lets nobody in.
"""

from __future__ import annotations

import re

from aiohttp import web

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.render import answer
from labkit.sandbox.process import APP, proof
from labkit.sandbox.refusals import Unauthenticated


def routes(accounts: Accounts) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of the one path."""

    async def identity(request: web.Request) -> web.Response:
        """`{"app", "proof"}` for `AccountSid` and `Nonce`, of 32 to 128 hex digits."""
        nonce = request.query.get("Nonce", "")
        if not re.fullmatch(r"[0-9a-f]{32,128}", nonce):
            raise InvalidParameter("Nonce", "32 to 128 hex digits are needed")
        token = accounts.token(request.query.get("AccountSid", ""))
        if not token:
            raise Unauthenticated
        return answer({"app": APP, "proof": proof(token, nonce)})

    return [("GET", "/_sandbox/identity", identity)]
