"""What is answered is committed: an answer that was read of what is not yet written waits until it is."""

from __future__ import annotations

from aiohttp import web

from labkit.errors import Refusal
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service

LOOKS = 3
"""At what is there, until a reader is told that nothing can be read."""


def committed(handler: Handler, service: Service) -> Handler:
    """The handler, whose answer leaves once all that it was made of is written.

    A write has waited for its own commit. A reader whose commit failed has seen what never was, and looks again; a
    refusal for what never was is `Unavailable`.
    """

    async def wait(request: web.Request) -> web.StreamResponse:
        try:
            answered = await handler(request)
        except Refusal:
            await service.written()
            raise
        if service.is_gathering and request.method == "GET":
            await service.written()
        return answered

    async def look(request: web.Request) -> web.StreamResponse:
        for _ in range(LOOKS - 1):
            try:
                return await wait(request)
            except Unavailable:
                if request.method != "GET":
                    raise
                service.write_now()  # so that nothing is there but what was written
        return await wait(request)

    return look
