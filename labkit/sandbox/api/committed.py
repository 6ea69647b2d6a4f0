"""What is answered is committed: an answer that was read of what is not yet written waits until it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web

from labkit.errors import Refusal
from labkit.sandbox.api.errors import Handler
from labkit.sandbox.refusals import Unavailable
from labkit.sandbox.service import Service

T = TypeVar("T")

LOOKS = 3
"""At what is there, until a reader is told that nothing can be read."""


def committed(handler: Handler, service: Service) -> Handler:
    """The handler, whose answer leaves once all that it was made of is written."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await once_written(lambda: handler(request), service, reads=request.method == "GET")

    return answer


async def once_written(work: Callable[[], Awaitable[T]], service: Service, *, reads: bool) -> T:
    """What some work gives, once all that it was made of is written.

    A write has waited for its own commit. A reader whose commit failed has seen what never was, and looks again; a
    refusal for what never was is `Unavailable`.
    """
    for _ in range(LOOKS - 1):
        try:
            return await _wait(work, service, reads=reads)
        except Unavailable:
            if not reads:
                raise
            service.write_now()  # so that nothing is there but what was written
    return await _wait(work, service, reads=reads)


async def _wait(work: Callable[[], Awaitable[T]], service: Service, *, reads: bool) -> T:
    try:
        given = await work()
    except Refusal:
        await service.written()
        raise
    if service.is_gathering and reads:
        await service.written()
    return given
