"""From a refusal to Twilio's error body, in one place (docs: /docs/usage/twilios-response)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from labkit.engine.refusals import NotFound
from labkit.error_codes import ErrorCode
from labkit.errors import Refusal
from labkit.sandbox.api.render import answer
from labkit.sandbox.faults import Faults
from labkit.sandbox.refusals import MethodNotAllowed, StateUnreadable, Unauthenticated
from labkit.sandbox.store import StoreError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

METHODS: web.RequestKey[Sequence[str]] = web.RequestKey("methods", Sequence[str])
"""Under which a request with a method that its path has not has those that it has (RFC 9110, section 15.5.6)."""

ASKED: web.RequestKey[str] = web.RequestKey("asked", str)
"""Under which a request has the path that it is about, where its own path does not say it."""

NO_FAULTS = Faults()


def guarded(handler: Handler, faults: Faults = NO_FAULTS) -> Handler:
    """The handler, with every error answered as Twilio answers it, those of `faults` too."""

    async def guard(request: web.Request) -> web.StreamResponse:
        try:
            if faults.rest:
                await faults.apply_to_request()
            return await handler(request)
        except Refusal as refusal:
            return refused(request, refusal)
        except StoreError as unreadable:
            log.error("%s %s: %s", request.method, request.path, unreadable)  # noqa: TRY400  # one sentence is enough
            return refused(request, StateUnreadable(str(unreadable)))
        except web.RequestPayloadError:  # such as gzip that is none; what else is on this connection makes no sense
            unread = error(400, ErrorCode.INVALID, "The request body cannot be read")
            unread.force_close()
            return unread
        except web.HTTPRequestEntityTooLarge:
            return error(413, ErrorCode.INVALID, "The request body is too large")
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return error(500, ErrorCode.INTERNAL_ERROR, "Internal Server Error")

    return guard


def refused(request: web.Request, refusal: Refusal) -> web.Response:
    """A refusal as an answer."""
    if isinstance(refusal, NotFound):
        refusal = NotFound(request.get(ASKED) or request.path.removeprefix("/v1"))
    response = error(refusal.status, refusal.code, str(refusal))
    if isinstance(refusal, Unauthenticated):
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    if isinstance(refusal, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(refusal.allowed)
    return response


def error(status: int, code: ErrorCode, message: str) -> web.Response:
    """Twilio's error body."""
    document: dict[str, Any] = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return answer(document, status=status)


async def unknown_path(request: web.Request) -> web.StreamResponse:
    raise NotFound(request.path)


async def unknown_method(request: web.Request) -> web.StreamResponse:
    raise MethodNotAllowed(request.method, allowed=request[METHODS])


async def expect(request: web.Request) -> None:
    """Meet `Expect: 100-continue`; other expectations may be passed over (RFC 9110, section 10.1.1), and are."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
