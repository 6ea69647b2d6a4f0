"""The sandbox's own way to more credentials: `POST /_sandbox/accounts` and `POST /_sandbox/keys`.

Accounts are blind to each other; an API key acts for the account that asked for it, as the real one does.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from labkit.sandbox.api.auth import Accounts
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.api.render import answer
from labkit.sandbox.api.request_context import RequestContext


def routes(accounts: Accounts, place_of: Callable[[web.Request], RequestContext]) -> list[tuple[str, str, Handler]]:
    """(method, path, handler) of both. What they answer is told this once."""

    async def create_account(request: web.Request) -> web.Response:
        """One more account, as `{"account_sid", "auth_token"}`."""
        place_of(request)
        sid, token = accounts.create()
        return answer({"account_sid": sid, "auth_token": token}, status=201)

    async def create_key(request: web.Request) -> web.Response:
        """An API key of the account that asks, as `{"sid", "secret", "account_sid"}`."""
        account_sid = place_of(request).account_sid
        sid, secret = accounts.create_key(account_sid)
        return answer({"sid": sid, "secret": secret, "account_sid": account_sid}, status=201)

    return [("POST", "/_sandbox/accounts", create_account), ("POST", "/_sandbox/keys", create_key)]
