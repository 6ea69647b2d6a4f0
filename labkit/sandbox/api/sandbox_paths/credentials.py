"""The sandbox's own way to more credentials: `POST /_sandbox/accounts` and `POST /_sandbox/keys`.

Accounts are blind to each other; an API key acts for the account that asked for it, as the real one does. What they
answer is told this once.
"""

from __future__ import annotations

from aiohttp import web

from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.sandbox_paths.route import Route


async def create_account(_: RequestContext, accounts: Accounts) -> web.Response:
    """One more account, as `{"account_sid", "auth_token"}`."""
    sid, token = accounts.create()
    return answer({"account_sid": sid, "auth_token": token}, status=201)


async def create_key(place: RequestContext, accounts: Accounts) -> web.Response:
    """An API key of the account that asks, as `{"sid", "secret", "account_sid"}`."""
    sid, secret = accounts.create_key(place.account_sid)
    return answer({"sid": sid, "secret": secret, "account_sid": place.account_sid}, status=201)


ROUTES = (
    Route("POST", "/_sandbox/accounts", create_account, needs=Accounts),
    Route("POST", "/_sandbox/keys", create_key, needs=Accounts, for_every_account=True),
)
