"""Serving the application: what is no HTTP, or cannot be unpacked, is refused in Twilio's form too."""

from __future__ import annotations

import logging
from http import HTTPStatus

from aiohttp import web

from labkit.sandbox.api.errors import error

log = logging.getLogger(__name__)

UNREADABLE = 20001
"""Twilio documents no code for a request that cannot be read; this is ours."""


class Runner(web.AppRunner):
    """aiohttp's runner, with error bodies of Twilio's form where no handler is reached."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        return server


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)


class _Protocol(web.RequestHandler):
    """One connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what aiohttp could not read. aiohttp's own is plain text, and its log a page of traceback.

        Raises:
            ConnectionError: part of another answer has been sent already.
        """
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or request.writer.output_size > 0:
            log.error("a request could not be answered", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("part of an answer is sent already; no error can follow it")
        answered = error(status, *_told(status, message))
        answered.force_close()
        return answered


def _told(status: int, message: str | None) -> tuple[int, str]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return 20500, "Internal Server Error"
    first = (message or "").strip().splitlines()[:1]
    return UNREADABLE, f"The request cannot be read: {''.join(first)[:200] or HTTPStatus(status).phrase}"
