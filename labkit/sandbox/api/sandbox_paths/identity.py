"""The sandbox proves who it is before anybody tells it a secret: `GET /_sandbox/identity`, without credentials.

An address in a file may be older than what listens there now. Whoever asks sends an account and a random number; only
the sandbox whose account it is can answer with the right proof, which holds for that number and lets nobody in.
"""

from __future__ import annotations

import re

from aiohttp import web

from labkit.engine.refusals import InvalidParameter
from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route
from labkit.sandbox.process import APP, proof
from labkit.sandbox.refusals import Unauthenticated


async def identity(place: RequestContext, accounts: Accounts) -> web.Response:
    """`{"app", "proof"}` for `AccountSid` and `Nonce`, of 32 to 128 hex digits."""
    asked = place.request.query
    nonce = asked.get("Nonce", "")
    if not re.fullmatch(r"[0-9a-f]{32,128}", nonce):
        raise InvalidParameter("Nonce", "32 to 128 hex digits are needed")
    token = accounts.token(asked.get("AccountSid", ""))
    if not token:
        raise Unauthenticated
    return answer({"app": APP, "proof": proof(token, nonce)})


ROUTES = (Route("GET", "/_sandbox/identity", identity, needs=Accounts, for_strangers=True),)
