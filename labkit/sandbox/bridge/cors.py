"""What a browser wants to hear before a page of another origin may ask (https://fetch.spec.whatwg.org/#http-cors).

The page is the learner's own, on whatever port it runs, and the sandbox is on another. Any origin may ask: no cookie
and no password goes along, and who asks is said by the token in the body.
"""

from __future__ import annotations

from aiohttp import web

from labkit.sandbox.api.errors import Handler

ALLOWED = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "apiversion, clientversion, content-type, if-match",
    "Access-Control-Max-Age": "7200",  # seconds; no browser keeps it for longer
}


async def preflight(_: web.Request) -> web.StreamResponse:
    """The answer to the question before the question; it comes without credentials."""
    return for_any_origin(web.Response(status=204, headers=ALLOWED))


def with_cors(handler: Handler) -> Handler:
    """The handler, whose errors can be read by a page too: without the header it hears of a network error only."""

    async def answer(request: web.Request) -> web.StreamResponse:
        answered = await handler(request)
        return answered if answered.prepared else for_any_origin(answered)

    return answer


def for_any_origin(answered: web.StreamResponse) -> web.StreamResponse:
    """The answer, which a page of any origin may read."""
    answered.headers["Access-Control-Allow-Origin"] = "*"
    return answered
