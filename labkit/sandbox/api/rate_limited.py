"""Rate limits at the door: the few routes that have one are wrapped when the application is built, all others are not.

A request over the limit is 429 with 20429; each answer of such a route has the `X-Rate-Limit-…` headers. What they say
is documented by their names only: ours is the limit per second, what is left of it, and Twilio's name for the rate.
Docs: /docs/taskrouter/limits, /docs/api/errors/20429.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from labkit.member_routes import Member
from labkit.sandbox.api.errors import Handler, guarded
from labkit.sandbox.api.request_context import RequestContext
from labkit.sandbox.api.resource import read_query
from labkit.sandbox.rate_limits import RATES, Rate, RateLimits
from labkit.sandbox.refusals import TooManyRequests


def limited(
    handler: Handler, rate: Rate | None, *, limits: RateLimits | None, place_of: Callable[[web.Request], RequestContext]
) -> Handler:
    """The handler, with its rate counted if it has one and there are limits at all."""
    if rate is None or limits is None:
        return handler

    async def counted(request: web.Request) -> web.StreamResponse:
        place = place_of(request)
        workspace_sid, now = counted_as(place.workspace.sid, place.member), place.service.clock.steady()
        if rate.when is not None and not any(name == rate.when and value for name, value in read_query(request)):
            return await handler(request)
        answered = await guarded(handler if limits.take(rate, workspace_sid, now) else _refuse)(request)
        answered.headers["X-Rate-Limit-Limit"] = str(rate.most)
        answered.headers["X-Rate-Limit-Remaining"] = str(limits.remaining(rate, workspace_sid, now))
        answered.headers["X-Rate-Limit-Config"] = rate.name
        return answered

    return counted


def counted_as(workspace_sid: str, member: Member | None) -> str:
    """Whose requests these are: the Workspace's, as TaskRouter counts them; a member's are counted apart, for one who
    asks too often would else lock out its owner and everybody."""
    return workspace_sid if member is None else f"{workspace_sid} {member.worker_sid}"


def rate_of(method: str, path: str) -> Rate | None:
    """The rate of a route, by its path after `/v1`."""
    return RATES.get((method, path))


async def _refuse(_: web.Request) -> web.StreamResponse:
    raise TooManyRequests
